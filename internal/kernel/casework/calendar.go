package casework

import "time"

// Day is a civil day, counted from 1 January 1970. Days have no zone; a Calendar
// says when one begins.
type Day int

// DayOf is the day t falls on in a zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Begin is the day's first instant in a zone.
func (d Day) Begin(zone *time.Location) time.Time {
	y, m, n := d.utc().Date()
	return time.Date(y, m, n, 0, 0, 0, 0, zone)
}

func (d Day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is the day as 2006-01-02.
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

// Calendar says which days are worked. In a year it has no file for, it knows the
// weekends only; see Known. It is immutable.
type Calendar struct {
	Zone  *time.Location
	years map[int]Year
	off   map[Day]bool // holidays
	on    map[Day]bool // weekend days that are worked
}

// NewCalendar joins years; a later one replaces an earlier of the same number.
func NewCalendar(zone *time.Location, years ...Year) *Calendar {
	c := &Calendar{Zone: zone, years: map[int]Year{}, off: map[Day]bool{}, on: map[Day]bool{}}
	for _, y := range years {
		c.years[y.Year] = y
	}
	for _, y := range c.years {
		for _, h := range y.Holidays {
			for d := h.From; d <= h.To; d++ {
				c.off[d] = true
			}
		}
		for _, d := range y.Work {
			c.on[d] = true
		}
	}
	return c
}

// Known reports whether the year's holidays are known.
func (c *Calendar) Known(year int) bool {
	_, ok := c.years[year]
	return ok
}

// Year is the year's file; found is false where only weekends are known.
func (c *Calendar) Year(year int) (y Year, found bool) {
	y, found = c.years[year]
	return y, found
}

// Unknown are the years from one day to another of which only weekends are known.
func (c *Calendar) Unknown(from, to Day) (years []int) {
	for y := from.utc().Year(); y <= to.utc().Year(); y++ {
		if !c.Known(y) {
			years = append(years, y)
		}
	}
	return years
}

// Working reports whether a day is worked.
func (c *Calendar) Working(d Day) bool {
	if c.on[d] {
		return true
	}
	w := d.utc().Weekday()
	return !c.off[d] && w != time.Saturday && w != time.Sunday
}

// After is the nth working day after a day, which itself does not count. After 0
// it is the day itself, or the next working day if it is none.
func (c *Calendar) After(d Day, n int) Day {
	if n == 0 {
		for !c.Working(d) {
			d++
		}
		return d
	}
	for n > 0 {
		d++
		if c.Working(d) {
			n--
		}
	}
	return d
}

// Left is how many working days lie after one day, up to and with another; none
// when the other is not later.
func (c *Calendar) Left(after, upto Day) (n int) {
	for d := after + 1; d <= upto; d++ {
		if c.Working(d) {
			n++
		}
	}
	return n
}

// Clock is a deadline in working days. The day something happens does not count;
// the last day counts in full, to midnight in the district.
type Clock struct {
	Days   int       // as it was given
	Due    time.Time // exclusive: the first instant that is late
	Paused time.Time // zero while it runs
	left   int       // working days that were left when it was paused; -1: it was late
}

// Start starts a clock of so many working days.
func (c *Calendar) Start(at time.Time, days int) Clock {
	return Clock{Days: days, Due: c.end(c.After(DayOf(at, c.Zone), days))}
}

// end is the instant after a day.
func (c *Calendar) end(d Day) time.Time { return (d + 1).Begin(c.Zone).UTC() }

// Pause stops a clock: the applicant's days are nobody else's. One that stands
// already is left as it is.
func (c *Calendar) Pause(k Clock, at time.Time) Clock {
	if !k.Paused.IsZero() {
		return k
	}
	k.Paused, k.left = at, -1
	if at.Before(k.Due) {
		k.left = c.Left(DayOf(at, c.Zone), DayOf(k.Due.Add(-time.Microsecond), c.Zone))
	}
	return k
}

// Resume lets a clock run on with the days it had left. One that was late when it
// was paused is late still.
func (c *Calendar) Resume(k Clock, at time.Time) Clock {
	if k.Paused.IsZero() {
		return k
	}
	if k.left >= 0 {
		k.Due = c.end(c.After(DayOf(at, c.Zone), k.left))
	}
	k.Paused, k.left = time.Time{}, 0
	return k
}

// Refit gives a running clock the deadline that another calendar makes of the
// working days it has left, today not counted. One that stands, is late or ends
// today is left as it is.
func (c *Calendar) Refit(k Clock, before *Calendar, at time.Time) Clock {
	if !k.Paused.IsZero() || k.Late(at) {
		return k
	}
	today := DayOf(at, c.Zone)
	if n := before.Left(today, DayOf(k.Due.Add(-time.Microsecond), c.Zone)); n > 0 {
		k.Due = c.end(c.After(today, n))
	}
	return k
}

// Late reports whether the clock runs and its time is over.
func (k Clock) Late(at time.Time) bool { return k.Paused.IsZero() && !at.Before(k.Due) }
