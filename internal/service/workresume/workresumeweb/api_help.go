package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addHelp(a *api.API) {
	const group = "health"
	api.Add(a, get("listHelping", "/me/helping", group, workresume.MayReport), p.listHelping)
	api.Add(a, post("offerHelp", "/me/helping/code", group, workresume.MayReport), p.offerHelp)
	api.Add(a, post("acceptHelp", "/me/helping", group, workresume.MayReport), p.acceptHelp)
	api.Add(a, post("reportHelped", "/helping/{help}/report", group, workresume.MayHelp), p.reportHelped)
	api.Add(a, post("endHelp", "/helping/{help}/end", group, workresume.MayHelp), p.endHelp)
	api.Add(a, get("listHelped", "/helping", group, workresume.MayArrange), p.listHelped)
	api.Add(a, post("arrangeHelp", "/helping", group, workresume.MayArrange), p.arrangeHelp)
	p.addHelpAppeal(a)
}

// apiHelp is a relation, with today's answer where the caller is the helper.
type apiHelp struct {
	ID       string     `json:"id"`
	Name     string     `json:"name" doc:"Of the helped, masked."`
	Helper   string     `json:"helper" doc:"Masked; empty for an office."`
	Office   bool       `json:"office" doc:"An office helps, not a person."`
	Since    time.Time  `json:"since"`
	Ended    *time.Time `json:"ended"`
	Reported bool       `json:"reported_today" doc:"To the helper only."`
	Own      bool       `json:"reported_themself" doc:"To the helper only: the person's own report stands, and no helper's is taken today."`
	Colour   string     `json:"colour" enum:"green,yellow,red," doc:"To the helper only, and only after today's report."`
	Ends     *time.Time `json:"ends" doc:"When the colour lapses by itself."`

	TravelOwn bool       `json:"travel_themself" doc:"To the helper only: where they were is their own word, and no helper's is taken."`
	TravelAt  *time.Time `json:"travel_at" doc:"To the helper only: when it was last said where they were; null for never."`
}

func helpOf(h workresume.Help) apiHelp {
	out := apiHelp{ID: h.ID, Name: h.Name, Helper: h.Helper, Office: h.Office, Since: h.Since, Ended: moment(h.Ended), Reported: h.Reported, Own: h.Own, TravelOwn: h.TravelOwn, TravelAt: moment(h.TravelAt)}
	if h.Reported {
		out.Colour, out.Ends = h.Level.String(), moment(h.Ends)
	}
	return out
}

func helpsOf(list []workresume.Help) []apiHelp {
	out := make([]apiHelp, len(list))
	for i, h := range list {
		out[i] = helpOf(h)
	}
	return out
}

type apiHelping struct {
	Helped  []apiHelp `json:"helped"`
	Helpers []apiHelp `json:"helpers"`
	Most    int64     `json:"most" doc:"People one private helper reports for."`
}

func helpingOf(x workresume.Helping) apiHelping {
	return apiHelping{helpsOf(x.Helped), helpsOf(x.Helpers), x.Most}
}

type apiHelped struct {
	Own    []apiHelp `json:"own" doc:"Those for whom the caller's office reports."`
	Others []apiHelp `json:"others" doc:"Those whom others help."`
}

func helpedOf(own, others []workresume.Help) apiHelped {
	return apiHelped{helpsOf(own), helpsOf(others)}
}

func (p *resumptionAPI) listHelping(ctx context.Context, c api.Call, _ *struct{}) (apiHelping, error) {
	list, err := p.Helping(ctx, c.By)
	return helpingOf(list), err
}

func (p *resumptionAPI) listHelped(ctx context.Context, c api.Call, _ *struct{}) (apiHelped, error) {
	own, others, err := p.HelpDesk(ctx, c.By)
	return helpedOf(own, others), err
}

type apiOfferInput struct {
	Body struct {
		Hours int64 `json:"hours,omitempty" minimum:"1" maximum:"24" doc:"How long the code holds; 1 if left out."`
	}
}

func (p *resumptionAPI) offerHelp(ctx context.Context, c api.Call, in *apiOfferInput) (workresume.HelpCode, error) {
	return p.OfferHelp(ctx, c.By, max(in.Body.Hours, 1), c.Key)
}

type apiAcceptInput struct {
	Body struct {
		Code string `json:"code" maxLength:"20" doc:"As read aloud by the person to be helped."`
	}
}

func (p *resumptionAPI) acceptHelp(ctx context.Context, c api.Call, in *apiAcceptInput) (apiHelp, error) {
	h, err := p.AcceptHelp(ctx, c.By, in.Body.Code, c.Key)
	return helpOf(h), err
}

type apiReportHelpedInput struct {
	Help string `path:"help" doc:"The relation's id."`
	Body apiHealthBody
}

func (p *resumptionAPI) reportHelped(ctx context.Context, c api.Call, in *apiReportHelpedInput) (apiHelp, error) {
	x := in.Body.report()
	x.Key = c.Key
	h, err := p.ReportHelped(ctx, c.By, in.Help, x)
	return helpOf(h), err
}

type apiEndHelpInput struct {
	Help string `path:"help" doc:"The relation's id."`
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"200" doc:"An officer has to say why."`
	}
}

func (p *resumptionAPI) endHelp(ctx context.Context, c api.Call, in *apiEndHelpInput) (apiHelp, error) {
	h, err := p.EndHelp(ctx, c.By, in.Help, in.Body.Reason, c.Key)
	return helpOf(h.Closed()), err
}

type apiArrangeInput struct {
	Body struct {
		Name         string `json:"name" minLength:"1" maxLength:"60" doc:"Of the person to be helped, as on the document."`
		Kind         string `json:"kind" enum:"mainland,passport,hk_macau,taiwan,foreigner"`
		Number       string `json:"number" minLength:"1" maxLength:"40"`
		HelperName   string `json:"helper_name,omitempty" maxLength:"60"`
		HelperKind   string `json:"helper_kind,omitempty" maxLength:"20"`
		HelperNumber string `json:"helper_number,omitempty" maxLength:"40" doc:"Leave out the three if the officer's own office reports."`
		Reason       string `json:"reason" minLength:"4" maxLength:"200" doc:"Why the person does not sign in."`
	}
}

func (p *resumptionAPI) arrangeHelp(ctx context.Context, c api.Call, in *apiArrangeInput) (apiHelp, error) {
	b := in.Body
	x := helpArrangeInput{Name: b.Name, Kind: b.Kind, Number: b.Number, HelperName: b.HelperName, HelperKind: b.HelperKind, HelperNumber: b.HelperNumber, Reason: b.Reason}.arrange()
	x.Key = c.Key
	h, err := p.ArrangeHelp(ctx, c.By, x)
	return helpOf(h), err
}
