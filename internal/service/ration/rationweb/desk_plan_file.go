package rationweb

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// planTried is what a file would do that was only tried.
type planTried struct {
	Offers, Pieces int64
	Left           int64 // of the supply, after it
}

// deskPlanFile takes a day's plan as a file, or says what it would do. It is taken whole
// or not at all: a plan with a mistake is mended and sent again.
func (p *pages) deskPlanFile(w http.ResponseWriter, r *http.Request) error {
	up, err := web.Receive(r, "file")
	if err != nil {
		return p.campaignAgain(r, "file", err)
	}
	in, t, err := p.planRead(r, up)
	if err != nil {
		return p.campaignAgain(r, "file", err)
	}
	by := web.Principal(r)
	if up.Values.Get("dry_run") != "" {
		if err := p.TryPlan(r.Context(), by, in); err != nil {
			return p.campaignAgain(r, "file", t.refused(err, "offer"))
		}
		return p.planWould(w, r, in)
	}
	list, err := p.Service.Plan(r.Context(), by, in)
	if err != nil {
		return p.campaignAgain(r, "file", t.refused(err, "offer"))
	}
	web.Flash(w, r, ui.Valid, "supplydesk.plan_done", "", "n", len(list))
	return web.Done(w, r, planShown(in.Campaign, in.Day), offersMade(list))
}

// planWould shows what a plan would do.
func (p *pages) planWould(w http.ResponseWriter, r *http.Request, in ration.PlanInput) error {
	d, err := p.campaignOf(r)
	if err != nil {
		return err
	}
	d.Tried = &planTried{Offers: int64(len(in.Offers))}
	for _, o := range in.Offers {
		d.Tried.Pieces += o.Pieces
	}
	d.Tried.Left = d.Supply - d.Tried.Pieces
	return web.Render(w, r, deskCampaignView(web.From(r), d, web.Blank(r, "day", in.Day.String())))
}

func planColumns() []roster.Column {
	return []roster.Column{
		{Title: "领取点 Point", Needed: true, Headings: []string{"point", "point name", "shop", "name", "领取点", "领取点名称", "药店", "药店名称", "门店", "名称"}},
		{Title: "时段 Window", Headings: []string{"window", "part", "时段", "时间段", "领取时段"}},
		{Title: "件数 Pieces", Needed: true, Headings: []string{"pieces", "number", "quantity", "件数", "数量", "投放数量", "个数"}},
	}
}

// planRead reads a plan's file against the shops and windows there are. A line without
// pieces offers nothing: the list of shops is filled in where there is something.
func (p *pages) planRead(r *http.Request, up *web.Upload) (in ration.PlanInput, t *table, err error) {
	in.Campaign = r.PathValue("campaign")
	if in.Day, err = day(up.Values.Get("day")); err != nil {
		return in, nil, err
	}
	v, err := p.CampaignView(r.Context(), in.Campaign)
	if err != nil {
		return in, nil, err
	}
	shops, err := p.shops(r)
	if err != nil {
		return in, nil, err
	}
	at := make(map[string]string, len(shops))
	for _, x := range shops {
		at[x.Name] = x.ID
	}
	if t, err = tableOf(up, planColumns()); err != nil {
		return in, nil, err
	}
	var empty []int
	err = t.each(func(cells []roster.TableCell) (string, error) {
		if strings.TrimSpace(cells[2].Text) == "" && cells[2].Fault == "" {
			empty = append(empty, len(t.lines))
			return "", nil
		}
		o, text, why := planCells(cells, v.Campaign, at)
		if why == nil {
			in.Offers = append(in.Offers, o)
		}
		return text, why
	})
	for _, n := range slices.Backward(empty) {
		t.lines = slices.Delete(t.lines, n, n+1)
	}
	return in, t, err
}

// planCells is one line, or what is wrong with which of its cells.
func planCells(cells []roster.TableCell, c *ration.Campaign, at map[string]string) (o ration.OfferInput, text string, why error) {
	name := ident.Fold(cells[0].Text)
	if o.Point = at[name]; o.Point == "" {
		o.Point = at[strings.TrimPrefix(name, "'")] // as our own file has a name that looks like a formula
	}
	if o.Point == "" {
		return o, cells[0].Text, fault.New(fault.Invalid, "supplydesk.no_shop")
	}
	if o.Part = planWindow(cells[1].Text, c.Hand.Windows); o.Part < 0 {
		return o, cells[1].Text, fault.New(fault.Invalid, "supplydesk.no_window", "windows", windowNames(c))
	}
	pieces, err := whole(cells[2].Text)
	if err != nil || pieces < 1 {
		return o, cells[2].Text, fault.New(fault.Invalid, "supplydesk.plan_pieces")
	}
	o.Pieces = pieces
	return o, "", nil
}

// planWindow is the window's number from 0, by its hours or by its number from 1; -1 for
// none that there is. One that is the only one need not be named.
func planWindow(text string, windows []ration.Window) int64 {
	text = strings.NewReplacer(" ", "", "–", "-", "—", "-", "~", "-", "至", "-").Replace(ident.Fold(text))
	if text == "" && len(windows) < 2 {
		return 0
	}
	if i := slices.IndexFunc(windows, func(w ration.Window) bool { return w.From.String()+"-"+w.To.String() == text }); i >= 0 {
		return int64(i)
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(windows) {
		return int64(n - 1)
	}
	return -1
}

func windowNames(c *ration.Campaign) (out []string) {
	for i := range c.Hand.Windows {
		out = append(out, window(c, int64(i)))
	}
	return out
}

// planTemplate is every shop and window as a file, in which the pieces are to be filled in.
func (p *pages) planTemplate(w http.ResponseWriter, r *http.Request) error {
	v, err := p.CampaignView(r.Context(), r.PathValue("campaign"))
	if err != nil {
		return err
	}
	d := deskCampaignData{View: v}
	if d.Points, err = p.shops(r); err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // by which Excel knows that it is UTF-8
	c := csv.NewWriter(&b)
	page := web.From(r)
	_ = c.Write([]string{page.T("supplydesk.plan_point"), page.T("supplydesk.plan_window"), page.T("supplydesk.plan_count")}) // into memory
	for _, x := range d.Points {
		for i := range max(len(v.Hand.Windows), 1) {
			_ = c.Write([]string{inert(x.Name), strings.ReplaceAll(window(v.Campaign, int64(i)), "–", "-"), ""})
		}
	}
	c.Flush()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="plan.csv"`)
	_, err = w.Write(b.Bytes())
	return err
}
