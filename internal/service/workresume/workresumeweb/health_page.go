package workresumeweb

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const healthBase = "/me/health"

func (p *pages) healthRoutes() web.Routes {
	may := web.Needs(workresume.MayReport)
	return web.Routes{
		{Method: "GET", Path: healthBase, Handler: p.showHealth, Access: may, Twin: "getHealth"},
		{Method: "POST", Path: healthBase, Handler: p.reportHealth, Access: may, Input: healthInput{}, Twin: "reportHealth"},
		{Method: "POST", Path: healthBase + "/appeal", Handler: p.appealHealth, Access: may, Input: healthAppealInput{}, Twin: "appealRestriction"},
	}
}

// healthInput is today's report; empty, it says that there is nothing new.
type healthInput struct {
	Temperature string   `form:"temperature" json:"temperature" max:"8"`
	Symptoms    []string `form:"symptoms" json:"symptoms"`
	Contact     string   `form:"contact" json:"contact" max:"5"`
}

func (in healthInput) report() (out workresume.ReportInput, err error) {
	out.Contact = in.Contact == "yes"
	for _, s := range in.Symptoms {
		out.Symptoms = append(out.Symptoms, workresume.Symptom(s))
	}
	out.Tenths, err = tenths(in.Temperature)
	return out, err
}

// tenths reads degrees as people type them: 36.8, 36,8 or 36.8℃. Nothing is 0.
func tenths(text string) (int64, error) {
	text = strings.TrimSpace(strings.NewReplacer(",", ".", "，", ".", "。", ".", "℃", "", "°C", "", "度", "").Replace(text))
	if text == "" {
		return 0, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0 && x < 100) {
		return 0, fault.New(fault.Invalid, "fault.fields").With("temperature", "workresume.temperature", "least", "34.0", "most", "43.0")
	}
	return int64(x*10 + 0.5), nil
}

func (p *pages) showHealth(w http.ResponseWriter, r *http.Request) error {
	h, err := p.HealthOf(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, healthOf(h, string(web.Language(r))))
	}
	return web.Render(w, r, healthView(web.From(r), h, web.Blank(r), web.Blank(r)))
}

func (p *pages) reportHealth(w http.ResponseWriter, r *http.Request) error {
	var in healthInput
	err := web.Decode(r, &in)
	var h workresume.Health
	if err == nil {
		var x workresume.ReportInput
		if x, err = in.report(); err == nil {
			x.Key = web.Once(r, "reportHealth", in)
			h, err = p.ReportHealth(r.Context(), web.Principal(r), x)
		}
	}
	if err != nil {
		return p.healthAgain(r, err, func(h workresume.Health, f *ui.Form) templ.Component {
			return healthView(web.From(r), h, f, web.Blank(r))
		})
	}
	web.Flash(w, r, ui.Valid, "healthpages.done", "")
	return web.Done(w, r, healthBase, healthOf(h, string(web.Language(r))))
}

// healthAgain draws the page once more with the form that came back.
func (p *pages) healthAgain(r *http.Request, err error, draw func(workresume.Health, *ui.Form) templ.Component) error {
	h, unseen := p.HealthOf(r.Context(), web.Principal(r))
	if unseen != nil {
		return unseen
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return draw(h, f) })
}

// healthAppealInput is a person who says that a restriction is wrong.
type healthAppealInput struct {
	Restriction string `form:"restriction" json:"restriction" max:"60"`
	Reason      string `form:"reason" json:"reason" max:"1000"`
}

func (p *pages) appealHealth(w http.ResponseWriter, r *http.Request) error {
	var in healthAppealInput
	err := web.Decode(r, &in)
	var h workresume.Health
	if err == nil {
		h, err = p.AppealRestriction(r.Context(), web.Principal(r), workresume.RestrictionAppeal{
			Restriction: in.Restriction, Reason: in.Reason, Key: web.Once(r, "appealRestriction", in),
		})
	}
	if err != nil {
		return p.healthAgain(r, err, func(h workresume.Health, f *ui.Form) templ.Component {
			return healthView(web.From(r), h, web.Blank(r), f)
		})
	}
	web.Flash(w, r, ui.Wait, "healthpages.appealed", "")
	return web.Done(w, r, healthBase, healthOf(h, string(web.Language(r))))
}

// healthAnswer is one's own health for a program.
type healthAnswer struct {
	Day      string                    `json:"day"`
	Colour   string                    `json:"colour" enum:"green,yellow,red"`
	Reported bool                      `json:"reported_today"`
	Clean    int64                     `json:"clean_days" doc:"Clean reports in a row, a day each."`
	Counters []workresume.Counter      `json:"counters" doc:"How far one is out of the colour: day done of so many, since the day of the fact, and the earliest end. Timed ones pass by themselves."`
	Turns    string                    `json:"turns" doc:"The earliest day on which clean reports turn the colour green; empty where they do not decide."`
	Ends     string                    `json:"ends" doc:"When the colour lapses by itself, RFC 3339; empty for green."`
	Why      []healthWhy               `json:"why"`
	Reports  []workresume.HealthReport `json:"reports" doc:"Of 14 days, newest first, corrections before what they correct. Temperatures are tenths of a degree Celsius."`
	Held     *workresume.Restriction   `json:"restriction" doc:"What two officers decided, and where an appeal stands; null for none."`
	Past     []workresume.Restriction  `json:"past" doc:"Restrictions that ended."`
}

