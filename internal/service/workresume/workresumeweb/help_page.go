package workresumeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const (
	helpBase     = "/me/helping"
	helpDeskBase = "/desk/helping"
)

func (p *pages) helpRoutes() web.Routes {
	own, desk := web.Needs(workresume.MayReport), web.Needs(workresume.MayArrange)
	return web.Routes{
		{Method: "GET", Path: helpBase, Handler: p.helpShow, Access: own, Twin: "listHelping"},
		{Method: "POST", Path: helpBase + "/code", Handler: p.helpOffer, Access: own, Input: helpOfferInput{}, Twin: "offerHelp"},
		{Method: "POST", Path: helpBase + "/accept", Handler: p.helpAccept, Access: own, Input: helpAcceptInput{}, Twin: "acceptHelp"},
		{Method: "POST", Path: helpBase + "/{help}", Handler: p.helpReport(helpBase), Access: own, Input: healthInput{}, Twin: "reportHelped"},
		{Method: "POST", Path: helpBase + "/{help}/end", Handler: p.helpEnd(helpBase), Access: own, Input: helpEndInput{}, Twin: "endHelp"},
		{Method: "GET", Path: helpBase + "/{help}/travel", Handler: p.helpTravel(helpBase), Access: own},
		{Method: "POST", Path: helpBase + "/{help}/travel", Handler: p.helpTravelled(helpBase), Access: own, Input: travelInput{}, Twin: "saveTravelHelped"},
		{Method: "GET", Path: helpDeskBase + "/{help}/travel", Handler: p.helpTravel(helpDeskBase), Access: desk},
		{Method: "POST", Path: helpDeskBase + "/{help}/travel", Handler: p.helpTravelled(helpDeskBase), Access: desk, Input: travelInput{}, Twin: "saveTravelHelped"},
		{Method: "GET", Path: helpDeskBase, Handler: p.helpDesk, Access: desk, Twin: "listHelped"},
		{Method: "GET", Path: helpDeskBase + "/new", Handler: p.helpNew, Access: desk},
		{Method: "POST", Path: helpDeskBase, Handler: p.helpArrange, Access: desk, Input: helpArrangeInput{}, Twin: "arrangeHelp"},
		{Method: "POST", Path: helpDeskBase + "/{help}", Handler: p.helpReport(helpDeskBase), Access: desk, Input: healthInput{}, Twin: "reportHelped"},
		{Method: "POST", Path: helpDeskBase + "/{help}/end", Handler: p.helpEnd(helpDeskBase), Access: desk, Input: helpEndInput{}, Twin: "endHelp"},
	}
}

// helpPage is both directions of help. Fresh is a code just made, shown once; About
// is the relation whose report came back with a fault.
type helpPage struct {
	workresume.Helping
	Fresh *workresume.HelpCode
	About string
}

func (p *pages) helpShow(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Service.Helping(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, helpingOf(list))
	}
	return web.Render(w, r, helpView(web.From(r), helpPage{Helping: list}, web.Blank(r)))
}

// helpOfferInput is how long a code holds; the page leaves it at one hour.
type helpOfferInput struct {
	Hours int64 `form:"hours" json:"hours,omitempty"`
}

// helpOffer shows the code on the page that made it and nowhere else.
func (p *pages) helpOffer(w http.ResponseWriter, r *http.Request) error {
	var in helpOfferInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	code, err := p.OfferHelp(r.Context(), web.Principal(r), max(in.Hours, 1), web.Once(r, "offerHelp", in))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, code)
	}
	list, err := p.Service.Helping(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, helpView(web.From(r), helpPage{Helping: list, Fresh: &code}, web.Blank(r)))
}

// helpAcceptInput is a code that somebody read aloud.
type helpAcceptInput struct {
	Code string `form:"code" json:"code" max:"20"`
}

func (p *pages) helpAccept(w http.ResponseWriter, r *http.Request) error {
	var in helpAcceptInput
	err := web.Decode(r, &in)
	var h workresume.Help
	if err == nil {
		h, err = p.AcceptHelp(r.Context(), web.Principal(r), in.Code, web.Once(r, "acceptHelp", in))
	}
	if err != nil {
		return p.helpAgain(r, err, "")
	}
	web.Flash(w, r, ui.Valid, "helppages.accepted", "", "name", h.Name)
	return web.Done(w, r, helpBase, helpOf(h))
}

// helpAgain draws the page once more with what went wrong.
func (p *pages) helpAgain(r *http.Request, err error, about string) error {
	list, unseen := p.Service.Helping(r.Context(), web.Principal(r))
	if unseen != nil {
		return unseen
	}
	return web.Again(err, func(f *ui.Form) templ.Component {
		return helpView(web.From(r), helpPage{Helping: list, About: about}, f)
	})
}

