package rationweb

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const counterBase = "/counter"

func (p *pages) counterRoutes() web.Routes {
	hand := web.Needs(ration.MayHand)
	one := counterBase + "/{offer}/{allotment}"
	return append(web.Routes{
		{Method: "GET", Path: counterBase, Handler: p.counterShow, Access: hand, Class: admission.Gate, Scanner: true},
		{Method: "POST", Path: counterBase, Handler: p.counterFind, Access: hand, Class: admission.Gate, Scanner: true, Input: findInput{}, Twin: "findVoucher"},
		{Method: "GET", Path: one, Handler: p.counterVoucher, Access: hand, Class: admission.Gate},
		{Method: "POST", Path: one, Handler: p.counterHand, Access: hand, Class: admission.Gate, Input: handInput{}, Twin: "collectRation"},
	}, append(p.sendRoutes(), p.stockRoutes()...)...)
}

// counterData is what the page of a shop draws.
type counterData struct {
	ration.PointToday
	items map[string]string // what a campaign gives, in the reader's language
}

// item is what a campaign gives.
func (d counterData) item(campaign string) string { return d.items[campaign] }

// shelves are the lots of which there is something.
func (d counterData) shelves() []ration.Shelf {
	return slices.DeleteFunc(slices.Clone(d.Shelves), func(f ration.Shelf) bool { return f.Pieces == 0 })
}

// counterOf gathers what stands at a point.
func (p *pages) counterOf(r *http.Request, point string) (d counterData, err error) {
	if d.PointToday, err = p.AtCounter(r.Context(), web.Principal(r), point); err != nil {
		return d, err
	}
	d.items, err = p.items(r)
	return d, err
}

// items names what each campaign gives, with the campaign where two give the same.
func (p *pages) items(r *http.Request) (map[string]string, error) {
	list, err := p.Campaigns(r.Context())
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	itemNames(out, list, string(web.Language(r)))
	return out, nil
}

func itemNames(out map[string]string, list []ration.View, lang string) {
	seen := map[string]int{}
	for _, v := range list {
		out[v.ID] = v.Item.Name.In(lang)
		seen[out[v.ID]]++
	}
	for _, v := range list {
		if name := v.Item.Name.In(lang); seen[name] > 1 {
			out[v.ID] = name + " · " + v.Title.In(lang)
		}
	}
}

// counterShow is the page of whoever hands out. At a depot nobody fetches anything: there
// it is the stock.
func (p *pages) counterShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.counterOf(r, web.Principal(r).Scope.ID)
	if err != nil {
		return err
	}
	if d.Point.Kind == ration.Depot {
		http.Redirect(w, r, stockAt(d.Point.ID), http.StatusSeeOther)
		return nil
	}
	return web.Render(w, r, counterView(web.From(r), d, web.Blank(r)))
}

// findInput is a voucher's code, scanned or typed.
type findInput struct {
	Code string `form:"code" json:"code" max:"60"`
}

func (p *pages) counterFind(w http.ResponseWriter, r *http.Request) error {
	var in findInput
	by := web.Principal(r)
	err := web.Decode(r, &in)
	var v ration.Voucher
	if err == nil {
		if v, err = p.FindVoucher(r.Context(), by, by.Scope.ID, in.Code); err != nil {
			err = atField(err, "code")
		}
	}
	if err != nil {
		d, unseen := p.counterOf(r, by.Scope.ID)
		if unseen != nil || web.WantsJSON(r) {
			return err
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return counterView(web.From(r), d, f) })
	}
	return web.Done(w, r, counterBase+"/"+v.Offer+"/"+v.ID, v)
}

// atField says at a field what is wrong with the one thing that was asked.
func atField(err error, field string) error {
	f := fault.As(err)
	if len(f.Fields) > 0 || f.Kind == fault.Denied || f.Kind == fault.Unauthenticated || f.Kind == fault.Internal || f.Kind == fault.Busy {
		return err
	}
	out := fault.New(f.Kind, f.Code).With(field, f.Code)
	out.Args, out.Fields[0].Args = f.Args, f.Args
	return out
}

// handData is one voucher at the counter.
type handData struct {
	ration.Voucher
	piece  string // the item's name and its unit, in the reader's language
	item   string
	state  ui.State
	word   string // a key
	reason string // a key
	args   []any  // of the reason
	sends  bool   // it is sent, not fetched
	done   bool   // just now, here
	ready  bool   // it may be handed over
	empty  bool   // it might, if there was enough on the shelf
}

// counterVoucher is the voucher that was found, and after it was handed over the answer.
func (p *pages) counterVoucher(w http.ResponseWriter, r *http.Request) error {
	d, err := p.counterVoucherOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, handView(web.From(r), d, web.Blank(r)))
}

