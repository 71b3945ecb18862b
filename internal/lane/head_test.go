package lane

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

const whole = "GET /api/v1/me/code HTTP/1.1\r\nHost: a.example:80\r\nAuthorization: Bearer x\r\nConnection: Keep-Alive\r\n\r\n"

func TestRead(t *testing.T) {
	for _, x := range []struct {
		name, text string
		want       reading
		rest       int // bytes after the head
	}{
		{"a show", whole, plain, 0},
		{"two at once", whole + whole, plain, len(whole)},
		{"a check", "POST /gate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcdGET", posted, 7},
		{"a check without a word", "POST /gate HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", posted, 0},
		{"half a check", "POST /gate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabc", other, 3},
		{"another method with a body", "PUT /gate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd", other, 4},
		{"no body", "POST /gate HTTP/1.1\r\nHost: a\r\n\r\n", other, 0},
		{"a GET with a body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", other, 1},
		{"half a head", whole[:len(whole)-2], strange, 0},
		{"half a line", "GET /", strange, 0},
		{"nothing", "", strange, 0},
		{"bare line feeds", strings.ReplaceAll(whole, "\r\n", "\n"), strange, 0},
		{"HTTP/1.0", strings.Replace(whole, "1.1", "1.0", 1), strange, 0},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", strange, 0},
		{"another host's address", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", strange, 0},
		{"no host", "GET / HTTP/1.1\r\n\r\n", strange, 0},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", strange, 0},
		{"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", strange, 0},
		{"a list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", strange, 0},
		{"a signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", strange, 0},
		{"chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", strange, 0},
		{"expects", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", strange, 0},
		{"upgrades", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", strange, 0},
		{"hangs up", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", strange, 0},
		{"a folded line", "GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n", strange, 0},
		{"a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", strange, 0},
		{"a zero byte", "GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", strange, 0},
		{"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", strange, 0},
		{"many fields", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", fieldsMost) + "\r\n", strange, 0},
	} {
		var h Head
		size, got := h.read([]byte(x.text))
		if got != x.want || got != strange && len(x.text)-size != x.rest {
			t.Errorf("%s: %d, %d bytes left", x.name, got, len(x.text)-size)
		}
	}
}

func TestGet(t *testing.T) {
	var h Head
	h.read([]byte("GET / HTTP/1.1\r\nhOST: a\r\nX-Twice: 1\r\nx-twice: 2\r\nEmpty:\r\n\r\n"))
	for _, x := range []struct {
		name, want string
		nothing    bool
		once       bool
	}{
		{"host", "a", false, true},
		{"empty", "", true, true},
		{"cookie", "", true, true},
		{"x-twice", "", true, false},
	} {
		got, once := h.Get(x.name)
		if string(got) != x.want || (got == nil) != x.nothing || once != x.once {
			t.Errorf("%s: %q %v", x.name, got, once)
		}
	}
}

// FuzzRead holds the reading of heads against net/http's: whatever the lane takes
// for a request, net/http reads as the same request of the same length.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole + "x"))
	f.Add([]byte("POST /gate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcdGET / HTTP/1.1\r\n"))
	f.Add([]byte("GET /a?b=%20 HTTP/1.1\r\nHost: [::1]:80\r\nCookie: a=b; c=d\r\n\r\n"))
	f.Add([]byte("HEAD // HTTP/1.1\r\nHost: -\r\nTE: trailers\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Head
		size, what := h.read(b)
		if what == strange {
			return
		}
		r := bytes.NewReader(b)
		in := bufio.NewReader(r)
		q, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("net/http would not read %q: %v", b, err)
		}
		if q.Method != string(h.Method) || q.RequestURI != string(h.Target) || q.ContentLength != h.length || len(q.TransferEncoding) > 0 || q.Close || !q.ProtoAtLeast(1, 1) || q.ProtoMinor != 1 {
			t.Fatalf("%q was read as %s %s, %d bytes; by net/http as %s %s, %d %v %v", b, h.Method, h.Target, h.length, q.Method, q.RequestURI, q.ContentLength, q.TransferEncoding, q.Close)
		}
		if what == plain && (q.Method != "GET" || q.ContentLength != 0) {
			t.Fatalf("%q is no plain GET", b)
		}
		if (what == posted) != (h.Body != nil) || what == posted && (q.Method != "POST" || !bytes.Equal(h.Body, b[size:int64(size)+h.length])) {
			t.Fatalf("%q: posted %v with %q", b, what == posted, h.Body)
		}
		for _, name := range []string{"Authorization", "Cookie", "Accept-Language", "X-Forwarded-Proto"} {
			got, once := h.Get(strings.ToLower(name))
			if all := q.Header.Values(name); once != (len(all) < 2) || once && len(all) == 1 && all[0] != string(got) {
				t.Fatalf("%q: %s is %q, by net/http %q", b, name, got, all)
			}
		}
		if at := len(b) - r.Len() - in.Buffered(); at != size {
			t.Fatalf("%q: the head ends at %d, for net/http at %d", b, size, at)
		}
		if _, err := io.Copy(io.Discard, q.Body); err == nil {
			if at := len(b) - r.Len() - in.Buffered(); int64(at) != int64(size)+h.length {
				t.Fatalf("%q: the body ends at %d, for net/http at %d", b, int64(size)+h.length, at)
			}
		}
	})
}
