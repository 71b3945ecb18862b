package web

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/ui"
)

type input struct {
	Name  string   `form:"name" max:"10" json:"name"`
	Count int      `json:"count"`
	Sure  bool     `json:"sure"`
	Tags  []string `json:"tags"`
}

const mayEdit auth.Permission = "thing.edit"

func formPage(r *http.Request) func(*ui.Form) templ.Component {
	return func(f *ui.Form) templ.Component {
		return templ.Join(ui.ErrorSummary(From(r), f), ui.Text(f, ui.Input{Name: "name", Label: "Name"}), ui.FormKey(f))
	}
}

// start is a small site: who signs in is named by the header X-Who.
func start(t *testing.T, log io.Writer) *Site { t.Helper(); return startWith(t, log, fstest.MapFS{}) }

func startWith(t *testing.T, log io.Writer, bundle fs.FS) *Site {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	type whoKey struct{}
	s, err := build(Deps{
		Texts: texts, Log: slog.New(slog.NewTextHandler(log, nil)), Metrics: prometheus.NewRegistry(),
		Grants: auth.Grants{mayEdit: {auth.Officer}},
		Identify: func(next http.Handler, _ func(http.ResponseWriter, *http.Request, error)) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if role := r.Header.Get("X-Who"); role != "" {
					r = r.WithContext(context.WithValue(r.Context(), whoKey{}, auth.Principal{ID: "acc_1", Role: auth.Role(role), Name: "李*娜"}))
				}
				next.ServeHTTP(w, r)
			})
		},
		Who: func(ctx context.Context) auth.Principal { p, _ := ctx.Value(whoKey{}).(auth.Principal); return p },
		Routes: Routes{
			{Method: "GET", Path: "/{$}", Access: Public, Handler: func(w http.ResponseWriter, r *http.Request) error {
				return Render(w, r, ui.Front(From(r), ui.FrontPage{Title: "High-tech Zone"}))
			}},
			{Method: "GET", Path: "/thing/{id}", Access: Needs(mayEdit), Handler: func(w http.ResponseWriter, r *http.Request) error {
				return Render(w, r, ui.Empty("thing", r.PathValue("id")))
			}},
			{Method: "POST", Path: "/thing", Access: SignedIn, Input: input{}, Handler: func(w http.ResponseWriter, r *http.Request) error {
				var in input
				if err := Decode(r, &in); err != nil {
					return Again(err, formPage(r))
				}
				if in.Name == "" {
					return Again(fault.New(fault.Invalid, "fault.fields").With("name", "fault.wrong_type", "want", i18n.Key("fault.want_text")), formPage(r))
				}
				Flash(w, r, ui.Valid, "fault.too_long", "K7M2-9QXD", "max", in.Count)
				return Done(w, r, "/", in)
			}},
			{Method: "GET", Path: "/panic", Access: Public, Handler: func(http.ResponseWriter, *http.Request) error { panic("secret 330203199001011234") }},
			{Method: "GET", Path: "/long", Access: Public, Handler: func(w http.ResponseWriter, _ *http.Request) error {
				for {
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						return err
					}
				}
			}},
			{Method: "GET", Path: "/torn", Access: Public, Handler: func(w http.ResponseWriter, _ *http.Request) error {
				_, _ = w.Write([]byte("half"))
				return io.ErrUnexpectedEOF
			}},
			{Method: "GET", Path: "/busy", Access: Public, Handler: func(http.ResponseWriter, *http.Request) error { return context.DeadlineExceeded }},
			{Method: "GET", Path: "/gate", Access: Public, Scanner: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
				return Render(w, r, ui.Frame(From(r), "gate", ui.Phone))
			}},
		},
	}, bundle)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type ask struct {
	method, path, body string
	head               []string
}

