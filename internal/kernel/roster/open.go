package roster

import (
	"errors"
	"io"
	"path"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// File is a roster that was found readable from end to end. It is read once,
// by one goroutine.
type File struct {
	Sheet  string   // name of the sheet that is read; "" for text files
	Unread []string // other visible sheets that look like rosters: the firm must be told

	index    map[string]heading
	head     *header
	judge    *judge
	rows     table
	carrier  *carrier
	carried  []int
	expected int
	done     error
}

// Open finds the roster in a file and reads it once to its end. name is the
// file's name as uploaded: it only tells .et from .xls, what the file is its
// bytes say. r must stay readable until Close.
//
// TooLarge: roster.too_large. Invalid: roster.empty, roster.encrypted,
// roster.xls, roster.et, roster.xlsb, roster.ods, roster.page (a web page named
// .xls), roster.inflates, roster.no_sheet, roster.columns_missing (a field for
// each), roster.not_a_roster, roster.too_many_rows, roster.binary,
// roster.encoding, roster.quote, roster.damaged.
func Open(r io.ReaderAt, size int64, name string, opts Options) (*File, error) {
	limits := opts.Limits.withDefaults()
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
	f := &File{index: headingIndex()}
	chosen, err := f.choose(sources)
	if err != nil {
		return nil, err
	}
	f.judge = &judge{
		head: f.head, today: opts.Today, dates: chosen.dates, epoch: chosen.epoch,
		kinds: kindIndex(), seen: map[[16]byte]int{},
	}
	if err := f.survey(chosen, limits); err != nil {
		return nil, err
	}
	if f.rows, err = chosen.open(); err != nil {
		return nil, err
	}
	return f, nil
}

// sourcesOf looks at the bytes and gives the sheets, or the readings of a text
// file to be tried: one for each separator.
func sourcesOf(r io.ReaderAt, size int64, name string, limits Limits) ([]source, error) {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, damaged(err)
	}
	start := strings.ToLower(strings.TrimLeft(string(head), "\ufeff \t\r\n"))
	switch ext := strings.ToLower(path.Ext(name)); {
	case strings.HasPrefix(string(head), oleMagic):
		return nil, oleRefusal(r, size, name)
	case strings.HasPrefix(string(head), "PK\x03\x04"), strings.HasPrefix(string(head), "PK\x05\x06"):
		return workbookSources(r, size, limits)
	case strings.HasPrefix(start, "<"): // HTML or "XML spreadsheet 2003", both commonly named .xls
		return nil, refuse("roster.page")
	case ext == ".xls" || ext == ".et":
		return nil, oldFormat(name)
	case ext == ".xlsx" || ext == ".xlsm":
		return nil, refuse("roster.damaged")
	}
	return textSources(r, size)
}

func workbookSources(r io.ReaderAt, size int64, limits Limits) ([]source, error) {
	c, err := openContainer(r, size, limits)
	if err != nil {
		return nil, err
	}
	wb, err := openWorkbook(c)
	if err != nil {
		return nil, err
	}
	epoch := 0
	if wb.date1904 {
		epoch = 1462
	}
	var out []source
	for _, s := range wb.sheets {
		out = append(out, source{name: s.name, dates: wb.dates, hours: wb.hours, epoch: epoch, open: func() (table, error) { return wb.openSheet(s.path) }})
	}
	return out, nil
}

// choose takes the first sheet with all needed columns, and keeps its header.
func (f *File) choose(sources []source) (source, error) {
	var chosen source
	var nearest *header
	anything := false
	var failed error
	for _, s := range sources {
		lines, err := firstLines(s)
		if err != nil && s.name != "" {
			return source{}, err
		}
		if err != nil { // a text read with the wrong separator may well look torn
			failed = err
			continue
		}
		anything = anything || len(lines) > 0
		h := findHeader(f.index, lines)
		switch {
		case h == nil:
		case len(h.missing()) > 0:
			if nearest == nil || len(h.bound) > len(nearest.bound) {
				nearest = h
			}
		case f.head == nil:
			f.head, f.Sheet, chosen = h, s.name, s
		case s.name != "":
			f.Unread = append(f.Unread, s.name)
		}
	}
	switch {
	case f.head != nil:
		return chosen, nil
	case failed != nil:
		return source{}, failed
	case !anything:
		return source{}, refuse("roster.empty")
	}
	return source{}, nearest.refusal()
}

