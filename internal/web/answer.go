package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/web/ui"
)

// refusal is a fault whose status HTTP itself fixes: 405, 408.
type refusal struct {
	status int
	err    *fault.Error
}

func (e *refusal) Error() string { return e.err.Error() }
func (e *refusal) Unwrap() error { return e.err }

// again is a fault of a form that is shown once more with what was typed.
type again struct {
	error
	form func(*ui.Form) templ.Component
}

func (e *again) Unwrap() error { return e.error }

// Again returns err so that, on a page, the form is drawn once more with what
// was typed and what is wrong, status 422 or the kind's own. A caller that
// speaks JSON gets the problem. Only faults that the reader can mend at the
// form come back with it: Invalid, and any kind that names fields.
func Again(err error, form func(*ui.Form) templ.Component) error {
	if err == nil {
		return nil
	}
	if f := fault.As(err); f.Kind == fault.Invalid || len(f.Fields) > 0 {
		return &again{err, form}
	}
	return err
}

// left is whether whoever asked is gone: they have what they wanted of a download, or
// their line broke. That is no fault of the program.
func left(w http.ResponseWriter, err error) bool {
	if errors.Is(err, context.Canceled) {
		return true
	}
	return begun(w) && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, os.ErrDeadlineExceeded))
}

// answer is the one door through which an error leaves.
func (s *Site) answer(w http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r)
	if v.long != nil && v.long.slow {
		err = tooSlow() // whatever the reader of half a body made of it
	}
	f := fault.As(err)
	status := f.Kind.Status()
	var ref *refusal
	if errors.As(err, &ref) {
		status = ref.status
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) && f.Kind != fault.TooLarge {
		f = tooLarge(large.Limit)
		status = f.Kind.Status()
	}
	if f.Kind == fault.Internal && !left(w, err) {
		s.Log.Error("fault", slog.String("ref", v.ref), slog.String("route", v.name()), slog.String("code", f.Code), slog.Any("err", err))
	}
	if begun(w) {
		return // half an answer is out; closing early is all that is left
	}
	if after := retryAfter(f); after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(after))
	}
	w.Header().Del("Content-Encoding")
	w.Header().Del("Content-Disposition")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case WantsJSON(r):
		s.problem(w, r, status, f, err)
	case f.Kind == fault.Unauthenticated && r.Header.Get("HX-Request") != "":
		w.Header().Set("HX-Redirect", SignInURL)
		w.Header().Set("Vary", changesWith)
		w.WriteHeader(status)
	case f.Kind == fault.Unauthenticated && safe(r.Method):
		http.Redirect(w, r, SignInURL+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
	default:
		s.errorPage(w, r, status, f, err)
	}
}

func (s *Site) errorPage(w http.ResponseWriter, r *http.Request, status int, f *fault.Error, err error) {
	p := From(r)
	var form *again
	page := ui.FaultPage{
		Status: status, Kind: f.Kind.String(), Text: p.Fault(f), Retry: retryAfter(f), SignIn: SignInURL,
		Again: f.Kind == fault.Busy && safe(r.Method),
	}
	body := ui.Fault(p, page)
	if errors.As(err, &form) {
		body = form.form(Filled(r, f))
	} else if Fragment(r) {
		w.Header().Set("HX-Reswap", "none") // what is there stays; the script says it beside
		body = ui.FaultPart(p, page)
	} else if f.Kind == fault.Busy && safe(r.Method) {
		p.Refresh = retryAfter(f)
	}
	// Even when the request's own time is up.
	if err := render(w, r.WithContext(context.WithoutCancel(r.Context())), status, body); err != nil {
		s.Log.Error("error page", slog.String("ref", p.Ref), slog.Any("err", err))
		http.Error(w, p.Ref, http.StatusInternalServerError)
	}
}

// Problem is an error as RFC 9457 has it. Code is our stable name of the error,
// Instance the reference a person may tell us.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail"`
	Code     string         `json:"code"`
	Instance string         `json:"instance"`
	Errors   []ProblemField `json:"errors,omitempty"`

	Findings []ProblemFinding `json:"findings,omitempty" doc:"Where rules said no: what each found, and what would change it."`
}

