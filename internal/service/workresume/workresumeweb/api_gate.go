package workresumeweb

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/internal/admission"
	"breakwater/internal/i18n"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addGate(a *api.API) {
	show := hot(important(admission.Show, get("showCode", "/me/code", "codes", workresume.MayShow)))
	show.Quick = p.quickCode
	api.Add(a, show, p.showCode)
	const group = "gates"
	api.Add(a, important(admission.Gate, get("getGate", "/gate", group, workresume.MayCheck)), p.getGate)
	check := hot(important(admission.Gate, post("checkAtGate", "/gate/checks", group, workresume.MayCheck)))
	check.Quick = p.quickCheck
	api.Add(a, check, p.checkAtGate)
	api.Add(a, important(admission.Gate, post("undoCheck", "/gate/checks/{reference}/undo", group, workresume.MayCheck)), p.undoCheck)
	api.Add(a, important(admission.Gate, post("correctCount", "/gate/count", group, workresume.MayCheck)), p.correctCount)
}

// hot marks what a whole district asks for in one minute.
func hot(op api.Op) api.Op {
	op.Hot = true
	return op
}

// apiCode is the caller's own code.
type apiCode struct {
	State      workresume.CodeState `json:"state" enum:"valid,stopped,waiting"`
	Until      *time.Time           `json:"until" doc:"The code is signed afresh before; null unless valid."`
	Reason     string               `json:"reason"`
	ReasonCode string               `json:"reason_code"`
	Credential string               `json:"credential" doc:"Text of the QR; empty unless valid."`
	ShortCode  string               `json:"short_code" doc:"To read aloud; empty unless valid."`
	Name       string               `json:"name" doc:"Masked."`
	Firm       string               `json:"firm" doc:"The firm's name; empty for who is on no roster."`
}

func (p *resumptionAPI) showCode(ctx context.Context, c api.Call, _ *struct{}) (apiCode, error) {
	x, err := p.ShowCode(ctx, c.By)
	if err != nil {
		return apiCode{}, err
	}
	return codeSaid(x, c.Say), nil
}

func codeSaid(x workresume.Code, say *i18n.Printer) apiCode {
	return apiCode{x.State, moment(x.Until), say.T(x.Reason, "firm", x.Firm), x.Reason, x.Credential, x.ShortCode, x.Name, x.Firm}
}

// quickCode is showCode on the lane.
func (p *resumptionAPI) quickCode(q *web.QuickAnswer) bool {
	x, ok := p.ShownCode(q.Who)
	if ok {
		q.Body = codeSaid(x, q.Say).appendJSON(q.Body)
	}
	return ok
}

