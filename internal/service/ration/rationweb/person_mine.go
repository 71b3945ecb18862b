package rationweb

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// entryAnswer is a part in a draw for a program.
type entryAnswer struct {
	Campaign string    `json:"campaign"`
	Day      string    `json:"day,omitempty" doc:"Of the draw; none for an entry that stands in every draw until it wins."`
	Ticket   string    `json:"ticket" doc:"As the published list shows it."`
	Point    string    `json:"point"`
	At       time.Time `json:"at"`
}

type entryList struct {
	Entries []entryAnswer `json:"entries"`
}

func entriesOf(list []ration.Entry) entryList {
	out := entryList{make([]entryAnswer, len(list))}
	for i, e := range list {
		out.Entries[i] = entryAnswer{Campaign: e.Campaign, Ticket: e.Ticket, Point: e.Point, At: e.At}
		if e.Day >= 0 {
			out.Entries[i].Day = e.Day.String()
		}
	}
	return out
}

// drawnIn is somebody's entries of one campaign and day.
type drawnIn struct {
	*ration.Campaign
	Day     string // "" for those that stand until they win
	Point   string
	Tickets []string
	Over    bool // the draw was held
	URL     string
}

// mineData is what somebody's own page draws.
type mineData struct {
	Vouchers []ration.Kept
	Entries  []drawnIn
	Open     []round                 // campaigns that this reader may ask of
	Places   map[string]ration.Place // in their waiting rooms
}

func (p *pages) mine(w http.ResponseWriter, r *http.Request) error {
	by := web.Principal(r)
	if by.Role == auth.Firm {
		http.Redirect(w, r, firmBase, http.StatusSeeOther)
		return nil
	}
	d, err := p.own(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, mineView(web.From(r), d))
}

// own is everything of the reader's.
func (p *pages) own(r *http.Request) (d mineData, err error) {
	ctx, by, page := r.Context(), web.Principal(r), web.From(r)
	if d.Vouchers, err = p.Vouchers(ctx, by); err != nil {
		return d, err
	}
	list, err := p.Campaigns(ctx)
	if err != nil {
		return d, err
	}
	known := map[string]*ration.Campaign{}
	d.Places = map[string]ration.Place{}
	for _, v := range list {
		known[v.ID] = v.Campaign
		if x, ok := p.PlaceNow(by, v.ID); ok && x.State != ration.PlaceOver && v.State == "open" && bookedIn(x, d.Vouchers, "") == nil {
			d.Places[v.ID] = x
		}
		if v.State == "open" && mayAsk(by, v.Campaign) {
			d.Open = append(d.Open, p.roundOf(page, v))
		}
	}
	d.Entries, err = p.entriesIn(r, known)
	return d, err
}

// entriesIn sums the reader's entries up, by campaign and day.
func (p *pages) entriesIn(r *http.Request, known map[string]*ration.Campaign) (out []drawnIn, err error) {
	ctx, page := r.Context(), web.From(r)
	list, err := p.MyEntries(ctx, web.Principal(r))
	if err != nil {
		return nil, err
	}
	points, err := p.PointsKnown(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, x := range points {
		names[x.ID] = x.Name
	}
	held := map[string]bool{}
	at := map[string]int{}
	for _, e := range list {
		c := known[e.Campaign]
		if c == nil {
			continue
		}
		id := e.Campaign + "/" + e.Day.String()
		if n, ok := at[id]; ok {
			out[n].Tickets = append(out[n].Tickets, e.Ticket)
			continue
		}
		x := drawnIn{Campaign: c, Point: names[e.Point], Tickets: []string{e.Ticket}}
		if e.Day >= 0 {
			if _, ok := held[e.Campaign]; !ok {
				held[e.Campaign] = true
				draws, err := p.Draws(ctx, e.Campaign)
				if err != nil {
					return nil, err
				}
				for _, d := range draws {
					held[e.Campaign+"/"+d.Day.String()] = true
				}
			}
			x.Day, x.URL = page.Date(e.Day.In(p.Zone)), campaignURL(c.ID)+"/draws/"+e.Day.String()
			x.Over = held[id]
		}
		at[id], out = len(out), append(out, x)
	}
	return out, nil
}

// voucherData is one voucher with its picture.
type voucherData struct {
	ration.Kept
	Image string
	Home  string
	Back  string // where it is given back
}

func (p *pages) voucher(w http.ResponseWriter, r *http.Request) error {
	d, err := p.voucherOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, voucherView(web.From(r), d, web.Blank(r)))
}