func (p *pages) counterVoucherOf(r *http.Request) (d handData, err error) {
	page, by := web.From(r), web.Principal(r)
	if d.Voucher, err = p.VoucherAt(r.Context(), by, by.Scope.ID, r.PathValue("offer"), r.PathValue("allotment")); err != nil {
		return d, err
	}
	c, err := p.CampaignView(r.Context(), d.Campaign)
	if err != nil {
		return d, err
	}
	lang := string(web.Language(r))
	d.sends = c.Hand.How != ration.AtPoint
	d.item, d.piece = c.Item.Name.In(lang), c.Item.Piece.In(lang)
	d.Lots = slices.DeleteFunc(d.Lots, func(f ration.Shelf) bool { return f.Pieces == 0 })
	d.judge(page, p.Now().Before(d.From), !p.Now().Before(d.Until), d.justNow(r.URL.Query().Get("handed"), p.Now()))
	return d, nil
}

// handedFor is how long the page that follows a handing over says so: a link that was
// kept, or typed, does not.
const handedFor = 2 * time.Minute

// handedAt is the mark by which that page knows which handing over it follows.
func handedAt(a ration.Allotment) string { return strconv.FormatInt(a.Ended.UnixMicro(), 10) }

func (d *handData) justNow(mark string, now time.Time) bool {
	return mark == handedAt(d.Allotment) && now.Sub(d.Ended) < handedFor
}

// judge says how the counter shows a voucher. Nothing is decided here: the verb refuses
// what this page would let through.
func (d *handData) judge(page *ui.Page, early, late, handed bool) {
	say := func(s ui.State, word, reason string, args ...any) {
		d.state, d.word, d.reason, d.args = s, "counterpages.word_"+word, reason, args
	}
	switch {
	case d.sends:
		say(ui.Stop, "sent", "ration.not_fetched")
	case d.State == ration.Collected && handed:
		say(ui.Valid, "handed", "counterpages.handed")
		d.done = true
	case d.State == ration.Collected:
		say(ui.Stop, "collected", "ration.collected", "at", d.Ended)
	case d.State == ration.GivenBack:
		say(ui.Stop, "given_back", "ration.given_back", "at", d.Ended)
	case d.State == ration.Lapsed || late:
		say(ui.Stop, "lapsed", "ration.lapsed")
	case d.Closed && d.Instead != "":
		say(ui.Stop, "closed", "ration.point_instead_at", "name", d.Instead)
	case d.Closed:
		say(ui.Stop, "closed", "counterpages.closed_text", "until", ends(page, d.Until))
	case early:
		say(ui.Warn, "early", "ration.too_early", "from", d.From)
	case d.Shelf() < d.Pieces:
		say(ui.Warn, "empty", "counterpages.empty_text", "until", ends(page, d.Until))
		d.empty = true
	default:
		d.ready = true
	}
}

// handInput hands a voucher's pieces over.
type handInput struct {
	LastFour string `form:"last_four" json:"last_four" max:"8"`
	Proxy    bool   `form:"proxy" json:"proxy,omitempty"`
	Lot      string `form:"lot" json:"lot,omitempty" max:"60"`
}

func (p *pages) counterHand(w http.ResponseWriter, r *http.Request) error {
	var in handInput
	err := web.Decode(r, &in)
	var a ration.Allotment
	if err == nil {
		x := in.collect(r.PathValue("offer"), r.PathValue("allotment"), web.Principal(r).Scope)
		x.Key = web.Once(r, "collectRation", in)
		a, err = p.Collect(r.Context(), web.Principal(r), x)
	}
	if err == nil {
		return web.Done(w, r, counterBase+"/"+a.Offer+"/"+a.ID+"?handed="+handedAt(a), a)
	}
	if web.WantsJSON(r) {
		return err
	}
	d, unseen := p.counterVoucherOf(r)
	if unseen != nil {
		return err
	}
	if in.Proxy && fault.Is(err, "ration.no_proxy") {
		err = atField(err, "proxy")
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return handView(web.From(r), d, f) })
}

func (in handInput) collect(offer, id string, at auth.Scope) ration.CollectInput {
	return ration.CollectInput{Point: at.ID, Offer: offer, Allotment: id, Lot: in.Lot, LastFour: in.LastFour, Proxy: in.Proxy}
}

// lots are the lots to hand over from, the oldest first: the first is taken unless
// another lies at hand.
func (d handData) lots(p *ui.Page) []ui.Option {
	var out []ui.Option
	for _, f := range d.Lots {
		if f.Pieces >= d.Pieces {
			out = append(out, ui.Option{Value: f.Lot, Text: shelfWords(p, f), Hint: p.T("counterpages.lot_left", "n", f.Pieces)})
		}
	}
	return out
}

func shelfWords(p *ui.Page, f ration.Shelf) string {
	if f.BestBefore == "" {
		return p.T("counterpages.lot_words", "maker", f.Maker, "number", f.Number)
	}
	return p.T("counterpages.lot_words_best", "maker", f.Maker, "number", f.Number, "date", f.BestBefore)
}

// due is what is to be paid, in yuan.
func due(p *ui.Page, fen int64) string {
	if fen == 0 {
		return p.T("counterpages.free")
	}
	return p.T("counterpages.yuan", "n", fmt.Sprintf("%d.%02d", fen/100, fen%100))
}