// appendJSON appends what json.Encoder writes, without its reflection: in the
// morning's rush that was half of what a code show took. Our own codes are of letters
// that are never escaped.
func (c apiCode) appendJSON(b []byte) []byte {
	b = append(append(append(b, `{"state":"`...), c.State...), '"')
	b = append(b, `,"until":`...)
	if c.Until == nil {
		b = append(b, "null"...)
	} else {
		b = append(c.Until.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
	b = appendText(append(b, `,"reason":`...), c.Reason)
	b = append(append(b, `,"reason_code":"`...), c.ReasonCode...)
	b = append(append(b, `","credential":"`...), c.Credential...) // Base45
	b = append(append(append(b, `","short_code":"`...), c.ShortCode...), '"')
	b = appendText(append(b, `,"name":`...), c.Name)
	b = appendText(append(b, `,"firm":`...), c.Firm)
	return append(b, "}\n"...)
}

// appendText appends a JSON string. What has to be escaped in any way is rare in
// names and goes to encoding/json.
func appendText(b []byte, text string) []byte {
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&':
			return appendEscaped(b, text)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && (!utf8.ValidString(text) || strings.IndexByte(text, 0xe2) >= 0 && strings.ContainsAny(text, "\u2028\u2029")) {
		return appendEscaped(b, text)
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendEscaped(b []byte, text string) []byte {
	said, _ := json.Marshal(text) // a string always can
	return append(b, said...)
}

type apiCheckInput struct {
	Body struct {
		Gate      string               `json:"gate,omitempty" doc:"Place id; may be left out by who stands at one gate."`
		Text      string               `json:"text,omitempty" max:"4096" maxLength:"4096" doc:"The scanned code; or short_code, one of the two."`
		ShortCode string               `json:"short_code,omitempty" max:"64" maxLength:"64" doc:"The code as read aloud."`
		Direction workresume.Direction `json:"direction" enum:"in,out"`

		MadeAt *time.Time      `json:"made_at,omitempty" doc:"Of a check that a phone made without a network, at most a day ago. With said, and under the key it had when it was made."`
		Said   workresume.Said `json:"said,omitempty" enum:"holds,ended,expired,forged,unknown,turned" doc:"What the phone answered; it stands. unknown, turned: it could not check, and the guard let somebody in or did not."`
	}
}

// apiCheck is a gate's answer.
type apiCheck struct {
	Admit      bool                 `json:"admit"`
	Code       workresume.CheckCode `json:"code" enum:"ok,repeat,expired,suspended,not_on_roster,unreadable,ask_person" doc:"Class of reason; never the fact behind it."`
	Reason     string               `json:"reason"`
	ReasonCode string               `json:"reason_code"`
	Inside     int64                `json:"inside" doc:"People counted inside after this check."`
	Reference  string               `json:"reference" doc:"May be read aloud; undoes the check."`
	Direction  workresume.Direction `json:"direction" enum:"in,out"`
	At         time.Time            `json:"at"`
	Undone     bool                 `json:"undone"`
	Said       workresume.Said      `json:"said,omitempty" doc:"Of a check made without a network: what the phone answered."`
	Now        workresume.CheckCode `json:"now,omitempty" doc:"And what would be answered now."`
}

func checked(x workresume.Check, say *i18n.Printer) apiCheck {
	return apiCheck{x.Admit, x.Code, say.T(x.Reason), x.Reason, x.Inside, x.Reference, x.Direction, x.At, x.Undone, x.Said, x.Now}
}

func (p *resumptionAPI) checkAtGate(ctx context.Context, c api.Call, in *apiCheckInput) (apiCheck, error) {
	b := in.Body
	gate, err := gateOf(c.By, b.Gate)
	if err != nil {
		return apiCheck{}, err
	}
	check := workresume.CheckInput{Gate: gate, Text: b.Text, ShortCode: b.ShortCode, Direction: b.Direction, Key: c.Key}
	if b.MadeAt != nil || b.Said != "" {
		// The key is the check's own: if it was decided here and only the answer was lost,
		// the phone hears the same again.
		live := *in
		live.Body.MadeAt, live.Body.Said = nil, ""
		check.Key, check.Late = web.Once(c.R, "checkAtGate", live), &workresume.Late{Said: b.Said}
		if b.MadeAt != nil {
			check.Late.At = *b.MadeAt
		}
	}
	x, err := p.CheckAtGate(ctx, c.By, check)
	if err != nil {
		return apiCheck{}, err
	}
	return checked(x, c.Say), nil
}

// quickCheck is checkAtGate on the lane. What fails there fails with its reason here.
func (p *resumptionAPI) quickCheck(q *web.QuickAnswer) bool {
	var in apiCheckInput
	if !in.read(q.Sent) {
		return false
	}
	gate, err := gateOf(q.Who, in.Body.Gate)
	if err != nil {
		return false
	}
	x, err := p.CheckAtGate(q.Context(), q.Who, workresume.CheckInput{
		Gate: gate, Text: in.Body.Text, ShortCode: in.Body.ShortCode, Direction: in.Body.Direction, Key: q.Once("checkAtGate", in),
	})
	if err == nil {
		q.Body = checked(x, q.Say).appendJSON(q.Body)
	}
	return err == nil
}

// read reads a check as a program writes it, and reports false if there is more to it.
func (in *apiCheckInput) read(b []byte) bool {
	seen := [...]bool{false, false, false, false}
	return web.Fields(b, func(name, value []byte) bool {
		var at int
		text := string(value)
		switch string(name) {
		case "gate":
			at, in.Body.Gate = 0, text
		case "text":
			at, in.Body.Text = 1, text
		case "short_code":
			at, in.Body.ShortCode = 2, text
		case "direction":
			at, in.Body.Direction = 3, workresume.Direction(text)
		default:
			return false
		}
		twice := seen[at]
		seen[at] = true
		return !twice
	})
}

// appendJSON appends what json.Encoder writes.
func (c apiCheck) appendJSON(b []byte) []byte {
	b = strconv.AppendBool(append(b, `{"admit":`...), c.Admit)
	b = appendText(append(b, `,"code":`...), string(c.Code))
	b = appendText(append(b, `,"reason":`...), c.Reason)
	b = appendText(append(b, `,"reason_code":`...), c.ReasonCode)
	b = strconv.AppendInt(append(b, `,"inside":`...), c.Inside, 10)
	b = appendText(append(b, `,"reference":`...), c.Reference)
	b = appendText(append(b, `,"direction":`...), string(c.Direction))
	b = append(c.At.AppendFormat(append(b, `,"at":"`...), time.RFC3339Nano), '"')
	b = strconv.AppendBool(append(b, `,"undone":`...), c.Undone)
	if c.Said != "" {
		b = appendText(append(b, `,"said":`...), string(c.Said))
	}
	if c.Now != "" {
		b = appendText(append(b, `,"now":`...), string(c.Now))
	}
	return append(b, "}\n"...)
}

type apiUndoInput struct {
	Reference string `path:"reference" doc:"Of the check."`
	Body      struct {
		Gate string `json:"gate,omitempty" doc:"Place id; may be left out by who stands at one gate."`
	}
}

func (p *resumptionAPI) undoCheck(ctx context.Context, c api.Call, in *apiUndoInput) (apiCheck, error) {
	gate, err := gateOf(c.By, in.Body.Gate)
	if err != nil {
		return apiCheck{}, err
	}
	x, err := p.Undo(ctx, c.By, gate, in.Reference, c.Key)
	if err != nil {
		return apiCheck{}, err
	}
	return checked(x, c.Say), nil
}

type apiCountInput struct {
	Body struct {
		Gate   string `json:"gate,omitempty" doc:"Place id; may be left out by who stands at one gate."`
		Number *int64 `json:"number" nullable:"false" minimum:"0" maximum:"1000000" doc:"People inside by head count."`
		Reason string `json:"reason" minLength:"2" maxLength:"500"`
	}
}

type apiCount struct {
	Inside int64 `json:"inside"`
}

func (p *resumptionAPI) correctCount(ctx context.Context, c api.Call, in *apiCountInput) (apiCount, error) {
	if in.Body.Number == nil {
		return apiCount{}, missing("number", "fault.wrong_type", "want", i18n.Key("fault.want_whole"))
	}
	gate, err := gateOf(c.By, in.Body.Gate)
	if err != nil {
		return apiCount{}, err
	}
	n, err := p.Correct(ctx, c.By, gate, *in.Body.Number, in.Body.Reason, c.Key)
	return apiCount{n}, err
}

type apiGateInput struct {
	Gate string `query:"gate" doc:"Place id; may be left out by who stands at one gate."`
}

// apiGate is a gate as its guard sees it.
type apiGate struct {
	Gate   string   `json:"gate"`
	Name   string   `json:"name"`
	Inside int64    `json:"inside"`
	Recent []apiTap `json:"recent" doc:"The latest checks here, newest first."`
}

func (p *resumptionAPI) getGate(ctx context.Context, c api.Call, in *apiGateInput) (apiGate, error) {
	gate, err := gateOf(c.By, in.Gate)
	if err != nil {
		return apiGate{}, err
	}
	d, err := p.AtGate(ctx, c.By, gate)
	if err != nil {
		return apiGate{}, err
	}
	out := apiGate{d.Gate.ID, d.Gate.Name, d.Inside, make([]apiTap, len(d.Recent))}
	for i, x := range d.Recent {
		out.Recent[i] = tapped(x, c.Say)
	}
	return out, nil
}

// apiTap is an earlier check; the number inside is not kept with it.
type apiTap struct {
	Admit      bool                 `json:"admit"`
	Code       workresume.CheckCode `json:"code" enum:"ok,repeat,expired,suspended,not_on_roster,unreadable,ask_person" doc:"Class of reason; never the fact behind it."`
	Reason     string               `json:"reason"`
	ReasonCode string               `json:"reason_code"`
	Reference  string               `json:"reference" doc:"May be read aloud; undoes the check."`
	Direction  workresume.Direction `json:"direction" enum:"in,out"`
	At         time.Time            `json:"at"`
	Undone     bool                 `json:"undone"`
}

func tapped(x workresume.Check, say *i18n.Printer) apiTap {
	return apiTap{x.Admit, x.Code, say.T(x.Reason), x.Reason, x.Reference, x.Direction, x.At, x.Undone}
}
