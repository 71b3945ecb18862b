package workresumeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// explainPage is a decision taken apart, for the firm and for the officer.
type explainPage struct {
	office
	workresume.Account
	Firm   workresume.Firm
	Stated []workresume.Statement
	Asked  []string // statements the policy in force asks an officer for
}

func (p *pages) explainPage(r *http.Request, o office) (d explainPage, err error) {
	d.office = o
	if d.Account, err = p.Explain(r.Context(), web.Principal(r), o.Firm); err != nil {
		return d, err
	}
	d.Firm = d.Account.Firm
	for _, name := range workresume.Attested {
		if _, ok := p.Rules().Fact(name); ok {
			d.Asked = append(d.Asked, name)
		}
	}
	if len(d.Asked) > 0 {
		d.Stated, err = p.Statements(r.Context(), web.Principal(r), o.Firm)
	}
	return d, err
}

func (p *pages) explain(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.explainPage(r, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, explainView(web.From(r), d, p.Rules(), web.Blank(r)))
}

// attestInput is an officer's statement. Value is "yes" or "no".
type attestInput struct {
	Fact   string `form:"fact" json:"fact" max:"40"`
	Value  string `form:"value" json:"value" max:"5"`
	Reason string `form:"reason" json:"reason" max:"1000"`
}

func (p *pages) deskAttest(w http.ResponseWriter, r *http.Request, o office) error {
	var in attestInput
	bad := web.Decode(r, &in)
	d, err := p.explainPage(r, o)
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return explainView(web.From(r), d, p.Rules(), f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	if in.Value != "yes" && in.Value != "no" {
		return web.Again(missing("value", "policypages.value_unchosen"), again)
	}
	f, err := p.Attest(r.Context(), web.Principal(r), workresume.AttestInput{
		Firm: o.Firm, Fact: in.Fact, Value: in.Value == "yes", Reason: in.Reason, Key: web.Once(r, "workresume.attest", in),
	})
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, firmState(f.State), "firmpages.decided", "", "state", web.Printer(r).T("workresume.state."+string(f.State)))
	return web.Done(w, r, o.to("/explanation"), f)
}
