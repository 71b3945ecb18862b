package rule

import (
	"errors"
	"math"
	"sort"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Bounds on one fact's value; a longer one counts as not given.
const (
	maxValue = 1000 // bytes of a string
	maxItems = 1000 // members of a list
)

// Verdict is what a decision comes to.
type Verdict string

// The verdicts.
const (
	Certified Verdict = "certified" // no rule refused and none returned
	Returned  Verdict = "returned"  // something must be mended first
	Refused   Verdict = "refused"   // a rule forbids it
)

// Decision is a verdict with everything needed to explain it later. It is
// stored as JSON beside what it decided; its sentences are already written, in
// every language, so it needs neither the pack nor this program's next version.
type Decision struct {
	Pack     string         `json:"pack"`
	Version  string         `json:"version"`
	Digest   string         `json:"digest"`
	Title    Text           `json:"title"`
	Outcome  Verdict        `json:"outcome"`
	Facts    map[string]any `json:"facts"`    // every declared fact that was known, derived ones included
	Findings []Finding      `json:"findings"` // gravest first, then in the pack's order
	Passed   []string       `json:"passed"`   // ids of the rules that had nothing to say
}

// Finding is one rule that spoke.
type Finding struct {
	Rule    string         `json:"rule"`
	Outcome Outcome        `json:"outcome"`           // Refuse never comes of missing facts
	Facts   map[string]any `json:"facts"`             // the facts the rule looked at
	Amounts map[string]any `json:"amounts,omitempty"` // what it reckoned, such as how many are short
	Missing []string       `json:"missing,omitempty"` // names of facts without which it could not tell
	Failed  string         `json:"failed,omitempty"`  // why the expression could not be reckoned: overflow, cost
	Reason  Text           `json:"reason"`
	Mend    Text           `json:"mend"`
	Basis   Text           `json:"basis"`
}

// Decide applies every rule to the facts. It never fails and never stops at the
// first finding, so that an applicant gets the one complete list.
//
// A fact that is absent, nil or of the wrong type is missing. A rule that
// cannot tell without it becomes a finding naming it, to be returned (or
// warned) and never refused; a rule whose answer does not depend on it speaks
// as usual. Facts the pack does not declare are ignored and not kept.
func (p *Pack) Decide(facts map[string]any) Decision {
	k := p.know(facts)
	d := Decision{
		Pack: p.ID, Version: p.Version, Digest: p.Digest, Title: p.Title,
		Outcome: Certified, Facts: k.values, Findings: []Finding{}, Passed: []string{},
	}
	for i := range p.checks {
		c := &p.checks[i]
		f, spoke := k.apply(c)
		if !spoke {
			d.Passed = append(d.Passed, c.rule.ID)
			continue
		}
		d.Findings = append(d.Findings, f)
		switch {
		case f.Outcome == Refuse:
			d.Outcome = Refused
		case f.Outcome == Return && d.Outcome == Certified:
			d.Outcome = Returned
		}
	}
	sort.SliceStable(d.Findings, func(i, j int) bool {
		return d.Findings[i].Outcome.weight() < d.Findings[j].Outcome.weight()
	})
	return d
}

func (o Outcome) weight() int {
	switch o {
	case Refuse:
		return 0
	case Return:
		return 1
	}
	return 2
}

// knowledge is one decision's view of its facts.
type knowledge struct {
	pack    *Pack
	values  map[string]any      // what is known
	missing map[string][]string // fact not known → the given facts to blame (itself, or a derived one's inputs)
	vars    cel.PartialActivation
}

func (p *Pack) know(facts map[string]any) *knowledge {
	k := &knowledge{pack: p, values: make(map[string]any, len(p.Facts)), missing: map[string][]string{}}
	for i := range p.Facts {
		f := &p.Facts[i]
		if f.Derive != "" {
			continue
		}
		if v, ok := f.Type.read(facts[f.Name]); ok {
			k.values[f.Name] = v
		} else {
			k.missing[f.Name] = []string{f.Name}
		}
	}
	for _, d := range p.derived { // in the file's order, so each sees those above it
		k.bind()
		v, blame, err := k.eval(d.program)
		if err == nil && blame == nil {
			if n, ok := native(v); ok {
				k.values[d.fact.Name] = n
				continue
			}
		}
		if blame == nil { // could not be reckoned from what was given
			blame = []string{d.fact.Name}
		}
		k.missing[d.fact.Name] = blame
	}
	k.bind()
	return k
}

// bind makes the variables of the expressions from what is known so far.
func (k *knowledge) bind() {
	unknown := make([]*cel.AttributePatternType, 0, len(k.missing))
	for i := range k.pack.Facts {
		if name := k.pack.Facts[i].Name; k.values[name] == nil {
			unknown = append(unknown, cel.AttributePattern(name))
		}
	}
	vars, err := cel.PartialVars(k.values, unknown...)
	if err != nil { // only for bindings that are no map
		panic(err)
	}
	k.vars = vars
}

// eval runs an expression. blame names the given facts it could not do without.
func (k *knowledge) eval(prog cel.Program) (v ref.Val, blame []string, err error) {
	v, _, err = prog.Eval(k.vars)
	if err != nil {
		return nil, nil, err
	}
	unknown, ok := v.(*types.Unknown)
	if !ok {
		return v, nil, nil
	}
	seen := map[string]bool{}
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, t := range trails {
			for _, name := range k.missing[t.Variable()] {
				if !seen[name] {
					seen[name] = true
					blame = append(blame, name)
				}
			}
		}
	}
	sort.Strings(blame)
	if blame == nil {
		return nil, nil, errors.New("unknown value")
	}
	return nil, blame, nil
}

