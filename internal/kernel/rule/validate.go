package rule

import (
	"fmt"
	"math"
	"regexp"
	"sort"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// Bounds that keep a pack readable by the people it binds.
const (
	maxFacts     = 200
	maxRules     = 500
	maxOptions   = 500
	maxConstants = 500
	maxLevers    = 16 // facts with a Change: their subsets are walked
)

// validate checks everything about a pack that needs no expression.
func (p *Pack) validate(wrong *fault.Error) {
	id := regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

	if !id.MatchString(p.ID) {
		wrong.With("id", "rule.id")
	}
	if !id.MatchString(p.Version) {
		wrong.With("version", "rule.id")
	}
	if p.ValidFrom.IsZero() {
		wrong.With("valid_from", "rule.valid_from")
	}
	if !p.ValidUntil.IsZero() && !p.ValidUntil.After(p.ValidFrom) {
		wrong.With("valid_until", "rule.valid_until")
	}
	p.Title.check(wrong, "title", nil)
	p.Summary.check(wrong, "summary", nil)
	p.missing.Reason.check(wrong, "missing.reason", map[string]bool{"facts": true})
	p.missing.Mend.check(wrong, "missing.mend", map[string]bool{"facts": true})
	if len(p.Facts) == 0 || len(p.Facts) > maxFacts {
		wrong.With("fact", "rule.count", "limit", maxFacts)
		return
	}
	if len(p.Rules) == 0 || len(p.Rules) > maxRules {
		wrong.With("rule", "rule.count", "limit", maxRules)
		return
	}
	if len(p.constants) > maxConstants {
		wrong.With("constants", "rule.constants", "limit", maxConstants)
		return
	}

	names := map[string]bool{}
	claim := func(at, n string) {
		if !name.MatchString(n) || len(n) > 64 {
			wrong.With(at, "rule.name", "name", n)
		} else if names[n] {
			wrong.With(at, "rule.twice", "name", n)
		}
		names[n] = true
	}
	for _, n := range sortedKeys(p.constants) {
		claim("constants."+n, n)
		if !p.constant(n) {
			wrong.With("constants."+n, "rule.constant")
		}
	}
	for i := range p.Facts {
		f := &p.Facts[i]
		at := "fact." + f.Name
		claim(at, f.Name)
		p.known[f.Name] = f
		f.Title.check(wrong, at+".title", nil)
		if f.Type.cel() == nil {
			wrong.With(at+".type", "rule.type", "type", string(f.Type))
		}
		f.checkOptions(wrong, at, claim)
		f.checkChange(wrong, at)
		if f.Change != nil {
			p.levers = append(p.levers, f)
		}
	}
	if len(p.levers) > maxLevers {
		wrong.With("fact", "rule.levers", "limit", maxLevers)
	}
	rules := map[string]bool{}
	for i := range p.Rules {
		p.Rules[i].validate(wrong, i, id, names, rules)
	}
}

func (f *Fact) checkOptions(wrong *fault.Error, at string, claim func(at, n string)) {
	if len(f.Options) == 0 {
		return
	}
	if f.Type != String || f.Derive != "" || len(f.Options) > maxOptions {
		wrong.With(at+".options", "rule.options", "limit", maxOptions)
		return
	}
	claim(at+".options", f.Name+"_options")
	seen := map[string]bool{}
	for _, o := range f.Options {
		if o.Value == "" || seen[o.Value] || !utf8.ValidString(o.Value) {
			wrong.With(at+".options", "rule.twice", "name", o.Value)
		}
		seen[o.Value] = true
		o.Title.check(wrong, at+".options."+o.Value, nil)
	}
}

// checkChange settles what a Change leaves unsaid and refuses one without sense.
func (f *Fact) checkChange(wrong *fault.Error, at string) {
	c := f.Change
	if c == nil {
		return
	}
	if c.Step == 0 {
		c.Step = 1
	}
	if c.Cost == 0 {
		c.Cost = 1
	}
	number := f.Type == Int || f.Type == Double
	whole := f.Type != Int || math.Trunc(c.Step) == c.Step && math.Trunc(c.Least) == c.Least
	switch {
	case f.Derive != "", !number && f.Type != Bool && len(f.Options) == 0:
		wrong.With(at+".change", "rule.change_type")
	case !(c.Cost > 0 && c.Cost <= 1e6),
		number && !(c.Step > 0 && c.Most > c.Least && math.Abs(c.Least) < 1<<52 && math.Abs(c.Most) < 1<<52 && (c.Most-c.Least)/c.Step < 1<<52),
		!whole:
		wrong.With(at+".change", "rule.change_range")
	}
}

func (r *Rule) validate(wrong *fault.Error, i int, id *regexp.Regexp, names, rules map[string]bool) {
	at := "rule." + r.ID
	if !id.MatchString(r.ID) {
		at = fmt.Sprintf("rule[%d]", i)
		wrong.With(at+".id", "rule.id")
	}
	if rules[r.ID] {
		wrong.With(at, "rule.twice", "name", r.ID)
	}
	rules[r.ID] = true
	if (r.When == "") == (r.Require == "") {
		wrong.With(at, "rule.when_or_require")
	}
	if r.Outcome != Refuse && r.Outcome != Return && r.Outcome != Warn {
		wrong.With(at+".outcome", "rule.outcome")
	}
	local := make(map[string]bool, len(names)+len(r.Amounts))
	for n := range names {
		local[n] = true
	}
	for _, n := range sortedKeys(r.Amounts) {
		if local[n] {
			wrong.With(at+".amounts."+n, "rule.twice", "name", n)
		}
		local[n] = true
	}
	r.Reason.check(wrong, at+".reason", local)
	r.Mend.check(wrong, at+".mend", local)
	r.Basis.check(wrong, at+".basis", nil)
}

// constant brings a TOML value into the shape expressions see; false if it has none.
func (p *Pack) constant(n string) bool {
	list, ok := p.constants[n].([]any)
	if !ok {
		switch p.constants[n].(type) {
		case bool, int64, string:
			return true
		case float64:
			_, ok := Double.read(p.constants[n])
			return ok
		}
		return false
	}
	v, ok := List.read(list)
	p.constants[n] = v
	return ok
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
