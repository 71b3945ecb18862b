package web

import (
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
)

// Quick answers a GET of its route from memory alone, and reports false where it
// would have to wait or is not sure: then the route's handler answers. What it says
// is what the handler would say; quick_test.go of app holds them against each other.
type Quick func(q *QuickAnswer) bool

// QuickAnswer is a request that is answered on the lane, and its answer so far.
type QuickAnswer struct {
	Who  auth.Principal
	Say  *i18n.Printer
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
	lang, known := s.quickTongue(h)
	if !known {
		return dst, false
	}
	who, known := s.Recall(h)
	if !known || s.may(who, route.Access) != nil {
		return dst, false
	}
	if s.Door != nil {
		if !s.Door.Admit(route.Class, false) || !s.Door.Seat(route.Class, false) {
			return s.busy.quick(dst, lang, s.quick.today(began)), true
		}
		defer s.Door.Done(route.Class, false)
	}
	q, _ := s.quick.answers.Get().(*QuickAnswer)
	if q == nil {
		q = new(QuickAnswer)
	}
	defer s.quick.answers.Put(q)
	q.Who, q.Say, q.Body = who, s.Texts.Printer(lang), q.Body[:0]
	if !route.Quick(q) {
		return dst, false
	}
	dst = append(dst, quickHead...)
	dst = append(append(append(dst, "Content-Language: "...), lang...), "\r\nDate: "...)
	dst = append(append(dst, s.quick.today(began)...), "\r\nContent-Length: "...)
	dst = append(strconv.AppendInt(dst, int64(len(q.Body)), 10), "\r\n\r\n"...)
	dst = append(dst, q.Body...)
	route.tally.good.Inc()
	route.tally.took.Observe(time.Since(began).Seconds())
	return dst, true
}

// quickTongue is Language, for who sends no cookie.
func (s *Site) quickTongue(h *lane.Head) (i18n.Lang, bool) {
	if c, once := h.Get("cookie"); !once || c != nil {
		return "", false
	}
	accept, once := h.Get("accept-language")
	return i18n.Match(string(accept)), once
}

// quickHead is what every quick answer says: guard's headers and those of JSON.
var quickHead = []byte("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n" +
	"Content-Security-Policy: " + policy + "\r\n" +
	"Content-Type: application/json; charset=utf-8\r\n" +
	"Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n" +
	"Permissions-Policy: " + shut + "\r\n" +
	"Referrer-Policy: same-origin\r\n" +
	"Vary: " + changesWith + "\r\n" +
	"X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n")
