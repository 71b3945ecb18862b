package rule

import (
	"errors"
	"math"
	"slices"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"cel.dev/cel-go/common/types"
)

// samples is how many made-up cases a new pack is tried on. They are the same for the
// same pack, so that the same file always gets the same answer.
const samples = 64

// Sound refuses what type-checks and yet can never serve: a condition that asks for no
// fact and so gives everybody the same answer, and an expression that could not be
// worked out for any of the made-up cases. A notice for everybody, a warning that always
// speaks, is sound. It is for packs that are new: one that was taken once is kept.
//
// It adds to wrong, named as Load names them; Locate adds the lines.
func (p *Pack) Sound(wrong *fault.Error) {
	asks := map[string]bool{} // facts that come from somebody, and those derived from them
	for i := range p.Facts {
		asks[p.Facts[i].Name] = p.Facts[i].Derive == ""
	}
	for _, d := range p.derived {
		asks[d.fact.Name] = slices.ContainsFunc(d.program.says.names, func(n string) bool { return asks[n] })
	}
	cases := p.invented()
	known := make([]*knowledge, len(cases))
	for i, facts := range cases {
		known[i] = p.know(facts)
	}
	for _, d := range p.derived {
		p.sure(wrong, d.program, known)
	}
	for i := range p.checks {
		c := &p.checks[i]
		if !slices.ContainsFunc(c.program.says.names, func(n string) bool { return asks[n] }) {
			v, _, err := known[0].eval(c.program)
			if err == nil && (c.rule.Outcome != Warn || v != types.Bool(c.speaks)) {
				wrong.With(c.program.says.at, "rule.same_for_all", "answer", i18n.Key(map[bool]string{true: "rule.answer_true", false: "rule.answer_false"}[v == types.True]))
				continue
			}
		}
		p.sure(wrong, c.program, known)
		for _, a := range c.amounts {
			p.sure(wrong, a.program, known)
		}
	}
}

// sure refuses an expression of which no case gets an answer. Where a derived fact it
// looks at is the one that fails, that one is said, and once.
func (p *Pack) sure(wrong *fault.Error, prog program, known []*knowledge) {
	var first error
	for _, k := range known {
		_, blame, err := k.eval(prog)
		var d derivedError
		if err == nil || errors.As(err, &d) {
			if err == nil && blame == nil {
				return
			}
			continue
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		return // only its derived facts fail
	}
	column, part := prog.says.where(first)
	wrong.With(prog.says.at, "rule.always_fails", "column", column, "part", part, "why", i18n.Key("rule.why_"+why(first)))
}

// where is the column, counted from one, and the line of an expression in which an
// error arose.
func (c contents) where(err error) (column int, part string) {
	var e *types.Err
	if errors.As(err, &e) && c.tree != nil {
		return placed(c.source, c.tree.SourceInfo().GetStartLocation(e.NodeID()))
	}
	return placed(c.source, nil)
}

// invented are made-up cases: for each fact values of its type about the numbers and
// among the texts that the pack itself names, mixed.
func (p *Pack) invented() []map[string]any {
	out := make([]map[string]any, samples)
	for i := range out {
		out[i] = make(map[string]any, len(p.Facts))
		for j := range p.Facts {
			f := &p.Facts[j]
			if f.Derive != "" {
				continue
			}
			list := p.values(f)
			at := i // the first case has the first value of each, the second the second
			if i > 1 {
				at = mixed(i, j)
			}
			out[i][f.Name] = list[at%len(list)]
		}
	}
	return out
}

// mixed is a number that looks like chance and is not.
func mixed(i, j int) int {
	x := uint32(i*(maxFacts+1) + j + 1) //nolint:gosec // both are small
	for range 2 {
		x = (x ^ x>>16) * 0x45d9f3b
	}
	return int(x^x>>16) & math.MaxInt32
}

// values are those of a fact that a rule may turn on.
func (p *Pack) values(f *Fact) (out []any) {
	numbers := append([]float64{5, 1, 0, 2, 100, 1000, 100_000}, p.numbers...)
	if f.Change != nil {
		numbers = append(numbers, f.Change.Least, f.Change.Most)
	}
	var texts []string
	for _, n := range sortedKeys(p.constants) {
		switch v := p.constants[n].(type) {
		case string:
			texts = append(texts, v)
		case []string:
			texts = append(texts, v[:min(len(v), 5)]...)
		}
	}
	texts = append(texts, p.texts...)
	switch f.Type {
	case Bool:
		return []any{true, false}
	case Int, Double:
		for _, x := range numbers {
			for _, near := range [...]float64{x, x - 1, x + 1} {
				if v, ok := f.Type.read(near); ok {
					out = append(out, v)
				}
			}
		}
	case String:
		for _, o := range f.Options {
			out = append(out, o.Value)
		}
		if len(out) == 0 {
			for _, s := range append(texts, "a", "12", "", "2020-02-17T00:00:00Z", "72h", "true") {
				out = append(out, s)
			}
		}
	case List:
		many := append(slices.Clone(texts), "a", "b", "c", "d", "e", "f", "g", "h", "1", "2", "3", "4")
		out = []any{many, []string{}, []string{"a"}, many[:2]}
	case Timestamp:
		for _, days := range [...]int{0, -1, 1, 3, 30, 365, -3650} {
			out = append(out, p.ValidFrom.AddDate(0, 0, days))
		}
		out = append(out, time.Unix(0, 0))
	}
	return out
}
