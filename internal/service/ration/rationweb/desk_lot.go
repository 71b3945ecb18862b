package rationweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// recallInput is why a lot is recalled.
type recallInput struct {
	Reason string `form:"reason" json:"reason" max:"200"`
}

// lotData is a lot and where it stands.
type lotData struct {
	Campaign ration.View
	Shelves  []ration.Shelf
	Points   map[string]ration.Point // whose phone is called
	acts     bool
}

func (p *pages) lotOf(r *http.Request) (d lotData, err error) {
	ctx := r.Context()
	if d.Campaign, err = p.CampaignView(ctx, r.PathValue("campaign")); err != nil {
		return d, err
	}
	if d.Shelves, err = p.LotPlaces(ctx, web.Principal(r), r.PathValue("lot")); err != nil {
		return d, err
	}
	if d.Shelves[0].Campaign != d.Campaign.ID {
		return d, fault.New(fault.NotFound, "ration.no_lot")
	}
	points, err := p.PointsKnown(ctx)
	d.Points, d.acts = map[string]ration.Point{}, web.May(r, ration.MayRecall) && !d.Shelves[0].Recalled
	for _, one := range points {
		d.Points[one.ID] = one
	}
	return d, err
}

func (p *pages) deskLot(w http.ResponseWriter, r *http.Request) error {
	d, err := p.lotOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, lotView(web.From(r), d, web.Blank(r)))
}

func (p *pages) deskRecall(w http.ResponseWriter, r *http.Request) error {
	var in recallInput
	lot := r.PathValue("lot")
	err := web.Decode(r, &in)
	if err == nil {
		err = p.Recall(r.Context(), web.Principal(r), lot, in.Reason, web.Once(r, "recallLot "+lot, in))
	}
	if err != nil {
		d, unseen := p.lotOf(r)
		if unseen != nil || web.WantsJSON(r) {
			return err
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return lotView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "supplydesk.recall_done", "")
	return web.Done(w, r, campaignAt(r.PathValue("campaign"))+"/lots/"+lot, struct{}{})
}
