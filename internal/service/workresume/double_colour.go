package workresume

import (
	"slices"
	"time"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// A person may have several records, each on a roster of its own. Each keeps its own
// reports and restrictions, from which its colour follows; what is stored for each is
// the strictest of all of them. So whoever reads a colour reads one row, as if there
// were no doubles, and records taken apart again have their own colours, since those
// are worked out anew.

// add makes c as strict, at every moment, as c or x is: red until the later end of the
// two reds, and yellow until the latest end of any yellow. A yellow that two officers
// said and a later red outlives stands beside that red as the person's own does.
func (c *coloured) add(x coloured) {
	c.decisions = append(c.decisions, x.decisions...)
	a, b := c.colour, x.colour
	next := colour{own: max(a.own, b.own), ownEnds: max(a.ownEnds, b.ownEnds), held: max(a.held, b.held)}
	if b.held > a.held || b.held == a.held && b.heldEnds > a.heldEnds {
		c.restriction = x.restriction
	}
	for _, y := range [...]colour{a, b} {
		switch y.held {
		case Green:
		case next.held:
			next.heldEnds = max(next.heldEnds, y.heldEnds)
		default:
			next.own, next.ownEnds = max(next.own, y.held), max(next.ownEnds, y.heldEnds)
		}
	}
	c.colour = next
}

// daysOf are the days that count for one record: its own, and from the day after the
// records were found to be one, what was reported under the others. What was reported
// before is not lent: it may not clear a colour that nobody cleared.
func (s *Service) daysOf(r storage.Reader, x party.Record, records []party.Record) ([]dayReport, error) {
	days, err := s.dayReports(r, x.ID)
	for _, y := range records {
		if err != nil || y.ID == x.ID {
			continue
		}
		var more []dayReport
		more, err = s.dayReports(r, y.ID)
		from := casework.DayOf(later(x.Since, y.Since), s.Zone)
		days = together(days, slices.DeleteFunc(more, func(d dayReport) bool { return d.day <= from }))
	}
	return days, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// together is pure: two lists of days, in order, as one. Of a day that is in both,
// whatever was said counts.
func together(a, b []dayReport) []dayReport {
	out := make([]dayReport, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].day < b[0].day:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].day < a[0].day:
			out, b = append(out, b[0]), b[1:]
		default:
			d := a[0]
			d.Tenths, d.Contact = max(d.Tenths, b[0].Tenths), d.Contact || b[0].Contact
			d.Symptoms = slices.Concat(d.Symptoms, b[0].Symptoms)
			out, a, b = append(out, d), a[1:], b[1:]
		}
	}
	return out
}

// explainOwn adds to a health page what one record's reports and travel say: the clean days where
// it is the page's own, and why it is yellow and when that turns.
func (s *Service) explainOwn(r storage.Reader, h *Health, x party.Record, records []party.Record, yellow bool, today casework.Day) error {
	days, err := s.daysOf(r, x, records)
	if err != nil {
		return err
	}
	n := count(days)
	if today > n.last+1 {
		n.run = 0 // a day was missed: the run begins again with the next report
	}
	if x.ID == h.Person {
		h.Run = n.run
	}
	if !yellow {
		return nil
	}
	pack, err := s.colours()
	if err != nil {
		return err
	}
	places, err := s.exposed(r, x.ID)
	if err != nil {
		return err
	}
	level, d, _ := judgeOwn(pack, days, places)
	if level == Green {
		return nil
	}
	h.Elsewhere = h.Elsewhere || x.ID != h.Person
	for _, f := range d.Findings {
		if !slices.ContainsFunc(h.Findings, func(g rule.Finding) bool { return g.Rule == f.Rule }) {
			h.Findings = append(h.Findings, f)
		}
	}
	h.Turns = max(h.Turns, turns(d, n.last, today))
	for _, c := range countersOf(d, days, places, today, cleanDays(pack)) {
		h.Counters, h.Turns = append(h.Counters, c), max(h.Turns, c.Ends)
	}
	return nil
}

// ofSame is a list of parameters, beginning with $1, of all records of a person.
func (s *Service) ofSame(r storage.Reader, person string) (in string, args []any, err error) {
	records, err := s.Parties.Same(r, person)
	ids := make([]string, len(records))
	for i, x := range records {
		ids[i] = x.ID
	}
	in, args = storage.In(1, ids)
	return in, args, err
}

// onePerson reports whether two records are of one person.
func (s *Service) onePerson(r storage.Reader, a, b string) (bool, error) {
	records, err := s.Parties.Same(r, a)
	return slices.ContainsFunc(records, func(x party.Record) bool { return x.ID == b }), err
}

// gravest is which of a person's restrictions holds now and weighs most, -1 for none:
// with several records there may be several.
func gravest(list []Restriction, now time.Time) int {
	best := -1
	for i, x := range list {
		if x.holds(now) && (best < 0 || x.Level == Red.String() && list[best].Level != Red.String()) {
			best = i
		}
	}
	return best
}
