package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addCases(a *api.API) {
	const group = "cases"
	api.Add(a, get("listCases", "/cases", group, workresume.MayDecide), p.listCases)
	api.Add(a, get("listLate", "/cases/late", group, workresume.MayHearLate), p.listLate)
	api.Add(a, post("markLateSeen", "/cases/late/seen", group, workresume.MayHearLate), p.markLateSeen)
	api.Add(a, get("getCase", "/cases/{case}", group, workresume.MayDecide), p.getCase)
	api.Add(a, post("takeCase", "/cases/{case}/take", group, workresume.MayDecide), p.takeCase)
	api.Add(a, post("releaseCase", "/cases/{case}/release", group, workresume.MayDecide), p.releaseCase)
	api.Add(a, post("undoAssignment", "/cases/{case}/undo", group, workresume.MayDecide), p.undoAssignment)
	api.Add(a, post("giveCase", "/cases/{case}/give", group, workresume.MayDecide), p.giveCase)
	api.Add(a, post("askCase", "/cases/{case}/ask", group, workresume.MayDecide), p.askCase)
	api.Add(a, post("checkCase", "/cases/{case}/check", group, workresume.MayDecide), p.checkCase)
	api.Add(a, post("decideAppeal", "/cases/{case}/appeal", group, workresume.MayDecide), p.decideAppeal)
	photo := func(op api.Op) api.Op {
		op.Upload, op.MaxBody, op.Slow = true, photoMost, uploadSlow
		return op
	}
	api.Add(a, get("listCasePhotos", "/cases/{case}/photos", group, workresume.MayDecide), p.listCasePhotos)
	api.Add(a, photo(post("addCasePhoto", "/cases/{case}/photos", group, workresume.MayDecide)), p.addCasePhoto)
	api.Add(a, photo(post("addAppealPhoto", "/firms/{firm}/appeal/photos", group, workresume.MayFile)), p.addAppealPhoto)
	api.Add(a, get("listFirmCases", "/firms/{firm}/cases", group, workresume.MaySee), p.listFirmCases)
	api.Add(a, post("answerCase", "/firms/{firm}/case/answer", group, workresume.MayFile), p.answerCase)
	api.Add(a, post("appealDecision", "/firms/{firm}/appeal", group, workresume.MayFile), p.appealDecision)
	api.Add(a, post("decideMany", "/decisions", group, workresume.MayDecide), p.decideMany)
}

// apiCase is one case. A firm sees its own without the staff's names.
type apiCase struct {
	ID           string      `json:"id"`
	Kind         string      `json:"kind" enum:"workresume.filing,workresume.appeal"`
	Firm         string      `json:"firm"`
	Title        string      `json:"title"`
	State        string      `json:"state" enum:"open,waiting,closed" doc:"Waiting: the firm has to act, and the clock stands."`
	Opened       time.Time   `json:"opened"`
	Days         int         `json:"days" doc:"Working days the kind of case allows."`
	Due          time.Time   `json:"due" doc:"First instant that is late; while the case waits, as it was."`
	Paused       *time.Time  `json:"paused,omitempty"`
	Escalated    *time.Time  `json:"escalated,omitempty" doc:"When it became late."`
	Assignee     string      `json:"assignee,omitempty"`
	AssigneeName string      `json:"assignee_name,omitempty"`
	Note         string      `json:"note,omitempty" doc:"Of an appeal: the firm's words."`
	Asked        *time.Time  `json:"asked,omitempty" doc:"When an officer told what else is missing; that is done once."`
	Missing      []apiPoint  `json:"missing" doc:"The one list of what is missing."`
	Checks       []apiLooked `json:"checks"`
	Outcome      string      `json:"outcome,omitempty"`
	Reason       string      `json:"reason,omitempty"`
	Closed       *time.Time  `json:"closed,omitempty"`
}

type apiPoint struct {
	Rule string `json:"rule,omitempty" doc:"The rule that found it; left out for an officer's own point."`
	Text string `json:"text"`
}

