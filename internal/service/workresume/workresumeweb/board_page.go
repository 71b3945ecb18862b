package workresumeweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

func (p *pages) boardRoutes() web.Routes {
	may := web.Needs(workresume.MayOversee)
	return web.Routes{
		{Method: "GET", Path: "/board", Handler: p.showBoard, Access: may, Class: admission.Statistics},
		{Method: "GET", Path: "/board.csv", Handler: p.boardCSV, Access: may, Class: admission.Statistics},
		{Method: "GET", Path: "/board/days.csv", Handler: p.daysCSV, Access: may, Class: admission.Statistics},
	}
}

// boardData is the board with the parks' names.
type boardData struct {
	workresume.Board
	Names map[string]string
	Now   time.Time
	Zone  *time.Location
}

func (p *pages) overview(ctx context.Context, r *http.Request) (boardData, error) {
	b, err := p.Overview(ctx, web.Principal(r))
	if err != nil {
		return boardData{}, err
	}
	d := boardData{Board: b, Names: map[string]string{}, Now: p.Now(), Zone: p.Deps.Zone}
	parks, err := p.Places.Parks(ctx, string(web.Language(r)))
	for _, park := range parks {
		d.Names[park.ID] = park.Name
	}
	return d, err
}

func (p *pages) showBoard(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	if web.Fragment(r) {
		return web.Render(w, r, boardWall(web.From(r), d))
	}
	return web.Render(w, r, boardView(web.From(r), d))
}

// boardCSV is the parks' lines and the district's, as numbers.
func (p *pages) boardCSV(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	t, err := openTable(w, "board.csv")
	if err != nil {
		return err
	}
	line := func(name string, s workresume.Summary, power workresume.Power) error {
		cells := []string{name}
		for _, n := range []int64{s.Firms, s.Filed, s.Certified, s.Refused, s.Workers, s.Back} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		cells = append(cells, s.AsOf.In(d.Zone).Format(time.RFC3339))
		for _, n := range []int64{power.Metered, power.Back, power.Load / 1000, power.Normal / 1000} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		return t.line(cells...)
	}
	if err := t.line("park", "firms", "filed", "certified", "refused", "workers", "back", "as_of", "metered", "users_back", "kwh", "kwh_normal"); err != nil {
		return err
	}
	page := web.From(r)
	for _, park := range d.Parks {
		if err := line(d.park(page, park.Park), park.Summary, d.Power[park.Park]); err != nil {
			return err
		}
	}
	if err := line(page.T("gatepages.district"), d.Total, d.allPower()); err != nil {
		return err
	}
	return t.end()
}

// daysCSV is the district day by day.
func (p *pages) daysCSV(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	t, err := openTable(w, "days.csv")
	if err != nil {
		return err
	}
	if err := t.line("day", "firms", "workers", "certified", "back"); err != nil {
		return err
	}
	for _, day := range d.Days {
		cells := []string{day.Day}
		for _, n := range []int64{day.Firms, day.Workers, day.Certified, day.Back} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		if err := t.line(cells...); err != nil {
			return err
		}
	}
	return t.end()
}

// cases are the desk's in all parks.
func (d boardData) cases() (n casework.Count) {
	for _, c := range d.Board.Cases {
		n.Open, n.Late, n.Waiting = n.Open+c.Open, n.Late+c.Late, n.Waiting+c.Waiting
	}
	return n
}

// allPower is the meters of the whole district.
func (d boardData) allPower() (all workresume.Power) {
	for _, one := range d.Power {
		all = all.Add(one)
	}
	return all
}

// park is a park's name; firms in none stand together.
func (d boardData) park(p *ui.Page, id string) string {
	switch {
	case id == "":
		return p.T("gatepages.no_park")
	case d.Names[id] == "":
		return id
	}
	return d.Names[id]
}

// since is the last closed day before today, to compare with.
func (d boardData) since() (workresume.Day, bool) {
	today := d.Now.In(d.Zone).Format(time.DateOnly)
	for i := len(d.Days) - 1; i >= 0; i-- {
		if d.Days[i].Day < today {
			return d.Days[i], true
		}
	}
	return workresume.Day{}, false
}

// boardTile is one large figure.
type boardTile struct {
	Title, Figure, Below string
	Change               int64 // since the last closed day
	Since                string
}

func (d boardData) tiles(p *ui.Page) []boardTile {
	t := d.Total
	tiles := []boardTile{
		{Title: p.T("gatepages.tile_open"), Figure: p.Share(t.Certified, t.Firms), Below: p.T("gatepages.of_firms", "part", t.Certified, "whole", t.Firms)},
		{Title: p.T("gatepages.tile_back"), Figure: p.Number(t.Back), Below: p.T("gatepages.of_workers", "share", p.Share(t.Back, t.Workers), "whole", t.Workers)},
		{Title: p.T("gatepages.tile_filed"), Figure: p.Number(t.Filed), Below: p.T("gatepages.not_filed", "n", t.Firms-t.Filed)},
		{Title: p.T("gatepages.tile_refused"), Figure: p.Number(t.Refused), Below: p.T("gatepages.mending", "n", t.Filed-t.Certified-t.Refused)},
	}
	if day, ok := d.since(); ok {
		since := p.Day(boardDay(day.Day, d.Zone))
		tiles[0].Change, tiles[0].Since = t.Certified-day.Certified, since
		tiles[1].Change, tiles[1].Since = t.Back-day.Back, since
	}
	return tiles
}

func boardDay(day string, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return time.Time{} // shown as a dash
	}
	return t
}
