package workresumeweb

import (
	"context"
	"net/http"
	"strings"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/ui"
)

// Where the photos of a person's appeal are: for the person, and for officers.
const (
	evidenceBase = healthBase + "/appeals"
	evidenceDesk = restrictBase + "/appeals"
)

// evidenceRoutes are the photos that go with a person's appeal against a restriction.
func (p *pages) evidenceRoutes() web.Routes {
	own := web.Needs(workresume.MayReport)
	return web.Routes{
		{Method: "POST", Path: evidenceBase + "/{case}/photos", Handler: p.evidenceAdd, Access: own, MaxBody: photoMost, Slow: uploadSlow, Twin: "addRestrictionPhoto"},
		{Method: "GET", Path: evidenceBase + "/{case}/photos/{photo}", Handler: p.evidenceShow, Access: own},
		{Method: "GET", Path: evidenceDesk + "/{case}/photos/{photo}", Handler: p.evidenceShow, Access: web.Needs(workresume.MayRestrict)},
	}
}

func (p *pages) evidenceAdd(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("case")
	up, err := web.Receive(r, "photo")
	var photo casework.Photo
	if err == nil {
		photo, err = p.AddRestrictionPhoto(r.Context(), web.Principal(r), id, up, web.Once(r, "addRestrictionPhoto", id))
	}
	return p.photoDone(w, r, photo, err, healthBase)
}

func (p *pages) evidenceShow(w http.ResponseWriter, r *http.Request) error {
	data, err := p.RestrictionPhoto(r.Context(), web.Principal(r), r.PathValue("case"), r.PathValue("photo"), r.URL.Query().Get("size") == "small")
	if err != nil {
		return err
	}
	return writePhoto(w, data)
}

func (p *resumptionAPI) addRestrictionPhoto(ctx context.Context, c api.Call, in *apiCasePhotoInput) (apiPhoto, error) {
	up, err := web.Receive(c.R, "file")
	if err != nil {
		return apiPhoto{}, err
	}
	f, err := p.AddRestrictionPhoto(ctx, c.By, in.Case, up, c.Key)
	return apiPhotoOf(f), err
}

// evidenceTo is where a person's photo is sent, "" once the appeal is answered.
func evidenceTo(a workresume.Appealed) string {
	if a.Outcome != "" {
		return ""
	}
	return evidenceBase + "/" + a.Case + "/photos"
}

// photoAlt says whose photo it is: an officer's, a firm's, or one sent with a
// person's appeal, be it by a helper.
func photoAlt(p *ui.Page, base string, f casework.Photo, n int) string {
	of := f.From
	if base == evidenceBase || base == evidenceDesk || strings.HasPrefix(base, helpBase) || strings.HasPrefix(base, helpDeskBase) {
		of = "person"
	}
	return p.T("casepages.photo_of_"+of, "n", n, "at", f.At)
}