// helpReport takes a report about somebody helped, from either page.
func (p *pages) helpReport(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("help")
		var in healthInput
		err := web.Decode(r, &in)
		var h workresume.Help
		if err == nil {
			var x workresume.ReportInput
			if x, err = in.report(); err == nil {
				x.Key = web.Once(r, "reportHelped "+id, in)
				h, err = p.ReportHelped(r.Context(), web.Principal(r), id, x)
			}
		}
		switch {
		case err == nil:
			web.Flash(w, r, ui.Valid, "helppages.reported_done", "", "name", h.Name)
			return web.Done(w, r, base, helpOf(h))
		case fault.KindOf(err) == fault.NotFound:
			return err
		case base == helpBase:
			return p.helpAgain(r, err, id)
		}
		return p.helpDeskAgain(r, err, id)
	}
}

// helpEndInput ends a relation; an officer says why.
type helpEndInput struct {
	Reason string `form:"reason" json:"reason,omitempty" max:"200"`
}

func (p *pages) helpEnd(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var in helpEndInput
		err := web.Decode(r, &in)
		id := r.PathValue("help")
		var h workresume.Help
		if err == nil {
			h, err = p.EndHelp(r.Context(), web.Principal(r), id, in.Reason, web.Once(r, "endHelp "+id, in))
		}
		switch {
		case err == nil:
			web.Flash(w, r, ui.Valid, "helppages.ended", "")
			return web.Done(w, r, base, helpOf(h))
		case fault.KindOf(err) == fault.NotFound:
			return err
		case base == helpBase:
			return p.helpAgain(r, err, "")
		}
		return p.helpDeskAgain(r, err, "end "+id)
	}
}

// helpDeskPage is who is helped in an officer's reach.
type helpDeskPage struct {
	Own, Others []workresume.Help
	About       string
}

func (p *pages) helpDesk(w http.ResponseWriter, r *http.Request) error {
	own, others, err := p.Service.HelpDesk(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, helpedOf(own, others))
	}
	return web.Render(w, r, helpDeskView(web.From(r), helpDeskPage{Own: own, Others: others}, web.Blank(r)))
}

func (p *pages) helpDeskAgain(r *http.Request, err error, about string) error {
	own, others, unseen := p.Service.HelpDesk(r.Context(), web.Principal(r))
	if unseen != nil {
		return unseen
	}
	return web.Again(err, func(f *ui.Form) templ.Component {
		return helpDeskView(web.From(r), helpDeskPage{Own: own, Others: others, About: about}, f)
	})
}

// helpArrangeInput is an officer who says who helps somebody without an account.
type helpArrangeInput struct {
	Name         string `form:"name" json:"name" max:"60"`
	Kind         string `form:"kind" json:"kind" max:"20"`
	Number       string `form:"number" json:"number" max:"40"`
	Who          string `form:"who" json:"-" max:"10"` // "office" or "person", on the page
	HelperName   string `form:"helper_name" json:"helper_name,omitempty" max:"60"`
	HelperKind   string `form:"helper_kind" json:"helper_kind,omitempty" max:"20"`
	HelperNumber string `form:"helper_number" json:"helper_number,omitempty" max:"40"`
	Reason       string `form:"reason" json:"reason" max:"200"`
}

func (in helpArrangeInput) arrange() workresume.ArrangeInput {
	out := workresume.ArrangeInput{Helped: workresume.Paper{Name: in.Name, Kind: in.Kind, Number: in.Number}, Reason: in.Reason}
	if in.Who != "office" {
		out.Helper = workresume.Paper{Name: in.HelperName, Kind: in.HelperKind, Number: in.HelperNumber}
	}
	return out
}

func (p *pages) helpNew(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, helpNewView(web.From(r), web.Blank(r)))
}

func (p *pages) helpArrange(w http.ResponseWriter, r *http.Request) error {
	var in helpArrangeInput
	err := web.Decode(r, &in)
	if err == nil && in.Who == "person" && in.HelperNumber == "" {
		err = missing("helper_number", "roster.id.missing")
	}
	var h workresume.Help
	if err == nil {
		x := in.arrange()
		x.Key = web.Once(r, "arrangeHelp", in)
		h, err = p.ArrangeHelp(r.Context(), web.Principal(r), x)
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return helpNewView(web.From(r), f) })
	}
	web.Flash(w, r, ui.Valid, "helppages.arranged", "", "name", h.Name)
	return web.Done(w, r, helpDeskBase, helpOf(h))
}

func kindOptions(p *ui.Page) []ui.Option {
	var out []ui.Option
	for _, k := range []ident.Kind{ident.KindMainland, ident.KindPassport, ident.KindHKMacau, ident.KindTaiwan, ident.KindForeigner} {
		out = append(out, ui.Option{Value: k, Text: p.T("party.kind." + k)})
	}
	return out
}

// formOf is the form that came back, where it is this relation's; else an empty one
// with a key of its own.
func formOf(p *ui.Page, f *ui.Form, about, id string) *ui.Form {
	if f.Bad() && about == id {
		return f
	}
	return &ui.Form{Key: p.Ticket()}
}
