package calendar

import (
	"context"
	"time"

	"breakwater/internal/kernel/casework"
)

// Answer is what a year's file changes, or would change.
type Answer struct {
	Year   int         `json:"year"`
	Source string      `json:"source"`
	Known  bool        `json:"known" doc:"Holidays of this year were known before."`
	Days   []AnswerDay `json:"days" doc:"Days that are worked now and were not, or the other way round."`
	Moved  []AnswerDue `json:"moved" doc:"Running cases whose deadline moves."`
}

// AnswerDay is a day that changes.
type AnswerDay struct {
	Day    string `json:"day"`
	Worked bool   `json:"worked"`
}

// AnswerDue is a deadline that moves.
type AnswerDue struct {
	Case string    `json:"case"`
	From time.Time `json:"from" doc:"First instant that would have been late."`
	To   time.Time `json:"to"`
}

// AnswerOf is a change as programs read it.
func AnswerOf(ch casework.Change) Answer {
	out := Answer{Year: ch.Year.Year, Source: ch.Year.Source, Known: ch.Known, Days: []AnswerDay{}, Moved: []AnswerDue{}}
	for i, d := range ch.Days {
		out.Days = append(out.Days, AnswerDay{d.String(), ch.Worked[i]})
	}
	for _, m := range ch.Moved {
		out.Moved = append(out.Moved, AnswerDue{m.Case.ID, m.From, m.To})
	}
	return out
}

// Listed is the calendar: of a year that is not listed only weekends are known.
type Listed struct {
	Years []ListedYear `json:"years" doc:"The latest first. Of a year that is not listed only weekends are known."`
}

// ListedYear is one year whose holidays are known.
type ListedYear struct {
	Year     int             `json:"year"`
	Source   string          `json:"source" doc:"The notice the days come from."`
	Own      bool            `json:"own" doc:"Entered by the district, not brought along by the program."`
	Since    *time.Time      `json:"since,omitempty"`
	Holidays []ListedHoliday `json:"holidays"`
	Work     []string        `json:"work" doc:"Weekend days that are worked."`
}

// ListedHoliday is a run of free days.
type ListedHoliday struct {
	Name map[string]string `json:"name" doc:"By language."`
	From string            `json:"from"`
	To   string            `json:"to" doc:"The last free day."`
}

// List is the calendar for programs.
func (c *Calendar) List(ctx context.Context) (out Listed, err error) {
	known, _, err := c.Years(ctx)
	out.Years = make([]ListedYear, len(known))
	for i, l := range known {
		y := ListedYear{Year: l.Year.Year, Source: l.Source, Own: l.Own, Holidays: []ListedHoliday{}, Work: []string{}}
		if l.Own {
			y.Since = &l.At
		}
		for _, h := range l.Holidays {
			y.Holidays = append(y.Holidays, ListedHoliday{h.Name, h.From.String(), h.To.String()})
		}
		for _, d := range l.Work {
			y.Work = append(y.Work, d.String())
		}
		out.Years[i] = y
	}
	return out, err
}
