package workresumeweb

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const (
	policyBase = "/desk/policies"
	changeBase = "/desk/policy-changes"
	secondBase = "/desk/second" // what waits for a second person
)

// policyMost is the largest body that brings a policy: the text and its form, which
// writes a character beyond ASCII, of three bytes, as nine.
const policyMost = 3*rule.MaxPack + 16<<10

// trialSlow is how long a trial of the whole district may take over a weak line.
const trialSlow = time.Minute

func (p *pages) policyRoutes() web.Routes {
	see, act := web.Needs(workresume.MaySeePolicy), web.Needs(workresume.MayGovern)
	const one = policyBase + "/{policy}"
	return web.Routes{
		{Method: "GET", Path: policyBase, Handler: p.policyList, Access: see, Whole: true},
		{Method: "POST", Path: policyBase, Handler: p.policyAdd, Access: act, MaxBody: policyMost},
		{Method: "GET", Path: one, Handler: p.policyShow, Access: see},
		{Method: "GET", Path: one + "/policy.toml", Handler: p.policySource, Access: see},
		{Method: "GET", Path: one + "/what-if", Handler: p.policyTry, Access: see, Slow: trialSlow},
		{Method: "GET", Path: one + "/what-if.csv", Handler: p.policyTryCSV, Access: see, Slow: trialSlow},
		{Method: "POST", Path: one + "/activation", Handler: p.policyActivate, Access: act, Input: activateInput{}},
		{Method: "GET", Path: changeBase + "/{activation}", Handler: p.policyChange, Access: see},
	}
}

// policyListPage is every policy, and the changes from one to another.
type policyListPage struct {
	Policies []workresume.Policy
	Changes  []workresume.Activation
	Titles   map[string]workresume.Policy // by id
	Acts     bool
	Source   string // of a file that was refused, to be mended where it stands
}

func (p *pages) policyListPage(r *http.Request) (d policyListPage, err error) {
	ctx, by := r.Context(), web.Principal(r)
	d.Acts, d.Titles = web.May(r, workresume.MayGovern), map[string]workresume.Policy{}
	if d.Policies, err = p.Policies(ctx, by); err != nil {
		return d, err
	}
	for _, one := range d.Policies {
		d.Titles[one.ID] = one
	}
	d.Changes, err = p.Activations(ctx, by)
	return d, err
}

func (p *pages) policyList(w http.ResponseWriter, r *http.Request) error {
	d, err := p.policyListPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, policyListView(web.From(r), d, web.Blank(r)))
}

// policyPage is one policy to be read, and asked for.
type policyPage struct {
	workresume.Policy
	Acts    bool
	Waiting bool   // outside its own dates now
	Undated bool   // would not begin on the day it names: who asks says that they know
	Broken  int64  // firms for whom a rule of it could not be worked out when it was applied
	Change  string // that application
}

func (p *pages) policyPage(r *http.Request) (d policyPage, err error) {
	d.Acts = web.May(r, workresume.MayGovern)
	d.Policy, err = p.PolicyByID(r.Context(), web.Principal(r), r.PathValue("policy"))
	if err == nil {
		d.Waiting, d.Undated = !d.Pack.InForce(p.Now()), !p.OnItsDay(d.Pack, time.Time{})
		err = p.brokenLately(r, &d)
	}
	return d, err
}

// brokenLately looks what came of the policy's latest application.
func (p *pages) brokenLately(r *http.Request, d *policyPage) error {
	list, err := p.Activations(r.Context(), web.Principal(r))
	for _, a := range list { // newest first
		if a.Policy == d.ID && a.State != workresume.ActivationWaiting {
			d.Broken, d.Change = a.Broken, a.ID
			break
		}
	}
	return err
}

func (p *pages) policyShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.policyPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, policyView(web.From(r), d, web.Blank(r)))
}

func (p *pages) policySource(w http.ResponseWriter, r *http.Request) error {
	d, err := p.policyPage(r)
	if err != nil {
		return err
	}
	attach(w, "application/toml; charset=utf-8", d.Pack.ID+"."+d.Pack.Version+".toml")
	_, err = io.WriteString(w, p.SourceOf(d.Policy))
	return err
}

// activateInput asks for a policy; From is a day of the district's calendar, empty
// for at once. Dated is that whoever asks knows from when it decides, where that is
// another day than the policy's own first.
type activateInput struct {
	Reason string `form:"reason" json:"reason" max:"500"`
	From   string `form:"from" json:"from,omitempty" max:"10"`
	Dated  bool   `form:"dated" json:"dated,omitempty"`
}

func (in activateInput) begins(zone *time.Location) (time.Time, error) {
	if in.From == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, in.From, zone)
	if err != nil {
		return t, fault.New(fault.Invalid, "fault.fields").With("from", "policypages.from_unread")
	}
	return t, nil
}

