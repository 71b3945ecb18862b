package workresumeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// healthReadRoutes are an officer's look at one person's health.
func (p *pages) healthReadRoutes() web.Routes {
	may := web.Needs(workresume.MayReadHealth)
	return web.Routes{
		{Method: "GET", Path: "/desk/people/{person}/health", Handler: p.healthAsk, Access: may},
		{Method: "POST", Path: "/desk/people/{person}/health", Handler: p.healthRead, Access: may, Input: healthReadInput{}, Twin: "readHealth"},
	}
}

// healthReadPage is one person, masked; Open is there once, right after the reason.
type healthReadPage struct {
	Person party.MaskedPerson
	Open   *workresume.Health
}

func (p *pages) healthAsk(w http.ResponseWriter, r *http.Request) error {
	m, err := p.PersonInReach(r.Context(), web.Principal(r), r.PathValue("person"))
	if err != nil {
		return err
	}
	return web.Render(w, r, healthReadView(web.From(r), healthReadPage{Person: m}, web.Blank(r)))
}

// healthReadInput is why somebody must see a person's health reports.
type healthReadInput struct {
	Reason string `form:"reason" json:"reason" max:"200"`
}

func (p *pages) healthRead(w http.ResponseWriter, r *http.Request) error {
	var in healthReadInput
	err := web.Decode(r, &in)
	m, failed := p.PersonInReach(r.Context(), web.Principal(r), r.PathValue("person"))
	if failed != nil {
		return failed
	}
	d := healthReadPage{Person: m}
	var h workresume.Health
	if err == nil {
		h, err = p.ReadHealth(r.Context(), web.Principal(r), m.ID, in.Reason)
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return healthReadView(web.From(r), d, f) })
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, healthOf(h, string(web.Language(r))))
	}
	d.Open = &h
	return web.Render(w, r, healthReadView(web.From(r), d, web.Blank(r)))
}
