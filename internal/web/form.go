package web

import (
	"encoding/json"
	"net/http"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/web/ui"
)

// keyField is the hidden field, and keyHeader the header, of the idempotency key.
const (
	keyField  = "key"
	keyHeader = "Idempotency-Key"
)

// Blank is a form not sent yet. pairs are names and values it starts with.
func Blank(r *http.Request, pairs ...string) *ui.Form {
	f := &ui.Form{Key: From(r).Ticket()}
	for i := 0; i+1 < len(pairs); i += 2 {
		if f.Values == nil {
			f.Values = map[string][]string{}
		}
		f.Values.Add(pairs[i], pairs[i+1])
	}
	return f
}

// Filled is the form as it was sent, with what is wrong. It keeps its key: what
// failed left nothing behind, and the same key may try again.
func Filled(r *http.Request, err error) *ui.Form {
	p, e := Printer(r), fault.As(err)
	f := &ui.Form{Values: r.PostForm, Key: r.PostForm.Get(keyField), Message: p.Fault(e)}
	if f.Key == "" {
		f.Key = From(r).Ticket()
	}
	for _, field := range e.Fields {
		f.Faults = append(f.Faults, ui.FieldFault{Name: field.Name, Text: p.Field(field)})
	}
	return f
}

// Once is the exactly-once key of a command: from the Idempotency-Key header or
// the form's hidden field, bound to the caller, the operation and what was sent.
// in is what Decode filled; it is digested as JSON.
func Once(r *http.Request, operation string, in any) once.Key {
	key := r.Header.Get(keyHeader)
	if key == "" && r.PostForm != nil {
		key = r.PostForm.Get(keyField)
	}
	return onceKey(Principal(r), operation, key, r.URL.Path, in)
}

func onceKey(by auth.Principal, operation, key, path string, in any) once.Key {
	if key == "" {
		return once.Key{}
	}
	body, err := json.Marshal(in)
	if err != nil {
		body = nil // a channel or a func in an input: the key alone then
	}
	// What is in the path is part of what was asked.
	return once.Key{Principal: by.ID, Operation: operation, Key: key, Digest: once.Digest([]byte(path), body)}
}

func ticket(now time.Time) string { return once.Ticket(now) }
