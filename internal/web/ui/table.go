package ui

import (
	"strconv"
	"time"

	"github.com/a-h/templ"
)

// Column is one column of a Table.
type Column struct {
	Label  string
	Number bool // stands right, digits in line
	Minor  bool // left out on a narrow screen
	Title  bool // heads the card on a phone
}

func (c Column) class() string {
	switch {
	case c.Number && c.Minor:
		return "num minor"
	case c.Number:
		return "num"
	case c.Minor:
		return "minor"
	case c.Title:
		return "title"
	}
	return ""
}

// FilterBar is what Filters shows.
type FilterBar struct {
	Action, Query, Label, Placeholder string
	Chips                             []Link
	Hidden                            []Option // kept in the address: Value is the name, Text the value
}

// Work is long work as Progress shows it.
type Work struct {
	Title                string
	State                State
	Word                 string // "running", "done"
	Done, Total, Refused int64
	PerSecond            float64
	Left                 time.Duration
	Running              bool
	Cancel               string // where to POST to stop it; "" = cannot be stopped
	Poll                 string // address of this part alone; "" = reload the page
}

func (w Work) total() string { return strconv.FormatInt(max(w.Total, 1), 10) }

func (w Work) done() string {
	if w.Total == 0 && !w.Running {
		return "1" // nothing to do is done
	}
	return strconv.FormatInt(min(w.Done, max(w.Total, 1)), 10)
}

func (w Work) percent(p *Page) string {
	if w.Total == 0 {
		if w.Running {
			return "—"
		}
		return p.Percent(1)
	}
	// Down, so that 100 % means all of it.
	return p.Percent(float64(w.Done*1000/w.Total) / 1000)
}

// Watch makes the page reload itself while work runs, for readers without
// scripts.
func (p *Page) Watch(w Work) {
	if w.Running {
		p.Refresh, p.Polled = 2, w.Poll != ""
	}
}

func current(now bool) templ.Attributes {
	if now {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
