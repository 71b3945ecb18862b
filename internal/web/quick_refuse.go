package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"breakwater/internal/fault"
)

// Refuse answers a program's command with why it was refused, as the handler would say
// it, and reports whether it does. Only what was judged whole is said on the lane:
// something stands against it, or has run out. What else went wrong the handler finds.
func (q *QuickAnswer) Refuse(err error) bool {
	kind := fault.KindOf(err)
	if q.Page || kind != fault.Conflict && kind != fault.Exhausted {
		return false
	}
	q.refused = err
	return true
}

// quickProblem is the kind of what is refused.
const quickProblem = "Content-Type: application/problem+json; charset=utf-8\r\nVary: " + changesWith + "\r\n"

// refuse appends a refusal on the lane with its head, and notes it.
func (s *Site) refuse(dst []byte, q *QuickAnswer, route *Route, began time.Time) ([]byte, bool) {
	v := &visit{site: s, ref: reference(), route: route}
	out := NewProblem(q.Say, q.refused, v.ref)
	out.Findings = findings(string(q.Say.Lang()), q.refused)
	body, err := json.Marshal(out)
	if err != nil {
		return dst, false
	}
	body = append(body, '\n')
	dst = append(append(dst, "HTTP/1.1 "...), strconv.Itoa(out.Status)...)
	dst = append(append(append(dst, ' '), http.StatusText(out.Status)...), "\r\n"...)
	dst = append(append(append(append(dst, quickGuard...), quickProblem...), "Date: "...), s.quick.today(began)...)
	dst = append(strconv.AppendInt(append(dst, "\r\nContent-Length: "...), int64(len(body)), 10), "\r\n\r\n"...)
	s.note(v, &wire{status: out.Status, bytes: int64(len(body))}, &http.Request{Method: route.Method}, time.Since(began))
	return append(dst, body...), true
}
