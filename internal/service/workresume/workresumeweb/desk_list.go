package workresumeweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const deskBase = "/desk/resumption"

// deskRoutes are the officer's pages; what is shared with a firm's office hangs
// under the firm's id.
func (p *pages) deskRoutes() web.Routes {
	see, act := web.Needs(workresume.MayBrowse), web.Needs(workresume.MayDecide)
	const one = deskBase + "/{firm}"
	out := p.officeRoutes(one, deskOffice, see, act)
	return append(out,
		web.Route{Method: "GET", Path: deskBase, Handler: p.deskFirms, Access: see},
		web.Route{Method: "GET", Path: deskBase + ".csv", Handler: p.deskCSV, Access: see, Slow: downloadSlow},
		web.Route{Method: "GET", Path: deskBase + "/new", Handler: p.deskNew, Access: web.Needs(workresume.MayRegister)},
		web.Route{Method: "POST", Path: deskBase + "/new", Handler: p.deskRegister, Access: web.Needs(workresume.MayRegister), Input: registerInput{}},
		web.Route{Method: "GET", Path: one, Handler: inOffice(deskOffice, p.deskCase), Access: see},
		web.Route{Method: "POST", Path: one + "/decision", Handler: inOffice(deskOffice, p.deskDecide), Access: act, Input: decisionInput{}},
		web.Route{Method: "POST", Path: one + "/statement", Handler: inOffice(deskOffice, p.deskAttest), Access: act, Input: attestInput{}},
		web.Route{Method: "POST", Path: one + "/park", Handler: inOffice(deskOffice, p.deskPark), Access: web.Needs(workresume.MayPark), Input: parkInput{}},
		web.Route{Method: "POST", Path: one + "/people/{person}/name", Handler: inOffice(deskOffice, p.deskRename), Access: act, Input: renameInput{}},
		web.Route{Method: "GET", Path: "/desk/reviews", Handler: p.deskReviews, Access: act},
		web.Route{Method: "POST", Path: "/desk/reviews", Handler: p.deskSettle, Access: act, Input: settleInput{}},
	)
}

// DeskLinks are the places of the desk that are built and open to the reader: the menu
// at the side of every page of it.
func DeskLinks(p *ui.Page) []ui.Link {
	var out []ui.Link
	for _, l := range []struct{ href, key string }{
		{deskBase, "firmpages.desk_firms"},
		{casesBase, "casepages.title"},
		{lateBase, "casepages.late_title"},
		{"/desk/second", "second.title"},
		{"/desk/supplies", "supplydesk.title"},
		{restrictBase, "healthpages.restrictions"},
		{helpDeskBase, "helppages.desk"},
		{paperBase, "paperpages.title"},
		{riskBase, "travelpages.risk"},
		{doublesBase, "doublepages.title"},
		{"/desk/reviews", "firmpages.desk_reviews"},
		{"/desk/claims", "firmpages.desk_claims"},
		{flagsBase, "watchpages.flags_title"},
		{policyBase, "policypages.title"},
		{powerBase, "watchpages.meters_title"},
		{"/desk/calendar", "calendar.title"},
		{"/desk/places", "firmpages.desk_places"},
		{"/desk/privacy", "app.nav_privacy"},
		{"/desk/keys", "app.nav_keys"},
		{"/board", "firmpages.desk_board"},
		{"/log", "firmpages.desk_log"},
	} {
		if p.Goes != nil && p.Goes(l.href) {
			now := p.Path == l.href || strings.HasPrefix(p.Path, l.href+"/")
			out = append(out, ui.Link{Href: l.href, Text: p.T(l.key), Now: now})
		}
	}
	return out
}

// deskList is the officer's list of firms.
type deskList struct {
	Filter workresume.FirmFilter
	Firms  []workresume.Listed
	Next   string
	Parks  []Park
	Counts map[workresume.State]int64 // nil where they would not fit the filter
	Acts   bool
}

// deskFilter is what the address asks for.
func deskFilter(q url.Values) workresume.FirmFilter {
	f := workresume.FirmFilter{Query: cut(q.Get("q")), Park: cut(q.Get("park")), After: cut(q.Get("after"))}
	if s := workresume.State(q.Get("state")); slices.Contains(workresume.States[:], s) {
		f.State = s
	}
	if c := workresume.Class(q.Get("class")); c.Valid() {
		f.Class = c
	}
	return f
}

