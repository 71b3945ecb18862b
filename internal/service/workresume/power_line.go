package workresume

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
)

// readingOf understands one line, or says of each cell what is wrong with it.
func readingOf(r Reading, now time.Time, zone *time.Location) (m metered, wrong []ReadingFault) {
	m.line = r.Line
	wrong = slices.Clone(r.Unread)
	judge := func(field, code string, sound func() bool) {
		unread := slices.ContainsFunc(r.Unread, func(f ReadingFault) bool { return f.Field == field })
		if !unread && !sound() {
			wrong = append(wrong, ReadingFault{Line: r.Line, Field: field, Code: code})
		}
	}
	judge(ReadingFirm, "workresume.reading_code", func() bool {
		code, err := ident.CreditCode(r.CreditCode)
		m.code = code
		return err == nil
	})
	judge(ReadingTime, "workresume.reading_time", func() bool {
		at, hours := readingTime(r.At, zone)
		if hours == 0 || at.After(now) || now.Sub(at) > 366*24*time.Hour {
			return false
		}
		m.at, m.hours, m.day = clock.Micros(at), hours, clock.Micros(dayOf(at, zone))
		return true
	})
	judge(ReadingEnergy, "workresume.reading_energy", func() (ok bool) {
		m.energy, ok = wattHours(r.KWh)
		return ok
	})
	judge(ReadingNormal, "workresume.reading_normal", func() (ok bool) {
		if strings.TrimSpace(r.Normal) == "" {
			return true
		}
		m.normal, ok = wattHours(r.Normal)
		return ok && m.normal > 0
	})
	return m, wrong
}

// readingTime reads the start of a day or of an hour, and how many hours it stands for;
// 0 for what is neither. The year comes first: 2/10/2020 has two readings.
func readingTime(text string, zone *time.Location) (at time.Time, hours int64) {
	for _, f := range [...]struct {
		layout string
		hours  int64
	}{
		{"2006-1-2", 24},
		{"2006/1/2", 24},
		{"2006年1月2日", 24},
		{"2006-1-2 15:04", 1},
		{"2006-1-2 15:04:05", 1},
		{"2006-1-2T15:04", 1},
		{"2006/1/2 15:04", 1},
		{"2006/1/2 15:04:05", 1},
		{"2006年1月2日 15:04", 1},
	} {
		if t, err := time.ParseInLocation(f.layout, strings.TrimSpace(text), zone); err == nil {
			return t, f.hours
		}
	}
	return at, 0
}

// wattHours reads kWh with decimals; up to a terawatt-hour, which no firm uses.
func wattHours(text string) (int64, bool) {
	whole, rest, _ := strings.Cut(strings.TrimSpace(text), ".")
	groups := strings.Split(whole, ",")
	for n, g := range groups { // "12,5" is twelve and a half to some, and to nobody 125
		if len(groups) > 1 && (n > 0 && len(g) != 3 || len(g) == 0 || len(g) > 3) || strings.Trim(g, "0123456789") != "" {
			return 0, false
		}
	}
	if whole+rest == "" || strings.Trim(rest, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Join(groups, "")+"."+rest+"0", 64)
	if err != nil || !(v >= 0 && v <= 1e9) {
		return 0, false
	}
	return int64(v*1000 + 0.5), true
}
