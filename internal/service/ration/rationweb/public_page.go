package rationweb

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const suppliesBase = "/supplies"

func (p *pages) publicRoutes() web.Routes {
	return slices.Concat(web.Routes{
		{Method: "GET", Path: suppliesBase, Handler: p.campaigns, Access: web.Public, Twin: "listCampaigns", Class: admission.Result},
		{Method: "GET", Path: suppliesBase + "/{campaign}", Handler: p.campaign, Access: web.Public, Twin: "getCampaign", Class: admission.Result},
	}, p.drawRoutes())
}

// round is a campaign with the round that is open or comes next.
type round struct {
	ration.View
	Open        bool
	From, Until string
}

// roundOf says when a campaign is open, in the reader's words.
func (p *pages) roundOf(page *ui.Page, v ration.View) round {
	open, from, until := p.Next(v.Campaign)
	return round{v, open && v.State == "open", moment(page, from), moment(page, until)}
}

// state is the shape, the word and the time of a campaign's moment.
func (r round) state(page *ui.Page) (shape ui.State, word, when string) {
	switch {
	case r.State != "open":
		return ui.Stop, page.T("rationpages.state_closed"), page.T("rationpages.closed_since", "at", r.Closed)
	case r.Open:
		return ui.Valid, page.T("rationpages.state_now"), page.T("rationpages.state_until", "until", r.Until)
	}
	return ui.Wait, page.T("rationpages.state_soon"), page.T("rationpages.state_from", "from", r.From)
}

func (p *pages) campaigns(w http.ResponseWriter, r *http.Request) error {
	page := web.From(r)
	list, err := p.Campaigns(r.Context())
	if err != nil {
		return err
	}
	rounds := make([]round, len(list))
	for i, v := range list {
		rounds[i] = p.roundOf(page, v)
	}
	// What can be asked of comes first, what is over last.
	rank := func(x round) int {
		switch {
		case x.Open:
			return 0
		case x.State == "open":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(rounds, func(a, b round) int { return rank(a) - rank(b) })
	return web.Render(w, r, campaignsView(page, rounds))
}

// offersShown is how many offers of a day stand on the page; towns narrow them down.
const offersShown = 100

// dayOffers are a day's offers, those of one town where a town is chosen.
type dayOffers struct {
	Day  string
	Rows []ration.Open
	More int // not shown
}

// campaignData is what a campaign's page draws.
type campaignData struct {
	round
	Days   []dayOffers
	Draws  []ration.Draw
	Towns  []ui.Link
	Now    time.Time
	Joined bool // the reader is one who may ask here
	Nobody bool // the reader would have to sign in first
	Desk   bool // the reader is of the desk that keeps it
	Room   *ration.Waiting
	Wait   bool // nothing can be booked before the reader's turn
}

func (p *pages) campaign(w http.ResponseWriter, r *http.Request) error {
	ctx, page := r.Context(), web.From(r)
	v, err := p.CampaignView(ctx, r.PathValue("campaign"))
	if err != nil {
		return err
	}
	d := campaignData{round: p.roundOf(page, v), Now: p.Now()}
	if v.Give.By == ration.ByLot {
		if d.Draws, err = p.Draws(ctx, v.ID); err != nil {
			return err
		}
	}
	offers, err := p.Offers(ctx, v.ID, ration.DayOf(p.Now().In(p.Zone)), daysShown)
	if err != nil {
		return err
	}
	by := web.Principal(r)
	if room, found, err := p.WaitingRoom(ctx, v.ID); err != nil {
		return err
	} else if found {
		d.Room = &room
	}
	d.Desk = !by.Zero() && by.Permit(ration.MayReview, ration.Grants, auth.District(p.District)) == nil
	d.Nobody, d.Joined = by.Zero(), mayAsk(by, v.Campaign)
	d.Wait = (d.Nobody || d.Joined) && v.State == "open" && p.beforeTurn(r, v)
	d.pick(page, offers, r.URL.Query().Get("town"))
	return web.Render(w, r, campaignView(page, d))
}

// mayAsk reports whether somebody is one whom the campaign serves over this page.
func mayAsk(by auth.Principal, c *ration.Campaign) bool {
	if c.Who.AtDesk {
		return false
	}
	if c.Who.Asks == ration.ByFirm {
		return by.Role == auth.Firm
	}
	return by.Role.Personal()
}

// pick sorts offers by day and town, and keeps those of one town where it is chosen.
func (d *campaignData) pick(page *ui.Page, offers []ration.Open, town string) {
	here := suppliesBase + "/" + url.PathEscape(d.ID)
	var towns []string
	for _, o := range offers {
		if o.At.Town != "" && !slices.Contains(towns, o.At.Town) {
			towns = append(towns, o.At.Town)
		}
	}
	if slices.Sort(towns); len(towns) > 1 {
		d.Towns = append(d.Towns, ui.Link{Href: here, Text: page.T("rationpages.all_towns"), Now: !slices.Contains(towns, town)})
		for _, t := range towns {
			d.Towns = append(d.Towns, ui.Link{Href: here + "?town=" + url.QueryEscape(t), Text: t, Now: t == town})
		}
	}
	if slices.SortStableFunc(offers, func(a, b ration.Open) int {
		if a.Day != b.Day {
			return int(a.Day - b.Day)
		}
		return strings.Compare(a.At.Town+" "+a.At.Name, b.At.Town+" "+b.At.Name)
	}); !slices.Contains(towns, town) {
		town = ""
	}
	for _, o := range offers {
		if town != "" && o.At.Town != town {
			continue
		}
		day := page.Date(o.From)
		if n := len(d.Days); n == 0 || d.Days[n-1].Day != day {
			d.Days = append(d.Days, dayOffers{Day: day})
		}
		at := &d.Days[len(d.Days)-1]
		if len(at.Rows) == offersShown {
			at.More++
			continue
		}
		at.Rows = append(at.Rows, o)
	}
}
