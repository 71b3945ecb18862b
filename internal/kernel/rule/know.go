package rule

import (
	"errors"
	"slices"
	"sort"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// knowledge is one decision's view of its facts.
type knowledge struct {
	pack    *Pack
	values  map[string]any        // what is known
	missing map[string][]string   // fact not known → the given facts to blame (itself, or a derived one's inputs)
	broken  map[string]error      // derived fact that could not be worked out, though nothing was missing
	vars    cel.PartialActivation // of the careful programs; nil until needed
}

func (p *Pack) know(facts map[string]any) *knowledge {
	k := &knowledge{pack: p, values: make(map[string]any, len(p.Facts))}
	for i := range p.Facts {
		f := &p.Facts[i]
		if f.Derive != "" {
			continue
		}
		if v, ok := f.Type.read(facts[f.Name]); ok {
			k.values[f.Name] = v
		} else {
			k.lack(f.Name, f.itself)
		}
	}
	k.derive()
	return k
}

// derive works out the derived facts from the given ones.
func (k *knowledge) derive() {
	for _, d := range k.pack.derived { // in the file's order, so each sees those above it
		v, blame, err := k.eval(d.program)
		k.vars = nil // one more is known, or known to be missing
		if err == nil && blame == nil {
			if n, ok := native(v); ok {
				k.values[d.fact.Name] = n
				continue
			}
		}
		if blame == nil { // could not be reckoned from what was given
			if err == nil {
				err = errValue
			}
			if k.broken == nil {
				k.broken = map[string]error{}
			}
			k.broken[d.fact.Name] = derivedError{err}
		}
		k.lack(d.fact.Name, blame)
	}
}

// errValue is of an expression whose value no decision could keep, such as an infinite
// number.
var errValue = errors.New("no value")

// derivedError is why a fact that an expression looks at could not be derived.
type derivedError struct{ error }

func (e derivedError) Unwrap() error { return e.error }

func (k *knowledge) lack(name string, blame []string) {
	if k.missing == nil {
		k.missing = map[string][]string{}
	}
	k.missing[name] = blame
}

// bind makes the variables of the careful programs from what is known so far.
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

// eval runs an expression. blame names the given facts it could not do without; where
// only derived ones stand in its way that could not be worked out, neither can it.
func (k *knowledge) eval(prog program) (v ref.Val, blame []string, err error) {
	if prog.quick != nil && k.whole(prog) {
		v, _, err = prog.quick.Eval(k.values)
		return v, nil, err
	}
	if k.vars == nil {
		k.bind()
	}
	v, _, err = prog.careful.Eval(k.vars)
	if err != nil {
		return nil, nil, err
	}
	unknown, ok := v.(*types.Unknown)
	if !ok {
		return v, nil, nil
	}
	seen, broken := map[string]bool{}, []string(nil)
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, t := range trails {
			if k.broken[t.Variable()] != nil {
				broken = append(broken, t.Variable())
			}
			for _, name := range k.missing[t.Variable()] {
				if !seen[name] {
					seen[name] = true
					blame = append(blame, name)
				}
			}
		}
	}
	sort.Strings(blame)
	switch {
	case blame != nil:
		return nil, blame, nil
	case broken != nil:
		return nil, nil, k.broken[slices.Min(broken)]
	}
	return nil, nil, errValue
}

// whole is whether everything an expression names is known.
func (k *knowledge) whole(prog program) bool {
	if len(k.missing) == 0 {
		return true
	}
	for _, n := range prog.says.names {
		if _, lacks := k.missing[n]; lacks {
			return false
		}
	}
	return true
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
		// Not knowing is never a ground for refusal, and never for passing; nor is a
		// rule that fails.
		if f.Outcome == Refuse {
			f.Outcome = Return
		}
		if err != nil {
			f.Failed = err.Error()
			f.Reason, f.Mend = k.pack.failing.say(err)
			return f, true
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
