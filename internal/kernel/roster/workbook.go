package roster

import (
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// stringsMax bounds the memory of a workbook's table of shared texts. 140,000
// people with addresses need about 20 MB.
const stringsMax = 160 << 20

// workbook is what has to be known of an .xlsx before its sheets are read.
type workbook struct {
	zip       *container
	path      string
	sheets    []sheetRef // visible ones, in order
	date1904  bool
	rels      map[string]relation
	dates     []bool // by cell style: the number is shown as a date
	hours     []bool // by cell style: a date is shown with its hour
	texts     sharedTexts
	textsOnce func() error
}

type sheetRef struct{ name, path string }

type relation struct{ kind, target string }

// sharedTexts are the texts cells refer to by number: one piece of memory and
// the end of each text in it.
type sharedTexts struct {
	bytes []byte
	ends  []uint32
}

func (t *sharedTexts) get(n int) ([]byte, bool) {
	if n < 0 || n >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if n > 0 {
		from = t.ends[n-1]
	}
	return t.bytes[from:t.ends[n]], true
}

// openWorkbook reads the list of sheets, and the formats; not yet the texts.
//
// Invalid: roster.not_a_roster (a zip of something else), roster.ods,
// roster.xlsb, roster.no_sheet, roster.damaged, roster.inflates.
func openWorkbook(c *container) (*workbook, error) {
	wb := &workbook{zip: c}
	if err := wb.find(); err != nil {
		return nil, err
	}
	var err error
	if wb.rels, err = wb.relations(relsOf(wb.path)); err != nil {
		return nil, err
	}
	if err := wb.list(); err != nil {
		return nil, err
	}
	if len(wb.sheets) == 0 {
		return nil, refuse("roster.no_sheet")
	}
	for _, rel := range wb.rels {
		if strings.HasSuffix(rel.kind, "/styles") && c.has(rel.target) {
			if err := wb.formats(rel.target); err != nil {
				return nil, err
			}
		}
	}
	wb.textsOnce = sync.OnceValue(wb.loadTexts)
	return wb, nil
}

// find looks for the workbook part, or says what else the zip is.
func (wb *workbook) find() error {
	c := wb.zip
	rels, err := wb.relations("_rels/.rels")
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if strings.HasSuffix(rel.kind, "/officeDocument") {
			wb.path = rel.target
		}
	}
	if wb.path == "" {
		wb.path = "xl/workbook.xml"
	}
	switch {
	case strings.HasSuffix(wb.path, ".bin"), c.has("xl/workbook.bin"):
		return refuse("roster.xlsb")
	case c.has(wb.path) && strings.HasPrefix(strings.ToLower(wb.path), "xl/"):
		return nil
	case c.has("content.xml") && c.has("mimetype"):
		return refuse("roster.ods")
	}
	return refuse("roster.not_a_roster")
}

func relsOf(part string) string {
	return path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
}

// relations reads a .rels part; none is an empty list.
func (wb *workbook) relations(part string) (map[string]relation, error) {
	rels := map[string]relation{}
	if !wb.zip.has(part) {
		return rels, nil
	}
	base := path.Join(path.Dir(path.Dir(part)), "x")
	err := wb.scan(part, func(s *scanner, t token) error {
		if t == atStart && string(s.name) == "Relationship" && s.attrText("TargetMode") != "External" && len(rels) < partsMax {
			rels[s.attrText("Id")] = relation{s.attrText("Type"), resolve(base, s.attrText("Target"))}
		}
		return nil
	})
	return rels, err
}

// list reads the workbook part: visible worksheets in order, and the epoch.
func (wb *workbook) list() error {
	return wb.scan(wb.path, func(s *scanner, t token) error {
		if t != atStart {
			return nil
		}
		switch string(s.name) {
		case "workbookPr":
			v := s.attrText("date1904")
			wb.date1904 = v == "1" || v == "true"
		case "sheet":
			state := s.attrText("state")
			rel := wb.rels[s.attrText("id")]
			if strings.HasSuffix(rel.kind, "/worksheet") && (state == "" || state == "visible") && wb.zip.has(rel.target) && len(wb.sheets) < partsMax {
				wb.sheets = append(wb.sheets, sheetRef{s.attrText("name"), rel.target})
			}
		}
		return nil
	})
}

