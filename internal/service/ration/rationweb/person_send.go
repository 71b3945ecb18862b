package rationweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// redirectInput is another address for what is sent.
type redirectInput struct {
	Address string `form:"address" json:"address" max:"200"`
}

func (p *pages) redirect(w http.ResponseWriter, r *http.Request) error {
	var in redirectInput
	err := web.Decode(r, &in)
	by := web.Principal(r)
	var a ration.Allotment
	if err == nil {
		a, err = p.Redirect(r.Context(), by, r.PathValue("offer"), r.PathValue("allotment"), in.Address)
	}
	if err != nil {
		d, unseen := p.voucherOf(r)
		if unseen != nil || web.WantsJSON(r) {
			return err
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return voucherView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "rationpages.redirected", "")
	return web.Done(w, r, voucherURL(by, a), a)
}

// sends is whether a campaign's goods come to whoever asked.
func sends(c *ration.Campaign) bool { return c.Hand.How != ration.AtPoint }

// voucherState is a voucher's state in words: of what is sent where it is.
func voucherState(p *ui.Page, v ration.Kept) string {
	if !sends(v.Of) {
		return p.T("rationpages.voucher_" + string(v.State))
	}
	switch {
	case v.Parcel != nil && v.Parcel.State == ration.ParcelBack:
		return p.T("rationpages.parcel_back")
	case v.Parcel != nil && v.Of.Hand.How == ration.ToDoor:
		return p.T("rationpages.parcel_brought")
	case v.Parcel != nil:
		return p.T("rationpages.parcel_sent")
	case v.State == ration.Held:
		return p.T("rationpages.parcel_held")
	}
	return p.T("rationpages.voucher_" + string(v.State))
}

// parcelFacts says where something is that is sent.
func parcelFacts(p *ui.Page, d voucherData) (list []ui.Fact) {
	if d.Address != "" {
		list = append(list, ui.Fact{Term: p.T("rationpages.parcel_to"), Text: d.Address})
	}
	list = append(list, ui.Fact{Term: p.T("rationpages.parcel_from"), Text: d.At.Name})
	if d.Parcel == nil {
		if d.State == ration.Held {
			list = append(list, ui.Fact{Term: p.T("rationpages.parcel_by"), Text: ends(p, d.SendBy)})
		}
		return list
	}
	list = append(list, ui.Fact{Term: p.T("rationpages.parcel_left"), Text: p.DateTime(d.Parcel.Sent)})
	if d.Parcel.Tracking != "" {
		list = append(list, ui.Fact{Term: p.T("rationpages.parcel_number"), Text: d.Parcel.Tracking})
	}
	if d.Parcel.State == ration.ParcelBack {
		list = append(list, ui.Fact{Term: p.T("rationpages.parcel_returned"), Text: p.T("rationpages.parcel_why", "at", d.Parcel.Back, "reason", d.Parcel.Reason)})
	}
	return list
}

// movable is whether where something goes to can still be changed.
func movable(v ration.Kept) bool {
	return sends(v.Of) && (v.Parcel == nil && v.State == ration.Held || v.Parcel != nil && v.Parcel.State == ration.ParcelBack)
}
