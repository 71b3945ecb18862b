package workresumeweb

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// filingInput is what the form sends. Act is "check" to see the answers and what
// the rules will say, "change" to go back, "first" to take the first possible day,
// and empty to file.
type filingInput struct {
	Act            string `form:"act" json:"act,omitempty" max:"10"`
	Class          string `form:"class" json:"class" max:"20"`
	Industry       string `form:"industry" json:"industry" max:"60"`
	Promise        bool   `form:"promise" json:"promise"`
	Signatory      string `form:"signatory" json:"signatory" max:"60"`
	Declared       int64  `form:"declared_headcount" json:"declared_headcount"`
	Masks          int64  `form:"masks" json:"masks"`
	Thermometers   int64  `form:"thermometers" json:"thermometers"`
	Disinfectant   int64  `form:"disinfectant_litres" json:"disinfectant_litres"`
	IsolationRooms int64  `form:"isolation_rooms" json:"isolation_rooms"`
	Start          string `form:"start" json:"start,omitempty" max:"10"`
}

func (in filingInput) filing() workresume.Filing {
	return workresume.Filing{
		Class: workresume.Class(in.Class), Industry: in.Industry, Promise: in.Promise, Signatory: in.Signatory, Declared: in.Declared,
		Masks: in.Masks, Thermometers: in.Thermometers, Disinfectant: in.Disinfectant, IsolationRooms: in.IsolationRooms,
		Start: in.Start,
	}
}

// pairs are the answers as the form's fields, to be filled in again or carried on.
func filingPairs(f workresume.Filing) []string {
	out := []string{
		"class", string(f.Class), "industry", f.Industry, "signatory", f.Signatory, "declared_headcount", whole(f.Declared),
		"masks", whole(f.Masks), "thermometers", whole(f.Thermometers), "disinfectant_litres", whole(f.Disinfectant), "isolation_rooms", whole(f.IsolationRooms), "start", f.Start,
	}
	if f.Promise {
		out = append(out, "promise", "on")
	}
	return out
}

// filePage is the form's page.
type filePage struct {
	office
	Firm workresume.Firm
	Pack *rule.Pack

	First time.Time // the first day of work that may be named
	Ahead int64     // days of notice
}

// checkPage shows the answers and what the rules will say to them.
type checkPage struct {
	filePage
	Filing   workresume.Filing
	Decision rule.Decision
	Key      string
}

func (p *pages) filePage(o office, f workresume.Firm) filePage {
	d := filePage{office: o, Firm: f, Pack: p.Rules()}
	d.First, d.Ahead = p.FirstStart()
	return d
}

func (p *pages) firmShowFile(w http.ResponseWriter, r *http.Request, o office) error {
	f, err := p.Firm(r.Context(), web.Principal(r), o.Firm)
	if err != nil {
		return err
	}
	var filled []string
	if f.Filing != nil {
		filled = filingPairs(*f.Filing)
	}
	return web.Render(w, r, firmFileView(web.From(r), p.filePage(o, f), web.Blank(r, filled...)))
}

func (p *pages) firmFile(w http.ResponseWriter, r *http.Request, o office) error {
	ctx, by := r.Context(), web.Principal(r)
	var in filingInput
	bad := web.Decode(r, &in)
	f, err := p.Firm(ctx, by, o.Firm)
	if err != nil {
		return err
	}
	page := p.filePage(o, f)
	again := func(form *ui.Form) templ.Component { return firmFileView(web.From(r), page, form) }
	if bad != nil {
		return web.Again(bad, again)
	}
	filing := workresume.FileInput{Firm: o.Firm, Filing: in.filing()}
	switch in.Act {
	case "check":
		d, err := p.Rehearse(ctx, by, filing)
		if err != nil {
			return web.Again(err, again)
		}
		return web.Render(w, r, firmCheckView(web.From(r), checkPage{page, filing.Filing, d, r.PostForm.Get("key")}))
	case "first":
		filing.Start = page.First.Format(time.DateOnly)
		return web.Render(w, r, again(web.Blank(r, filingPairs(filing.Filing)...)))
	case "change":
		return web.Render(w, r, again(web.Blank(r, filingPairs(filing.Filing)...)))
	}
	filing.Key = web.Once(r, "workresume.file", filing.Filing)
	if f, err = p.File(ctx, by, filing); err != nil {
		return web.Again(err, again)
	}
	web.Flash(w, r, firmState(f.State), "firmpages.filed_"+string(f.State), "")
	return web.Done(w, r, o.Base, f)
}
