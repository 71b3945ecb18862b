// Package privacyweb is the pages of package privacy: the notice, who looked at
// me, my requests, and the officer's desk for them.
//
// It refuses to decide anything; package privacy does.
package privacyweb

import (
	"encoding/json"
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/privacy"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// Pages are the pages of the service.
type Pages struct{ *privacy.Service }

type correctInput struct {
	Field string `form:"field" json:"field" max:"20"`
	Wish  string `form:"wish" json:"wish" max:"200"`
}

type eraseInput struct {
	Why string `form:"why" json:"why" max:"300"`
}

type settleInput struct {
	Act    string `form:"act" json:"act" max:"10"` // "grant" or "refuse"
	Reason string `form:"reason" json:"reason" max:"300"`
}

// grants reads the act. Anything but the two words is neither: a slip must not
// refuse somebody.
//
// Faults: Invalid with field act.
func (in settleInput) grants() (bool, error) {
	if in.Act != "grant" && in.Act != "refuse" {
		return false, fault.New(fault.Invalid, "privacy.invalid").With("act", "privacy.act")
	}
	return in.Act == "grant", nil
}

// mine is what one's own page shows beside its forms.
type mine struct {
	Requests []privacy.Request
	Records  []privacy.OwnRecord // none where there is one
	Kept     []party.Told
}

// Routes are the pages.
func Routes(s *privacy.Service) web.Routes {
	p := Pages{s}
	return web.Routes{
		{Method: "GET", Path: "/privacy", Handler: p.notice, Access: web.Public},
		{Method: "GET", Path: "/me/seen", Handler: p.seen, Access: web.Needs(privacy.MayAsk)},
		{Method: "GET", Path: "/me/data", Handler: p.data, Access: web.Needs(privacy.MayAsk)},
		{Method: "GET", Path: "/me/data/file", Handler: p.file, Access: web.Needs(privacy.MayAsk), Twin: "getOwnData"},
		{Method: "POST", Path: "/me/data/correct", Handler: p.correct, Access: web.Needs(privacy.MayAsk), Input: correctInput{}},
		{Method: "POST", Path: "/me/data/erase", Handler: p.erase, Access: web.Needs(privacy.MayAsk), Input: eraseInput{}},
		{Method: "GET", Path: "/desk/privacy", Handler: p.desk, Access: web.Needs(privacy.MaySettle), Whole: true},
		{Method: "GET", Path: "/desk/privacy/{request}", Handler: p.one, Access: web.Needs(privacy.MaySettle)},
		{Method: "POST", Path: "/desk/privacy/{request}", Handler: p.settle, Access: web.Needs(privacy.MaySettle), Input: settleInput{}},
	}
}

func (p Pages) notice(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, noticeView(web.From(r)))
}

func (p Pages) seen(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Seen(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, seenView(web.From(r), list))
}

func (p Pages) data(w http.ResponseWriter, r *http.Request) error {
	m, err := p.mine(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, dataView(web.From(r), m, web.Blank(r), web.Blank(r), web.Blank(r)))
}

// mine gathers what one's own page shows.
func (p Pages) mine(r *http.Request) (m mine, err error) {
	ctx, by := r.Context(), web.Principal(r)
	if m.Requests, err = p.Mine(ctx, by); err != nil {
		return m, err
	}
	if m.Records, err = p.OwnRecords(ctx, by); err != nil {
		return m, err
	}
	own, err := p.OwnData(ctx, by, string(web.Language(r)))
	if fault.Is(err, "party.erased") {
		err = nil // the answer to what they asked is still theirs to read
	}
	m.Kept = own.Kept
	return m, err
}

// file is everything in a form that other programs read, for the person to take along.
func (p Pages) file(w http.ResponseWriter, r *http.Request) error {
	own, err := p.OwnFile(r.Context(), web.Principal(r), string(web.Language(r)))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="my-data.json"`)
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(own)
}

func (p Pages) correct(w http.ResponseWriter, r *http.Request) error {
	var in correctInput
	err := web.Decode(r, &in)
	return p.ask(w, r, err, privacy.AskInput{Kind: privacy.Correct, Field: in.Field, Wish: in.Wish, Key: web.Once(r, "askCorrection", in)},
		func(m mine, f *ui.Form) templ.Component {
			if in.Field == privacy.Records {
				return dataView(web.From(r), m, web.Blank(r), web.Blank(r), f)
			}
			return dataView(web.From(r), m, f, web.Blank(r), web.Blank(r))
		})
}

func (p Pages) erase(w http.ResponseWriter, r *http.Request) error {
	var in eraseInput
	err := web.Decode(r, &in)
	return p.ask(w, r, err, privacy.AskInput{Kind: privacy.Erase, Wish: in.Why, Key: web.Once(r, "askErasure", in)},
		func(m mine, f *ui.Form) templ.Component {
			return dataView(web.From(r), m, web.Blank(r), f, web.Blank(r))
		})
}

func (p Pages) ask(w http.ResponseWriter, r *http.Request, err error, in privacy.AskInput, draw func(mine, *ui.Form) templ.Component) error {
	var q privacy.Request
	if err == nil {
		q, err = p.Ask(r.Context(), web.Principal(r), in)
	}
	if err != nil {
		m, failed := p.mine(r)
		if failed != nil {
			return failed
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return draw(m, f) })
	}
	web.Flash(w, r, ui.Valid, "privacy.asked", "")
	return web.Done(w, r, "/me/data", q)
}

func (p Pages) desk(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Waiting(r.Context(), web.Principal(r), r.URL.Query().Get("after"), 50)
	if err != nil {
		return err
	}
	return web.Render(w, r, deskView(web.From(r), list))
}

func (p Pages) one(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Case(r.Context(), web.Principal(r), r.PathValue("request"))
	if err != nil {
		return err
	}
	return web.Render(w, r, caseView(web.From(r), c, web.Blank(r)))
}

func (p Pages) settle(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Case(r.Context(), web.Principal(r), r.PathValue("request"))
	if err != nil {
		return err
	}
	var in settleInput
	var q privacy.Request
	var grant bool
	if err = web.Decode(r, &in); err == nil {
		grant, err = in.grants()
	}
	if err == nil {
		q, err = p.Settle(r.Context(), web.Principal(r), privacy.SettleInput{Request: c.ID, Grant: grant, Reason: in.Reason, Key: web.Once(r, "settlePrivacy:"+c.ID, in)})
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return caseView(web.From(r), c, f) })
	}
	web.Flash(w, r, ui.Valid, "privacy.settled_"+q.State, "")
	return web.Done(w, r, "/desk/privacy", q)
}
