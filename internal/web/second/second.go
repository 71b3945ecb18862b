// Package second is the desk of what waits for a second pair of eyes: every
// service's acts that need two people, in one list, with yes and no.
//
// It refuses to know what an act does: the service confirms it, and says in a few
// lines what is asked for.
package second

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const base = "/desk/second"

// Told is an act in words: what is asked for, line by line, and where the thing
// itself can be looked at, "" for nowhere.
type Told struct {
	Facts []ui.Fact
	Href  string
}

// Teller puts the acts of one kind into words.
type Teller func(ctx context.Context, p *ui.Page, by auth.Principal, a dual.Act) (Told, error)

// Deps is what the pages stand on. Tell may lack a kind; its acts are then shown
// by their reason alone.
type Deps struct {
	Desk *dual.Desk
	Tell map[string]Teller
	Now  clock.Clock
}

// Routes are the list, one act, and the answer to it.
func Routes(d Deps) web.Routes {
	may := web.Needs(dual.MaySecond)
	return web.Routes{
		{Method: "GET", Path: base, Handler: d.list, Access: may},
		{Method: "GET", Path: base + "/{act}", Handler: d.one, Access: may},
		{Method: "POST", Path: base + "/{act}", Handler: d.answer, Access: may, Input: input{}},
	}
}

// views are the lists by state: what waits first.
var views = [...]string{dual.Proposed, dual.Confirmed, dual.Refused, dual.Withdrawn, dual.Expired}

func (d Deps) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := dual.Filter{State: dual.Proposed, After: short(q.Get("after"))}
	for _, s := range views {
		if q.Get("state") == s {
			f.State = s
		}
	}
	list, next, err := d.Desk.List(r.Context(), web.Principal(r), f)
	if err != nil {
		return err
	}
	if next != "" {
		next = base + "?" + url.Values{"state": {f.State}, "after": {next}}.Encode()
	}
	return web.Render(w, r, listView(web.From(r), listPage{list, f, next, web.Principal(r)}))
}

// short keeps what an address says from growing without end.
func short(s string) string { return s[:min(len(s), 60)] }

func (d Deps) one(w http.ResponseWriter, r *http.Request) error {
	page, err := d.page(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, actView(web.From(r), page, web.Blank(r)))
}

func (d Deps) page(r *http.Request) (actPage, error) {
	by := web.Principal(r)
	a, err := d.Desk.Act(r.Context(), by, r.PathValue("act"))
	if err != nil {
		return actPage{}, err
	}
	out := actPage{Act: a, By: by}
	if tell := d.Tell[a.Kind]; tell != nil && len(a.Body) > 0 {
		out.Told, err = tell(r.Context(), web.From(r), by, a)
	}
	return out, err
}

// input is the answer: "confirm", "refuse" with a reason, or "withdraw".
type input struct {
	Do     string `form:"do" json:"do" max:"10"`
	Reason string `form:"reason" json:"reason,omitempty" max:"500"`
}

func (d Deps) answer(w http.ResponseWriter, r *http.Request) error {
	var in input
	err := web.Decode(r, &in)
	page, failed := d.page(r)
	if failed != nil {
		return failed
	}
	again := func(f *ui.Form) templ.Component { return actView(web.From(r), page, f) }
	if err != nil {
		return web.Again(err, again)
	}
	ctx, by, id := r.Context(), web.Principal(r), page.Act.ID
	var a dual.Act
	switch in.Do {
	case "confirm":
		a, err = d.Desk.Confirm(ctx, by, id, web.Once(r, "confirmAct", in))
	case "refuse":
		a, err = d.Desk.Refuse(ctx, by, id, in.Reason, web.Once(r, "refuseAct", in))
	case "withdraw":
		a, err = d.Desk.Withdraw(ctx, by, id, web.Once(r, "withdrawAct", in))
	default:
		err = fault.New(fault.Invalid, "fault.fields").With("do", "second.do_unknown")
	}
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, stateOf(a.State), "second.done_"+a.State, "")
	return web.Done(w, r, base, Answered{a.ID, a.State})
}

// Answered is what a program is told of its answer.
type Answered struct {
	ID    string `json:"id"`
	State string `json:"state"`
}
