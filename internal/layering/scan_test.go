package layering

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "breakwater/"

// source is one Go file of this module, parsed with its comments.
type source struct {
	name      string // "internal/fault/fault.go"
	pkg       string // "internal/fault"
	test      bool   // a _test.go file
	generated bool
	lines     int
	fset      *token.FileSet
	tree      *ast.File
}

// at is where a node stands, as "file:line".
func (s source) at(n ast.Node) string {
	return s.name + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// imports are the paths the file names, without quotes.
func (s source) imports() []string {
	var out []string
	for _, i := range s.tree.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// parse reads one file's text as if it stood at name.
func parse(name string, text []byte) (source, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	return source{
		name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(tree), lines: strings.Count(string(text), "\n"),
		fset: fset, tree: tree,
	}, nil
}

// root is the module's folder: the first one upwards that holds go.mod.
var root = sync.OnceValue(func() string {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "."
})

// parsed is every Go file of the module, read once for all tests.
var parsed = sync.OnceValues(func() (out []source, err error) {
	err = walk(".go", func(name string, text []byte) error {
		s, err := parse(name, text)
		if err == nil {
			out = append(out, s)
		}
		return err
	})
	return out, err
})

// walk calls fn for each file of this module that ends in suffix, with its
// slash path from the root. Other modules, built and fetched things are passed by.
func walk(suffix string, fn func(name string, text []byte) error) error {
	return filepath.WalkDir(root(), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) {
				return nil // somebody's editor was faster
			}
			return err
		}
		rel, err := filepath.Rel(root(), p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "testdata", "bin", "var", "shots":
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && rel != "." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, suffix) {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return fn(filepath.ToSlash(rel), text)
	})
}

// sources is the parsed module.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// made parses made-up text for a negative control.
func made(t *testing.T, name, text string) source {
	t.Helper()
	s, err := parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// report fails the test once for each offence.
func report(t *testing.T, offences []string) {
	t.Helper()
	for _, o := range offences {
		t.Error(o)
	}
}
