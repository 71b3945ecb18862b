package drill

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	var all []time.Duration
	for i := range 10_000 {
		d := time.Duration(i*i) * 37 * time.Nanosecond
		all = append(all, d)
		h.Add(d)
	}
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		exact, got := all[int(q*float64(len(all)))-1], h.Quantile(q)
		if got < exact || got > exact+exact/fine+time.Microsecond {
			t.Errorf("quantile %v is %v, exactly %v", q, got, exact)
		}
	}
	var twice Histogram
	twice.Merge(&h)
	twice.Merge(&h)
	if twice.Count() != 20_000 || twice.Quantile(0.5) != h.Quantile(0.5) || twice.Max() != all[len(all)-1] {
		t.Errorf("merged: %d, %v, %v", twice.Count(), twice.Quantile(0.5), twice.Max())
	}
	h.Add(100 * time.Hour) // beyond the last bucket
	h.Add(-time.Second)
	if h.Max() != 100*time.Hour || h.Count() != 10_002 {
		t.Errorf("%v %d", h.Max(), h.Count())
	}
}

// get is a load of one kind of request.
func get(addr, path string) Load {
	text := "GET " + path + " HTTP/1.1\r\nHost: drill\r\n\r\n"
	return Load{
		Addr: addr, Lines: 8, Kinds: []Kind{{Name: path, Keep: true}}, Deadline: 5 * time.Second,
		Ask: func(_ int64, b []byte) ([]byte, int) { return append(b, text...), 0 },
	}
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// Every request of the schedule is answered once and heard once.
func TestDrive(t *testing.T) {
	t.Parallel()
	var served, heard atomic.Int64
	l := get(serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch served.Add(1) % 4 {
		case 0:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(503)
		case 1:
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "ok")
		default:
			_, _ = io.WriteString(w, "ok")
			w.(http.Flusher).Flush() // chunked
		}
	}), "/")
	l.Hear = func(_ int64, _ int, a *Answer) {
		if a.Status == 200 && string(a.Body) == "ok" {
			heard.Add(1)
		}
	}
	run, err := l.Drive(t.Context(), Phase{"calm", 400, 500 * time.Millisecond}, Phase{"step", 1200, 250 * time.Millisecond}, Phase{"closed", 0, 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var whole Tally
	for i, want := range []int64{200, 300} {
		if all := run.Phases[i].All(); all.Asked() != want || run.Phases[i].GivenUp != 0 {
			t.Errorf("phase %d asked %d, want %d: %v", i, all.Asked(), want, run.Odd)
		}
	}
	for i := range run.Phases {
		all := run.Phases[i].All()
		whole.merge(&all)
	}
	if whole.Errors() > 0 || whole.Asked() != served.Load() || whole.OK != heard.Load() || whole.Refused != served.Load()/4 {
		t.Errorf("asked %d, served %d, heard %d, refused %d, errors %d: %v", whole.Asked(), served.Load(), heard.Load(), whole.Refused, whole.Errors(), run.Odd)
	}
}

// The negative control of the open loop: a server that stops for a while shows in
// the latencies of everybody who wanted to ask meanwhile.
func TestPauseShows(t *testing.T) {
	t.Parallel()
	const pause = 300 * time.Millisecond
	began := time.Now()
	l := get(serve(t, func(http.ResponseWriter, *http.Request) {
		if at := time.Since(began); at > 200*time.Millisecond && at < 200*time.Millisecond+pause {
			<-time.After(200*time.Millisecond + pause - at)
		}
	}), "/")
	run, err := l.Drive(t.Context(), Phase{"", 1000, time.Second})
	if err != nil {
		t.Fatal(err)
	}
	all := run.Phases[0].All()
	// 300 of 1,000 requests fell into the pause; a closed loop would count 8.
	if q := all.Latency.Quantile(0.85); q < pause/4 {
		t.Errorf("the 85th percentile is %v over a pause of %v", q, pause)
	}
}

// What goes wrong is counted as what it is.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		count func(*Tally) int64
	}{
		"bare":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, func(t *Tally) int64 { return t.Bare }},
		"other":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, func(t *Tally) int64 { return t.Other }},
		"broken": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(t *Tally) int64 { return t.Broken }},
		"late":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(t *Tally) int64 { return t.Late }},
	} {
		l := get(serve(t, c.serve), "/")
		l.Deadline = 100 * time.Millisecond
		run, err := l.Drive(t.Context(), Phase{"", 100, 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		all := run.Phases[0].All()
		if c.count(&all)+run.Phases[0].GivenUp != 10 || c.count(&all) == 0 || len(run.Odd) == 0 && name != "bare" {
			t.Errorf("%s: %+v, given up %d, odd %v", name, all.Errors(), run.Phases[0].GivenUp, run.Odd)
		}
		if _, ok := run.Calm(0, time.Hour); ok && name != "late" {
			t.Errorf("%s: called calm", name)
		}
	}
}

// A person who finds no line free leaves, and is counted.
func TestPatience(t *testing.T) {
	t.Parallel()
	l := get(serve(t, func(http.ResponseWriter, *http.Request) { <-time.After(50 * time.Millisecond) }), "/")
	l.Lines, l.Patience = 1, 20*time.Millisecond
	run, err := l.Drive(t.Context(), Phase{"", 200, 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	m := &run.Phases[0]
	if all := m.All(); m.GivenUp < 50 || all.OK < 1 || all.OK+m.GivenUp != 100 {
		t.Errorf("%d answered, %d given up", all.OK, m.GivenUp)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	s, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := s.Addr().String()
	s.Close()
	if _, err := get(addr, "/").Drive(t.Context(), Phase{"", 1, time.Second}); err == nil {
		t.Error("a load was driven against nobody")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := get(serve(t, func(http.ResponseWriter, *http.Request) {}), "/").Drive(ctx, Phase{"", 1, time.Hour}); err == nil {
		t.Error("an interrupted run is a whole one")
	}
}

// Who hangs up is counted apart and told of, and an answer that is a proper no is no
// failure.
func TestCutAndNo(t *testing.T) {
	t.Parallel()
	l := get(serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }), "/")
	text := "GET / HTTP/1.1\r\nHost: drill\r\n\r\n"
	l.Kinds = []Kind{{Name: "asked", No: []int{http.StatusGone}}, {Name: "cut", Cut: true}}
	l.Ask = func(i int64, b []byte) ([]byte, int) { return append(b, text...), int(i % 2) }
	var missed []int64
	l.Miss = func(i int64, kind int) {
		if kind == 1 {
			missed = append(missed, i)
		}
	}
	run, err := l.Drive(t.Context(), Phase{"", 40, 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	all := run.Phases[0].All()
	if all.No != 10 || all.Cut != 10 || all.Errors() != 0 || len(missed) != 10 || all.Asked() != 20 {
		t.Errorf("%d told no, %d cut off, %d failed, missed %v: %v", all.No, all.Cut, all.Errors(), missed, run.Odd)
	}
}

func TestWorstSeconds(t *testing.T) {
	run := Run{Phases: []Measured{{Phase: Phase{For: time.Second}}, {Phase: Phase{For: 3 * time.Second}}}, course: make([]moment, 41)}
	for i := range run.course {
		run.course[i].latency.Add(time.Millisecond)
	}
	run.course[5].bad = 9 // in the phase before
	run.course[12].latency.Add(80 * time.Millisecond)
	run.course[35].bad = 2
	want := []string{"second 3: p99 1.0 ms, 2 not answered well", "second 1: p99 80.0 ms, 0 not answered well"}
	if got := run.worst(1, 50*time.Millisecond); !slices.Equal(got, want) {
		t.Errorf("worst: %q, want %q", got, want)
	}
}
