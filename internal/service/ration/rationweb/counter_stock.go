package rationweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const stockBase = "/stock"

// stockAt is the page of what stands at a point.
func stockAt(point string) string { return stockBase + "/" + point }

func (p *pages) stockRoutes() web.Routes {
	may, one := web.Needs(ration.MayStock), stockBase+"/{point}"
	return web.Routes{
		{Method: "GET", Path: stockBase, Handler: p.stockOwn, Access: may},
		{Method: "GET", Path: one, Handler: p.stockShow, Access: may},
		{Method: "POST", Path: one + "/receive", Handler: p.stockReceive, Access: may, Input: receiveInput{}, Twin: "receiveStock"},
		{Method: "POST", Path: one + "/move", Handler: p.stockShift("move"), Access: may, Input: shiftInput{}, Twin: "moveStock"},
		{Method: "POST", Path: one + "/spoil", Handler: p.stockShift("spoil"), Access: may, Input: shiftInput{}, Twin: "spoilStock"},
		{Method: "POST", Path: one + "/return", Handler: p.stockShift("return"), Access: may, Input: shiftInput{}, Twin: "returnStock"},
	}
}

// stockOwn leads whoever works at a point to its stock, and an officer to all points.
func (p *pages) stockOwn(w http.ResponseWriter, r *http.Request) error {
	to := pointsBase
	if by := web.Principal(r); by.Role == auth.Storekeeper {
		to = stockAt(by.Scope.ID)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// stockData is a point's stock with what can be done to it. Fail is the form that came
// back: "receive", "move", "spoil" or "return".
type stockData struct {
	counterData
	campaigns []ui.Option // that are open
	points    []ui.Option // where pieces can be moved to
	fail      string
}

func (p *pages) stockOf(r *http.Request) (d stockData, err error) {
	if d.counterData, err = p.counterOf(r, r.PathValue("point")); err != nil {
		return d, err
	}
	list, err := p.Campaigns(r.Context())
	if err != nil {
		return d, err
	}
	for _, v := range list {
		if v.State == "open" {
			d.campaigns = append(d.campaigns, ui.Option{Value: v.ID, Text: d.item(v.ID)})
		}
	}
	points, err := p.Points(r.Context())
	for _, one := range points {
		if one.ID != d.Point.ID {
			d.points = append(d.points, ui.Option{Value: one.ID, Text: one.Name})
		}
	}
	return d, err
}

// form is the form that came back for the one, a blank one for the others: field names
// are told apart by the form's.
func (d stockData) form(which string, f *ui.Form) *ui.Form {
	if d.fail == which {
		f.Apart = which + "-"
		return f
	}
	return &ui.Form{Key: f.Key, Apart: which + "-"}
}

// lots are what can be moved or written off; what comes back is of a lot that may be
// gone from the shelf.
func (d stockData) lots(p *ui.Page, act string) []ui.Option {
	var out []ui.Option
	for _, f := range d.Shelves {
		if f.Pieces > 0 || act == "return" {
			out = append(out, ui.Option{Value: f.Campaign + " " + f.Lot, Text: p.T("counterpages.lot_option", "item", d.item(f.Campaign), "lot", shelfWords(p, f), "n", f.Pieces)})
		}
	}
	return out
}

func (p *pages) stockShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.stockOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, stockView(web.From(r), d, web.Blank(r)))
}

// stockAgain draws the page once more with the form that failed.
func (p *pages) stockAgain(r *http.Request, which string, err error) error {
	d, unseen := p.stockOf(r)
	if unseen != nil || web.WantsJSON(r) {
		return err
	}
	d.fail = which
	return web.Again(err, func(f *ui.Form) templ.Component { return stockView(web.From(r), d, f) })
}

// receiveInput is a delivery.
type receiveInput struct {
	Campaign   string `form:"campaign" json:"campaign" max:"60"`
	Maker      string `form:"maker" json:"maker" max:"60"`
	Number     string `form:"number" json:"number" max:"60"`
	BestBefore string `form:"best_before" json:"best_before,omitempty" max:"10"`
	Pieces     int64  `form:"pieces" json:"pieces"`
}

func (in receiveInput) at(point string) ration.ReceiveInput {
	return ration.ReceiveInput{Campaign: in.Campaign, Point: point, Maker: in.Maker, Number: in.Number, BestBefore: in.BestBefore, Pieces: in.Pieces}
}

func (p *pages) stockReceive(w http.ResponseWriter, r *http.Request) error {
	var in receiveInput
	err := web.Decode(r, &in)
	var shelf ration.Shelf
	if err == nil {
		x := in.at(r.PathValue("point"))
		x.Key = web.Once(r, "receiveStock", in)
		shelf, err = p.Receive(r.Context(), web.Principal(r), x)
	}
	if err != nil {
		return p.stockAgain(r, "receive", err)
	}
	web.Flash(w, r, ui.Valid, "counterpages.received", "", "n", in.Pieces, "left", shelf.Pieces)
	return web.Done(w, r, stockAt(r.PathValue("point")), shelf)
}

// shiftInput moves pieces of a lot. In a form, which has one field for it, Lot is the
// campaign and the lot with a space between.
type shiftInput struct {
	Campaign string `form:"campaign" json:"campaign" max:"60"`
	Lot      string `form:"lot" json:"lot" max:"120"`
	To       string `form:"to" json:"to,omitempty" max:"60"`
	Pieces   int64  `form:"pieces" json:"pieces"`
	Reason   string `form:"reason" json:"reason,omitempty" max:"200"`
}

func (in shiftInput) at(point string) ration.MoveInput {
	out := ration.MoveInput{Campaign: in.Campaign, Lot: in.Lot, From: point, To: in.To, Pieces: in.Pieces, Reason: in.Reason}
	if in.Campaign == "" {
		out.Campaign, out.Lot = cutLot(in.Lot)
	}
	return out
}

func (p *pages) stockShift(act string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var in shiftInput
		err := web.Decode(r, &in)
		var shelf ration.Shelf
		if err == nil {
			x := in.at(r.PathValue("point"))
			x.Key = web.Once(r, act+"Stock", in)
			shelf, err = p.shift(act)(r.Context(), web.Principal(r), x)
		}
		if err != nil {
			return p.stockAgain(r, act, atField(err, "pieces"))
		}
		web.Flash(w, r, ui.Valid, "counterpages.done_"+act, "", "n", in.Pieces, "left", shelf.Pieces)
		return web.Done(w, r, stockAt(r.PathValue("point")), shelf)
	}
}
