package workresumeweb

import (
	"strconv"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

// boardTile is one large figure. Since is the day it is compared with.
type boardTile struct {
	Key, Title, Figure, Below string
	Change                    int64 // tenths of a per cent, or a number
	Points                    bool  // Change is tenths of a per cent
	Since                     string
	Href                      string
}

// tiles are the figures a district is asked for first.
func (d boardData) tiles(p *ui.Page) []boardTile {
	t := d.Total
	out := []boardTile{
		{Key: "back", Figure: p.Share(t.Back, t.Declared), Below: p.T("boardpages.back_of", "part", t.Back, "whole", t.Declared)},
		{Key: "resumed", Figure: p.Share(t.Resumed, t.Firms), Below: p.T("boardpages.resumed_of", "part", t.Resumed, "n", t.Firms), Href: d.firms("", "", workresume.StandsClosed, "")},
		{Key: "load", Figure: p.Share(t.Load, t.Normal), Below: p.T("boardpages.load_of", "n", t.Metered)},
		{Key: "users", Figure: p.Share(t.UsersBack, t.Metered), Below: p.T("boardpages.users_of", "part", t.UsersBack, "whole", t.Metered)},
		{Key: "came", Figure: p.Number(t.Came), Below: p.T("boardpages.came_of", "n", t.Inside)},
	}
	if d.Filter.Day != "" {
		out[4].Below = p.T("boardpages.came_day")
	}
	for i := range out {
		out[i].Title = p.T("boardpages.tile_" + out[i].Key)
	}
	if day, ok := d.before(); ok {
		since := p.Day(boardDay(day.Day, d.zone))
		out[0].Change, out[0].Points, out[0].Since = perMille(t.Back, t.Declared)-perMille(day.Back, day.Declared), true, since
		out[1].Change, out[1].Since = t.Resumed-day.Resumed, since
		if day.Normal > 0 && t.Normal > 0 {
			out[2].Change, out[2].Points, out[2].Since = perMille(t.Load, t.Normal)-perMille(day.Load, day.Normal), true, since
		}
	}
	return out
}

// change is how much a figure moved.
func (t boardTile) change(p *ui.Page) string {
	n := max(t.Change, -t.Change)
	if t.Points {
		return p.T("boardpages.points", "n", p.Decimal(float64(n)/10, 1))
	}
	return p.Number(n)
}

func perMille(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return (part*2000 + whole) / (2 * whole)
}

// before is the closed day before the one that is shown.
func (d boardData) before() (workresume.DayFigures, bool) {
	for i := len(d.Days) - 1; i >= 0; i-- {
		if day := d.Days[i]; !d.today(day.Day) && (d.Filter.Day == "" || day.Day < d.Filter.Day) {
			return day, true
		}
	}
	return workresume.DayFigures{}, false
}

// boardOwing is one line of what is missing.
type boardOwing struct {
	Text, Href string
	N          int64
}

func (d boardData) owed(p *ui.Page) []boardOwing {
	var out []boardOwing
	for _, o := range workresume.Owings {
		out = append(out, boardOwing{p.T("boardpages.owes_" + string(o)), d.firms("", "", "", o), d.Total.Owed.Of(o)})
	}
	return out
}

// reported says how many of those who should have reported their health today; "" where
// nobody does.
func (d boardData) reported(p *ui.Page) string {
	if d.Total.Expected == 0 {
		return ""
	}
	return p.T("boardpages.reported_of", "share", boardShare(d.Total.Reported, d.Total.Expected), "part", d.Total.Reported, "whole", d.Total.Expected)
}

// held are the firms whose promise is in question.
func (d boardData) held(p *ui.Page) []boardOwing {
	return []boardOwing{
		{p.T("boardpages.warned"), d.firms("", "", workresume.StandsWarned, ""), d.Total.Warned},
		{p.T("boardpages.suspended"), d.firms("", "", workresume.StandsSuspended, ""), d.Total.Suspended},
		{p.T("boardpages.refused"), d.firms("", "", workresume.StandsRefused, ""), d.Total.Refused},
	}
}

// breakdowns are those with more than one line, or one that says something.
func (d boardData) breakdowns() []workresume.By {
	var out []workresume.By
	for _, b := range workresume.Breakdowns {
		parts := d.By[b]
		if len(parts) == 0 || len(parts) == 1 && (parts[0].Key == "" || d.chosen(b) != "") {
			continue
		}
		out = append(out, b)
	}
	return out
}

// conditions are what was chosen, in words, for a sheet of paper.
func (d boardData) conditions(p *ui.Page) string {
	var out []string
	for _, b := range workresume.Breakdowns {
		if key := d.chosen(b); key != "" {
			out = append(out, d.name(p, b, key))
		}
	}
	return p.List(out)
}

// boardShare is a share with one decimal always, so that a column's digits stand
// in line.
func boardShare(part, whole int64) string {
	if whole <= 0 {
		return "—"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64) + "%"
}
