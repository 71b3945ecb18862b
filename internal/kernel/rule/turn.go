package rule

import (
	"cmp"
	"math/bits"
	"slices"

	"cel.dev/cel-go/common/types"
)

// Turn is what would turn a decision's answer: the smallest changes to facts the
// pack calls changeable.
type Turn struct {
	From Verdict `json:"from"`
	To   Verdict `json:"to"` // certified; for what is certified, what the first way would bring
	// Ways are sets of changes none of which can be left out: fewest facts first,
	// then the least cost. Empty: nothing the applicant can alter would do.
	Ways []Way `json:"ways"`
	Cut  bool  `json:"cut"` // the search ended at its bound; a smaller way may exist
}

// Way is changes to make together.
type Way struct {
	Steps []Step  `json:"steps"` // in the pack's order
	Cost  float64 `json:"cost"`  // as the pack weighs them
}

// Step is one fact's change. From is nil when the fact was not known.
type Step struct {
	Fact     string `json:"fact"`
	Title    Text   `json:"title"`
	From     any    `json:"from"`
	To       any    `json:"to"`
	FromText Text   `json:"from_text"`
	ToText   Text   `json:"to_text"`
}

// Bounds of a search. A way of seven changes is no advice any more, and neither
// is a fourth choice.
const (
	maxSteps   = 6
	maxWays    = 3
	maxReckons = 40_000 // times the facts are put to the rules, about a tenth of a second
	dearReckon = 4_000  // a pack's cost from which a time counts for more: several when it is several times as dear
)

// Turn searches for the smallest change that would turn the answer Decide gives to
// these facts: of a returned or refused case into certified, of a certified one
// into any other, which shows how far it is from the edge.
//
// Every way it names does turn the answer. That none is smaller is exact where
// each part of a condition, as one number grows and the rest stays, changes its
// answer at most once between the points looked at: all values within 64 steps, a
// doubling distance beyond, and the numbers the pack itself names. Where two
// numbers must change together, in one condition, the second is found exactly for
// each value looked at of the first.
func (p *Pack) Turn(facts map[string]any) Turn {
	d := p.Decide(facts)
	s := &search{pack: p, facts: map[string]any{}, left: maxReckons, window: 64, known: map[parcel]solved{}}
	for i := range p.Facts {
		if f := &p.Facts[i]; f.Derive == "" {
			if v, ok := f.Type.read(facts[f.Name]); ok {
				s.facts[f.Name] = v
			}
		}
	}
	t := Turn{From: d.Outcome, To: Certified, Ways: []Way{}}
	var found []solved
	if d.Outcome != Certified {
		s.wants = p.goals(func(c *check) bool { return c.rule.Outcome != Warn })
		found = s.smallest()
	} else {
		// One clause that speaks is enough; each is a search of its own.
		for _, w := range p.goals(func(c *check) bool { return c.rule.Outcome != Warn }) {
			w.speak = true
			s.wants, s.known = []goal{w}, map[parcel]solved{}
			found = append(found, s.smallest()...)
		}
		found = leastOf(found)
	}
	for _, f := range found {
		t.Ways = append(t.Ways, s.way(f))
	}
	if d.Outcome == Certified {
		t.To = Returned
		if len(found) > 0 {
			t.To = p.Decide(s.with(found[0].values)).Outcome
		}
	}
	t.Cut = s.left <= 0
	return t
}

// goal is a clause and whether it is to speak or to be silent.
type goal struct {
	clause
	speak bool
}

func (p *Pack) goals(which func(*check) bool) (out []goal) {
	for i := range p.checks {
		if c := &p.checks[i]; which(c) {
			for _, part := range c.clauses {
				out = append(out, goal{clause: part})
			}
		}
	}
	return out
}

// search is one Turn at work.
type search struct {
	pack   *Pack
	facts  map[string]any // given, as read
	wants  []goal
	left   int // how often the facts may still be put to the rules
	window int // steps looked at one by one
	known  map[parcel]solved
}

// parcel is levers that some goal ties together, whatever else changes.
type parcel uint32

