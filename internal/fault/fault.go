// Package fault is the program's only vocabulary of errors. An error has a
// kind, which alone decides the answer a caller gets; a code, which is the key
// of its message in every language; and, where a form or a file was at fault,
// the fields to mend.
//
// It refuses to hold sentences: what a person reads is looked up by code in
// package i18n, so that no message exists in one language only.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Kind says what sort of refusal an error is.
type Kind uint8

// The kinds, each with the HTTP status it is answered with.
const (
	Internal        Kind = iota // 500: our mistake; the caller learns a reference only
	Invalid                     // 422: the input is wrong and can be mended
	Malformed                   // 400: the request could not be read at all
	Unauthenticated             // 401: nobody is signed in
	Denied                      // 403: somebody is, but may not do this here
	NotFound                    // 404: no such thing, or not for this caller
	Conflict                    // 409: the state changed meanwhile, or forbids it
	Exhausted                   // 410: what was asked for has run out
	TooLarge                    // 413: more bytes than we take
	TooMany                     // 429: too many tries; wait
	Busy                        // 503: try again shortly
	Unavailable                 // 503: the outcome is unknown; ask again with the same key
)

var kinds = [...]struct {
	name   string
	status int
}{
	Internal:        {"internal", http.StatusInternalServerError},
	Invalid:         {"invalid", http.StatusUnprocessableEntity},
	Malformed:       {"malformed", http.StatusBadRequest},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized},
	Denied:          {"denied", http.StatusForbidden},
	NotFound:        {"not_found", http.StatusNotFound},
	Conflict:        {"conflict", http.StatusConflict},
	Exhausted:       {"exhausted", http.StatusGone},
	TooLarge:        {"too_large", http.StatusRequestEntityTooLarge},
	TooMany:         {"too_many", http.StatusTooManyRequests},
	Busy:            {"busy", http.StatusServiceUnavailable},
	Unavailable:     {"unavailable", http.StatusServiceUnavailable},
}

// String returns the kind's name as the API spells it.
func (k Kind) String() string { return kinds[k].name }

// Status returns the HTTP status of the kind.
func (k Kind) Status() int { return kinds[k].status }

// Args are the named values of a message: "{count}" in the catalog is Args["count"].
type Args map[string]any

// Field is one fault of a form, a file's cell or an API body.
type Field struct {
	Name string // the form field's name or JSON pointer
	Code string // message key
	Args Args
}

// Error is an error with a kind. Code is "package.what" and the key of the
// message; Err, if any, is the cause and is never shown to a caller.
type Error struct {
	Kind   Kind
	Code   string
	Args   Args
	Fields []Field
	Err    error
}

// New makes an error. args are pairs of name and value for the message.
func New(kind Kind, code string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Args: pairs(args)}
}

// Wrap is New with a cause.
func Wrap(err error, kind Kind, code string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Args: pairs(args), Err: err}
}

// With adds a field and returns the error, so that a validation reads as a list.
func (e *Error) With(name, code string, args ...any) *Error {
	e.Fields = append(e.Fields, Field{Name: name, Code: code, Args: pairs(args)})
	return e
}

// OrNil returns nil when a validation found no field at fault.
func (e *Error) OrNil() error {
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	return e
}

func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Code
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s %s]", f.Name, f.Code)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// As returns the fault in err's chain. Any other error is Internal with code
// "fault.internal", and a deadline or cancellation is Busy.
func As(err error) *Error {
	var f *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Wrap(err, Busy, "fault.busy")
	}
	return Wrap(err, Internal, "fault.internal")
}

// KindOf returns the kind of err; err must not be nil.
func KindOf(err error) Kind { return As(err).Kind }

// Is reports whether err is a fault with this code.
func Is(err error, code string) bool {
	var f *Error
	return errors.As(err, &f) && f.Code == code
}

func pairs(kv []any) Args {
	if len(kv) == 0 {
		return nil
	}
	a := make(Args, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		a[kv[i].(string)] = kv[i+1]
	}
	return a
}
