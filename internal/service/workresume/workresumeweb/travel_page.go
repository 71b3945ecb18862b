package workresumeweb

import (
	"encoding/csv"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const (
	travelBase = "/me/travel"
	riskBase   = "/desk/risk"
	riskOpen   = "/open/risk"
)

// riskMost is what one body with places of risk may weigh, bytes: 500 lines as long as
// they may be, in Chinese, as JSON.
const riskMost = 1 << 20

func (p *pages) travelRoutes() web.Routes {
	own, desk := web.Needs(workresume.MayReport), web.Needs(workresume.MayRisk)
	return web.Routes{
		{Method: "GET", Path: travelBase, Handler: p.travelShow, Access: own, Twin: "getTravel"},
		{Method: "POST", Path: travelBase, Handler: p.travelSave, Access: own, Input: travelInput{}, Twin: "saveTravel"},
		{Method: "POST", Path: travelBase + "/take-back", Handler: p.travelTakeBack, Access: own, Twin: "takeBackTravel"},
		{Method: "GET", Path: riskOpen, Handler: p.riskPublic, Access: web.Public, Twin: "listRisks"},
		{Method: "GET", Path: riskBase, Handler: p.riskShow, Access: desk},
		{Method: "POST", Path: riskBase, Handler: p.riskAdd, Access: desk, Input: riskInput{}, Twin: "addRisks", MaxBody: riskMost},
		{Method: "POST", Path: riskBase + "/{risk}/end", Handler: p.riskEnd, Access: desk, Input: riskEndInput{}, Twin: "endRisk"},
	}
}

// travelInput is where one came from and was; the nth place has the nth days. Rows
// left empty are none. Act is "more" to come back with room for one more place.
type travelInput struct {
	Act     string   `form:"act" json:"act,omitempty" max:"10"`
	Origin  string   `form:"origin" json:"origin" max:"80"`
	Arrived string   `form:"arrived" json:"arrived" max:"10"`
	Route   string   `form:"route" json:"route" max:"200"`
	Lodging string   `form:"lodging" json:"lodging" max:"200"`
	Street  string   `form:"street" json:"street,omitempty" max:"60"`
	Place   []string `form:"place" json:"place" max:"80"`
	From    []string `form:"from" json:"from" max:"10"`
	Until   []string `form:"until" json:"until" max:"10"`
}

func nth(list []string, i int) string {
	if i < len(list) {
		return strings.TrimSpace(list[i])
	}
	return ""
}

func (in travelInput) travel() workresume.Travel {
	t := workresume.Travel{Origin: in.Origin, Arrived: in.Arrived, Route: in.Route, Lodging: in.Lodging, Street: in.Street, Visits: []workresume.Visit{}}
	for i := range max(len(in.Place), len(in.From), len(in.Until)) {
		v := workresume.Visit{Place: nth(in.Place, i), From: nth(in.From, i), Until: nth(in.Until, i)}
		if v != (workresume.Visit{}) {
			t.Visits = append(t.Visits, v)
		}
	}
	return t
}

// more is asked for by a button of the page alone: a program says what it has.
func (in travelInput) more(r *http.Request) bool { return in.Act == "more" && !web.WantsJSON(r) }

// rows is how many places the form had room for.
func (in travelInput) rows() int { return max(len(in.Place), len(in.From), len(in.Until)) }

// travelForm is the form with what was said, and where it goes: one's own page, or that
// of somebody helped, whose earlier words nobody is shown.
type travelForm struct {
	workresume.Travel
	To      string
	Helped  *workresume.Help
	Streets []Park // to choose the lodging's from
	More    bool   // a place was just added: its field is where one goes on
}

// added says whether the nth place is the one just added.
func (d travelForm) added(i int) bool { return d.More && i == len(d.Visits)-1 }

// back is the page before, and its name.
func (d travelForm) back(p *ui.Page) (to, title string) {
	switch {
	case d.Helped == nil:
		return healthBase, p.T("healthpages.title")
	case strings.HasPrefix(d.To, helpBase):
		return helpBase, p.T("helppages.title")
	}
	return helpDeskBase, p.T("helppages.desk")
}

// travelPage has room for so many places: one at least, and no more than may be said.
func travelPage(t workresume.Travel, rows int) travelForm {
	for len(t.Visits) < min(max(rows, 1), workresume.MostVisits) {
		t.Visits = append(t.Visits, workresume.Visit{})
	}
	return travelForm{Travel: t, To: travelBase}
}

// oneMore is the form as it was sent, with room for one more place.
func (p *pages) oneMore(w http.ResponseWriter, r *http.Request, d travelForm) error {
	d.More = true
	d, err := p.asked(r, d)
	if err != nil {
		return err
	}
	return web.Render(w, r, travelView(web.From(r), d, web.Blank(r)))
}

// asked is the form with the district's streets.
func (p *pages) asked(r *http.Request, d travelForm) (travelForm, error) {
	var err error
	d.Streets, err = p.streets(r.Context(), web.From(r))
	return d, err
}

// by names whose word it is.
func (d travelForm) by(p *ui.Page) string {
	if d.Helper != "" {
		return p.T("helppages.way", "name", d.Helper, "time", p.DateTime(d.At))
	}
	return p.T("healthpages.way_helper", "time", p.DateTime(d.At))
}

func (p *pages) travelShow(w http.ResponseWriter, r *http.Request) error {
	t, err := p.TravelOf(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, t)
	}
	d, err := p.asked(r, travelPage(t, len(t.Visits)))
	if err != nil {
		return err
	}
	return web.Render(w, r, travelView(web.From(r), d, web.Blank(r)))
}

