package workresumeweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const (
	boardBase  = "/board"
	boardFirms = "/board/firms"
)

func (p *pages) boardRoutes() web.Routes {
	may, list := web.Needs(workresume.MayOversee), web.Needs(workresume.MayBrowse)
	const shed = admission.Statistics
	return web.Routes{
		{Method: "GET", Path: boardBase, Handler: p.showBoard, Access: may, Class: shed},
		{Method: "GET", Path: boardBase + ".csv", Handler: p.boardCSV, Access: may, Class: shed},
		{Method: "GET", Path: boardBase + ".json", Handler: p.boardJSON, Access: may, Class: shed},
		{Method: "GET", Path: boardBase + "/days.csv", Handler: p.daysCSV, Access: may, Class: shed},
		{Method: "GET", Path: boardFirms, Handler: p.showBoardFirms, Access: list, Class: shed},
		{Method: "GET", Path: boardFirms + ".csv", Handler: p.boardFirmsCSV, Access: list, Class: shed, Slow: downloadSlow},
	}
}

// boardData is the board with the words for what it is broken down by.
type boardData struct {
	workresume.Picture
	names   map[workresume.By]map[string]string
	parks   []Park
	streets []Park
	bound   bool // to the caller's own park
	lists   bool // may see the firms behind a figure
	zone    *time.Location
	trades  []ui.Option // lines of business
}

// boardFilter is what the address asks for; what is no value of ours is left out.
func boardFilter(q url.Values) workresume.BoardFilter {
	f := workresume.BoardFilter{Park: cut(q.Get("park")), Street: cut(q.Get("street")), Industry: cut(q.Get("industry")), Day: cut(q.Get("day"))}
	if c := workresume.Class(q.Get("class")); c.Valid() {
		f.Class = c
	}
	if z := workresume.Size(q.Get("size")); z.Valid() {
		f.Size = z
	}
	return f
}

// boardValues are a filter as an address has it.
func boardValues(f workresume.BoardFilter) url.Values {
	v := url.Values{}
	for _, one := range [...][2]string{{"park", f.Park}, {"street", f.Street}, {"class", string(f.Class)}, {"size", string(f.Size)}, {"industry", f.Industry}, {"day", f.Day}} {
		if one[1] != "" {
			v.Set(one[0], one[1])
		}
	}
	return v
}

