package lane

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// echo answers /quick on the lane, and everything over net/http, with its number.
type echo struct {
	quick, slow atomic.Int64
	hold        chan struct{} // /hold waits for it
	gone        chan struct{} // closed when the caller of /hold went
}

func (e *echo) AnswerQuick(dst []byte, h *Head) ([]byte, bool) {
	if string(h.Target) != "/quick" {
		return dst, false
	}
	e.quick.Add(1)
	body, _ := h.Get("x-body")
	if h.Body != nil {
		body = h.Body
	}
	if string(body) == "hold" {
		<-e.hold
	}
	return fmt.Appendf(dst, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body), true
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.slow.Add(1)
	if r.URL.Path == "/hold" {
		select {
		case <-e.hold:
		case <-r.Context().Done():
			close(e.gone)
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
}

// serve starts a server with the lane and returns its address.
func serve(t *testing.T, e *echo) (addr string, srv *http.Server) {
	t.Helper()
	addr, srv, _ = serving(t, e)
	return addr, srv
}

func serving(t *testing.T, e *echo) (addr string, srv *http.Server, on *Listener) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.hold, e.gone = make(chan struct{}), make(chan struct{})
	srv = &http.Server{Handler: e, ConnState: State, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	on = Listen(l, e, time.Minute)
	go func() { done <- srv.Serve(on) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String(), srv, on
}

func dial(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, bufio.NewReader(c)
}

func get(path, body string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: a\r\nX-Body: " + body + "\r\n\r\n"
}

func post(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, in *bufio.Reader, text string) {
	t.Helper()
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("waiting for %q: %v", text, err)
	}
	got, err := io.ReadAll(r.Body)
	if err != nil || string(got) != text {
		t.Fatalf("%q, %v, want %q", got, err, text)
	}
}

// Quick and slow requests on one line are each answered once, by whom they should,
// in their order.
func TestTurns(t *testing.T) {
	e := &echo{}
	addr, _ := serve(t, e)
	c, in := dial(t, addr)
	for i := range 100 {
		body := strings.Repeat("b", i)
		send(t, c, get("/quick", body))
		want(t, in, body)
		send(t, c, post("/slow", body))
		want(t, in, "POST /slow "+body)
		send(t, c, post("/quick", body))
		want(t, in, body)
		send(t, c, get("/slow", ""))
		want(t, in, "GET /slow ")
	}
	if e.quick.Load() != 200 || e.slow.Load() != 200 {
		t.Error(e.quick.Load(), e.slow.Load())
	}
}

// A caller that does not wait for answers gets them in order all the same.
func TestPipelined(t *testing.T) {
	for _, piece := range []int{1, 7, 100, 1 << 20} {
		e := &echo{}
		addr, _ := serve(t, e)
		c, in := dial(t, addr)
		var all strings.Builder
		var answers []string
		for i := range 40 {
			body := strings.Repeat("x", i*i)
			all.WriteString(get("/quick", fmt.Sprint(i)) + post("/slow", body) + get("/quick", "y") + post("/quick", body))
			answers = append(answers, fmt.Sprint(i), "POST /slow "+body, "y", body)
		}
		go func() {
			for rest := all.String(); rest != ""; {
				n := min(piece, len(rest))
				if _, err := io.WriteString(c, rest[:n]); err != nil {
					return // the reader says so
				}
				rest = rest[n:]
			}
		}()
		for _, a := range answers {
			if wrong := orSlow(in, a); wrong != "" {
				t.Fatal(wrong)
			}
		}
	}
}

// orSlow wants the answer of either way: a line that came in strange pieces is net/http's.
func orSlow(in *bufio.Reader, quick string) string {
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		return err.Error()
	}
	got, err := io.ReadAll(r.Body)
	if err != nil || string(got) != quick && string(got) != "GET /quick " && string(got) != "POST /quick "+quick {
		return fmt.Sprintf("%q, %v, want %q", got, err, quick)
	}
	return ""
}

// What comes while net/http still makes the answer before waits for its turn, and
// the line stays quick.
func TestEarly(t *testing.T) {
	e := &echo{}
	addr, _ := serve(t, e)
	c, in := dial(t, addr)
	send(t, c, post("/hold", "z"))
	send(t, c, get("/quick", "early"))
	select {
	case e.hold <- struct{}{}:
	case <-time.After(time.Minute):
		t.Fatal("never asked")
	}
	want(t, in, "POST /hold z")
	want(t, in, "early")
	if e.quick.Load() != 1 {
		t.Error("the lane was left")
	}
}

// What comes while the lane itself still makes the answer before is not forgotten,
// though nothing comes after it.
func TestEarlyOnTheLane(t *testing.T) {
	e := &echo{}
	addr, _ := serve(t, e)
	c, in := dial(t, addr)
	for i := range 50 {
		send(t, c, post("/quick", "hold"))
		for e.quick.Load() < int64(2*i+1) {
			runtime.Gosched()
		}
		send(t, c, get("/quick", "early"))
		e.hold <- struct{}{}
		want(t, in, "hold")
		want(t, in, "early")
	}
}

// Half a head is not waited for as long as a line that is idle.
func TestHalfAHead(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{}
	srv := &http.Server{Handler: e, ConnState: State, ReadHeaderTimeout: time.Minute}
	on := Listen(l, e, time.Hour)
	on.half = 10 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- srv.Serve(on) }()
	t.Cleanup(func() {
		srv.Close()
		<-done
	})
	c, in := dial(t, l.Addr().String())
	send(t, c, get("/quick", "x"))
	want(t, in, "x")
	send(t, c, "GET /x HT")
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(in); err != nil {
		t.Errorf("not hung up: %v", err)
	}
}

