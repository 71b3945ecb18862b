package api

import (
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/web"
)

// textMost is how many characters a parameter may have.
const textMost = 500

// slot is one field of an operation's input.
type slot struct {
	index int
	name  string
	from  string // "path", "query", "body"
}

func slotsOf(t reflect.Type) []slot {
	var out []slot
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("path"); name != "" {
			out = append(out, slot{i, name, "path"})
		} else if name := f.Tag.Get("query"); name != "" {
			out = append(out, slot{i, name, "query"})
		} else if f.Name == "Body" {
			out = append(out, slot{i, "", "body"})
		}
	}
	return out
}

// bind fills in the input: parameters first, then the body.
//
// Faults: Malformed, TooLarge, Invalid "fault.fields" with the fields.
func bind(r *http.Request, in reflect.Value, slots []slot) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	for _, s := range slots {
		switch s.from {
		case "path":
			s.set(in.Field(s.index), r.PathValue(s.name), bad)
		case "query":
			if q := r.URL.Query(); q.Has(s.name) {
				s.set(in.Field(s.index), q.Get(s.name), bad)
			}
		case "body":
			if err := body(r, in.Field(s.index)); err != nil {
				return err
			}
		}
	}
	return bad.OrNil()
}

// body reads JSON. No body at all is an empty object: what is missing is then
// named field by field.
func body(r *http.Request, into reflect.Value) error {
	if r.ContentLength == 0 {
		return nil
	}
	switch {
	case r.Header.Get("Content-Type") == "":
		r.Header.Set("Content-Type", "application/json")
	case isFile(r):
		return fault.New(fault.Malformed, "api.want_json")
	}
	return web.Decode(r, into.Addr().Interface())
}

// isFile says that a body calls itself something else than JSON.
func isFile(r *http.Request) bool {
	said := r.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(said)
	return said != "" && (err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json"))
}

func (s slot) set(v reflect.Value, text string, bad *fault.Error) {
	if utf8.RuneCountInString(text) > textMost || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		bad.With(s.name, "fault.too_long", "max", textMost)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(text))
	case reflect.Bool:
		switch text {
		case "true", "1", "":
			v.SetBool(true)
		case "false", "0":
		default:
			bad.With(s.name, "fault.wrong_type", "want", i18n.Key("fault.want_yes"))
		}
	case reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			bad.With(s.name, "fault.wrong_type", "want", i18n.Key("fault.want_whole"))
		}
		v.SetInt(n)
	}
}