func (p *pages) voucherOf(r *http.Request) (d voucherData, err error) {
	by := web.Principal(r)
	if d.Kept, err = p.VoucherOf(r.Context(), by, r.PathValue("offer"), r.PathValue("allotment")); err != nil {
		return d, err
	}
	d.Home, d.Back = supplyHome(by), voucherURL(by, d.Allotment)+"/give-back"
	d.Image, err = picture(d.Code)
	return d, err
}

// picture is a code as an image in the page itself, which is there without a network.
func picture(code string) (string, error) {
	qr, err := credential.QR(code)
	if err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(qr.PNG(8)), nil
}

func (p *pages) giveBack(w http.ResponseWriter, r *http.Request) error {
	by := web.Principal(r)
	a, err := p.GiveBack(r.Context(), by, r.PathValue("offer"), r.PathValue("allotment"))
	if err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "rationpages.given_back", "")
	return web.Done(w, r, voucherURL(by, a), a)
}

type familyInput struct {
	Name   string `form:"name" json:"name" max:"60"`
	Kind   string `form:"kind" json:"kind" max:"20" doc:"mainland, passport, hk_macau, taiwan or foreigner."`
	Number string `form:"number" json:"number" max:"40"`
}

func (p *pages) family(w http.ResponseWriter, r *http.Request) error {
	return p.showFamily(w, r, web.Blank(r))
}

func (p *pages) showFamily(w http.ResponseWriter, r *http.Request, f *ui.Form) error {
	kin, err := p.Family(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, familyView(web.From(r), kin, f))
}

func (p *pages) addFamily(w http.ResponseWriter, r *http.Request) error {
	by := web.Principal(r)
	var in familyInput
	err := web.Decode(r, &in)
	var out familyAdded
	if err == nil {
		out.Person, out.Asked, err = p.AddFamily(r.Context(), by, ration.FamilyInput{Name: in.Name, IDKind: in.Kind, IDNumber: in.Number, Key: web.Once(r, "addFamily", in)})
	}
	if err != nil {
		return p.familyAgain(r, err)
	}
	said := "rationpages.family_added"
	if out.Asked {
		said = "rationpages.family_asked"
	}
	web.Flash(w, r, ui.Valid, said, "")
	return web.Done(w, r, familyBase, out)
}

// familyAgain is the page with what was typed and why it was refused.
func (p *pages) familyAgain(r *http.Request, err error) error {
	kin, failed := p.Family(r.Context(), web.Principal(r))
	if failed != nil {
		return failed
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return familyView(web.From(r), kin, f) })
}

// familyYes is an answer; who says nothing has not declined.
type familyYes struct {
	Yes *bool `form:"yes" json:"yes" nullable:"false" doc:"true agrees, false declines."`
}

func (in familyYes) said() (bool, error) {
	if in.Yes == nil {
		return false, fault.New(fault.Invalid, "fault.fields").With("yes", "fault.wrong_type", "want", i18n.Key("fault.want_yes"))
	}
	return *in.Yes, nil
}

func (p *pages) answerFamily(w http.ResponseWriter, r *http.Request) error {
	var in familyYes
	var yes bool
	head := r.PathValue("person")
	err := web.Decode(r, &in)
	if err == nil {
		yes, err = in.said()
	}
	if err == nil {
		err = p.AnswerFamily(r.Context(), web.Principal(r), head, yes)
	}
	if err != nil {
		return p.familyAgain(r, err)
	}
	said := "rationpages.family_declined"
	if yes {
		said = "rationpages.family_agreed"
	}
	web.Flash(w, r, ui.Valid, said, "")
	return web.Done(w, r, familyBase, familyDone{head})
}

func (p *pages) leaveFamily(w http.ResponseWriter, r *http.Request) error {
	person := r.PathValue("person")
	if err := p.partFamily(r.Context(), web.Principal(r), person); err != nil {
		return p.familyAgain(r, err)
	}
	web.Flash(w, r, ui.Valid, "rationpages.family_left", "")
	return web.Done(w, r, familyBase, familyDone{person})
}

// everyAsked stands for whatever was asked and not answered.
const everyAsked = "asked"

// partFamily parts by from somebody: from one they ask for, or from who asks for them.
func (p *pages) partFamily(ctx context.Context, by auth.Principal, other string) error {
	if other == everyAsked {
		return p.LeaveFamily(ctx, by, by.Person, "")
	}
	err := p.LeaveFamily(ctx, by, by.Person, other)
	if fault.Is(err, "ration.not_family") {
		err = p.LeaveFamily(ctx, by, other, by.Person)
	}
	return err
}

type familyAdded struct {
	Person string `json:"person,omitempty" doc:"Left out while they are asked."`
	Asked  bool   `json:"asked" doc:"They can speak for themself, and are asked first."`
}
