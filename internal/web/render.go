package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/ui"
)

// smallest is the size from which compressing pays: one packet is one packet.
const smallest = 1400

// keepMost bounds what a pooled buffer may hold on to.
const keepMost = 1 << 20

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	zippers = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(io.Discard, 5); return z }} // 5 is a level, so no error
)

// From is the page of this request: the reader's language, theme, name and
// ways. It is made once per request.
func From(r *http.Request) *ui.Page {
	v := visitOf(r)
	if v.page != nil {
		return v.page
	}
	s := v.site
	who := s.Who(r.Context())
	p := &ui.Page{
		Printer: Printer(r), Theme: theme(r), Path: r.URL.Path, URI: r.URL.RequestURI(), Ref: v.ref,
		Viewer: ui.Viewer{ID: who.ID, Name: who.Name, Role: string(who.Role), Demo: who.Demo},
		Assets: s.assets.page(), Scanner: v.route != nil && v.route.Scanner,
		Ticket: func() string { return ticket(s.Now()) },
		Goes:   func(path string) bool { return s.leads(who, path) },
	}
	v.page = p
	if s.District != nil {
		p.District = s.District(p.Lang())
	}
	if s.Nav != nil {
		p.Nav = s.Nav(who, p)
	}
	if s.Desk != nil && strings.HasPrefix(p.Path, "/desk/") {
		p.Desk = s.Desk(p)
	}
	return p
}

// leads reports whether a link to path leads somebody to a page: it is there, and the
// role and its scope may open it. Nobody is led to sign in.
func (s *Site) leads(who auth.Principal, path string) bool {
	route := s.routes["GET "+path]
	if route == nil || who.Zero() {
		return route != nil
	}
	return s.may(who, route.Access) == nil && (!route.Whole || who.Scope.Kind == auth.AtDistrict || who.Role == auth.System)
}

// Render answers 200 with a page, or with a fragment when that is what the
// component is. It is written only when it is whole.
func Render(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return render(w, r, http.StatusOK, c)
}

func render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	p := From(r)
	if r.Header.Get("HX-Request") == "" {
		p.Flash = takeFlash(w, r)
	}
	b := buffers.Get().(*bytes.Buffer)
	defer free(b)
	if err := c.Render(r.Context(), b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.Lang()))
	h.Set("Vary", changesWith)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", caching(Principal(r)))
	}
	return send(w, r, status, b.Bytes())
}

func caching(p auth.Principal) string {
	if p.Zero() {
		return "private, no-cache"
	}
	return "no-store" // someone else may use this phone next
}

// JSON answers a program.
func JSON(w http.ResponseWriter, r *http.Request, status int, body any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer free(b)
	if err := json.NewEncoder(b).Encode(body); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	if h.Get("Vary") == "" { // a handler may know better
		h.Set("Vary", changesWith)
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", caching(Principal(r)))
	}
	return send(w, r, status, b.Bytes())
}

// Done answers a command that was done: 303 to where its effect is seen, the
// same by HX-Redirect, or the noun itself for a program.
func Done(w http.ResponseWriter, r *http.Request, to string, noun any) error {
	switch {
	case WantsJSON(r):
		return JSON(w, r, http.StatusOK, noun)
	case r.Header.Get("HX-Request") != "":
		w.Header().Set("HX-Redirect", to)
		w.Header().Set("Vary", changesWith)
		w.WriteHeader(http.StatusNoContent)
	default:
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
	return nil
}

// Fragment is whether htmx asks for a part of the page only.
func Fragment(r *http.Request) bool {
	h := r.Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") == "" && h.Get("HX-Request-Type") != "full"
}

func send(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	if len(body) >= smallest && h.Get("Content-Encoding") == "" && acceptsGzip(r) {
		b := buffers.Get().(*bytes.Buffer)
		defer free(b)
		z := zippers.Get().(*gzip.Writer)
		z.Reset(b)
		_, _ = z.Write(body) // into memory
		_ = z.Close()
		zippers.Put(z)
		h.Set("Content-Encoding", "gzip")
		if by := h.Get("Vary"); !strings.HasPrefix(by, "Accept-Encoding") {
			h.Set("Vary", strings.TrimSuffix("Accept-Encoding, "+by, ", "))
		}
		body = b.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the caller has gone, if anything
	}
	return nil
}

func acceptsGzip(r *http.Request) bool {
	for _, v := range r.Header.Values("Accept-Encoding") {
		if gzipIn(v) {
			return true
		}
	}
	return false
}

func gzipIn(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

func free(b *bytes.Buffer) {
	if b.Cap() <= keepMost {
		b.Reset()
		buffers.Put(b)
	}
}

func theme(r *http.Request) ui.Theme {
	if c, err := r.Cookie("theme"); err == nil {
		return themeNamed(c.Value)
	}
	return ui.Auto
}

func themeNamed(name string) ui.Theme {
	for _, t := range ui.Themes() {
		if string(t) == name {
			return t
		}
	}
	return ui.Auto
}
