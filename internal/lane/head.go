package lane

import (
	"bytes"
	"net/netip"
	"strings"
)

// Head is the head of one request, still lying in the connection's buffer: it is
// good until the answerer returns.
type Head struct {
	Method, Target []byte
	Body           []byte     // of a POST
	Peer           netip.Addr // who sent it: the caller, or the last proxy; zero if it is no TCP
	fields         [fieldsMost]field
	n              int
	length         int64 // of the body
}

type field struct{ name, value []byte }

const (
	fieldsMost = 48       // a browser behind two proxies sends half of that
	bodyMost   = 64 << 20 // bytes of a body the lane counts
)

// Get returns the value of a header, and ok false if it was sent more than once:
// then there are two ways to read it.
func (h *Head) Get(name string) (value []byte, ok bool) {
	found := false
	for i := range h.fields[:h.n] {
		f := &h.fields[i]
		if len(f.name) != len(name) || !same(f.name, name) {
			continue
		}
		if found {
			return nil, false
		}
		value, found = f.value, true
	}
	return value, true
}

// same is whether name is lower in any case; lower is in lower case.
func same(name []byte, lower string) bool {
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// reading is what became of looking at a head.
type reading uint8

const (
	strange reading = iota // net/http must read this connection, from here on
	other                  // a whole head whose body has a known length
	plain                  // a whole GET of HTTP/1.1 without a body, on a line that is kept
	posted                 // a whole POST with its body, on such a line
)

// read reads the head at the beginning of b: size is its length with the empty
// line. It is narrower than RFC 9112 on purpose: what it takes for plain or other,
// everybody reads alike.
func (h *Head) read(b []byte) (size int, what reading) {
	h.n, h.length, h.Body = 0, 0, nil
	line, rest, ok := bytes.Cut(b, crlf)
	if !ok {
		return 0, strange
	}
	method, after, ok1 := bytes.Cut(line, space)
	target, version, ok2 := bytes.Cut(after, space)
	if !ok1 || !ok2 || string(version) != "HTTP/1.1" || !upper(method) || len(target) == 0 || target[0] != '/' || !printable(target, false) {
		return 0, strange
	}
	h.Method, h.Target = method, target
	what = plain
	if string(method) != "GET" {
		what = other
	}
	hosts, lengths := 0, 0
	for {
		if line, rest, ok = bytes.Cut(rest, crlf); !ok {
			return 0, strange
		}
		if len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 || h.n == fieldsMost || !token(line[:colon]) {
			return 0, strange
		}
		value := bytes.Trim(line[colon+1:], " \t")
		if !printable(value, true) {
			return 0, strange
		}
		name := line[:colon]
		h.fields[h.n] = field{name, value}
		h.n++
		switch {
		case len(name) == 4 && same(name, "host"):
			hosts++
			if !host(value) {
				return 0, strange
			}
		case len(name) == 14 && same(name, "content-length"):
			lengths++
			if h.length, ok = number(value); !ok {
				return 0, strange
			}
			what = other
		case len(name) == 17 && same(name, "transfer-encoding"), len(name) == 6 && same(name, "expect"),
			len(name) == 7 && same(name, "upgrade"), len(name) == 7 && same(name, "trailer"):
			return 0, strange
		case len(name) == 10 && same(name, "connection"):
			if len(value) != 10 || !same(value, "keep-alive") {
				return 0, strange
			}
		}
	}
	if hosts != 1 || lengths > 1 {
		return 0, strange
	}
	if lengths == 1 && string(method) == "POST" && h.length <= int64(len(rest)) {
		h.Body, what = rest[:h.length], posted
	}
	return len(b) - len(rest), what
}

var crlf, space = []byte("\r\n"), []byte(" ")

func upper(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(b) > 0
}

// token is RFC 9110's, without the characters nobody uses.
func token(b []byte) bool { return made(b, "-_") }

// made is whether b is of letters, digits and the given others.
func made(b []byte, others string) bool {
	for _, c := range b {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(others, c) >= 0:
		default:
			return false
		}
	}
	return true
}

// printable is ASCII that is seen; inside a value also blanks.
func printable(b []byte, blanks bool) bool {
	for _, c := range b {
		if c > '~' || c < ' ' || c == ' ' && !blanks {
			return false
		}
	}
	return true
}

// host is a name or address with or without a port.
func host(b []byte) bool { return len(b) > 0 && made(b, "-.:") }

// number is a body's length in plain digits.
func number(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, n <= bodyMost
}
