package ledger_test

import (
	"testing"
	"time"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A journal rewritten by somebody who makes every digest and balance anew passes by
// itself, and betrays itself to the anchor in the log of facts.
func TestAnchor(t *testing.T) {
	storagetest.Run(t, append([]storage.Module{eventlog.Module()}, mods...), func(t *testing.T, db *storage.DB) {
		ring, err := keyring.Open(t.TempDir(), "store")
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, db, 0)
		log, err := eventlog.New(db, ring, w.hand.Now, "ledger.test")
		if err != nil {
			t.Fatal(err)
		}
		w.books = ledger.New(db, log, w.hand.Now)
		w.must(w.receive(10)) // nothing before it to anchor
		h := w.hold(3)
		w.must(h)         // anchors batch 1
		w.must(w.hold(1)) // within the minute
		w.hand.Add(time.Minute)
		w.must(w.hold(1)) // anchors batch 3
		w.must(w.hold(1))
		recs, err := log.Stream(t.Context(), "book:"+string(w.book), 10)
		if err != nil || len(recs) != 2 {
			t.Fatalf("%d anchors, %v", len(recs), err)
		}
		audit := func(l ledger.Log) ledger.Report {
			rep, err := ledger.Audit(t.Context(), db, l)
			if err != nil {
				t.Fatal(err)
			}
			return rep
		}
		if rep := audit(log); !rep.OK || rep.Anchored != 1 {
			t.Fatalf("%+v", rep)
		}
		w.write(func(tx *storage.Tx) error {
			if _, err := tx.Exec(`update ledger_account set held = held - 1 where held > 0`); err != nil {
				return err
			}
			if _, err := tx.Exec(`update ledger_account set expected = expected - 1 where expected > 0`); err != nil {
				return err
			}
			return ledger.Rewrite(tx, w.book, 2, func(amount *int64) { *amount = 2 })
		})
		if rep := audit(nil); !rep.OK {
			t.Errorf("the rewriting was clumsy: %+v", rep)
		}
		if rep := audit(log); rep.OK || rep.Reason != "anchor_differs" || rep.FirstBad.Batch != 3 {
			t.Errorf("%+v", rep)
		}
		// Cutting the end off behind the anchor is seen too.
		w.write(func(tx *storage.Tx) error {
			for _, q := range []string{`delete from ledger_batch where n > 2`, `update ledger_head set n = 2`} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		})
		if rep := audit(log); rep.OK || rep.Reason != "batch_missing" {
			t.Errorf("%+v", rep)
		}
	})
}
