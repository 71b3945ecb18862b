package workresumeweb

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const wallPath = "/desk/wall"

// wallTurn is how long one panel stays. The clock of the server turns it, so that
// every wall shows the same, with a script or without.
const wallTurn = 20 * time.Second

// wallMost is how many lines of a breakdown fit a wall, to be read from five metres.
const wallMost = 8

func (p *pages) wallRoutes() web.Routes {
	return web.Routes{{Method: "GET", Path: wallPath, Handler: p.showWall, Access: web.Needs(workresume.MayOversee), Class: admission.Statistics}}
}

// wallData is the board as a wall shows it: one panel beside what always stands.
type wallData struct {
	boardData
	Panel workresume.By
	Fixed bool // the address names the panel
}

func (p *pages) showWall(w http.ResponseWriter, r *http.Request) error {
	b, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	d, page := wallData{boardData: b}, web.From(r)
	panels := b.breakdowns()
	if named := workresume.By(r.URL.Query().Get("panel")); slices.Contains(panels, named) {
		d.Panel, d.Fixed = named, true
	} else if len(panels) > 0 {
		d.Panel = panels[int(p.Clock().Unix()/int64(wallTurn/time.Second))%len(panels)]
	}
	if web.Fragment(r) {
		if unchanged(w, r, page, b, string(d.Panel)) {
			return nil
		}
		return web.Render(w, r, wallLive(page, d))
	}
	page.Theme, page.Refresh, page.Polled = ui.Dark, int(wallTurn/time.Second), true
	return web.Render(w, r, wallView(page, d))
}

// again is the address that a wall asks.
func (d wallData) again() string {
	v := boardValues(d.Filter)
	if d.Fixed {
		v.Set("panel", string(d.Panel))
	}
	return boardHref(wallPath, v)
}

// lines are the panel's, the largest first where there are more than fit.
func (d wallData) lines() []workresume.Part {
	list := slices.Clone(d.By[d.Panel])
	if len(list) > wallMost {
		slices.SortStableFunc(list, func(a, b workresume.Part) int { return int(b.Firms - a.Firms) })
		list = list[:wallMost]
	}
	return list
}

// wide is a bar's length in the drawing's units.
func wide(part, whole int64) string { return strconv.FormatInt(1000*part/max(whole, 1), 10) }

// alarms are what somebody has to act on, worst first.
func (d wallData) alarms(p *ui.Page) []boardOwing {
	out := []boardOwing{{Text: p.T("boardpages.late_steps"), N: d.Cases.Late}}
	out = append(out, d.held(p)[:2]...)
	return append(out, d.owed(p)...)
}
