package workresumeweb

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/web"
)

// deskCSV writes every firm under the filter, a page of the list at a time: the
// file begins while the rest is still being read, and no lock is held between.
func (p *pages) deskCSV(w http.ResponseWriter, r *http.Request) error {
	ctx, by, page := r.Context(), web.Principal(r), web.From(r)
	f := deskFilter(r.URL.Query())
	f.After = ""
	d := deskList{}
	var err error
	if d.Parks, err = p.Parks(ctx, string(page.Lang())); err != nil {
		return err
	}
	list, next, err := p.Firms(ctx, by, f)
	if err != nil {
		return err // nothing has been written yet
	}
	attach(w, "text/csv; charset=utf-8", page.T("firmpages.desk_title")+" "+p.Now().In(p.Zone).Format(time.DateOnly)+".csv")
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads it as UTF-8
	out := csv.NewWriter(w)
	head := []string{
		page.T("firmpages.credit_code"), page.T("firmpages.firm"), page.T("firmpages.park"), page.T("firmpages.class"), page.T("firmpages.state"),
		page.T("firmpages.since_short"), page.T("firmpages.declared"), page.T("firmpages.on_roster"), page.T("firmpages.reviews"),
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for {
		for _, l := range list {
			row := []string{
				l.CreditCode, deskCell(l.Name), deskCell(d.park(l.Park)), className(page, l.Class), page.T("workresume.state." + string(l.State)),
				clock.FromMicros(l.Since).In(p.Zone).Format(time.DateTime), whole(l.Declared), whole(l.Roster), whole(l.Reviews),
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		if next == "" {
			break
		}
		f.After = next
		if list, next, err = p.Firms(ctx, by, f); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

// deskCell keeps a text that somebody else chose from running as a formula when
// the file is opened in a spreadsheet.
func deskCell(s string) string {
	return harmless(s)
}
