package casework

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

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

// yearMost is the largest file of a year, in bytes.
const yearMost = 64 << 10

// ParseYear reads a year's file: TOML with year, source, [[holiday]] name, from and
// to, and work, the list of weekend days that are worked.
//
// Faults: Invalid "casework.calendar" naming each thing wrong in the field "text".
func ParseYear(text []byte) (Year, error) {
	bad := fault.New(fault.Invalid, "casework.calendar")
	if len(text) > yearMost {
		return Year{}, bad.With("text", "fault.too_long", "max", yearMost)
	}
	var in struct {
		Year    int      `toml:"year"`
		Source  string   `toml:"source"`
		Work    []string `toml:"work"`
		Holiday []struct {
			Name map[string]string `toml:"name"`
			From string            `toml:"from"`
			To   string            `toml:"to"`
		} `toml:"holiday"`
	}
	meta, err := toml.Decode(string(text), &in)
	if err != nil {
		line := 0
		var at toml.ParseError
		if errors.As(err, &at) {
			line = at.Position.Line
		}
		return Year{}, fault.Wrap(err, fault.Invalid, "casework.calendar").With("text", "casework.calendar_toml", "line", line)
	}
	for _, k := range meta.Undecoded() {
		bad.With("text", "casework.calendar_word", "word", k.String())
	}
	y := Year{Year: in.Year, Source: strings.TrimSpace(in.Source)}
	if y.Year < 1970 || y.Year > 2200 {
		bad.With("text", "casework.calendar_year")
	}
	if y.Source == "" {
		bad.With("text", "casework.calendar_source")
	}
	day := func(text string) Day {
		t, err := time.Parse(time.DateOnly, text)
		if err != nil || t.Year() != y.Year {
			bad.With("text", "casework.calendar_day", "day", text, "year", y.Year)
			return 0
		}
		return DayOf(t, time.UTC)
	}
	for _, h := range in.Holiday {
		one := Holiday{Name: h.Name, From: day(h.From), To: day(h.To)}
		if one.To < one.From || one.Name["en"] == "" || one.Name["zh-Hans"] == "" {
			bad.With("text", "casework.calendar_holiday", "from", h.From)
		}
		y.Holidays = append(y.Holidays, one)
	}
	for _, w := range in.Work {
		d := day(w)
		if n := d.utc().Weekday(); d != 0 && n != time.Saturday && n != time.Sunday {
			bad.With("text", "casework.calendar_weekday", "day", w)
		}
		y.Work = append(y.Work, d)
	}
	slices.SortFunc(y.Holidays, func(a, b Holiday) int { return int(a.From - b.From) })
	slices.Sort(y.Work)
	if err := bad.OrNil(); err != nil {
		return Year{}, err
	}
	return y, nil
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
