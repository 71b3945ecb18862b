package rule

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// contents is what an expression mentions.
type contents struct {
	at      string // its place in the pack, as faults name it
	source  string
	tree    *ast.AST
	names   []string  // of facts, constants and loop variables, as they come
	numbers []float64 // written out in it
	texts   []string  // as numbers
}

func contentsOf(at, source string, tree *ast.AST) contents {
	c := contents{at: at, source: source, tree: tree}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			c.names = append(c.names, e.AsIdent())
		case ast.LiteralKind:
			switch v := e.AsLiteral().(type) {
			case types.Int:
				c.numbers = append(c.numbers, float64(v))
			case types.Double:
				c.numbers = append(c.numbers, float64(v))
			case types.String:
				c.texts = append(c.texts, string(v))
			}
		default:
		}
	}))
	return c
}

// cut writes a condition out as the parts that must each be so for its rule to be
// silent: of "a && b", which a rule requires, both; of "a || b", at which a rule
// speaks, both again. It is empty where there is one part only.
func (c contents) cut(speaks bool) (parts []string) {
	at := operators.LogicalAnd
	if speaks {
		at = operators.LogicalOr
	}
	var walk func(e ast.Expr) bool
	walk = func(e ast.Expr) bool {
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == at {
			for _, a := range e.AsCall().Args() {
				if !walk(a) {
					return false
				}
			}
			return true
		}
		text, err := cel.ExprToString(e, c.tree.SourceInfo())
		parts = append(parts, text)
		return err == nil
	}
	if !walk(c.tree.Expr()) || len(parts) < 2 {
		return nil
	}
	return parts
}
