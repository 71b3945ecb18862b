package roster

import (
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"breakwater/internal/i18n"
)

// RefusedRow is a row that was not taken, as kept for the marked copy.
type RefusedRow struct {
	Line   int
	Cells  []string // Row.Raw
	Faults []CellFault
}

// Colours of the marked copy: a bad cell, and the two columns we add. The
// reason is written beside the row too, so that colour is never the only sign.
const (
	badFill  = "#FFC7CE"
	noteFill = "#FFF2CC"
	headFill = "#DDEBF7"
)

// Marked writes the marked copy: only the refused rows, in their own columns
// and original text, bad cells coloured, with the row's number in the original
// file and how to mend it. Mended there, it can be uploaded as it is: the added
// columns bear headings nobody reads.
//
// Every cell is written as text in a text format, so that nothing in it can run
// as a formula and no digit is lost while it is mended. Rows are written as
// they come; beyond 16 MB they wait in a temporary file that is deleted before
// Marked returns. Errors of rows and w are returned as they are.
func Marked(w io.Writer, header []string, rows iter.Seq2[RefusedRow, error], say *i18n.Printer) error {
	book := excelize.NewFile()
	defer book.Close()
	sheet := say.T("roster.marked.sheet")
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	style, err := markedStyles(book)
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := frame(out, len(header)); err != nil {
		return err
	}
	cells := make([]any, 0, len(header)+2)
	for _, text := range append(header[:len(header):len(header)], say.T("roster.marked.line"), say.T("roster.marked.how")) {
		cells = append(cells, excelize.Cell{StyleID: style.head, Value: text})
	}
	if err := out.SetRow("A1", cells); err != nil {
		return err
	}
	line := 1
	for row, err := range rows {
		if err != nil {
			return err
		}
		line++
		if err := out.SetRow("A"+strconv.Itoa(line), markedCells(cells[:0], len(header), row, style, say)); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

// frame sets widths and keeps the headings in sight.
func frame(out *excelize.StreamWriter, columns int) error {
	if columns > 0 {
		if err := out.SetColWidth(1, columns, 18); err != nil {
			return err
		}
	}
	if err := out.SetColWidth(columns+1, columns+1, 14); err != nil {
		return err
	}
	if err := out.SetColWidth(columns+2, columns+2, 80); err != nil {
		return err
	}
	return out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

type markedStyle struct{ head, plain, bad, note int }

func markedStyles(book *excelize.File) (s markedStyle, err error) {
	for _, want := range []struct {
		id   *int
		fill string
		bold bool
	}{{&s.head, headFill, true}, {&s.plain, "", false}, {&s.bad, badFill, true}, {&s.note, noteFill, false}} {
		style := excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: want.bold}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: want.id == &s.note}}
		if want.fill != "" {
			style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{want.fill}}
		}
		if *want.id, err = book.NewStyle(&style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// textFormat is the built-in number format "@": what is typed stays as typed.
const textFormat = 49

func markedCells(cells []any, columns int, row RefusedRow, style markedStyle, say *i18n.Printer) []any {
	bad := map[int]bool{}
	var how []string
	for _, f := range row.Faults {
		bad[column([]byte(f.Letter))] = true
		how = append(how, say.T("roster.marked.fault", "letter", f.Letter, "column", f.Column, "text", say.Args(f.Code, f.Args)))
	}
	for i := range columns {
		c := excelize.Cell{StyleID: style.plain, Value: ""}
		if i < len(row.Cells) {
			c.Value = row.Cells[i]
		}
		if bad[i] {
			c.StyleID = style.bad
		}
		cells = append(cells, c)
	}
	return append(cells,
		excelize.Cell{StyleID: style.note, Value: strconv.Itoa(row.Line)},
		excelize.Cell{StyleID: style.note, Value: strings.Join(how, "\n")})
}
