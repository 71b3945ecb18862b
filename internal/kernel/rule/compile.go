package rule

import (
	"sort"
	"strings"

	"breakwater/internal/fault"
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Limits on expressions. A pack is data from an office, not trusted code: no
// expression can be long, nest loops, or run beyond a fixed cost.
const (
	maxExpression = 2000   // characters
	maxDepth      = 32     // nesting of the parsed expression
	maxClauses    = 1000   // of a pack, each compiled beside its rule; conditions beyond stay whole
	costLimit     = 20_000 // CEL cost units for one evaluation, well under a millisecond
)

// program is one expression, made ready twice.
type program struct {
	careful cel.Program // stops at costLimit and can say which fact it lacks
	quick   cel.Program // for complete facts; nil unless costLimit cannot be reached
	worst   uint64      // cost units of one evaluation, costLimit at most
	says    *contents
}

// check is a rule made ready.
type check struct {
	rule    *Rule
	program program
	speaks  bool     // the value of the condition at which the rule speaks
	uses    []string // facts named by the condition, the amounts and the texts, sorted
	looks   facts    // the given ones among them, and those that derived ones rest on
	amounts []amount // sorted by name
	clauses []clause // the condition, cut at its outermost ands
}

// clause is one of the conditions that must all hold for a rule to have nothing to
// say.
type clause struct {
	program program
	speaks  bool
	rests   uint32 // bit i: the answer may hang on the i-th lever, through derived facts too
}

type amount struct {
	name    string
	program program
}

func (t Type) cel() *cel.Type {
	switch t {
	case Bool:
		return cel.BoolType
	case Int:
		return cel.IntType
	case Double:
		return cel.DoubleType
	case String:
		return cel.StringType
	case List:
		return cel.ListType(cel.StringType)
	case Timestamp:
		return cel.TimestampType
	}
	return nil
}

// compile type-checks every expression of a pack whose declarations are sound.
func (p *Pack) compile(wrong *fault.Error) {
	env, err := p.environment(len(p.Facts))
	if err != nil {
		wrong.With("fact", "rule.expression", "detail", err.Error())
		return
	}
	for i := range p.Facts {
		f := &p.Facts[i]
		if f.Derive == "" {
			continue
		}
		// A derived fact sees only what stands above it: no circles.
		above, err := p.environment(i)
		if err != nil {
			wrong.With("fact."+f.Name, "rule.expression", "detail", err.Error())
			continue
		}
		if prog, seen, ok := expression(wrong, above, "fact."+f.Name+".derive", f.Derive, f.Type.cel()); ok {
			p.derived = append(p.derived, derivation{f, prog, p.rests(seen.names)})
			p.cost += prog.worst
			p.numbers, p.texts = append(p.numbers, seen.numbers...), append(p.texts, seen.texts...)
		}
	}
	for _, n := range sortedKeys(p.constants) {
		if x, ok := Double.read(p.constants[n]); ok {
			p.numbers = append(p.numbers, x.(float64))
		}
	}
	for i := range p.Rules {
		p.compileRule(wrong, env, &p.Rules[i])
	}
}

func (p *Pack) compileRule(wrong *fault.Error, env *cel.Env, r *Rule) {
	at, source, speaks := "rule."+r.ID+".require", r.Require, false
	if r.When != "" {
		at, source, speaks = "rule."+r.ID+".when", r.When, true
	}
	prog, seen, ok := expression(wrong, env, at, source, cel.BoolType)
	if !ok {
		return
	}
	names := seen.names
	p.cost += prog.worst
	c := check{rule: r, program: prog, speaks: speaks}
	p.numbers, p.texts = append(p.numbers, seen.numbers...), append(p.texts, seen.texts...)
	parts := seen.cut(speaks)
	if p.clauses += len(parts); p.clauses > maxClauses {
		parts = nil // Turn still answers, by the whole condition
	}
	for _, part := range parts {
		// A part of a sound expression is sound; one that cannot be written out
		// alone leaves the condition whole.
		prog, seen, ok := expression(fault.New(fault.Internal, "rule.pack"), env, at, part, cel.BoolType)
		if !ok {
			c.clauses = nil
			break
		}
		c.clauses = append(c.clauses, clause{prog, speaks, p.rests(seen.names)})
	}
	if c.clauses == nil {
		c.clauses = []clause{{prog, speaks, p.rests(names)}}
	}
	for _, n := range sortedKeys(r.Amounts) {
		prog, used, ok := expression(wrong, env, "rule."+r.ID+".amounts."+n, r.Amounts[n], nil)
		if !ok {
			return
		}
		c.amounts = append(c.amounts, amount{n, prog})
		p.cost += prog.worst
		names = append(names, used.names...)
	}
	for _, lang := range languages() {
		names = append(names, placeholders(r.Reason[lang])...)
		names = append(names, placeholders(r.Mend[lang])...)
	}
	once := map[string]bool{}
	for _, n := range names {
		if p.known[n] != nil && !once[n] {
			once[n] = true
			c.uses = append(c.uses, n)
		}
	}
	sort.Strings(c.uses)
	p.checks = append(p.checks, c)
}

// rests is which levers the named facts come from.
func (p *Pack) rests(names []string) (bits uint32) {
	for _, n := range names {
		for i, f := range p.levers {
			if f.Name == n {
				bits |= 1 << i
			}
		}
		for _, d := range p.derived {
			if d.fact.Name == n {
				bits |= d.rests
			}
		}
	}
	return bits
}

// environment declares the constants, the options and the first n facts.
func (p *Pack) environment(n int) (*cel.Env, error) {
	adapter := types.DefaultTypeAdapter
	opts := []cel.EnvOption{
		cel.CrossTypeNumericComparisons(true), // mask_days >= 3
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(maxDepth),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateRegexLiterals(), cel.ValidateComprehensionNestingLimit(1)),
	}
	for _, name := range sortedKeys(p.constants) {
		v := adapter.NativeToValue(p.constants[name])
		opts = append(opts, cel.Constant(name, typeOf(p.constants[name]), v))
	}
	for i := range p.Facts[:n] {
		f := &p.Facts[i]
		opts = append(opts, cel.Variable(f.Name, f.Type.cel()))
		if len(f.Options) > 0 {
			values := make([]string, len(f.Options))
			for j, o := range f.Options {
				values[j] = o.Value
			}
			opts = append(opts, cel.Constant(f.Name+"_options", List.cel(), adapter.NativeToValue(values)))
		}
	}
	return cel.NewEnv(opts...)
}

