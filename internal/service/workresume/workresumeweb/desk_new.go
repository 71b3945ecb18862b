package workresumeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// registerInput enters a firm.
type registerInput struct {
	CreditCode string `form:"credit_code" json:"credit_code" max:"40"`
	Name       string `form:"name" json:"name" max:"100"`
	Park       string `form:"park" json:"park" max:"60"`
}

func (p *pages) deskNew(w http.ResponseWriter, r *http.Request) error {
	parks, err := p.Parks(r.Context(), string(web.From(r).Lang()))
	if err != nil {
		return err
	}
	return web.Render(w, r, deskNewView(web.From(r), parks, web.Blank(r)))
}

func (p *pages) deskRegister(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Principal(r)
	var in registerInput
	bad := web.Decode(r, &in)
	parks, err := p.Parks(ctx, string(web.From(r).Lang()))
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return deskNewView(web.From(r), parks, f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	_, missing := p.FirmByCode(ctx, by, in.CreditCode)
	f, err := p.Register(ctx, by, workresume.RegisterInput{CreditCode: in.CreditCode, Name: in.Name, Park: in.Park, Key: web.Once(r, "workresume.register", in)})
	if err != nil {
		return web.Again(err, again)
	}
	if missing == nil {
		web.Flash(w, r, ui.Wait, "firmpages.new_known", "")
	} else {
		web.Flash(w, r, ui.Valid, "firmpages.new_done", "")
	}
	return web.Done(w, r, deskBase+"/"+f.ID, f)
}

// parkInput says in which park a firm lies, "" for none.
type parkInput struct {
	Park string `form:"park" json:"park" max:"60"`
}

func (p *pages) deskPark(w http.ResponseWriter, r *http.Request, o office) error {
	var in parkInput
	bad := web.Decode(r, &in)
	d, err := p.casePage(r, o)
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return caseView(web.From(r), d, f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	want := workresume.ParkInput{Firm: o.Firm, Park: in.Park}
	want.Key = web.Once(r, "workresume.park", want)
	f, err := p.Park(r.Context(), web.Principal(r), want)
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, ui.Valid, "firmpages.parked", "")
	return web.Done(w, r, o.Base, f)
}

// settleInput is an officer's answer about a person on two rosters: Answer is
// "move" or "keep".
type settleInput struct {
	Review string `form:"review" json:"review" max:"60"`
	Answer string `form:"answer" json:"answer" max:"10"`
	Reason string `form:"reason" json:"reason" max:"500"`
}

// reviewsPage is the list of those asked about, and the one being settled.
type reviewsPage struct {
	List []workresume.Review
	Now  *workresume.Review // nil when the list is empty
}

func (p *pages) reviewsPage(r *http.Request, id string) (d reviewsPage, err error) {
	if d.List, err = p.Reviews(r.Context(), web.Principal(r), ""); err != nil || len(d.List) == 0 {
		return d, err
	}
	d.Now = &d.List[0]
	for i := range d.List {
		if d.List[i].ID == id {
			d.Now = &d.List[i]
		}
	}
	return d, nil
}

func (p *pages) deskReviews(w http.ResponseWriter, r *http.Request) error {
	d, err := p.reviewsPage(r, r.URL.Query().Get("review"))
	if err != nil {
		return err
	}
	return web.Render(w, r, reviewsView(web.From(r), d, web.Blank(r)))
}

func (p *pages) deskSettle(w http.ResponseWriter, r *http.Request) error {
	var in settleInput
	err := web.Decode(r, &in)
	if err == nil && in.Answer != "move" && in.Answer != "keep" {
		err = badAnswer()
	}
	if err == nil {
		err = p.SettleReview(r.Context(), web.Principal(r), in.Review, in.Answer == "move", in.Reason, web.Once(r, "workresume.settle", in))
	}
	if err != nil {
		d, broken := p.reviewsPage(r, in.Review)
		if broken != nil {
			return broken
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return reviewsView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "firmpages.settled_"+in.Answer, "")
	return web.Done(w, r, "/desk/reviews", in)
}
