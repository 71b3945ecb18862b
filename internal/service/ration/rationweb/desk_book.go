package rationweb

import (
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// bookInput books for somebody at the desk.
type bookInput struct {
	Offer   string            `form:"offer" json:"offer" max:"40"`
	Name    string            `form:"name" json:"name" max:"60"`
	IDKind  string            `form:"id_kind" json:"id_kind" max:"20"`
	Number  string            `form:"number" json:"number" max:"30"`
	Address string            `form:"address" json:"address,omitempty" max:"200" doc:"Where shares count by the door."`
	Answers map[string]string `form:"-" json:"answers,omitempty" doc:"What the campaign asks, by name: yes, no or a whole number."`
}

func (in bookInput) claim() ration.DeskInput {
	return ration.DeskInput{Paper: ration.Paper{Name: in.Name, IDKind: in.IDKind, IDNumber: in.Number}, ClaimInput: ration.ClaimInput{Offer: in.Offer, Address: in.Address, Answers: maps.Clone(in.Answers)}}
}

// deskEnterInput enters somebody at the desk for the next draw.
type deskEnterInput struct {
	Point   string            `form:"point" json:"point" max:"40" doc:"Where it would be fetched."`
	Name    string            `form:"name" json:"name" max:"60"`
	IDKind  string            `form:"id_kind" json:"id_kind" max:"20"`
	Number  string            `form:"number" json:"number" max:"30"`
	Address string            `form:"address" json:"address,omitempty" max:"200" doc:"Where shares count by the door."`
	Answers map[string]string `form:"-" json:"answers,omitempty" doc:"What the campaign asks, by name: yes, no or a whole number."`
}

func (in deskEnterInput) entry(campaign string) ration.DeskEntry {
	return ration.DeskEntry{Paper: ration.Paper{Name: in.Name, IDKind: in.IDKind, IDNumber: in.Number}, EnterInput: ration.EnterInput{Campaign: campaign, Point: in.Point, Address: in.Address, Answers: maps.Clone(in.Answers)}}
}

// bookData is a campaign whose offers can be booked at the desk now, or whose draw can be
// entered.
type bookData struct {
	ration.View
	Offers []ration.Open
	Points []ration.Point
	Why    *ration.NotEntitled
	opens  string // when that is, while it is not
}

// lots is whether the campaign gives by lot.
func (d bookData) lots() bool { return d.Give.By == ration.ByLot }

// ready is whether there is anything to choose from.
func (d bookData) ready() bool { return len(d.Offers) > 0 || len(d.Points) > 0 && d.opens == "" }

func (p *pages) bookOf(r *http.Request) (d bookData, err error) {
	id := r.PathValue("campaign")
	if d.View, err = p.CampaignView(r.Context(), id); err != nil {
		return d, err
	}
	open, from, _ := p.Next(d.Campaign)
	if !open {
		d.opens = moment(web.From(r), from)
	}
	switch {
	case d.State != "open":
		return d, fault.New(fault.Conflict, "ration.closed")
	case d.Who.Asks != ration.ByPerson:
		return d, fault.New(fault.Conflict, "ration.firms_only")
	case d.lots():
		d.Points, err = p.shops(r)
		return d, err
	}
	now := p.Now()
	list, err := p.Offers(r.Context(), id, ration.DayOf(now.In(p.Zone)), daysShown)
	for _, o := range list {
		if o.Left > 0 && (d.Give.Queue || !now.Before(o.From)) && now.Before(o.Until) {
			d.Offers = append(d.Offers, o)
		}
	}
	return d, err
}

func (p *pages) deskBook(w http.ResponseWriter, r *http.Request) error {
	d, err := p.bookOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, bookView(web.From(r), d, web.Blank(r)))
}

func (p *pages) deskBooked(w http.ResponseWriter, r *http.Request) error {
	var in bookInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	in.Answers = asked(r, in.Answers)
	var a ration.Allotment
	if err == nil {
		x := in.claim()
		x.Key = web.Once(r, "claimAtDesk", in)
		a, err = p.ClaimAtDesk(r.Context(), web.Principal(r), x)
	}
	if err != nil {
		return p.bookAgain(r, err, "offer")
	}
	web.Flash(w, r, ui.Valid, "supplydesk.booked", a.Code, "n", a.Pieces, "until", ends(web.From(r), a.Until))
	return web.Done(w, r, campaignAt(id)+"/book", a)
}

func (p *pages) deskEntered(w http.ResponseWriter, r *http.Request) error {
	var in deskEnterInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	in.Answers = asked(r, in.Answers)
	var e ration.Entry
	if err == nil {
		e, err = p.EnterAtDesk(r.Context(), web.Principal(r), in.entry(id))
	}
	if err != nil {
		return p.bookAgain(r, err, "point")
	}
	web.Flash(w, r, ui.Valid, "supplydesk.entered", e.Ticket)
	return web.Done(w, r, campaignAt(id)+"/book", entriesOf([]ration.Entry{e}))
}

// asked are the answers of a form's fields "ask.<name>"; a program names them itself.
func asked(r *http.Request, answers map[string]string) map[string]string {
	for name := range r.PostForm {
		if ask, ok := strings.CutPrefix(name, "ask."); ok && r.PostForm.Get(name) != "" {
			if answers == nil {
				answers = map[string]string{}
			}
			answers[ask] = r.PostForm.Get(name)
		}
	}
	return answers
}

// bookAgain shows the form once more, with the rules' findings where they said no. What no
// other field can mend is said at field.
func (p *pages) bookAgain(r *http.Request, err error, field string) error {
	d, unseen := p.bookOf(r)
	if unseen != nil || web.WantsJSON(r) {
		return err
	}
	var why ration.NotEntitled
	if errors.As(err, &why) {
		d.Why = &why
	}
	return web.Again(atField(err, field), func(f *ui.Form) templ.Component { return bookView(web.From(r), d, f) })
}

func idKinds(p *ui.Page) []ui.Option {
	var out []ui.Option
	for _, k := range [...]string{ident.KindMainland, ident.KindPassport, ident.KindHKMacau, ident.KindTaiwan, ident.KindForeigner} {
		out = append(out, ui.Option{Value: k, Text: p.T("party.kind." + k)})
	}
	return out
}

// bookOptions are the offers to choose from.
func bookOptions(p *ui.Page, d bookData) []ui.Option {
	out := []ui.Option{{Value: "", Text: p.T("rationpages.choose")}}
	for _, o := range d.Offers {
		out = append(out, ui.Option{Value: o.ID, Text: p.T("supplydesk.offer_words", "town", o.At.Town, "point", o.At.Name, "when", fetchWords(p, d.Campaign, o), "n", o.Left)})
	}
	return out
}

func isBool(a ration.Ask) bool { return a.Type == rule.Bool }