func (p *pages) policyActivate(w http.ResponseWriter, r *http.Request) error {
	var in activateInput
	bad := web.Decode(r, &in)
	d, err := p.policyPage(r)
	if err != nil {
		return err
	}
	again := func(err error) error {
		if f := *fault.As(err); f.Kind == fault.Conflict && len(f.Fields) == 0 {
			err = (&f).With("reason", f.Code)
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return policyView(web.From(r), d, f) })
	}
	if bad != nil {
		return again(bad)
	}
	begins, err := in.begins(p.Deps.Zone)
	if err != nil {
		return again(err)
	}
	act, err := p.Activate(r.Context(), web.Principal(r), workresume.ActivateInput{
		Policy: d.ID, Begins: begins, Dated: in.Dated, Reason: in.Reason, Key: web.Once(r, "workresume.policy_activate", in),
	})
	if err != nil {
		return again(err)
	}
	web.Flash(w, r, ui.Wait, "policypages.asked", "")
	return web.Done(w, r, secondBase+"/"+act.ID, act.ID)
}

// trialShown is how many firms of a trial stand on one page; the file has all.
const trialShown = 50

// trialPage is what a policy would change, and a page of the firms that move.
type trialPage struct {
	workresume.Trial
	Cut  workresume.TrialCut
	List []workresume.Turned
	Next string
}

func (p *pages) policyTry(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	d := trialPage{Cut: workresume.TrialCut{
		From: workresume.State(cut(q.Get("from"))), To: workresume.State(cut(q.Get("to"))), After: cut(q.Get("after")), Limit: trialShown,
	}}
	var err error
	if d.Trial, err = p.WhatIf(r.Context(), web.Principal(r), r.PathValue("policy")); err != nil {
		return err
	}
	d.List, d.Next = d.Page(d.Cut)
	return web.Render(w, r, policyTrialView(web.From(r), d, p.IsPromise(d.Policy)))
}

// href is the list of one move, from where a page ended.
func (d trialPage) href(from, to workresume.State, after string) string {
	v := url.Values{}
	for name, text := range map[string]string{"from": string(from), "to": string(to), "after": after} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if len(v) == 0 {
		return policyBase + "/" + d.Policy.ID + "/what-if"
	}
	return policyBase + "/" + d.Policy.ID + "/what-if?" + v.Encode()
}

// first is the way back to the beginning of the list, "" where it is shown.
func (d trialPage) first() string {
	if d.Cut.After == "" {
		return ""
	}
	return d.href(d.Cut.From, d.Cut.To, "")
}

func (d trialPage) next() string {
	if d.Next == "" {
		return ""
	}
	return d.href(d.Cut.From, d.Cut.To, d.Next)
}

// chips are the ways to list the firms: all that move, and each move by itself.
func (d trialPage) chips(p *ui.Page) []ui.Link {
	moves := changing(d.Moves)
	if len(moves) < 2 {
		return nil
	}
	out := []ui.Link{{Href: d.href("", "", ""), Text: p.T("firmpages.all"), Now: d.Cut.From == "" && d.Cut.To == ""}}
	for _, m := range moves {
		out = append(out, ui.Link{
			Href: d.href(m.From, m.To, ""), Now: m.From == d.Cut.From && m.To == d.Cut.To, Count: p.Number(m.Firms),
			Text: p.T("policypages.move", "from", p.T("workresume.state."+string(m.From)), "to", p.T("workresume.state."+string(m.To))),
		})
	}
	return out
}

// policyTryCSV is every firm whose state would change.
func (p *pages) policyTryCSV(w http.ResponseWriter, r *http.Request) error {
	page := web.From(r)
	t, err := p.WhatIf(r.Context(), web.Principal(r), r.PathValue("policy"))
	if err != nil {
		return err
	}
	parks, err := p.Parks(r.Context(), string(page.Lang()))
	if err != nil {
		return err
	}
	attach(w, "text/csv; charset=utf-8", page.T("policypages.trial")+" "+t.Policy.Pack.Version+".csv")
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads it as UTF-8
	out := csv.NewWriter(w)
	if err := out.Write([]string{
		page.T("firmpages.credit_code"), page.T("firmpages.firm"), page.T("firmpages.park"),
		page.T("policypages.from"), page.T("policypages.to"), page.T("policypages.rule"), page.T("policypages.rule_id"), page.T("policypages.reason"),
	}); err != nil {
		return err
	}
	for _, one := range t.Turning {
		if err := out.Write([]string{
			one.CreditCode, deskCell(one.Name), deskCell(deskList{Parks: parks}.park(one.Park)), page.T("workresume.state." + string(one.From)),
			page.T("workresume.state." + string(one.To)), deskCell(ruleTitle(page, t.Policy.Pack, one.Rule)), one.Rule, deskCell(one.Reason.In(string(page.Lang()))),
		}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// policyChange shows the district being asked again.
func (p *pages) policyChange(w http.ResponseWriter, r *http.Request) error {
	ctx, by, page := r.Context(), web.Principal(r), web.From(r)
	a, err := p.ActivationByID(ctx, by, r.PathValue("activation"))
	if err != nil {
		return err
	}
	of, err := p.PolicyByID(ctx, by, a.Policy)
	if err != nil {
		return err
	}
	work := changeWork(page, a, of, p.Now())
	page.Watch(work)
	if web.Fragment(r) {
		return web.Render(w, r, ui.Progress(page, work))
	}
	return web.Render(w, r, policyChangeView(page, a, of, work, p.IsPromise(of)))
}
