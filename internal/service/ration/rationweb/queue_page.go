package rationweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const codeBase = "/queue"

func (p *pages) queueRoutes() web.Routes {
	claims := web.Needs(ration.MayClaim)
	return web.Routes{
		{Method: "GET", Path: suppliesBase + "/{campaign}/queue", Handler: p.queue, Access: claims, Twin: "queuePlace", Class: admission.Order},
		{Method: "POST", Path: suppliesBase + "/{campaign}/queue", Handler: p.joined, Access: claims, Twin: "joinQueue", Input: askInput{}, Class: admission.Order},
		{Method: "GET", Path: suppliesBase + "/{campaign}/queue/{day}/order.txt", Handler: p.order, Access: web.Public, Class: admission.Statistics, Slow: time.Minute},
		{Method: "GET", Path: codeBase, Handler: p.queueByCode, Access: web.Public, Twin: "placeByCode", Class: admission.Result},
	}
}

// queueData is what the page of a waiting room draws.
type queueData struct {
	askData
	Place   *ration.Place // the reader's, or of whom they ask for
	For     string
	Whose   string // masked name, of somebody of the family
	Room    *ration.Waiting
	Next    round
	Voucher string // its address, where the turn was taken
}

func (p *pages) queue(w http.ResponseWriter, r *http.Request) error {
	page := web.From(r)
	d, err := p.queueData(r, r.URL.Query().Get("for"))
	if err != nil {
		return err
	}
	if d.Place != nil {
		page.Refresh, page.Polled = int(d.Place.Again), true
	}
	if web.Fragment(r) && d.Place != nil {
		return web.Render(w, r, placePart(page, d.placeData(page)))
	}
	return web.Render(w, r, queueView(page, d, web.Blank(r)))
}

func (p *pages) queueData(r *http.Request, whom string) (d queueData, err error) {
	ctx, by := r.Context(), web.Principal(r)
	if d.View, err = p.CampaignView(ctx, r.PathValue("campaign")); err != nil {
		return d, err
	}
	if !d.Give.Queue {
		return d, fault.New(fault.NotFound, "ration.no_queue")
	}
	d.Next, d.For = p.roundOf(web.From(r), d.View), whom
	if err = p.whom(r, &d.askData); err != nil {
		return d, err
	}
	room, found, err := p.WaitingRoom(ctx, d.ID)
	if err != nil {
		return d, err
	}
	if found {
		d.Room = &room
	}
	if whom != "" {
		d.Whose = named(d.Family, whom)
	}
	// A place that counts by a door or by answers is found by its code, or by asking again.
	place, err := p.QueuePlace(ctx, by, ration.QueueInput{Campaign: d.ID, For: whom})
	switch {
	case err == nil:
		d.Place = &place
		d.Voucher, err = p.taken(r, place, whom)
		return d, err
	case noPlaceYet(err), fault.KindOf(err) == fault.Invalid, fault.KindOf(err) == fault.Conflict:
	default:
		return d, err
	}
	return d, nil
}

// taken is the address of the voucher that came of a turn; "" where there is none.
func (p *pages) taken(r *http.Request, x ration.Place, whom string) (string, error) {
	by := web.Principal(r)
	if x.State != ration.PlaceTurn && x.State != ration.PlaceGone || by.Person == "" {
		return "", nil
	}
	list, err := p.Vouchers(r.Context(), by)
	if v := bookedIn(x, list, whom); v != nil {
		return voucherURL(by, v.Allotment), err
	}
	return "", err
}

// bookedIn is which of the vouchers was booked by a place: of the reader, or of whom they
// ask for, and since the round opened.
func bookedIn(x ration.Place, list []ration.Kept, whom string) *ration.Kept {
	for i, v := range list {
		if v.Of.ID == x.Campaign && (v.Own && whom == "" || v.Person == whom) && !v.Allotment.At.Before(x.Opens) && (v.State == ration.Held || v.State == ration.Collected) {
			return &list[i]
		}
	}
	return nil
}

