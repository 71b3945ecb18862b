package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/lane"
	"breakwater/internal/web/ui"
)

// Quick answers a request of its route, and reports false where it is not sure or
// something is wrong: then the route's handler answers. What it says is what the
// handler would say; quick_test.go of app holds them against each other.
//
// A GET is answered from memory alone. A POST is a command that came with a key: what
// Quick did before it reported false, the handler finds done under the same key.
type Quick func(q *QuickAnswer) bool

// QuickAnswer is a request that is answered on the lane, and its answer so far.
type QuickAnswer struct {
	Who   auth.Principal
	Say   *i18n.Printer
	Theme ui.Theme
	Page  bool   // a page is wanted, else JSON
	Gzip  bool   // the page must be compressed
	Query string // behind the path, of a route that is Queried
	Sent  []byte // what the command says, in JSON; good until Quick returns
	key   string // the command's
	path  string
	ends  *deadlines

	Body    []byte // to be appended to
	refused error  // instead of Body
}

// Once is web.Once of the command.
func (q *QuickAnswer) Once(operation string, in any) once.Key {
	return onceKey(q.Who, operation, q.key, q.path, in)
}

// quickLeast and quickMost are how long a command may take on the lane until it is
// answered: what is stored waits for a disk.
const quickLeast, quickMost = 5 * time.Second, 6 * time.Second

// Context ends when the command has taken too long. All commands of a second share one:
// in a rush a timer for each was a thirtieth of all work.
func (q *QuickAnswer) Context() context.Context { return q.ends.context() }

// deadlines hands out contexts that end between quickLeast and quickMost from now.
type deadlines struct{ last atomic.Pointer[soon] }

type soon struct {
	context.Context
	until time.Time // handed out until then
}

func (d *deadlines) context() context.Context {
	now := time.Now()
	if x := d.last.Load(); x != nil && now.Before(x.until) {
		return x
	}
	ctx, cancel := context.WithTimeout(context.Background(), quickMost)
	context.AfterFunc(ctx, cancel)
	x := &soon{ctx, now.Add(quickMost - quickLeast)}
	d.last.Store(x)
	return x
}

// quicks are the routes the lane may answer, by path.
type quicks struct {
	gets    map[string]*Route
	posts   map[string]*Route
	answers sync.Pool // *QuickAnswer
	date    atomic.Pointer[stamp]
	ends    deadlines
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
	writes, query := h.Body != nil, ""
	var route *Route
	if writes {
		route = s.quick.posts[string(h.Target)]
	} else if route = s.quick.gets[string(h.Target)]; route == nil {
		if at := bytes.IndexByte(h.Target, '?'); at > 0 {
			if route = s.quick.gets[string(h.Target[:at])]; route != nil && !route.Queried {
				route = nil
			}
			query = string(h.Target[at+1:])
		}
	}
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
		q = &QuickAnswer{ends: &s.quick.ends}
	}
	defer s.quick.answers.Put(q)
	q.Query = query
	if !s.quickly(q, h) || writes && !q.command(h, route) || s.may(q.Who, route.Access) != nil {
		return dst, false
	}
	switch {
	case s.Door == nil:
	case !writes:
		if !s.Door.Brief(route.Class) {
			return s.busy.quick(dst, q, s.quick.today(began)), true
		}
	case !s.Door.Admit(route.Class, true) || !s.Door.Seat(route.Class, true):
		return s.busy.quick(dst, q, s.quick.today(began)), true
	default:
		defer s.Door.Done(route.Class, true)
	}
	if !route.Quick(q) {
		return dst, false
	}
	if q.refused != nil {
		return s.refuse(dst, q, route, began)
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
	accept, one := h.Get("accept")
	encoding, one1 := h.Get("accept-encoding")
	tongue, one2 := h.Get("accept-language")
	line, one3 := h.Get("cookie")
	part, _ := h.Get("hx-request")
	if !one || !one1 || !one2 || !one3 || part != nil {
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
	q.Theme, q.Body, q.Sent, q.refused = ui.Auto, q.Body[:0], nil, nil
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

// command fills in what a command says, if everything about it is plain: JSON under a
// key, from a program or from a page of ours (see sameOrigin).
func (q *QuickAnswer) command(h *lane.Head, route *Route) bool {
	kind, one := h.Get("content-type")
	key, one1 := h.Get("idempotency-key")
	site, one2 := h.Get("sec-fetch-site")
	origin, one3 := h.Get("origin")
	cookies, _ := h.Get("cookie")
	if !one || !one1 || !one2 || !one3 || string(kind) != "application/json" || len(key) == 0 {
		return false
	}
	q.Sent, q.key, q.path = h.Body, string(key), route.Path
	return string(site) == "same-origin" || site == nil && origin == nil && cookies == nil
}

// Fields calls each with the members of a JSON object of plain texts, the object that
// nearly every short command is, and reports whether b is one: texts of printable
// ASCII without escapes or blanks around them, each name once. What is not must be
// read by who knows all of JSON.
func Fields(b []byte, each func(name, value []byte) bool) bool {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '{' || b[len(b)-1] != '}' {
		return false
	}
	for b = b[1 : len(b)-1]; ; b = b[1:] {
		name, rest, ok := plainText(b)
		if !ok || len(rest) == 0 || rest[0] != ':' {
			return false
		}
		value, rest, ok := plainText(rest[1:])
		if !ok || len(value) > 0 && (value[0] == ' ' || value[len(value)-1] == ' ') || !each(name, value) {
			return false
		}
		if len(rest) == 0 {
			return true
		}
		if b = rest; b[0] != ',' {
			return false
		}
	}
}

// plainText is the JSON string at the front of b, and what follows it.
func plainText(b []byte) (text, rest []byte, ok bool) {
	b = bytes.TrimLeft(b, " ")
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return b[1:i], bytes.TrimLeft(b[i+1:], " "), true
		case c < ' ' || c > '~' || c == '\\':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// quickHead is what every quick answer says, as guard does; the others, of their kind.
const (
	quickHead  = "HTTP/1.1 200 OK\r\n" + quickGuard
	quickGuard = "Cache-Control: no-store\r\n" +
		"Content-Security-Policy: " + policy + "\r\n" +
		"Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n" +
		"Permissions-Policy: " + shut + "\r\n" +
		"Referrer-Policy: same-origin\r\n" +
		"X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
	quickJSON = "Content-Type: application/json; charset=utf-8\r\nVary: " + changesWith + "\r\n"
	quickPage = "Content-Type: text/html; charset=utf-8\r\nVary: " + changesWith + "\r\n"
	quickGzip = "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding, " + changesWith + "\r\n"
)
