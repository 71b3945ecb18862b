package workresume

import (
	"slices"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/party"
)

// People without a phone report on paper: an office prints sheets, somebody of the
// building carries them from door to door, and an officer types them in. A sheet
// names its people masked, beside the last digits of a phone or a document, so that
// whoever carries it can tell them apart and a lost one tells a stranger nothing. What a
// person said by themself, or by a helper, is never overwritten from paper.

// Sheet is one page: who stands on which line, and for which days.
type Sheet struct {
	Number   string      `json:"number"`   // read aloud, with its check character
	Printing string      `json:"printing"` // pages printed together
	Page     int64       `json:"page"`
	Pages    int64       `json:"pages"`
	Firm     string      `json:"firm"`      // "" for people whom an office helps
	FirmName string      `json:"firm_name"` //
	Street   string      `json:"street"`    // a place's id, for people who lodge there; else ""
	First    string      `json:"first_day"`
	Last     string      `json:"last_day"`
	Printed  time.Time   `json:"printed_at"`
	Typed    time.Time   `json:"typed_at,omitzero"` // zero: not yet
	Lines    []SheetLine `json:"lines"`             // empty in lists

	about, scope string
	days         int64
}

// SheetLine is one person of a sheet.
type SheetLine struct {
	Line int64 `json:"line"`
	party.MaskedPerson
	Number string     `json:"number"` // the firm's own
	Days   []SheetDay `json:"days"`
}

// SheetDay is one row: a person's day. Of what is reported already it says by whose
// hand and when, never what.
type SheetDay struct {
	Day    string    `json:"day"`
	Way    ReportWay `json:"way"` // "" for none yet
	At     time.Time `json:"at,omitzero"`
	Closed string    `json:"closed"` // why it cannot be typed in, a code; "" if it can
}

// Open is whether the row may be typed in: it is a day of the past weeks and no word
// of the person's own stands.
func (d SheetDay) Open() bool { return d.Closed == "" && (d.Way == "" || d.Way == ByPaper) }

// What fits on a page of A4, and into one printing.
const (
	sheetRows  = 28
	sheetDays  = 14
	sheetPages = 60
)

// SheetDaysMost is for how many days a sheet is printed at most.
const SheetDaysMost = sheetDays

// perSheet is how many people stand on a page.
func perSheet(days int64) int { return max(1, sheetRows/int(days)) }

// closedDay is why a day of a sheet cannot be typed in now.
func closedDay(day, today casework.Day, most int64) string {
	switch {
	case day > today:
		return "workresume.paper_future"
	case day <= today-casework.Day(most):
		return "workresume.paper_old"
	}
	return ""
}

// PaperRow is one row of a sheet as somebody filled it in.
type PaperRow struct {
	Line     int64
	Day      string // 2006-01-02
	Well     bool   // nothing new, said expressly
	Tenths   int64  // of a degree Celsius; 0 is not measured
	Symptoms []Symptom
	Contact  bool
}

// empty is a row nobody filled in.
func (r PaperRow) empty() bool {
	return !r.Well && r.Tenths == 0 && len(r.Symptoms) == 0 && !r.Contact
}

// check is what a row says, or the code of what is wrong with it.
func (r PaperRow) check() (x said, wrong string) {
	x = said{r.Tenths, slices.Compact(slices.Sorted(slices.Values(r.Symptoms))), r.Contact}
	switch {
	case x.Tenths != 0 && (x.Tenths < tenthsLeast || x.Tenths > tenthsMost):
		return x, "workresume.paper_temperature"
	case x.valid() != nil:
		return x, "workresume.symptom_unknown"
	case r.Well && (len(x.Symptoms) > 0 || x.Contact):
		return x, "workresume.paper_both"
	case r.Well && x.Tenths >= feverTenths:
		return x, "workresume.paper_fever"
	}
	return x, ""
}

// ReadMarks reads the figures that stand at the head of a sheet's columns, as they are
// typed: 0 nothing new, 1 to 5 a symptom each, 6 contact with a case.
//
// Faults: Invalid "workresume.paper_marks".
func ReadMarks(text string) (row PaperRow, err error) {
	list := Symptoms()
	for _, c := range strings.NewReplacer(" ", "", ",", "", "，", "", ".", "", "、", "", "+", "").Replace(ident.Fold(text)) {
		n := int(c - '0')
		switch {
		case n == 0:
			row.Well = true
		case n >= 1 && n <= len(list):
			row.Symptoms = append(row.Symptoms, list[n-1])
		case n == len(list)+1:
			row.Contact = true
		default:
			return PaperRow{}, fault.New(fault.Invalid, "workresume.paper_marks")
		}
	}
	return row, nil
}
