package workresumeweb

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

const restrictBase = "/desk/restrictions"

func (p *pages) restrictRoutes() web.Routes {
	may := web.Needs(workresume.MayRestrict)
	return web.Routes{
		{Method: "GET", Path: restrictBase, Handler: p.restrictList, Access: may, Twin: "listRestrictions"},
		{Method: "GET", Path: restrictBase + "/{restriction}", Handler: p.restrictOne, Access: may},
		{Method: "POST", Path: restrictBase + "/{restriction}", Handler: p.restrictAnswer, Access: may, Input: restrictAnswerInput{}, Twin: "answerRestriction"},
		{Method: "GET", Path: "/desk/people/{person}/restrict", Handler: p.restrictAsk, Access: may},
		{Method: "POST", Path: "/desk/people/{person}/restrict", Handler: p.restrictPropose, Access: may, Input: restrictInput{}, Twin: "restrictPerson"},
	}
}

func (p *pages) restrictList(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Restrictions(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	reasons, err := p.RestrictionReasons()
	if err != nil {
		return err
	}
	return web.Render(w, r, restrictListView(web.From(r), list, reasons))
}

// restrictInput asks for a restriction; days as typed.
type restrictInput struct {
	Reason string `form:"reason_code" json:"reason_code" max:"40"`
	Days   int64  `form:"days" json:"days"`
	Note   string `form:"note" json:"note" max:"500"`
}

// restrictPage is a person about whom a restriction is asked for.
type restrictPage struct {
	Person  party.MaskedPerson
	List    []workresume.Restriction
	Reasons []workresume.RestrictionReason
}

func (p *pages) restrictPage(r *http.Request) (d restrictPage, err error) {
	if d.Person, d.List, err = p.RestrictionsOf(r.Context(), web.Principal(r), r.PathValue("person")); err != nil {
		return d, err
	}
	d.Reasons, err = p.RestrictionReasons()
	return d, err
}

func (p *pages) restrictAsk(w http.ResponseWriter, r *http.Request) error {
	d, err := p.restrictPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, restrictView(web.From(r), d, web.Blank(r)))
}

func (p *pages) restrictPropose(w http.ResponseWriter, r *http.Request) error {
	var in restrictInput
	err := web.Decode(r, &in)
	d, failed := p.restrictPage(r)
	if failed != nil {
		return failed
	}
	again := func(f *ui.Form) templ.Component { return restrictView(web.From(r), d, f) }
	if err != nil {
		return web.Again(err, again)
	}
	act, err := p.RestrictPerson(r.Context(), web.Principal(r), workresume.RestrictInput{
		Person: d.Person.ID, Reason: in.Reason, Days: in.Days, Note: in.Note, Key: web.Once(r, "restrictPerson", in),
	})
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, ui.Wait, "healthpages.restrict_asked", "")
	return web.Done(w, r, "/desk/second/"+act.ID, api.ActOf(act))
}

// restrictAnswerInput lifts a restriction or answers its appeal.
type restrictAnswerInput struct {
	Outcome string `form:"outcome" json:"outcome" max:"10"`
	Reason  string `form:"reason" json:"reason" max:"500"`
}

func (p *pages) restrictOne(w http.ResponseWriter, r *http.Request) error {
	v, err := p.RestrictionByID(r.Context(), web.Principal(r), r.PathValue("restriction"))
	if err != nil {
		return err
	}
	reasons, err := p.RestrictionReasons()
	if err != nil {
		return err
	}
	return web.Render(w, r, restrictionView(web.From(r), v, reasons, web.Blank(r)))
}

func (p *pages) restrictAnswer(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Principal(r)
	var in restrictAnswerInput
	err := web.Decode(r, &in)
	v, failed := p.RestrictionByID(ctx, by, r.PathValue("restriction"))
	if failed != nil {
		return failed
	}
	reasons, failed := p.RestrictionReasons()
	if failed != nil {
		return failed
	}
	var x workresume.Restriction
	if err == nil {
		x, err = p.AnswerRestriction(ctx, by, workresume.RestrictionAnswer{
			Restriction: v.ID, Outcome: in.Outcome, Reason: in.Reason, Key: web.Once(r, "answerRestriction", in),
		})
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return restrictionView(web.From(r), v, reasons, f) })
	}
	web.Flash(w, r, ui.Valid, "healthpages.answered", "")
	return web.Done(w, r, restrictBase+"/"+x.ID, x)
}

// TellRestriction puts a restriction into words for the desk of acts.
func TellRestriction(s *workresume.Service) second.Teller {
	return func(ctx context.Context, p *ui.Page, by auth.Principal, a dual.Act) (second.Told, error) {
		var b workresume.RestrictBody
		if err := json.Unmarshal(a.Body, &b); err != nil {
			return second.Told{}, err
		}
		m, _, err := s.RestrictionsOf(ctx, by, b.Person)
		if err != nil {
			return second.Told{}, err
		}
		reasons, err := s.RestrictionReasons()
		return second.Told{Href: "/desk/people/" + b.Person + "/restrict", Facts: []ui.Fact{
			{Term: p.T("gatepages.name"), Text: m.Name},
			{Term: p.T("healthpages.reason"), Text: titled(reasons, b.Reason, string(p.Lang()))},
			{Term: p.T("healthpages.for"), Text: p.T("healthpages.days", "n", b.Days)},
		}}, err
	}
}

func reasonOptions(p *ui.Page, list []workresume.RestrictionReason) []ui.Option {
	out := make([]ui.Option, len(list))
	for i, x := range list {
		out[i] = ui.Option{Value: x.Code, Text: x.Title.In(string(p.Lang()))}
	}
	return out
}

// answers are what an officer may say: lift it, or let an appealed one stand.
func restrictAnswers(p *ui.Page, v workresume.RestrictionView) []ui.Option {
	out := []ui.Option{{Value: workresume.Lifted, Text: p.T("healthpages.lift")}}
	if v.Appeal != nil && v.Appeal.Outcome == "" {
		out = append(out, ui.Option{Value: workresume.Upheld, Text: p.T("healthpages.uphold")})
	}
	return out
}

func restrictColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("gatepages.name"), Title: true},
		{Label: p.T("healthpages.reason")},
		{Label: p.T("healthpages.until")},
		{Label: p.T("healthpages.appeal")},
	}
}

func levelOf(level string) ui.State {
	if level == "red" {
		return ui.Stop
	}
	return ui.Warn
}