func (p *pages) travelSave(w http.ResponseWriter, r *http.Request) error {
	var in travelInput
	err := web.Decode(r, &in)
	if err == nil && in.more(r) {
		return p.oneMore(w, r, travelPage(in.travel(), in.rows()+1))
	}
	var t workresume.Travel
	if err == nil {
		t, err = p.SaveTravel(r.Context(), web.Principal(r), workresume.TravelInput{Travel: in.travel(), Key: web.Once(r, "saveTravel", in)})
	}
	if err != nil {
		d, failed := p.asked(r, travelPage(in.travel(), in.rows()))
		if failed != nil {
			return failed
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return travelView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "travelpages.saved", "")
	return web.Done(w, r, healthBase, t)
}

// travelTakeBack removes what a helper said.
func (p *pages) travelTakeBack(w http.ResponseWriter, r *http.Request) error {
	t, err := p.TakeBackTravel(r.Context(), web.Principal(r), web.Once(r, "takeBackTravel", nil))
	if err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "travelpages.taken_back", "")
	return web.Done(w, r, travelBase, t)
}

// riskPage is the list as it stands. Result is what came of lines just sent.
type riskPage struct {
	List   []workresume.Risk
	Run    *workresume.RiskRun
	Result *workresume.RiskResult
	Tried  *riskTried // a file that was looked at
	Desk   bool
	About  string // the line whose form came back
}

func (p *pages) riskPage(r *http.Request, desk bool) (d riskPage, err error) {
	d.Desk = desk
	d.List, d.Run, err = p.Risks(r.Context())
	return d, err
}

func (p *pages) riskPublic(w http.ResponseWriter, r *http.Request) error {
	d, err := p.riskPage(r, false)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiRisks{d.List})
	}
	return web.Render(w, r, riskView(web.From(r), d, web.Blank(r)))
}

func (p *pages) riskShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.riskPage(r, true)
	if err != nil {
		return err
	}
	return web.Render(w, r, riskView(web.From(r), d, web.Blank(r)))
}

// riskInput is lines as pasted from a table: place, level, from, until, source.
type riskInput struct {
	Lines string `form:"lines" json:"lines" max:"160000"` // 500 as long as they may be
}

// riskLevels are the words a level may be written with.
var riskLevels = map[string]string{"低": "low", "中": "medium", "高": "high", "低风险": "low", "中风险": "medium", "高风险": "high"}

// lines reads CSV, or the tabs of a copied spreadsheet; a heading is passed over. A
// source may hold commas, since it is last.
func (in riskInput) lines() ([]workresume.RiskLine, error) {
	rows := csv.NewReader(strings.NewReader(strings.NewReplacer("\ufeff", "", "\t", ",", "，", ",").Replace(in.Lines)))
	rows.FieldsPerRecord = -1
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.fields").With("lines", "travelpages.unreadable")
	}
	var out []workresume.RiskLine
	for i, c := range all {
		level := riskLevel(nth(c, 1))
		if i == 0 && (level == "level" || strings.Contains(level, "等级")) {
			continue
		}
		out = append(out, workresume.RiskLine{Line: i + 1, Place: nth(c, 0), Level: level, From: nth(c, 2), Until: nth(c, 3), Source: strings.TrimSpace(strings.Join(c[min(4, len(c)):], ","))})
	}
	return out, nil
}

func (p *pages) riskAdd(w http.ResponseWriter, r *http.Request) error {
	var in riskInput
	err := web.Decode(r, &in)
	var lines []workresume.RiskLine
	if err == nil {
		lines, err = in.lines()
	}
	var out workresume.RiskResult
	if err == nil {
		out, err = p.AddRisks(r.Context(), web.Principal(r), workresume.RiskInput{Lines: lines, Key: web.Once(r, "addRisks", in)})
	}
	if err == nil && web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, out)
	}
	d, failed := p.riskPage(r, true)
	if failed != nil {
		return failed
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return riskView(web.From(r), d, f) })
	}
	d.Result = &out
	return web.Render(w, r, riskView(web.From(r), d, web.Blank(r)))
}

// riskEndInput is why a line goes.
type riskEndInput struct {
	Reason string `form:"reason" json:"reason" max:"200"`
}

func (p *pages) riskEnd(w http.ResponseWriter, r *http.Request) error {
	var in riskEndInput
	err := web.Decode(r, &in)
	id := r.PathValue("risk")
	if err == nil {
		err = p.EndRisk(r.Context(), web.Principal(r), id, in.Reason, web.Once(r, "endRisk "+id, in))
	}
	switch {
	case err == nil:
		web.Flash(w, r, ui.Valid, "travelpages.risk_ended", "")
		return web.Done(w, r, riskBase, apiRiskEnded{id})
	case fault.KindOf(err) == fault.NotFound:
		return err
	}
	d, failed := p.riskPage(r, true)
	if failed != nil {
		return failed
	}
	d.About = id
	return web.Again(err, func(f *ui.Form) templ.Component { return riskView(web.From(r), d, f) })
}

func riskState(level string) ui.State {
	switch level {
	case "high":
		return ui.Stop
	case "medium":
		return ui.Warn
	}
	return ui.Valid
}

func riskColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("travelpages.place"), Title: true},
		{Label: p.T("travelpages.level")},
		{Label: p.T("travelpages.days")},
		{Label: p.T("travelpages.source")},
		{Label: p.T("travelpages.risk_end")},
	}
}

func riskDays(p *ui.Page, x workresume.Risk) string {
	if x.Until == "" {
		return p.T("travelpages.since", "day", dayWords(p, x.From))
	}
	return p.T("travelpages.from_until", "from", dayWords(p, x.From), "until", dayWords(p, x.Until))
}
