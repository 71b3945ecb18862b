package web

import (
	"bufio"
	"context"
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
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
)

type comingWho struct{}

// uploads is a real server that takes files, and the door before it. Who sends is
// named by the header X-Who; most is how many of one account may be on their way.
func uploads(t *testing.T, p pace) (*httptest.Server, *Site) {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s, err := build(Deps{
		Texts: texts, Door: admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Since(began) }}, 2),
		Identify: func(next http.Handler, _ func(http.ResponseWriter, *http.Request, error)) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), comingWho{}, auth.Principal{ID: r.Header.Get("X-Who"), Role: auth.Officer})))
			})
		},
		Who: func(ctx context.Context) auth.Principal {
			p, _ := ctx.Value(comingWho{}).(auth.Principal)
			return p
		},
		Routes: Routes{{Method: "POST", Path: "/file", Access: SignedIn, MaxBody: 1 << 20, Slow: time.Minute, Handler: func(w http.ResponseWriter, r *http.Request) error {
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				return fault.Wrap(err, fault.Internal, "fault.internal")
			}
			fmt.Fprint(w, n)
			return nil
		}}},
	}, fstest.MapFS{"static/manifest.json": {Data: []byte(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	s.pace = p
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv, s
}

const comingSize = 300_000

// half begins to send a file over a line of its own and stops.
func half(t *testing.T, srv *httptest.Server, who string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST /file HTTP/1.1\r\nHost: a\r\nX-Who: %s\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\nhalf", who, comingSize)
	return c
}

func (s *Site) onTheirWay(who string) int {
	s.comings.mu.Lock()
	defer s.comings.mu.Unlock()
	return s.comings.now[who]
}

func whole300(t *testing.T, srv *httptest.Server, who string) (status int, body string) {
	t.Helper()
	q, _ := http.NewRequest(http.MethodPost, srv.URL+"/file", strings.NewReader(strings.Repeat("x", comingSize)))
	q.Header.Set("X-Who", who)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(b)
}

// awaited asks until it is so; the other side is a real server.
func awaited(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(time.Millisecond) // a server over TCP has its part to do
	}
}

// One account sends 128 halves of files and waits: four are on their way, the others
// are told so, and another account's file is taken at once. What was told to wait is
// taken when one of the four has arrived.
func TestSlowUploads(t *testing.T) {
	srv, s := uploads(t, pace{comingMost, time.Minute, 1})
	var lines []net.Conn
	for range 128 {
		lines = append(lines, half(t, srv, "one"))
	}
	answers := make(chan *http.Response, len(lines))
	for _, c := range lines {
		go func() {
			if r, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
				answers <- r
			}
		}()
	}
	for range len(lines) - comingMost {
		r := <-answers
		text, _ := io.ReadAll(r.Body)
		if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "10" || !strings.Contains(string(text), "web.uploads_many") {
			t.Fatalf("%d %q %s", r.StatusCode, r.Header.Get("Retry-After"), text)
		}
	}
	if n := s.onTheirWay("one"); n != comingMost {
		t.Errorf("%d on their way", n)
	}
	if status, body := whole300(t, srv, "two"); status != http.StatusOK || body != fmt.Sprint(comingSize) {
		t.Errorf("another account's file: %d %s", status, body)
	}
	if status, _ := whole300(t, srv, "one"); status != http.StatusTooManyRequests {
		t.Errorf("a fifth of the same account: %d", status)
	}
	for _, c := range lines {
		_ = c.Close()
	}
	awaited(t, "the lines are gone", func() bool { return s.onTheirWay("one") == 0 })
	if status, _ := whole300(t, srv, "one"); status != http.StatusOK {
		t.Errorf("when they are gone: %d", status)
	}
}

// Even were one account let in with all of them, they would keep nobody out: what
// waits for its sender is not under way. If it were, there would be no room, which is
// what the door says of as many that are.
func TestComingKeepsNobodyOut(t *testing.T) {
	srv, s := uploads(t, pace{1000, time.Minute, 1})
	for range 128 {
		half(t, srv, "one")
	}
	awaited(t, "128 on their way", func() bool { return s.onTheirWay("one") == 128 })
	awaited(t, "all of them wait for their senders", func() bool {
		if !s.Door.Admit(admission.Import, true) {
			return false
		}
		s.Door.Done(admission.Import, true)
		return true
	})
	if status, body := whole300(t, srv, "two"); status != http.StatusOK {
		t.Errorf("beside them: %d %s", status, body)
	}
	in := 0
	for s.Door.Admit(admission.Import, true) { // the control: as many that do count
		in++
	}
	if in > 128 {
		t.Errorf("%d let in", in)
	}
	if status, _ := whole300(t, srv, "two"); status != http.StatusServiceUnavailable {
		t.Errorf("beside as many that are under way: %d", status)
	}
}

// What comes too slowly is given up, and its sender is told that nothing was taken; a
// slow line that goes on is not given up.
func TestTooSlow(t *testing.T) {
	srv, s := uploads(t, pace{4, 300 * time.Millisecond, 1 << 10})
	c := half(t, srv, "one")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(text), "web.upload_slow") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	awaited(t, "it is gone", func() bool { return s.onTheirWay("one") == 0 })

	srv, _ = uploads(t, pace{4, time.Minute, 1 << 20})
	slow := half(t, srv, "two")
	part := strings.Repeat("x", comingSize/10)
	for sent := len("half"); sent < comingSize; {
		n, err := io.WriteString(slow, part[:min(len(part), comingSize-sent)])
		if err != nil {
			t.Fatal(err)
		}
		sent += n
		time.Sleep(20 * time.Millisecond) // a line that is slow
	}
	if r, err = http.ReadResponse(bufio.NewReader(slow), nil); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("a slow line: %v %v", r, err)
	}
}

// Whoever sends a body that is too large, all of it before looking for an answer, is
// told so.
func TestTooLargeIsRead(t *testing.T) {
	srv, s := uploads(t, pace{comingMost, time.Minute, 1})
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const size = 20 << 20 // more than the line holds
	fmt.Fprintf(c, "POST /file HTTP/1.1\r\nHost: a\r\nX-Who: one\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\n", size)
	if _, err := io.Copy(c, io.LimitReader(endless{}, size)); err != nil {
		t.Errorf("sending: %v", err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(text), "1 MB") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	awaited(t, "it is gone", func() bool { return s.onTheirWay("one") == 0 })
}

// Nobody is kept from stopping by somebody who goes on sending what was refused.
func TestStopWhileReadingAway(t *testing.T) {
	srv, s := uploads(t, pace{comingMost, time.Minute, 1})
	srv.Config.RegisterOnShutdown(s.Stopping)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /file HTTP/1.1\r\nHost: a\r\nX-Who: one\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\nbegin", comingAway)
	if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatal(r, err)
	}
	awaited(t, "its place is free while the rest comes", func() bool { return s.onTheirWay("away 127.0.0.1") == 1 && s.onTheirWay("one") == 0 })
	soon, cancel := context.WithTimeout(t.Context(), awayMost/2)
	defer cancel()
	if err := srv.Config.Shutdown(soon); err != nil {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