// solved is levers with the values they are to have.
type solved struct {
	levers uint32
	values map[int]any // by lever
	cost   float64
	ok     bool
}

// smallest are the sets of levers that reach every goal, no part of which does.
func (s *search) smallest() (out []solved) {
	n := len(s.pack.levers)
	must := s.open()
	if len(must) == 0 {
		return nil
	}
	for size := 1; size <= min(n, maxSteps) && len(out) < maxWays; size++ {
		for set := uint32(1); set < 1<<n; set++ {
			if bits.OnesCount32(set) != size || slices.ContainsFunc(must, func(m uint32) bool { return m&set == 0 }) ||
				slices.ContainsFunc(out, func(o solved) bool { return o.levers&set == o.levers }) {
				continue
			}
			if got := s.solve(set); got.ok && len(got.values) == size {
				out = append(out, got)
			}
		}
	}
	return leastOf(out)
}

// leastOf orders by number of facts, then cost, then the pack's order, and keeps
// the first ways of each set of levers.
func leastOf(list []solved) []solved {
	slices.SortStableFunc(list, func(a, b solved) int {
		return cmp.Or(cmp.Compare(bits.OnesCount32(a.levers), bits.OnesCount32(b.levers)), cmp.Compare(a.cost, b.cost), cmp.Compare(a.levers, b.levers))
	})
	var out []solved
	for _, x := range list {
		if len(out) < maxWays && !slices.ContainsFunc(out, func(o solved) bool { return o.levers&x.levers == o.levers }) {
			out = append(out, x)
		}
	}
	return out
}

// open is, for each goal not reached by the facts as they are, the levers it hangs
// on: a way must move one of each.
func (s *search) open() (out []uint32) {
	k := s.reckon(nil)
	for _, w := range s.wants {
		if !w.reached(k) {
			out = append(out, w.rests)
		}
	}
	return out
}

// solve finds the least change of exactly these levers. What no goal ties together
// is solved apart, and once for all sets it lies in.
func (s *search) solve(set uint32) solved {
	out := solved{levers: set, values: map[int]any{}, ok: true}
	for rest := set; rest != 0; {
		part := rest & -rest
		for grown := true; grown; {
			grown = false
			for _, w := range s.wants {
				if more := w.rests & set; more&part != 0 && more&^part != 0 {
					part |= more
					grown = true
				}
			}
		}
		rest &^= part
		got, ok := s.known[parcel(part)]
		if !ok {
			var tied []goal
			for _, w := range s.wants {
				if w.rests&part != 0 {
					tied = append(tied, w)
				}
			}
			got = s.least(part, tied, map[int]any{})
			s.known[parcel(part)] = got
		}
		if !got.ok {
			return solved{}
		}
		out.cost += got.cost
		for i, v := range got.values {
			out.values[i] = v
		}
	}
	return s.changed(out)
}

// with is the facts with some levers set.
func (s *search) with(values map[int]any) map[string]any {
	out := make(map[string]any, len(s.facts)+len(values))
	for k, v := range s.facts {
		out[k] = v
	}
	for i, v := range values {
		out[s.pack.levers[i].Name] = v
	}
	return out
}

func (s *search) reckon(values map[int]any) *knowledge {
	s.left -= 1 + int(s.pack.cost/dearReckon)
	return s.pack.know(s.with(values))
}

// reached says whether the goal is met; what cannot be told meets none.
func (w goal) reached(k *knowledge) bool {
	v, blame, err := k.eval(w.program)
	return err == nil && blame == nil && v == types.Bool(w.speaks == w.speak)
}

func (s *search) way(f solved) Way {
	w := Way{Cost: f.cost}
	for i, fact := range s.pack.levers {
		to, ok := f.values[i]
		if !ok {
			continue
		}
		step := Step{Fact: fact.Name, Title: fact.Title, From: s.facts[fact.Name], To: to, FromText: Text{}, ToText: Text{}}
		for _, lang := range languages() {
			step.FromText[lang], step.ToText[lang] = spell(step.From, fact, lang), spell(to, fact, lang)
		}
		w.Steps = append(w.Steps, step)
	}
	return w
}
