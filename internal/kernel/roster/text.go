package roster

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// textSources gives the readings of a text file, one for each separator
// spreadsheets write; the headings show which is right.
//
// Invalid: roster.binary (NUL bytes), roster.encoding.
func textSources(r io.ReaderAt, size int64) ([]source, error) {
	decode, err := encodingOf(r, size)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, separator := range []byte{',', '\t', ';', '|'} {
		out = append(out, source{open: func() (table, error) {
			var in io.Reader = io.NewSectionReader(r, 0, size)
			if decode != nil {
				in = transform.NewReader(in, decode.NewDecoder())
			}
			return &csv{r: bufio.NewReaderSize(in, window), separator: separator}, nil
		}})
	}
	return out, nil
}

// encodingOf tells UTF-8 (nil, no decoding), UTF-16 and UTF-32 with their marks, and GB18030,
// which Chinese editions of Excel and WPS write as "CSV". It reads the file
// once: a text is UTF-8 only if all of it is.
func encodingOf(r io.ReaderAt, size int64) (encoding.Encoding, error) {
	var mark [4]byte
	n, err := r.ReadAt(mark[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, damaged(err)
	}
	switch {
	case n == 4 && (string(mark[:]) == "\xff\xfe\x00\x00" || string(mark[:]) == "\x00\x00\xfe\xff"): // begins as UTF-16 does, and then with no letter
		return utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM), nil
	case n >= 2 && (mark[0] == 0xff && mark[1] == 0xfe || mark[0] == 0xfe && mark[1] == 0xff):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), nil
	}
	whole, err := surveyText(r, size, nil)
	marked := n >= 3 && string(mark[:3]) == "\xef\xbb\xbf"
	switch {
	case err != nil:
		return nil, err
	case whole && marked:
		return unicode.UTF8BOM, nil
	case whole:
		return nil, nil
	case marked:
		return nil, refuse("roster.encoding")
	}
	whole, err = surveyText(r, size, simplifiedchinese.GB18030.NewDecoder())
	if err == nil && !whole {
		err = refuse("roster.encoding")
	}
	return simplifiedchinese.GB18030, err
}

// surveyText reports whether the whole text is valid in an encoding. NUL bytes
// are in no text people write.
func surveyText(r io.ReaderAt, size int64, decode *encoding.Decoder) (bool, error) {
	var in io.Reader = io.NewSectionReader(r, 0, size)
	if decode != nil {
		in = decode.Reader(in)
	}
	buf := make([]byte, window)
	kept := 0 // bytes of a character that the window's end cut
	for {
		n, err := in.Read(buf[kept:])
		n += kept
		if bytes.IndexByte(buf[:n], 0) >= 0 {
			return false, refuse("roster.binary")
		}
		whole := n
		for back := 1; back < utf8.UTFMax && back <= n; back++ {
			if c := buf[n-back]; utf8.RuneStart(c) {
				if !utf8.FullRune(buf[n-back : n]) {
					whole = n - back
				}
				break
			}
		}
		if errors.Is(err, io.EOF) {
			whole = n
		}
		if !utf8.Valid(buf[:whole]) || decode != nil && bytes.Contains(buf[:whole], []byte("\ufffd")) {
			return false, nil
		}
		kept = copy(buf, buf[whole:n])
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, damaged(err)
		}
	}
}

// csv reads separated text as spreadsheets do, RFC 4180 and its bad habits:
// quotes within bare cells are kept, all line ends are taken, cells differ in
// number, and the first line may be "sep=;". A line is a row as Excel counts
// them: line ends within quotes do not count.
type csv struct {
	r         *bufio.Reader
	separator byte
	row       rowBuffer
	line      int
	ended     bool
}

func (t *csv) Close() error { return nil }

func (t *csv) next() (int, []cell, error) {
	if t.line == 0 {
		if head, _ := t.r.Peek(5); len(head) == 5 && bytes.EqualFold(head[:4], []byte("sep=")) {
			if head[4] != t.separator { // said to be another: this reading is wrong
				return 0, nil, io.EOF
			}
			if _, err := t.r.ReadSlice('\n'); err != nil {
				return 0, nil, io.EOF // nothing but that line, or no such line
			}
			t.line++ // Excel shows this line as none, but the file has it
		}
	}
	if t.ended {
		return 0, nil, io.EOF
	}
	t.line++
	t.row.reset()
	for col := 0; ; col++ {
		end, err := t.cell(col)
		if err != nil {
			return 0, nil, err
		}
		if end != t.separator {
			break
		}
	}
	cells := t.row.finish()
	if t.ended && len(cells) == 1 && cells[0].kind == blank {
		return 0, nil, io.EOF
	}
	return t.line, cells, nil
}

// cell reads one cell and returns what ended it: the separator, '\n', or 0 for
// the end of the text.
func (t *csv) cell(col int) (byte, error) {
	from, quoted, closed, cut := len(t.row.bytes), false, false, false
	for {
		c, err := t.r.ReadByte()
		if errors.Is(err, io.EOF) {
			if quoted && !closed {
				return 0, refuse("roster.quote", "line", strconv.Itoa(t.line))
			}
			t.ended = true
			t.keep(col, from, cut)
			return 0, nil
		}
		switch {
		case err != nil:
			return 0, damaged(err)
		case c == '"' && !quoted && len(t.row.bytes) == from:
			quoted = true
			continue
		case c == '"' && quoted && !closed:
			if ahead, _ := t.r.Peek(1); len(ahead) == 1 && ahead[0] == '"' {
				_, _ = t.r.ReadByte() // peeked
				break
			}
			closed = true
			continue
		case quoted && !closed:
		case c == t.separator:
			t.keep(col, from, cut)
			return c, nil
		case c == '\r':
			if ahead, _ := t.r.Peek(1); len(ahead) == 1 && ahead[0] == '\n' {
				continue
			}
			fallthrough // line ends of old Macs
		case c == '\n':
			t.keep(col, from, cut)
			return '\n', nil
		}
		if t.row.room(from, 1) == 0 {
			cut = true
		} else {
			t.row.bytes = append(t.row.bytes, c)
		}
	}
}

func (t *csv) keep(col, from int, cut bool) {
	if col >= columnsMax {
		t.row.bytes = t.row.bytes[:from]
		return
	}
	c := t.row.cell(col)
	c.at, c.end, c.cut = from, len(t.row.bytes), cut
	if c.end > from {
		c.kind = written
	}
}
