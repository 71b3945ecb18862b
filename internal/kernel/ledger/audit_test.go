package ledger_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// busyDay leaves a book with something of everything: receipts, open and ended holds,
// a quota, two batches of several transfers.
func busyDay(w *world) {
	a, b, c := w.held(3, "per_1", 7), w.hold(4), w.hold(2)
	c.Until = start.Add(time.Minute)
	w.must(a)                            // batch 2, number 2
	w.must(b, c)                         // batch 3, numbers 3 and 4
	w.must(w.end(ledger.Post, a, 2))     // batch 4, number 5
	w.must(w.end(ledger.Void, b, 0))     // batch 5, number 6
	w.must(w.held(1, "per_1", 7))        // batch 6, number 7
	w.hand.Set(start.Add(2 * time.Hour)) // batch 7, number 8
	w.must(w.end(ledger.Expire, c, 0))
}

func TestAuditCounts(t *testing.T) {
	both(t, 20, func(t *testing.T, w *world) {
		if rep, err := ledger.Audit(t.Context(), w.db, nil); err != nil || !rep.OK || rep.Books != 1 {
			t.Fatalf("%+v, %v", rep, err)
		}
		busyDay(w)
		var done, total int64
		rep, err := ledger.AuditTelling(t.Context(), w.db, nil, func(n, of int64) { done, total = n, of })
		if err != nil {
			t.Fatal(err)
		}
		if again := w.audit(); again.Digest != rep.Digest || len(rep.Digest) != 64 {
			t.Errorf("the same journals: %s, then %s", rep.Digest, again.Digest)
		}
		if done != 8 || total != 8 {
			t.Errorf("told of %d of %d", done, total)
		}
		rep.Digest = ""
		got, err := json.Marshal(rep)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"ok":true,"books":1,"accounts":4,"batches":7,"transfers":8,"open_holds":1,"anchored":0,` +
			`"units":[{"unit":"mask","outside":-20,"inside":20,"held":1},{"unit":"slot","outside":0,"inside":0,"held":0}],"digest":"","first_bad":null,"reason":""}`
		if d := cmp.Diff(want, string(got)); d != "" {
			t.Error(d)
		}
	})
}

// Whatever is changed in the database, the audit says what and where.
func TestAuditNames(t *testing.T) {
	for _, c := range []struct {
		change string
		reason string
		batch  int64
		number int64
	}{
		{`update ledger_account set posted = posted + 1 where purpose = 'point:1'`, "balance_differs", 0, 0},
		{`update ledger_account set held = 2 where purpose = 'point:1'`, "balance_differs", 0, 0},
		{`update ledger_account set unit = 'glove' where purpose = 'point:1'`, "units_differ", 1, 1},
		{`update ledger_batch set at = at + 1 where n = 3`, "batch_altered", 3, 0},
		{`update ledger_batch set digest = bytes where n = 4`, "batch_altered", 4, 0},
		{`delete from ledger_batch where n = 4`, "batch_missing", 4, 0},
		{`delete from ledger_batch where n = 7`, "batch_missing", 6, 0},
		{`update ledger_head set n = 6`, "batch_missing", 7, 0},
		{`delete from ledger_head`, "head_missing", 0, 0},
		{`update ledger_quota set most = 2`, "over_quota", 2, 2},
		{`delete from ledger_quota`, "account_unknown", 2, 2},
		{`delete from ledger_book`, "no_book", 0, 0},
		{`insert into ledger_mark (book, n, at, balances) select book, 3, at, bytes from ledger_batch where n = 3`, "mark_differs", 3, 0},
		{`insert into ledger_mark (book, n, at, balances) select book, 9, at, bytes from ledger_batch where n = 3`, "mark_differs", 7, 0},
	} {
		t.Run(c.change, func(t *testing.T) {
			both(t, 20, func(t *testing.T, w *world) {
				busyDay(w)
				w.write(func(tx *storage.Tx) error { _, err := tx.Exec(c.change); return err })
				rep := w.audit()
				if rep.OK || rep.Reason != c.reason || rep.FirstBad.Batch != c.batch || rep.FirstBad.Number != c.number || rep.Code != "ledger.audit_"+c.reason {
					t.Errorf("%+v at %+v", rep, rep.FirstBad)
				}
				// A book that does not add up gives out nothing more.
				w.again()
				if _, err := w.admit(w.hold(1)); err == nil && c.reason != "over_quota" && c.reason != "units_differ" && c.reason != "mark_differs" && c.reason != "no_book" {
					t.Error("and it goes on")
				}
			})
		})
	}
}

// Balances of the past are what they were, with marks between and without.
func TestBalancesAt(t *testing.T) {
	both(t, 10000, func(t *testing.T, w *world) {
		type moment struct {
			at    time.Time
			state []ledger.Balance
		}
		now := func() (m moment) {
			m.at = w.hand.Now()
			if err := w.db.Read(context.Background(), func(r storage.Reader) (err error) {
				m.state, err = ledger.Balances(r, w.book)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return m
		}
		var past []moment
		var open []ledger.Transfer
		for i := range ledger.MarkEvery + 40 {
			w.hand.Add(time.Second)
			switch i % 3 {
			case 2: // long after its mark, sometimes
				w.must(w.end(ledger.Post, open[0], 1))
				open = open[1:]
			default:
				h := w.hold(2)
				w.must(h)
				open = append(open, h)
			}
			if i%37 == 0 || i > ledger.MarkEvery-4 {
				past = append(past, now())
			}
		}
		for _, m := range past {
			var got []ledger.Balance
			if err := w.db.Read(t.Context(), func(r storage.Reader) (err error) {
				got, err = ledger.BalancesAt(r, w.book, m.at)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(m.state, got); d != "" {
				t.Fatalf("%v: %s", m.at.Sub(start), d)
			}
		}
		w.sound()
	})
}
