package layering

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"
	mod "golang.org/x/mod/module"
)

// dependency is one row of docs/dependencies.md.
type dependency struct {
	name, licence string
	where         []string // package patterns, or the word tests, e2e, islands, tools
}

// permitted are the licences that may come in, listed or brought along: none asks
// a district that runs or changes the program to publish anything of its own.
var permitted = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "BSD-0-Clause", "BlueOak-1.0.0", "Unlicense", "Apache-2.0", "MPL-2.0"}

// dependencies reads the tables, in their order.
var dependencies = sync.OnceValues(func() ([]dependency, error) {
	text, err := os.ReadFile(filepath.Join(root(), "docs/dependencies.md"))
	if err != nil {
		return nil, err
	}
	var out []dependency
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		c := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(c) != 4 || strings.TrimSpace(c[3]) == "" {
			return nil, fmt.Errorf("docs/dependencies.md: not four filled columns: %s", line)
		}
		out = append(out, dependency{strings.Trim(strings.TrimSpace(c[0]), "`"), strings.TrimSpace(c[1]), strings.Fields(c[2])})
	}
	return out, nil
})

// owner is the module that a package path belongs to: the longest that begins it.
func owner(modules []string, imported string) string {
	best := ""
	for _, m := range modules {
		if (imported == m || strings.HasPrefix(imported, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	return best
}

// moduleOffences says which imports of a file no row of deps allows there.
func moduleOffences(s source, modules []string, deps []dependency) []string {
	var out []string
	for _, p := range s.imports() {
		m := owner(modules, p)
		if m == "" {
			continue // the standard library, or this module
		}
		i := slices.IndexFunc(deps, func(d dependency) bool { return d.name == m })
		if i < 0 {
			out = append(out, fmt.Sprintf("%s imports %s: %s is not in docs/dependencies.md", s.name, p, m))
			continue
		}
		if s.test || helper(s.pkg) {
			continue
		}
		if !slices.ContainsFunc(deps[i].where, func(w string) bool { ok, _ := path.Match(w, s.pkg); return ok }) {
			out = append(out, fmt.Sprintf("%s imports %s: docs/dependencies.md allows it in %s only", s.name, p, strings.Join(deps[i].where, " ")))
		}
	}
	return out
}

// required parses a go.mod of this repository.
func required(t *testing.T, name string) *modfile.File {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(), name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse(name, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestModules(t *testing.T) {
	deps, err := dependencies()
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	cache := cacheDir(t)
	for _, r := range required(t, "go.mod").Require {
		modules = append(modules, r.Mod.Path)
		licence, err := licenceIn(cache, r.Mod)
		i := slices.IndexFunc(deps, func(d dependency) bool { return d.name == r.Mod.Path })
		switch {
		case os.IsNotExist(err):
			// Not fetched, so nothing of it is in the build.
		case err != nil:
			t.Errorf("%s: %v", r.Mod.Path, err)
		case !slices.Contains(permitted, licence):
			t.Errorf("%s has the licence %s, which is not among %v", r.Mod.Path, licence, permitted)
		case i >= 0 && deps[i].licence != licence:
			t.Errorf("%s has the licence %s; docs/dependencies.md says %s", r.Mod.Path, licence, deps[i].licence)
		}
		if i < 0 && !r.Indirect {
			t.Errorf("go.mod requires %s: it is not in docs/dependencies.md", r.Mod.Path)
		}
	}
	for _, s := range sources(t) {
		report(t, moduleOffences(s, modules, deps))
	}
	for _, d := range deps {
		elsewhere := slices.Contains(d.where, "tools") || slices.Contains(d.where, "islands") || slices.Contains(d.where, "e2e")
		if !elsewhere && !slices.Contains(modules, d.name) {
			t.Errorf("docs/dependencies.md lists %s, which go.mod does not require", d.name)
		}
	}
}

// TestTools holds tools/go.mod to its table, and the template generator to the
// version of the library that its output calls.
func TestTools(t *testing.T) {
	deps, err := dependencies()
	if err != nil {
		t.Fatal(err)
	}
	f := required(t, "tools/go.mod")
	version := map[string]string{}
	var modules []string
	for _, r := range f.Require {
		version[r.Mod.Path] = r.Mod.Version
		modules = append(modules, r.Mod.Path)
	}
	for _, tool := range f.Tool {
		m := owner(modules, tool.Path)
		if !slices.ContainsFunc(deps, func(d dependency) bool { return d.name == m && slices.Contains(d.where, "tools") }) {
			t.Errorf("tools/go.mod has %s: %s is not in docs/dependencies.md", tool.Path, m)
		}
	}
	const templ = "github.com/a-h/templ"
	for _, r := range required(t, "go.mod").Require {
		if r.Mod.Path == templ && r.Mod.Version != version[templ] {
			t.Errorf("go.mod has templ %s and tools/go.mod %s: generated code and library must match", r.Mod.Version, version[templ])
		}
	}
}

// TestPackages reads every package-lock.json: direct packages are listed, and
// the licence of each package in the lock may come in.
func TestPackages(t *testing.T) {
	deps, err := dependencies()
	if err != nil {
		t.Fatal(err)
	}
	err = walk("package-lock.json", func(name string, text []byte) error {
		var lock struct {
			Packages map[string]struct {
				License                       string
				Link                          bool
				Dependencies, DevDependencies map[string]string
			}
		}
		if err := json.Unmarshal(text, &lock); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		own := lock.Packages[""]
		for _, direct := range []map[string]string{own.Dependencies, own.DevDependencies} {
			for p := range direct {
				i := slices.IndexFunc(deps, func(d dependency) bool { return d.name == p })
				switch {
				case i < 0:
					t.Errorf("%s: %s is not in docs/dependencies.md", name, p)
				case deps[i].licence != lock.Packages["node_modules/"+p].License:
					t.Errorf("%s: %s has the licence %q; docs/dependencies.md says %s", name, p, lock.Packages["node_modules/"+p].License, deps[i].licence)
				}
			}
		}
		for p, is := range lock.Packages {
			offered := strings.Split(strings.Trim(is.License, "()"), " OR ") // SPDX: any one of them may be taken
			if p != "" && !is.Link && !slices.ContainsFunc(offered, func(l string) bool { return slices.Contains(permitted, l) }) {
				t.Errorf("%s: %s has the licence %q, which is not among %v", name, p, is.License, permitted)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// cacheDir is where the go command keeps modules.
func cacheDir(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// licenceIn reads a module's licence from the module cache by the words that
// only that licence has. A missing folder is os.ErrNotExist.
func licenceIn(cache string, m mod.Version) (string, error) {
	escaped, err := mod.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, escaped+"@"+m.Version)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if !strings.HasPrefix(name, "LICENSE") && !strings.HasPrefix(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		if l := licenceOf(string(text)); l != "" {
			return l, nil
		}
	}
	return "", fmt.Errorf("no licence that we know in %s@%s", m.Path, m.Version)
}

func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, l := range []struct{ name, words string }{
		{"MPL-2.0", "Mozilla Public License"},
		{"AGPL-3.0", "GNU AFFERO GENERAL PUBLIC LICENSE Version 3"},
		{"LGPL-3.0", "GNU LESSER GENERAL PUBLIC LICENSE Version 3"},
		{"GPL-3.0", "GNU GENERAL PUBLIC LICENSE Version 3"},
		{"Apache-2.0", "Apache License Version 2.0"},
		{"Apache-2.0", "Licensed under the Apache License, Version 2.0"},
		{"MIT", "Permission is hereby granted, free of charge"},
		{"ISC", "Permission to use, copy, modify, and/or distribute this software"},
		{"ISC", "Permission to use, copy, modify, and distribute this software"},
		{"BSD-3-Clause", "may be used to endorse or promote products"},
		{"Unlicense", "free and unencumbered software released into the public domain"},
		{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
	} {
		if strings.Contains(text, l.words) {
			return l.name
		}
	}
	return ""
}

// TestModulesAreJudged is the negative control.
func TestModulesAreJudged(t *testing.T) {
	deps := []dependency{{"example.org/known/v2", "MIT", []string{"internal/service/*/*"}}}
	modules := []string{"example.org/known", "example.org/known/v2", "example.org/unknown"}
	text := `package a
import ("fmt"; "breakwater/internal/fault"; "example.org/known/v2/part"; "example.org/unknown")`
	var got []string
	for _, name := range []string{"internal/service/grant/grantweb/a.go", "internal/kernel/party/a.go", "internal/kernel/party/a_test.go"} {
		got = append(got, moduleOffences(made(t, name, text), modules, deps)...)
	}
	want := []string{
		"internal/service/grant/grantweb/a.go imports example.org/unknown: example.org/unknown is not in docs/dependencies.md",
		"internal/kernel/party/a.go imports example.org/known/v2/part: docs/dependencies.md allows it in internal/service/*/* only",
		"internal/kernel/party/a.go imports example.org/unknown: example.org/unknown is not in docs/dependencies.md",
		"internal/kernel/party/a_test.go imports example.org/unknown: example.org/unknown is not in docs/dependencies.md",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if l := licenceOf("GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007"); slices.Contains(permitted, l) || l == "" {
		t.Errorf("a copyleft licence was read as %q", l)
	}
}