func (a ask) of(s http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(a.method, a.path, strings.NewReader(a.body))
	if a.method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(a.head); i += 2 {
		r.Header.Del(a.head[i])
		if a.head[i+1] != "" {
			r.Header.Set(a.head[i], a.head[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	s := start(t, io.Discard)
	long := url.Values{"name": {strings.Repeat("长", 11)}, "count": {"１２"}, "key": {"key_1"}}.Encode()
	for _, c := range []struct {
		name   string
		ask    ask
		status int
		has    []string
	}{
		{"front", ask{"GET", "/", "", nil}, 200, []string{"High-tech Zone", `lang="en"`, "make build"}},
		{"Chinese by header", ask{"GET", "/", "", []string{"Accept-Language", "zh-CN,zh;q=0.9"}}, 200, []string{`lang="zh-Hans"`, "今天要办什么"}},
		{"the cookie decides", ask{"GET", "/", "", []string{"Accept-Language", "zh-CN", "Cookie", "lang=en; theme=dark"}}, 200, []string{`lang="en"`, `data-theme="dark"`}},
		{"nobody is sent to sign in", ask{"GET", "/thing/x?q=1", "", nil}, 303, nil},
		{"nobody's program", ask{"GET", "/thing/x", "", []string{"Accept", "application/json"}}, 401, []string{`"code":"fault.unauthenticated"`, `"status":401`}},
		{"wrong role", ask{"GET", "/thing/x", "", []string{"X-Who", "worker"}}, 403, []string{"Not for this account", "Reference"}},
		{"right role", ask{"GET", "/thing/x", "", []string{"X-Who", "officer"}}, 200, []string{"x"}},
		{"no such page", ask{"GET", "/nothing", "", nil}, 404, []string{"Nothing here"}},
		{"wrong method", ask{"POST", "/gate", "", nil}, 405, nil},
		{"panic", ask{"GET", "/panic", "", nil}, 500, []string{"Our mistake"}},
		{"busy", ask{"GET", "/busy", "", nil}, 503, []string{`http-equiv="refresh"`}},
		{
			"form with faults keeps what was typed",
			ask{"POST", "/thing", long, []string{"X-Who", "firm"}},
			422,
			[]string{strings.Repeat("长", 11), "At most 10 characters", `href="#f-name"`, `aria-invalid="true"`, `value="key_1"`},
		},
		{
			"JSON with faults",
			ask{"POST", "/thing", `{"name":"12345678901"}`, []string{"X-Who", "firm", "Content-Type", "application/json"}},
			422,
			[]string{`"field":"name"`, `"code":"fault.too_long"`},
		},
		{"said twice", ask{"POST", "/thing", `{"name":"x","name":"y"}`, []string{"X-Who", "firm", "Content-Type", "application/json"}}, 422, []string{`"field":"name"`, "fault.field_twice"}},
		{"said twice, once loud", ask{"POST", "/thing", `{"name":"x","NAME":"y"}`, []string{"X-Who", "firm", "Content-Type", "application/json"}}, 422, []string{`"field":"NAME"`, "fault.field_twice"}},
		{"unknown field", ask{"POST", "/thing", `{"nam":"x"}`, []string{"X-Who", "firm", "Content-Type", "application/json"}}, 422, []string{`"field":"nam"`, "fault.unknown_field"}},
		{"wrong type", ask{"POST", "/thing", `{"count":"x"}`, []string{"X-Who", "firm", "Content-Type", "application/json"}}, 422, []string{`"field":"count"`, "a whole number"}},
		{"no JSON", ask{"POST", "/thing", `{`, []string{"X-Who", "firm", "Content-Type", "application/json"}}, 400, nil},
		{"two JSON", ask{"POST", "/thing", `{"name":"x"} {}`, []string{"X-Who", "firm", "Content-Type", "application/json"}}, 400, nil},
		{"done", ask{"POST", "/thing", "name=%20x%20&count=7", []string{"X-Who", "firm"}}, 303, nil},
		{"done by htmx", ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "HX-Request", "true"}}, 204, nil},
		{
			"done by a program",
			ask{"POST", "/thing", `{"name":" x ","tags":[" a "]}`, []string{"X-Who", "firm", "Content-Type", "application/json"}},
			200,
			[]string{`{"name":"x","count":0,"sure":false,"tags":["a"]}`},
		},
		{"control characters", ask{"POST", "/thing", "name=a%00b", []string{"X-Who", "firm"}}, 422, []string{"cannot be kept"}},
		{"another site", ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "Sec-Fetch-Site", "cross-site"}}, 403, []string{"not come from our own page"}},
		{"another origin", ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "Sec-Fetch-Site", "", "Origin", "https://evil.example"}}, 403, nil},
		{"a cookie from nowhere", ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "Sec-Fetch-Site", "", "Cookie", "breakwater=x"}}, 403, nil},
		{"a program without cookie", ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "Sec-Fetch-Site", ""}}, 303, nil},
		{"an old browser's own page", ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "Sec-Fetch-Site", "", "Origin", "http://example.com", "Cookie", "a=b"}}, 303, nil},
		{"too large", ask{"POST", "/thing", strings.Repeat("x", bodyMost+1), []string{"X-Who", "firm"}}, 413, []string{"64 KB"}},
		{"no such file", ask{"GET", "/static/../../site.go", "", nil}, 404, nil},
		{"no such asset", ask{"GET", "/static/.keep", "", nil}, 404, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.ask.of(s)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d\n%s", w.Code, c.status, w.Body)
			}
			for _, want := range c.has {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("%q is not in the answer:\n%s", want, w.Body)
				}
			}
			for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"} {
				if w.Header().Get(h) == "" {
					t.Errorf("no %s", h)
				}
			}
			if strings.Contains(w.Body.String(), "330203199001011234") || strings.Contains(w.Body.String(), "<style") || strings.Contains(w.Body.String(), " style=") {
				t.Error("the page shows a cause or carries a style")
			}
		})
	}
	if missing := s.Texts.Missing(); len(missing) > 0 {
		t.Errorf("texts missing: %v", missing)
	}
}

