package workresumeweb

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// storyMost is how many facts the case shows.
const storyMost = 30

// casePage is one firm's file as an officer sees it.
type casePage struct {
	office
	Firm    workresume.Firm
	Pack    *rule.Pack
	Park    string
	Parks   []Park // to choose from, for who may say where the firm lies
	Imports []workresume.Import
	Story   []eventlog.Record
	Now     time.Time
}

func (p *pages) casePage(r *http.Request, o office) (d casePage, err error) {
	ctx, by := r.Context(), web.Principal(r)
	d.office, d.Pack, d.Now = o, p.Rules(), p.Now()
	if d.Firm, err = p.Firm(ctx, by, o.Firm); err != nil {
		return d, err
	}
	parks, err := p.Parks(ctx, string(web.From(r).Lang()))
	if err != nil {
		return d, err
	}
	d.Park = deskList{Parks: parks}.park(d.Firm.Park)
	if by.Permit(workresume.MayPark, workresume.Grants, auth.District(p.District)) == nil {
		d.Parks = parks
	}
	if d.Imports, err = p.Imports(ctx, by, o.Firm); err != nil {
		return d, err
	}
	if p.Stories != nil {
		d.Story, err = p.Stories.Story(ctx, "firm:"+o.Firm, storyMost)
	}
	return d, err
}

// parked is the form with the park that is chosen, or is so already.
func (d casePage) parked(f *ui.Form) *ui.Form {
	out := *f
	out.Values = url.Values{"park": {f.Or("park", d.Firm.Park)}}
	return &out
}

func (p *pages) deskCase(w http.ResponseWriter, r *http.Request, o office) error {
	d, err := p.casePage(r, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, caseView(web.From(r), d, web.Blank(r)))
}

// decisionInput is an officer's word. State is certified, returned, refused, or
// "rules" (in JSON also empty) to hand the file back. Act is "ask" to see first
// what follows.
type decisionInput struct {
	Act    string `form:"act" json:"act,omitempty" max:"10"`
	State  string `form:"state" json:"state" max:"20"`
	Reason string `form:"reason" json:"reason" max:"1000"`
}

// handBack is how a form says that the rules decide again: an empty choice would
// look like none.
const handBack = "rules"

func (in decisionInput) decision(firm string) workresume.DecideInput {
	d := workresume.DecideInput{Firm: firm, State: workresume.State(in.State), Reason: in.Reason}
	if in.State == handBack {
		d.State = ""
	}
	return d
}

// decidePage asks once more before an officer's word stands.
type decidePage struct {
	casePage
	In  decisionInput
	Key string
}

func (p *pages) deskDecide(w http.ResponseWriter, r *http.Request, o office) error {
	var in decisionInput
	bad := web.Decode(r, &in)
	d, err := p.casePage(r, o)
	if err != nil {
		return err
	}
	again := func(f *ui.Form) templ.Component { return caseView(web.From(r), d, f) }
	if bad != nil {
		return web.Again(bad, again)
	}
	if in.State == "" && !web.WantsJSON(r) {
		in.State = "unchosen" // refused below, at its field
	}
	want := in.decision(o.Firm)
	if in.Act == "ask" {
		if err := want.Check(d.Firm); err != nil {
			return web.Again(err, again)
		}
		return web.Render(w, r, decideView(web.From(r), decidePage{d, in, web.From(r).Ticket()}))
	}
	want.Key = web.Once(r, "workresume.decide", want)
	f, err := p.Decide(r.Context(), web.Principal(r), want)
	if err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, firmState(f.State), "firmpages.decided", "", "state", web.Printer(r).T("workresume.state."+string(f.State)))
	return web.Done(w, r, o.Base, f)
}

// decisionChoices are the words an officer may say; handing back is offered only
// while somebody's word stands.
func decisionChoices(p *ui.Page, f workresume.Firm) []ui.Option {
	var out []ui.Option
	for _, s := range []workresume.State{workresume.Certified, workresume.Returned, workresume.Refused} {
		out = append(out, ui.Option{Value: string(s), Text: p.T("workresume.state." + string(s)), Hint: p.T("firmpages.decide_" + string(s))})
	}
	if f.Override != nil {
		out = append(out, ui.Option{Value: handBack, Text: p.T("firmpages.hand_back"), Hint: p.T("firmpages.hand_back_hint")})
	}
	return out
}

// storyBody is what the facts of a firm's stream hold, as far as the story says it.
type storyBody struct {
	State    workresume.State `json:"state"`
	Reason   string           `json:"reason"`
	Declared int64            `json:"declared_headcount"`
	Roster   int64            `json:"roster"`
	From     int64            `json:"from"`
	Filed    int64            `json:"filed"`
	People   []string         `json:"people"`
	Joined   []string         `json:"joined"`
	Changed  []string         `json:"changed"`
	Review   []string         `json:"review"`
}

// story is what happened, newest first.
func story(p *ui.Page, list []eventlog.Record) []ui.Step {
	out := make([]ui.Step, 0, len(list))
	for _, rec := range list {
		title := rec.Name
		if key := "fact." + rec.Name; p.Has(key) {
			title = p.T(key)
		}
		var b storyBody
		text := []string{p.DateTime(rec.At)}
		if len(rec.Body) > 0 && json.Unmarshal(rec.Body, &b) == nil {
			text = append(text, b.words(p, rec.Name)...)
		}
		out = append(out, ui.Step{Title: title, Text: strings.Join(text, " · "), Done: true})
	}
	return out
}

func (b storyBody) words(p *ui.Page, name string) (out []string) {
	switch name {
	case "workresume.filed":
		out = append(out, p.T("firmpages.story_declared", "n", b.Declared))
	case "workresume.headcount":
		out = append(out, p.T("firmpages.story_headcount", "from", b.From, "to", b.Declared, "filed", b.Filed))
	case "workresume.decided":
		out = append(out, p.T("workresume.state."+string(b.State)), p.T("firmpages.story_roster", "n", b.Roster))
	case "workresume.overridden":
		if b.State == "" {
			out = append(out, p.T("firmpages.hand_back"))
		} else {
			out = append(out, p.T("workresume.state."+string(b.State)))
		}
		out = append(out, b.Reason)
	case "workresume.imported":
		for _, one := range []struct {
			key string
			n   int
		}{{"firmpages.story_joined", len(b.Joined)}, {"firmpages.story_changed", len(b.Changed)}, {"firmpages.story_review", len(b.Review)}} {
			if one.n > 0 {
				out = append(out, p.T(one.key, "n", one.n))
			}
		}
	case "workresume.left", "workresume.returned":
		out = append(out, p.T("firmpages.people", "n", len(b.People)))
	case "workresume.review_ended":
		out = append(out, b.Reason)
	}
	return out
}
