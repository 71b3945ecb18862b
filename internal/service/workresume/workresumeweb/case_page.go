package workresumeweb

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// workPage is one case as an officer works it.
type workPage struct {
	workresume.CaseView
	By         auth.Principal
	Colleagues []auth.Principal
	Story      []eventlog.Record
	Photos     []casework.Photo
	Now        time.Time
}

func (p *pages) workPage(r *http.Request) (d workPage, err error) {
	ctx := r.Context()
	d.By, d.Now = web.Principal(r), p.Now()
	if d.CaseView, err = p.CaseOf(ctx, d.By, r.PathValue("case")); err != nil {
		return d, err
	}
	if d.Colleagues, err = p.Service.Colleagues(ctx, d.By); err != nil {
		return d, err
	}
	if d.Photos, err = p.CasePhotos(ctx, d.By, d.Case.ID); err != nil {
		return d, err
	}
	if p.Stories != nil {
		d.Story, err = p.Stories.Story(ctx, "case:"+d.Case.ID, storyMost)
	}
	return d, err
}

func (p *pages) caseShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.workPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, workView(web.From(r), d, web.Blank(r)))
}

// caseInput is what an officer does with a case. Do is take, release, undo, give,
// ask, check or appeal; Points are the lines of the one list.
type caseInput struct {
	Do      string `form:"do" json:"do" max:"10"`
	To      string `form:"to" json:"to,omitempty" max:"60"`
	Points  string `form:"points" json:"points,omitempty" max:"8000"`
	How     string `form:"how" json:"how,omitempty" max:"10"`
	Passed  string `form:"passed" json:"passed,omitempty" max:"5"`
	Note    string `form:"note" json:"note,omitempty" max:"1000"`
	Outcome string `form:"outcome" json:"outcome,omitempty" max:"10"`
	State   string `form:"state" json:"state,omitempty" max:"20"`
	Reason  string `form:"reason" json:"reason,omitempty" max:"1000"`
}

func (p *pages) caseAct(w http.ResponseWriter, r *http.Request) error {
	var in caseInput
	err := web.Decode(r, &in)
	d, failed := p.workPage(r)
	if failed != nil {
		return failed
	}
	again := func(f *ui.Form) templ.Component { return workView(web.From(r), d, f) }
	if err != nil {
		return web.Again(err, again)
	}
	ctx, id, key := r.Context(), d.Case.ID, web.Once(r, "case."+in.Do, in)
	v := d.CaseView
	switch in.Do {
	case "take":
		v, err = p.TakeCase(ctx, d.By, id, key)
	case "release":
		v, err = p.ReleaseCase(ctx, d.By, id, key)
	case "undo":
		v, err = p.UndoCase(ctx, d.By, id, key)
	case "give":
		v, err = p.GiveCase(ctx, d.By, id, in.To, key)
	case "ask":
		v, err = p.AskCase(ctx, d.By, id, strings.Split(in.Points, "\n"), key)
	case "check":
		if in.Passed != "yes" && in.Passed != "no" {
			err = fault.New(fault.Invalid, "fault.fields").With("passed", "casepages.passed_missing")
			break
		}
		v, err = p.CheckCase(ctx, d.By, id, casework.Check{How: in.How, Passed: in.Passed == "yes", Note: in.Note}, key)
	case "appeal":
		if in.Outcome == workresume.Changed && in.State == "" {
			in.State = "unchosen" // refused at its field
		}
		_, err = p.DecideAppeal(ctx, d.By, workresume.AppealDecision{
			Case: id, Outcome: in.Outcome, State: stateChosen(in.State), Reason: in.Reason, Key: key,
		})
		if err == nil {
			v, err = p.CaseOf(ctx, d.By, id)
		}
	default:
		err = fault.New(fault.Invalid, "fault.fields").With("do", "casepages.do_unknown")
	}
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, ui.Valid, "casepages.done_"+in.Do, "")
	return web.Done(w, r, casesBase+"/"+id, apiCaseOf(web.Printer(r), v.Case, v.Firm.Decision))
}

// stateChosen is a state of a form, where handing back has a word of its own.
func stateChosen(s string) workresume.State {
	if s == handBack {
		return ""
	}
	return workresume.State(s)
}

