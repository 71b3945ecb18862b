package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"breakwater/internal/admission"
	"breakwater/internal/i18n"
)

// crowded is a site whose capacity of one request a second is used up, and the
// number of requests that reached a handler.
func crowded(t testing.TB) (*Site, *int) {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	note := func(w http.ResponseWriter, r *http.Request) error {
		done++
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	door := admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Hour }, Capacity: 1}, 1)
	s, err := build(Deps{Texts: texts, Door: door, Metrics: prometheus.NewRegistry(), Routes: Routes{
		{Method: "GET", Path: "/thing/{id}", Handler: note, Access: Public},
		{Method: "POST", Path: "/thing/{id}", Handler: note, Access: Public},
		{Method: "POST", Path: "/api/v1/things", Handler: note, Access: Public},
		{Method: "GET", Path: "/api/v1/things", Handler: note, Access: Public},
		{Method: "GET", Path: "/healthz", Handler: note, Access: Public, Class: admission.Vital},
	}}, fstest.MapFS{"static/manifest.json": {Data: []byte(`{"a.css":"a-1.css"}`)}, "static/a-1.css": {Data: []byte("a{}")}})
	if err != nil {
		t.Fatal(err)
	}
	for door.Admit(admission.Show, false) {
	}
	return s, &done
}