type apiLooked struct {
	How    string    `json:"how" enum:"site,video"`
	Passed bool      `json:"passed"`
	Note   string    `json:"note"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

func apiCaseOf(say *i18n.Printer, c casework.Case, d *rule.Decision) apiCase {
	out := apiCase{
		ID: c.ID, Kind: c.Kind, Firm: c.Subject, Title: c.Title, State: c.State, Opened: c.Opened, Days: c.Clock.Days, Due: c.Clock.Due,
		Paused: moment(c.Clock.Paused), Escalated: moment(c.Escalated), Assignee: c.Assignee, AssigneeName: c.AssigneeName, Note: c.Note,
		Asked: moment(c.Asked), Missing: []apiPoint{}, Checks: []apiLooked{}, Outcome: c.Outcome, Reason: c.Reason, Closed: moment(c.Closed),
	}
	for _, pt := range c.Missing {
		text, _ := saying(string(say.Lang()), pt, d)
		out.Missing = append(out.Missing, apiPoint{pt.Rule, text})
	}
	for _, k := range c.Checks {
		out.Checks = append(out.Checks, apiLooked{k.How, k.Passed, k.Note, k.By, k.At})
	}
	return out
}

type apiCasesInput struct {
	View  string `query:"view" doc:"all, mine, unassigned, late, waiting or closed; all that run if left out."`
	After string `query:"after" doc:"Where the last page ended, its next."`
	Limit int64  `query:"limit" doc:"1 to 200; 50 if left out."`
}

type apiCases struct {
	Cases []apiCase `json:"cases" doc:"The next deadline first."`
	Next  string    `json:"next,omitempty"`
}

func (p *resumptionAPI) listCases(ctx context.Context, c api.Call, in *apiCasesInput) (apiCases, error) {
	list, next, err := p.CaseList(ctx, c.By, casework.Filter{View: casework.View(in.View), After: in.After, Limit: int(min(in.Limit, 200))})
	out := apiCases{Cases: make([]apiCase, len(list)), Next: next}
	for i, one := range list {
		out.Cases[i] = apiCaseOf(c.Say, one, nil)
	}
	return out, err
}

type apiCaseInput struct {
	Case string `path:"case" doc:"The case's id."`
}

func shown(say *i18n.Printer, v workresume.CaseView, err error) (apiCase, error) {
	return apiCaseOf(say, v.Case, v.Firm.Decision), err
}

func (p *resumptionAPI) getCase(ctx context.Context, c api.Call, in *apiCaseInput) (apiCase, error) {
	v, err := p.CaseOf(ctx, c.By, in.Case)
	return shown(c.Say, v, err)
}

func (p *resumptionAPI) takeCase(ctx context.Context, c api.Call, in *apiCaseInput) (apiCase, error) {
	v, err := p.TakeCase(ctx, c.By, in.Case, c.Key)
	return shown(c.Say, v, err)
}

func (p *resumptionAPI) releaseCase(ctx context.Context, c api.Call, in *apiCaseInput) (apiCase, error) {
	v, err := p.ReleaseCase(ctx, c.By, in.Case, c.Key)
	return shown(c.Say, v, err)
}

// undoAssignment takes back what the caller took, gave or put back last.
func (p *resumptionAPI) undoAssignment(ctx context.Context, c api.Call, in *apiCaseInput) (apiCase, error) {
	v, err := p.UndoCase(ctx, c.By, in.Case, c.Key)
	return shown(c.Say, v, err)
}

type apiGiveInput struct {
	Case string `path:"case" doc:"The case's id."`
	Body struct {
		To string `json:"to" doc:"Account of the colleague."`
	}
}

func (p *resumptionAPI) giveCase(ctx context.Context, c api.Call, in *apiGiveInput) (apiCase, error) {
	v, err := p.GiveCase(ctx, c.By, in.Case, in.Body.To, c.Key)
	return shown(c.Say, v, err)
}

type apiAskCaseInput struct {
	Case string `path:"case" doc:"The case's id."`
	Body struct {
		Points []string `json:"points" minItems:"1" maxItems:"40" doc:"Everything that is missing beside what the rules found; told once."`
	}
}

func (p *resumptionAPI) askCase(ctx context.Context, c api.Call, in *apiAskCaseInput) (apiCase, error) {
	v, err := p.AskCase(ctx, c.By, in.Case, in.Body.Points, c.Key)
	return shown(c.Say, v, err)
}

type apiLookInput struct {
	Case string `path:"case" doc:"The case's id."`
	Body struct {
		How    string `json:"how" enum:"site,video"`
		Passed *bool  `json:"passed" nullable:"false"`
		Note   string `json:"note" minLength:"2" maxLength:"1000"`
	}
}

func (p *resumptionAPI) checkCase(ctx context.Context, c api.Call, in *apiLookInput) (apiCase, error) {
	if in.Body.Passed == nil {
		return apiCase{}, missing("passed", "fault.wrong_type", "want", i18n.Key("fault.want_yes"))
	}
	v, err := p.CheckCase(ctx, c.By, in.Case, casework.Check{How: in.Body.How, Passed: *in.Body.Passed, Note: in.Body.Note}, c.Key)
	return shown(c.Say, v, err)
}

type apiAppealDecisionInput struct {
	Case string `path:"case" doc:"The appeal's case."`
	Body struct {
		Outcome string `json:"outcome" enum:"upheld,changed"`
		State   string `json:"state,omitempty" enum:"certified,returned,refused," doc:"For changed; left out hands the file back to the rules."`
		Reason  string `json:"reason" minLength:"2" maxLength:"1000" doc:"Told to the firm."`
	}
}

func (p *resumptionAPI) decideAppeal(ctx context.Context, c api.Call, in *apiAppealDecisionInput) (apiCase, error) {
	if _, err := p.DecideAppeal(ctx, c.By, workresume.AppealDecision{
		Case: in.Case, Outcome: in.Body.Outcome, State: workresume.State(in.Body.State), Reason: in.Body.Reason, Key: c.Key,
	}); err != nil {
		return apiCase{}, err
	}
	v, err := p.CaseOf(ctx, c.By, in.Case)
	return shown(c.Say, v, err)
}

func (p *resumptionAPI) listFirmCases(ctx context.Context, c api.Call, in *apiFirmInput) (apiCases, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiCases{}, err
	}
	f, err := p.Firm(ctx, c.By, firm)
	if err != nil {
		return apiCases{}, err
	}
	list, err := p.FirmCases(ctx, c.By, firm)
	out := apiCases{Cases: make([]apiCase, len(list))}
	for i, one := range list {
		out.Cases[i] = apiCaseOf(c.Say, one, f.Decision)
	}
	return out, err
}

func (p *resumptionAPI) answerCase(ctx context.Context, c api.Call, in *apiFirmInput) (apiCase, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiCase{}, err
	}
	one, err := p.AnswerCase(ctx, c.By, firm, c.Key)
	return apiCaseOf(c.Say, one, nil), err
}

type apiAppealInput struct {
	Firm string `path:"firm" doc:"The firm's id or credit code."`
	Body struct {
		Reason string `json:"reason" minLength:"10" maxLength:"1000" doc:"Why the firm does not agree, and what shows it."`
	}
}

func (p *resumptionAPI) appealDecision(ctx context.Context, c api.Call, in *apiAppealInput) (apiCase, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiCase{}, err
	}
	one, err := p.Appeal(ctx, c.By, workresume.AppealInput{Firm: firm, Reason: in.Body.Reason, Key: c.Key})
	return apiCaseOf(c.Say, one, nil), err
}

type apiManyInput struct {
	Body struct {
		Firms  []string         `json:"firms" minItems:"1" maxItems:"200" doc:"Ids of firms that have filed."`
		State  workresume.State `json:"state" enum:"certified,returned,refused"`
		Reason string           `json:"reason" minLength:"2" maxLength:"500" doc:"Told to every firm."`
	}
}

func (p *resumptionAPI) decideMany(ctx context.Context, c api.Call, in *apiManyInput) (api.Act, error) {
	if in.Body.State == "" {
		return api.Act{}, missing("state", "workresume.state_unknown")
	}
	a, err := p.ProposeMany(ctx, c.By, workresume.ManyInput{Firms: in.Body.Firms, State: in.Body.State, Reason: in.Body.Reason, Key: c.Key})
	return api.ActOf(a), err
}
