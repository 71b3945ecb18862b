package auth

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// On the real log: each act is there with its actor, nothing secret is in it,
// and what a worker did is erased with the worker.
func TestFactsOnTheRealLog(t *testing.T) {
	storagetest.Run(t, []storage.Module{Module(), party.Module(), eventlog.Module()}, func(t *testing.T, db *storage.DB) {
		ring, err := keyring.New()
		if err != nil {
			t.Fatal(err)
		}
		now := clock.NewHand(start).Now
		log, err := eventlog.New(db, ring, now, "test.example/log")
		if err != nil {
			t.Fatal(err)
		}
		s := New(Deps{DB: db, Ring: ring, Log: log, Names: party.New(ring), Now: now, Firms: firms{}, Residents: residents{}, Scopes: tree{}})
		b, err := s.SignInWorker(t.Context(), "13800001234", "01123X", here)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.ClaimFirm(t.Context(), claimOf(code1, good), here)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.ReleaseClaim(t.Context(), officer1, c.ID); err != nil {
			t.Fatal(err)
		}
		stream := func(name string) (list []string) {
			recs, err := log.Stream(t.Context(), name, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range recs {
				list = append(list, fmt.Sprintf("%s by %s %v %s", r.Name, r.Actor, r.Erased, r.Body))
			}
			return list
		}
		me := b.Principal.ID
		if d := cmp.Diff([]string{
			"auth.signed_in by " + me + ` false {"account":"` + me + `","session":"` + b.ID + `","reason":"phone"}`,
			"auth.account_added by system false " + `{"account":"` + me + `","role":"worker","scope":{"kind":"person","id":"per_1"}}`,
		}, stream("account:"+me)); d != "" {
			t.Error(d)
		}
		if got := stream("firm:fir_1"); len(got) != 2 {
			t.Errorf("the firm's stream: %q", got)
		}
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return log.Erase(tx, "per_1") }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"auth.signed_in by " + me + " true ", "auth.account_added by system true "}, stream("account:"+me)); d != "" {
			t.Error(d)
		}
	})
}
