package workresumeweb

import (
	"context"
	"math"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addHealth(a *api.API) {
	const group = "health"
	api.Add(a, get("getHealth", "/me/health", group, workresume.MayReport), p.getHealth)
	api.Add(a, post("reportHealth", "/me/health", group, workresume.MayReport), p.reportHealth)
	api.Add(a, post("appealRestriction", "/me/restrictions/{restriction}/appeal", group, workresume.MayReport), p.appealRestriction)
	evidence := post("addRestrictionPhoto", "/me/appeals/{case}/photos", group, workresume.MayReport)
	evidence.Upload, evidence.MaxBody, evidence.Slow = true, photoMost, uploadSlow
	api.Add(a, evidence, p.addRestrictionPhoto)
	api.Add(a, get("listRestrictions", "/restrictions", group, workresume.MayRestrict), p.listRestrictions)
	api.Add(a, post("restrictPerson", "/people/{person}/restrictions", group, workresume.MayRestrict), p.restrictPerson)
	api.Add(a, post("confirmRestriction", "/restrictions/{act}/confirm", group, workresume.MayRestrict), p.confirmRestriction)
	api.Add(a, post("answerRestriction", "/restrictions/{restriction}/answer", group, workresume.MayRestrict), p.answerRestriction)
}

func (p *resumptionAPI) getHealth(ctx context.Context, c api.Call, _ *struct{}) (healthAnswer, error) {
	h, err := p.HealthOf(ctx, c.By)
	return healthOf(h, string(c.Say.Lang())), err
}

type apiHealthInput struct {
	Body apiHealthBody
}

type apiHealthBody struct {
	Temperature float64  `json:"temperature,omitempty" doc:"Degrees Celsius, 34.0 to 43.0; leave out if not measured."`
	Symptoms    []string `json:"symptoms,omitempty" maxItems:"5" doc:"fever, cough, breath, fatigue, diarrhoea; none if left out."`
	Contact     bool     `json:"contact,omitempty" doc:"With a case, since the last report."`
}

// report is the input as the verbs take it, without its key.
func (in apiHealthBody) report() workresume.ReportInput {
	x := workresume.ReportInput{Tenths: int64(math.Round(in.Temperature * 10)), Contact: in.Contact}
	for _, s := range in.Symptoms {
		x.Symptoms = append(x.Symptoms, workresume.Symptom(s))
	}
	return x
}

func (p *resumptionAPI) reportHealth(ctx context.Context, c api.Call, in *apiHealthInput) (healthAnswer, error) {
	x := in.Body.report()
	x.Key = c.Key
	h, err := p.ReportHealth(ctx, c.By, x)
	return healthOf(h, string(c.Say.Lang())), err
}

type apiAppealRestrictionInput struct {
	Restriction string `path:"restriction" doc:"The restriction's id."`
	Body        struct {
		Reason string `json:"reason" minLength:"10" maxLength:"1000" doc:"With what shows it."`
	}
}

func (p *resumptionAPI) appealRestriction(ctx context.Context, c api.Call, in *apiAppealRestrictionInput) (healthAnswer, error) {
	h, err := p.AppealRestriction(ctx, c.By, workresume.RestrictionAppeal{Restriction: in.Restriction, Reason: in.Body.Reason, Key: c.Key})
	return healthOf(h, string(c.Say.Lang())), err
}

type apiRestrictions struct {
	Restrictions []apiHeld `json:"restrictions"`
}

// apiHeld is one on the desk, the person masked.
type apiHeld struct {
	workresume.Restriction
	Name string `json:"name" doc:"Masked."`
}

func (p *resumptionAPI) listRestrictions(ctx context.Context, c api.Call, _ *struct{}) (apiRestrictions, error) {
	list, err := p.Restrictions(ctx, c.By)
	out := apiRestrictions{make([]apiHeld, len(list))}
	for i, v := range list {
		out.Restrictions[i] = apiHeld{v.Restriction, v.Name}
	}
	return out, err
}

type apiRestrictInput struct {
	Person string `path:"person" doc:"The person's id."`
	Body   struct {
		Reason string `json:"reason_code" maxLength:"40" doc:"Of the colour pack's list: close-contact, test-positive, isolation-order, test-awaited, observation."`
		Days   int64  `json:"days" minimum:"1" maximum:"14" doc:"From the confirmation on."`
		Note   string `json:"note" minLength:"10" maxLength:"500" doc:"What shows it; the person reads it."`
	}
}

func (p *resumptionAPI) restrictPerson(ctx context.Context, c api.Call, in *apiRestrictInput) (api.Act, error) {
	a, err := p.RestrictPerson(ctx, c.By, workresume.RestrictInput{Person: in.Person, Reason: in.Body.Reason, Days: in.Body.Days, Note: in.Body.Note, Key: c.Key})
	return api.ActOf(a), err
}

type apiConfirmRestrictionInput struct {
	Act string `path:"act" doc:"The act that asks for it."`
}

// apiConfirmed says what was confirmed.
type apiConfirmed struct {
	Act string `json:"act"`
}

func (p *resumptionAPI) confirmRestriction(ctx context.Context, c api.Call, in *apiConfirmRestrictionInput) (apiConfirmed, error) {
	return apiConfirmed{in.Act}, p.ConfirmRestriction(ctx, c.By, in.Act, c.Key)
}

type apiAnswerRestrictionInput struct {
	Restriction string `path:"restriction" doc:"The restriction's id."`
	Body        struct {
		Outcome string `json:"outcome" enum:"lifted,upheld" doc:"upheld only where it is appealed."`
		Reason  string `json:"reason" minLength:"2" maxLength:"500"`
	}
}

func (p *resumptionAPI) answerRestriction(ctx context.Context, c api.Call, in *apiAnswerRestrictionInput) (workresume.Restriction, error) {
	return p.AnswerRestriction(ctx, c.By, workresume.RestrictionAnswer{Restriction: in.Restriction, Outcome: in.Body.Outcome, Reason: in.Body.Reason, Key: c.Key})
}
