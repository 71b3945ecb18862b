package workresumeweb

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// firmCaseRoutes are what a firm's office can say about its own case.
func (p *pages) firmCaseRoutes() web.Routes {
	file := web.Needs(workresume.MayFile)
	return web.Routes{
		{Method: "GET", Path: "/firm/appeal", Handler: inOffice(ownOffice, p.firmAppeal), Access: file},
		{Method: "POST", Path: "/firm/appeal", Handler: inOffice(ownOffice, p.firmAppeals), Access: file, Input: appealInput{}, Twin: "appealDecision"},
		{Method: "POST", Path: "/firm/case/answer", Handler: inOffice(ownOffice, p.firmAnswer), Access: file, Input: struct{}{}, Twin: "answerCase"},
	}
}

// firmCaseData is where a firm's case stands, for its own page.
type firmCaseData struct {
	Cases     []casework.Case // newest first
	MayAppeal bool
	Decision  *rule.Decision
	Now       time.Time
}

// caseOfFirm loads it; an auditor who looks may not appeal.
func (p *pages) caseOfFirm(r *http.Request, o office, d *rule.Decision) (out firmCaseData, err error) {
	out.Decision, out.Now = d, p.Now()
	if out.Cases, err = p.FirmCases(r.Context(), web.Principal(r), o.Firm); err != nil {
		return out, err
	}
	if !o.Desk {
		out.MayAppeal, err = p.Service.MayAppeal(r.Context(), web.Principal(r), o.Firm)
	}
	return out, err
}

// standing is the case that is not decided, the appeal before the filing.
func (d firmCaseData) standing() *casework.Case {
	var found *casework.Case
	for i := range d.Cases {
		if c := &d.Cases[i]; c.State != casework.Closed && (found == nil || c.Kind == workresume.CaseAppeal) {
			found = c
		}
	}
	return found
}

// written are the points an officer added; the rules' stand in the page already.
func written(c casework.Case) (out []string) {
	for _, pt := range c.Missing {
		if pt.Rule == "" {
			out = append(out, pt.Text)
		}
	}
	return out
}

type appealPage struct {
	office
	Firm workresume.Firm
	May  bool

	Sent   *casework.Case // the open appeal, which takes photos; nil for none
	Photos []casework.Photo
	Now    time.Time
}

func (p *pages) appealPage(r *http.Request, o office) (d appealPage, err error) {
	d.office, d.Now = o, p.Now()
	if d.Firm, err = p.Firm(r.Context(), web.Principal(r), o.Firm); err != nil {
		return d, err
	}
	if d.May, err = p.Service.MayAppeal(r.Context(), web.Principal(r), o.Firm); err != nil {
		return d, err
	}
	list, err := p.FirmCases(r.Context(), web.Principal(r), o.Firm)
	for _, c := range list {
		if c.Kind == workresume.CaseAppeal && c.State != casework.Closed && err == nil {
			d.Sent = &c
			d.Photos, err = p.CasePhotos(r.Context(), web.Principal(r), c.ID)
		}
	}
	return d, err
}

func (p *pages) firmAppeal(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.appealPage(r, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, appealView(web.From(r), d, web.Blank(r)))
}

// appealInput is why the firm does not agree.
type appealInput struct {
	Reason string `form:"reason" json:"reason" max:"1000"`
}

func (p *pages) firmAppeals(w http.ResponseWriter, r *http.Request, o office) error {
	var in appealInput
	err := web.Decode(r, &in)
	d, failed := p.appealPage(r, o)
	if failed != nil {
		return failed
	}
	again := func(f *ui.Form) templ.Component { return appealView(web.From(r), d, f) }
	if err != nil {
		return web.Again(err, again)
	}
	c, err := p.Appeal(r.Context(), web.Principal(r), workresume.AppealInput{Firm: o.Firm, Reason: in.Reason, Key: web.Once(r, "appealDecision", in)})
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, ui.Wait, "casepages.appealed", "")
	return web.Done(w, r, "/firm/appeal", apiCaseOf(web.Printer(r), c, nil))
}

func (p *pages) firmAnswer(w http.ResponseWriter, r *http.Request, o office) error {
	var in struct{}
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	c, err := p.AnswerCase(r.Context(), web.Principal(r), o.Firm, web.Once(r, "answerCase", in))
	if err != nil {
		return err
	}
	web.Flash(w, r, ui.Wait, "casepages.answered", "")
	return web.Done(w, r, o.Base, apiCaseOf(web.Printer(r), c, nil))
}
