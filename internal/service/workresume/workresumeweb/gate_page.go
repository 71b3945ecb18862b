package workresumeweb

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

func (p *pages) gateRoutes() web.Routes {
	may := web.Needs(workresume.MayCheck)
	return web.Routes{
		{Method: "GET", Path: "/gate", Handler: p.showGate, Access: may, Class: admission.Gate, Scanner: true},
		{Method: "GET", Path: gateAway, Handler: p.showGateAway, Access: web.Public, Class: admission.Gate, Scanner: true},
		{Method: "GET", Path: gateWorker, Handler: p.gateWorker, Access: web.Public, Class: admission.Gate},
		{Method: "POST", Path: "/gate", Handler: p.checkGate, Access: may, Class: admission.Gate, Scanner: true, Input: gateInput{}, Twin: "checkAtGate"},
		{Method: "POST", Path: "/gate/undo", Handler: p.undoGate, Access: may, Class: admission.Gate, Input: gateUndoInput{}, Twin: "undoCheck"},
		{Method: "POST", Path: "/gate/count", Handler: p.countGate, Access: may, Class: admission.Gate, Scanner: true, Input: gateCountInput{}, Twin: "correctCount"},
	}
}

// gateData is what the guard's page draws.
type gateData struct {
	workresume.GateDesk
	Direction workresume.Direction
	Answer    *workresume.Check // of the check just made
	Now       time.Time
	Fail      string // which form came back: "check" or "count"
	Lists     string // the status lists to keep for when the network is gone, by number
	Trust     string // where the district's keys are listed
	Away      bool   // the page for when the network is gone: of no gate and of nobody
}

// at is the page of this gate, keeping the direction.
func (d gateData) at(more ...string) string {
	q := url.Values{"gate": {d.Gate.ID}, "direction": {string(d.Direction)}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "/gate?" + q.Encode()
}

// form is the form that came back for the one, a blank one for the other.
func (d gateData) form(which string, f *ui.Form) *ui.Form {
	if d.Fail == which || d.Fail == "" {
		return f
	}
	return &ui.Form{Key: f.Key}
}

// undoable is whether a wrong tap may still be taken back; who was not admitted
// was not counted either.
func (d gateData) undoable(c workresume.Check) bool {
	return c.Admit && !c.Undone && d.Now.Sub(c.At) < workresume.UndoWithin
}

func gateDirection(s string) workresume.Direction {
	if workresume.Direction(s) == workresume.Out {
		return workresume.Out
	}
	return workresume.In
}

// showGate is the guard's page; a guard of several gates chooses one first.
func (p *pages) showGate(w http.ResponseWriter, r *http.Request) error {
	q, by := r.URL.Query(), web.Principal(r)
	gate := q.Get("gate")
	if gate == "" && by.Scope.Kind != auth.AtGate {
		list, err := p.Gates.Gates(r.Context(), by.Scope, string(web.Language(r)))
		if err != nil {
			return err
		}
		return web.Render(w, r, gateChoiceView(web.From(r), list))
	}
	d, err := p.gateDesk(r, gate, gateDirection(q.Get("direction")))
	if err != nil {
		return err
	}
	for i, c := range d.Recent {
		if ref := q.Get("check"); ref != "" && c.Reference == ref && !c.Undone {
			d.Answer = &d.Recent[i]
			d.Answer.Inside = d.Inside
		}
	}
	return p.drawGate(w, r, d)
}

func (p *pages) gateDesk(r *http.Request, gate string, dir workresume.Direction) (gateData, error) {
	desk, err := p.AtGate(r.Context(), web.Principal(r), gate)
	if err != nil {
		return gateData{}, err
	}
	// The service knows the name at the door; the reader's language may have another.
	named, err := p.Gates.Gates(r.Context(), auth.Gate(desk.Gate.ID), string(web.Language(r)))
	for _, g := range named {
		desk.Gate.Name = g.Name
	}
	lists, err2 := p.Status.Lists(r.Context())
	return gateData{GateDesk: desk, Direction: dir, Now: p.Now(), Lists: numbered(lists), Trust: p.TrustList}, errors.Join(err, err2)
}

// numbered are numbers with a space between.
func numbered(list []int64) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.FormatInt(n, 10))
	}
	return strings.Join(out, " ")
}

