package casework

import (
	"strconv"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// MayCalendar is the permission to give the district a calendar of its own.
const MayCalendar auth.Permission = "casework.calendar"

// Grants says who has it; the scope must be the whole district's.
func Grants() auth.Grants { return auth.Grants{MayCalendar: {auth.Officer}} }

// Calendar is the district's: the published years, and its own in their place.
func (s *Store) Calendar(r storage.Reader) (*Calendar, error) {
	texts, err := storage.All(r, func(rows *storage.Rows) (text string, err error) { return text, rows.Scan(&text) },
		`select text from casework_year order by year`)
	if err != nil {
		return nil, err
	}
	years := append([]Year(nil), s.published...)
	for _, text := range texts {
		y, err := ParseYear([]byte(text))
		if err != nil {
			return nil, err // it was read before it was kept
		}
		years = append(years, y)
	}
	return NewCalendar(s.Zone, years...), nil
}

// SetYear gives the district its own calendar of a year. Clocks that run keep the
// deadline they were given; those started or resumed from now on follow it.
//
// Faults: Unauthenticated, Denied; Invalid as ParseYear.
func (s *Store) SetYear(tx *storage.Tx, by auth.Principal, text string) (Year, error) {
	if err := by.Permit(MayCalendar, Grants(), auth.District(s.District)); err != nil {
		return Year{}, err
	}
	y, err := ParseYear([]byte(text))
	if err != nil {
		return Year{}, err
	}
	now := s.Now()
	if _, err := tx.Exec(`insert into casework_year (year, text, by_whom, at) values ($1, $2, $3, $4)
		on conflict (year) do update set text = excluded.text, by_whom = excluded.by_whom, at = excluded.at`, y.Year, text, by.ID, clock.Micros(now)); err != nil {
		return Year{}, err
	}
	_, err = s.Log.Append(tx, eventlog.Fact{
		Stream: "calendar:" + strconv.Itoa(y.Year), Name: FactCalendar, Actor: by.ID, At: now,
		Body: map[string]any{"year": y.Year, "source": y.Source, "text": text},
	})
	return y, err
}
