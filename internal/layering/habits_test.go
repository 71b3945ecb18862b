package layering

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// longest is how many lines a file may have, and longestTest a file of tests,
// whose tables are long; most have near 100.
const (
	longest     = 450
	longestTest = 700
)

// tellers are the packages that may read the machine's clock; everybody else is
// told the time by their caller, so that tests and rehearsals choose it.
var tellers = []struct{ pkg, why string }{
	{"internal/clock", "is the clock"},
	{"cmd/breakwater", "starts the clock, and draws progress bars"},
	{"internal/app", "hands the clock out"},
	{"internal/storage", "measures how long a closure held the writer; keeps no instant"},
	{"internal/web", "measures how long an answer took; keeps no instant"},
	{"internal/lane", "sets the deadlines of connections; keeps no instant"},
	{"internal/drill", "measures the program from outside"},
}

// habitOffences collects what one file does against the habits below.
func habitOffences(s source) []string {
	var out []string
	say := func(n ast.Node, what string, args ...any) {
		out = append(out, s.at(n)+": "+fmt.Sprintf(what, args...))
	}
	most := longest
	if s.test {
		most = longestTest
	}
	if s.lines > most {
		say(s.tree, "%d lines; cut it where the subject changes (at most %d)", s.lines, most)
	}
	if s.test {
		return out
	}
	teller := slices.ContainsFunc(tellers, func(x struct{ pkg, why string }) bool { return x.pkg == s.pkg }) || helper(s.pkg)
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if p, ok := n.X.(*ast.Ident); ok && p.Name == "time" && p.Obj == nil && !teller {
				switch n.Sel.Name {
				case "Now", "Since", "Until":
					say(n, "time.%s: the time is passed in (clock.Clock)", n.Sel.Name)
				}
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				say(n, "init: start-up stands in app, in sight")
			}
		}
		return true
	})
	return out
}

// helper is whether pkg only helps tests and benchmarks, by its name.
func helper(pkg string) bool { _, h, _ := row(pkg); return h }

func TestHabits(t *testing.T) {
	packages := map[string][]source{}
	refuses := map[string]bool{}
	for _, s := range sources(t) {
		if s.generated {
			continue
		}
		report(t, habitOffences(s))
		if s.test {
			continue
		}
		packages[s.pkg] = append(packages[s.pkg], s)
		refuses[s.pkg] = refuses[s.pkg] || refusal(s)
	}
	for pkg, files := range packages {
		if !refuses[pkg] {
			t.Errorf("%s: its package comment does not say what it refuses to do", pkg)
		}
		if !helper(pkg) {
			report(t, changing(files))
		}
	}
}

// refusal is whether the file's package comment says what the package refuses.
func refusal(s source) bool {
	return s.tree.Doc != nil && strings.Contains(strings.ToLower(s.tree.Doc.Text()), "refuse")
}

// TestHabitsAreJudged is the negative control.
func TestHabitsAreJudged(t *testing.T) {
	a := made(t, "internal/kernel/party/a.go", `// Package party refuses nothing.
package party

import ("time"; "sync"; "sync/atomic")

var table = map[string]int{"a": 1}
var seen = map[string]bool{}
var count int
var lock sync.Mutex
var once = sync.OnceValue(func() int { return 1 })
var last atomic.Pointer[int]
var at = time.Unix(0, 0)

func init() { count++ }
func now() time.Time { return time.Now() }
func local() { count := 1; count++; table := table; _ = table }
`)
	b := made(t, "internal/kernel/party/b.go", `package party

func mark(s string) { seen[s] = true }
`)
	want := []string{
		"internal/kernel/party/a.go:14: init: start-up stands in app, in sight",
		"internal/kernel/party/a.go:15: time.Now: the time is passed in (clock.Clock)",
	}
	if d := cmp.Diff(want, habitOffences(a)); d != "" {
		t.Error(d)
	}
	want = []string{
		"internal/kernel/party/a.go:11: package-level last holds state by its type",
		"internal/kernel/party/a.go:7: package-level seen is written to at internal/kernel/party/b.go:3",
		"internal/kernel/party/a.go:8: package-level count is written to at internal/kernel/party/a.go:14",
		"internal/kernel/party/a.go:9: package-level lock holds state by its type",
	}
	if d := cmp.Diff(want, changing([]source{a, b})); d != "" {
		t.Error(d)
	}
	if !refusal(a) || refusal(b) {
		t.Error("the refusal was not read from the package comment")
	}
	long := made(t, "cmd/breakwater/main.go", "package main\n"+strings.Repeat("\n", longest))
	want = []string{"cmd/breakwater/main.go:1: 451 lines; cut it where the subject changes (at most 450)"}
	if d := cmp.Diff(want, habitOffences(long)); d != "" {
		t.Error(d)
	}
}
