package casework

import (
	"embed"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/fault"
)

// Year is which days of one year are free and which weekend days are worked
// instead, with the notice that says so.
type Year struct {
	Year     int
	Source   string
	Holidays []Holiday // in order
	Work     []Day     // weekend days that are worked, in order
}

// Holiday is a run of free days.
type Holiday struct {
	Name     map[string]string // by language
	From, To Day               // both free
}

// In is the holiday's name in a language.
func (h Holiday) In(lang string) string {
	if n := h.Name[lang]; n != "" {
		return n
	}
	return h.Name["en"]
}

// The languages a holiday is named in.
const (
	english = "en"
	chinese = "zh-Hans"
)

// draft is a year's file as it was written, before anything in it is believed.
type draft struct {
	year   string // "" in a CSV file, which is of the year of its days
	source string
	rows   []draftRow
}

// draftRow is a holiday, or a weekend day that is worked.
type draftRow struct {
	line     int // of the file; 0 when its format does not tell
	work     bool
	from, to string
	name     map[string]string
}

// believe makes a year of a draft, or says what is wrong with each line.
func (d draft) believe(bad *fault.Error) Year {
	y := Year{Source: strings.TrimSpace(d.source)}
	year := d.year
	if year == "" && len(d.rows) > 0 {
		year, _, _ = strings.Cut(d.rows[0].from, "-")
	}
	if t, err := time.Parse("2006", year); err == nil && t.Year() >= 1970 && t.Year() <= 2200 {
		y.Year = t.Year()
	} else {
		bad.With("text", "casework.calendar_year")
		return y
	}
	if y.Source == "" {
		bad.With("text", "casework.calendar_source")
	}
	for _, row := range d.rows {
		row.join(&y, bad)
	}
	slices.SortFunc(y.Holidays, func(a, b Holiday) int { return int(a.From - b.From) })
	slices.Sort(y.Work)
	y.contradicted(d, bad)
	return y
}

// join adds one row to the year.
func (row draftRow) join(y *Year, bad *fault.Error) {
	before := len(bad.Fields)
	day := func(text string) Day {
		t, err := time.Parse(time.DateOnly, text)
		if err != nil || t.Year() != y.Year {
			bad.With("text", "casework.calendar_day", "line", row.line, "day", text, "year", strconv.Itoa(y.Year))
			return 0
		}
		return DayOf(t, time.UTC)
	}
	h := Holiday{Name: row.name, From: day(row.from)}
	h.To = h.From
	if row.to != "" && row.to != row.from {
		h.To = day(row.to)
	}
	if len(bad.Fields) > before {
		return
	}
	if row.work {
		for d := h.From; d <= h.To; d++ {
			if n := d.utc().Weekday(); n != time.Saturday && n != time.Sunday {
				bad.With("text", "casework.calendar_weekday", "line", row.line, "day", d.String())
				return
			}
			y.Work = append(y.Work, d)
		}
		return
	}
	if h.To < h.From || strings.TrimSpace(h.Name[english]) == "" || strings.TrimSpace(h.Name[chinese]) == "" {
		bad.With("text", "casework.calendar_holiday", "line", row.line, "from", row.from)
		return
	}
	y.Holidays = append(y.Holidays, h)
}

// contradicted says which days are given twice: two holidays on one day, or a day
// that is both free and worked. The second line that names it is at fault.
func (y Year) contradicted(d draft, bad *fault.Error) {
	line := func(day Day, work bool) (n int) {
		for _, row := range d.rows {
			if row.from <= day.String() && day.String() <= max(row.from, row.to) && row.work == work {
				n = row.line
			}
		}
		return n
	}
	said := map[Day]bool{}
	for _, h := range y.Holidays {
		for day := h.From; day <= h.To; day++ {
			if said[day] {
				bad.With("text", "casework.calendar_twice", "line", line(day, false), "day", day.String())
			}
			said[day] = true
		}
	}
	for _, day := range y.Work {
		if said[day] {
			bad.With("text", "casework.calendar_twice", "line", line(day, true), "day", day.String())
		}
		said[day] = true
	}
}

//go:embed calendar/*.toml
var calendars embed.FS

// Published are the years the program brings along.
func Published() ([]Year, error) {
	names, err := fs.Glob(calendars, "calendar/*.toml")
	if err != nil {
		return nil, err
	}
	out := make([]Year, 0, len(names))
	for _, name := range names {
		text, err := calendars.ReadFile(name)
		if err != nil {
			return nil, err
		}
		y, err := ParseYear(text)
		if err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, nil
}
