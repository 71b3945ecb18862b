package workresumeweb

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

const (
	casesBase = "/desk/cases"
	nextCase  = casesBase + "/next" // after is the case one comes from
)

// caseRoutes are the officer's work list, one case, and what can be done with it.
func (p *pages) caseRoutes() web.Routes {
	may := web.Needs(workresume.MayDecide)
	return web.Routes{
		{Method: "GET", Path: casesBase, Handler: p.caseList, Access: may},
		{Method: "POST", Path: casesBase, Handler: p.caseMany, Access: may, Input: manyInput{}, Twin: "decideMany"},
		{Method: "GET", Path: nextCase, Handler: p.caseNext, Access: may},
		{Method: "GET", Path: casesBase + "/{case}", Handler: p.caseShow, Access: may},
		{Method: "POST", Path: casesBase + "/{case}", Handler: p.caseAct, Access: may, Input: caseInput{}},
	}
}

// workList is the officer's work, the next deadline first.
type workList struct {
	View  casework.View
	Cases []casework.Case
	Next  string
	Now   time.Time
	After string // where the last page ended

	Told    int   // notices of late cases not yet seen
	Guessed []int // years of which only weekends are known
}

// here is the address of this very page of the list: a form that comes back has
// the same rows to tick.
func (d workList) here() string {
	return casesBase + "?" + url.Values{"view": {string(d.View)}, "after": {d.After}}.Encode()
}

func (p *pages) workList(r *http.Request) (d workList, err error) {
	q := r.URL.Query()
	d.View, d.Now, d.After = casework.All, p.Now(), cut(q.Get("after"))
	if v := casework.View(q.Get("view")); slices.Contains(casework.Views[:], v) {
		d.View = v
	}
	if d.Guessed, err = p.Service.Guessed(r.Context()); err != nil {
		return d, err
	}
	told, err := p.LateNotices(r.Context(), web.Principal(r))
	if err != nil {
		return d, err
	}
	d.Told = lateCases(told)
	d.Cases, d.Next, err = p.CaseList(r.Context(), web.Principal(r), casework.Filter{View: d.View, After: d.After})
	if d.Next != "" {
		d.Next = casesBase + "?" + url.Values{"view": {string(d.View)}, "after": {d.Next}}.Encode()
	}
	return d, err
}

func (p *pages) caseList(w http.ResponseWriter, r *http.Request) error {
	d, err := p.workList(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, workListView(web.From(r), d, web.Blank(r)))
}

// manyInput is one decision for the firms that were ticked.
type manyInput struct {
	Firms  []string `form:"firms" json:"firms"`
	State  string   `form:"state" json:"state" max:"20"`
	Reason string   `form:"reason" json:"reason" max:"500"`
}

// caseMany asks for one decision about several firms; a second officer confirms it.
func (p *pages) caseMany(w http.ResponseWriter, r *http.Request) error {
	var in manyInput
	err := web.Decode(r, &in)
	d, failed := p.workList(r)
	if failed != nil {
		return failed
	}
	again := func(f *ui.Form) templ.Component { return workListView(web.From(r), d, f) }
	if err != nil {
		return web.Again(err, again)
	}
	if in.State == "" {
		in.State = "unchosen" // refused below, at its field
	}
	act, err := p.ProposeMany(r.Context(), web.Principal(r), workresume.ManyInput{
		Firms: in.Firms, State: workresume.State(in.State), Reason: in.Reason, Key: web.Once(r, "decideMany", in),
	})
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, ui.Wait, "casepages.many_asked", "", "n", len(in.Firms))
	return web.Done(w, r, "/desk/second/"+act.ID, api.ActOf(act))
}

func (d workList) chips(p *ui.Page) []ui.Link {
	var out []ui.Link
	for _, v := range casework.Views {
		href := casesBase
		if v != casework.All {
			href += "?view=" + string(v)
		}
		out = append(out, ui.Link{Href: href, Text: p.T("casepages.view_" + string(v)), Now: v == d.View})
	}
	return out
}

// many is whether firms can be ticked here: what is decided is decided.
func (d workList) many() bool { return d.View != casework.Done && len(d.Cases) > 0 }

func workColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.firm"), Title: true},
		{Label: p.T("casepages.kind")},
		{Label: p.T("casepages.missing"), Number: true},
		{Label: p.T("casepages.assignee")},
		{Label: p.T("casepages.due")},
	}
}

// soon is how long before a deadline a clock turns amber.
const soon = 24 * time.Hour

// clockClass is the colour of a deadline; its words say the same.
func clockClass(c casework.Case, now time.Time) string {
	switch {
	case c.State != casework.Open:
		return "clock"
	case c.Clock.Late(now):
		return "clock late"
	case c.Clock.Due.Sub(now) < soon:
		return "clock soon"
	}
	return "clock"
}

// clockWords say until when, or since when, in days: a deadline is a whole day.
func clockWords(p *ui.Page, c casework.Case, now time.Time) string {
	last := p.Day(c.Clock.Due.Add(-time.Microsecond))
	switch {
	case c.State == casework.Closed:
		return p.T("casepages.decided_on", "day", p.Day(c.Closed))
	case c.State == casework.Waiting:
		return p.T("casepages.stands", "day", p.Day(c.Clock.Paused))
	case c.Clock.Late(now):
		return p.T("casepages.late_since", "day", last)
	}
	return p.T("casepages.due_by", "day", last)
}

// caseState is a case's shape and colour.
func caseState(c casework.Case, now time.Time) ui.State {
	switch {
	case c.State == casework.Closed && c.Outcome == string(workresume.Certified):
		return ui.Valid
	case c.State == casework.Closed:
		return ui.Wait
	case c.Clock.Late(now):
		return ui.Warn // late is said by the clock; nothing was stopped
	case c.State == casework.Waiting:
		return ui.Warn
	}
	return ui.Wait
}

func manyChoices(p *ui.Page) []ui.Option {
	out := []ui.Option{{Text: p.T("firmpages.choose")}}
	for _, s := range []workresume.State{workresume.Certified, workresume.Returned, workresume.Refused} {
		out = append(out, ui.Option{Value: string(s), Text: p.T("workresume.state." + string(s))})
	}
	return out
}
