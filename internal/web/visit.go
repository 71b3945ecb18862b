package web

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/ui"
)

// visit is what the shell knows of one request while it is answered.
type visit struct {
	site  *Site
	ref   string
	route *Route // nil where no route matched
	page  *ui.Page
	long  *coming // the body that is being read, if it is a long one
}

type visitKey struct{}

// wire is a ResponseWriter that knows whether the answer has begun.
type wire struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *wire) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *wire) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *wire) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// visit is the outermost layer: reference, headers, log line, counters, panics.
func (s *Site) visit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		began := time.Now()
		v := &visit{site: s, ref: reference()}
		w := &wire{ResponseWriter: rw}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		s.guard(w.Header())
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
					panic(p)
				}
				s.Log.Error("panic", slog.String("ref", v.ref), slog.String("route", v.name()), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				s.answer(w, r, fault.New(fault.Internal, "fault.internal"))
			}
			s.note(v, w, r, time.Since(began))
		}()
		next.ServeHTTP(w, r)
	})
}

// everywhere is the pattern of lost.
const everywhere = "/"

// dispatch finds the route. A path that is not in its plainest form and leads
// nowhere is not sent to another that leads nowhere.
func (s *Site) dispatch(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; strings.Contains(p, "/.") || strings.Contains(p, "//") {
		if _, pattern := s.mux.Handler(r); pattern == everywhere {
			s.lost(w, r)
			return
		}
	}
	s.mux.ServeHTTP(w, r)
}

// lost is every address that no route takes: what the mux would answer by itself,
// 404 and 405, leaves through our own door.
func (s *Site) lost(w http.ResponseWriter, r *http.Request) {
	if allow := s.allowed(r); allow != "" {
		w.Header().Set("Allow", allow)
		s.answer(w, r, &refusal{http.StatusMethodNotAllowed, fault.New(fault.Malformed, "fault.method")})
		return
	}
	s.answer(w, r, fault.New(fault.NotFound, "fault.not_found"))
}

// unproven answers a request of which it could not be found out who asks, for a
// bad token or for a store that is away. What is public is public to them too:
// a monitor's stale token must not make a healthy program look ill.
func (s *Site) unproven(w http.ResponseWriter, r *http.Request, err error) {
	_, pattern := s.mux.Handler(r)
	if route := s.routes[pattern]; pattern == everywhere || route != nil && route.Access == Public {
		s.dispatch(w, r)
		return
	}
	s.answer(w, r, err)
}

// allowed lists the methods that the address does take.
func (s *Site) allowed(r *http.Request) string {
	var out []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		q := r.Clone(r.Context())
		q.Method = m
		if _, pattern := s.mux.Handler(q); pattern != "" && pattern != everywhere && m != r.Method {
			out = append(out, m)
		}
	}
	return strings.Join(out, ", ")
}

// serve is a route with its guards.
func (s *Site) serve(route *Route) http.Handler {
	most := route.MaxBody
	if most == 0 {
		most = bodyMost
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		v.route = route
		if route.Scanner {
			openCamera(w.Header())
		}
		if err := s.may(s.Who(r.Context()), route.Access); err != nil {
			s.answer(w, r, err)
			return
		}
		long, _ := r.Body.(*coming)
		if r.ContentLength > most {
			s.answer(w, r, tooLarge(most))
			if long != nil {
				long.away = r.ContentLength <= comingAway
			}
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		r, end, cancel := deadline(w, r, route)
		defer cancel()
		if long != nil {
			leave, ok := s.take(w, r, long, end)
			if !ok {
				return
			}
			defer leave()
			v.long = long
		}
		if err := route.Handler(w, r); err != nil {
			s.answer(w, r, err)
		}
	})
}

// may checks the role; the verb checks the scope.
func (s *Site) may(p auth.Principal, a Access) error {
	switch {
	case a == Public:
		return nil
	case p.Zero():
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	case a == SignedIn, p.Role == auth.System, slices.Contains(s.Grants[auth.Permission(a)], p.Role):
		return nil
	}
	return fault.New(fault.Denied, "fault.denied")
}

// May reports whether the reader's role holds a permission, for what a page offers.
func May(r *http.Request, p auth.Permission) bool {
	v := visitOf(r)
	return v.site != nil && v.site.may(v.site.Who(r.Context()), Needs(p)) == nil
}

// Principal is who asks; the zero Principal is nobody.
func Principal(r *http.Request) auth.Principal {
	if v := visitOf(r); v.site != nil {
		return v.site.Who(r.Context())
	}
	return auth.Principal{}
}

// Reference is the number of this request, to be read aloud and found in the log.
func Reference(r *http.Request) string { return visitOf(r).ref }

func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

func (v *visit) name() string {
	if v.route == nil {
		return "none"
	}
	return v.route.Path
}

func reference() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return ident.NewAloud(binary.BigEndian.Uint64(b[:]))
}

// Language is the cookie's choice, else what the browser asks for.
func Language(r *http.Request) i18n.Lang {
	if c, err := r.Cookie("lang"); err == nil && i18n.Known(i18n.Lang(c.Value)) {
		return i18n.Lang(c.Value)
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}

// Printer speaks the reader's language.
func Printer(r *http.Request) *i18n.Printer { return visitOf(r).site.Texts.Printer(Language(r)) }
