package workresumeweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

// helpAppealRoutes are an appeal in the name of somebody helped: the same pages for a
// person who helps, and for an office.
func (p *pages) helpAppealRoutes() (out web.Routes) {
	for base, may := range map[string]web.Access{helpBase: web.Needs(workresume.MayReport), helpDeskBase: web.Needs(workresume.MayArrange)} {
		out = append(out,
			web.Route{Method: "GET", Path: base + "/{help}/appeal", Handler: p.helpAppeal(base), Access: may, Twin: "getHelpedAppeal"},
			web.Route{Method: "POST", Path: base + "/{help}/appeal", Handler: p.helpAppealed(base), Access: may, Input: helpAppealInput{}, Twin: "appealHelped"},
			web.Route{Method: "POST", Path: base + "/{help}/appeal/photos", Handler: p.helpEvidence(base), Access: may, MaxBody: photoMost, Slow: uploadSlow, Twin: "addHelpedPhoto"},
			web.Route{Method: "GET", Path: base + "/{help}/appeal/{case}/photos/{photo}", Handler: p.helpPhoto, Access: may},
		)
	}
	return out
}

// helpAppealInput is what a helper says in somebody's name.
type helpAppealInput struct {
	Reason string `form:"reason" json:"reason" max:"1000"`
}

// helpAppealPage is the page, under the address of whoever helps.
type helpAppealPage struct {
	workresume.HelpedAppeal
	Base string
}

func (d helpAppealPage) to() string { return d.Base + "/" + url.PathEscape(d.Help.ID) + "/appeal" }

// photos is where another photo is sent, "" once the appeal is answered.
func (d helpAppealPage) photos() string {
	if d.Appeal.Outcome != "" {
		return ""
	}
	return d.to() + "/photos"
}

func (d helpAppealPage) back(p *ui.Page) string {
	if d.Base == helpDeskBase {
		return p.T("helppages.desk")
	}
	return p.T("helppages.title")
}

// mayAppeal is whether the list leads to an appeal: it repeats no more than the colour
// that a helper has seen today.
func mayAppeal(h workresume.Help) bool {
	return h.Reported && !h.Own && h.Level != workresume.Green
}

func (p *pages) helpAppeal(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := p.HelpedAppealOf(r.Context(), web.Principal(r), r.PathValue("help"))
		if err != nil {
			return err
		}
		if web.WantsJSON(r) {
			return web.JSON(w, r, http.StatusOK, helpedAppealOf(d))
		}
		return web.Render(w, r, helpAppealView(web.From(r), helpAppealPage{d, base}, web.Blank(r)))
	}
}

func (p *pages) helpAppealed(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("help")
		var in helpAppealInput
		err := web.Decode(r, &in)
		var d workresume.HelpedAppeal
		if err == nil {
			d, err = p.AppealHelped(r.Context(), web.Principal(r), id, workresume.HelpedAppealInput{Reason: in.Reason, Key: web.Once(r, "appealHelped "+id, in)})
		}
		switch {
		case err == nil:
			web.Flash(w, r, ui.Wait, "helppages.appeal_done", "", "name", d.Help.Name)
			return web.Done(w, r, helpAppealPage{d, base}.to(), helpedAppealOf(d))
		case fault.KindOf(err) == fault.NotFound:
			return err
		}
		d, unseen := p.HelpedAppealOf(r.Context(), web.Principal(r), id)
		if unseen != nil {
			return unseen
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return helpAppealView(web.From(r), helpAppealPage{d, base}, f) })
	}
}

func (p *pages) helpEvidence(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("help")
		up, err := web.Receive(r, "photo")
		var photo casework.Photo
		if err == nil {
			photo, err = p.AddHelpedPhoto(r.Context(), web.Principal(r), id, up, web.Once(r, "addHelpedPhoto", id))
		}
		return p.photoDone(w, r, photo, err, base+"/"+url.PathEscape(id)+"/appeal")
	}
}

func (p *pages) helpPhoto(w http.ResponseWriter, r *http.Request) error {
	data, err := p.HelpedPhoto(r.Context(), web.Principal(r), r.PathValue("help"), r.PathValue("photo"), r.URL.Query().Get("size") == "small")
	if err != nil {
		return err
	}
	return writePhoto(w, data)
}

func (p *resumptionAPI) addHelpAppeal(a *api.API) {
	const group = "health"
	api.Add(a, get("getHelpedAppeal", "/helping/{help}/appeal", group, workresume.MayHelp), p.getHelpedAppeal)
	api.Add(a, post("appealHelped", "/helping/{help}/appeal", group, workresume.MayHelp), p.appealHelped)
	evidence := post("addHelpedPhoto", "/helping/{help}/appeal/photos", group, workresume.MayHelp)
	evidence.Upload, evidence.MaxBody, evidence.Slow = true, photoMost, uploadSlow
	api.Add(a, evidence, p.addHelpedPhoto)
}

// apiHelpedAppeal is somebody helped, and the helper's own appeal.
type apiHelpedAppeal struct {
	Help   apiHelp                `json:"help"`
	Appeal *workresume.AppealSent `json:"appeal" doc:"The caller's own, or their office's; null for none. What it is against and the words of the answer are the person's."`
}

func helpedAppealOf(d workresume.HelpedAppeal) apiHelpedAppeal {
	return apiHelpedAppeal{helpOf(d.Help), d.Appeal}
}

type apiHelpPath struct {
	Help string `path:"help" doc:"The relation's id."`
}

func (p *resumptionAPI) getHelpedAppeal(ctx context.Context, c api.Call, in *apiHelpPath) (apiHelpedAppeal, error) {
	d, err := p.HelpedAppealOf(ctx, c.By, in.Help)
	return helpedAppealOf(d), err
}

type apiAppealHelpedInput struct {
	Help string `path:"help" doc:"The relation's id."`
	Body struct {
		Reason string `json:"reason" minLength:"10" maxLength:"1000" doc:"With what shows it; the person reads it."`
	}
}

func (p *resumptionAPI) appealHelped(ctx context.Context, c api.Call, in *apiAppealHelpedInput) (apiHelpedAppeal, error) {
	d, err := p.AppealHelped(ctx, c.By, in.Help, workresume.HelpedAppealInput{Reason: in.Body.Reason, Key: c.Key})
	return helpedAppealOf(d), err
}

func (p *resumptionAPI) addHelpedPhoto(ctx context.Context, c api.Call, in *apiHelpPath) (apiPhoto, error) {
	up, err := web.Receive(c.R, "file")
	if err != nil {
		return apiPhoto{}, err
	}
	f, err := p.AddHelpedPhoto(ctx, c.By, in.Help, up, c.Key)
	return apiPhotoOf(f), err
}
