package workresume

import (
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// exposure is the last day somebody was in a place of each risk; 0 for never.
type exposure struct{ high, medium casework.Day }

// exposed holds what a person said of their travel against the list as it stands.
func (s *Service) exposed(r storage.Reader, person string) (e exposure, err error) {
	t, found, err := s.travel(r, person)
	if err != nil || !found {
		return e, err
	}
	oldest := s.today() - lookBack + 1
	for _, v := range t.all() {
		plain, ok := plainPlace(v.Place)
		until := readDay(v.Until)
		if !ok || until < oldest {
			continue
		}
		list, args := storage.In(1, beginnings(plain))
		lines, err := storage.All(r, scanRisk, riskColumns+` where plain in (`+list+`) and ended = 0`, args...)
		if err != nil {
			return e, err
		}
		for _, x := range lines {
			e = e.with(x, readDay(v.From), until)
		}
	}
	return e, nil
}

// with is pure: the exposure after a visit of these days to a place of this line.
func (e exposure) with(x Risk, from, until casework.Day) exposure {
	if x.Until != "" {
		until = min(until, readDay(x.Until))
	}
	if until < max(from, readDay(x.From)) { // before it was risky, or after
		return e
	}
	switch x.Level {
	case "high":
		e.high = max(e.high, until)
	case "medium":
		e.medium = max(e.medium, until)
	}
	return e
}

// judgeOwn is pure: what a person's own reports and travel come to, with the day of
// the latest event that counts. Places weigh apart from symptoms: their clean days
// begin after the last day there.
func judgeOwn(p *rule.Pack, days []dayReport, e exposure) (Level, rule.Decision, casework.Day) {
	c := count(days)
	level, d := judgeColour(p, c, noRestriction)
	event := c.event
	for _, x := range [...]struct {
		risk string
		day  casework.Day
	}{{"high", e.high}, {"medium", e.medium}} {
		if x.day == 0 {
			continue
		}
		var after []dayReport
		for _, one := range days {
			if one.day > x.day {
				after = append(after, one)
			}
		}
		n := count(after)
		l, found := judgeColour(p, counters{run: n.run, risk: x.risk, riskClean: n.illClean}, noRestriction)
		if l == Green {
			continue
		}
		d.Findings = append(d.Findings, found.Findings...)
		return max(level, l), d, max(event, x.day) // the graver place says it all
	}
	return level, d, event
}
