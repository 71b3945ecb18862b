package rule

import "slices"

// Standing is what a pack found of one subject the last time, kept so that asking again
// works out only the rules that look at what has changed since. The zero value has been
// asked nothing.
type Standing struct {
	pack  *Pack
	given []any      // by fact as read; nil: not known, or derived
	said  []*Finding // by check; nil: it had nothing to say
	found []Finding  // of said, in a decision's order; shared with whoever was told it
}

// Clerk asks one pack about many subjects again and again, with room that is used over.
// It is not for two callers at once.
type Clerk struct {
	pack    *Pack
	k       knowledge
	changed facts
}

// facts is a set of a pack's facts by their place in the file.
type facts [(maxFacts + 63) / 64]uint64

func (f *facts) add(i int) { f[i/64] |= 1 << (i % 64) }

func (f *facts) addAll(other facts) {
	for i := range f {
		f[i] |= other[i]
	}
}

func (f *facts) meets(other facts) bool {
	for i := range f {
		if f[i]&other[i] != 0 {
			return true
		}
	}
	return false
}

// Clerk is one for this pack.
func (p *Pack) Clerk() *Clerk {
	return &Clerk{pack: p, k: knowledge{pack: p, values: make(map[string]any, len(p.Facts))}}
}

// Again is the findings of Decide, to the letter, for facts of which some have changed.
// They are not to be altered.
func (c *Clerk) Again(s *Standing, given map[string]any) []Finding {
	p := c.pack
	first := s.pack != p
	if first {
		*s = Standing{pack: p, given: make([]any, len(p.Facts)), said: make([]*Finding, len(p.checks))}
	}
	c.changed = facts{}
	for i := range p.Facts {
		f := &p.Facts[i]
		if f.Derive != "" {
			continue
		}
		v, ok := f.Type.read(given[f.Name])
		if !ok {
			v = nil
		}
		if !same(v, s.given[i]) {
			s.given[i] = v
			c.changed.add(i)
		}
	}
	fresh, known := first, false
	for i := range p.checks {
		check := &p.checks[i]
		if !first && !c.changed.meets(check.looks) {
			continue
		}
		if !known {
			c.know(s)
			known = true
		}
		f, spoke := c.k.apply(check)
		switch {
		case spoke:
			s.said[i], fresh = &f, true
		case s.said[i] != nil:
			s.said[i], fresh = nil, true
		}
	}
	if fresh {
		s.collect()
	}
	return s.found
}

// know fills the clerk's room with what is known of a subject.
func (c *Clerk) know(s *Standing) {
	clear(c.k.values)
	clear(c.k.missing)
	clear(c.k.broken)
	c.k.vars = nil
	for i := range c.pack.Facts {
		f := &c.pack.Facts[i]
		switch v := s.given[i]; {
		case f.Derive != "":
		case v == nil:
			c.k.lack(f.Name, f.itself)
		default:
			c.k.values[f.Name] = v
		}
	}
	c.k.derive()
}

// collect puts what was said into a decision's order.
func (s *Standing) collect() {
	n := 0
	for _, f := range s.said {
		if f != nil {
			n++
		}
	}
	s.found = make([]Finding, 0, n) // what was told before is somebody else's
	for _, f := range s.said {
		if f != nil {
			s.found = append(s.found, *f)
		}
	}
	gravest(s.found)
}

// same is whether a fact has not changed, as far as a rule or a sentence could tell.
func same(a, b any) bool {
	x, isList := a.([]string)
	y, wasList := b.([]string)
	if isList || wasList {
		return isList && wasList && slices.Equal(x, y)
	}
	return a == b
}

// look settles on which given facts each rule rests, through derived ones too: those of
// its condition, its amounts and its sentences.
func (p *Pack) look() {
	rests := map[string]facts{}
	for i := range p.Facts {
		f := &p.Facts[i]
		f.itself = []string{f.Name}
		if f.Derive == "" {
			var one facts
			one.add(i)
			rests[f.Name] = one
		}
	}
	for _, d := range p.derived { // each sees those above it
		var all facts
		for _, n := range d.program.says.names {
			all.addAll(rests[n])
		}
		rests[d.fact.Name] = all
	}
	for i := range p.checks {
		for _, n := range p.checks[i].uses {
			p.checks[i].looks.addAll(rests[n])
		}
	}
}
