package casework

import (
	"slices"
	"strconv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// MayCalendar is the permission to give the district a calendar of its own.
const MayCalendar auth.Permission = "casework.calendar"

// Grants says who enters a year and who is told of what stays late; for both the
// scope must be the whole district's.
func Grants() auth.Grants {
	return auth.Grants{MayCalendar: {auth.Officer}, MayHear: {auth.Officer, auth.Commander}}
}

// YearLine is one year of the district's calendar and where it comes from.
type YearLine struct {
	Year
	Own bool      // the district's, not the program's
	By  string    // account, of the district's own
	At  time.Time // when it came into force; zero for the program's
}

// Years are the years whose holidays are known, the latest first.
func (s *Store) Years(r storage.Reader) ([]YearLine, error) {
	own, err := storage.All(r, func(rows *storage.Rows) (l YearLine, err error) {
		var text string
		var at int64
		if err := rows.Scan(&text, &l.By, &at); err != nil {
			return l, err
		}
		l.Own, l.At = true, clock.FromMicros(at)
		l.Year, err = ParseYear([]byte(text)) // it was read before it was kept
		return l, err
	}, `select text, by_whom, at from casework_year order by year`)
	if err != nil {
		return nil, err
	}
	out := own
	for _, y := range s.published {
		if !slices.ContainsFunc(own, func(l YearLine) bool { return l.Year.Year == y.Year }) {
			out = append(out, YearLine{Year: y})
		}
	}
	slices.SortFunc(out, func(a, b YearLine) int { return b.Year.Year - a.Year.Year })
	return out, nil
}

// Calendar is the district's: the published years, and its own in their place.
func (s *Store) Calendar(r storage.Reader) (*Calendar, error) {
	lines, err := s.Years(r)
	if err != nil {
		return nil, err
	}
	years := make([]Year, len(lines))
	for i, l := range lines {
		years[i] = l.Year
	}
	return NewCalendar(s.Zone, years...), nil
}

// Moved is a clock that another calendar gives another deadline.
type Moved struct {
	Case     Case // with the new deadline
	From, To time.Time
}

// Change is what a year's file changes, or would change.
type Change struct {
	Year   Year
	Known  bool    // the year's holidays were known before
	Days   []Day   // worked now and not before, or the other way round
	Worked []bool  // of Days, by the new calendar
	Moved  []Moved // running clocks, by their deadline before
}

// Preview says what a year's file would change; nothing is stored.
//
// Faults: Unauthenticated, Denied; Invalid as ParseYear.
func (s *Store) Preview(r storage.Reader, by auth.Principal, text string) (Change, error) {
	if err := by.Permit(MayCalendar, Grants(), auth.District(s.District)); err != nil {
		return Change{}, err
	}
	y, err := ParseYear([]byte(text))
	if err != nil {
		return Change{}, err
	}
	before, err := s.Calendar(r)
	if err != nil {
		return Change{}, err
	}
	return s.change(r, before, y)
}

func (s *Store) change(r storage.Reader, before *Calendar, y Year) (Change, error) {
	out := Change{Year: y, Known: before.Known(y.Year)}
	after := before.with(y)
	first := DayOf(time.Date(y.Year, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	for d := first; d.utc().Year() == y.Year; d++ {
		if w := after.Working(d); w != before.Working(d) {
			out.Days, out.Worked = append(out.Days, d), append(out.Worked, w)
		}
	}
	if len(out.Days) == 0 {
		return out, nil
	}
	now := s.Now()
	// Clocks that end before the first day that changes stay as they are.
	from := max(clock.Micros(now), clock.Micros(out.Days[0].Begin(s.Zone)))
	running, err := storage.All(r, func(rows *storage.Rows) (Case, error) { return s.scan(rows) },
		`select `+caseColumns+` from casework_case where state = 'open' and due > $1 order by due, id`, from)
	for _, c := range running {
		fit := after.Refit(c.Clock, before, now)
		if !fit.Due.Equal(c.Clock.Due) {
			m := Moved{Case: c, From: c.Clock.Due, To: fit.Due}
			m.Case.Clock = fit
			out.Moved = append(out.Moved, m)
		}
	}
	return out, err
}

// with is the calendar with another file of one year.
func (c *Calendar) with(y Year) *Calendar {
	years := make([]Year, 0, len(c.years)+1)
	for _, old := range c.years {
		years = append(years, old)
	}
	return NewCalendar(c.Zone, append(years, y)...)
}

// SetYear puts a year's file into force. Clocks that run keep the working days they
// have left and get the deadline these now make; each that moves says so in its own
// story. Doing the same again changes nothing.
//
// Faults: Unauthenticated, Denied; Invalid as ParseYear.
func (s *Store) SetYear(tx *storage.Tx, by auth.Principal, text string) (Change, error) {
	out, err := s.Preview(tx, by, text)
	if err != nil {
		return out, err
	}
	y, now := out.Year, s.Now()
	n, err := tx.Exec(`insert into casework_year (year, text, by_whom, at) values ($1, $2, $3, $4)
		on conflict (year) do update set text = excluded.text, by_whom = excluded.by_whom, at = excluded.at
		where casework_year.text <> excluded.text`, y.Year, text, by.ID, clock.Micros(now))
	if err != nil || n == 0 {
		return out, err
	}
	for _, m := range out.Moved {
		if _, err := tx.Exec(`update casework_case set due = $1 where id = $2`, clock.Micros(m.To), m.Case.ID); err != nil {
			return out, err
		}
		if err := s.record(tx, FactDueMoved, by.ID, m.Case, FactBody{Due: &m.To}); err != nil {
			return out, err
		}
	}
	_, err = s.Log.Append(tx, eventlog.Fact{
		Stream: "calendar:" + strconv.Itoa(y.Year), Name: FactCalendar, Actor: by.ID, At: now,
		Body: map[string]any{"year": y.Year, "source": y.Source, "text": text, "moved": len(out.Moved)},
	})
	return out, err
}
