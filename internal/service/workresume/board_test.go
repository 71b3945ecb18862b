package workresume_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// picture is the board under a filter, a second later, so that it is counted anew.
func (w *world) picture(by auth.Principal, q workresume.BoardFilter) workresume.Picture {
	w.t.Helper()
	w.hand.Add(time.Second)
	p, err := w.Picture(w.t.Context(), by, q)
	must(w.t, err)
	return p
}

// The board counts what firms did, a second after they did it; a suspended firm has
// not resumed, and nobody bound to a park sees another's figures.
func TestPicture(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, office := w.certified(w.park, 4)
		w.certified(w.other, 12)
		idle, _ := w.firm(w.other)
		must(t, w.Heed(t.Context()))

		p := w.picture(w.officer, workresume.BoardFilter{})
		want := workresume.Figures{Firms: 3, Filed: 2, Resumed: 2, Declared: 16, Back: 16, Owed: workresume.Owed{Filing: 1}}
		if d := cmp.Diff(want, p.Total); d != "" {
			t.Error(d)
		}
		if got := w.picture(w.officer, workresume.BoardFilter{Size: workresume.SizeSmall, Class: workresume.Priority, Industry: "software"}).Total; got.Firms != 1 || got.Back != 12 {
			t.Errorf("small software firms: %+v", got)
		}
		distant := auth.Principal{ID: "acc_distant", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		if got := w.picture(distant, workresume.BoardFilter{Park: w.park.ID}).Total; got.Firms != 2 {
			t.Errorf("an officer of the other park sees %+v", got)
		}
		if _, err := w.Picture(t.Context(), office, workresume.BoardFilter{}); fault.KindOf(err) != fault.Denied {
			t.Errorf("a firm: %v", err)
		}

		turn := p.Turn
		if again := w.picture(w.officer, workresume.BoardFilter{}); again.Turn != turn {
			t.Error("nothing happened, and the board turned")
		}
		must(t, w.db.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`update workresume_firm set watch = 'suspended' where firm = $1`, a.ID)
			return err
		}))
		_, err := w.ReportStock(t.Context(), office, workresume.StockInput{Firm: a.ID, Masks: 9}) // a fact, so that it is read again
		must(t, err)
		p = w.picture(w.officer, workresume.BoardFilter{})
		if p.Total.Resumed != 1 || p.Total.Suspended != 1 || p.Total.Back != 12 || p.Turn == turn {
			t.Errorf("after a suspension: %+v, turn %s", p.Total, p.Turn)
		}
		parts := map[string]int64{}
		for _, one := range p.By[workresume.ByPark] {
			parts[one.Key] = one.Resumed
		}
		if d := cmp.Diff(map[string]int64{w.park.ID: 0, w.other.ID: 1}, parts); d != "" {
			t.Error(d)
		}

		list := func(by auth.Principal, q workresume.BoardFirmsFilter) (ids []string) {
			t.Helper()
			firms, total, _, err := w.BoardFirms(t.Context(), by, q, 50)
			must(t, err)
			if total != len(firms) {
				t.Errorf("%d firms of %d", len(firms), total)
			}
			for _, f := range firms {
				ids = append(ids, f.ID)
			}
			return ids
		}
		if d := cmp.Diff([]string{a.ID}, list(w.officer, workresume.BoardFirmsFilter{As: workresume.StandsSuspended})); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{idle.ID}, list(distant, workresume.BoardFirmsFilter{Owes: workresume.OwesFiling})); d != "" {
			t.Error(d)
		}
		if got := list(distant, workresume.BoardFirmsFilter{As: workresume.StandsSuspended}); got != nil {
			t.Errorf("a park's officer sees %v", got)
		}
		first, _, next, err := w.BoardFirms(t.Context(), w.officer, workresume.BoardFirmsFilter{}, 2)
		must(t, err)
		rest, total, _, err := w.BoardFirms(t.Context(), w.officer, workresume.BoardFirmsFilter{After: next}, 2)
		must(t, err)
		if len(first) != 2 || len(rest) != 1 || total != 3 || rest[0].ID <= first[1].ID {
			t.Errorf("pages of %d and %d of %d", len(first), len(rest), total)
		}
	})
}

