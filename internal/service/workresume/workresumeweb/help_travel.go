package workresumeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// helpedTravel is the form for somebody helped, from either page.
func helpedTravel(base string, h workresume.Help, t workresume.Travel, rows int) travelForm {
	d := travelPage(t, rows)
	d.To, d.Helped = base+"/"+h.ID+"/travel", &h
	return d
}

// helpTravel asks where somebody helped came from; empty, since what they said is
// theirs.
func (p *pages) helpTravel(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h, err := p.HelpedOne(r.Context(), web.Principal(r), r.PathValue("help"))
		if err != nil {
			return err
		}
		d, err := p.asked(r, helpedTravel(base, h, workresume.Travel{}, 1))
		if err != nil {
			return err
		}
		return web.Render(w, r, travelView(web.From(r), d, web.Blank(r)))
	}
}

func (p *pages) helpTravelled(base string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("help")
		var in travelInput
		err := web.Decode(r, &in)
		var h workresume.Help
		if err == nil && in.more(r) {
			if h, err = p.HelpedOne(r.Context(), web.Principal(r), id); err != nil {
				return err
			}
			return p.oneMore(w, r, helpedTravel(base, h, in.travel(), in.rows()+1))
		}
		if err == nil {
			h, err = p.SaveTravelHelped(r.Context(), web.Principal(r), id, workresume.TravelInput{Travel: in.travel(), Key: web.Once(r, "saveTravelHelped "+id, in)})
		}
		switch {
		case err == nil:
			web.Flash(w, r, ui.Valid, "travelpages.saved_helped", "", "name", h.Name)
			return web.Done(w, r, base, helpOf(h))
		case fault.KindOf(err) == fault.NotFound:
			return err
		}
		h, unseen := p.HelpedOne(r.Context(), web.Principal(r), id)
		if unseen != nil {
			return unseen
		}
		d, unseen := p.asked(r, helpedTravel(base, h, in.travel(), in.rows()))
		if unseen != nil {
			return unseen
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return travelView(web.From(r), d, f) })
	}
}