func TestHeadersOfTheAnswer(t *testing.T) {
	s := start(t, io.Discard)
	gate := ask{"GET", "/gate", "", nil}.of(s)
	if h := gate.Header(); !strings.Contains(h.Get("Content-Security-Policy"), "wasm-unsafe-eval") || !strings.Contains(h.Get("Permissions-Policy"), "camera=(self)") {
		t.Errorf("scanner page: %v", h)
	}
	front := ask{"GET", "/", "", nil}.of(s)
	if h := front.Header(); strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || !strings.Contains(h.Get("Permissions-Policy"), "camera=()") || h.Get("Strict-Transport-Security") != "" {
		t.Errorf("plain page: %v", h)
	}
	wrong := ask{"POST", "/gate", "", nil}.of(s)
	if got := wrong.Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow %q", got)
	}
	away := ask{"GET", "/thing/x?q=1", "", nil}.of(s)
	if got := away.Header().Get("Location"); got != "/sign-in?next=%2Fthing%2Fx%3Fq%3D1" {
		t.Errorf("Location %q", got)
	}
	busy := ask{"GET", "/busy", "", nil}.of(s)
	if busy.Header().Get("Retry-After") == "" {
		t.Error("busy without Retry-After")
	}
	signed := ask{"GET", "/thing/x", "", []string{"X-Who", "officer"}}.of(s)
	if got := signed.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a signed-in page is kept: %q", got)
	}
	zipped := ask{"GET", "/", "", []string{"Accept-Encoding", "br, gzip"}}.of(s)
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= front.Body.Len() {
		t.Error("not compressed")
	}
	hx := ask{"POST", "/thing", "name=x", []string{"X-Who", "firm", "HX-Request", "true"}}.of(s)
	if hx.Header().Get("HX-Redirect") != "/" || !strings.Contains(hx.Header().Get("Vary"), "HX-Request") {
		t.Errorf("htmx: %v", hx.Header())
	}
}

func TestFlashIsSaidOnceAndNotForged(t *testing.T) {
	s := start(t, io.Discard)
	done := ask{"POST", "/thing", "name=x&count=7", []string{"X-Who", "firm"}}.of(s)
	c := done.Result().Cookies()[0]
	page := ask{"GET", "/", "", []string{"Cookie", c.Name + "=" + c.Value}}.of(s)
	for _, want := range []string{"At most 7 characters", "K7M2-9QXD"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if got := page.Result().Cookies(); len(got) != 1 || got[0].MaxAge >= 0 {
		t.Errorf("the message stays: %v", got)
	}
	forged := ask{"GET", "/", "", []string{"Cookie", "flash=eyJrIjoid2ViLnNraXAifQ.AAAA"}}.of(s)
	if strings.Contains(forged.Body.String(), `class="notice valid"`) || forged.Code != 200 {
		t.Error("a forged message is shown")
	}
}

func TestPreferences(t *testing.T) {
	s := start(t, io.Discard)
	for next, want := range map[string]string{"/a?b=c": "/a?b=c", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/", "/\nx": "/"} {
		w := ask{"POST", "/preference", url.Values{"lang": {"zh-Hans"}, "theme": {"ink"}, "next": {next}}.Encode(), nil}.of(s)
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("next %q: %d to %q, want %q", next, w.Code, got, want)
		}
		if got := w.Result().Cookies(); len(got) != 2 || got[0].Value != "zh-Hans" || got[1].Value != "ink" {
			t.Errorf("cookies %v", got)
		}
	}
	if w := (ask{"POST", "/preference", "lang=xx&theme=pink", nil}).of(s); len(w.Result().Cookies()) != 0 {
		t.Error("an unknown choice is kept")
	}
}

