package drill

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told is an answer with what is left of the bytes, and the failure.
type told struct {
	Status      int
	Retry, Last bool
	Body, Rest  string
	Whole       bool
	Err         error
}

// hear feeds text in pieces of so many bytes.
func hear(text string, piece int) told {
	var h hearing
	h.begin(true)
	for b := []byte(text); len(b) > 0; {
		n := min(piece, len(b))
		rest, whole, err := h.feed(b[:n])
		b = b[n:]
		if whole || err != nil {
			return told{h.Status, h.RetryAfter, h.Last, string(h.Body), string(rest) + string(b), whole, err}
		}
	}
	return told{Status: h.Status}
}

func TestHearing(t *testing.T) {
	for text, want := range map[string]told{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi":                                                             {Status: 200, Body: "hi", Whole: true},
		"HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n":                                                                {Status: 200, Whole: true},
		"HTTP/1.1 204 No Content\r\nX: y\r\n\r\nHTTP/":                                                               {Status: 204, Rest: "HTTP/", Whole: true},
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!":                                 {Status: 200, Body: "!", Whole: true},
		"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy":                  {Status: 503, Retry: true, Last: true, Body: "busy", Whole: true},
		"HTTP/1.1 503 Busy\r\nRetry-After:\r\nContent-Length: 0\r\n\r\n":                                             {Status: 503, Whole: true},
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nTrailer: t\r\n\r\nnext": {Status: 200, Body: "abcd", Rest: "next", Whole: true},
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n":                                                               {Status: 200, Last: true, Whole: true},
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort":                                                         {Status: 200},
		"HTTP/1.1 200 OK\r\n\r\nuntil the end":                                                                       {Status: 200, Err: errFrame},
		"HTTP/1.1 20x OK\r\n\r\n":                                                                                    {Err: errHead},
		"SSH-2.0-OpenSSH\r\n\r\n":                                                                                    {Err: errHead},
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n":                                                              {Status: 200, Err: errHead},
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n":                                                {Status: 200, Err: errChunk},
	} {
		for _, piece := range []int{1, 2, 3, 7, len(text)} {
			got := hear(text, piece)
			if want.Err != nil { // what is left of a broken answer is of no use
				got.Rest = ""
			}
			if d := cmp.Diff(want, got, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); d != "" {
				t.Errorf("%q in pieces of %d: %s", text, piece, d)
			}
		}
	}
}

func TestHearingIsBounded(t *testing.T) {
	if got := hear("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2*mostHead), 1000); !errors.Is(got.Err, errHead) {
		t.Errorf("a head without end: %+v", got)
	}
	long := strings.Repeat("y", 3*mostBody)
	var b bytes.Buffer
	if err := (&http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1, TransferEncoding: []string{"chunked"}, Body: io.NopCloser(strings.NewReader(long))}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if got := hear(b.String(), 1000); !got.Whole || got.Body != long[:mostBody] {
		t.Errorf("a long body: whole %t, kept %d of %d", got.Whole, len(got.Body), len(long))
	}
}

// What net/http reads whole from any bytes, we read to the same end.
func FuzzHearing(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), 1)
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 5)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		got := hear(string(b), max(1, piece))
		if !got.Whole {
			return
		}
		r := bufio.NewReader(bytes.NewReader(b))
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.StatusCode < 200 || resp.Close {
			return // ours is the looser reader; it only has to agree where theirs is sure
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || len(body) > mostBody {
			return
		}
		if got.Status != resp.StatusCode || got.Body != string(body) {
			t.Errorf("%q: %+v; net/http has %d %q", b, got, resp.StatusCode, body)
		}
	})
}
