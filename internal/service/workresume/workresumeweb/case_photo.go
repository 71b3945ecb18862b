package workresumeweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

// photoMost is the largest body of a photo: the file and its form.
const photoMost = casework.PhotoMost + 64<<10

// photoRoutes are a case's photos, for officers and for the firm's own evidence.
func (p *pages) photoRoutes() web.Routes {
	may, file := web.Needs(workresume.MayDecide), web.Needs(workresume.MayFile)
	return web.Routes{
		{Method: "POST", Path: casesBase + "/{case}/photos", Handler: p.photoAdd, Access: may, MaxBody: photoMost, Slow: uploadSlow, Twin: "addCasePhoto"},
		{Method: "GET", Path: casesBase + "/{case}/photos/{photo}", Handler: p.photoShow, Access: may},
		{Method: "POST", Path: "/firm/appeal/photos", Handler: inOffice(ownOffice, p.appealPhoto), Access: file, MaxBody: photoMost, Slow: uploadSlow, Twin: "addAppealPhoto"},
		{Method: "GET", Path: "/firm/case/{case}/photos/{photo}", Handler: p.photoShow, Access: file},
	}
}

func (p *pages) photoAdd(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("case")
	up, err := web.Receive(r, "photo")
	var photo casework.Photo
	if err == nil {
		photo, err = p.AddCasePhoto(r.Context(), web.Principal(r), id, up, web.Once(r, "addCasePhoto", id))
	}
	return p.photoDone(w, r, photo, err, casesBase+"/"+url.PathEscape(id))
}

func (p *pages) appealPhoto(w http.ResponseWriter, r *http.Request, o office) error {
	up, err := web.Receive(r, "photo")
	var photo casework.Photo
	if err == nil {
		photo, err = p.AddAppealPhoto(r.Context(), web.Principal(r), o.Firm, up, web.Once(r, "addAppealPhoto", o.Firm))
	}
	return p.photoDone(w, r, photo, err, "/firm/appeal")
}

// photoDone goes back to the page with what came of it. What is wrong with a photo
// is said there, where another can be chosen; a program is told in full.
func (p *pages) photoDone(w http.ResponseWriter, r *http.Request, photo casework.Photo, err error, to string) error {
	if err == nil {
		web.Flash(w, r, ui.Valid, "casepages.photo_added", "")
		return web.Done(w, r, to, apiPhotoOf(photo))
	}
	f := fault.As(err)
	if f == nil || web.WantsJSON(r) || f.Kind != fault.Invalid && f.Kind != fault.TooLarge && f.Kind != fault.Conflict {
		return err
	}
	code := f.Code
	if len(f.Fields) > 0 {
		code = f.Fields[0].Code
	}
	if code == "fault.wrong_type" {
		code = "casepages.photo_none"
	}
	var args []any
	for name, v := range f.Args {
		args = append(args, name, v)
	}
	web.Flash(w, r, ui.Stop, code, "", args...)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// photoShow is one photo; ?size=small is its thumbnail. Nobody between may keep it.
func (p *pages) photoShow(w http.ResponseWriter, r *http.Request) error {
	data, err := p.CasePhoto(r.Context(), web.Principal(r), r.PathValue("case"), r.PathValue("photo"), r.URL.Query().Get("size") == "small")
	if err != nil {
		return err
	}
	return writePhoto(w, data)
}

func writePhoto(w http.ResponseWriter, data []byte) error {
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "private, no-store")
	_, err := w.Write(data)
	return err
}

// photoHref is where one photo is, under an address of the reader's.
func photoHref(base string, f casework.Photo, size string) string {
	return base + "/" + url.PathEscape(f.Case) + "/photos/" + url.PathEscape(f.ID) + size
}

type apiPhoto struct {
	ID     string    `json:"id"`
	Case   string    `json:"case"`
	SHA256 string    `json:"sha256" doc:"Of the picture as it is kept, redrawn; also in the case's fact."`
	From   string    `json:"from" enum:"officer,applicant"`
	At     time.Time `json:"at"`
}

func apiPhotoOf(f casework.Photo) apiPhoto { return apiPhoto{f.ID, f.Case, f.SHA, f.From, f.At} }

type apiCasePhotoInput struct {
	Case string `path:"case" doc:"The case's id."`
}

func (p *resumptionAPI) addCasePhoto(ctx context.Context, c api.Call, in *apiCasePhotoInput) (apiPhoto, error) {
	up, err := web.Receive(c.R, "file")
	if err != nil {
		return apiPhoto{}, err
	}
	f, err := p.AddCasePhoto(ctx, c.By, in.Case, up, c.Key)
	return apiPhotoOf(f), err
}

func (p *resumptionAPI) addAppealPhoto(ctx context.Context, c api.Call, in *apiFirmInput) (apiPhoto, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiPhoto{}, err
	}
	up, err := web.Receive(c.R, "file")
	if err != nil {
		return apiPhoto{}, err
	}
	f, err := p.AddAppealPhoto(ctx, c.By, firm, up, c.Key)
	return apiPhotoOf(f), err
}

// apiPhotos are a case's photos without their pixels.
type apiPhotos struct {
	Photos []apiPhoto `json:"photos"`
}

func (p *resumptionAPI) listCasePhotos(ctx context.Context, c api.Call, in *apiCasePhotoInput) (apiPhotos, error) {
	list, err := p.CasePhotos(ctx, c.By, in.Case)
	out := apiPhotos{Photos: make([]apiPhoto, len(list))}
	for i, f := range list {
		out.Photos[i] = apiPhotoOf(f)
	}
	return out, err
}
