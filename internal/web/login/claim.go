package login

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// claimInput is the form of both steps. Step is "check", "change" or "send";
// JSON needs none.
type claimInput struct {
	CreditCode string `form:"credit_code" json:"credit_code" max:"60"`
	FirmName   string `form:"firm_name" json:"firm_name" max:"200"`
	Park       string `form:"park" json:"park" max:"60"`
	Contact    string `form:"contact" json:"contact" max:"100"`
	Phone      string `form:"phone" json:"phone" max:"40"`
	Password   string `form:"password,raw" json:"password" max:"300"`
	Step       string `form:"step" json:"-" max:"10"`
}

// Claimed is what a program is told of its claim.
type Claimed struct {
	Reference string `json:"reference"`
	State     string `json:"state"`
}

func (l *Pages) showClaim(w http.ResponseWriter, r *http.Request) error {
	parks, err := l.parks(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, claimView(web.From(r), parks, web.Blank(r, "credit_code", r.URL.Query().Get("code"))))
}

// claim takes the form of both steps: "check" shows the answers to be checked,
// "change" the questions again, "send" files the claim. The password is asked
// on the last page, so that no page ever carries it.
func (l *Pages) claim(w http.ResponseWriter, r *http.Request) error {
	parks, err := l.parks(r)
	if err != nil {
		return err
	}
	questions := func(f *ui.Form) templ.Component { return claimView(web.From(r), parks, forget(f, "password")) }
	var in claimInput
	if err = web.Decode(r, &in); err != nil {
		return web.Again(err, questions)
	}
	claim := auth.ClaimInput{
		CreditCode: in.CreditCode, FirmName: in.FirmName, Park: in.Park, Contact: in.Contact, Phone: in.Phone, Password: in.Password,
		Ticket: web.Once(r, "claimFirm", nil).Key,
	}
	check := func(f *ui.Form) templ.Component {
		return claimCheckView(web.From(r), parks, mended(forget(f, "password"), claim))
	}
	switch {
	case web.WantsJSON(r) || in.Step == "send":
	case in.Step == "change":
		return web.Render(w, r, questions(kept(r)))
	default:
		err := mendable(claim)
		if err == nil && !slices.ContainsFunc(parks, func(o ui.Option) bool { return o.Value == claim.Park }) {
			err = fault.New(fault.Invalid, "auth.invalid").With("park", "auth.park_unknown")
		}
		if err != nil {
			return web.Again(err, questions)
		}
		return web.Render(w, r, check(kept(r)))
	}
	c, err := l.Auth.ClaimFirm(r.Context(), claim, l.client(r))
	switch {
	case err == nil:
		return web.Done(w, r, "/claim/received?reference="+url.QueryEscape(c.Reference), Claimed{c.Reference, c.State})
	case fault.KindOf(err) == fault.Invalid && (mendable(claim) != nil || asks(err, "park")):
		return web.Again(err, questions)
	}
	return web.Again(at("password", err), check)
}

// parks are the answers to where the firm works: the district's parks, then a building
// of its own.
func (l *Pages) parks(r *http.Request) (out []ui.Option, err error) {
	p := web.From(r)
	if l.Parks != nil {
		if out, err = l.Parks(r.Context(), string(p.Lang())); err != nil {
			return nil, err
		}
	}
	return append(out, ui.Option{Value: auth.NoPark, Text: p.T("login.no_park")}), nil
}

// asks reports whether a fault is about a field.
func asks(err error, field string) bool {
	return slices.ContainsFunc(fault.As(err).Fields, func(f fault.Field) bool { return f.Name == field })
}

// kept is the form as it was sent, with nothing wrong and the same key.
func kept(r *http.Request) *ui.Form {
	f := web.Blank(r)
	f.Values = r.PostForm
	if key := r.PostForm.Get("key"); key != "" {
		f.Key = key
	}
	return f
}

// mended is the form with the answers as they will be kept.
func mended(f *ui.Form, in auth.ClaimInput) *ui.Form {
	in, _ = in.Mended() // mendable has asked; the password comes later
	f.Values = maps.Clone(f.Values)
	for name, text := range map[string]string{"credit_code": in.CreditCode, "firm_name": in.FirmName, "contact": in.Contact, "phone": in.Phone} {
		f.Values.Set(name, text)
	}
	return f
}

// mendable is what is wrong with a claim but the password, which is chosen last.
func mendable(in auth.ClaimInput) error {
	_, err := in.Mended()
	if err == nil {
		return nil
	}
	bad := *fault.As(err)
	bad.Fields = nil
	for _, f := range fault.As(err).Fields {
		if f.Name != "password" {
			bad.Fields = append(bad.Fields, f)
		}
	}
	return bad.OrNil()
}

func (l *Pages) claimReceived(w http.ResponseWriter, r *http.Request) error {
	reference, err := ident.CheckAloud(r.URL.Query().Get("reference"))
	if err != nil {
		return fault.New(fault.NotFound, "auth.no_claim")
	}
	return web.Render(w, r, claimReceivedView(web.From(r), reference))
}
