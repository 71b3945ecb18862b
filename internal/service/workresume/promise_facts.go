package workresume

import (
	"time"

	"breakwater/internal/kernel/rule"
)

// measured is what is known of one firm, in memory: what it filed and reported, what
// its meters say, and what was seen at the gates today.
type measured struct {
	state    State
	since    time.Time
	declared int64
	roster   int64
	filed    bool
	start    time.Time // when its first day of work begins, zero where none was asked
	spoken   bool      // an officer's word stands
	watch    Watch

	masks   int64 // by the filing or the latest report of stock
	counted time.Time

	load   int64     // watt-hours of the latest day that was read
	normal int64     // of as many hours of a normal day, 0 while nobody said
	read   time.Time // when that day began

	inside, today int64 // people
	strangers     int64 // at the firm's own gates, today
	turned        int64 // of the roster, turned away because the firm may not work, today
	asked         int64 // of the roster, asked aside at a gate for their colour, today
	red           int64 // of those inside

	reported        int64     // of the roster, today
	heard           time.Time // the last day on which anybody of the roster reported, zero for none in two weeks
	park, name, usc string
}

// share is a load as per cent of normal; false while nothing was read.
func (m *measured) share() (int64, bool) {
	if m.normal <= 0 || m.read.IsZero() {
		return 0, false
	}
	return m.load * 100 / m.normal, true
}

// reportsKnown is for how long after the last report of anybody a firm counts as one
// whose people report. Before the first nothing is known, which is said and not held
// against it.
const reportsKnown = 14 * 24 * time.Hour

// reports is how many of the roster reported today; false while nobody has.
func (m *measured) reports(now time.Time) (int64, bool) {
	return m.reported, !m.heard.IsZero() && now.Sub(m.heard) < reportsKnown
}

// reportsDue is the moment of a day from which reports that are missing are missed.
func reportsDue(p *rule.Pack, day time.Time) time.Time {
	hour, ok := p.Whole("reports_hour")
	if !ok || hour < 0 || hour > 24 {
		hour = 10
	}
	return time.Date(day.Year(), day.Month(), day.Day(), int(hour), 0, 0, 0, day.Location())
}

// begun is whether the first day of work the firm named has come. What is promised for
// days of work is not asked for before: no report is due, no mask is used, no machine has
// to run.
func (m *measured) begun(now time.Time) bool { return !now.Before(m.start) }

// working is a moment, but not before work begins: days are counted from it.
func (m *measured) working(t time.Time) time.Time {
	if m.start.After(t) {
		return m.start
	}
	return t
}

// facts is what the promise is held against; due is when today's reports are due.
// What is not known is left out.
func (m *measured) facts(now, due time.Time) map[string]any {
	return m.factsInto(make(map[string]any, len(promised)), now, due)
}

// factsInto is facts in a map that is used over, since at a rush many firms are asked.
func (m *measured) factsInto(out map[string]any, now, due time.Time) map[string]any {
	clear(out)
	out["state"], out["days_in_state"], out["roster_count"] = string(m.state), daysBetween(m.working(m.since), now), m.roster
	out["people_inside"], out["people_today"], out["strangers_today"], out["turned_today"] = m.inside, m.today, m.strangers, m.turned
	out["asked_today"], out["red_inside"], out["reports_due"] = m.asked, m.red, m.begun(now) && !now.Before(due)
	if n, ok := m.reports(now); ok {
		out["reported_today"] = n
	}
	if m.filed {
		out["declared_headcount"], out["masks"], out["stock_days"] = m.declared, m.masks, daysBetween(m.working(m.counted), now)
	}
	if p, ok := m.share(); ok {
		out["load_percent"], out["load_days_old"] = p, daysBetween(m.read, now)
	}
	return out
}

// changes is when the facts change though nothing happens: counts of days go up by
// one, and what was seen today is of yesterday.
func (m *measured) changes(now, due time.Time, zone *time.Location) time.Time {
	next := midnight(now, zone)
	if due.After(now) && due.Before(next) {
		next = due
	}
	sooner := func(from time.Time) {
		if t := from.Add(time.Duration(daysBetween(from, now)+1) * 24 * time.Hour); t.Before(next) && !from.IsZero() {
			next = t
		}
	}
	sooner(m.working(m.since))
	if m.filed {
		sooner(m.working(m.counted))
	}
	if !m.read.IsZero() {
		sooner(m.read)
	}
	return next
}

// daysBetween is the whole days from a moment to now.
func daysBetween(from, now time.Time) int64 { return int64(max(now.Sub(from), 0) / (24 * time.Hour)) }

// midnight is when the district's next day begins.
func midnight(now time.Time, zone *time.Location) time.Time {
	t := now.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, zone)
}

// dayOf is when the district's day of a moment began.
func dayOf(now time.Time, zone *time.Location) time.Time {
	t := now.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}
