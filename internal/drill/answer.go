package drill

import (
	"bytes"
	"errors"
	"strconv"
)

// mostHead and mostBody bound what is kept of one answer, in bytes.
const (
	mostHead = 32 << 10
	mostBody = 1 << 20
)

// Answer is what a server said to one request.
type Answer struct {
	Status     int
	RetryAfter bool   // it named a time to come back
	Last       bool   // the server closes the connection after it
	Body       []byte // only if wanted; its first MB
}

// hearing reads answers of HTTP/1.1 (RFC 9112) as their bytes come, and keeps
// nothing but what is asked for. It knows Content-Length and chunked; an answer
// that ends only with its connection is refused, since the next one would need
// another connection.
type hearing struct {
	Answer
	want bool // keep the body
	at   part
	held []byte // of a head or a line that is not whole yet
	left int64  // bytes of the body or chunk to come
}

// part is where in an answer the next byte belongs.
type part uint8

const (
	atHead part = iota
	atBody
	atChunkSize
	atChunk
	atChunkEnd
	atTrailer
)

var (
	errHead  = errors.New("the head of an answer is no HTTP/1.1")
	errFrame = errors.New("an answer has neither Content-Length nor chunks")
	errChunk = errors.New("a chunk of an answer is malformed")
)

// begin forgets the last answer, keeping its memory.
func (h *hearing) begin(want bool) {
	*h = hearing{want: want, held: h.held[:0], Answer: Answer{Body: h.Body[:0]}}
}

// feed takes the next bytes; it says whether the answer is whole, and what is
// left over then. Body is valid until begin.
func (h *hearing) feed(b []byte) (rest []byte, whole bool, err error) {
	for {
		switch h.at {
		case atHead:
			head, more, ok := h.until(b, "\r\n\r\n")
			if !ok {
				if len(h.held) > mostHead {
					return nil, false, errHead
				}
				return nil, false, nil
			}
			b = more
			if err := h.head(head); err != nil {
				return nil, false, err
			}
			h.held = h.held[:0]
			if h.at == atBody && h.left == 0 {
				return b, true, nil
			}
		case atBody, atChunk:
			n := min(int64(len(b)), h.left)
			h.keep(b[:n])
			b, h.left = b[n:], h.left-n
			if h.left > 0 {
				return nil, false, nil
			}
			if h.at == atBody {
				return b, true, nil
			}
			h.at = atChunkEnd
		default: // the lines between chunks
			line, more, ok := h.until(b, "\r\n")
			if !ok {
				if len(h.held) > mostHead {
					return nil, false, errChunk
				}
				return nil, false, nil
			}
			b = more
			whole, err := h.line(line)
			h.held = h.held[:0]
			if whole || err != nil {
				return b, whole, err
			}
		}
	}
}

// line is one line between chunks, or of the trailer.
func (h *hearing) line(line []byte) (whole bool, err error) {
	switch h.at {
	case atChunkEnd:
		if len(line) != 0 {
			return false, errChunk
		}
		h.at = atChunkSize
	case atChunkSize:
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 40)
		if err != nil {
			return false, errChunk
		}
		h.left, h.at = int64(n), atChunk
		if n == 0 {
			h.at = atTrailer
		}
	default:
		return len(line) == 0, nil
	}
	return false, nil
}

// until returns what stands before the mark, with what was held of it; without
// the mark it holds everything.
func (h *hearing) until(b []byte, mark string) (before, after []byte, ok bool) {
	if len(h.held) == 0 { // as nearly always: no copy
		before, after, ok = bytes.Cut(b, []byte(mark))
		if !ok {
			h.held = append(h.held, b...)
		}
		return before, after, ok
	}
	had := len(h.held)
	h.held = append(h.held, b...)
	i := bytes.Index(h.held[max(0, had-len(mark)+1):], []byte(mark))
	if i < 0 {
		return nil, nil, false
	}
	i += max(0, had-len(mark)+1)
	return h.held[:i], b[i+len(mark)-had:], true
}

// head reads the status line and the few fields that matter here.
func (h *hearing) head(b []byte) error {
	line, fields, _ := bytes.Cut(b, []byte("\r\n"))
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return errHead
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil || status < 100 || status > 999 {
		return errHead
	}
	if status < 200 { // an interim answer: the real one follows
		return nil
	}
	h.Status, h.Last = status, line[7] == '0'
	framed, chunked := status == 204 || status == 304, false
	for len(fields) > 0 {
		line, fields, _ = bytes.Cut(fields, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			return errHead
		}
		value = bytes.TrimSpace(value)
		switch { // the length first: most fields are looked at no further
		case len(name) == 14 && bytes.EqualFold(name, []byte("Content-Length")):
			if h.left, err = strconv.ParseInt(string(value), 10, 64); err != nil || h.left < 0 {
				return errHead
			}
			framed = true
		case len(name) == 17 && bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case len(name) == 11 && bytes.EqualFold(name, []byte("Retry-After")):
			h.RetryAfter = len(value) > 0
		case len(name) == 10 && bytes.EqualFold(name, []byte("Connection")):
			h.Last = bytes.EqualFold(value, []byte("close"))
		}
	}
	switch {
	case status == 204 || status == 304:
		h.at, h.left = atBody, 0
	case chunked:
		h.at, h.left = atChunkSize, 0
	case framed:
		h.at = atBody
	default:
		return errFrame
	}
	// What went wrong is worth a look whatever was asked for.
	h.want = h.want || status >= 400 && status != 503
	return nil
}

func (h *hearing) keep(b []byte) {
	if h.want {
		h.Body = append(h.Body, b[:min(len(b), mostBody-len(h.Body))]...)
	}
}