func boardHref(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// here is an address with the filter of the page.
func (d boardData) here(path string) string { return boardHref(path, boardValues(d.Filter)) }

// with is the board under one more condition.
func (d boardData) with(b workresume.By, key string) string {
	return boardHref(boardBase, boardValues(narrowed(d.Filter, b, key)))
}

// firms is the list behind a figure, "" for who may not see it and for a closed day.
func (d boardData) firms(b workresume.By, key string, as workresume.Standing, owes workresume.Owing) string {
	if !d.lists || d.Filter.Day != "" || key == "" && b != "" {
		return ""
	}
	v := boardValues(narrowed(d.Filter, b, key))
	if as != "" {
		v.Set("as", string(as))
	}
	if owes != "" {
		v.Set("owes", string(owes))
	}
	return boardHref(boardFirms, v)
}

func narrowed(f workresume.BoardFilter, b workresume.By, key string) workresume.BoardFilter {
	switch b {
	case workresume.ByPark:
		f.Park = key
	case workresume.ByStreet:
		f.Street = key
	case workresume.ByClass:
		f.Class = workresume.Class(key)
	case workresume.BySize:
		f.Size = workresume.Size(key)
	case workresume.ByIndustry:
		f.Industry = key
	}
	return f
}

// chosen is what the filter says of a breakdown.
func (d boardData) chosen(b workresume.By) string {
	switch b {
	case workresume.ByPark:
		return d.Filter.Park
	case workresume.ByStreet:
		return d.Filter.Street
	case workresume.ByClass:
		return string(d.Filter.Class)
	case workresume.BySize:
		return string(d.Filter.Size)
	case workresume.ByIndustry:
		return d.Filter.Industry
	}
	return ""
}

func (p *pages) overview(ctx context.Context, r *http.Request) (boardData, error) {
	by := web.Principal(r)
	pic, err := p.Picture(ctx, by, boardFilter(r.URL.Query()))
	if err != nil {
		return boardData{}, err
	}
	d := boardData{Picture: pic, bound: by.Scope.Kind == auth.AtPark, lists: web.May(r, workresume.MayBrowse), zone: p.Service.Zone}
	return d, p.dress(ctx, web.From(r), &d)
}

// dress adds the words for what a board is broken down by.
func (p *pages) dress(ctx context.Context, page *ui.Page, d *boardData) (err error) {
	if d.parks, err = p.Parks(ctx, string(page.Lang())); err != nil {
		return err
	}
	if d.streets, err = p.streets(ctx, page); err != nil {
		return err
	}
	d.trades = options(page, p.Rules(), "industry")
	d.names = map[workresume.By]map[string]string{workresume.ByPark: {}, workresume.ByStreet: {}, workresume.ByIndustry: {}}
	for _, k := range d.parks {
		d.names[workresume.ByPark][k.ID] = k.Name
	}
	for _, k := range d.streets {
		d.names[workresume.ByStreet][k.ID] = k.Name
	}
	for _, o := range d.trades {
		d.names[workresume.ByIndustry][o.Value] = o.Text
	}
	return nil
}

// name is the words of one line of a breakdown.
func (d boardData) name(p *ui.Page, b workresume.By, key string) string {
	switch {
	case key == "":
		return p.T("boardpages.none_" + string(b))
	case b == workresume.ByClass:
		return p.T("workresume.class." + key)
	case b == workresume.BySize:
		return p.T("boardpages.size_" + key)
	case d.names[b][key] != "":
		return d.names[b][key]
	}
	return key
}

func (p *pages) showBoard(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	page := web.From(r)
	if web.Fragment(r) {
		if unchanged(w, r, page, d) {
			return nil
		}
		return web.Render(w, r, boardLive(page, d))
	}
	page.Refresh, page.Polled = 60, true
	return web.Render(w, r, boardView(page, d))
}

// unchanged answers a script that has these figures already: 304 and nothing more.
// They count as others after a minute, so that the time on the page stays true.
func unchanged(w http.ResponseWriter, r *http.Request, page *ui.Page, d boardData, more ...string) bool {
	tag := `W/"` + d.Turn + "-" + strconv.FormatInt(d.AsOf.Unix()/60, 36) + "-" + string(page.Lang())
	for _, m := range more {
		tag += "-" + m
	}
	tag += `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") != tag {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// fields are the selects of the filter, those that can change something.
func (d boardData) fields(p *ui.Page) []boardField {
	var out []boardField
	add := func(name, label, now string, list []ui.Option) {
		if len(list) > 0 {
			out = append(out, boardField{name, label, now, append([]ui.Option{{Text: p.T("boardpages.any")}}, list...)})
		}
	}
	named := func(list []Park) (o []ui.Option) {
		for _, k := range list {
			o = append(o, ui.Option{Value: k.ID, Text: k.Name})
		}
		return o
	}
	if !d.bound {
		add("park", p.T("boardpages.park"), d.Filter.Park, named(d.parks))
		add("street", p.T("boardpages.street"), d.Filter.Street, named(d.streets))
	}
	var classes, sizes, days []ui.Option
	for _, c := range workresume.Classes {
		classes = append(classes, ui.Option{Value: string(c), Text: p.T("workresume.class." + string(c))})
	}
	for _, z := range workresume.Sizes {
		sizes = append(sizes, ui.Option{Value: string(z), Text: p.T("boardpages.size_" + string(z))})
	}
	for _, day := range slices.Backward(d.Days) {
		if !d.today(day.Day) {
			days = append(days, ui.Option{Value: day.Day, Text: p.Day(boardDay(day.Day, d.zone))})
		}
	}
	add("class", p.T("boardpages.class"), string(d.Filter.Class), classes)
	add("size", p.T("boardpages.size"), string(d.Filter.Size), sizes)
	add("industry", p.T("boardpages.industry"), d.Filter.Industry, d.trades)
	if len(days) > 0 {
		out = append(out, boardField{"day", p.T("boardpages.day"), d.Filter.Day, append([]ui.Option{{Text: p.T("boardpages.now")}}, days...)})
	}
	return out
}

// today is whether a line of the days is the one still going on.
func (d boardData) today(day string) bool {
	return d.Filter.Day == "" && len(d.Days) > 0 && d.Days[len(d.Days)-1].Day == day
}

// boardField is one select of the filter.
type boardField struct {
	Name, Label, Now string
	Options          []ui.Option
}

func boardDay(day string, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return time.Time{} // shown as a dash
	}
	return t
}
