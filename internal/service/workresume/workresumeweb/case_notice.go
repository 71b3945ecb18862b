package workresumeweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

const lateBase = "/desk/late"

// lateRoutes are what officers and the chief are told of late cases.
func (p *pages) lateRoutes() web.Routes {
	may := web.Needs(workresume.MayHearLate)
	return web.Routes{
		{Method: "GET", Path: lateBase, Handler: p.lateShow, Access: may},
		{Method: "POST", Path: lateBase, Handler: p.lateSeen, Access: may, Input: lateInput{}, Twin: "markLateSeen"},
	}
}

// lateData is the page; Works is whether the reader may open the cases.
type lateData struct {
	List  []lateCase
	Works bool
	Now   time.Time
}

// lateCase is one case with the steps at which the reader was told of it.
type lateCase struct {
	casework.Case
	Steps []string
}

// step is the furthest of them: marking it as seen marks the others.
func (n lateCase) step() string {
	if slices.Contains(n.Steps, casework.ToChief) {
		return casework.ToChief
	}
	return casework.ToOfficer
}

// lateCasesOf are the cases of notices, each once, the longest overdue first.
func lateCasesOf(list []casework.Notice) (out []lateCase) {
	at := map[string]int{}
	for _, n := range list {
		i, told := at[n.Case.ID]
		if !told {
			i = len(out)
			at[n.Case.ID], out = i, append(out, lateCase{Case: n.Case})
		}
		out[i].Steps = append(out[i].Steps, n.Step)
	}
	slices.SortStableFunc(out, func(a, b lateCase) int {
		return cmp.Or(a.Clock.Due.Compare(b.Clock.Due), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (p *pages) lateShow(w http.ResponseWriter, r *http.Request) error {
	list, err := p.LateNotices(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, lateView(web.From(r), lateData{lateCasesOf(list), web.May(r, workresume.MayDecide), p.Now()}))
}

// lateInput is a notice that was seen.
type lateInput struct {
	Case string `form:"case" json:"case" max:"60"`
	Step string `form:"step" json:"step" max:"10"`
}

func (p *pages) lateSeen(w http.ResponseWriter, r *http.Request) error {
	var in lateInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if err := p.SeenLate(r.Context(), web.Principal(r), in.Case, in.Step, web.Once(r, "markLateSeen", in)); err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "casepages.late_seen", "")
	return web.Done(w, r, lateBase, in)
}

// apiLate is what a reader is told of late cases.
type apiLate struct {
	Notices []apiLateNotice `json:"notices" doc:"Not yet seen, the latest first, at most 200."`
}

type apiLateNotice struct {
	Case     string    `json:"case"`
	Kind     string    `json:"kind"`
	Title    string    `json:"title,omitempty"`
	Step     string    `json:"step" enum:"officer,chief"`
	At       time.Time `json:"at"`
	Due      time.Time `json:"due" doc:"First instant that was late."`
	Assignee string    `json:"assignee_name,omitempty"`
}

func (p *resumptionAPI) listLate(ctx context.Context, c api.Call, _ *struct{}) (apiLate, error) {
	list, err := p.LateNotices(ctx, c.By)
	out := apiLate{Notices: make([]apiLateNotice, len(list))}
	for i, n := range list {
		out.Notices[i] = apiLateNotice{n.Case.ID, n.Case.Kind, n.Case.Title, n.Step, n.At, n.Case.Clock.Due, n.Case.AssigneeName}
	}
	return out, err
}

type apiLateSeenInput struct {
	Body struct {
		Case string `json:"case" maxLength:"60"`
		Step string `json:"step" enum:"officer,chief"`
	}
}

// markLateSeen answers what is left.
func (p *resumptionAPI) markLateSeen(ctx context.Context, c api.Call, in *apiLateSeenInput) (apiLate, error) {
	if err := p.SeenLate(ctx, c.By, in.Body.Case, in.Body.Step, c.Key); err != nil {
		return apiLate{}, err
	}
	return p.listLate(ctx, c, nil)
}

// lateTitle is what a late case is called: a person is not named here.
func lateTitle(p *ui.Page, c casework.Case) string {
	if c.Title != "" {
		return c.Title
	}
	return p.T("casework.kind." + c.Kind)
}

// lateHref is where the reader works the case, "" where they may not.
func lateHref(d lateData, c casework.Case) string {
	if !d.Works || c.Kind == workresume.CaseRestriction {
		return ""
	}
	return casesBase + "/"
}
