package rationweb

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const (
	deskBase     = "/desk/supplies"
	campaignBase = deskBase + "/campaigns"
)

// uploadMost is the largest body with a campaign's file, a plan or a list of shops.
const uploadMost = 1 << 20

func (p *pages) deskRoutes() web.Routes {
	see, plan := web.Needs(ration.MayReview), web.Needs(ration.MayPlan)
	open, recall, enter := web.Needs(ration.MayOpen), web.Needs(ration.MayRecall), web.Needs(ration.MayEnter)
	one := campaignBase + "/{campaign}"
	return web.Routes{
		{Method: "GET", Path: deskBase, Handler: p.deskShow, Access: see, Whole: true},
		{Method: "GET", Path: ledgerPath, Handler: p.ledgerShow, Access: see, Whole: true},
		{Method: "POST", Path: ledgerPath, Handler: p.ledgerProve, Access: see, Twin: "auditLedger"},
		{Method: "GET", Path: deskBase + "/new", Handler: p.deskNew, Access: open, Whole: true},
		{Method: "POST", Path: deskBase + "/new", Handler: p.deskOpen, Access: open, MaxBody: uploadMost, Twin: "openCampaign"},
		{Method: "GET", Path: pointsBase, Handler: p.pointsShow, Access: plan, Whole: true},
		{Method: "POST", Path: pointsBase, Handler: p.pointsOpen, Access: plan, Input: openPointInput{}, Twin: "openPoint"},
		{Method: "POST", Path: pointsBase + "/file", Handler: p.pointsFile, Access: plan, MaxBody: uploadMost, Twin: "openPoints"},
		{Method: "GET", Path: pointsBase + "/{point}", Handler: p.pointShow, Access: plan},
		{Method: "POST", Path: pointsBase + "/{point}/staff", Handler: p.pointStaff, Access: plan, Input: staffInput{}, Twin: "addStorekeeper"},
		{Method: "POST", Path: pointsBase + "/{point}/close", Handler: p.pointClose, Access: plan, Input: closePointInput{}, Twin: "closePoint"},
		{Method: "POST", Path: pointsBase + "/{point}/open", Handler: p.pointReopen, Access: plan, Input: reopenPointInput{}, Twin: "reopenPoint"},
		{Method: "GET", Path: one, Handler: p.deskCampaign, Access: see},
		{Method: "GET", Path: one + "/plan.csv", Handler: p.planTemplate, Access: plan},
		{Method: "POST", Path: one + "/supply", Handler: p.deskSupply, Access: plan, Input: supplyInput{}, Twin: "addSupply"},
		{Method: "POST", Path: one + "/plan", Handler: p.deskPlan, Access: plan, Input: planInput{}, Twin: "planOffers"},
		{Method: "POST", Path: one + "/plan/file", Handler: p.deskPlanFile, Access: plan, MaxBody: uploadMost, Twin: "planOffers"},
		{Method: "GET", Path: one + "/lots/{lot}", Handler: p.deskLot, Access: see},
		{Method: "POST", Path: one + "/lots/{lot}/recall", Handler: p.deskRecall, Access: recall, Input: recallInput{}, Twin: "recallLot"},
		{Method: "POST", Path: one + "/freeze", Handler: p.deskFreeze, Access: plan, Input: freezeInput{}, Twin: "freezeDraw"},
		{Method: "POST", Path: one + "/draw", Handler: p.deskDraw, Access: plan, Input: runInput{}, Twin: "runDraw"},
		{Method: "GET", Path: one + "/book", Handler: p.deskBook, Access: enter},
		{Method: "POST", Path: one + "/book", Handler: p.deskBooked, Access: enter, Input: bookInput{}, Twin: "claimAtDesk"},
		{Method: "POST", Path: one + "/enter", Handler: p.deskEntered, Access: enter, Input: deskEnterInput{}, Twin: "enterAtDesk"},
		{Method: "GET", Path: one + "/close", Handler: p.deskClose, Access: plan},
		{Method: "POST", Path: one + "/close", Handler: p.deskClosed, Access: plan, Input: closeInput{}, Twin: "closeCampaign"},
	}
}

// deskRow is a campaign in the desk's list.
type deskRow struct {
	ration.View
	ration.Overview
}

// deskData is the list of campaigns, with those that wait for a second person.
type deskData struct {
	Rows    []deskRow
	Waiting []dual.Act
}

func (p *pages) deskShow(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Principal(r)
	list, err := p.Campaigns(ctx)
	if err != nil {
		return err
	}
	d := deskData{Rows: make([]deskRow, len(list))}
	for i, v := range list {
		d.Rows[i].View = v
		if d.Rows[i].Overview, err = p.Overview(ctx, by, v.ID); err != nil {
			return err
		}
	}
	if web.May(r, ration.MayOpen) {
		if d.Waiting, err = p.Waiting(ctx, by); err != nil {
			return err
		}
	}
	return web.Render(w, r, deskView(web.From(r), d))
}