func named(list []party.MaskedPerson, id string) string {
	for _, x := range list {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}

func (p *pages) joined(w http.ResponseWriter, r *http.Request) error {
	d, err := p.queueData(r, "")
	if err != nil {
		return err
	}
	in, err := readAsk(r, d.Campaign)
	var got ration.Place
	if err == nil {
		got, err = p.JoinQueue(r.Context(), web.Principal(r), ration.QueueInput{Campaign: d.ID, For: in.For, Address: in.Address, Answers: maps.Clone(in.Answers)})
	}
	if err != nil {
		return refusedIn(r, err, &d.askData, func(form *ui.Form) templ.Component { return queueView(web.From(r), d, form) })
	}
	to := campaignURL(d.ID) + "/queue"
	if d.Who.Counts == ration.ByAddress || len(d.Ask) > 0 || web.Principal(r).Role == auth.Officer {
		to = codeURL(got.Code)
	} else if in.For != "" {
		to += "?for=" + url.QueryEscape(in.For)
	}
	return web.Done(w, r, to, got)
}

func codeURL(code string) string { return codeBase + "?code=" + url.QueryEscape(code) }

// order is the open file: everybody's ticket in the order in which they have their turn.
func (p *pages) order(w http.ResponseWriter, r *http.Request) error {
	d, err := ration.ParseDay(r.PathValue("day"))
	if err != nil {
		return badDay()
	}
	write, err := p.RoomOrder(r.Context(), r.PathValue("campaign"), d)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+r.PathValue("campaign")+"-"+d.String()+`-order.txt"`)
	return write(w)
}

// codeData is what the page draws on which somebody types a code.
type codeData struct {
	Code  string
	Place *ration.Place
}

func (p *pages) queueByCode(w http.ResponseWriter, r *http.Request) error {
	page := web.From(r)
	d := codeData{Code: r.URL.Query().Get("code")}
	if d.Code == "" {
		return web.Render(w, r, codeView(page, d, web.Blank(r)))
	}
	got, err := p.lookUp(r.Context(), r, d.Code)
	if err != nil {
		return web.Again(err, func(form *ui.Form) templ.Component { return codeView(page, d, form) })
	}
	d.Place, page.Refresh, page.Polled = &got, int(got.Again), true
	if web.Fragment(r) {
		return web.Render(w, r, placePart(page, placeData{Place: got, Page: codeURL(got.Code), JSON: codeJSON(got.Code)}))
	}
	return web.Render(w, r, codeView(page, d, web.Blank(r)))
}

func (p *pages) lookUp(ctx context.Context, r *http.Request, typed string) (ration.Place, error) {
	code, err := ident.CheckAloud(typed)
	if err != nil {
		return ration.Place{}, fault.New(fault.Invalid, "fault.fields").With("code", fault.As(err).Code)
	}
	got, err := p.byCode(ctx, r, code)
	if noPlaceYet(err) {
		err = fault.New(fault.Invalid, "fault.fields").With("code", "ration.no_place")
	}
	return got, err
}

func codeJSON(code string) string { return "/api/v1/ration/places/" + url.PathEscape(code) }

// placeData is the part of a page that says where somebody stands, and is renewed.
type placeData struct {
	ration.Place
	Page  string // its address
	JSON  string // where the numbers alone are asked for
	Whose string
	Book  bool // the reader is who may book now

	Voucher string // what they booked in their turn
}

func (d queueData) placeData(*ui.Page) placeData {
	out := placeData{Place: *d.Place, Page: campaignURL(d.ID) + "/queue", JSON: "/api/v1/ration/queue?campaign=" + url.QueryEscape(d.ID), Whose: d.Whose, Book: true, Voucher: d.Voucher}
	if d.For != "" {
		out.Page, out.JSON = out.Page+"?for="+url.QueryEscape(d.For), out.JSON+"&for="+url.QueryEscape(d.For)
	}
	return out
}

// stateOfPlace is the shape and the words of where somebody stands.
func stateOfPlace(page *ui.Page, x ration.Place) (shape ui.State, word string) {
	shape = ui.Wait
	switch x.State {
	case ration.PlaceTurn:
		shape = ui.Valid
	case ration.PlaceGone, ration.PlaceOver:
		shape = ui.Stop
	case ration.PlaceBefore, ration.PlaceDrawing, ration.PlaceWaiting:
	}
	return shape, page.T("queuepages.state_" + string(x.State))
}

// estimate is how long it will take, in words: never more than is known.
func estimate(page *ui.Page, x ration.Place) string {
	switch {
	case x.State != ration.PlaceWaiting:
		return ""
	case x.Most == 0:
		return page.T("queuepages.estimate_none")
	case x.Least == 0 && x.Most == 1:
		return page.T("queuepages.estimate_now")
	case x.Least == 0:
		return page.T("queuepages.estimate_up", "most", x.Most)
	}
	return page.T("queuepages.estimate", "least", x.Least, "most", x.Most)
}

func seconds(n int64) string { return strconv.FormatInt(n, 10) }
