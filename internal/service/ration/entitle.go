package ration

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/rule"
)

// The facts the house knows of who asks. Of a person: age in years, on_roster whether
// a firm's roster names them, town the name of where they live ("" where nobody said).
// Of a firm: returned how many are on its roster, headcount what it declared,
// certified whether it may work now, key_firm whether it is of the class of priority
// supply.
func house(asks Party) map[string]rule.Type {
	if asks == ByFirm {
		return map[string]rule.Type{"returned": rule.Int, "headcount": rule.Int, "certified": rule.Bool, "key_firm": rule.Bool}
	}
	return map[string]rule.Type{"age": rule.Int, "on_roster": rule.Bool, "town": rule.String}
}

func known(asks Party, name string) bool { _, ok := house(asks)[name]; return ok }

// counted are the house's facts that a share can be a multiple of.
func counted(asks Party) (names []string) {
	for n, t := range house(asks) {
		if t == rule.Int {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// Entitlement is what a campaign gives somebody, and why.
type Entitlement struct {
	Pieces   int64          `json:"pieces"` // 0: nothing, and Decision or Short says why
	Decision *rule.Decision `json:"decision,omitempty"`
	Short    string         `json:"short,omitempty"` // the fact whose multiple is nothing
}

// Entitled is what the campaign gives on these facts: pure.
func (c *Campaign) Entitled(facts map[string]any) Entitlement {
	var e Entitlement
	if c.pack != nil {
		d := c.pack.Decide(facts)
		if e.Decision = &d; d.Outcome != rule.Certified {
			return e
		}
	}
	if e.Pieces = c.Share.Pieces; len(c.Share.Least) == 0 {
		return e
	}
	e.Pieces = piecesMost
	for _, m := range c.Share.Least {
		n, _ := facts[m.Of].(int64)
		if n = max(n, 0) * m.Times; n < e.Pieces {
			e.Pieces, e.Short = n, m.Of
		}
	}
	if e.Pieces > 0 {
		e.Short = ""
	}
	return e
}

// answers reads what an applicant states into facts.
//
// Faults: Invalid with a field "ask.<name>" for each that is wrong.
func (c *Campaign) answers(given map[string]string, into map[string]any) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	for _, a := range c.Ask {
		text := given[a.Name]
		switch {
		case text == "":
			bad.With("ask."+a.Name, "ration.ask_missing")
		case a.Type == rule.Bool:
			if text != "yes" && text != "no" {
				bad.With("ask."+a.Name, "ration.ask_bool")
			}
			into[a.Name] = text == "yes"
		default:
			most := a.Most
			if most == 0 {
				most = factMost
			}
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 || n > most {
				bad.With("ask."+a.Name, "ration.ask_int", "most", most)
			}
			into[a.Name] = n
		}
	}
	return bad.OrNil()
}

// Day is a date of the district, counted from Monday 30 December 2019.
type Day int64

const dayOf1970 = 18_260 // Day 0, in days since 1970

// DayOf is the date of a moment in its zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86_400 - dayOf1970)
}

// In is the day's beginning in a zone.
func (d Day) In(zone *time.Location) time.Time {
	y, m, n := time.Unix((int64(d)+dayOf1970)*86_400, 0).UTC().Date()
	return time.Date(y, m, n, 0, 0, 0, 0, zone)
}

// String is the date as ISO 8601 writes it.
func (d Day) String() string { return d.In(time.UTC).Format(time.DateOnly) }

// ParseDay reads such a date.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err == nil && (t.Year() < 2000 || t.Year() > 2199) {
		err = fmt.Errorf("no day of a campaign lies in the year %d", t.Year())
	}
	return DayOf(t), err
}

// period is in which of its quota's periods a share of a round counts.
func (a Again) period(d Day) uint32 {
	switch {
	case a.Never:
		return 0
	case a.Week:
		return uint32(d / 7)
	}
	return uint32(d)
}

// quota is how much the same may have in the periods that count together. A share of
// one size is counted in pieces, by the very hold that sets them aside; one that
// follows facts takes a turn beside it, of which there is one.
func (c *Campaign) quota() ledger.Quota {
	q := ledger.Quota{Most: c.Share.Pieces, Span: max(c.Again.Days, 1), Purpose: "share"}
	if !c.fixed() {
		q.Most, q.Purpose = 1, "turn"
	}
	return q
}

func (c *Campaign) fixed() bool { return len(c.Share.Least) == 0 }
