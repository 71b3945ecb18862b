package workresumeweb

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// watchRoutes are what a firm's office and an officer see of the promise under base.
func (p *pages) watchRoutes(base string, at func(*http.Request) (office, error), see, act web.Access) web.Routes {
	return web.Routes{
		{Method: "GET", Path: base + "/promise", Handler: inOffice(at, p.watchShow), Access: see},
		{Method: "POST", Path: base + "/stock", Handler: inOffice(at, p.watchStock), Access: act, Input: stockInput{}},
	}
}

// watchData is a firm's promise beside what was measured.
type watchData struct {
	office
	workresume.Comparison
}

func (p *pages) watchData(r *http.Request, o office) (d watchData, err error) {
	d.office = o
	d.Comparison, err = p.Compare(r.Context(), web.Principal(r), o.Firm)
	return d, err
}

func (p *pages) watchShow(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.watchData(r, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, watchView(web.From(r), d, web.Blank(r)))
}

// stockInput is a firm's own count.
type stockInput struct {
	Masks int64 `form:"masks" json:"masks"`
}

func (p *pages) watchStock(w http.ResponseWriter, r *http.Request, o office) error {
	var in stockInput
	bad := web.Decode(r, &in)
	d, err := p.watchData(r, o)
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return watchView(web.From(r), d, f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	stock, err := p.ReportStock(r.Context(), web.Principal(r), workresume.StockInput{Firm: o.Firm, Masks: in.Masks, Key: web.Once(r, "workresume.stock", in)})
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, ui.Valid, "watchpages.stock_taken", "")
	return web.Done(w, r, o.to("/promise"), stock)
}

// overRoster is how many people more than declared stand on a firm's roster.
func overRoster(f workresume.Firm) int64 {
	if f.Filing == nil {
		return 0
	}
	return max(f.Roster-f.Filing.Declared, 0)
}

// watchState is a step's shape and colour.
func watchState(w workresume.Watch) ui.State {
	switch w {
	case workresume.Warned:
		return ui.Warn
	case workresume.Suspended, workresume.Withdrawn:
		return ui.Stop
	case workresume.PromiseKept:
	}
	return ui.Valid
}

func watchWord(p *ui.Page, w workresume.Watch) string {
	if w == workresume.PromiseKept {
		return p.T("workresume.watch.kept")
	}
	return p.T("workresume.watch." + string(w))
}

// flagWord is how far a flag has come; one that is only noted says so.
func flagWord(p *ui.Page, g workresume.Flag) string {
	if g.Level == workresume.PromiseKept {
		return p.T("watchpages.noted")
	}
	return watchWord(p, g.Level)
}

func flagState(g workresume.Flag) ui.State {
	if g.Level == workresume.PromiseKept {
		return ui.Wait
	}
	return watchState(g.Level)
}

func watchColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("watchpages.promise"), Title: true},
		{Label: p.T("watchpages.promised"), Number: true},
		{Label: p.T("watchpages.measured"), Number: true},
		{Label: p.T("watchpages.since")},
		{Label: p.T("watchpages.what_to_do")},
	}
}

// amount is one side of a comparison, a dash where it is not known.
func amount(p *ui.Page, name string, n *int64) string {
	switch {
	case n == nil:
		return "—"
	case name == "load_percent":
		return p.Number(*n) + " %"
	}
	return p.Number(*n)
}

// told is a sentence of a flag's finding, filled in when it was found.
func flagReason(p *ui.Page, g workresume.Flag) string { return g.Finding.Reason.In(string(p.Lang())) }

// flagBy says by which version of the promise a flag speaks; a flag of before versions
// were kept does not say.
func flagBy(p *ui.Page, g workresume.Flag) string {
	if g.Version == "" {
		return ""
	}
	return p.T("watchpages.flag_by", "rule", flagName(p, g), "version", g.Version)
}

func flagMend(p *ui.Page, g workresume.Flag) string { return g.Finding.Mend.In(string(p.Lang())) }

// ruleName is a rule in words; one of a district's own promise has none here.
func ruleName(p *ui.Page, rule string) string {
	for _, known := range watchRules {
		if known == rule {
			return p.T("watchpages.rule." + strings.ReplaceAll(rule, "-", "_"))
		}
	}
	return rule
}

// flagName is the rule of a flag in words: its own, else what it rests on.
func flagName(p *ui.Page, g workresume.Flag) string {
	if name := ruleName(p, g.Rule); name != g.Rule {
		return name
	}
	if basis := g.Finding.Basis.In(string(p.Lang())); basis != "" {
		return basis
	}
	return g.Rule
}

// watchRules are the rules of the program's own promise, gravest first.
var watchRules = [...]string{"heads-far-above", "red-inside", "heads-above", "supplies-out", "reports-hardly", "works-unfiled", "strangers", "reports-low", "colours-at-entry", "no-load", "supplies-low"}
