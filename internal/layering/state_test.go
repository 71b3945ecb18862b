package layering

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
)

// keepers are package-level variables that change after start, with the reason.
var keepers = []struct{ name, why string }{
	{"ident.last", "ids of one process keep their order within a microsecond, whoever makes them"},
	{"credential.encoders", "a pool of buffers in the shape that image/png asks for"},
}

// changing are the package-level variables of one package that hold state:
// a lock, an atomic, a channel, or anything the package's own code
// writes to. Tables that nobody writes to are constants the language lacks.
func changing(files []source) []string {
	type global struct {
		s source
		n *ast.Ident
	}
	globals := map[string]global{}
	var out []string
	say := func(g global, why string) {
		if !slices.ContainsFunc(keepers, func(k struct{ name, why string }) bool { return k.name == path.Base(g.s.pkg)+"."+g.n.Name }) {
			out = append(out, fmt.Sprintf("%s: package-level %s %s", g.s.at(g.n), g.n.Name, why))
		}
	}
	for _, s := range files {
		for _, d := range s.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for _, n := range v.Names {
					globals[n.Name] = global{s, n}
					if stateful(v) {
						say(globals[n.Name], "holds state by its type")
					}
				}
			}
		}
	}
	for _, s := range files {
		// written marks what stands left of an assignment, down to its first name.
		written := func(e ast.Expr) {
			for {
				switch x := e.(type) {
				case *ast.IndexExpr:
					e = x.X
				case *ast.SelectorExpr:
					e = x.X
				case *ast.StarExpr:
					e = x.X
				case *ast.ParenExpr:
					e = x.X
				case *ast.Ident:
					// A name declared in a function has an object that is not the global's.
					if g, ok := globals[x.Name]; ok && (x.Obj == nil || x.Obj == g.n.Obj) {
						say(g, "is written to at "+s.at(x))
					}
					return
				default:
					return
				}
			}
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, l := range n.Lhs {
						written(l)
					}
				}
			case *ast.IncDecStmt:
				written(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					written(n.X)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && (f.Name == "delete" || f.Name == "clear") {
					written(n.Args[0])
				}
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stateful is whether a variable's declared or made type exists to be changed.
// A sync.Pool is not: what it holds can vanish at any time without a difference.
func stateful(v *ast.ValueSpec) bool {
	kinds := []ast.Expr{v.Type}
	for _, e := range v.Values {
		switch e := e.(type) {
		case *ast.CompositeLit:
			kinds = append(kinds, e.Type)
		case *ast.CallExpr:
			if f, ok := e.Fun.(*ast.Ident); ok && (f.Name == "make" || f.Name == "new") && len(e.Args) > 0 {
				kinds = append(kinds, e.Args[0])
				if f.Name == "make" {
					if _, ok := e.Args[0].(*ast.MapType); ok {
						return true // made empty, so somebody fills it
					}
				}
			}
		}
	}
	for _, k := range kinds {
		if i, ok := k.(*ast.IndexExpr); ok { // atomic.Pointer[T]
			k = i.X
		}
		switch k := k.(type) {
		case *ast.ChanType:
			return true
		case *ast.SelectorExpr:
			if p, ok := k.X.(*ast.Ident); ok && (p.Name == "sync" && k.Sel.Name != "Pool" || p.Name == "atomic") {
				return true
			}
		}
	}
	return false
}