// A firm of which too few have reported by the hour owes their reports, and the desk's
// cases are counted under the same conditions as the firms they are about.
func TestOwedAndLate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.certified(w.park, 2) // nobody reports there: nothing is known, and nothing owed
		f, office := w.certified(w.park, 5)
		mend, mine := w.firm(w.other)
		w.file(mine, mend.ID, refused(60))
		w.upload(mine, mend.ID, roll(w.make(60)...))
		w.report(w.workerOf(office, 0), workresume.ReportInput{})
		must(t, w.Heed(t.Context()))

		p := w.picture(w.officer, workresume.BoardFilter{}).Total
		if p.Owed.Health != 0 || p.Reported != 1 || p.Expected != 5 {
			t.Errorf("before ten o'clock: %+v", p)
		}
		w.pass(2 * time.Hour)
		if p = w.picture(w.officer, workresume.BoardFilter{}).Total; p.Owed.Health != 1 {
			t.Errorf("after ten o'clock: %+v", p)
		}
		firms, _, _, err := w.BoardFirms(t.Context(), w.officer, workresume.BoardFirmsFilter{Owes: workresume.OwesHealth}, 9)
		must(t, err)
		if len(firms) != 1 || firms[0].ID != f.ID {
			t.Errorf("%+v owe reports", firms)
		}
		for i := 1; i < 4; i++ {
			w.report(w.workerOf(office, i), workresume.ReportInput{})
		}
		must(t, w.Heed(t.Context()))
		if p = w.picture(w.officer, workresume.BoardFilter{Park: w.park.ID}).Total; p.Owed.Health != 0 || p.Reported != 4 {
			t.Errorf("four of five reported: %+v", p)
		}

		_, err = w.Appeal(t.Context(), mine, workresume.AppealInput{Firm: mend.ID, Reason: "我公司仅作设备检修，不对外开放，请核实。"})
		must(t, err)
		must(t, w.Recount(t.Context()))
		for _, c := range []struct {
			q    workresume.BoardFilter
			want int64
		}{
			{workresume.BoardFilter{}, 2}, // what was filed, and the appeal
			{workresume.BoardFilter{Size: workresume.SizeMedium, Industry: "cinema"}, 2},
			{workresume.BoardFilter{Size: workresume.SizeMicro}, 0},
			{workresume.BoardFilter{Park: w.park.ID}, 0},
			{workresume.BoardFilter{Park: w.other.ID, Class: refused(1).Class}, 2},
		} {
			if got := w.picture(w.officer, c.q).Cases.Open; got != c.want {
				t.Errorf("%+v: %d cases, want %d", c.q, got, c.want)
			}
		}
	})
}

// A day's figures are kept once when it ends, with who came, and stay as they were.
func TestClosedDay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.certified(w.park, 4)
		day := w.hand.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
		if _, err := w.Picture(t.Context(), w.officer, workresume.BoardFilter{Day: day}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("today as a past day: %v", err)
		}
		w.hand.Add(24 * time.Hour)
		if _, err := w.Picture(t.Context(), w.officer, workresume.BoardFilter{Day: day}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a day nobody kept: %v", err)
		}
		must(t, w.CloseDay(t.Context()))
		w.certified(w.park, 7) // of today
		must(t, w.CloseDay(t.Context()))
		past := w.picture(w.officer, workresume.BoardFilter{Day: day})
		want := workresume.Figures{Firms: 1, Filed: 1, Resumed: 1, Declared: 4, Back: 4}
		if d := cmp.Diff(want, past.Total); d != "" {
			t.Error(d)
		}
		now := w.picture(w.officer, workresume.BoardFilter{})
		if len(now.Days) != 2 || now.Days[0].Day != day || now.Days[0].Back != 4 || now.Days[1].Back != 11 {
			t.Errorf("days: %+v", now.Days)
		}
	})
}