// apply evaluates one rule; spoke is false when all is as it should be.
func (k *knowledge) apply(c *check) (f Finding, spoke bool) {
	v, blame, err := k.eval(c.program)
	if err == nil && blame == nil && v == types.Bool(!c.speaks) {
		return Finding{}, false
	}
	f = Finding{Rule: c.rule.ID, Outcome: c.rule.Outcome, Basis: c.rule.Basis, Facts: make(map[string]any, len(c.uses))}
	for _, name := range c.uses {
		if v, ok := k.values[name]; ok {
			f.Facts[name] = v
		}
	}
	if err != nil || blame != nil {
		// Not knowing is never a ground for refusal, and never for passing.
		if f.Outcome == Refuse {
			f.Outcome = Return
		}
		if err != nil {
			f.Failed, blame = err.Error(), c.uses
		}
		f.Missing = blame
		f.Reason, f.Mend = k.write(k.pack.missing.Reason, f), k.write(k.pack.missing.Mend, f)
		return f, true
	}
	for _, a := range c.amounts {
		if v, blame, err := k.eval(a.program); err == nil && blame == nil {
			if n, ok := native(v); ok {
				if f.Amounts == nil {
					f.Amounts = make(map[string]any, len(c.amounts))
				}
				f.Amounts[a.name] = n
			}
		}
	}
	f.Reason, f.Mend = k.write(c.rule.Reason, f), k.write(c.rule.Mend, f)
	return f, true
}

// write fills a sentence in every language.
func (k *knowledge) write(t Text, f Finding) Text {
	out := make(Text, len(t))
	for lang, s := range t {
		out[lang] = fill(s, lang, func(name, lang string) string {
			if name == "facts" && k.pack.known[name] == nil && f.Missing != nil {
				titles := make([]string, len(f.Missing))
				for i, m := range f.Missing {
					titles[i] = k.pack.known[m].Title.In(lang)
				}
				return enumerate(titles, lang)
			}
			if v, ok := f.Amounts[name]; ok {
				return spell(v, nil, lang)
			}
			if v, ok := f.Facts[name]; ok {
				return spell(v, k.pack.known[name], lang)
			}
			return spell(k.pack.constants[name], nil, lang)
		})
	}
	return out
}

// read brings a caller's value into the one Go shape of its type. False for
// nil, for another type, and for what could not be stored or shown.
func (t Type) read(v any) (any, bool) {
	switch t {
	case Bool:
		b, ok := v.(bool)
		return b, ok
	case Int:
		return integer(v)
	case Double:
		if n, ok := integer(v); ok {
			return float64(n.(int64)), true
		}
		f, ok := v.(float64)
		return f, ok && !math.IsNaN(f) && !math.IsInf(f, 0)
	case String:
		s, ok := v.(string)
		return s, ok && len(s) <= maxValue && utf8.ValidString(s)
	case List:
		return list(v)
	case Timestamp:
		if s, ok := v.(string); ok {
			at, err := time.Parse(time.RFC3339, s)
			return at, err == nil
		}
		at, ok := v.(time.Time)
		return at, ok && at.Year() >= 1 && at.Year() <= 9999
	}
	return nil, false
}

func integer(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case int16:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint32:
		return int64(v), true
	case float64: // as encoding/json gives; exact below 2^53
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return nil, false
}

func list(v any) (any, bool) {
	var out []string
	switch v := v.(type) {
	case []string:
		out = append([]string{}, v...)
	case []any:
		out = make([]string, len(v))
		for i := range v {
			s, ok := v[i].(string)
			if !ok {
				return nil, false
			}
			out[i] = s
		}
	default:
		return nil, false
	}
	for _, s := range out {
		if len(s) > maxValue || !utf8.ValidString(s) {
			return nil, false
		}
	}
	return out, len(out) <= maxItems
}
