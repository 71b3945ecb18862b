package workresume

import (
	"time"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Level is a person's colour.
type Level uint8

// The levels, in order of gravity.
const (
	Green Level = iota
	Yellow
	Red
)

// String is the colour's word in messages and facts.
func (l Level) String() string {
	switch l {
	case Yellow:
		return "yellow"
	case Red:
		return "red"
	}
	return "green"
}

// colour is what a person's code takes from their health, small enough to be in
// memory for everybody who is not plainly green. It follows from facts only: the
// person's own reports and travel make at most yellow, red is said by two officers and by
// nobody else. No check at a gate and no scan of anything writes it.
type colour struct {
	own, held         Level
	ownEnds, heldEnds int64 // µs; at this moment it lapses by itself
}

// colourOf is pure: the graver of what holds at a moment, and when it lapses.
func colourOf(c colour, at time.Time) (l Level, ends time.Time) {
	now := at.UnixMicro()
	if c.own != Green && now < c.ownEnds {
		l, ends = c.own, time.UnixMicro(c.ownEnds).UTC()
	}
	if c.held != Green && now < c.heldEnds && c.held >= l {
		l, ends = c.held, time.UnixMicro(c.heldEnds).UTC()
	}
	return l, ends
}

// ColourPack is the rules for colours, with the reasons for a restriction.
func ColourPack() (*rule.Pack, error) { return rule.LoadFile(packs, "pack/colour.toml") }

// noRestriction is what the pack is told of who has none.
const noRestriction = "none"

// judgeColour is pure: what the pack says of these reports and this restriction.
func judgeColour(p *rule.Pack, c counters, restriction string) (Level, rule.Decision) {
	risk := c.risk
	if risk == "" {
		risk = "low"
	}
	d := p.Decide(map[string]any{
		"ill": c.ill, "ill_clean": c.illClean, "contact": c.contact, "contact_clean": c.contactClean,
		"risk": risk, "risk_clean": c.riskClean, "clean_days": c.run, "restriction": restriction,
	})
	switch d.Outcome {
	case rule.Refused:
		return Red, d
	case rule.Returned:
		return Yellow, d
	case rule.Certified:
	}
	return Green, d
}

// RestrictionReason is one of the pack's list.
type RestrictionReason struct {
	Code  string
	Title rule.Text
}

// RestrictionReasons are the reasons two officers may give, and no other.
func (s *Service) RestrictionReasons() ([]RestrictionReason, error) {
	p, err := s.colours()
	if err != nil {
		return nil, err
	}
	var out []RestrictionReason
	for _, f := range p.Facts {
		if f.Name != "restriction" {
			continue
		}
		for _, o := range f.Options {
			if o.Value != noRestriction {
				out = append(out, RestrictionReason{o.Value, o.Title})
			}
		}
	}
	return out, nil
}

// colourColumns are joined where a standing is read, as h.
const (
	colourColumns = `, coalesce(h.own, 0), coalesce(h.own_ends, 0), coalesce(h.held, 0), coalesce(h.held_ends, 0)`
	colourJoin    = ` left join workresume_colour h on h.person = `
)

func (c *colour) dest(dest []any) []any {
	return append(dest, &c.own, &c.ownEnds, &c.held, &c.heldEnds)
}

// storedColour is the row of a person, green without one.
func storedColour(r storage.Reader, person string) (c colour, restriction string, err error) {
	err = r.Row(`select own, own_ends, held, held_ends, restriction from workresume_colour where person = $1`, person).
		Scan(&c.own, &c.ownEnds, &c.held, &c.heldEnds, &restriction)
	if storage.NoRows(err) {
		err = nil
	}
	return c, restriction, err
}
