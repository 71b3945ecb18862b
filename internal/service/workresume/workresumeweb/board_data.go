package workresumeweb

import (
	"net/http"
	"time"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// boardTerms are the figures with a definition, as the page lists them.
var boardTerms = [...]string{"back", "resumed", "load", "users", "came"}

// figureColumns are one set of figures as a file has them.
var figureColumns = [...]string{
	"firms", "filed", "resumed", "warned", "suspended", "refused", "declared", "back", "came", "inside",
	"metered", "users_back", "kwh", "kwh_normal", "owes_filing", "owes_roster", "owes_stock", "owes_reading", "owes_health", "reported", "expected",
}

func figureCells(f workresume.Figures) []string {
	out := make([]string, 0, len(figureColumns))
	for _, n := range [...]int64{
		f.Firms, f.Filed, f.Resumed, f.Warned, f.Suspended, f.Refused, f.Declared, f.Back, f.Came, f.Inside,
		f.Metered, f.UsersBack, f.Load / 1000, f.Normal / 1000, f.Owed.Filing, f.Owed.Roster, f.Owed.Stock, f.Owed.Reading, f.Owed.Health, f.Reported, f.Expected,
	} {
		out = append(out, whole(n))
	}
	return out
}

// boardCSV is exactly what the page shows: the whole and every breakdown.
func (p *pages) boardCSV(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	t, err := openTable(w, "board.csv")
	if err != nil {
		return err
	}
	page, asOf := web.From(r), d.AsOf.In(d.zone).Format(time.RFC3339)
	line := func(by, key, name string, f workresume.Figures) error {
		return t.line(append(append([]string{by, key, name}, figureCells(f)...), asOf)...)
	}
	if err := t.line(append(append([]string{"by", "key", "name"}, figureColumns[:]...), "as_of")...); err != nil {
		return err
	}
	for _, b := range workresume.Breakdowns {
		for _, part := range d.By[b] {
			if err := line(string(b), part.Key, d.name(page, b, part.Key), part.Figures); err != nil {
				return err
			}
		}
	}
	if err := line("all", "", page.T("boardpages.together"), d.Total); err != nil {
		return err
	}
	return t.end()
}

// boardJSON is the same for a program.
func (p *pages) boardJSON(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	page := web.From(r)
	return web.JSON(w, r, http.StatusOK, apiBoardOf(d.Picture, func(b workresume.By, key string) string { return d.name(page, b, key) }))
}

// daysCSV is the days under the same filter.
func (p *pages) daysCSV(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overview(r.Context(), r)
	if err != nil {
		return err
	}
	t, err := openTable(w, "days.csv")
	if err != nil {
		return err
	}
	if err := t.line("day", "firms", "filed", "resumed", "suspended", "refused", "declared", "back", "came", "metered", "users_back", "kwh", "kwh_normal"); err != nil {
		return err
	}
	for _, day := range d.Days {
		cells := []string{day.Day}
		for _, n := range [...]int64{day.Firms, day.Filed, day.Resumed, day.Suspended, day.Refused, day.Declared, day.Back, day.Came, day.Metered, day.UsersBack, day.Load / 1000, day.Normal / 1000} {
			cells = append(cells, whole(n))
		}
		if err := t.line(cells...); err != nil {
			return err
		}
	}
	return t.end()
}

// owings are the words of what a firm owes.
func owings(p *ui.Page, list []workresume.Owing) string {
	words := make([]string, len(list))
	for i, o := range list {
		words[i] = p.T("boardpages.owes_" + string(o))
	}
	return p.List(words)
}