// deskHref is the address of a list.
func deskHref(path string, f workresume.FirmFilter) string {
	v := url.Values{}
	for _, one := range [][2]string{{"q", f.Query}, {"state", string(f.State)}, {"class", string(f.Class)}, {"park", f.Park}, {"after", f.After}} {
		if one[1] != "" {
			v.Set(one[0], one[1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (p *pages) deskFirms(w http.ResponseWriter, r *http.Request) error {
	ctx, by, page := r.Context(), web.Principal(r), web.From(r)
	d := deskList{Filter: deskFilter(r.URL.Query()), Acts: web.May(r, workresume.MayDecide)}
	var err error
	if d.Firms, d.Next, err = p.Firms(ctx, by, d.Filter); err != nil {
		return err
	}
	if d.Parks, err = p.Parks(ctx, string(page.Lang())); err != nil {
		return err
	}
	if d.Counts, err = p.deskCounts(r, by, d.Filter); err != nil {
		return err
	}
	if web.Fragment(r) {
		return web.Render(w, r, deskTable(page, d))
	}
	return web.Render(w, r, deskListView(page, d))
}

// Parks are the parks by name, none when nobody can say.
func (p *pages) Parks(ctx context.Context, lang string) ([]Park, error) {
	if p.Deps.Places == nil {
		return nil, nil
	}
	return p.Deps.Places.Parks(ctx, lang)
}

// deskCounts are the firms in each state, from the board's count, where the filter
// is one that the board counts by.
func (p *pages) deskCounts(r *http.Request, by auth.Principal, f workresume.FirmFilter) (map[workresume.State]int64, error) {
	if f.Query != "" || f.Class != "" || !web.May(r, workresume.MayOversee) {
		return nil, nil
	}
	b, err := p.Overview(r.Context(), by)
	if err != nil {
		return nil, err
	}
	park := f.Park
	if by.Scope.Kind == auth.AtPark {
		park = by.Scope.ID
	}
	sum := b.Total
	if park != "" {
		sum = workresume.Summary{}
		for _, one := range b.Parks {
			if one.Park == park {
				sum = one.Summary
			}
		}
	}
	return map[workresume.State]int64{
		"": sum.Firms, workresume.Certified: sum.Certified, workresume.Refused: sum.Refused,
		workresume.Returned: sum.Filed - sum.Certified - sum.Refused, workresume.Unfiled: sum.Firms - sum.Filed,
	}, nil
}

func (d deskList) park(id string) string {
	for _, k := range d.Parks {
		if k.ID == id {
			return k.Name
		}
	}
	return "—"
}

// chips are the views by state, keeping the other filters.
func (d deskList) chips(p *ui.Page) []ui.Link {
	link := func(s workresume.State, text string) ui.Link {
		f := d.Filter
		f.State, f.After = s, ""
		l := ui.Link{Href: deskHref(deskBase, f), Text: text, Now: d.Filter.State == s}
		if d.Counts != nil {
			l.Count = p.Number(d.Counts[s])
		}
		return l
	}
	out := []ui.Link{link("", p.T("firmpages.all"))}
	for _, s := range workresume.States {
		out = append(out, link(s, p.T("workresume.state."+string(s))))
	}
	return out
}

func (d deskList) first() string {
	f := d.Filter
	if f.After == "" {
		return ""
	}
	f.After = ""
	return deskHref(deskBase, f)
}

func (d deskList) next() string {
	if d.Next == "" {
		return ""
	}
	f := d.Filter
	f.After = d.Next
	return deskHref(deskBase, f)
}

// export is the whole list under the same filter, as a file.
func (d deskList) export() string {
	f := d.Filter
	f.After = ""
	return deskHref(deskBase+".csv", f)
}

func deskColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.firm"), Title: true},
		{Label: p.T("firmpages.class"), Minor: true},
		{Label: p.T("firmpages.park"), Minor: true},
		{Label: p.T("firmpages.on_roster"), Number: true},
		{Label: p.T("firmpages.declared_short"), Number: true},
		{Label: p.T("firmpages.state")},
		{Label: p.T("firmpages.since_short")},
	}
}

// streets are the streets by name, none when nobody can say.
func (p *pages) streets(ctx context.Context, page *ui.Page) ([]Park, error) {
	if p.Deps.Streets == nil {
		return nil, nil
	}
	return p.Deps.Streets.Streets(ctx, string(page.Lang()))
}

func parkChoices(p *ui.Page, parks []Park, none string) []ui.Option {
	out := []ui.Option{{Text: p.T(none)}}
	for _, k := range parks {
		out = append(out, ui.Option{Value: k.ID, Text: k.Name})
	}
	return out
}

func className(p *ui.Page, c workresume.Class) string {
	if c == "" {
		return "—"
	}
	return p.T("workresume.class." + string(c))
}