func TestTheLogSaysNothingPersonal(t *testing.T) {
	var log bytes.Buffer
	s := start(t, &log)
	ask{"GET", "/thing/per_secret?q=13800001111", "", []string{"X-Who", "officer"}}.of(s)
	line := log.String()
	if !strings.Contains(line, "route=/thing/{id}") || strings.Contains(line, "per_secret") || strings.Contains(line, "1380000") || strings.Contains(line, "李") {
		t.Error(line)
	}
}

func TestRoutesAreRefused(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := func(http.ResponseWriter, *http.Request) error { return nil }
	for name, routes := range map[string]Routes{
		"no access":   {{Method: "GET", Path: "/a", Handler: h}},
		"no handler":  {{Method: "GET", Path: "/a", Access: Public}},
		"no grant":    {{Method: "GET", Path: "/a", Handler: h, Access: "x.y"}},
		"twice":       {{Method: "GET", Path: "/a", Handler: h, Access: Public}, {Method: "GET", Path: "/a", Handler: h, Access: Public}},
		"bad pattern": {{Method: "GET", Path: "/{", Handler: h, Access: Public}},
	} {
		if _, err := New(Deps{Texts: texts, Routes: routes}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestBundledFiles(t *testing.T) {
	s := startWith(t, io.Discard, fstest.MapFS{
		"static/manifest.json":          {Data: []byte(`{"app.css": "app-1.css", "reader.wasm": "reader-2.wasm"}`)},
		"static/app-1.css":              {Data: []byte("body{}")},
		"static/app-1.css.gz":           {Data: []byte("zipped")},
		"static/reader-2.wasm":          {Data: []byte("\x00asm")},
		"static/not-in-the-manifest.js": {Data: []byte("x")},
	})
	if page := (ask{"GET", "/", "", nil}).of(s).Body.String(); !strings.Contains(page, `href="/static/app-1.css"`) || strings.Contains(page, "make build") {
		t.Error(page)
	}
	plain := ask{"GET", "/static/app-1.css", "", nil}.of(s)
	if plain.Body.String() != "body{}" || plain.Header().Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
		t.Error(plain.Header(), plain.Body)
	}
	if zipped := (ask{"GET", "/static/app-1.css", "", []string{"Accept-Encoding", "gzip"}}).of(s); zipped.Body.String() != "zipped" || zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Error(zipped.Header(), zipped.Body)
	}
	if wasm := (ask{"GET", "/static/reader-2.wasm", "", nil}).of(s); wasm.Header().Get("Content-Type") != "application/wasm" {
		t.Error(wasm.Header())
	}
	for _, gone := range []string{"/static/not-in-the-manifest.js", "/static/manifest.json", "/static/app-1.css.gz", "/static/"} {
		if w := (ask{"GET", gone, "", nil}).of(s); w.Code != 404 {
			t.Errorf("%s: %d", gone, w.Code)
		}
	}
	if _, err := build(Deps{Texts: s.Texts}, fstest.MapFS{"static/manifest.json": {Data: []byte(`{"a": "b"}`)}}); err == nil {
		t.Error("a manifest that leads nowhere is taken")
	}
}

// lines is a log that is read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A reader who leaves a long download is no fault of the program; an answer that it could
// not finish is.
func TestLeftDownload(t *testing.T) {
	var log lines
	srv := httptest.NewServer(start(t, &log))
	defer srv.Close()
	for _, path := range []string{"/long", "/torn"} {
		r, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadFull(r.Body, make([]byte, 4))
		_ = r.Body.Close()
		awaited(t, path+" is over", func() bool { return strings.Contains(log.String(), `route=`+path+" ") })
	}
	text := log.String()
	if strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, "unexpected EOF") {
		t.Error(text)
	}
}