func typeOf(constant any) *cel.Type {
	switch constant.(type) {
	case bool:
		return cel.BoolType
	case int64:
		return cel.IntType
	case float64:
		return cel.DoubleType
	case string:
		return cel.StringType
	}
	return List.cel()
}

// expression compiles source, whose value must be of type want (nil: any type
// a sentence can show), and returns what it says.
func expression(wrong *fault.Error, env *cel.Env, at, source string, want *cel.Type) (program, contents, bool) {
	var none contents
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			said(wrong, at, source, e)
		}
		return program{}, none, false
	}
	got := checked.OutputType()
	shown := got.IsExactType(cel.IntType) || got.IsExactType(cel.DoubleType) || got.IsExactType(cel.StringType) || got.IsExactType(cel.BoolType)
	if (want != nil && !got.IsExactType(want)) || (want == nil && !shown) {
		wrong.With(at, "rule.expression_type", "type", got.String())
		return program{}, none, false
	}
	var prog program
	var err error
	if prog.careful, err = env.Program(checked, cel.EvalOptions(cel.OptPartialEval), cel.CostTracking(prices{}), cel.CostLimit(costLimit)); err != nil {
		wrong.With(at, "rule.expression", "detail", err.Error())
		return program{}, none, false
	}
	prog.worst = costLimit
	if worst, err := env.EstimateCost(checked, prices{}); err == nil && worst.Max <= costLimit {
		prog.worst = worst.Max
		if prog.quick, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize)); err != nil {
			wrong.With(at, "rule.expression", "detail", err.Error())
			return program{}, none, false
		}
	}
	seen := contentsOf(at, source, checked.NativeRep())
	prog.says = &seen
	return prog, seen, true
}

// undeclared and noOverload are how the checker says that a name is not known and that
// two kinds of values do not go together.
const undeclared, noOverload = "undeclared reference to '", "found no matching overload for '"

// said records one mistake in an expression in words: the line of it within the
// expression, the column there, and what is wrong; the checker's own words only where
// there are no others.
func said(wrong *fault.Error, at, source string, e *cel.Error) {
	column, part := placed(source, e.Location)
	if _, rest, ok := strings.Cut(e.Message, undeclared); ok {
		name, _, _ := strings.Cut(rest, "'")
		wrong.With(at, "rule.expression_unknown", "name", name, "column", column, "part", part)
		return
	}
	if _, rest, ok := strings.Cut(e.Message, noOverload); ok {
		sign, _, _ := strings.Cut(rest, "'")
		wrong.With(at, "rule.expression_fit", "sign", strings.Trim(sign, "_"), "column", column, "part", part)
		return
	}
	if detail, ok := strings.CutPrefix(e.Message, "Syntax error: "); ok {
		wrong.With(at, "rule.expression_syntax", "detail", detail, "column", column, "part", part)
		return
	}
	wrong.With(at, "rule.expression_other", "detail", e.Message, "column", column, "part", part)
}

// placed is a place in an expression as it is said: its column, counted from one, and
// its line.
func placed(source string, where common.Location) (column int, part string) {
	column, part = 1, source
	if where != nil && where.Line() > 0 {
		column = where.Column() + 1 // counted from none
		if lines := strings.Split(source, "\n"); where.Line() <= len(lines) {
			part = lines[where.Line()-1]
		}
	}
	if runes := []rune(part); len(runes) > partMost {
		part = string(runes[:partMost]) + "…"
	}
	return column, strings.TrimSpace(part)
}

// partMost is how much of an expression a mistake shows, in characters.
const partMost = 120

// native brings a CEL value back to the Go values of a fact; false for
// anything a decision could not store.
func native(v ref.Val) (any, bool) {
	switch v := v.(type) {
	case types.Bool:
		return bool(v), true
	case types.Int:
		return int64(v), true
	case types.Double:
		return Double.read(float64(v))
	case types.String:
		return String.read(string(v))
	case types.Timestamp:
		return v.Time, true
	}
	return nil, false
}
