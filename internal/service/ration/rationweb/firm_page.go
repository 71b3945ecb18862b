package rationweb

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const firmBase = "/firm/supplies"

func (p *pages) firmRoutes() web.Routes {
	claims := web.Needs(ration.MayClaim)
	return web.Routes{
		{Method: "GET", Path: firmBase, Handler: p.firm, Access: claims, Twin: "listAllotments"},
		{Method: "GET", Path: firmBase + "/vouchers.csv", Handler: p.firmCSV, Access: claims, Slow: time.Minute},
		{Method: "GET", Path: firmBase + "/{offer}/{allotment}", Handler: p.voucher, Access: claims},
		{Method: "POST", Path: firmBase + "/{offer}/{allotment}/address", Handler: p.redirect, Access: claims, Twin: "redirectRation", Input: redirectInput{}},
		{Method: "POST", Path: firmBase + "/{offer}/{allotment}/give-back", Handler: p.giveBack, Access: claims, Twin: "giveBackRation"},
	}
}

// shopTotal is what a firm fetches at one shop: one walk for hundreds of vouchers.
type shopTotal struct {
	Shop     ration.Point
	Of       *ration.Campaign
	Vouchers int64
	Pieces   int64
	Due      int64     // fen
	Until    time.Time // the first of them to lapse
}

// totals sums up what is still to be fetched, by campaign and shop.
func totals(list []ration.Kept) (out []shopTotal) {
	at := map[[2]string]int{}
	for _, v := range list {
		if v.State != ration.Held {
			continue
		}
		id := [2]string{v.Allotment.Campaign, v.At.ID}
		n, ok := at[id]
		if !ok {
			n, at[id] = len(out), len(out)
			out = append(out, shopTotal{Shop: v.At, Of: v.Of, Until: v.Until})
		}
		t := &out[n]
		t.Vouchers, t.Pieces, t.Due = t.Vouchers+1, t.Pieces+v.Pieces, t.Due+v.Due
		if v.Until.Before(t.Until) {
			t.Until = v.Until
		}
	}
	return out
}

// firmShown is how many vouchers stand on the page; the file has all.
const firmShown = 300

func (p *pages) firm(w http.ResponseWriter, r *http.Request) error {
	if web.Principal(r).Role != auth.Firm {
		http.Redirect(w, r, mineBase, http.StatusSeeOther)
		return nil
	}
	d, err := p.own(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, firmView(web.From(r), d, totals(d.Vouchers)))
}

// firmCSV is every voucher, one a line, for a table on the office's own machine.
func (p *pages) firmCSV(w http.ResponseWriter, r *http.Request) error {
	page := web.From(r)
	list, err := p.Vouchers(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="vouchers-`+ration.DayOf(p.Now().In(p.Zone)).String()+`.csv"`)
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads it as UTF-8
	out := csv.NewWriter(w)
	_ = out.Write(words(page, "item", "pieces_head", "spoken", "for", "shop", "where", "from", "last", "due", "state"))
	for _, v := range list {
		_ = out.Write([]string{
			cell(v.Of.Item.Name.In(string(page.Lang()))), strconv.FormatInt(v.Pieces, 10), v.Code, cell(v.Whose), cell(v.At.Name), cell(v.At.Address),
			v.Fetch.In(p.Zone).Format(time.DateTime), v.Until.In(p.Zone).Format(time.DateTime), strconv.FormatFloat(float64(v.Due)/100, 'f', 2, 64), page.T("rationpages.voucher_" + string(v.State)),
		})
	}
	out.Flush()
	return out.Error()
}

func words(p *ui.Page, keys ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = p.T("rationpages." + k)
	}
	return out
}

// cell keeps a text that somebody else chose from running as a formula in a spreadsheet.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
