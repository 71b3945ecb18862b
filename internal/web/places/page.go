package places

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

func (p *Places) page(r *http.Request, f *ui.Form) (templ.Component, error) {
	list, err := p.List(r.Context())
	if err != nil {
		return nil, err
	}
	return view(web.From(r), list, f), nil
}

func (p *Places) add(w http.ResponseWriter, r *http.Request) error {
	var in AddInput
	err := web.Decode(r, &in)
	if err == nil {
		key := web.Once(r, "addPlace", in)
		made, failed := p.Add(r.Context(), web.Principal(r), in, key)
		if failed == nil {
			web.Flash(w, r, ui.Valid, "places.added", "", "name", made.Name)
			return web.Done(w, r, "/desk/places", made)
		}
		err = failed
	}
	list, failed := p.List(r.Context())
	if failed != nil {
		return failed
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return view(web.From(r), list, f) })
}

// options are the parks a gate may stand in.
func options(p *ui.Page, list []Park) []ui.Option {
	out := []ui.Option{{Value: "", Text: p.T("places.in_district")}}
	for _, park := range list {
		out = append(out, ui.Option{Value: park.ID, Text: park.In(string(p.Lang()))})
	}
	return out
}
