// Package rationweb is the pages and the API of package ration: campaigns and what is
// left for everybody, booking and vouchers for people and firms, the counter for a
// shop, stock for a depot, opening and planning for the district's desk.
//
// It refuses to decide anything; package ration does.
package rationweb

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

// Deps is what the pages stand on beside the service.
type Deps struct {
	Now  clock.Clock
	Zone *time.Location // the district's

	// Try charges the caller's network one look at a code that may be guessed, given back
	// by right where there was such a code; nil: nobody counts.
	Try      func(r *http.Request) (right func(), err error)
	Accounts Accounts // of those who work at a point
}

type pages struct {
	*ration.Service
	Deps
}

// Routes are the pages of the service.
func Routes(s *ration.Service, d Deps) web.Routes {
	p := &pages{s, d}
	return slices.Concat(
		p.publicRoutes(),
		p.personRoutes(),
		p.firmRoutes(),
		p.counterRoutes(),
		p.queueRoutes(),
		p.deskRoutes(),
		p.feedRoutes(),
	)
}

// RegisterAPI adds the JSON twins of the pages.
func RegisterAPI(a *api.API, s *ration.Service, d Deps) {
	p := &pages{s, d}
	p.publicAPI(a)
	p.personAPI(a)
	p.drawAPI(a)
	p.counterAPI(a)
	p.queueAPI(a)
	p.deskAPI(a)
}

func badDay() error { return fault.New(fault.Invalid, "fault.fields").With("day", "ration.date") }

// TellOpen puts the opening of a campaign into words for the second officer.
func TellOpen(_ context.Context, p *ui.Page, _ auth.Principal, act dual.Act) (second.Told, error) {
	var b ration.OpenAct
	if err := json.Unmarshal(act.Body, &b); err != nil {
		return second.Told{}, err
	}
	c, err := ration.ReadCampaign([]byte(b.File))
	if err != nil {
		return second.Told{}, err
	}
	facts := append([]ui.Fact{
		{Term: p.T("rationpages.campaign"), Text: c.Title.In(string(p.Lang()))},
		{Term: p.T("rationpages.rule"), Text: c.Summary.In(string(p.Lang()))},
	}, campaignFacts(p, c)...)
	return second.Told{Facts: facts, Href: deskBase}, nil
}
