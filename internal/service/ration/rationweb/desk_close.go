package rationweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// closeInput is why a campaign is closed, and that what follows was read.
type closeInput struct {
	Reason string `form:"reason" json:"reason" max:"200"`
}

// closeData is a campaign before its end: what stands on the day it is closed.
type closeData struct {
	ration.View
	ration.Overview
	Undrawn int // lists that are frozen and not drawn
}

func (p *pages) closeOf(r *http.Request) (d closeData, err error) {
	ctx, id := r.Context(), r.PathValue("campaign")
	if d.Overview, err = p.Overview(ctx, web.Principal(r), id); err != nil {
		return d, err
	}
	if d.View, err = p.CampaignView(ctx, id); err != nil {
		return d, err
	}
	draws, err := p.Draws(ctx, id)
	for _, x := range draws {
		if x.State != "placed" {
			d.Undrawn++
		}
	}
	return d, err
}

func (p *pages) deskClose(w http.ResponseWriter, r *http.Request) error {
	d, err := p.closeOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, closeView(web.From(r), d, web.Blank(r)))
}

func (p *pages) deskClosed(w http.ResponseWriter, r *http.Request) error {
	var in closeInput
	id := r.PathValue("campaign")
	err := web.Decode(r, &in)
	if err == nil {
		err = p.CloseCampaign(r.Context(), web.Principal(r), id, in.Reason, web.Once(r, "closeCampaign "+id, in))
	}
	if err != nil {
		d, unseen := p.closeOf(r)
		if unseen != nil || web.WantsJSON(r) {
			return err
		}
		return web.Again(atField(err, "reason"), func(f *ui.Form) templ.Component { return closeView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "supplydesk.close_done", "")
	return web.Done(w, r, campaignAt(id), struct{}{})
}