// healthWhy is one reason, and what changes it.
type healthWhy struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Mend   string `json:"mend"`
}

func healthOf(h workresume.Health, lang string) healthAnswer {
	out := healthAnswer{
		Day: h.Day, Colour: h.Level.String(), Reported: h.Reported, Clean: h.Run, Turns: h.Turns, Counters: h.Counters,
		Why: []healthWhy{}, Reports: h.Reports, Held: h.Restriction, Past: h.Past,
	}
	if !h.Ends.IsZero() {
		out.Ends = h.Ends.Format("2006-01-02T15:04:05Z07:00")
	}
	for _, f := range h.Findings {
		out.Why = append(out.Why, healthWhy{f.Rule, f.Reason.In(lang), f.Mend.In(lang)})
	}
	return out
}

func levelState(l workresume.Level) ui.State {
	switch l {
	case workresume.Red:
		return ui.Stop
	case workresume.Yellow:
		return ui.Warn
	case workresume.Green:
	}
	return ui.Valid
}

func levelWord(p *ui.Page, level string) string { return p.T("workresume.level." + level) }

func symptomOptions(p *ui.Page) []ui.Option {
	var out []ui.Option
	for _, s := range workresume.Symptoms() {
		out = append(out, ui.Option{Value: string(s), Text: p.T("workresume.symptom." + string(s))})
	}
	return out
}

// reportWords is a report in one line.
func reportWords(p *ui.Page, x workresume.HealthReport) string {
	var parts []string
	if x.Tenths > 0 {
		parts = append(parts, p.T("healthpages.degrees", "n", p.Decimal(float64(x.Tenths)/10, 1)))
	}
	for _, s := range x.Symptoms {
		parts = append(parts, p.T("workresume.symptom."+string(s)))
	}
	if x.Contact {
		parts = append(parts, p.T("healthpages.contact"))
	}
	if len(parts) == 0 {
		return p.T("healthpages.nothing")
	}
	return p.List(parts)
}

func healthFacts(p *ui.Page, h workresume.Health) []ui.Fact {
	out := []ui.Fact{{Term: p.T("gatepages.name"), Text: h.Name}, {Term: p.T("healthpages.run"), Text: p.T("healthpages.days", "n", h.Run)}}
	if h.Turns != "" && len(h.Counters) == 0 { // a counter says it itself
		out = append(out, ui.Fact{Term: p.T("healthpages.turns"), Text: h.Turns})
	}
	if h.Level != workresume.Green {
		out = append(out, ui.Fact{Term: p.T("healthpages.ends"), Text: p.DateTime(h.Ends)})
	}
	return out
}

// titled are the words of a restriction's reason.
func titled(list []workresume.RestrictionReason, code, lang string) string {
	for _, x := range list {
		if x.Code == code {
			return x.Title.In(lang)
		}
	}
	return code
}

// restrictionFacts are who did what, when and until when, as the person reads it.
func restrictionFacts(p *ui.Page, x workresume.Restriction) []ui.Fact {
	out := []ui.Fact{
		{Term: p.T("healthpages.asked"), Text: x.Asked},
		{Term: p.T("healthpages.confirmed"), Text: x.Confirmed},
		{Term: p.T("healthpages.note"), Text: x.Note},
		{Term: p.T("healthpages.since"), Text: p.DateTime(x.Since)},
		{Term: p.T("healthpages.until"), Text: p.DateTime(x.Until)},
	}
	if !x.Ended.IsZero() {
		out = append(out, ui.Fact{Term: p.T("healthpages.ended"), Text: p.DateTime(x.Ended)})
	}
	if x.Lifted != "" {
		out = append(out, ui.Fact{Term: p.T("healthpages.lifted"), Text: x.Lifted}, ui.Fact{Term: p.T("healthpages.lift_reason"), Text: x.Why})
	}
	return out
}

// appealFacts are where an appeal stands.
func appealFacts(p *ui.Page, x workresume.Appealed) []ui.Fact {
	out := []ui.Fact{{Term: p.T("healthpages.appeal_note"), Text: x.Note}, {Term: p.T("healthpages.appeal_at"), Text: p.DateTime(x.At)}}
	if x.ByHelper {
		name := x.Helper
		if name == "" {
			name = p.T("helppages.office")
		}
		out = append(out, ui.Fact{Term: p.T("healthpages.appeal_of_helper"), Text: name})
	}
	if x.Outcome == "" {
		return append(out, ui.Fact{Term: p.T("healthpages.appeal_due"), Text: p.DateTime(x.Due), State: ui.Wait})
	}
	state := ui.Stop
	if x.Outcome == workresume.Lifted {
		state = ui.Valid
	}
	return append(out, ui.Fact{Term: p.T("healthpages.appeal_outcome"), Text: p.T("healthpages.outcome_" + x.Outcome), State: state},
		ui.Fact{Term: p.T("healthpages.appeal_answer"), Text: x.Answer})
}

// moreKey is the long form's own key: a tap and then a correction are two reports.
func moreKey(p *ui.Page, f *ui.Form) *ui.Form {
	if f.Bad() {
		return f
	}
	return &ui.Form{Key: p.Ticket()}
}
