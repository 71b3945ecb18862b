package rationweb

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/web"
)

// fileRowsMost is how many rows of a file are looked at; the verbs take fewer, and say so.
const fileRowsMost = 5000

// faultsShown is how many mistakes of a file are named at once.
const faultsShown = 100

// table is a file that was sent, a row at a time, with what is wrong in which line.
type table struct {
	*roster.Table
	bad   *fault.Error
	wrong int   // lines
	lines []int // of the rows that were taken
}

// tableOf reads a file that was sent.
//
// Faults: as roster.OpenTable, at field file.
func tableOf(up *web.Upload, columns []roster.Column) (*table, error) {
	data, err := io.ReadAll(up)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "fault.fields").With("file", "supplydesk.file_large", "most", uploadMost>>20)
	}
	if err != nil {
		return nil, err
	}
	t, err := roster.OpenTable(bytes.NewReader(data), int64(len(data)), up.Name, columns, roster.Limits{Bytes: uploadMost, Inflated: 16 << 20, Rows: fileRowsMost})
	if err != nil {
		return nil, atField(err, "file")
	}
	return &table{Table: t, bad: fault.New(fault.Invalid, "fault.fields")}, nil
}

// each gives every row to take, which says what is wrong with which text of it.
func (t *table) each(take func(cells []roster.TableCell) (text string, why error)) error {
	defer t.Close()
	for {
		line, cells, err := t.Next()
		if errors.Is(err, io.EOF) {
			return t.done()
		}
		if err != nil {
			return atField(err, "file")
		}
		if text, why := take(cells); why != nil {
			t.fault(line, text, why)
			continue
		}
		t.lines = append(t.lines, line)
	}
}

// fault notes what is wrong in a line.
func (t *table) fault(line int, text string, why error) {
	if t.wrong++; t.wrong > faultsShown {
		return
	}
	if text == "" {
		t.bad.With("file", "supplydesk.line", "line", line, "why", why)
		return
	}
	t.bad.With("file", "supplydesk.line_of", "line", line, "text", roster.Shown(text), "why", why)
}

func (t *table) done() error {
	if t.wrong > faultsShown {
		t.bad.With("file", "supplydesk.lines_more", "n", t.wrong-faultsShown)
	}
	return t.bad.OrNil()
}

// refused puts what a verb says of "<name>.<n>" to the line the nth row came from; what is
// of the whole goes to the file.
func (t *table) refused(err error, name string) error {
	f := fault.As(err)
	if !slices.ContainsFunc(f.Fields, func(one fault.Field) bool { return strings.HasPrefix(one.Name, name+".") }) {
		return atFile(err, name+"s")
	}
	for _, one := range f.Fields {
		n, err := strconv.Atoi(strings.TrimPrefix(one.Name, name+"."))
		if err != nil || n >= len(t.lines) {
			continue
		}
		t.fault(t.lines[n], "", &fault.Error{Kind: fault.Invalid, Code: one.Code, Args: one.Args})
	}
	return t.done()
}

// atFile says of the file what is said of a whole list or of nothing in particular.
func atFile(err error, list string) error {
	f := *fault.As(err)
	if len(f.Fields) == 0 {
		return atField(err, "file")
	}
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		if f.Fields[i].Name == list {
			f.Fields[i].Name = "file"
		}
	}
	return &f
}
