package rationweb

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// closePointInput closes a shop or a depot. Reason is read by everybody.
type closePointInput struct {
	Reason  string `form:"reason" json:"reason" max:"200" doc:"Everybody may read it."`
	Instead string `form:"instead" json:"instead,omitempty" max:"40" doc:"The point where its bookings are handed over meanwhile; none if not given."`
}

func (in closePointInput) at(point string) ration.CloseInput {
	return ration.CloseInput{Point: point, Reason: in.Reason, Instead: in.Instead}
}

type reopenPointInput struct {
	Reason string `form:"reason" json:"reason" max:"200"`
}

// closedPoint is a closed shop or depot for a program.
type closedPoint struct {
	supplyPoint
	Closed  time.Time `json:"closed"`
	Why     string    `json:"why" doc:"The reason the officer gave."`
	Instead string    `json:"instead,omitempty" doc:"The point where its bookings are handed over meanwhile."`
}

func closedPointOf(x ration.Point) closedPoint {
	return closedPoint{supplyPointOf(x), x.Closed, x.Why, x.Instead}
}

// pointData is one shop or depot: who works there, and whether it is open. fail is the
// form that came back: "staff", "close" or "open".
type pointData struct {
	ration.Point
	Booked ration.Pile
	Others []ration.Point // that can stand in for it
	fail   string
}

func (d pointData) form(which string, f *ui.Form) *ui.Form { return formOf(d.fail, which, f) }

// instead is the name of the point that stands in for it, "" while that is closed too.
func (d pointData) instead() string {
	for _, x := range d.Others {
		if x.ID == d.Instead {
			return x.Name
		}
	}
	return ""
}

// options are the points to hand over at, nowhere first.
func (d pointData) options(p *ui.Page) []ui.Option {
	out := []ui.Option{{Value: "", Text: p.T("supplydesk.shut_nowhere")}}
	for _, x := range d.Others {
		out = append(out, ui.Option{Value: x.ID, Text: p.T("supplydesk.shut_at", "town", x.Town, "name", x.Name)})
	}
	return out
}

func (p *pages) pointOf(r *http.Request) (d pointData, err error) {
	list, err := p.PointsKnown(r.Context())
	if err != nil {
		return d, err
	}
	for _, x := range list {
		if x.ID == r.PathValue("point") {
			d.Point = x
		}
	}
	if d.ID == "" {
		return d, fault.New(fault.NotFound, "ration.no_point")
	}
	for _, x := range list {
		if x.ID != d.ID && x.Closed.IsZero() && (x.Kind == ration.Shop || d.Kind == ration.Depot) {
			d.Others = append(d.Others, x)
		}
	}
	d.Booked, err = p.BookedAt(r.Context(), web.Principal(r), d.ID)
	return d, err
}

func (p *pages) pointShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.pointOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, pointView(web.From(r), d, web.Blank(r)))
}

// pointAgain draws the page once more with the form that failed.
func (p *pages) pointAgain(r *http.Request, which string, err error) error {
	d, unseen := p.pointOf(r)
	if unseen != nil || web.WantsJSON(r) {
		return err
	}
	d.fail = which
	return web.Again(err, func(f *ui.Form) templ.Component { return pointView(web.From(r), d, f) })
}

func (p *pages) pointStaff(w http.ResponseWriter, r *http.Request) error {
	x, err := p.pointOf(r)
	if err != nil {
		return err
	}
	var in staffInput
	var a auth.Account
	if err = web.Decode(r, &in); err == nil {
		a, err = p.Accounts.AddAccount(r.Context(), web.Principal(r), in.at(x.ID))
	}
	if err != nil {
		return p.pointAgain(r, "staff", err)
	}
	web.Flash(w, r, ui.Valid, "supplydesk.staff_added", "", "login", a.Login)
	return web.Done(w, r, pointsBase+"/"+x.ID, storekeeper{a.ID, a.Login, x.ID})
}

func (p *pages) pointClose(w http.ResponseWriter, r *http.Request) error {
	var in closePointInput
	id := r.PathValue("point")
	err := web.Decode(r, &in)
	var x ration.Point
	if err == nil {
		c := in.at(id)
		c.Key = web.Once(r, "closePoint "+id, in)
		x, err = p.ClosePoint(r.Context(), web.Principal(r), c)
	}
	if err != nil {
		return p.pointAgain(r, "close", err)
	}
	web.Flash(w, r, ui.Valid, "supplydesk.shut_done", "", "name", x.Name)
	return web.Done(w, r, pointsBase+"/"+id, closedPointOf(x))
}

func (p *pages) pointReopen(w http.ResponseWriter, r *http.Request) error {
	var in reopenPointInput
	id := r.PathValue("point")
	err := web.Decode(r, &in)
	var x ration.Point
	if err == nil {
		x, err = p.ReopenPoint(r.Context(), web.Principal(r), id, in.Reason, web.Once(r, "reopenPoint "+id, in))
	}
	if err != nil {
		return p.pointAgain(r, "open", err)
	}
	web.Flash(w, r, ui.Valid, "supplydesk.reopen_done", "", "name", x.Name)
	return web.Done(w, r, pointsBase+"/"+id, supplyPointOf(x))
}
