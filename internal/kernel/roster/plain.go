package roster

import (
	"cmp"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// Column is one column of a plain table, under any of its headings: "用电量 kWh".
// Headings are compared as a roster's are: without case, spaces, marks and brackets.
type Column struct {
	Title    string // as messages name it
	Headings []string
	Needed   bool
	Carried  bool // a tall merged cell speaks for every row it covers
	Most     int  // characters of a cell; 0 is tableCellMax
}

// Table is a sheet or text of rows that are no people, such as meter readings. It is
// read once, by one goroutine.
type Table struct {
	Sheet string // "" for text files

	source   source
	rows     table
	line     int      // of the headings
	heads    []string // by column of the file
	at       []int    // by Column: where it stands, or -1
	carry    []int
	most     []int // by Column, characters
	carrier  *carrier
	expected int
}

// TableCell is one cell under a heading that was asked for.
type TableCell struct {
	Text    string // as the screen shows it, a moment as 2006-01-02 15:04
	Rounded bool   // a number of which the last digits are lost
	Fault   string // message key of why the cell cannot be used, whatever it means
}

// OpenTable finds the first sheet with the needed columns and reads it once to its
// end, so that a torn file is refused before anything of it was taken. name is the
// file's as uploaded; r must stay readable until Close.
//
// TooLarge: roster.table.too_large. Invalid: roster.table.columns with the missing
// ones, roster.table.empty, roster.table.too_many, and those of Open for files of
// another kind, in words that speak of a table.
func OpenTable(r io.ReaderAt, size int64, name string, columns []Column, limits Limits) (*Table, error) {
	t, err := openTable(r, size, name, columns, limits.withDefaults())
	if err == nil {
		return t, nil
	}
	err = damaged(err)
	f := *fault.As(err)
	if code, ok := ofTables[f.Code]; ok {
		f.Code = code
	}
	return nil, &f
}

// ofTables are refusals whose usual words speak of people.
var ofTables = map[string]string{
	"roster.too_large": "roster.table.too_large", "roster.empty": "roster.table.empty", "roster.no_sheet": "roster.table.no_sheet",
	"roster.inflates": "roster.table.inflates", "roster.binary": "roster.table.binary", "roster.not_a_roster": "roster.table.other",
}

func openTable(r io.ReaderAt, size int64, name string, columns []Column, limits Limits) (*Table, error) {
	switch {
	case size > limits.Bytes:
		return nil, fault.New(fault.TooLarge, "roster.too_large", "max", limits.Bytes>>20)
	case size == 0:
		return nil, refuse("roster.empty")
	}
	sources, err := sourcesOf(r, size, name, limits)
	if err != nil {
		return nil, err
	}
	t := &Table{}
	if err := t.choose(sources, columns); err != nil {
		return nil, err
	}
	if err := t.survey(columns, limits); err != nil {
		return nil, err
	}
	t.rows, err = t.source.open()
	return t, err
}

// choose takes the first sheet that has the needed columns, or names those that the
// nearest one lacks.
func (t *Table) choose(sources []source, columns []Column) error {
	var failed error
	nearest, found := columns, -1
	for _, s := range sources {
		lines, err := firstLines(s)
		if err != nil && s.name != "" {
			return err
		}
		if err != nil { // a text read with the wrong separator may well look torn
			failed = err
			continue
		}
		for _, l := range lines {
			at, missing, n := bindColumns(columns, l.texts)
			if len(missing) == 0 {
				t.source, t.Sheet, t.line, t.heads, t.at = s, s.name, l.line, l.texts, at
				return nil
			}
			if n > found {
				nearest, found = missing, n
			}
		}
	}
	switch {
	case failed != nil:
		return failed
	case found < 0:
		return refuse("roster.empty")
	}
	titles := make([]string, 0, len(nearest))
	for _, c := range nearest {
		if c.Needed {
			titles = append(titles, "“"+c.Title+"”")
		}
	}
	return refuse("roster.table.columns", "columns", strings.Join(titles, " "))
}

// bindColumns finds where the columns stand in a line of headings, which needed ones
// do not, and how many were found. The first of two like headings is read.
func bindColumns(columns []Column, texts []string) (at []int, missing []Column, found int) {
	index := map[string]heading{}
	for i, c := range columns {
		for _, h := range c.Headings {
			index[plainHeading(strings.ToLower(ident.Fold(h)))] = heading{rank: i}
		}
	}
	at = make([]int, len(columns))
	for i := range at {
		at[i] = -1
	}
	for col, text := range texts {
		if h, ok := recognise(index, text); ok && at[h.rank] < 0 && col < columnsMax {
			at[h.rank] = col
			found++
		}
	}
	for i, c := range columns {
		if at[i] < 0 && c.Needed {
			missing = append(missing, c)
		}
	}
	return at, missing, found
}

// survey reads to the end: the sheet must be sound, hold a row, and keep the limits.
func (t *Table) survey(columns []Column, limits Limits) error {
	in, err := t.source.open()
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		line, cells, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if t.says(line, cells) {
			t.expected++
		}
		if t.expected > limits.Rows {
			return refuse("roster.table.too_many", "max", limits.Rows)
		}
	}
	if t.expected == 0 {
		return refuse("roster.empty")
	}
	var blocks []merge
	if tail, ok := in.(interface{ merges() ([]merge, error) }); ok {
		if blocks, err = tail.merges(); err != nil {
			return err
		}
	}
	t.carrier = newCarrier(blocks)
	for i, c := range columns {
		t.most = append(t.most, cmp.Or(c.Most, tableCellMax))
		if c.Carried && t.at[i] >= 0 {
			t.carry = append(t.carry, t.at[i])
		}
	}
	return nil
}

