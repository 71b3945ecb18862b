package roster

import (
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// Field is something a roster can say of a person.
type Field string

// The fields, in the order the template shows them. Name and IDNumber are
// needed, the others are read where the file has them.
const (
	FieldName        Field = "name"
	FieldIDKind      Field = "id_kind"
	FieldIDNumber    Field = "id_number"
	FieldPassport    Field = "passport" // a column of passport numbers beside, or instead of, ID numbers
	FieldPhone       Field = "phone"
	FieldNumber      Field = "number"
	FieldDepartment  Field = "department"
	FieldPost        Field = "post"
	FieldNativePlace Field = "native_place"
	FieldAddress     Field = "address"
	FieldReturnDate  Field = "return_date"
	FieldOrigin      Field = "origin"
	FieldPlaces14    Field = "places_14"
	FieldCreditCode  Field = "credit_code"
)

// Person is one row as read and mended. Empty text means the file did not say.
type Person struct {
	Name        string
	IDKind      ident.Kind
	IDNumber    string // in its one spelling
	Phone       string // 11 bare digits
	Number      string // the firm's own staff number
	Department  string
	Post        string
	NativePlace string
	Address     string
	ReturnDate  string // 2020-02-10: a date of the calendar, in no time zone
	Origin      string
	Places14    string // where the person was in the last 14 days, in the firm's words
	CreditCode  string
}

// CellFault is one cell that has to be mended by the firm. Its Code is a
// message key, its Value hidden as far as a screen may not show it.
type CellFault struct {
	Column string // heading as the file has it, or "" where the file has no such column
	Letter string // B, AC: the column as Excel names it; "" likewise
	Field  Field
	Code   string
	Value  string
	Args   fault.Args
}

// Row is one person of the file: accepted when Faults is empty.
type Row struct {
	Line   int // as Excel shows it beside the row
	Person Person
	Faults []CellFault
	Raw    []string // every cell as the firm's screen shows it, for the marked copy
}

// Options say what the file is judged against.
type Options struct {
	Today  time.Time // the district's date; birth dates may not lie after it
	Limits Limits
}

// Limits bound what a file may cost. A zero value takes the default beside it.
type Limits struct {
	Bytes    int64 // 64 MiB: of the file
	Inflated int64 // 1 GiB: of all its parts, unpacked
	Ratio    int64 // 200: unpacked to packed, of the whole and of any part over 1 MiB
	Rows     int   // 1,048,576, the most Excel can hold
}

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 64 << 20
	}
	if l.Inflated == 0 {
		l.Inflated = 1 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	if l.Rows == 0 {
		l.Rows = 1 << 20
	}
	return l
}

// Bounds of one row. A longer cell is cut and refused if it is one we read; the
// columns behind the last are not read. No roster met so far came near them.
const (
	columnsMax = 256
	cellMax    = 8 << 10  // bytes
	rowMax     = 64 << 10 // bytes
)

// refuse makes the fault of a whole file.
func refuse(code string, args ...any) error { return fault.New(fault.Invalid, code, args...) }
