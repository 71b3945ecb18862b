package workresume

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"breakwater/internal/fault"
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
	// Unread are cells that the file's reader could not use. The others are judged all
	// the same, so that everything is said at once, and the line is not taken.
	Unread []ReadingFault
}

// The fields of a reading, as faults name them.
const (
	ReadingFirm   = "credit_code"
	ReadingTime   = "at"
	ReadingEnergy = "kwh"
	ReadingNormal = "normal_kwh"
)

// ReadingFault is one cell for which a line was not taken, and why.
type ReadingFault struct {
	Line  int
	Field string
	Code  string // message key
	First int    // the line that said it first, for a line said twice otherwise; else 0
}

// MetersInput is one file.
type MetersInput struct {
	Readings []Reading
	DryRun   bool // say what would be taken and change nothing
	Key      once.Key
}

// MetersResult is what came of a file, or would.
type MetersResult struct {
	DryRun  bool  `json:"dry_run"`
	Taken   int64 `json:"taken"`
	Refused int64 `json:"refused"` // lines; each has a fault or several
	Firms   int64 `json:"firms"`
	// ByHours are the firms' days in the file for which there is a row for the day and
	// rows for hours, here or from before: of those the hours count.
	ByHours int64          `json:"by_hours"`
	Faults  []ReadingFault `json:"faults"`
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

// readAt is what one file may say once: of a firm, a day or an hour.
type readAt struct {
	code      string
	at, hours int64
}

func (m metered) readAt() readAt { return readAt{m.code, m.at, m.hours} }

// ReadMeters takes a file of meter readings. A reading of the same firm and time
// replaces the one before, and hours of a day count instead of a row for the day, so that a file can be sent again and corrected; what
// cannot be understood is listed cell by cell and the rest is taken. Within one file nobody
// can tell which of two rows is the correction: the second is refused, naming the first,
// unless both say the same. A dry run finds
// the same and stores nothing.
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
	out.DryRun = in.DryRun
	var good []metered
	said := map[readAt]metered{}
	for _, r := range in.Readings {
		m, wrong := readingOf(r, now, s.Zone)
		if len(wrong) > 0 {
			out.Faults = append(out.Faults, wrong...)
			continue
		}
		if first, twice := said[m.readAt()]; !twice {
			said[m.readAt()] = m
		} else if first.energy != m.energy || first.normal > 0 && m.normal > 0 && first.normal != m.normal {
			out.Faults = append(out.Faults, ReadingFault{r.Line, ReadingTime, "workresume.reading_twice", first.line})
			continue
		}
		good = append(good, m)
	}
	firms, days := map[string]bool{}, map[firmDay]ways{}
	for part := range slices.Chunk(good, readingChunk) {
		var unknown []ReadingFault
		var touched map[string]bool
		var err error
		if in.DryRun {
			err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
				var codes map[string]string
				if touched, unknown, codes, err = known(r, part); err != nil {
					return err
				}
				return readBy(r, part, codes, days)
			})
		} else {
			err = s.Store.WriteLow(ctx, func(tx *storage.Tx) (err error) {
				touched, unknown, err = s.storeReadings(tx, by, part, days)
				return err
			})
		}
		if err != nil {
			return out, err
		}
		out.Taken += int64(len(part) - len(unknown))
		out.Faults = append(out.Faults, unknown...)
		maps.Copy(firms, touched)
	}
	out.ByHours = doubly(days)
	out.Firms, out.Refused = int64(len(firms)), int64(len(in.Readings))-out.Taken
	slices.SortStableFunc(out.Faults, func(a, b ReadingFault) int { return a.Line - b.Line })
	return out, nil
}

// known finds the firms of some readings: which are met, the readings of none, and the
// firm of each credit code.
func known(r storage.Reader, part []metered) (firms map[string]bool, unknown []ReadingFault, codes map[string]string, err error) {
	codes = map[string]string{}
	keys := make([]string, 0, len(part))
	for _, m := range part {
		keys = append(keys, m.code)
	}
	slices.Sort(keys)
	if err := lookUpSome(r, `select credit_code, firm from workresume_firm where credit_code in (`, slices.Compact(keys), codes); err != nil {
		return nil, nil, nil, err
	}
	firms = map[string]bool{}
	for _, m := range part {
		if firm := codes[m.code]; firm != "" {
			firms[firm] = true
		} else {
			unknown = append(unknown, ReadingFault{Line: m.line, Field: ReadingFirm, Code: "workresume.reading_firm"})
		}
	}
	return firms, unknown, codes, nil
}

func (s *Service) storeReadings(tx *storage.Tx, by auth.Principal, part []metered, days map[firmDay]ways) (map[string]bool, []ReadingFault, error) {
	firms, unknown, codes, err := known(tx, part)
	if err != nil || len(firms) == 0 {
		return firms, unknown, err
	}
	if err := readBy(tx, part, codes, days); err != nil {
		return nil, nil, err
	}
	readings, normals := map[[2]string][]any{}, map[string][]any{} // one statement must not meet a row twice
	for _, m := range part {
		firm := codes[m.code]
		if firm == "" {
			continue
		}
		at := [2]string{firm, strconv.FormatInt(m.at, 10)}
		if old := readings[at]; old == nil || old[3] != int64(1) || m.hours == 1 { // midnight's hour and the day begin at once
			readings[at] = []any{firm, m.day, m.at, m.hours, m.energy}
		}
		if m.normal > 0 {
			normals[firm] = []any{firm, m.normal}
		}
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_meter (firm, day, at, hours, watt_hours) values `, 5, flat(readings),
		` on conflict (firm, day, at) do update set hours = excluded.hours, watt_hours = excluded.watt_hours
			where excluded.hours = 1 or workresume_meter.hours = 24`); err != nil {
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
	_, err = s.Log.Append(tx, eventlog.Fact{
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
