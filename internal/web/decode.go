package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
)

// textMost is how many characters a text may have whose field says nothing.
const textMost = 500

// Decode fills in, a pointer to a struct, from a form or from JSON alike. A
// field is named by its form tag, else by its json tag. Text is cleaned: ends
// trimmed, line ends as \n, control characters refused. Options of the form
// tag: "raw" keeps text as it came (passwords). The tag max gives the longest
// text in characters, 500 if absent. JSON with a field that in lacks, or with one twice, is refused;
// a form may bring more, as browsers and their extensions do.
//
// Faults: Malformed "fault.malformed", TooLarge "fault.too_large", Invalid
// "fault.fields" with the fields.
func Decode(r *http.Request, in any) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	v := reflect.ValueOf(in).Elem()
	if isJSON(r) {
		if err := decodeJSON(r.Body, in, bad); err != nil {
			return err
		}
		clean(v, bad)
		return bad.OrNil()
	}
	if err := parseForm(r); err != nil {
		return err
	}
	fill(v, r.PostForm, bad)
	return bad.OrNil()
}

// Query fills in from the address's query as Decode does from a form.
func Query(r *http.Request, in any) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	fill(reflect.ValueOf(in).Elem(), r.URL.Query(), bad)
	return bad.OrNil()
}

func isJSON(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

func parseForm(r *http.Request) error {
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		err = r.ParseMultipartForm(bodyMost)
	} else {
		err = r.ParseForm()
	}
	return unread(err)
}

// unread says why a body could not be read.
func unread(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return tooLarge(large.Limit)
	}
	return fault.Wrap(err, fault.Malformed, "fault.malformed")
}

func decodeJSON(body io.Reader, in any, bad *fault.Error) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return unread(err)
	}
	if name := twice(text); name != "" {
		bad.With(shorten(name), "fault.field_twice")
		return bad
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(in)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return fault.New(fault.Malformed, "fault.malformed")
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		bad.With(wrong.Field, "fault.wrong_type", "want", want(wrong.Type))
		return bad
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name, _ = strconv.Unquote(name)
		bad.With(shorten(name), "fault.unknown_field")
		return bad
	}
	return unread(err)
}

// shorten keeps a name that a stranger chose from filling an answer.
func shorten(s string) string { return s[:min(len(s), 60)] }

// slot is one field of an input struct.
type slot struct {
	name string
	raw  bool
	max  int
}

func slotOf(f reflect.StructField) (slot, bool) {
	tag, ok := f.Tag.Lookup("form")
	if !ok {
		tag, ok = f.Tag.Lookup("json")
	}
	name, options, _ := strings.Cut(tag, ",")
	if !ok || name == "-" || name == "" {
		return slot{}, false
	}
	s := slot{name: name, raw: slices.Contains(strings.Split(options, ","), "raw"), max: textMost}
	if n, err := strconv.Atoi(f.Tag.Get("max")); err == nil {
		s.max = n
	}
	return s, true
}

func fill(v reflect.Value, form url.Values, bad *fault.Error) {
	t := v.Type()
	for i := range t.NumField() {
		if t.Field(i).Anonymous && t.Field(i).Type.Kind() == reflect.Struct {
			fill(v.Field(i), form, bad)
			continue
		}
		s, ok := slotOf(t.Field(i))
		if !ok || len(form[s.name]) == 0 {
			continue
		}
		s.set(v.Field(i), form[s.name], bad)
	}
}

func (s slot) set(v reflect.Value, values []string, bad *fault.Error) {
	text := values[0]
	switch v.Kind() {
	case reflect.String:
		v.SetString(s.text(text, bad))
	case reflect.Bool:
		v.SetBool(text == "on" || text == "true" || text == "1" || text == "yes")
	case reflect.Int, reflect.Int32, reflect.Int64:
		if text = ident.Fold(text); text == "" {
			return // not filled in is zero; whether that is allowed is the verb's business
		}
		n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, v.Type().Bits())
		if err != nil {
			bad.With(s.name, "fault.wrong_type", "want", want(v.Type()))
			return
		}
		v.SetInt(n)
	case reflect.Float64:
		if text = ident.Fold(text); text == "" {
			return
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x != x {
			bad.With(s.name, "fault.wrong_type", "want", want(v.Type()))
			return
		}
		v.SetFloat(x)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.String {
			return
		}
		list := make([]string, 0, len(values))
		for _, one := range values {
			list = append(list, s.text(one, bad))
		}
		v.Set(reflect.ValueOf(list).Convert(v.Type()))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.set(v.Elem(), values, bad)
	}
}

// text cleans one text and checks its length.
func (s slot) text(in string, bad *fault.Error) string {
	if utf8.RuneCountInString(in) > s.max {
		bad.With(s.name, "fault.too_long", "max", s.max)
		return ""
	}
	if s.raw {
		return in
	}
	out := strings.TrimSpace(strings.Map(plainly, strings.ReplaceAll(in, "\r\n", "\n")))
	for _, r := range out {
		if r == utf8.RuneError || (r < ' ' && r != '\n' && r != '\t') || r >= 0x7f && r < 0xa0 {
			bad.With(s.name, "fault.characters")
			return ""
		}
	}
	return out
}

// plainly takes out what turns the direction of writing: a spreadsheet puts it around
// telephone numbers, and a liar around words that a second person is to read. The other
// signs for a new line become one.
func plainly(r rune) rune {
	switch {
	case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return -1
	case r == 0x85 || r == 0x2028 || r == 0x2029:
		return '\n'
	}
	return r
}

// clean does to decoded JSON what fill does to a form.
func clean(v reflect.Value, bad *fault.Error) {
	t := v.Type()
	for i := range t.NumField() {
		f := v.Field(i)
		if t.Field(i).Anonymous && f.Kind() == reflect.Struct {
			clean(f, bad)
			continue
		}
		s, ok := slotOf(t.Field(i))
		if !ok {
			continue
		}
		switch {
		case f.Kind() == reflect.String:
			f.SetString(s.text(f.String(), bad))
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String:
			for j := range f.Len() {
				f.Index(j).SetString(s.text(f.Index(j).String(), bad))
			}
		case f.Kind() == reflect.Struct && f.CanSet():
			clean(f, bad)
		}
	}
}

func want(t reflect.Type) i18n.Key {
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "fault.want_whole"
	case reflect.Float64:
		return "fault.want_number"
	case reflect.Bool:
		return "fault.want_yes"
	case reflect.String:
		return "fault.want_text"
	}
	return "fault.want_list"
}
