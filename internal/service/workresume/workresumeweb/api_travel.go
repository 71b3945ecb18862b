package workresumeweb

import (
	"context"
	"net/http"

	"breakwater/internal/i18n"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addTravel(a *api.API) {
	const group = "health"
	api.Add(a, get("getTravel", "/me/travel", group, workresume.MayReport), p.getTravel)
	api.Add(a, post("saveTravel", "/me/travel", group, workresume.MayReport), p.saveTravel)
	api.Add(a, post("takeBackTravel", "/me/travel/take-back", group, workresume.MayReport), p.takeBackTravel)
	api.Add(a, post("saveTravelHelped", "/helping/{help}/travel", group, workresume.MayHelp), p.saveTravelHelped)
	api.Add(a, api.Op{ID: "listRisks", Method: http.MethodGet, Path: "/risks", Group: group, Access: web.Public}, p.listRisks)
	add := post("addRisks", "/risks", group, workresume.MayRisk)
	add.MaxBody = riskMost
	api.Add(a, add, p.addRisks)
	ask := post("proposeRisks", "/risks/acts", group, workresume.MayRisk)
	ask.MaxBody = riskMost
	api.Add(a, ask, p.proposeRisks)
	api.Add(a, post("endRisk", "/risks/{risk}/end", group, workresume.MayRisk), p.endRisk)
}

func (p *resumptionAPI) getTravel(ctx context.Context, c api.Call, _ *struct{}) (workresume.Travel, error) {
	return p.TravelOf(ctx, c.By)
}

type apiTravelInput struct {
	Body apiTravelBody
}

type apiTravelBody struct {
	Origin  string         `json:"origin" minLength:"2" maxLength:"80" doc:"Beginning with the province."`
	Arrived string         `json:"arrived" maxLength:"10" doc:"2006-01-02"`
	Route   string         `json:"route,omitempty" maxLength:"200" doc:"Train, flight or plate, and seat."`
	Lodging string         `json:"lodging" minLength:"2" maxLength:"200"`
	Street  string         `json:"street,omitempty" maxLength:"60" doc:"The lodging's street, a place's id: the one part that lets an office bring reports on paper."`
	Visits  []apiPlaceSeen `json:"visits,omitempty" maxItems:"10" doc:"Other places of the last 14 days."`
}

type apiPlaceSeen struct {
	Place string `json:"place" minLength:"2" maxLength:"80" doc:"Beginning with the province."`
	From  string `json:"from" maxLength:"10" doc:"2006-01-02"`
	Until string `json:"until" maxLength:"10" doc:"2006-01-02, counted too."`
}

func (p *resumptionAPI) saveTravel(ctx context.Context, c api.Call, in *apiTravelInput) (workresume.Travel, error) {
	return p.SaveTravel(ctx, c.By, workresume.TravelInput{Travel: in.Body.travel(), Key: c.Key})
}

func (b apiTravelBody) travel() workresume.Travel {
	t := workresume.Travel{Origin: b.Origin, Arrived: b.Arrived, Route: b.Route, Lodging: b.Lodging, Street: b.Street, Visits: []workresume.Visit{}}
	for _, v := range b.Visits {
		t.Visits = append(t.Visits, workresume.Visit{Place: v.Place, From: v.From, Until: v.Until})
	}
	return t
}

func (p *resumptionAPI) takeBackTravel(ctx context.Context, c api.Call, _ *struct{}) (workresume.Travel, error) {
	return p.TakeBackTravel(ctx, c.By, c.Key)
}

type apiTravelHelpedInput struct {
	Help string `path:"help" doc:"The relation's id."`
	Body apiTravelBody
}

func (p *resumptionAPI) saveTravelHelped(ctx context.Context, c api.Call, in *apiTravelHelpedInput) (apiHelp, error) {
	h, err := p.SaveTravelHelped(ctx, c.By, in.Help, workresume.TravelInput{Travel: in.Body.travel(), Key: c.Key})
	return helpOf(h), err
}

type apiRisks struct {
	Risks []workresume.Risk `json:"risks"`
}

func (p *resumptionAPI) listRisks(ctx context.Context, _ api.Call, _ *struct{}) (apiRisks, error) {
	list, _, err := p.Risks(ctx)
	return apiRisks{append([]workresume.Risk{}, list...)}, err
}

type apiAddRisksInput struct {
	Body struct {
		Lines []apiRiskLine `json:"lines" minItems:"1" maxItems:"500"`
	}
}

type apiRiskLine struct {
	Place  string `json:"place" maxLength:"80" doc:"Beginning with the province; everything in it counts."`
	Level  string `json:"level" enum:"low,medium,high"`
	From   string `json:"from" maxLength:"10" doc:"2006-01-02"`
	Until  string `json:"until,omitempty" maxLength:"10" doc:"2006-01-02; left out: still."`
	Source string `json:"source" maxLength:"200" doc:"Who published it and when."`
}

func (p *resumptionAPI) addRisks(ctx context.Context, c api.Call, in *apiAddRisksInput) (workresume.RiskResult, error) {
	return p.AddRisks(ctx, c.By, workresume.RiskInput{Lines: riskLinesOf(in.Body.Lines), Key: c.Key})
}

func riskLinesOf(list []apiRiskLine) (out []workresume.RiskLine) {
	for i, l := range list {
		out = append(out, workresume.RiskLine{Line: i + 1, Place: l.Place, Level: l.Level, From: l.From, Until: l.Until, Source: l.Source})
	}
	return out
}

type apiProposeRisksInput struct {
	Body struct {
		Lines  []apiRiskLine `json:"lines" minItems:"1" maxItems:"500"`
		Reason string        `json:"reason,omitempty" maxLength:"200" doc:"For the second officer; needed unless it is a dry run."`
		DryRun bool          `json:"dry_run,omitempty" doc:"Say what the lines would do and ask for nothing."`
	}
}

// apiRiskTrial is what lines would do, and the act that asks for them.
type apiRiskTrial struct {
	Taken     int64              `json:"taken"`
	Unchanged int64              `json:"unchanged"`
	Faults    []apiRiskLineFault `json:"faults"`
	Looked    int64              `json:"looked" doc:"Travellers who were anywhere in the last weeks."`
	Turning   int64              `json:"turning" doc:"Of them, who are green today and would be yellow."`
	Act       string             `json:"act,omitempty" doc:"The act's id; confirmAct carries it out."`
}

type apiRiskLineFault struct {
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func apiRiskTrialOf(x workresume.RiskTrial, say *i18n.Printer) apiRiskTrial {
	out := apiRiskTrial{Taken: x.Taken, Unchanged: x.Unchanged, Looked: x.Looked, Turning: x.Turning, Faults: []apiRiskLineFault{}}
	for _, f := range x.Faults {
		out.Faults = append(out.Faults, apiRiskLineFault{f.Line, f.Code, say.T(f.Code)})
	}
	return out
}

func (p *resumptionAPI) proposeRisks(ctx context.Context, c api.Call, in *apiProposeRisksInput) (apiRiskTrial, error) {
	lines := riskLinesOf(in.Body.Lines)
	trial, err := p.TryRisks(ctx, c.By, lines)
	out := apiRiskTrialOf(trial, c.Say)
	if err != nil || in.Body.DryRun {
		return out, err
	}
	a, err := p.ProposeRisks(ctx, c.By, workresume.RisksInput{Lines: lines, Reason: in.Body.Reason, Key: c.Key})
	out.Act = a.ID
	return out, err
}

type apiEndRiskInput struct {
	Risk string `path:"risk" doc:"The line's id."`
	Body struct {
		Reason string `json:"reason" minLength:"4" maxLength:"200"`
	}
}

// apiRiskEnded is a line that is off the list.
type apiRiskEnded struct {
	Risk string `json:"risk"`
}

func (p *resumptionAPI) endRisk(ctx context.Context, c api.Call, in *apiEndRiskInput) (apiRiskEnded, error) {
	return apiRiskEnded{in.Risk}, p.EndRisk(ctx, c.By, in.Risk, in.Body.Reason, c.Key)
}
