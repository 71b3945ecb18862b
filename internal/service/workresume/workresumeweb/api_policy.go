package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addPolicies(a *api.API) {
	const group = "policies"
	api.Add(a, get("listPolicies", "/policies", group, workresume.MaySeePolicy), p.listPolicies)
	add := post("addPolicy", "/policies", group, workresume.MayGovern)
	add.MaxBody = policyMost
	api.Add(a, add, p.addPolicy)
	try := get("tryPolicy", "/policies/{policy}/what-if", group, workresume.MaySeePolicy)
	try.Slow = trialSlow
	api.Add(a, try, p.tryPolicy)
	api.Add(a, post("activatePolicy", "/policies/{policy}/activation", group, workresume.MayGovern), p.activatePolicy)
	api.Add(a, get("listPolicyChanges", "/policy-changes", group, workresume.MaySeePolicy), p.listPolicyChanges)
	api.Add(a, get("explainDecision", "/firms/{firm}/explanation", "firms", workresume.MaySee), p.explainDecision)
	api.Add(a, post("stateFact", "/firms/{firm}/statements", "firms", workresume.MayDecide), p.stateFact)
}

// apiPolicy is one version of the rules.
type apiPolicy struct {
	ID      string     `json:"id"`
	Pack    string     `json:"pack"`
	Version string     `json:"version"`
	Title   string     `json:"title"`
	Summary string     `json:"summary"`
	Digest  string     `json:"digest" doc:"SHA-256 of the file; decisions name it."`
	From    time.Time  `json:"valid_from" doc:"By the pack itself; whether it decides is in_force."`
	Until   *time.Time `json:"valid_until"`
	InForce bool       `json:"in_force"`
	By      string     `json:"by" doc:"Account that uploaded it; empty for the program's own."`
	Added   *time.Time `json:"added"`
}

func apiPolicyOf(p workresume.Policy, say *i18n.Printer) apiPolicy {
	k, lang := p.Pack, string(say.Lang())
	return apiPolicy{p.ID, k.ID, k.Version, k.Title.In(lang), k.Summary.In(lang), k.Digest, k.ValidFrom, moment(k.ValidUntil), p.InForce, p.By, moment(p.Added)}
}

type apiPolicies struct {
	Policies []apiPolicy `json:"policies"`
}

func (p *resumptionAPI) listPolicies(ctx context.Context, c api.Call, _ *struct{}) (apiPolicies, error) {
	list, err := p.Policies(ctx, c.By)
	out := apiPolicies{Policies: make([]apiPolicy, len(list))}
	for i, one := range list {
		out.Policies[i] = apiPolicyOf(one, c.Say)
	}
	return out, err
}

type apiAddPolicyInput struct {
	Body struct {
		Source string `form:"source,raw" json:"source" max:"262144" maxLength:"262144" doc:"The TOML file. Every mistake is answered with its line."`
	}
}

func (p *resumptionAPI) addPolicy(ctx context.Context, c api.Call, in *apiAddPolicyInput) (apiPolicy, error) {
	one, err := p.AddPolicy(ctx, c.By, workresume.AddPolicyInput{Source: []byte(in.Body.Source), Key: c.Key})
	if err != nil {
		return apiPolicy{}, err
	}
	return apiPolicyOf(one, c.Say), nil
}

type apiPolicyInput struct {
	Policy string `path:"policy" doc:"The policy's id."`
}

// apiTrial is what a policy would change.
type apiTrial struct {
	Policy  apiPolicy   `json:"policy"`
	Firms   int64       `json:"firms" doc:"That filed, and were asked."`
	Kept    int64       `json:"kept" doc:"Of them under an officer's word, which stands over any rules."`
	Moves   []apiMove   `json:"moves"`
	Turning []apiTurned `json:"turning" doc:"Every firm whose state would change."`
	Broken  []apiBroken `json:"broken" doc:"Rules that could not be worked out for some firm: mend them in the file. Nobody loses a certificate by them."`
}

type apiBroken struct {
	Rule   string `json:"rule"`
	Firms  int64  `json:"firms"`
	Reason string `json:"reason"`
}

