package dual_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/storage"
)

// effect_row has no key on purpose: doing an act twice must be seen, not stopped.
var effectFiles = fstest.MapFS{"schema/0001_effect.sql": {Data: []byte(`create table effect_row (act text not null, by_whom text not null);
create index effect_act on effect_row (act);`)}}

// Of many who confirm at once one does, and of a confirmation and a withdrawal at
// once one counts.
func TestAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for round := range 20 {
			a := w.asked(wang, fmt.Sprintf("per_%d", round))
			var wg sync.WaitGroup
			answers := make(chan error, 5)
			for i := range 4 {
				wg.Go(func() {
					answers <- w.confirm(t.Context(), principal(fmt.Sprintf("acc_%d", i), fmt.Sprintf("per_x%d", i), ""), a.ID)
				})
			}
			if round%2 == 1 {
				wg.Go(func() { answers <- w.withdraw(wang, a.ID) })
			}
			wg.Wait()
			close(answers)
			done := 0
			for err := range answers {
				if err == nil {
					done++
				} else if k := fault.KindOf(err); k != fault.Conflict && k != fault.Busy {
					t.Errorf("round %d: %v", round, err)
				}
			}
			got, n := w.get(a.ID).State, w.effect(a.ID)
			if done != 1 || (got == dual.Confirmed) != (n == 1) || got == dual.Proposed {
				t.Errorf("round %d: %d succeeded, state %s, done %d times", round, done, got, n)
			}
		}
	})
}

// The negative control: who looks whether the act waits and does it without
// claiming the row does it as often as there are people, in the same test.
func TestLookingWithoutClaimingDoesItTwice(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.asked(wang, "per_1")
		careless := func(ctx context.Context, by auth.Principal) error {
			var seen dual.Act
			if err := w.db.Read(ctx, func(r storage.Reader) (err error) {
				seen, err = w.Get(r, by, a.ID)
				return err
			}); err != nil || seen.State != dual.Proposed {
				return err
			}
			return w.db.Write(ctx, func(tx *storage.Tx) error {
				_, err := tx.Exec(`insert into effect_row (act, by_whom) values ($1, $2)`, a.ID, by.ID)
				return err
			})
		}
		for _, by := range []auth.Principal{li, principal("acc_3", "per_3", "")} {
			if err := careless(t.Context(), by); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.effect(a.ID); n != 2 {
			t.Errorf("done %d times: the control no longer shows what the claim prevents", n)
		}
	})
}
