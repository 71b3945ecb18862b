package workresumeweb

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"time"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const flagsBase = "/desk/flags"

func (p *pages) flagRoutes() web.Routes {
	see := web.Needs(workresume.MayBrowse)
	return web.Routes{
		{Method: "GET", Path: flagsBase, Handler: p.flagList, Access: see},
		{Method: "GET", Path: flagsBase + ".csv", Handler: p.flagCSV, Access: see, Slow: downloadSlow},
	}
}

// flagsData is the officer's list of what contradicts promises.
type flagsData struct {
	Filter workresume.FlagFilter
	Flags  []workresume.FlagLine
	Next   string
	Parks  []Park
}

func flagFilter(q url.Values) workresume.FlagFilter {
	f := workresume.FlagFilter{Rule: cut(q.Get("rule")), Park: cut(q.Get("park")), After: q.Get("after")}
	switch l := workresume.Watch(q.Get("level")); l {
	case workresume.Warned, workresume.Suspended, workresume.Withdrawn:
		f.Level = l
	case workresume.PromiseKept:
	}
	return f
}

func flagHref(path string, f workresume.FlagFilter) string {
	v := url.Values{}
	for _, one := range [][2]string{{"level", string(f.Level)}, {"rule", f.Rule}, {"park", f.Park}, {"after", f.After}} {
		if one[1] != "" {
			v.Set(one[0], one[1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (p *pages) flagList(w http.ResponseWriter, r *http.Request) error {
	d := flagsData{Filter: flagFilter(r.URL.Query())}
	var err error
	if d.Flags, d.Next, err = p.Flags(r.Context(), web.Principal(r), d.Filter); err != nil {
		return err
	}
	if d.Parks, err = p.Parks(r.Context(), string(web.Language(r))); err != nil {
		return err
	}
	return web.Render(w, r, flagsView(web.From(r), d))
}

func (d flagsData) next() string {
	if d.Next == "" {
		return ""
	}
	f := d.Filter
	f.After = d.Next
	return flagHref(flagsBase, f)
}

func (d flagsData) first() string {
	f := d.Filter
	if f.After == "" {
		return ""
	}
	f.After = ""
	return flagHref(flagsBase, f)
}

func (d flagsData) export() string {
	f := d.Filter
	f.After = ""
	return flagHref(flagsBase+".csv", f)
}

func (d flagsData) chips(p *ui.Page) []ui.Link {
	var out []ui.Link
	for _, l := range [...]workresume.Watch{"", workresume.Withdrawn, workresume.Suspended, workresume.Warned} {
		f := d.Filter
		f.Level, f.After = l, ""
		text := p.T("firmpages.all")
		if l != "" {
			text = watchWord(p, l)
		}
		out = append(out, ui.Link{Href: flagHref(flagsBase, f), Text: text, Now: d.Filter.Level == l})
	}
	return out
}

func flagRules(p *ui.Page) []ui.Option {
	out := []ui.Option{{Text: p.T("watchpages.all_rules")}}
	for _, r := range watchRules {
		out = append(out, ui.Option{Value: r, Text: ruleName(p, r)})
	}
	return out
}

func flagColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.firm"), Title: true},
		{Label: p.T("watchpages.step")},
		{Label: p.T("watchpages.reason")},
		{Label: p.T("watchpages.since")},
	}
}

// flagCSV writes every flag under the filter.
func (p *pages) flagCSV(w http.ResponseWriter, r *http.Request) error {
	ctx, by, page, f := r.Context(), web.Principal(r), web.From(r), flagFilter(r.URL.Query())
	f.After = ""
	list, next, err := p.Flags(ctx, by, f)
	if err != nil {
		return err // nothing has been written yet
	}
	attach(w, "text/csv; charset=utf-8", page.T("watchpages.flags_title")+" "+p.Now().In(p.Zone).Format(time.DateOnly)+".csv")
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads it as UTF-8
	out := csv.NewWriter(w)
	if err := out.Write([]string{
		page.T("firmpages.credit_code"), page.T("firmpages.firm"), page.T("watchpages.step"), page.T("watchpages.kind"), page.T("policypages.rule_id"), page.T("watchpages.reason"),
		page.T("watchpages.since"), page.T("watchpages.raised"), page.T("watchpages.version"),
	}); err != nil {
		return err
	}
	for {
		for _, g := range list {
			if err := out.Write([]string{
				g.CreditCode, deskCell(g.Name), watchWord(page, g.Level), deskCell(flagName(page, g.Flag)), g.Rule, flagReason(page, g.Flag),
				g.Began.In(p.Zone).Format(time.DateTime), g.Raised.In(p.Zone).Format(time.DateTime), deskCell(g.Version),
			}); err != nil {
				return err
			}
		}
		if next == "" {
			break
		}
		f.After = next
		if list, next, err = p.Flags(ctx, by, f); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
