package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/lane"
	"breakwater/internal/web/ui"
)

// Quick answers a GET of its route from memory alone, and reports false where it
// would have to wait or is not sure: then the route's handler answers. What it says
// is what the handler would say; quick_test.go of app holds them against each other.
type Quick func(q *QuickAnswer) bool

// QuickAnswer is a request that is answered on the lane, and its answer so far.
type QuickAnswer struct {
	Who   auth.Principal
	Say   *i18n.Printer
	Theme ui.Theme
	Page  bool // a page is wanted, else JSON
	Gzip  bool // the page must be compressed

	Body []byte // to be appended to
}

// quicks are the routes the lane may answer, by path.
type quicks struct {
	byPath  map[string]*Route
	answers sync.Pool // *QuickAnswer
	date    atomic.Pointer[stamp]
}

// stamp is the Date header of one second.
type stamp struct {
	second int64
	text   string
}

// today is the Date of now, written once a second.
func (q *quicks) today(now time.Time) string {
	s := q.date.Load()
	if s == nil || s.second != now.Unix() {
		s = &stamp{now.Unix(), now.UTC().Format(http.TimeFormat)}
		q.date.Store(s)
	}
	return s.text
}

// AnswerQuick implements lane.Answerer: who asks is known, may come in, and the
// route's Quick answers. Who cannot be let in is refused here as well.
func (s *Site) AnswerQuick(dst []byte, h *lane.Head) (out []byte, ok bool) {
	route := s.quick.byPath[string(h.Target)]
	if route == nil || s.Recall == nil {
		return dst, false
	}
	began := time.Now()
	defer func() {
		if p := recover(); p != nil { // net/http's way has a page for it
			s.Log.Error("panic", slog.String("route", route.Path), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			out, ok = dst, false
		}
	}()
	q, _ := s.quick.answers.Get().(*QuickAnswer)
	if q == nil {
		q = new(QuickAnswer)
	}
	defer s.quick.answers.Put(q)
	if !s.quickly(q, h) || s.may(q.Who, route.Access) != nil {
		return dst, false
	}
	if s.Door != nil && !s.Door.Brief(route.Class) {
		return s.busy.quick(dst, q, s.quick.today(began)), true
	}
	if !route.Quick(q) {
		return dst, false
	}
	switch {
	case q.Page && q.Gzip:
		dst = append(append(dst, quickHead...), quickGzip...)
	case q.Page:
		dst = append(append(dst, quickHead...), quickPage...)
	default:
		dst = append(append(dst, quickHead...), quickJSON...)
	}
	dst = append(append(append(dst, "Content-Language: "...), q.Say.Lang()...), "\r\nDate: "...)
	dst = append(append(dst, s.quick.today(began)...), "\r\nContent-Length: "...)
	dst = append(strconv.AppendInt(dst, int64(len(q.Body)), 10), "\r\n\r\n"...)
	dst = append(dst, q.Body...)
	route.tally.good.Inc()
	route.tally.took.Observe(time.Since(began).Seconds())
	return dst, true
}

// quickly fills in who asks for what, if everything about it is plain.
func (s *Site) quickly(q *QuickAnswer, h *lane.Head) bool {
	accept, once := h.Get("accept")
	encoding, once1 := h.Get("accept-encoding")
	tongue, once2 := h.Get("accept-language")
	line, once3 := h.Get("cookie")
	part, _ := h.Get("hx-request")
	if !once || !once1 || !once2 || !once3 || part != nil {
		return false
	}
	var cookies []*http.Cookie
	if len(line) > 0 {
		var err error
		if cookies, err = http.ParseCookie(string(line)); err != nil {
			return false
		}
	}
	q.Page = !bytes.HasPrefix(h.Target, []byte("/api/"))
	if q.Page && !bytes.Contains(accept, []byte("text/html")) {
		return false
	}
	q.Gzip = gzipIn(string(encoding))
	q.Theme, q.Body = ui.Auto, q.Body[:0]
	lang := i18n.Lang("")
	for _, c := range cookies {
		switch c.Name {
		case flashCookie:
			return false // said once, by the handler
		case "lang":
			if lang == "" && i18n.Known(i18n.Lang(c.Value)) {
				lang = i18n.Lang(c.Value)
			}
		case "theme":
			q.Theme = themeNamed(c.Value)
		}
	}
	if lang == "" {
		lang = i18n.Match(string(tongue))
	}
	q.Say = s.Texts.Printer(lang)
	var known bool
	q.Who, known = s.Recall(h, cookies)
	return known
}

// quickHead is what every quick answer says, as guard does; the others, of their kind.
const (
	quickHead = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n" +
		"Content-Security-Policy: " + policy + "\r\n" +
		"Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n" +
		"Permissions-Policy: " + shut + "\r\n" +
		"Referrer-Policy: same-origin\r\n" +
		"X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
	quickJSON = "Content-Type: application/json; charset=utf-8\r\nVary: " + changesWith + "\r\n"
	quickPage = "Content-Type: text/html; charset=utf-8\r\nVary: " + changesWith + "\r\n"
	quickGzip = "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding, " + changesWith + "\r\n"
)
