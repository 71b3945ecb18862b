package roster

import (
	"io"
	"strconv"
)

// Bounds of a sheet in ECMA-376; a reference beyond them is no reference.
const (
	linesMax        = 1 << 20
	sheetColumnsMax = 1 << 14
)

// sheet reads the rows of one worksheet part.
type sheet struct {
	io.Closer
	wb   *workbook
	s    *scanner
	row  rowBuffer
	line int
	in   bool // within sheetData
}

func (wb *workbook) openSheet(part string) (table, error) {
	if err := wb.textsOnce(); err != nil {
		return nil, err
	}
	rc, err := wb.zip.open(part)
	if err != nil {
		return nil, err
	}
	return &sheet{Closer: rc, wb: wb, s: newScanner(decoded(rc))}, nil
}

// next returns the next row element, blank ones too.
func (t *sheet) next() (int, []cell, error) {
	for {
		tok, err := t.s.next()
		if err != nil {
			return 0, nil, damaged(err)
		}
		switch {
		case tok == atEnd && t.in: // the text ends within the rows
			return 0, nil, refuse("roster.damaged")
		case tok == atEnd:
			return 0, nil, io.EOF
		case tok == atText:
			continue
		}
		switch string(t.s.name) {
		case "sheetData":
			t.in = tok == atStart && !t.s.closed
			if !t.in {
				return 0, nil, io.EOF
			}
		case "row":
			if tok != atStart || !t.in {
				continue
			}
			if err := t.number(); err != nil {
				return 0, nil, err
			}
			t.row.reset()
			if !t.s.closed {
				if err := t.cells(); err != nil {
					return 0, nil, damaged(err)
				}
			}
			return t.line, t.row.finish(), nil
		}
	}
}

// number reads the row's line; makers may leave it out, then lines follow on.
func (t *sheet) number() error {
	t.line++
	if r := t.s.attr("r"); r != nil {
		n, err := strconv.Atoi(string(r))
		if err != nil || n < t.line {
			return refuse("roster.damaged") // backwards: two rows would bear one number
		}
		t.line = n
	}
	if t.line > linesMax {
		return refuse("roster.damaged")
	}
	return nil
}

// cells reads up to the row's end.
func (t *sheet) cells() error {
	col := -1
	for {
		tok, err := t.s.next()
		switch {
		case err != nil:
			return err
		case tok == atEnd:
			return errXML
		case tok == atClose && string(t.s.name) == "row":
			return nil
		case tok != atStart || string(t.s.name) != "c":
			continue
		}
		ref, kind, style := t.s.cellAttrs()
		if col++; ref != nil {
			if col = column(ref); col < 0 {
				return errXML
			}
		}
		if col >= sheetColumnsMax {
			return errXML
		}
		if t.s.closed {
			continue
		}
		if err := t.value(col, kind, style); err != nil {
			return err
		}
	}
}

// value reads the inside of a cell up to its end.
func (t *sheet) value(col int, kind cellType, style int) error {
	from := len(t.row.bytes)
	read := cell{style: style}
	capture, phonetic := false, false
	for done := false; !done; {
		tok, err := t.s.next()
		switch {
		case err != nil:
			return err
		case tok == atEnd:
			return errXML
		case tok == atText:
			if capture {
				if err := t.text(from, &read); err != nil {
					return err
				}
			}
			continue
		}
		opens := tok == atStart && !t.s.closed
		switch string(t.s.name) {
		case "v":
			capture = opens
		case "t":
			capture = opens && !phonetic
		case "rPh":
			phonetic = opens
		case "f":
			read.formula = true
		case "c":
			done = tok == atClose
		case "row":
			return errXML
		}
	}
	if col >= columnsMax {
		t.row.bytes = t.row.bytes[:from]
		return nil
	}
	if err := t.settle(from, kind, &read); err != nil {
		return err
	}
	*t.row.cell(col) = read
	return nil
}

// text adds a piece of a value, as far as there is room.
func (t *sheet) text(from int, read *cell) error {
	before := len(t.row.bytes)
	if t.row.room(from, 1) == 0 {
		read.cut = true
		return nil
	}
	all, err := t.s.appendText(t.row.bytes)
	if err != nil {
		return err
	}
	added := len(all) - before
	t.row.bytes = all[:before]
	if fits := t.row.room(from, added); fits < added {
		read.cut, added = true, fits
	}
	t.row.bytes = all[:before+added]
	return nil
}

// settle gives the cell its kind and, for a shared text, its text.
func (t *sheet) settle(from int, kind cellType, read *cell) error {
	raw := t.row.bytes[from:]
	switch {
	case len(raw) == 0:
	case kind == typeShared:
		text, ok := t.wb.texts.get(number(raw))
		if !ok {
			return errXML
		}
		t.row.bytes = t.row.bytes[:from]
		fits := t.row.room(from, len(text))
		read.cut = fits < len(text)
		t.row.bytes = append(t.row.bytes, text[:fits]...)
		read.kind = written
	case kind == typeBool:
		word := "FALSE"
		if raw[0] == '1' || raw[0] == 't' {
			word = "TRUE"
		}
		t.row.bytes = append(t.row.bytes[:from], word...)
		read.kind = written
	case kind == typeText:
		read.kind = written
	case kind == typeError:
		read.kind = erroneous
	case kind == typeDate:
		read.kind = dated
	default:
		read.kind = numeric
	}
	read.at, read.end = from, len(t.row.bytes)
	return nil
}
