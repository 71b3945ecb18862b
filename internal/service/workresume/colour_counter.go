package workresume

import (
	"time"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/rule"
)

// Counter is how far somebody is on the way out of a colour: day Done of Of, since
// the day of one fact. Where clean reports count, a day missed begins it again; a
// restriction's days pass by themselves.
type Counter struct {
	Rule  string `json:"rule"`
	Since string `json:"since"` // the day of the fact it counts from
	Done  int64  `json:"done"`
	Of    int64  `json:"of"`
	Ends  string `json:"ends"` // at the earliest, if every day until then is clean
	Timed bool   `json:"timed"`
}

// countersOf is pure: the counters that run for these reasons. of is how many clean
// days the pack asks for, by the rule's id.
func countersOf(d rule.Decision, days []dayReport, e exposure, today casework.Day, of map[string]int64) []Counter {
	var out []Counter
	for _, f := range d.Findings {
		most, ok := of[f.Rule]
		if !ok {
			continue
		}
		since := sinceOf(f.Rule, days, e)
		var after []dayReport
		for _, x := range days {
			if x.day > since {
				after = append(after, x)
			}
		}
		n := count(after)
		from, done := max(n.last, since), min(n.run, most)
		if today > from+1 { // a day was missed: the next report is the first again
			from, done = today-1, 0
		}
		out = append(out, Counter{Rule: f.Rule, Since: since.String(), Done: done, Of: most, Ends: (from + casework.Day(most-done)).String()})
	}
	return out
}

// sinceOf is the day of the latest fact a rule counts from.
func sinceOf(id string, days []dayReport, e exposure) (since casework.Day) {
	switch id {
	case "high-risk-place":
		return e.high
	case "medium-risk-place":
		return e.medium
	}
	for _, x := range days {
		if id == "symptoms" && x.ill() || id == "contact" && x.Contact {
			since = x.day
		}
	}
	return since
}

// cleanDays is how many clean days each rule of the pack asks for.
func cleanDays(p *rule.Pack) map[string]int64 {
	short, _ := p.Whole("short")
	long, _ := p.Whole("long")
	return map[string]int64{"symptoms": short, "contact": long, "medium-risk-place": short, "high-risk-place": long}
}

// timed is the counter of a restriction: its days pass whatever is reported.
func timed(x Restriction, id string, now time.Time, zone *time.Location) Counter {
	since, ends := casework.DayOf(x.Since, zone), casework.DayOf(x.Until, zone)
	of := max(int64(ends-since), 1)
	return Counter{Rule: id, Since: since.String(), Done: min(max(int64(casework.DayOf(now, zone)-since), 0), of), Of: of, Ends: ends.String(), Timed: true}
}
