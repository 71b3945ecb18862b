package workresumeweb

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// policyAdd takes a district's own policy: as a file, or as the text of one that
// was refused and mended on the page. Whatever is wrong is said line by line beside
// the text, which is not lost.
func (p *pages) policyAdd(w http.ResponseWriter, r *http.Request) error {
	source, err := policyText(r)
	var added workresume.Policy
	if err == nil {
		added, err = p.AddPolicy(r.Context(), web.Principal(r), workresume.AddPolicyInput{Source: source, Key: web.Once(r, "workresume.policy_add", string(source))})
	}
	if err != nil {
		d, broken := p.policyListPage(r)
		if broken != nil {
			return broken
		}
		at := "file"
		if len(source) > 0 && len(source) <= rule.MaxPack && utf8.Valid(source) {
			d.Source, at = string(source), "source"
		}
		if !web.WantsJSON(r) {
			err = saidAt(err, at)
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return policyListView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "policypages.added", "")
	return web.Done(w, r, policyBase+"/"+added.ID, apiPolicyOf(added, web.Printer(r)))
}

// saidAt says everything that is wrong with a policy at the one field where it can
// be mended; each mistake names its line. What lies elsewhere stays as it is.
func saidAt(err error, field string) error {
	f := *fault.As(err)
	switch {
	case len(f.Fields) > 0:
		fields := make([]fault.Field, len(f.Fields))
		for i, one := range f.Fields {
			fields[i] = one
			if one.Args["line"] != nil {
				fields[i].Name = field
			}
		}
		f.Fields = fields
	case f.Kind == fault.Invalid, f.Kind == fault.Malformed, f.Kind == fault.TooLarge, f.Kind == fault.Conflict:
		err = (&f).With(field, f.Code)
		f.Fields[0].Args = f.Args
		return err
	default:
		return err
	}
	return &f
}

// policyText is what was sent: a file in its form or as the body, or text.
func policyText(r *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		var in struct {
			Source string `form:"source,raw" max:"262144"`
		}
		err := web.Decode(r, &in)
		// A browser sends the lines of a text area as it likes; a policy is named by its bytes.
		return []byte(strings.ReplaceAll(in.Source, "\r\n", "\n")), err
	}
	up, err := web.Receive(r, "file")
	if err != nil {
		return nil, err
	}
	source, err := io.ReadAll(io.LimitReader(up, rule.MaxPack+1))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.Wrap(err, fault.TooLarge, "rule.too_large", "limit", rule.MaxPack>>10)
	case err != nil:
		return nil, fault.Wrap(err, fault.Malformed, "fault.malformed")
	}
	return source, nil
}
