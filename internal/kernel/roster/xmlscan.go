package roster

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// token is what the scanner stands on.
type token uint8

const (
	atEnd   token = iota // end of the document
	atStart              // <name …>; closed when it was <name …/>
	atClose              // </name>
	atText               // character data, perhaps one piece of several
)

// errXML is any text that is not the plain XML spreadsheets are made of.
var errXML = errors.New("malformed xml")

// Sizes of the scanner's window. No tag of a spreadsheet comes near 256 KiB.
const (
	window    = 64 << 10
	windowMax = 256 << 10
)

// scanner walks XML without building anything: names, attributes and text are
// slices of its window and valid until the next call of next. It knows local
// names only, because makers choose their own prefixes. It refuses DOCTYPE and
// any entity but the five of XML, so no text can grow while it is read.
type scanner struct {
	r      io.Reader
	buf    []byte
	i, n   int // unread bytes are buf[i:n]
	ended  bool
	name   []byte
	attrs  []byte
	text   []byte
	asIs   bool // the text is of a CDATA section: no entities in it
	closed bool
}

func newScanner(r io.Reader) *scanner { return &scanner{r: r, buf: make([]byte, window)} }

// more reads further bytes behind the unread ones; false at the end of input.
func (s *scanner) more() (bool, error) {
	if s.ended {
		return false, nil
	}
	if s.i > 0 {
		s.n = copy(s.buf, s.buf[s.i:s.n])
		s.i = 0
	}
	if s.n == len(s.buf) {
		if len(s.buf) >= windowMax {
			return false, errXML
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for tries := 0; tries < 100; tries++ {
		k, err := s.r.Read(s.buf[s.n:])
		s.n += k
		if errors.Is(err, io.EOF) {
			s.ended = true
			return k > 0, nil
		}
		if err != nil || k > 0 {
			return k > 0, err
		}
	}
	return false, io.ErrNoProgress
}

// until makes sure that mark lies in the unread bytes at or after from, and
// returns its place relative to them, or -1 at the end of input.
func (s *scanner) until(mark []byte, from int) (int, error) {
	for {
		if s.n-s.i > from {
			if k := bytes.Index(s.buf[s.i+from:s.n], mark); k >= 0 {
				return from + k, nil
			}
		}
		tail := s.n - s.i - len(mark) + 1 // mark may lie across the window's end
		if tail > from {
			from = tail
		}
		if ok, err := s.more(); !ok {
			return -1, err
		}
	}
}

var (
	commentEnd   = []byte("-->")
	cdataStart   = []byte("<![CDATA[")
	cdataEnd     = []byte("]]>")
	commentStart = []byte("<!--")
	piEnd        = []byte("?>")
	quoteMark    = []byte{'"'}
)

// next moves to the next start, close or text.
func (s *scanner) next() (token, error) {
	for {
		if s.i == s.n {
			if ok, err := s.more(); err != nil {
				return atEnd, err
			} else if !ok {
				return atEnd, nil
			}
		}
		if s.buf[s.i] != '<' {
			return s.characters()
		}
		for s.n-s.i < len(cdataStart) { // enough to tell what begins here
			if ok, err := s.more(); err != nil {
				return atEnd, err
			} else if !ok {
				break
			}
		}
		rest := s.buf[s.i:s.n]
		switch {
		case len(rest) < 3:
			return atEnd, errXML
		case rest[1] == '?':
			if err := s.skip(piEnd, 2); err != nil {
				return atEnd, err
			}
		case bytes.HasPrefix(rest, commentStart):
			if err := s.skip(commentEnd, 4); err != nil {
				return atEnd, err
			}
		case bytes.HasPrefix(rest, cdataStart):
			k, err := s.until(cdataEnd, len(cdataStart))
			if k < 0 {
				return atEnd, either(err)
			}
			s.text, s.asIs = s.buf[s.i+len(cdataStart):s.i+k], true
			s.i += k + len(cdataEnd)
			return atText, nil
		case rest[1] == '!': // DOCTYPE: the door of every entity attack
			return atEnd, errXML
		default:
			return s.tag()
		}
	}
}

// skip drops everything up to and with mark; like a tag it must fit the window.
func (s *scanner) skip(mark []byte, from int) error {
	k, err := s.until(mark, from)
	if k < 0 {
		return either(err)
	}
	s.i += k + len(mark)
	return nil
}

// characters returns text up to the next tag, or as much as the window holds
// without cutting an entity or a character.
func (s *scanner) characters() (token, error) {
	s.asIs = false
	for {
		if k := bytes.IndexByte(s.buf[s.i:s.n], '<'); k >= 0 {
			s.text = s.buf[s.i : s.i+k]
			s.i += k
			return atText, nil
		}
		if s.n-s.i >= window-utf8.UTFMax {
			cut := s.n
			if k := bytes.LastIndexByte(s.buf[s.i:s.n], '&'); k > 0 && s.n-s.i-k < 16 {
				cut = s.i + k
			}
			s.text = s.buf[s.i:cut]
			s.i = cut
			return atText, nil
		}
		if ok, err := s.more(); err != nil {
			return atEnd, err
		} else if !ok { // text after the last tag
			s.text = s.buf[s.i:s.n]
			s.i = s.n
			return atText, nil
		}
	}
}

// appendText appends what the text says to dst.
func (s *scanner) appendText(dst []byte) ([]byte, error) {
	if s.asIs {
		return append(dst, s.text...), nil
	}
	return unescape(dst, s.text)
}

// tag reads one start or close tag.
func (s *scanner) tag() (token, error) {
	// Nearly every tag lies whole in the window and has no ">" in a value.
	if k := bytes.IndexByte(s.buf[s.i:s.n], '>'); k > 0 {
		body := s.buf[s.i+1 : s.i+k]
		if bytes.Count(body, quoteMark)&1 == 0 && bytes.IndexByte(body, '\'') < 0 && bytes.IndexByte(body, '<') < 0 {
			s.i += k + 1
			return s.open(body)
		}
	}
	return s.quotedTag()
}

// quotedTag honours ">" and "<" inside quoted values.
func (s *scanner) quotedTag() (token, error) {
	var quote byte
	for k := 1; ; k++ {
		for s.i+k >= s.n {
			if ok, err := s.more(); !ok {
				return atEnd, either(err)
			}
		}
		c := s.buf[s.i+k]
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case quote == 0 && c == '<':
			return atEnd, errXML
		case quote == 0 && c == '>':
			body := s.buf[s.i+1 : s.i+k]
			s.i += k + 1
			return s.open(body)
		}
	}
}

// open takes the inside of a tag apart.
func (s *scanner) open(body []byte) (token, error) {
	if len(body) == 0 {
		return atEnd, errXML
	}
	if body[0] == '/' {
		s.name = local(bytes.TrimSpace(body[1:]))
		return atClose, nil
	}
	s.closed = body[len(body)-1] == '/'
	if s.closed {
		body = body[:len(body)-1]
	}
	end := 0
	for end < len(body) && !isSpace(body[end]) {
		end++
	}
	if end == 0 {
		return atEnd, errXML
	}
	s.name, s.attrs = local(body[:end]), body[end:]
	return atStart, nil
}

func local(name []byte) []byte {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == ':' {
			return name[i+1:]
		}
	}
	return name
}

// attr returns the raw value of the attribute with this local name, or nil.
func (s *scanner) attr(name string) []byte {
	rest := s.attrs
	for {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := local(bytes.TrimSpace(rest[:eq]))
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

// attrText is attr as text, entities read.
func (s *scanner) attrText(name string) string {
	out, err := unescape(nil, s.attr(name))
	if err != nil {
		return ""
	}
	return string(out)
}

func either(err error) error {
	if err == nil {
		return errXML
	}
	return err
}
