package workresumeweb

import (
	"fmt"
	"strconv"
	"strings"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

// The chart's own units; the page gives it a width.
const (
	chartWide, chartHigh = 640, 220
	chartLeft, chartTop  = 8, 24
	chartBottom          = 190 // of the bars
)

// chartBar is one day: the share of firms certified.
type chartBar struct {
	X, Y, W, H int
	Label      string // under the bar, "" where there is no room
	Title      string // what a pointer and a screen reader say
}

// chart is the last days as bars (firms certified) with a line (people back),
// each as a share, so that both stand on one axis from 0 to 100 %.
type chart struct {
	Bars  []chartBar
	Line  string // points of the line
	Dots  [][2]int
	Ticks []chartTick
	Last  string // the line's last value, written at its end
	LastY int
}

type chartTick struct {
	Y    int
	Text string
}

func boardChart(p *ui.Page, d boardData) chart {
	var c chart
	days := d.Days
	if len(days) == 0 {
		return c
	}
	span := chartBottom - chartTop
	y := func(part, whole int64) int {
		if whole <= 0 {
			return chartBottom
		}
		return chartBottom - int(float64(span)*min(1, float64(part)/float64(whole)))
	}
	for _, t := range []int64{0, 50, 100} {
		c.Ticks = append(c.Ticks, chartTick{y(t, 100), p.Share(t, 100)})
	}
	step := (chartWide - 2*chartLeft - 48) / len(days)
	var line strings.Builder
	for i, day := range days {
		x := chartLeft + 44 + i*step
		top := y(day.Certified, day.Firms)
		bar := chartBar{X: x, Y: top, W: max(step*7/10, 2), H: chartBottom - top, Title: chartSays(p, d, day)}
		if i == 0 || i == len(days)-1 || i == len(days)/2 {
			bar.Label = p.Day(boardDay(day.Day, d.Zone))
		}
		c.Bars = append(c.Bars, bar)
		dot := [2]int{x + bar.W/2, y(day.Back, day.Workers)}
		c.Dots = append(c.Dots, dot)
		fmt.Fprintf(&line, "%d,%d ", dot[0], dot[1])
	}
	c.Line = strings.TrimSpace(line.String())
	last := days[len(days)-1]
	c.Last, c.LastY = p.Share(last.Back, last.Workers), c.Dots[len(c.Dots)-1][1]
	return c
}

// boardShare is a share with one decimal always, so that a column's digits stand
// in line.
func boardShare(part, whole int64) string {
	if whole <= 0 {
		return "—"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64) + "%"
}

func chartSays(p *ui.Page, d boardData, day workresume.Day) string {
	return p.T("gatepages.day_says", "day", p.Day(boardDay(day.Day, d.Zone)), "open", p.Share(day.Certified, day.Firms), "back", p.Share(day.Back, day.Workers))
}