// firstLines reads the rows among which headings are looked for.
func firstLines(s source) ([]keptLine, error) {
	t, err := s.open()
	if err != nil {
		return nil, err
	}
	defer t.Close()
	var lines []keptLine
	for len(lines) < headerWithin {
		line, cells, err := t.next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		kept := keptLine{line: line, texts: make([]string, len(cells))}
		filled := false
		for i, c := range cells {
			kept.texts[i] = c.text
			filled = filled || ident.Fold(c.text) != ""
		}
		if filled {
			lines = append(lines, kept)
		}
	}
	return lines, nil
}

// survey reads the whole sheet: it must be sound to its end, hold somebody, and
// keep the limits. It counts the people and learns of merged cells.
func (f *File) survey(s source, limits Limits) error {
	t, err := s.open()
	if err != nil {
		return err
	}
	defer t.Close()
	var first []int // lines that tall headings may still turn out to cover
	for {
		line, cells, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if f.somebody(line, cells) {
			if f.expected++; f.expected <= tallest {
				first = append(first, line)
			}
		}
		if f.expected > limits.Rows {
			return refuse("roster.too_many_rows", "max", limits.Rows)
		}
	}
	var blocks []merge
	if tail, ok := t.(interface{ merges() ([]merge, error) }); ok {
		if blocks, err = tail.merges(); err != nil {
			return err
		}
	}
	f.settleMerges(blocks)
	for _, line := range first {
		if line <= f.head.line {
			f.expected--
		}
	}
	if f.expected == 0 {
		return refuse("roster.no_people")
	}
	return nil
}

// tallest is how many lines below its first a heading may reach.
const tallest = 5

// settleMerges lets tall heading cells push the first person down, and fills
// tall cells of the columns several people can share.
func (f *File) settleMerges(blocks []merge) {
	name, number := f.head.col(FieldName), f.head.col(FieldIDNumber)
	top := f.head.line
	for _, m := range blocks {
		if (m.col == name || m.col == number) && m.top <= top && m.bottom >= top && m.bottom-m.top <= tallest {
			f.head.line = max(f.head.line, m.bottom)
		}
	}
	f.carrier = newCarrier(blocks)
	for _, b := range f.head.bound {
		switch b.field {
		case FieldName, FieldIDNumber, FieldPassport, FieldIDKind, FieldPhone, FieldNumber:
		default:
			f.carried = append(f.carried, b.col)
		}
	}
}

// Next returns the next person, good or bad, and io.EOF after the last. Blank
// rows, totals, signatures and repeated headings are passed over.
//
// An error other than io.EOF means the file changed or failed under the
// reader; Open has already read it to its end.
func (f *File) Next() (Row, error) {
	for f.done == nil {
		line, cells, err := f.rows.next()
		if err != nil {
			f.done = err
			break
		}
		if !f.somebody(line, cells) {
			continue
		}
		f.carrier.fill(line, cells, f.carried)
		return f.judge.person(line, cells), nil
	}
	return Row{}, f.done
}

// Expected is how many people Next will return.
func (f *File) Expected() int { return f.expected }

// Header returns the headings as the file has them, for the marked copy.
func (f *File) Header() []string {
	out := make([]string, len(f.head.texts))
	for i, s := range f.head.texts {
		out[i] = ident.Fold(s)
	}
	return out
}

// Fields returns the fields the file has columns for.
func (f *File) Fields() []Field {
	out := make([]Field, len(f.head.bound))
	for i, b := range f.head.bound {
		out[i] = b.field
	}
	return out
}

// Close releases the sheet; r is the caller's to close.
func (f *File) Close() error { return f.rows.Close() }
