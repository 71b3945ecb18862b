package workresumeweb

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"time"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// firmsPage is how many firms behind a figure a page shows, firmsChunk how many a
// file takes at once.
const firmsPage, firmsChunk = 50, 2000

// boardFirmsData is the firms behind one figure of the board.
type boardFirmsData struct {
	boardData
	Query workresume.BoardFirmsFilter
	Firms []workresume.BoardFirm
	All   int
	Next  string
}

func boardFirmsFilter(q url.Values) workresume.BoardFirmsFilter {
	f := workresume.BoardFirmsFilter{BoardFilter: boardFilter(q), After: cut(q.Get("after"))}
	f.Day = ""
	if as := workresume.Standing(q.Get("as")); slices.Contains(workresume.Standings[:], as) {
		f.As = as
	}
	if o := workresume.Owing(q.Get("owes")); slices.Contains(workresume.Owings[:], o) {
		f.Owes = o
	}
	return f
}

// href is the list again with another page mark.
func (d boardFirmsData) href(path, after string) string {
	v := boardValues(d.Query.BoardFilter)
	for _, one := range [...][2]string{{"as", string(d.Query.As)}, {"owes", string(d.Query.Owes)}, {"after", after}} {
		if one[1] != "" {
			v.Set(one[0], one[1])
		}
	}
	return boardHref(path, v)
}

func (p *pages) boardFirmsOf(r *http.Request, limit int) (boardFirmsData, error) {
	d := boardFirmsData{Query: boardFirmsFilter(r.URL.Query())}
	d.zone, d.Filter = p.Service.Zone, d.Query.BoardFilter
	var err error
	if d.Firms, d.All, d.Next, err = p.BoardFirms(r.Context(), web.Principal(r), d.Query, limit); err != nil {
		return d, err
	}
	return d, p.dress(r.Context(), web.From(r), &d.boardData)
}

func (p *pages) showBoardFirms(w http.ResponseWriter, r *http.Request) error {
	d, err := p.boardFirmsOf(r, firmsPage)
	if err != nil {
		return err
	}
	return web.Render(w, r, boardFirmsView(web.From(r), d))
}

// boardFirmsCSV is the whole list under the same filter.
func (p *pages) boardFirmsCSV(w http.ResponseWriter, r *http.Request) error {
	d, err := p.boardFirmsOf(r, firmsChunk)
	if err != nil {
		return err
	}
	page := web.From(r)
	attach(w, "text/csv; charset=utf-8", page.T("boardpages.firms_title")+" "+p.Clock().In(d.zone).Format(time.DateOnly)+".csv")
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads it as UTF-8
	out := csv.NewWriter(w)
	if err := out.Write([]string{"credit_code", "name", "park", "class", "industry", "size", "state", "watch", "declared", "roster", "came", "load_percent", "owes"}); err != nil {
		return err
	}
	for {
		for _, f := range d.Firms {
			load := ""
			if f.Load != nil {
				load = whole(*f.Load)
			}
			if err := out.Write([]string{
				f.CreditCode, deskCell(f.Name), deskCell(d.name(page, workresume.ByPark, f.Park)), string(f.Class), f.Industry, string(f.Size),
				string(f.State), watchName(f.Watch), whole(f.Declared), whole(f.Roster), whole(f.Came), load, owings(page, f.Owes),
			}); err != nil {
				return err
			}
		}
		if d.Next == "" {
			break
		}
		d.Query.After = d.Next
		if d.Firms, d.All, d.Next, err = p.BoardFirms(r.Context(), web.Principal(r), d.Query, firmsChunk); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// conditions are the words of the filter, each with the list without it.
func (d boardFirmsData) conditions(p *ui.Page) []ui.Link {
	var out []ui.Link
	without := func(name, text string) {
		u, err := url.Parse(d.href(boardFirms, ""))
		if err != nil {
			return
		}
		v := u.Query()
		v.Del(name)
		out = append(out, ui.Link{Href: boardHref(boardFirms, v), Text: text})
	}
	for _, b := range workresume.Breakdowns {
		if key := d.chosen(b); key != "" {
			without(string(b), d.name(p, b, key))
		}
	}
	if d.Query.As != "" {
		without("as", p.T("boardpages.as_"+string(d.Query.As)))
	}
	if d.Query.Owes != "" {
		without("owes", p.T("boardpages.owes_"+string(d.Query.Owes)))
	}
	return out
}

// standing is a firm's state as the list shows it.
func standing(p *ui.Page, f workresume.BoardFirm) (ui.State, string) {
	switch f.Watch {
	case workresume.Suspended, workresume.Withdrawn:
		return ui.Stop, p.T("workresume.watch." + string(f.Watch))
	case workresume.Warned:
		return ui.Warn, p.T("workresume.watch.warned")
	case workresume.PromiseKept:
	}
	return firmState(f.State), p.T("workresume.state." + string(f.State))
}

func boardFirmsColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("boardpages.firm"), Title: true},
		{Label: p.T("boardpages.park"), Minor: true},
		{Label: p.T("boardpages.state")},
		{Label: p.T("boardpages.declared"), Number: true},
		{Label: p.T("boardpages.roster"), Number: true},
		{Label: p.T("boardpages.load"), Number: true, Minor: true},
		{Label: p.T("boardpages.owed")},
	}
}

// loadOf is a firm's electricity as a share of a normal day.
func loadOf(p *ui.Page, f workresume.BoardFirm) string {
	if f.Load == nil {
		return "—"
	}
	return p.Share(*f.Load, 100)
}

func (d boardFirmsData) firstPage() string {
	if d.Query.After == "" {
		return ""
	}
	return d.href(boardFirms, "")
}

func (d boardFirmsData) nextPage() string {
	if d.Next == "" {
		return ""
	}
	return d.href(boardFirms, d.Next)
}
