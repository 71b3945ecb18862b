package workresumeweb

import (
	"fmt"
	"strconv"
	"strings"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

// The drawing's own units. The page stretches it in both directions, so that it
// holds shapes only: every word stands beside it at the size of the page's text.
const chartWide, chartHigh = 1000, 200

// chart is the days as bars and lines over one axis from 0 to Top.
type chart struct {
	Label string // what it shows, for who cannot see it
	Top   string // the words of the axis, from above
	Half  string
	Zero  string
	Bars  []chartBar
	Lines []chartLine
	Days  []string // words under the axis: the first, the middle and the last
}

type chartBar struct{ X, Y, W, H, Title string }

// chartLine is a line and its dots; Class says how it is drawn.
type chartLine struct{ Class, Points, Dots string }

// drawn is a chart of some days. Each returns a day's value between 0 and 1, or
// below 0 where there is none; the first is drawn as bars.
func drawn(p *ui.Page, d boardData, label string, says func(workresume.DayFigures) string, bars func(workresume.DayFigures) float64, lines ...func(workresume.DayFigures) float64) chart {
	c := chart{Label: label, Top: p.Share(1, 1), Half: p.Share(1, 2), Zero: "0"}
	days := d.Days
	if len(days) == 0 {
		return c
	}
	step := float64(chartWide) / float64(len(days))
	n := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	y := func(v float64) float64 { return chartHigh * (1 - min(max(v, 0), 1)) }
	for i, day := range days {
		top := y(bars(day))
		c.Bars = append(c.Bars, chartBar{n(float64(i)*step + step*.16), n(top), n(step * .68), n(chartHigh - top), says(day)})
	}
	for i, line := range lines {
		l := chartLine{Class: "line-of"}
		if i > 0 {
			l.Class = "line-of second"
		}
		var points, dots strings.Builder
		for i, day := range days {
			v := line(day)
			if v < 0 {
				continue
			}
			x := float64(i)*step + step/2
			fmt.Fprintf(&points, "%s,%s ", n(x), n(y(v)))
			fmt.Fprintf(&dots, "M%s %sh.1", n(x), n(y(v)))
		}
		l.Points, l.Dots = strings.TrimSpace(points.String()), dots.String()
		c.Lines = append(c.Lines, l)
	}
	for _, i := range []int{0, len(days) / 2, len(days) - 1} {
		c.Days = append(c.Days, p.Day(boardDay(days[i].Day, d.zone)))
	}
	return c
}

func ratio(part, whole int64) float64 {
	if whole <= 0 {
		return -1
	}
	return float64(part) / float64(whole)
}

// trend is firms resumed as bars, people back and electricity as lines.
func trend(p *ui.Page, d boardData) chart {
	return drawn(p, d, p.T("boardpages.trend_says"), func(f workresume.DayFigures) string { return d.says(p, f) },
		func(f workresume.DayFigures) float64 { return ratio(f.Resumed, f.Firms) },
		func(f workresume.DayFigures) float64 { return ratio(f.Back, f.Declared) },
		func(f workresume.DayFigures) float64 { return ratio(f.Load, f.Normal) },
	)
}

// arrivals is the people who came in at the gates, day by day.
func arrivals(p *ui.Page, d boardData) chart {
	most := int64(1)
	for _, f := range d.Days {
		most = max(most, f.Came)
	}
	most = round(most)
	c := drawn(p, d, p.T("boardpages.came_says"), func(f workresume.DayFigures) string { return d.came(p, f) },
		func(f workresume.DayFigures) float64 { return ratio(f.Came, most) })
	c.Top, c.Half = p.Number(most), p.Number(most/2)
	return c
}

// round is the next number above with one figure that counts.
func round(n int64) int64 {
	unit := int64(1)
	for unit*10 <= n {
		unit *= 10
	}
	if unit > 1 {
		unit /= 2
	}
	return max((n+unit-1)/unit*unit, 2)
}

func (d boardData) says(p *ui.Page, f workresume.DayFigures) string {
	return p.T("boardpages.day_says", "day", p.Day(boardDay(f.Day, d.zone)), "resumed", boardShare(f.Resumed, f.Firms), "back", boardShare(f.Back, f.Declared), "load", boardShare(f.Load, f.Normal))
}

func (d boardData) came(p *ui.Page, f workresume.DayFigures) string {
	return p.T("boardpages.day_came", "day", p.Day(boardDay(f.Day, d.zone)), "n", f.Came)
}