// says reports a row below the headings that is filled under one of them, and is
// neither a total nor a line of signatures.
func (t *Table) says(line int, cells []cell) bool {
	if line <= t.line {
		return false
	}
	filled := false
	for _, col := range t.at {
		if col >= 0 && col < len(cells) && cells[col].kind != blank && ident.Fold(cells[col].text) != "" {
			filled = true
		}
	}
	if !filled {
		return false
	}
	for _, c := range cells { // the first text of the row, past a serial number
		if text := ident.Fold(c.text); text != "" && strings.Trim(text, "0123456789.") != "" {
			return !startsSummary(text)
		}
	}
	return true
}

// Expected is how many rows Next will return.
func (t *Table) Expected() int { return t.expected }

// Place names a column's cells for messages: the heading as the file has it and the
// column's letter; both empty where the file has no such column.
func (t *Table) Place(column int) (title, where string) {
	col := t.at[column]
	if col < 0 {
		return "", ""
	}
	return shorten(ident.Fold(t.heads[col]), 60), letter(col)
}

// Next returns the next row, its cells in the order of the columns asked for and its
// line as Excel shows it, and io.EOF after the last. Another error means that the file
// changed under the reader.
func (t *Table) Next() (line int, cells []TableCell, err error) {
	for {
		line, row, err := t.rows.next()
		if err != nil {
			return 0, nil, err
		}
		if !t.says(line, row) {
			continue
		}
		for _, col := range t.carry { // makers leave out the cells that a block covers
			for len(row) <= col {
				row = append(row, cell{})
			}
		}
		t.carrier.fill(line, row, t.carry)
		out := make([]TableCell, len(t.at))
		for i, col := range t.at {
			if col >= 0 && col < len(row) {
				out[i] = t.source.plain(row[col], t.most[i])
			}
		}
		return line, out, nil
	}
}

// Close lets the file go.
func (t *Table) Close() { _ = t.rows.Close() } // it was read to its end before

// tableCellMax is the length in characters of a table's cell whose column says none.
const tableCellMax = 100

// plain is a cell as a table gives it, with what is wrong with it whatever it means.
func (s source) plain(c cell, most int) TableCell {
	text, hidden := s.moment(c)
	out := TableCell{Text: ident.Fold(text), Rounded: rounded(c)}
	switch {
	case out.Text == "" && !c.formula:
	case c.kind == erroneous:
		out.Fault = "roster.cell.error"
	case c.formula, formulaLike(out.Text, ""):
		out.Fault = "roster.formula"
	case hidden:
		out.Fault = "roster.table.hour_hidden"
	case c.cut, utf8.RuneCountInString(out.Text) > most:
		out.Fault = "roster.table.too_long"
	}
	return out
}

// Shown is a cell's text for a list of faults: short, and a long run of digits, which
// may be somebody's number in a column that slipped, hidden.
func Shown(text string) string {
	run := 0
	for _, r := range text {
		if run++; r < '0' || r > '9' {
			run = 0
		}
		if run >= 9 {
			return ident.MaskNumber(clip(text))
		}
	}
	return clip(text)
}