// formats finds the cell styles that show a number as a date.
func (wb *workbook) formats(part string) error {
	custom, hours := map[int]bool{}, map[int]bool{}
	inside := false
	return wb.scan(part, func(s *scanner, t token) error {
		name := string(s.name)
		switch {
		case t == atStart && name == "numFmt" && len(custom) < 1<<16:
			id, _ := strconv.Atoi(s.attrText("numFmtId"))
			code := s.attrText("formatCode")
			custom[id], hours[id] = showsDate(code), shows(code, "hH")
		case name == "cellXfs" && t != atText:
			inside = t == atStart && !s.closed
		case t == atStart && inside && name == "xf" && len(wb.dates) < 1<<16:
			id, _ := strconv.Atoi(s.attrText("numFmtId"))
			wb.dates = append(wb.dates, custom[id] || builtInDate(id))
			wb.hours = append(wb.hours, hours[id] || id == 22)
		}
		return nil
	})
}

// builtInDate knows the numbered formats of ECMA-376 part 1, 18.8.30, those of
// Chinese editions (27–36, 50–58) included; times of day (18–21, 45–47) are none.
func builtInDate(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58
}

// showsDate reports a format with a year or a day in it.
func showsDate(code string) bool { return shows(code, "yYdD") }

// shows looks for one of the letters of a year, day or hour outside quotes, brackets
// and escapes.
func shows(code, letters string) bool {
	skip := byte(0)
	for i := 0; i < len(code); i++ {
		c := code[i]
		switch {
		case skip != 0:
			if c == skip {
				skip = 0
			}
		case c == '"':
			skip = '"'
		case c == '[':
			skip = ']'
		case c == '\\' || c == '_' || c == '*':
			i++
		case strings.IndexByte(letters, c) >= 0:
			return true
		}
	}
	return false
}

// loadTexts reads the table of shared texts; phonetic guides are left out.
func (wb *workbook) loadTexts() error {
	part := ""
	for _, rel := range wb.rels {
		if strings.HasSuffix(rel.kind, "/sharedStrings") {
			part = rel.target
		}
	}
	if part == "" || !wb.zip.has(part) {
		return nil // every text is in its cell
	}
	texts := &wb.texts
	capture, phonetic, from := false, false, 0
	return wb.scan(part, func(s *scanner, t token) error {
		if t == atText {
			if !capture || len(texts.bytes)-from >= cellMax {
				return nil
			}
			var err error
			texts.bytes, err = s.appendText(texts.bytes)
			if len(texts.bytes)-from > cellMax+1 {
				texts.bytes = texts.bytes[:from+cellMax+1] // one more than a cell may hold, so that it shows as cut
			}
			return err
		}
		switch string(s.name) {
		case "si":
			if t == atStart {
				from = len(texts.bytes)
			}
			if t == atClose || s.closed {
				texts.ends = append(texts.ends, uint32(len(texts.bytes)))
				if len(texts.bytes)+4*len(texts.ends) > stringsMax {
					return refuse("roster.inflates")
				}
			}
		case "rPh":
			phonetic = t == atStart && !s.closed
		case "t":
			capture = t == atStart && !s.closed && !phonetic
		}
		return nil
	})
}

// scan walks a part from end to end.
func (wb *workbook) scan(part string, fn func(*scanner, token) error) error {
	rc, err := wb.zip.open(part)
	if err != nil {
		return err
	}
	defer rc.Close()
	s := newScanner(decoded(rc))
	for {
		t, err := s.next()
		if err == nil && t != atEnd {
			err = fn(s, t)
		}
		if err != nil || t == atEnd {
			return damaged(err)
		}
	}
}

// decoded reads UTF-16 parts, which the standard allows, as UTF-8.
func decoded(r io.Reader) io.Reader {
	var head [2]byte
	n, err := io.ReadFull(r, head[:])
	whole := io.MultiReader(strings.NewReader(string(head[:n])), r)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return io.MultiReader(strings.NewReader(string(head[:n])), failing{err})
	}
	if head == [2]byte{0xff, 0xfe} || head == [2]byte{0xfe, 0xff} {
		return transform.NewReader(whole, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	}
	return whole
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
