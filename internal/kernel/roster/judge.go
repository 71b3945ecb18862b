package roster

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// judge turns rows into people and faults. It remembers who was accepted, so
// that the same person again in the file is refused: 16 bytes and a line each.
type judge struct {
	head  *header
	today time.Time
	dates []bool
	epoch int
	kinds map[string]ident.Kind
	seen  map[[16]byte]int
}

// textMax is the length in characters of each free text; longer ones are
// refused, since a mistake of the file's is likelier than a name of 200 letters.
func textMax(f Field) int {
	switch f {
	case FieldAddress, FieldPlaces14:
		return 300
	case FieldNumber, FieldIDKind:
		return 50
	}
	return 100
}

// reading is one row under judgement.
type reading struct {
	*judge
	cells []cell
	row   Row
}

// field returns the folded text of a field's cell; a dash or 无 says nothing.
func (r *reading) field(f Field) (text string, c cell) {
	col := r.head.col(f)
	if col < 0 || col >= len(r.cells) {
		return "", cell{}
	}
	c = r.cells[col]
	text = ident.Fold(shown(c, r.dates, r.epoch))
	if marks := "'‘’` "; text != "" && strings.ContainsRune(marks, []rune(text[:min(3, len(text))])[0]) {
		text = strings.TrimLeft(text, marks)
	}
	if len(text) <= len("——") && saysNothing(text) && (f != FieldPlaces14 || !isHan([]rune(text)[0])) {
		text = "" // but 无 under "places" is an answer
	}
	return text, c
}

// saysNothing knows what people put into a cell they have nothing for.
func saysNothing(text string) bool {
	switch strings.ToLower(text) {
	case "-", "--", "---", "—", "——", "/", "\\", "无", "暂无", "n/a", "na", "none", "nil", "null":
		return true
	}
	return false
}

func (r *reading) fault(f Field, code, value string, args ...any) {
	r.row.Faults = append(r.row.Faults, r.head.fault(f, code, value, args...))
}

// fault names the cell of a field by the column it stands in.
func (h *header) fault(f Field, code, value string, args ...any) CellFault {
	col := h.col(f)
	heading := ""
	if col >= 0 && col < len(h.texts) {
		heading = shorten(ident.Fold(h.texts[col]), 60)
	}
	if col >= 0 && heading == "" {
		heading = title(f)
	}
	e := fault.New(fault.Invalid, code, args...)
	return CellFault{Column: heading, Letter: letter(col), Field: f, Code: code, Value: value, Args: e.Args}
}

// Fault is a fault that the file's reader found in a row by what it knows beyond
// the file. Value must be hidden as far as a screen may not show it.
func (f *File) Fault(field Field, code, value string, args ...any) CellFault {
	return f.head.fault(field, code, value, args...)
}

// sound returns a field's text if the cell can be used at all, and whether it
// was anything: a cell refused here is not refused again as missing.
func (r *reading) sound(f Field) (text string, c cell, filled bool) {
	text, c = r.field(f)
	limit := textMax(f)
	switch {
	case text == "" && !c.formula:
		return "", c, false
	case c.kind == erroneous:
		r.fault(f, "roster.cell.error", hide(text))
	case c.formula, formulaLike(text, f):
		r.fault(f, "roster.formula", hide(text))
	case c.cut, utf8.RuneCountInString(text) > limit:
		r.fault(f, "roster.cell.too_long", hide(text), "max", limit)
	default:
		return text, c, true
	}
	return "", c, true
}

// formulaLike reports a text that a spreadsheet would run if it met it in a
// CSV. Phones with a country code, negative numbers and dashes are none.
func formulaLike(text string, f Field) bool {
	if text == "" {
		return false
	}
	rest := text[1:]
	switch text[0] {
	case '=', '@':
		return true
	case '+':
		return rest == "" || strings.Trim(rest, "0123456789 -().") != ""
	case '-':
		return strings.Trim(rest, "0123456789.,%- ") != ""
	}
	return false
}

