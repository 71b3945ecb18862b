package main

import (
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
)

type calendarImport struct {
	storeFlags
	File   string `arg:"" help:"The year's file; - is standard input."`
	DryRun bool   `help:"Say what would change, change nothing."`
}

func (c calendarImport) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		text, err := s.yearFile(c.File)
		if err != nil {
			return err
		}
		ch, err := a.Calendar.Preview(s.ctx, auth.Operator(), string(text))
		if err == nil && !c.DryRun {
			ch, err = a.Calendar.Set(s.ctx, auth.Operator(), string(text), once.Key{})
		}
		if err != nil {
			return err
		}
		for i, d := range ch.Days {
			word := "free"
			if ch.Worked[i] {
				word = "work"
			}
			fmt.Fprintf(s.out, "%s %s\n", word, d)
		}
		for _, m := range ch.Moved {
			fmt.Fprintf(s.out, "due %s %s %s\n", m.Case.ID, moment(m.From), moment(m.To))
		}
		_, err = fmt.Fprintln(s.out, s.printer().T("command.calendar", "year", strconv.Itoa(ch.Year.Year), "days", len(ch.Days), "n", len(ch.Moved)))
		return err
	})
}

// yearFile reads a year's file, or standard input.
func (s *session) yearFile(name string) ([]byte, error) {
	if name == "-" {
		return s.stdin()
	}
	info, err := os.Stat(s.path(name))
	if err == nil && info.Size() > casework.YearMost {
		return nil, fault.New(fault.Invalid, "casework.calendar").With("text", "fault.too_long", "max", casework.YearMost)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(s.path(name))
}

type calendarList struct {
	storeFlags
	Year int `help:"Print this year as a file that can be imported." placeholder:"YEAR"`
}

func (c calendarList) Run(s *session) error {
	return s.withDistrict(c.config(), func(a *app.App) error {
		known, guessed, err := a.Calendar.Years(s.ctx)
		if err != nil {
			return err
		}
		if c.Year != 0 {
			for _, l := range known {
				if l.Year.Year == c.Year {
					_, err := s.out.Write(l.CSV())
					return err
				}
			}
			return fault.New(fault.NotFound, "calendar.unknown", "year", strconv.Itoa(c.Year))
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, l := range known {
			fmt.Fprintf(w, "%d\t%s\t%s\n", l.Year.Year, moment(l.At), l.Source)
		}
		for _, year := range guessed {
			fmt.Fprintf(w, "%d\t-\t%s\n", year, s.printer().T("calendar.guessed", "year", strconv.Itoa(year)))
		}
		return w.Flush()
	})
}
