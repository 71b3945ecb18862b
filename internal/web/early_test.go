package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/i18n"
)

// Whoever sends half a command and waits takes nobody's place, and what comes at
// last is read whole: short, and longer than what is read before.
func TestHalfSent(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	count := func(w http.ResponseWriter, r *http.Request) error {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n)
		return err
	}
	began := time.Now()
	door := admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Since(began) }}, 1)
	s, err := build(Deps{Texts: texts, Door: door, Routes: Routes{
		{Method: "GET", Path: "/thing", Handler: count, Access: Public},
		{Method: "POST", Path: "/thing", Handler: count, Access: Public, MaxBody: 1 << 20},
	}}, fstest.MapFS{"static/manifest.json": {Data: []byte(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	defer srv.Close()
	var half []net.Conn
	for range 100 { // more than have a place at once
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "POST /thing HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 4\r\n\r\nab")
		half = append(half, c)
	}
	for _, path := range []string{"/thing", "/healthz"} {
		r, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode == http.StatusServiceUnavailable {
			t.Errorf("%s is shut by half-sent commands", path)
		}
	}
	for _, c := range half {
		fmt.Fprint(c, "cd")
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(r.Body)
		if r.StatusCode != http.StatusOK || string(got) != "4" {
			t.Fatalf("%d %q", r.StatusCode, got)
		}
	}
	again := 0
	for range 2 { // one connection for both: what was read whole ends nothing
		r, err := http.DefaultClient.Post(srv.URL+"/thing", "text/plain", strings.NewReader("abcd"))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if string(got) == "4" && !r.Close {
			again++
		}
	}
	if again != 2 {
		t.Errorf("a connection ends with %d of 2 commands", 2-again)
	}
	for name, body := range map[string]io.Reader{
		"announced": strings.NewReader(strings.Repeat("x", 300_000)),
		"in chunks": io.MultiReader(strings.NewReader(strings.Repeat("x", 300_000))),
	} {
		q, _ := http.NewRequest(http.MethodPost, srv.URL+"/thing", body)
		r, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if string(got) != "300000" {
			t.Errorf("%s: %d %q", name, r.StatusCode, got)
		}
	}
}

// Whoever announces a body and sends nothing of it, or a little, is answered at once by
// whatever answers without it, and takes nobody's place while they stay.
func TestUnreadBodies(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a page of more than a kilobyte or two ", 200)
	page := func(w http.ResponseWriter, _ *http.Request) error { fmt.Fprint(w, long); return nil }
	began := time.Now()
	door := admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Since(began) }}, 1)
	s, err := build(Deps{Texts: texts, Door: door, Routes: Routes{
		{Method: "GET", Path: "/thing", Handler: page, Access: Public},
		{Method: "POST", Path: "/thing", Handler: page, Access: Public},
	}}, fstest.MapFS{"static/manifest.json": {Data: []byte(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	defer srv.Close()
	for _, head := range []string{
		"POST /thing HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 5000000\r\n\r\naaaa",
		"POST /nothing HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100000\r\n\r\n",
		"POST /thing HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 100000\r\n\r\n",
		"GET /thing HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
		"GET /thing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
	} {
		var all []net.Conn
		for range 150 { // more than have a place at once
			c, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprint(c, head)
			all = append(all, c)
		}
		for _, c := range all {
			_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatalf("%.30q: not answered: %v", head, err)
			}
			r.Body.Close()
			if r.StatusCode == http.StatusServiceUnavailable || !r.Close {
				t.Fatalf("%.30q: %d, close: %v", head, r.StatusCode, r.Close)
			}
		}
		r, err := http.Get(srv.URL + "/thing")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%.30q shuts everybody else out: %d", head, r.StatusCode)
		}
	}
}
