package roster

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The years a date of a roster may lie in; beyond them it is a slip.
const (
	firstYear = 2000
	lastYear  = 2100
)

var (
	// Year first, as it is written in China and in ISO 8601; a time of day may follow.
	dateText = regexp.MustCompile(`^(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?$`)
	dateRun  = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
)

// readDate reads a folded cell as a date. epoch is added to serial numbers.
// Dates with the year last are refused: 2/10/2020 has two readings.
func readDate(text string, epoch int) (iso string, ok bool) {
	m := dateText.FindStringSubmatch(text)
	if m == nil {
		m = dateRun.FindStringSubmatch(text)
	}
	if m == nil {
		if serial, err := strconv.ParseFloat(text, 64); err == nil && serial < 1e6 {
			return inRange(serialDate(serial, epoch))
		}
		return "", false
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return "", false
	}
	return inRange(t)
}

// serialDate turns Excel's day number into a date: day 1 is 1 January 1900 and
// 29 February 1900, which never was, is day 60; later days count from 30
// December 1899. Files of old Macs count from 1904, 1,462 days later.
func serialDate(serial float64, epoch int) time.Time {
	days := int(math.Floor(serial)) + epoch
	return time.Date(1899, 12, 30+days, 0, 0, 0, 0, time.UTC)
}

func inRange(t time.Time) (string, bool) {
	if t.Year() < firstYear || t.Year() > lastYear {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// shown is a cell as the firm's screen shows it: numbers of a date format as
// dates, whole numbers with all their digits.
func shown(c cell, dates []bool, epoch int) string {
	if c.kind != numeric {
		return c.text
	}
	if c.style > 0 && c.style < len(dates) && dates[c.style] {
		if serial, err := strconv.ParseFloat(c.text, 64); err == nil && serial >= 1 && serial < 3e6 {
			return serialDate(serial, epoch).Format(time.DateOnly)
		}
	}
	return plainNumber(c.text)
}

// plainNumber writes a stored number without exponent or needless fraction:
// makers store 13812345678 as 1.3812345678E10 too.
func plainNumber(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(v) >= 1e21 {
		return text
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// rounded reports a number of more than 15 digits, of which Excel and its kin
// keep only the first 15: the rest of an ID number is lost, whatever is shown.
func rounded(c cell) bool {
	if c.kind != numeric {
		return scientific.MatchString(strings.TrimSpace(c.text))
	}
	v, err := strconv.ParseFloat(c.text, 64)
	return err == nil && math.Abs(v) >= 1e15
}

// scientific is what a long number becomes in a CSV, or when pasted as text.
var scientific = regexp.MustCompile(`^\d(?:\.\d+)?[eE]\+?\d{1,3}$`)

// moment is shown for a table of moments: a date that is shown with its hour keeps it,
// midnight too, so that the first hour of a day is not taken for the day. hidden says
// that the cell holds an hour which the screen does not show.
func (s source) moment(c cell) (text string, hidden bool) {
	of := func(list []bool) bool { return c.style > 0 && c.style < len(list) && list[c.style] }
	var t time.Time
	switch serial, err := strconv.ParseFloat(c.text, 64); {
	case c.kind == numeric && of(s.dates) && err == nil && serial >= 1 && serial < 3e6:
		_, part := math.Modf(serial)
		t = serialDate(serial, s.epoch).Add(time.Duration(math.Round(part*86400)) * time.Second)
	case c.kind == dated:
		if t, err = time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(c.text, "Z")); err != nil {
			return c.text, false
		}
	default:
		return shown(c, s.dates, s.epoch), false
	}
	day := t.Equal(t.Truncate(24 * time.Hour))
	switch {
	case !of(s.hours):
		return t.Format(time.DateOnly), !day
	case t.Second() == 0:
		return t.Format("2006-01-02 15:04"), false
	}
	return t.Format("2006-01-02 15:04:05"), false
}
