package rationweb

import (
	"errors"
	"maps"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const (
	mineBase   = "/me/supplies"
	familyBase = mineBase + "/family"
)

func (p *pages) personRoutes() web.Routes {
	claims := web.Needs(ration.MayClaim)
	return web.Routes{
		{Method: "GET", Path: suppliesBase + "/{campaign}/book/{offer}", Handler: p.book, Access: claims, Class: admission.Order},
		{Method: "POST", Path: suppliesBase + "/{campaign}/book/{offer}", Handler: p.booked, Access: claims, Twin: "claimRation", Input: askInput{}, Class: admission.Claim},
		{Method: "GET", Path: suppliesBase + "/{campaign}/enter", Handler: p.enter, Access: claims},
		{Method: "POST", Path: suppliesBase + "/{campaign}/enter", Handler: p.entered, Access: claims, Twin: "enterDraw", Input: askInput{}},
		{Method: "POST", Path: suppliesBase + "/{campaign}/withdraw", Handler: p.withdraw, Access: claims, Twin: "withdrawEntries"},

		{Method: "GET", Path: mineBase, Handler: p.mine, Access: claims, Twin: "listAllotments"},
		{Method: "GET", Path: mineBase + "/{offer}/{allotment}", Handler: p.voucher, Access: claims},
		{Method: "POST", Path: mineBase + "/{offer}/{allotment}/give-back", Handler: p.giveBack, Access: claims, Twin: "giveBackRation"},
		{Method: "POST", Path: mineBase + "/{offer}/{allotment}/address", Handler: p.redirect, Access: claims, Twin: "redirectRation", Input: redirectInput{}},
		{Method: "GET", Path: familyBase, Handler: p.family, Access: claims, Twin: "listFamily"},
		{Method: "POST", Path: familyBase, Handler: p.addFamily, Access: claims, Twin: "addFamily", Input: familyInput{}},
		{Method: "POST", Path: familyBase + "/{person}/answer", Handler: p.answerFamily, Access: claims, Twin: "answerFamily", Input: familyYes{}},
		{Method: "POST", Path: familyBase + "/{person}/leave", Handler: p.leaveFamily, Access: claims, Twin: "leaveFamily"},
	}
}

// askInput is what somebody who asks for a share says. Answers come as fields
// "ask.<name>" from a form.
type askInput struct {
	Point   string            `form:"point" json:"point,omitempty" max:"40" doc:"Of a draw: where it would be fetched."`
	For     string            `form:"for" json:"for,omitempty" max:"40" doc:"A person of one's family; oneself if not given."`
	Address string            `form:"address" json:"address,omitempty" max:"200" doc:"Where shares count by the door."`
	Answers map[string]string `form:"-" json:"answers,omitempty" doc:"What the campaign asks, by name: yes, no or a whole number."`
}

// readAsk reads what a form or a program says.
func readAsk(r *http.Request, c *ration.Campaign) (in askInput, err error) {
	if err = web.Decode(r, &in); err != nil || r.PostForm == nil {
		return in, err
	}
	for _, a := range c.Ask {
		if text := r.PostForm.Get("ask." + a.Name); text != "" && len(text) < 30 {
			if in.Answers == nil {
				in.Answers = map[string]string{}
			}
			in.Answers[a.Name] = text
		}
	}
	return in, nil
}

// askData is what the two forms draw that ask for a share: an offer of what is given by
// arrival, or points of what is given by lot.
type askData struct {
	ration.View
	Offer  *ration.Open
	Points []ration.Point
	Family []party.MaskedPerson
	Why    *ration.NotEntitled
	Person bool // who asks is a person, not a firm
	Wait   bool // nothing can be asked for before their turn
	ToRoom bool // the way on is the waiting room
}

// whom are the people for whom the reader may ask here.
func (p *pages) whom(r *http.Request, d *askData) (err error) {
	by := web.Principal(r)
	if d.Person = by.Role != auth.Firm; !d.Person || d.Who.Asks != ration.ByPerson || d.Who.People < 2 {
		return nil
	}
	kin, err := p.Service.Family(r.Context(), by)
	d.Family = kin.Mine[:min(len(kin.Mine), int(d.Who.People)-1)]
	return err
}

func (p *pages) book(w http.ResponseWriter, r *http.Request) error {
	d, err := p.bookData(r)
	if err != nil {
		return err
	}
	d.Wait = p.beforeTurn(r, d.View)
	d.ToRoom = d.Wait
	return web.Render(w, r, askView(web.From(r), d, web.Blank(r)))
}

func (p *pages) bookData(r *http.Request) (d askData, err error) {
	o, v, err := p.OfferView(r.Context(), r.PathValue("offer"))
	if err == nil && v.ID != r.PathValue("campaign") {
		err = fault.New(fault.NotFound, "ration.no_offer")
	}
	if err != nil {
		return d, err
	}
	d = askData{View: v, Offer: &o}
	return d, p.whom(r, &d)
}

func (p *pages) booked(w http.ResponseWriter, r *http.Request) error {
	d, err := p.bookData(r)
	if err != nil {
		return err
	}
	in, err := readAsk(r, d.Campaign)
	var a ration.Allotment
	if err == nil {
		a, err = p.Claim(r.Context(), web.Principal(r), ration.ClaimInput{Offer: d.Offer.ID, For: in.For, Address: in.Address, Answers: maps.Clone(in.Answers), Key: web.Once(r, "claimRation", in)})
	}
	if err != nil {
		return refused(r, err, d)
	}
	said := "rationpages.booked"
	if sends(d.Campaign) {
		said = "rationpages.booked_sent"
	}
	web.Flash(w, r, ui.Valid, said, a.Code)
	return web.Done(w, r, voucherURL(web.Principal(r), a), a)
}

// refused shows the form again with the refusal in full. One that nothing in the form
// can mend is said there too, at the offer it is about.
func refused(r *http.Request, err error, d askData) error {
	return refusedIn(r, err, &d, func(form *ui.Form) templ.Component { return askView(web.From(r), d, form) })
}

func refusedIn(r *http.Request, err error, d *askData, form func(*ui.Form) templ.Component) error {
	var why ration.NotEntitled
	if errors.As(err, &why) {
		d.Why = &why
	}
	d.sendToRoom(err)
	f := fault.As(err)
	mended := len(f.Fields) > 0 || f.Kind == fault.Invalid
	if !mended && !web.WantsJSON(r) && (f.Kind == fault.Conflict || f.Kind == fault.Exhausted || f.Kind == fault.Denied) {
		again := *f
		again.Fields = []fault.Field{{Name: "offer", Code: f.Code, Args: f.Args}}
		err = &again
	}
	return web.Again(err, form)
}

// voucherURL is where an allotment's voucher is shown to whoever has it.
func voucherURL(by auth.Principal, a ration.Allotment) string {
	return supplyHome(by) + "/" + url.PathEscape(a.Offer) + "/" + url.PathEscape(a.ID)
}

// supplyHome is where somebody's own supplies are.
func supplyHome(by auth.Principal) string {
	if by.Role == auth.Firm {
		return firmBase
	}
	return mineBase
}

// homeTitle is the title of what supplyHome leads to.
func homeTitle(home string) string {
	if home == firmBase {
		return "rationpages.firm_title"
	}
	return "rationpages.mine"
}

func (p *pages) enter(w http.ResponseWriter, r *http.Request) error {
	d, err := p.enterData(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, askView(web.From(r), d, web.Blank(r)))
}

func (p *pages) enterData(r *http.Request) (d askData, err error) {
	if d.View, err = p.CampaignView(r.Context(), r.PathValue("campaign")); err != nil {
		return d, err
	}
	all, err := p.Points(r.Context())
	if err != nil {
		return d, err
	}
	for _, x := range all {
		if x.Kind == ration.Shop || sends(d.Campaign) {
			d.Points = append(d.Points, x)
		}
	}
	return d, p.whom(r, &d)
}

func (p *pages) entered(w http.ResponseWriter, r *http.Request) error {
	d, err := p.enterData(r)
	if err != nil {
		return err
	}
	in, err := readAsk(r, d.Campaign)
	var list []ration.Entry
	if err == nil {
		list, err = p.EnterDraw(r.Context(), web.Principal(r), ration.EnterInput{
			Campaign: d.ID, Point: in.Point, For: in.For, Address: in.Address, Answers: maps.Clone(in.Answers), Key: web.Once(r, "enterDraw", in),
		})
	}
	if fault.Is(err, "ration.no_point") {
		err = fault.New(fault.Invalid, "fault.fields").With("point", "ration.no_point")
	}
	if err != nil {
		return refused(r, err, d)
	}
	web.Flash(w, r, ui.Valid, "rationpages.entered", "", "n", len(list))
	return web.Done(w, r, supplyHome(web.Principal(r)), entriesOf(list))
}

func (p *pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	by := web.Principal(r)
	if err := p.Withdraw(r.Context(), by, r.PathValue("campaign")); err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "rationpages.withdrawn", "")
	return web.Done(w, r, supplyHome(by), struct{}{})
}
