package web

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
)

// Upload is one file on its way in: read it once, from start to end.
type Upload struct {
	io.Reader
	Name   string     // as the sender calls it, without folders; never used as a path
	Values url.Values // form fields that came before the file
}

// Receive returns the file of a form's field, or of a body that is the file
// itself, as programs send it: named by Content-Disposition or ?name=. It
// streams: nothing is kept in memory or on disk.
//
// Faults: Malformed, TooLarge, Invalid with field when no file was chosen.
func Receive(r *http.Request, field string) (*Upload, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		return receiveForm(r, field)
	}
	u := &Upload{Reader: r.Body, Values: r.URL.Query(), Name: baseName(r.URL.Query().Get("name"))}
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		u.Name = baseName(params["filename"])
	}
	if r.ContentLength == 0 {
		return nil, noFile(field)
	}
	return u, nil
}

func receiveForm(r *http.Request, field string) (*Upload, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, unread(err)
	}
	values := url.Values{}
	r.PostForm = values // so that the form can be shown again, and its key found
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // MultipartReader returns it bare
			return nil, noFile(field)
		}
		if err != nil {
			return nil, unread(err)
		}
		if part.FormName() == field {
			if part.FileName() == "" {
				return nil, noFile(field)
			}
			return &Upload{Reader: part, Name: baseName(part.FileName()), Values: values}, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, 4<<10))
		if err != nil {
			return nil, unread(err)
		}
		if len(values) < 50 {
			values.Add(part.FormName(), string(text))
		}
	}
}

func noFile(field string) error {
	return fault.New(fault.Invalid, "fault.fields").With(field, "fault.wrong_type", "want", i18n.Key("fault.want_file"))
}

func baseName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	if s == "." || s == "/" {
		return ""
	}
	r := []rune(s)
	return string(r[max(0, len(r)-120):]) // the end says what kind of file it is
}
