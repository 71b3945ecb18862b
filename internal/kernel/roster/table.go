package roster

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// cellKind is what the maker of the file said a cell holds.
type cellKind uint8

const (
	blank     cellKind = iota
	written            // text, as typed
	numeric            // a number: over 15 digits some of them are already lost
	dated              // a date of ISO 8601, rare but legal
	erroneous          // #N/A, #REF! and the like
)

// cell is one cell of a row. Its text is the stored value, not the shown one.
type cell struct {
	text    string
	kind    cellKind
	formula bool // a formula made the value
	cut     bool // longer than cellMax
	style   int  // index into the workbook's formats
	at, end int  // the text's place in the row's buffer, while the row is read
}

// table gives the rows of one sheet or text file in order. The cells are valid
// until the next call; their texts stay.
type table interface {
	// next returns io.EOF after the last row, faults for what cannot be read.
	next() (line int, cells []cell, err error)
	io.Closer
}

// source is a sheet that can be read several times from its start.
type source struct {
	name  string
	open  func() (table, error)
	dates []bool // by cell style: the number is shown as a date
	hours []bool // by cell style: a date is shown with its hour
	epoch int    // days to add to serial numbers, for files that count from 1904
}

// merge is a block of merged cells of one column; lines as in the file.
type merge struct{ col, top, bottom int }

// mergesMax bounds the merged blocks remembered; further ones are not filled.
const mergesMax = 1 << 16

// rowBuffer collects the cells of a row in one piece of memory.
type rowBuffer struct {
	bytes []byte
	cells []cell
}

func (b *rowBuffer) reset() { b.bytes, b.cells = b.bytes[:0], b.cells[:0] }

// cell returns the cell of a column, blank ones before it made.
func (b *rowBuffer) cell(col int) *cell {
	for len(b.cells) <= col {
		b.cells = append(b.cells, cell{})
	}
	return &b.cells[col]
}

// finish turns the buffer into texts: one allocation a row.
func (b *rowBuffer) finish() []cell {
	all := string(b.bytes)
	for i := range b.cells {
		c := &b.cells[i]
		c.text = all[c.at:c.end]
		if c.cut && !utf8.ValidString(c.text) {
			c.text = strings.ToValidUTF8(c.text, "")
		}
	}
	return b.cells
}

// room says how many of n further bytes a cell that began at from may take.
func (b *rowBuffer) room(from, n int) int {
	return max(0, min(n, cellMax-(len(b.bytes)-from), rowMax-len(b.bytes)))
}

// damaged turns any trouble of reading a file into the refusal of the file.
func damaged(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "roster.damaged")
}