// ProblemField is one field at fault: a form field's name or a JSON pointer.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// ProblemFinding is what one rule found against somebody: by which facts, and what would
// change it.
type ProblemFinding struct {
	Rule    string         `json:"rule"`
	Reason  string         `json:"reason"`
	Mend    string         `json:"mend"`
	Basis   string         `json:"basis,omitempty"`
	Facts   map[string]any `json:"facts,omitempty" doc:"The facts the rule looked at, by name."`
	Missing []string       `json:"missing,omitempty" doc:"Facts without which it could not tell."`
}

// explained is an error by rules, with the decision that explains it.
type explained interface {
	error
	Explained() rule.Decision
}

// findings are those of an error that rules explain, in a language.
func findings(lang string, err error) (out []ProblemFinding) {
	var by explained
	if !errors.As(err, &by) {
		return nil
	}
	for _, x := range by.Explained().Findings {
		out = append(out, ProblemFinding{x.Rule, x.Reason.In(lang), x.Mend.In(lang), x.Basis.In(lang), x.Facts, x.Missing})
	}
	return out
}

// NewProblem says err in p's language. An Internal fault says its reference only.
func NewProblem(p *i18n.Printer, err error, ref string) Problem {
	f := fault.As(err)
	code := f.Code
	if f.Kind == fault.Internal {
		code = "fault.internal"
	}
	out := Problem{
		Type: "urn:breakwater:problem:" + code, Title: p.T("web.kind_" + f.Kind.String()), Status: f.Kind.Status(),
		Detail: p.Fault(f), Code: code, Instance: "urn:breakwater:reference:" + ref,
	}
	for _, field := range f.Fields {
		out.Errors = append(out.Errors, ProblemField{field.Name, field.Code, p.Field(field)})
	}
	return out
}

func (s *Site) problem(w http.ResponseWriter, r *http.Request, status int, f *fault.Error, err error) {
	out := NewProblem(Printer(r), f, Reference(r))
	out.Findings = findings(string(Language(r)), err)
	out.Status = status
	if f.Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="breakwater"`)
	}
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.Header().Set("Vary", changesWith)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // the caller has gone, if anything
}

// Fail lets a mounted API answer an error of its own through the same door.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	if v := visitOf(r); v.site != nil {
		v.site.answer(w, r, err)
		return
	}
	http.Error(w, http.StatusText(fault.KindOf(err).Status()), fault.KindOf(err).Status())
}

// WantsJSON is whether a program is asking: under /api/, by what it sends, or
// by what it would rather read.
func WantsJSON(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		return true
	}
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "text/html") {
		return false
	}
	return strings.Contains(accept, "json") || strings.Contains(r.Header.Get("Content-Type"), "json")
}

// retryAfter is how many seconds to wait. A crowd that was refused together must
// not come back together, so it is spread.
func retryAfter(f *fault.Error) int {
	switch f.Kind {
	case fault.Busy, fault.Unavailable:
		return 2 + rand.IntN(4)
	case fault.TooMany:
		for _, name := range []string{"seconds", "n"} {
			switch n := f.Args[name].(type) {
			case int:
				return max(n, 1)
			case int64:
				return max(int(n), 1)
			}
		}
		return 30 + rand.IntN(10)
	}
	return 0
}

func tooLarge(most int64) *fault.Error {
	text := strconv.FormatInt(most>>10, 10) + " KB"
	if most >= 1<<20 {
		text = strconv.FormatInt(most>>20, 10) + " MB"
	}
	return fault.New(fault.TooLarge, "fault.too_large", "limit", text)
}

func begun(w http.ResponseWriter) bool {
	for {
		switch x := w.(type) {
		case *wire:
			return x.status != 0
		case interface{ Unwrap() http.ResponseWriter }:
			w = x.Unwrap()
		default:
			return false
		}
	}
}
