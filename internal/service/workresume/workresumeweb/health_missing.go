package workresumeweb

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// missingRoutes are who of a firm has not reported today, under its office's base.
func (p *pages) missingRoutes(base string, at func(*http.Request) (office, error), see, act web.Access) web.Routes {
	return web.Routes{
		{Method: "GET", Path: base + "/reports", Handler: inOffice(at, p.missingShow), Access: see},
		{Method: "POST", Path: base + "/reports", Handler: inOffice(at, p.missingRemind), Access: act, Input: remindInput{}},
	}
}

// missingPage is a firm's day of reports.
type missingPage struct {
	office
	Firm workresume.Firm
	workresume.Reporting
	After string
}

func (p *pages) missingPage(r *http.Request, o office) (d missingPage, err error) {
	ctx, by := r.Context(), web.Principal(r)
	d.office, d.After = o, cut(r.URL.Query().Get("after"))
	if d.Firm, err = p.Firm(ctx, by, o.Firm); err != nil {
		return d, err
	}
	d.Reporting, err = p.MissingReports(ctx, by, o.Firm, d.After)
	return d, err
}

func (p *pages) missingShow(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.missingPage(r, o)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, missingOf(d.Reporting))
	}
	return web.Render(w, r, missingView(web.From(r), d, web.Blank(r)))
}

// remindInput names whom to ask; nobody is everybody who has not reported.
type remindInput struct {
	People []string `form:"people" json:"people,omitempty" max:"60"`
}

func (p *pages) missingRemind(w http.ResponseWriter, r *http.Request, o office) error {
	var in remindInput
	err := web.Decode(r, &in)
	var n int64
	if err == nil {
		n, err = p.Remind(r.Context(), web.Principal(r), workresume.RemindInput{Firm: o.Firm, People: in.People, Key: web.Once(r, "remindReports", in)})
	}
	if err != nil {
		d, broken := p.missingPage(r, o)
		if broken != nil {
			return broken
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return missingView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "healthpages.reminded_done", "", "n", n)
	return web.Done(w, r, o.to("/reports"), apiReminded{n})
}

func (d missingPage) next() string {
	if d.Next == "" {
		return ""
	}
	return d.to("/reports") + "?after=" + url.QueryEscape(d.Next)
}

func (d missingPage) first() string {
	if d.After == "" {
		return ""
	}
	return d.to("/reports")
}

func missingColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.name"), Title: true},
		{Label: p.T("firmpages.number")},
		{Label: p.T("firmpages.phone")},
		{Label: p.T("healthpages.reminders"), Number: true},
	}
}

func missingFacts(p *ui.Page, d missingPage) []ui.Fact {
	left := ui.Fact{Term: p.T("healthpages.missing_left"), Text: p.Number(d.Left()), State: ui.Valid}
	if d.Left() > 0 {
		left.State = ui.Warn
	}
	return []ui.Fact{
		{Term: p.T("healthpages.missing_day"), Text: dayWords(p, d.Day)},
		{Term: p.T("healthpages.missing_reported"), Text: p.T("healthpages.missing_of", "n", d.Reported, "all", d.Roster)},
		left,
	}
}
