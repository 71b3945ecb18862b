package i18n

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// layouts are the patterns of dates and numbers, from format.<lang>.toml.
type layouts struct {
	date, day, dateTime message
	months              []string
	group, point, list  string
}

// prepare reads the patterns and the plural forms of small counts.
func (p *Printer) prepare() error {
	for _, key := range []string{"format.date", "format.day", "format.date_time", "format.months", "format.group", "format.point", "format.list"} {
		if _, ok := p.text[key]; !ok {
			return fmt.Errorf("%q has no text", key)
		}
	}
	p.layout = layouts{
		date: p.text["format.date"], day: p.text["format.day"], dateTime: p.text["format.date_time"],
		months: strings.Fields(p.T("format.months")),
		group:  p.T("format.group"), point: p.T("format.point"), list: p.T("format.list"),
	}
	if len(p.layout.months) != 12 {
		return fmt.Errorf("format.months names %d months", len(p.layout.months))
	}
	for n := range p.small {
		p.small[n] = uint8(p.plural(n))
	}
	return nil
}

// Date is the calendar day in the district's zone: "10 February 2020", "2020年2月10日".
func (p *Printer) Date(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return p.dated(p.layout.date, t)
}

// Day is Date without the year, for tables of the running year.
func (p *Printer) Day(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return p.dated(p.layout.day, t)
}

// DateTime is the day and the minute.
func (p *Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return p.dated(p.layout.dateTime, t)
}

// Time is the minute: "14:02".
func (p *Printer) Time(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(p.zone).Format("15:04")
}

// Clock is the second: "14:02:09".
func (p *Printer) Clock(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(p.zone).Format("15:04:05")
}

func (p *Printer) dated(m message, t time.Time) string {
	t = t.In(p.zone)
	return p.fill(m, func(name string) (any, bool) {
		switch name {
		case "year":
			return strconv.Itoa(t.Year()), true
		case "month":
			return p.layout.months[t.Month()-1], true
		case "day":
			return strconv.Itoa(t.Day()), true
		case "time":
			return t.Format("15:04"), true
		}
		return nil, false
	})
}

// Number groups thousands: "13,000".
func (p *Printer) Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	if len(s) <= 3 {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(p.layout.group)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Decimal writes x with at most places decimals.
func (p *Printer) Decimal(x float64, places int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "—"
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', places, 64)
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s
	}
	out := p.Number(n)
	if part != "" {
		out += p.layout.point + part
	}
	if x < 0 && (n != 0 || part != "") {
		out = "−" + out
	}
	return out
}

// Percent writes a share of one with one decimal: 0.983 is "98.3%".
func (p *Printer) Percent(share float64) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return "—"
	}
	return p.Decimal(share*100, 1) + "%"
}

// Share is Percent of part in whole; nothing of nothing is a dash.
func (p *Printer) Share(part, whole int64) string {
	if whole == 0 {
		return "—"
	}
	return p.Percent(float64(part) / float64(whole))
}

// Span is a length of time in its largest unit, rounded up, for "time left".
func (p *Printer) Span(d time.Duration) string {
	up := func(unit time.Duration) int64 { return int64((d + unit - 1) / unit) }
	switch {
	case d <= 0:
		return p.T("format.seconds", "n", 0)
	case d <= 90*time.Second:
		return p.T("format.seconds", "n", up(time.Second))
	case d <= 90*time.Minute:
		return p.T("format.minutes", "n", up(time.Minute))
	case d <= 36*time.Hour:
		return p.T("format.hours", "n", up(time.Hour))
	}
	return p.T("format.days", "n", up(24*time.Hour))
}

// Bytes is a size in the unit a person would use.
func (p *Printer) Bytes(n int64) string {
	switch {
	case n < 1<<10:
		return p.Number(n) + " B"
	case n < 1<<20:
		return p.Decimal(float64(n)/(1<<10), 0) + " KB"
	case n < 1<<30:
		return p.Decimal(float64(n)/(1<<20), 1) + " MB"
	}
	return p.Decimal(float64(n)/(1<<30), 1) + " GB"
}