// net/http hears that its caller went.
func TestGone(t *testing.T) {
	e := &echo{}
	addr, _ := serve(t, e)
	c, _ := dial(t, addr)
	send(t, c, post("/hold", ""))
	c.Close()
	select {
	case <-e.gone:
	case <-time.After(time.Minute):
		t.Fatal("nobody noticed")
	}
}

// A server that stops gives out every answer it has begun and then hangs up.
func TestStops(t *testing.T) {
	e := &echo{}
	addr, srv := serve(t, e)
	var all sync.WaitGroup
	for range 8 {
		c, in := dial(t, addr)
		send(t, c, get("/quick", "first"))
		want(t, in, "first")
		all.Go(func() {
			for {
				if _, err := io.WriteString(c, get("/quick", "again")); err != nil {
					return
				}
				if _, err := in.Peek(1); err != nil {
					return // hung up between two answers
				}
				r, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := io.ReadAll(r.Body); err != nil || string(got) != "again" {
					t.Errorf("%q, %v", got, err)
					return
				}
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	all.Wait()
}

// A command whose answer takes its time is answered although the server stops
// meanwhile, and Drain waits for it.
func TestDrain(t *testing.T) {
	e := &echo{}
	addr, srv, on := serving(t, e)
	c, in := dial(t, addr)
	send(t, c, get("/slow", ""))
	want(t, in, "GET /slow ")
	send(t, c, post("/quick", "hold"))
	for e.quick.Load() == 0 { // until it is under way
		runtime.Gosched()
	}
	soon, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := srv.Shutdown(soon); err != nil {
		t.Fatal(err)
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	if err := on.Drain(over); !errors.Is(err, context.Canceled) {
		t.Fatal("nothing was under way: ", err)
	}
	close(e.hold)
	want(t, in, "hold")
	if err := on.Drain(soon); err != nil {
		t.Fatal(err)
	}
}

// aged makes every connection an hour old.
type aged struct{ *Listener }

func (a aged) Accept() (net.Conn, error) {
	c, err := a.Listener.Accept()
	if c, ok := c.(*conn); ok {
		c.began = c.began.Add(-time.Hour)
	}
	return c, err
}

// A connection that net/http has not met for long is handed on once, and then quick.
func TestMeet(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{}
	srv := &http.Server{Handler: e, ConnState: State}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(aged{Listen(l, e, time.Minute)}) }()
	t.Cleanup(func() {
		srv.Close()
		<-done
	})
	c, in := dial(t, l.Addr().String())
	send(t, c, get("/quick", "x"))
	want(t, in, "GET /quick ")
	send(t, c, get("/quick", "x"))
	want(t, in, "x")
}