type apiMove struct {
	From  workresume.State `json:"from" enum:"returned,certified,refused,kept,warned,suspended" doc:"The last three of a promise: what it comes to if the facts last."`
	To    workresume.State `json:"to" enum:"returned,certified,refused,kept,warned,suspended" doc:"The last three of a promise: what it comes to if the facts last."`
	Firms int64            `json:"firms"`
}

type apiTurned struct {
	Firm       string           `json:"firm"`
	Name       string           `json:"name"`
	CreditCode string           `json:"credit_code"`
	Park       string           `json:"park"`
	From       workresume.State `json:"from" enum:"returned,certified,refused,kept,warned,suspended" doc:"The last three of a promise: what it comes to if the facts last."`
	To         workresume.State `json:"to" enum:"returned,certified,refused,kept,warned,suspended" doc:"The last three of a promise: what it comes to if the facts last."`
	Rule       string           `json:"rule" doc:"The gravest that would speak; empty where none does."`
	Reason     string           `json:"reason"`
}

func apiMoves(moves []workresume.Move) []apiMove {
	out := make([]apiMove, len(moves))
	for i, m := range moves {
		out[i] = apiMove(m)
	}
	return out
}

func (p *resumptionAPI) tryPolicy(ctx context.Context, c api.Call, in *apiPolicyInput) (apiTrial, error) {
	t, err := p.WhatIf(ctx, c.By, in.Policy)
	if err != nil {
		return apiTrial{}, err
	}
	out := apiTrial{apiPolicyOf(t.Policy, c.Say), t.Firms, t.Kept, apiMoves(t.Moves), make([]apiTurned, len(t.Turning)), make([]apiBroken, len(t.Broken))}
	for i, one := range t.Turning {
		out.Turning[i] = apiTurned{one.Firm, one.Name, one.CreditCode, one.Park, one.From, one.To, one.Rule, one.Reason.In(string(c.Say.Lang()))}
	}
	for i, one := range t.Broken {
		out.Broken[i] = apiBroken{one.Rule, one.Firms, one.Reason.In(string(c.Say.Lang()))}
	}
	return out, nil
}

type apiActivateInput struct {
	Policy string `path:"policy" doc:"The policy's id."`
	Body   struct {
		Reason string    `json:"reason" minLength:"2" maxLength:"500" doc:"For the second person, and the log."`
		Begins time.Time `json:"begins,omitzero" doc:"From when it decides; at once after the second person's yes if left out."`
		Dated  bool      `json:"dated,omitempty" doc:"True says that you know it begins on another day than the first it names (valid_from); refused without where it does."`
	}
}

// activatePolicy asks; confirmAct by somebody else brings it into force.
func (p *resumptionAPI) activatePolicy(ctx context.Context, c api.Call, in *apiActivateInput) (api.Act, error) {
	act, err := p.Activate(ctx, c.By, workresume.ActivateInput{Policy: in.Policy, Begins: in.Body.Begins, Dated: in.Body.Dated, Reason: in.Body.Reason, Key: c.Key})
	return api.ActOf(act), err
}

type apiPolicyChanges struct {
	Changes []apiPolicyChange `json:"changes" doc:"Newest first, at most 50."`
}

type apiPolicyChange struct {
	ID        string                     `json:"id"`
	Policy    string                     `json:"policy"`
	Act       string                     `json:"act" doc:"Of the two people; see getAct."`
	State     workresume.ActivationState `json:"state" enum:"waiting,running,done,overtaken"`
	Begins    time.Time                  `json:"begins"`
	Confirmed time.Time                  `json:"confirmed"`
	Total     int64                      `json:"total" doc:"Firms to ask again."`
	Done      int64                      `json:"done"`
	Turned    int64                      `json:"turned" doc:"Of them with another state than before."`
	Broken    int64                      `json:"broken" doc:"Of them for whom some rule could not be worked out; see tryPolicy."`
	Moves     []apiMove                  `json:"moves"`
	Ended     *time.Time                 `json:"ended"`
}

