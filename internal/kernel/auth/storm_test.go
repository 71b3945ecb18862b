package auth

import (
	"sync"
	"sync/atomic"
	"testing"

	"breakwater/internal/fault"
)

// Guesses sent all at once get no more tries than guesses sent in a row.
func TestParallelGuessesAreCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		before := w.passwords.done.Load()
		var wrong, refused atomic.Int64
		var all sync.WaitGroup
		for range 60 {
			all.Go(func() {
				_, err := w.SignIn(t.Context(), "gao", "guess-guess", here)
				switch {
				case fault.Is(err, "auth.sign_in"):
					wrong.Add(1)
				case fault.Is(err, "auth.too_many"):
					refused.Add(1)
				}
			})
		}
		all.Wait()
		if wrong.Load() != nameBurst || refused.Load() != 60-nameBurst || w.passwords.done.Load()-before != nameBurst {
			t.Errorf("%d wrong, %d refused, %d hashes", wrong.Load(), refused.Load(), w.passwords.done.Load()-before)
		}
	})
}

// A worker who taps many times at once has one account and many sessions.
func TestFirstSignInsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		const taps = phoneBurst // more at once would wait for one another's tries
		var all sync.WaitGroup
		var ids sync.Map
		for range taps {
			all.Go(func() {
				b, err := w.SignInWorker(t.Context(), "13800001234", "01123X", here)
				if err != nil {
					t.Error(err)
				}
				ids.Store(b.Principal.ID, true)
			})
		}
		all.Wait()
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		if accounts := w.count(t, "auth_account"); n != 1 || accounts != 1 || w.count(t, "auth_session") != taps {
			t.Errorf("%d principals, %d accounts, %d sessions", n, accounts, w.count(t, "auth_session"))
		}
	})
}
