package rationweb

import (
	"net/http"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
)

// beforeTurn reports whether nobody for whom the reader may ask has their turn yet, so that
// asking would only be refused. Where a share counts by a door or by answers it cannot be
// known before asking; what is not known takes no button away.
func (p *pages) beforeTurn(r *http.Request, v ration.View) bool {
	if !v.Give.Queue || byMore(v.Campaign) {
		return false
	}
	if web.Principal(r).Zero() {
		return true // a place is taken first, whoever it is
	}
	if !p.waits(r, v.ID, "") {
		return false
	}
	d := askData{View: v}
	if err := p.whom(r, &d); err != nil {
		return false
	}
	for _, x := range d.Family {
		if !p.waits(r, v.ID, x.ID) {
			return false
		}
	}
	return true
}

// byMore is whether a share counts by more than who asks.
func byMore(c *ration.Campaign) bool { return c.Who.Counts == ration.ByAddress || len(c.Ask) > 0 }

// waits reports whether somebody certainly has no turn. Where nothing is left the offers
// say so themselves, and what comes back is for whoever had their turn.
func (p *pages) waits(r *http.Request, campaign, whom string) bool {
	by := web.Principal(r)
	place, known := ration.Place{}, false
	if whom == "" {
		place, known = p.PlaceNow(by, campaign) // from memory: this page is asked for by all at once
	}
	if !known {
		var err error
		if place, err = p.QueuePlace(r.Context(), by, ration.QueueInput{Campaign: campaign, For: whom}); err != nil {
			return noPlaceYet(err)
		}
	}
	return !slices.Contains([]ration.PlaceState{ration.PlaceTurn, ration.PlaceGone}, place.State)
}

// sendToRoom has a refusal for want of a turn lead to the waiting room. The form stays
// where something in it can still be said otherwise.
func (d *askData) sendToRoom(err error) {
	if fault.Is(err, "ration.join_first") || fault.Is(err, "ration.not_your_turn") {
		d.ToRoom, d.Wait = true, !byMore(d.Campaign) && len(d.Family) == 0
	}
}