func (p *resumptionAPI) listPolicyChanges(ctx context.Context, c api.Call, _ *struct{}) (apiPolicyChanges, error) {
	list, err := p.Activations(ctx, c.By)
	out := apiPolicyChanges{Changes: make([]apiPolicyChange, len(list))}
	for i, a := range list {
		out.Changes[i] = apiPolicyChange{a.ID, a.Policy, a.Act, a.State, a.Begins, a.Confirmed, a.Total, a.Done, a.Turned, a.Broken, apiMoves(a.Moves), moment(a.Ended)}
	}
	return out, err
}

// apiExplanation is a decision taken apart.
type apiExplanation struct {
	Firm     string           `json:"firm"`
	State    workresume.State `json:"state" enum:"unfiled,returned,certified,refused"`
	Override *apiOverride     `json:"override" doc:"The officer's word that stands instead of the rules'; null if none does."`
	Decision *apiDecision     `json:"decision" doc:"Null before the first filing."`
	InForce  bool             `json:"in_force" doc:"The policy that decided still decides."`
	Facts    map[string]any   `json:"facts" doc:"Everything known that the policy looks at."`
	Passed   []string         `json:"passed" doc:"Rules that had nothing to say."`
	Turn     *apiTurn         `json:"turn" doc:"What would turn the answer; null where the program no longer has the policy."`
	Flags    []apiFlag        `json:"flags" doc:"What facts say against the firm's promise beside the decision, gravest first."`
}

type apiTurn struct {
	To   rule.Verdict `json:"to" enum:"certified,returned,refused"`
	Ways []apiWay     `json:"ways" doc:"Smallest first: fewest facts, then least cost. Empty: nothing the firm can alter would do."`
	Cut  bool         `json:"cut" doc:"The search ended at its bound; a smaller way may exist."`
}

type apiWay struct {
	Steps []apiStep `json:"steps" doc:"To be made together."`
	Cost  float64   `json:"cost"`
}

type apiStep struct {
	Fact  string `json:"fact"`
	Title string `json:"title"`
	From  any    `json:"from" doc:"Null when the fact was not known."`
	To    any    `json:"to"`
}

func (p *resumptionAPI) explainDecision(ctx context.Context, c api.Call, in *apiFirmInput) (apiExplanation, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiExplanation{}, err
	}
	a, err := p.Explain(ctx, c.By, firm)
	if err != nil {
		return apiExplanation{}, err
	}
	shown := p.shown(a.Firm, c.Say)
	out := apiExplanation{
		Firm: a.Firm.ID, State: a.Firm.State, Override: shown.Override, Decision: shown.Decision, InForce: a.InForce,
		Facts: map[string]any{}, Passed: []string{}, Flags: []apiFlag{},
	}
	if a.Decision != nil {
		out.Facts, out.Passed = a.Decision.Facts, a.Decision.Passed
	}
	for _, g := range a.Flags {
		out.Flags = append(out.Flags, apiFlagOf(g, c.Say))
	}
	if a.Turn != nil {
		out.Turn = &apiTurn{To: a.Turn.To, Ways: make([]apiWay, len(a.Turn.Ways)), Cut: a.Turn.Cut}
		for i, w := range a.Turn.Ways {
			steps := make([]apiStep, len(w.Steps))
			for j, s := range w.Steps {
				steps[j] = apiStep{s.Fact, s.Title.In(string(c.Say.Lang())), s.From, s.To}
			}
			out.Turn.Ways[i] = apiWay{steps, w.Cost}
		}
	}
	return out, nil
}

type apiStateInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		Fact   string `json:"fact" enum:"township_check,district_approval"`
		Value  *bool  `json:"value" nullable:"false"`
		Reason string `json:"reason" minLength:"2" maxLength:"1000" max:"1000" doc:"Told to the firm."`
	}
}

func (p *resumptionAPI) stateFact(ctx context.Context, c api.Call, in *apiStateInput) (apiResumption, error) {
	if in.Body.Value == nil {
		return apiResumption{}, missing("value", "fault.wrong_type", "want", i18n.Key("fault.want_yes"))
	}
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiResumption{}, err
	}
	f, err := p.Attest(ctx, c.By, workresume.AttestInput{Firm: firm, Fact: in.Body.Fact, Value: *in.Body.Value, Reason: in.Body.Reason, Key: c.Key})
	return p.shown(f, c.Say), err
}