// deskCampaignData is a campaign as the desk works on it. fail is the form that came
// back.
type deskCampaignData struct {
	ration.View
	ration.Overview
	Offers []ration.Open // of the day that is shown
	More   int           // offers of it that are not
	Days   []ui.Link     // with offers
	Draws  []ration.Draw
	Points []ration.Point // shops, where the reader may plan
	Today  ration.Day
	Tried  *planTried

	fail string
	acts bool // the reader plans, and the campaign is open
}

// form is the form that came back for the one, a blank one for the others.
func (d deskCampaignData) form(which string, f *ui.Form) *ui.Form { return formOf(d.fail, which, f) }

// formOf is the form that came back where it is the one, a blank one otherwise: fields of
// several forms on a page are told apart by the form's name.
func formOf(fail, which string, f *ui.Form) *ui.Form {
	if fail == which {
		f.Apart = which + "-"
		return f
	}
	return &ui.Form{Key: f.Key, Apart: which + "-"}
}

// deskOffersShown is how many offers of a day the page shows; the open data has all.
const deskOffersShown = 200

func (p *pages) campaignOf(r *http.Request) (d deskCampaignData, err error) {
	ctx, id := r.Context(), r.PathValue("campaign")
	if d.Overview, err = p.Overview(ctx, web.Principal(r), id); err != nil {
		return d, err
	}
	if d.View, err = p.CampaignView(ctx, id); err != nil {
		return d, err
	}
	d.Today = ration.DayOf(p.Now().In(p.Zone))
	list, err := p.Offers(ctx, id, d.Today-1, daysShown+1)
	if err != nil {
		return d, err
	}
	d.show(web.From(r), list, r.URL.Query().Get("day"))
	if d.Draws, err = p.Draws(ctx, id); err != nil {
		return d, err
	}
	if d.acts = web.May(r, ration.MayPlan) && d.View.State == "open"; !d.acts {
		return d, nil
	}
	d.Points, err = p.shops(r)
	return d, err
}

// show keeps the offers of one day: of the one asked for, of today, or of the next there
// is.
func (d *deskCampaignData) show(page *ui.Page, list []ration.Open, asked string) {
	var days []ration.Day
	for _, o := range list {
		if len(days) == 0 || days[len(days)-1] != o.Day {
			days = append(days, o.Day)
		}
	}
	if len(days) == 0 {
		return
	}
	day := days[len(days)-1]
	for _, x := range slices.Backward(days) {
		if x >= d.Today {
			day = x
		}
	}
	if x, err := ration.ParseDay(asked); err == nil && slices.Contains(days, x) {
		day = x
	}
	for _, x := range days {
		d.Days = append(d.Days, ui.Link{Href: campaignAt(d.View.ID) + "?day=" + x.String() + "#offers", Text: page.Day(x.In(page.Zone())), Now: x == day})
	}
	for _, o := range list {
		switch {
		case o.Day != day:
		case len(d.Offers) == deskOffersShown:
			d.More++
		default:
			d.Offers = append(d.Offers, o)
		}
	}
}

// shops are the open points where people fetch.
func (p *pages) shops(r *http.Request) (out []ration.Point, err error) {
	all, err := p.Points(r.Context())
	for _, x := range all {
		if x.Kind == ration.Shop {
			out = append(out, x)
		}
	}
	return out, err
}

func (p *pages) deskCampaign(w http.ResponseWriter, r *http.Request) error {
	d, err := p.campaignOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, deskCampaignView(web.From(r), d, web.Blank(r)))
}

// campaignAgain draws the page once more with the form that failed.
func (p *pages) campaignAgain(r *http.Request, which string, err error) error {
	d, unseen := p.campaignOf(r)
	if unseen != nil || web.WantsJSON(r) {
		return err
	}
	d.fail = which
	return web.Again(err, func(f *ui.Form) templ.Component { return deskCampaignView(web.From(r), d, f) })
}

func campaignAt(id string) string { return campaignBase + "/" + id }

// supplyInput says that so many pieces more may be offered.
type supplyInput struct {
	Pieces int64  `form:"pieces" json:"pieces"`
	Reason string `form:"reason" json:"reason" max:"200"`
}

func (p *pages) deskSupply(w http.ResponseWriter, r *http.Request) error {
	var in supplyInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	if err == nil {
		err = p.Supply(r.Context(), web.Principal(r), id, in.Pieces, in.Reason, web.Once(r, "addSupply "+id, in))
	}
	if err != nil {
		return p.campaignAgain(r, "supply", atField(err, "pieces"))
	}
	web.Flash(w, r, ui.Valid, "supplydesk.supplied", "", "n", in.Pieces)
	return web.Done(w, r, campaignAt(id), struct{}{})
}
