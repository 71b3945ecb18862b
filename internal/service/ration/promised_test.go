package ration_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// What was promised is read the same off the rows and off the ledger's journal, whatever
// became of it later.
func TestPromisedOf(t *testing.T) {
	storagetest.Run(t, modules, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.open("guangzhou", 50)
		w.at(0, 20, 0)
		o := w.plan("guangzhou", 0, 15)
		var told []string
		for range 3 {
			a, err := w.Claim(t.Context(), w.person(), ration.ClaimInput{Offer: o.ID})
			w.must(err)
			told = append(told, a.ID)
		}
		var got ration.Promised
		w.must(db.Read(t.Context(), func(r storage.Reader) (err error) {
			got, err = ration.PromisedOf(r, "guangzhou-2020")
			return err
		}))
		if d := cmp.Diff([]ration.Offered{{Offer: o.ID, Pieces: 15, Given: 15}}, got.Offers); d != "" {
			t.Error(d)
		}
		if len(got.Rows) != 3 || len(got.Given) != 3 {
			t.Errorf("%d rows, %d in the ledger", len(got.Rows), len(got.Given))
		}
		for _, id := range told {
			if got.Given[id] != 5 {
				t.Errorf("the ledger holds %d pieces for %s", got.Given[id], id)
			}
		}
		err := db.Read(t.Context(), func(r storage.Reader) error {
			_, err := ration.PromisedOf(r, "nowhere")
			return err
		})
		w.fails(err, "ration.no_campaign")
	})
}

// A visitor's campaign with little supply does not stop the demonstration from offering
// what its own have.
func TestDemoDaysWithLittle(t *testing.T) {
	storagetest.Run(t, modules, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.open("guangzhou", 5)
		w.must(w.DemoDays(t.Context(), w.officer))
	})
}
