// Package places is where a district names its parks and gates: the verb, and the
// officer's page over it. A guard's account, a park officer's scope and a firm's
// park all point at what is entered here.
//
// It refuses to move or remove a place: accounts and facts point at it.
package places

import (
	"context"
	"net/http"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/place"
	"breakwater/internal/storage"
	"breakwater/internal/web"
)

// MayAdd is the permission to enter a place.
const MayAdd auth.Permission = "places.add"

// Grants says who has it; the scope must be the whole district's.
func Grants() auth.Grants { return auth.Grants{MayAdd: {auth.Officer}} }

// Added is the fact that a place was entered; its stream is "place:" and the id.
const Added = "place.added"

// Deps is what the verb and the page stand on.
type Deps struct {
	DB       storage.Store
	Log      *eventlog.Log
	Now      clock.Clock
	District string // place id of the root
}

// Places is the verb and the page.
type Places struct{ Deps }

// New returns them.
func New(d Deps) *Places { return &Places{d} }

// AddInput is a new place. Parent is a park for a gate or building, and empty for a
// park, which lies in the district itself.
type AddInput struct {
	Kind   string `form:"kind" json:"kind" max:"20"`
	Name   string `form:"name" json:"name" max:"100"`
	NameEN string `form:"name_en" json:"name_en" max:"100"`
	Parent string `form:"parent" json:"parent" max:"60"`
	Key    string `form:"key" json:"key" max:"200"`
}

// Add enters a place.
//
// Faults: Invalid for a bad name, kind or parent, Denied, Conflict when a sibling
// has the name.
func (p *Places) Add(ctx context.Context, by auth.Principal, in AddInput, key once.Key) (place.Place, error) {
	if err := by.Permit(MayAdd, Grants(), auth.District(p.District)); err != nil {
		return place.Place{}, err
	}
	if in.Parent == "" {
		in.Parent = p.District
	}
	var details []place.Detail
	if in.NameEN != "" {
		details = append(details, place.English(in.NameEN))
	}
	var out place.Place
	err := p.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, key, p.Now(), func() (place.Place, error) {
			made, err := place.Add(tx, in.Parent, place.Kind(in.Kind), in.Name, p.Now(), details...)
			if err != nil {
				return made, err
			}
			_, err = p.Log.Append(tx, eventlog.Fact{
				Stream: "place:" + made.ID, Name: Added, Actor: by.ID, At: p.Now(),
				Body: map[string]string{"kind": in.Kind, "name": made.Name, "parent": in.Parent},
			})
			return made, err
		})
		return err
	})
	return out, err
}

// Park is one park with its gates.
type Park struct {
	place.Place
	Gates []place.Place
}

// List is the district's parks, each with its gates, oldest first.
func (p *Places) List(ctx context.Context) ([]Park, error) {
	var out []Park
	err := p.DB.Read(ctx, func(r storage.Reader) error {
		out = nil
		parks, err := place.All(r, place.Park)
		if err != nil {
			return err
		}
		gates, err := place.All(r, place.Gate)
		for _, park := range parks {
			one := Park{Place: park}
			for _, g := range gates {
				if g.Within(park.ID) {
					one.Gates = append(one.Gates, g)
				}
			}
			out = append(out, one)
		}
		return err
	})
	return out, err
}

// Routes are the officer's page.
func (p *Places) Routes() web.Routes {
	may := web.Needs(MayAdd)
	return web.Routes{
		{Method: "GET", Path: "/desk/places", Handler: p.show, Access: may},
		{Method: "POST", Path: "/desk/places", Handler: p.add, Access: may, Input: AddInput{}},
	}
}

func (p *Places) show(w http.ResponseWriter, r *http.Request) error {
	c, err := p.page(r, web.Blank(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, c)
}
