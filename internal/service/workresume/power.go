package workresume

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Reading is one line of the power desk's file, as typed.
type Reading struct {
	Line       int
	CreditCode string
	At         string // 2006-01-02 for a day, 2006-01-02 15:04 for an hour, the district's time
	KWh        string
	Normal     string // kWh of a day of normal work; "" leaves what is known
}

// ReadingFault is one line that was not taken, and why.
type ReadingFault struct {
	Line int
	Code string // message key
}

// MetersInput is one file.
type MetersInput struct {
	Readings []Reading
	Key      once.Key
}

// MetersResult is what came of a file.
type MetersResult struct {
	Taken  int64          `json:"taken"`
	Firms  int64          `json:"firms"`
	Faults []ReadingFault `json:"faults"`
}

// ReadingsMost is how many lines one file may have: a day of hours of a district's
// larger firms, or a month of days.
const ReadingsMost = 50_000

// readingChunk is how many lines one transaction takes.
const readingChunk = 500

// metersBody is the fact that readings of firms were taken.
type metersBody struct {
	Firms []string `json:"firms"`
	Lines int64    `json:"lines"`
}

// metered is a reading that was understood.
type metered struct {
	line           int
	code           string
	day, at, hours int64
	energy, normal int64 // watt-hours; normal 0 when not said
}

// ReadMeters takes a file of meter readings. A reading of the same firm and time
// replaces the one before, so that a file can be sent again and corrected; what
// cannot be understood is listed and the rest is taken.
//
// Faults: Denied; Invalid for no lines or too many; Busy.
func (s *Service) ReadMeters(ctx context.Context, by auth.Principal, in MetersInput) (out MetersResult, err error) {
	if err := by.Permit(MayMeter, Grants, auth.District(s.District)); err != nil {
		return out, err
	}
	if len(in.Readings) == 0 || len(in.Readings) > ReadingsMost {
		return out, fault.New(fault.Invalid, "fault.fields").With("file", "workresume.readings_count", "most", ReadingsMost)
	}
	now := s.Clock()
	var good []metered
	for _, r := range in.Readings {
		m, code := readingOf(r, now, s.Zone)
		if code != "" {
			out.Faults = append(out.Faults, ReadingFault{r.Line, code})
			continue
		}
		good = append(good, m)
	}
	firms := map[string]bool{}
	for part := range slices.Chunk(good, readingChunk) {
		var unknown []ReadingFault
		var touched map[string]bool
		err := s.Store.WriteLow(ctx, func(tx *storage.Tx) (err error) {
			touched, unknown, err = s.storeReadings(tx, by, part)
			return err
		})
		if err != nil {
			return out, err
		}
		out.Taken += int64(len(part) - len(unknown))
		out.Faults = append(out.Faults, unknown...)
		maps.Copy(firms, touched)
	}
	out.Firms = int64(len(firms))
	slices.SortFunc(out.Faults, func(a, b ReadingFault) int { return a.Line - b.Line })
	return out, nil
}

func (s *Service) storeReadings(tx *storage.Tx, by auth.Principal, part []metered) (map[string]bool, []ReadingFault, error) {
	codes := map[string]string{}
	keys := make([]string, 0, len(part))
	for _, m := range part {
		keys = append(keys, m.code)
	}
	slices.Sort(keys)
	if err := lookUpSome(tx, `select credit_code, firm from workresume_firm where credit_code in (`, slices.Compact(keys), codes); err != nil {
		return nil, nil, err
	}
	var unknown []ReadingFault
	readings, normals := map[[2]string][]any{}, map[string][]any{} // one statement must not meet a row twice
	firms := map[string]bool{}
	for _, m := range part {
		firm := codes[m.code]
		if firm == "" {
			unknown = append(unknown, ReadingFault{m.line, "workresume.reading_firm"})
			continue
		}
		firms[firm] = true
		readings[[2]string{firm, strconv.FormatInt(m.at, 10)}] = []any{firm, m.day, m.at, m.hours, m.energy}
		if m.normal > 0 {
			normals[firm] = []any{firm, m.normal}
		}
	}
	if len(firms) == 0 {
		return firms, unknown, nil
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_meter (firm, day, at, hours, watt_hours) values `, 5, flat(readings),
		` on conflict (firm, day, at) do update set hours = excluded.hours, watt_hours = excluded.watt_hours`); err != nil {
		return nil, nil, err
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_normal (firm, watt_hours) values `, 2, flat(normals),
		` on conflict (firm) do update set watt_hours = excluded.watt_hours`); err != nil {
		return nil, nil, err
	}
	ids := slices.Sorted(maps.Keys(firms))
	if s.Promise != nil && !s.roll.others {
		tx.OnCommit(func() {
			for _, id := range ids {
				s.watch.mark(id, false)
			}
		})
	}
	_, err := s.Log.Append(tx, eventlog.Fact{
		Stream: "power:" + s.District, Name: "workresume." + factMetersRead, Actor: by.ID, At: s.Clock(), Body: metersBody{ids, int64(len(part) - len(unknown))},
	})
	return firms, unknown, err
}

func flat[K comparable](rows map[K][]any) []any {
	var out []any
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

// readingOf understands one line, or says what is wrong with it.
func readingOf(r Reading, now time.Time, zone *time.Location) (m metered, wrong string) {
	m.line = r.Line
	var err error
	if m.code, err = ident.CreditCode(r.CreditCode); err != nil {
		return m, "workresume.reading_code"
	}
	at, hours := time.Time{}, int64(0)
	for _, f := range [...]struct {
		layout string
		hours  int64
	}{{time.DateOnly, 24}, {"2006/1/2", 24}, {"2006-01-02 15:04", 1}, {"2006-01-02 15:04:05", 1}, {"2006-01-02T15:04", 1}, {"2006/1/2 15:04", 1}} {
		if t, err := time.ParseInLocation(f.layout, strings.TrimSpace(r.At), zone); err == nil {
			at, hours = t, f.hours
			break
		}
	}
	if hours == 0 || at.After(now) || now.Sub(at) > 366*24*time.Hour {
		return m, "workresume.reading_time"
	}
	m.at, m.hours, m.day = clock.Micros(at), hours, clock.Micros(dayOf(at, zone))
	var ok bool
	if m.energy, ok = wattHours(r.KWh); !ok {
		return m, "workresume.reading_energy"
	}
	if strings.TrimSpace(r.Normal) != "" {
		if m.normal, ok = wattHours(r.Normal); !ok || m.normal == 0 {
			return m, "workresume.reading_normal"
		}
	}
	return m, ""
}

// wattHours reads kWh with decimals; up to a terawatt-hour, which no firm uses.
func wattHours(text string) (int64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), 64)
	if err != nil || !(v >= 0 && v <= 1e9) {
		return 0, false
	}
	return int64(v*1000 + 0.5), true
}
