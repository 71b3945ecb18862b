package rationweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// planInput offers pieces on one day: as a program names them, or as the page's rows do,
// of which those without pieces are left out.
type planInput struct {
	Day    string       `form:"day" json:"day" max:"10"`
	Offers []offerToday `form:"-" json:"offers"`

	Points []string `form:"point" json:"-"`
	Parts  []string `form:"part" json:"-"`
	Pieces []string `form:"pieces" json:"-"`
}

type offerToday struct {
	Point  string `json:"point" max:"60"`
	Part   int64  `json:"part,omitempty" doc:"The window's number, from 0."`
	Pieces int64  `json:"pieces"`
}

// planRowsMost is how many rows the page has; a longer plan is a file.
const planRowsMost = 60

// plan is what is asked for, and of each offer the row it came from.
func (in planInput) plan(campaign string) (out ration.PlanInput, rows []int, err error) {
	out.Campaign = campaign
	if out.Day, err = day(in.Day); err != nil {
		return out, nil, err
	}
	for i, o := range in.Offers {
		out.Offers, rows = append(out.Offers, ration.OfferInput{Point: o.Point, Part: o.Part, Pieces: o.Pieces}), append(rows, i)
	}
	bad := fault.New(fault.Invalid, "fault.fields")
	for i := range min(len(in.Points), len(in.Parts), len(in.Pieces)) {
		if in.Pieces[i] == "" {
			continue
		}
		pieces, err := whole(in.Pieces[i])
		part, err2 := whole(in.Parts[i])
		if errors.Join(err, err2) != nil {
			bad.With("offer."+strconv.Itoa(i), "fault.wrong_type", "want", i18n.Key("fault.want_whole"))
		}
		out.Offers, rows = append(out.Offers, ration.OfferInput{Point: in.Points[i], Part: part, Pieces: pieces}), append(rows, i)
	}
	return out, rows, bad.OrNil()
}

func whole(text string) (int64, error) {
	return strconv.ParseInt(strings.ReplaceAll(ident.Fold(text), ",", ""), 10, 64)
}

func (p *pages) deskPlan(w http.ResponseWriter, r *http.Request) error {
	var in planInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	if err != nil {
		return p.campaignAgain(r, "plan", err)
	}
	x, rows, err := in.plan(id)
	if err != nil {
		return p.campaignAgain(r, "plan", err)
	}
	list, err := p.Service.Plan(r.Context(), web.Principal(r), x)
	if err != nil {
		return p.campaignAgain(r, "plan", atRows(err, rows))
	}
	web.Flash(w, r, ui.Valid, "supplydesk.plan_done", "", "n", len(list))
	return web.Done(w, r, planShown(id, x.Day), offersMade(list))
}

// planShown is where a day's offers are seen.
func planShown(id string, d ration.Day) string {
	return campaignAt(id) + "?day=" + d.String() + "#offers"
}

// atRows says of the page's row what is said of the offer made from it.
func atRows(err error, rows []int) error {
	f := *fault.As(err)
	if len(f.Fields) == 0 {
		return atField(err, "day")
	}
	f.Fields = slices.Clone(f.Fields)
	for i, one := range f.Fields {
		if n, ok := strings.CutPrefix(one.Name, "offer."); ok {
			if k, err := strconv.Atoi(n); err == nil && k < len(rows) {
				f.Fields[i].Name = "offer." + strconv.Itoa(rows[k])
			}
		}
		if one.Name == "offers" {
			f.Fields[i].Name = "day"
		}
	}
	return &f
}

// offerMade is an offer as a program is told.
type offerMade struct {
	Offer  string `json:"offer"`
	Point  string `json:"point"`
	Day    string `json:"day"`
	Part   int64  `json:"part"`
	Pieces int64  `json:"pieces"`
}

type offersPlanned struct {
	Offers []offerMade `json:"offers"`
}

func offersMade(list []ration.Offer) offersPlanned {
	out := make([]offerMade, len(list))
	for i, o := range list {
		out[i] = offerMade{o.ID, o.Point, o.Day.String(), o.Part, o.Pieces}
	}
	return offersPlanned{out}
}

// planRow is a shop and a window of its day.
type planRow struct {
	Point  ration.Point
	Part   int
	Window string // "09:00–12:00", or "" for the whole day
}

// rows are what the page's plan has a field for; none where they would be too many to
// fill in.
func (d deskCampaignData) rows() []planRow {
	var out []planRow
	for _, one := range d.Points {
		for i := range max(len(d.Hand.Windows), 1) {
			out = append(out, planRow{one, i, window(d.Campaign, int64(i))})
		}
	}
	if len(out) > planRowsMost {
		return nil
	}
	return out
}

func (x planRow) words(p *ui.Page) string {
	if x.Window == "" {
		return x.Point.Name
	}
	return p.T("supplydesk.plan_row", "point", x.Point.Name, "window", x.Window)
}

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}
