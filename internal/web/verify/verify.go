// Package verify is the page on which anyone checks a code: a certificate from a
// door, a person's pass, a health certificate of the European framework. It says
// which step of the check failed and what the code claims.
//
// It refuses to keep what was pasted, to ask who wants to know, and to say more
// than the code and the public status list do: why something was suspended is not
// theirs to tell.
package verify

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// Deps is what the page stands on.
type Deps struct {
	Trust  *credential.Trust
	Status *statuslist.Store
	Now    clock.Clock
}

// Routes are the page and its form.
func Routes(d Deps) web.Routes {
	return web.Routes{
		{Method: "GET", Path: "/verify", Handler: d.show, Access: web.Public, Scanner: true},
		{Method: "POST", Path: "/verify", Handler: d.check, Access: web.Public, Scanner: true, Input: input{}, Twin: "verifyCredential"},
	}
}

type input struct {
	Text string `form:"text" json:"text" max:"8000"`
}

// Answer is what a program is told; the fields are credential.Result's, with the
// reason in words.
type Answer struct {
	Valid      bool               `json:"valid"`
	FailedStep *string            `json:"failed_step"`
	Reason     string             `json:"reason"`
	ReasonCode string             `json:"reason_code"`
	Status     credential.Status  `json:"status"`
	Claims     *credential.Claims `json:"claims"`
}

func (d Deps) show(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, verifyView(web.From(r), nil, web.Blank(r)))
}

// check verifies a text and answers at once; nothing is stored, so there is
// nothing to redirect to.
//
// Faults: Invalid when nothing was given.
func (d Deps) check(w http.ResponseWriter, r *http.Request) error {
	p := web.From(r)
	form := func(f *ui.Form) templ.Component { return verifyView(p, nil, f) }
	var in input
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	if in.Text == "" {
		return web.Again(fault.New(fault.Invalid, "fault.fields").With("text", "verify.nothing"), form)
	}
	status, err := d.Status.Checker(r.Context())
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		res := credential.Verify(in.Text, d.Trust, d.Now(), status)
		a := Answer{res.Valid, res.FailedStep, "", res.Reason, res.Status, res.Claims}
		if res.Reason != "" {
			a.Reason = p.T(res.Reason)
		}
		return web.JSON(w, r, http.StatusOK, a)
	}
	if code := pageCode(in.Text); code != "" && p.Goes("/c/{code}") {
		http.Redirect(w, r, "/c/"+url.PathEscape(code), http.StatusSeeOther)
		return nil
	}
	res := credential.Verify(in.Text, d.Trust, d.Now(), status)
	return web.Render(w, r, verifyView(p, &res, web.Blank(r)))
}

// pageCode is the code of a certificate's public page, where somebody typed it
// or scanned the small square with the page's address; "" for anything else.
func pageCode(text string) string {
	if _, tail, ok := strings.Cut(text, "/c/"); ok && strings.HasPrefix(text, "http") {
		text = tail
	}
	if len(text) > 20 || strings.Contains(text, ":") {
		return ""
	}
	code, err := ident.CheckAloud(text)
	if err != nil {
		return ""
	}
	return code
}

// steps is how far the check came: all before the failed one are done.
func steps(p *ui.Page, res *credential.Result) []ui.Fact {
	var out []ui.Fact
	failed := false
	for _, step := range [...]string{
		credential.StepPrefix, credential.StepBase45, credential.StepCompression, credential.StepCBOR, credential.StepCOSE,
		credential.StepKey, credential.StepSignature, credential.StepKeyUsage, credential.StepExpiry,
	} {
		f := ui.Fact{Term: p.T("credential.step." + step), Text: p.T("verify.step_good"), State: ui.Valid}
		switch {
		case res.FailedStep != nil && *res.FailedStep == step:
			f.Text, f.State, failed = p.T("verify.step_bad"), ui.Stop, true
		case failed:
			f.Text, f.State = p.T("verify.step_not_reached"), ui.Wait
		}
		out = append(out, f)
	}
	last := ui.Fact{Term: p.T("credential.step.status"), Text: p.T("verify.status_" + string(res.Status)), State: ui.Wait}
	switch {
	case res.FailedStep != nil && *res.FailedStep == credential.StepStatus:
		last.State = ui.Stop
	case failed:
		last.Text = p.T("verify.step_not_reached")
	case res.Status == credential.StatusValid:
		last.State = ui.Valid
	}
	return append(out, last)
}

// claims is what the code says, to be read by a person.
func claims(p *ui.Page, c credential.Claims) []ui.Fact {
	var out []ui.Fact
	add := func(key, text string) {
		if text != "" {
			out = append(out, ui.Fact{Term: p.T("verify." + key), Text: text})
		}
	}
	add("kind", p.T("verify.kind_"+string(c.Kind)))
	add("name", c.Name)
	add("employer", c.Employer)
	if c.Kind == credential.Firm {
		add("credit_code", c.Subject)
	}
	if c.Class != "" {
		add("class", p.T("workresume.class."+c.Class))
	}
	if c.Headcount > 0 {
		add("headcount", p.Number(c.Headcount))
	}
	add("issuer", c.Issuer)
	if !c.Issued.IsZero() {
		add("issued", p.DateTime(c.Issued))
	}
	if !c.Expires.IsZero() {
		add("expires", p.DateTime(c.Expires))
	}
	if c.Printed {
		add("form", p.T("verify.printed"))
	}
	return out
}

// health is a health certificate as its issuer wrote it.
func health(c credential.Claims) string {
	if c.HCert == nil {
		return ""
	}
	text, err := json.MarshalIndent(c.HCert, "", "  ")
	if err != nil {
		return "" // every value in it was made to be said in JSON
	}
	return string(text)
}

// page is the path of the certificate's public page on this site, "" if the code
// names none.
func page(c credential.Claims) string {
	_, tail, ok := strings.Cut(c.Page, "/c/")
	if !ok {
		return ""
	}
	code, err := ident.CheckAloud(tail)
	if err != nil {
		return ""
	}
	return "/c/" + code
}