// drawGate answers with the page, or with the part a script asked for.
func (p *pages) drawGate(w http.ResponseWriter, r *http.Request, d gateData) error {
	if web.Fragment(r) {
		return web.Render(w, r, gateLive(web.From(r), d, web.Blank(r)))
	}
	return web.Render(w, r, gateView(web.From(r), d, web.Blank(r)))
}

// gateAgain draws the page once more with what was typed.
func (p *pages) gateAgain(r *http.Request, gate, dir, which string, err error) error {
	d, unseen := p.gateDesk(r, gate, gateDirection(dir))
	if unseen != nil || web.WantsJSON(r) {
		return err
	}
	d.Fail = which
	return web.Again(err, func(f *ui.Form) templ.Component {
		if web.Fragment(r) {
			return gateLive(web.From(r), d, f)
		}
		return gateView(web.From(r), d, f)
	})
}

// gateInput is one scan. In the page's one field a short code may be typed or a
// credential scanned; a program says which.
type gateInput struct {
	Gate      string `form:"gate" json:"gate" max:"60"`
	Text      string `form:"text" json:"text" max:"4096"`
	ShortCode string `form:"short_code" json:"short_code" max:"64"`
	Direction string `form:"direction" json:"direction" max:"10"`

	// Of a check that the page made without a network: when, and what it answered. The
	// key is the check's own, so these are no part of what it is bound to.
	MadeAt string `form:"made_at" json:"made_at,omitempty" max:"40"`
	Said   string `form:"said" json:"said,omitempty" max:"20"`
}

// live is the check without what the page answered by itself.
func (in gateInput) live() gateInput {
	in.MadeAt, in.Said = "", ""
	return in
}

// late is what the page answered by itself, nil if it asks.
func (in gateInput) late() (*workresume.Late, error) {
	if in.MadeAt == "" && in.Said == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, in.MadeAt)
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.fields").With("made_at", "fault.wrong_type", "want", i18n.Key("fault.want_text"))
	}
	return &workresume.Late{At: at, Said: workresume.Said(in.Said)}, nil
}

// gateAnswer is what a program at a gate is told.
type gateAnswer struct {
	Admit      bool                 `json:"admit"`
	Code       workresume.CheckCode `json:"code"`
	Reason     string               `json:"reason"`
	ReasonCode string               `json:"reason_code"`
	Inside     int64                `json:"inside"`
	Reference  string               `json:"reference"`
	Direction  workresume.Direction `json:"direction"`
	At         time.Time            `json:"at"`
	Undone     bool                 `json:"undone"`
	Said       workresume.Said      `json:"said,omitempty"`
	Now        workresume.CheckCode `json:"now,omitempty"`
}

func gateSaid(p *ui.Page, c workresume.Check) gateAnswer {
	return gateAnswer{c.Admit, c.Code, p.T(c.Reason), c.Reason, c.Inside, c.Reference, c.Direction, c.At, c.Undone, c.Said, c.Now}
}

func (p *pages) checkGate(w http.ResponseWriter, r *http.Request) error {
	var in gateInput
	if err := web.Decode(r, &in); err != nil {
		return p.gateAgain(r, in.Gate, in.Direction, "check", err)
	}
	key := web.Once(r, "checkAtGate", in.live())
	late, err := in.late()
	if err != nil {
		return p.gateAgain(r, in.Gate, in.Direction, "check", err)
	}
	by := web.Principal(r)
	if in.Gate == "" && by.Scope.Kind == auth.AtGate {
		in.Gate = by.Scope.ID
	}
	if in.ShortCode == "" && len(in.Text) <= 20 && !strings.Contains(in.Text, ":") {
		in.ShortCode, in.Text = in.Text, "" // typed, not scanned
	}
	c, err := p.CheckAtGate(r.Context(), by, workresume.CheckInput{
		Gate: in.Gate, Text: in.Text, ShortCode: in.ShortCode, Direction: workresume.Direction(in.Direction), Late: late, Key: key,
	})
	if err != nil {
		return p.gateAgain(r, in.Gate, in.Direction, "check", err)
	}
	d := gateData{GateDesk: workresume.GateDesk{Gate: workresume.Gate{ID: in.Gate}}, Direction: c.Direction}
	if !web.Fragment(r) {
		return web.Done(w, r, d.at("check", c.Reference), gateSaid(web.From(r), c))
	}
	if d, err = p.gateDesk(r, in.Gate, c.Direction); err != nil {
		return err
	}
	d.Answer = &c
	return p.drawGate(w, r, d)
}