// saying is one point of the list in words: the rule's reason in the reader's
// language, or what an officer wrote.
func saying(lang string, pt casework.Point, d *rule.Decision) (text, mend string) {
	if pt.Rule == "" {
		return pt.Text, ""
	}
	if d != nil {
		for _, point := range d.Explain(lang).Points {
			if point.Rule == pt.Rule {
				return point.Reason, point.Mend
			}
		}
	}
	return pt.Rule, ""
}

// open is whether something can still be done.
func (d workPage) open() bool { return d.Case.State != casework.Closed }

// photoTo is where a photo is sent, "" when the case takes none.
func (d workPage) photoTo() string {
	if !d.open() {
		return ""
	}
	return casesBase + "/" + d.Case.ID + "/photos"
}

// barred is whether the reader decided what is appealed, and so must not work on it.
func (d workPage) barred() bool { return d.decided(d.By) }

func (d workPage) decided(who auth.Principal) bool {
	for _, b := range d.Before {
		if who.Same(auth.Principal{ID: b.Account, Person: b.Person, Name: b.Name}) {
			return true
		}
	}
	return false
}

func (d workPage) facts(p *ui.Page) []ui.Fact {
	c := d.Case
	out := []ui.Fact{
		{Term: p.T("casepages.state"), Text: p.T("casework.state." + c.State), State: caseState(c, d.Now)},
		{Term: p.T("casepages.clock"), Text: clockWords(p, c, d.Now)},
		{Term: p.T("casepages.days"), Text: p.Number(int64(c.Clock.Days))},
		{Term: p.T("casepages.opened"), Text: p.DateTime(c.Opened)},
		{Term: p.T("casepages.assignee"), Text: assignee(p, c)},
		{Term: p.T("casepages.firm_state"), Text: p.T("workresume.state." + string(d.Firm.State)), State: firmState(d.Firm.State)},
	}
	if !c.Escalated.IsZero() {
		out = append(out, ui.Fact{Term: p.T("casepages.escalated"), Text: p.DateTime(c.Escalated), State: ui.Stop})
	}
	if c.State == casework.Closed {
		out = append(out, ui.Fact{Term: p.T("casepages.outcome"), Text: outcomeWord(p, c.Outcome)})
		if c.Reason != "" {
			out = append(out, ui.Fact{Term: p.T("casepages.reason"), Text: c.Reason})
		}
	}
	return out
}

// outcomeWord is what became of a case, in words.
func outcomeWord(p *ui.Page, outcome string) string {
	if key := "casepages.outcome_" + outcome; p.Has(key) {
		return p.T(key)
	}
	return outcome
}

func assignee(p *ui.Page, c casework.Case) string {
	switch {
	case c.Assignee == "":
		return p.T("casepages.nobody")
	case c.AssigneeName == "":
		return p.T("casepages.somebody")
	}
	return c.AssigneeName
}

func colleagueChoices(p *ui.Page, d workPage) []ui.Option {
	out := []ui.Option{{Text: p.T("firmpages.choose")}}
	for _, c := range d.Colleagues {
		if c.ID != d.Assignee && !d.decided(c) {
			out = append(out, ui.Option{Value: c.ID, Text: c.Name})
		}
	}
	return out
}

func appealChoices(p *ui.Page, f workresume.Firm) []ui.Option {
	out := manyChoices(p)
	if f.Override != nil {
		out = append(out, ui.Option{Value: handBack, Text: p.T("firmpages.hand_back")})
	}
	return out
}

// workStory is what happened to the case, newest first.
func workStory(p *ui.Page, list []eventlog.Record) []ui.Step {
	out := make([]ui.Step, 0, len(list))
	for _, rec := range list {
		title := rec.Name
		if key := "fact." + rec.Name; p.Has(key) {
			title = p.T(key)
		}
		out = append(out, ui.Step{Title: title, Text: p.DateTime(rec.At), Done: true})
	}
	return out
}

// givable is whether there is somebody to hand the case to.
func (d workPage) givable() bool {
	for _, c := range d.Colleagues {
		if c.ID != d.Assignee && c.ID != d.By.ID && !d.decided(c) {
			return true
		}
	}
	return false
}

// whoCan is the message of who may work on an appeal that the reader may not.
func (d workPage) whoCan() string {
	switch {
	case d.Assignee != "":
		return "casepages.barred_taken"
	case d.givable():
		return "casepages.barred_give"
	}
	return "casepages.barred_nobody"
}