// person reads a row that holds somebody.
func (j *judge) person(line int, cells []cell) Row {
	r := reading{judge: j, cells: cells, row: Row{Line: line, Raw: make([]string, len(cells))}}
	for i, c := range cells {
		r.row.Raw[i] = shown(c, j.dates, j.epoch)
	}
	p := &r.row.Person
	r.name(p)
	r.document(p)
	r.phone(p)
	p.Number = r.text(FieldNumber)
	p.Department = r.text(FieldDepartment)
	p.Post = r.text(FieldPost)
	p.NativePlace = r.text(FieldNativePlace)
	p.Address = r.text(FieldAddress)
	r.returnDate(p)
	p.Origin = r.text(FieldOrigin)
	p.Places14 = r.text(FieldPlaces14)
	r.creditCode(p)
	r.again(p)
	return r.row
}

func (r *reading) text(f Field) string {
	text, _, _ := r.sound(f)
	return text
}

func (r *reading) name(p *Person) {
	text, _, filled := r.sound(FieldName)
	switch {
	case !filled:
		r.fault(FieldName, "roster.name.missing", "")
	case text == "": // refused already
	case !strings.ContainsFunc(text, unicode.IsLetter), scientific.MatchString(text):
		r.fault(FieldName, "roster.name.malformed", hide(text))
	default:
		p.Name = tidyName(text)
	}
}

// tidyName closes the gaps people leave between Chinese characters to make
// names line up: 王　芳 is 王芳. Words of letters keep theirs.
func tidyName(s string) string {
	r := []rune(s)
	out := r[:0:0]
	for i, c := range r {
		if c == ' ' && i > 0 && i+1 < len(r) && isHan(r[i-1]) && isHan(r[i+1]) {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

func (r *reading) phone(p *Person) {
	text, c, filled := r.sound(FieldPhone)
	if !filled || text == "" {
		return
	}
	number, err := ident.Phone(text)
	if err != nil {
		code := "roster.phone.malformed"
		if rounded(c) {
			code = "roster.phone.rounded"
		}
		r.fault(FieldPhone, code, ident.MaskPhone(clip(text)))
		return
	}
	p.Phone = number
}

func (r *reading) returnDate(p *Person) {
	text, _, filled := r.sound(FieldReturnDate)
	if !filled || text == "" {
		return
	}
	date, ok := readDate(text, r.epoch)
	if !ok {
		r.fault(FieldReturnDate, "roster.date.malformed", hide(text))
		return
	}
	p.ReturnDate = date
}

func (r *reading) creditCode(p *Person) {
	text, c, filled := r.sound(FieldCreditCode)
	if !filled || text == "" {
		return
	}
	code, err := ident.CreditCode(text)
	switch {
	case rounded(c):
		r.fault(FieldCreditCode, "roster.credit_code.rounded", hide(text))
	case err != nil:
		f := fault.As(err)
		r.fault(FieldCreditCode, "roster.credit_code."+last(f.Code), hide(text), flat(f.Args)...)
	default:
		p.CreditCode = code
	}
}

// again refuses a person the file has had; only accepted rows count, so that a
// mended copy of a refused row further down is still taken.
func (r *reading) again(p *Person) {
	if p.IDNumber == "" {
		return
	}
	sum := sha256.Sum256([]byte(p.IDKind + "\x00" + p.IDNumber))
	key := [16]byte(sum[:16])
	if first, ok := r.seen[key]; ok {
		f := FieldIDNumber
		if col := r.head.col(f); col < 0 || col >= len(r.cells) || r.cells[col].kind == blank {
			f = FieldPassport
		}
		r.fault(f, "roster.duplicate", ident.MaskNumber(p.IDNumber), "line", strconv.Itoa(first))
		return
	}
	if len(r.row.Faults) == 0 {
		r.seen[key] = r.row.Line
	}
}

// clip shortens a value for a list of faults.
func clip(s string) string { return shorten(s, 20) }

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// hide is clip for cells that should hold no number but may: in a list whose
// columns have slipped an ID number stands under "name".
func hide(s string) string {
	s = clip(s)
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	if n >= 9 {
		return ident.MaskNumber(s)
	}
	return s
}

func last(code string) string { return code[strings.LastIndexByte(code, '.')+1:] }

func flat(args fault.Args) []any {
	var out []any
	for k, v := range args {
		out = append(out, k, v)
	}
	return out
}