type gateUndoInput struct {
	Gate      string `form:"gate" json:"gate" max:"60"`
	Reference string `form:"reference" json:"reference" max:"40"`
	Direction string `form:"direction" json:"direction" max:"10"`
}

// undoGate takes a wrong tap back.
func (p *pages) undoGate(w http.ResponseWriter, r *http.Request) error {
	var in gateUndoInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	by := web.Principal(r)
	key := web.Once(r, "undoCheck", in)
	if in.Gate == "" && by.Scope.Kind == auth.AtGate {
		in.Gate = by.Scope.ID
	}
	c, err := p.Undo(r.Context(), by, in.Gate, in.Reference, key)
	if err != nil {
		return err
	}
	d := gateData{GateDesk: workresume.GateDesk{Gate: workresume.Gate{ID: in.Gate}}, Direction: gateDirection(in.Direction)}
	if !web.Fragment(r) {
		web.Flash(w, r, ui.Valid, "gatepages.undone", c.Reference)
		return web.Done(w, r, d.at(), gateSaid(web.From(r), c))
	}
	if d, err = p.gateDesk(r, in.Gate, d.Direction); err != nil {
		return err
	}
	return p.drawGate(w, r, d)
}

type gateCountInput struct {
	Gate      string `form:"gate" json:"gate" max:"60"`
	Number    int64  `form:"number" json:"number"`
	Reason    string `form:"reason" json:"reason" max:"500"`
	Direction string `form:"direction" json:"direction" max:"10"`
}

// countGate sets the number inside after a head count.
func (p *pages) countGate(w http.ResponseWriter, r *http.Request) error {
	var in gateCountInput
	if err := web.Decode(r, &in); err != nil {
		return p.gateAgain(r, in.Gate, in.Direction, "count", err)
	}
	by := web.Principal(r)
	key := web.Once(r, "correctCount", in)
	if in.Gate == "" && by.Scope.Kind == auth.AtGate {
		in.Gate = by.Scope.ID
	}
	n, err := p.Correct(r.Context(), by, in.Gate, in.Number, in.Reason, key)
	if err != nil {
		return p.gateAgain(r, in.Gate, in.Direction, "count", err)
	}
	web.Flash(w, r, ui.Valid, "gatepages.corrected", "", "n", n)
	d := gateData{GateDesk: workresume.GateDesk{Gate: workresume.Gate{ID: in.Gate}}, Direction: gateDirection(in.Direction)}
	return web.Done(w, r, d.at(), map[string]int64{"inside": n})
}

// gateState is how loudly an answer is shown. What is not admitted is red, and a
// code used twice is amber: it may be a picture of somebody else's.
func gateState(c workresume.Check) ui.State {
	switch {
	case !c.Admit:
		return ui.Stop
	case c.Code == workresume.CheckRepeat:
		return ui.Warn
	}
	return ui.Valid
}

// gateWord is the one word of an answer.
func gateWord(p *ui.Page, c workresume.Check) string {
	switch {
	case !c.Admit:
		return p.T("gatepages.word_stop")
	case c.Code == workresume.CheckRepeat:
		return p.T("gatepages.word_repeat_" + string(c.Direction))
	}
	return p.T("gatepages.word_" + string(c.Direction))
}