func TestBusyAnswers(t *testing.T) {
	s, done := crowded(t)
	for _, c := range []struct {
		name, method, path string
		head               []string
		kind, holds, lacks string
	}{
		{"a page", "GET", "/thing/1", nil, "text/html", `http-equiv="refresh"`, "not carried out"},
		{"in Chinese", "GET", "/thing/1", []string{"Accept-Language", "zh-CN,zh;q=0.9"}, "text/html", "现在使用的人很多", "Very many"},
		{"by the cookie's language", "GET", "/thing/1", []string{"Accept-Language", "en", "Cookie", "theme=dark; lang=zh-Hans"}, "text/html", `lang="zh-Hans"`, "Very many"},
		{"a form", "POST", "/thing/1", []string{"Accept", "text/html"}, "text/html", "was not carried out", "refresh"},
		{"a program's question", "GET", "/api/v1/things", nil, "application/problem+json", `"code":"web.busy_read"`, "<"},
		{"a program's command", "POST", "/api/v1/things", nil, "application/problem+json", "was not carried out", "<"},
		{"a part by htmx", "GET", "/thing/1", []string{"HX-Request", "true"}, "text/html", "", "<"},
		{"a form by htmx", "POST", "/thing/1", []string{"HX-Request", "true"}, "text/html", `role="alert" data-refused`, "<html"},
		{"nowhere", "GET", "/wp-admin", nil, "text/html", "refresh", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(""))
			for i := 0; i+1 < len(c.head); i += 2 {
				r.Header.Set(c.head[i], c.head[i+1])
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			body, _ := io.ReadAll(w.Body)
			again, err := strconv.Atoi(w.Header().Get("Retry-After"))
			if w.Code != http.StatusServiceUnavailable || err != nil || again < againFrom || again > againTo {
				t.Errorf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
			}
			if got := w.Header().Get("Content-Length"); got != strconv.Itoa(len(body)) {
				t.Errorf("Content-Length %s for %d bytes", got, len(body))
			}
			if !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(string(body), c.holds) || c.lacks != "" && strings.Contains(string(body), c.lacks) {
				t.Errorf("%s: %s", w.Header().Get("Content-Type"), body)
			}
			if len(body) >= 2<<10 || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%d bytes, %v", len(body), w.Header())
			}
			if c.kind != "text/html" {
				var p Problem
				if err := json.Unmarshal(body, &p); err != nil || p.Status != w.Code {
					t.Errorf("%v: %s", err, body)
				}
			}
		})
	}
	if *done != 0 {
		t.Errorf("%d refused requests reached a handler", *done)
	}
	for _, path := range []string{"/healthz", "/static/a-1.css"} {
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, httptest.NewRequest("GET", path, nil)); w.Code >= 300 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Statistics give way first: where they are refused with when to come again, an order
// and a code are still answered.
func TestStatisticsFirst(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	done := func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }
	door := admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Hour }, Capacity: 1000}, 1)
	s, err := build(Deps{Texts: texts, Door: door, Metrics: prometheus.NewRegistry(), Routes: Routes{
		{Method: "GET", Path: "/board", Handler: done, Access: Public, Class: admission.Statistics},
		{Method: "GET", Path: "/order", Handler: done, Access: Public, Class: admission.Order},
		{Method: "GET", Path: "/code", Handler: done, Access: Public, Class: admission.Show},
	}}, fstest.MapFS{"static/manifest.json": {Data: []byte(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	served := 0
	for ask("/board").Code == http.StatusNoContent {
		if served++; served > 10_000 {
			t.Fatal("statistics are never refused")
		}
	}
	if again, err := strconv.Atoi(ask("/board").Header().Get("Retry-After")); err != nil || again < againFrom {
		t.Errorf("refused without when to come again: %v", err)
	}
	for _, path := range [...]string{"/order", "/code"} {
		if w := ask(path); w.Code != http.StatusNoContent {
			t.Errorf("%s: %d while only statistics were refused", path, w.Code)
		}
	}
}

// A crowd is told different times.
func TestBusyIsSpread(t *testing.T) {
	s, _ := crowded(t)
	seen := map[string]bool{}
	for range 200 {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/thing/1", nil))
		seen[w.Header().Get("Retry-After")] = true
	}
	if len(seen) != againTo-againFrom+1 {
		t.Errorf("told %v", seen)
	}
}

func TestRanks(t *testing.T) {
	var known ranks
	for _, r := range (Routes{
		{Method: "GET", Path: "/{$}"},
		{Method: "GET", Path: "/static/", Class: admission.Vital},
		{Method: "GET", Path: "/firm/{firm}/roster"},
		{Method: "POST", Path: "/firm/{firm}/roster", MaxBody: 1 << 20},
		{Method: "GET", Path: "/firm/{firm}/roster.csv"},
		{Method: "GET", Path: "/firm/new", Class: admission.Result},
		{Method: "GET", Path: "/open/{rest...}", Slow: time.Minute},
		{Path: "/any", Class: admission.Show},
	}) {
		r.Class = r.importance()
		known.add(&r)
	}
	for _, c := range []struct {
		method, path string
		want         admission.Class
	}{
		{"GET", "/", admission.Order},
		{"GET", "/static/a/b.js", admission.Vital},
		{"POST", "/static/a", admission.Order},
		{"GET", "/firm/1/roster", admission.Order},
		{"HEAD", "/firm/1/roster.csv", admission.Statistics},
		{"POST", "/firm/1/roster", admission.Import},
		{"GET", "/firm/new", admission.Result},
		{"GET", "/firm/new/roster", admission.Order},
		{"GET", "/firm/1", admission.Order},
		{"GET", "/open/a/b/c", admission.Statistics},
		{"PUT", "/any", admission.Show},
		{"GET", "/any/more", admission.Order},
		{"GET", "/nothing", admission.Order},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		if got := known.of(r); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.method, c.path, got, c.want)
		}
	}
}

// BenchmarkAdmit is what admission adds to a request that is let in, while there
// is no limit and while there is one; BenchmarkBusy is a whole refusal.
func BenchmarkAdmit(b *testing.B) {
	for name, capacity := range map[string]int{"open": 0, "limited": 1 << 40} {
		b.Run(name, func(b *testing.B) {
			s, _ := crowded(b)
			began := time.Now()
			s.Door = admission.New(admission.Deps{Elapsed: func() time.Duration { return time.Since(began) }, Capacity: capacity}, 2)
			r := httptest.NewRequest("GET", "/api/v1/things", nil)
			b.ReportAllocs()
			for b.Loop() {
				class, writes := s.ranks.of(r), !safe(r.Method)
				if s.Door.Admit(class, writes) {
					s.Door.Done(class, writes)
				}
			}
		})
	}
}

func BenchmarkBusy(b *testing.B) {
	s, _ := crowded(b)
	r := httptest.NewRequest("GET", "/api/v1/things", nil)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		w.Body.Reset()
		s.ServeHTTP(w, r)
	}
}
