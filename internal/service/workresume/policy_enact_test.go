package workresume_test

import (
	"sync/atomic"
	"testing"
	"time"

	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// However dear a policy's rules are, a transaction of asking again ends by time:
// under a clock on which every firm takes longer than that, each is asked in one of
// its own, every one of them once, and the tally is whole.
func TestEnactEndsByTime(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		const firms = 21
		w.districtOf(firms)
		p, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: policyFile(t, "slow", "mask_days_required = 3", "mask_days_required = 2")})
		must(t, err)
		act, err := w.Activate(t.Context(), w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "试行"})
		must(t, err)
		must(t, w.ConfirmPolicy(t.Context(), w.second, act.ID, once.Key{}))
		var read atomic.Int64
		w.Clock = func() time.Time { return w.hand.Now().Add(time.Duration(read.Add(1)) * 125 * time.Millisecond) }
		commits := 0
		for {
			list, err := w.Activations(t.Context(), w.officer)
			must(t, err)
			if a := list[0]; a.State == workresume.ActivationDone {
				if a.Done != firms || a.Turned != firms || a.Total != firms || len(a.Moves) != 1 || a.Moves[0].Firms != firms {
					t.Errorf("%+v", a)
				}
				break
			}
			if int(list[0].Done) != commits {
				t.Fatalf("%d firms after %d transactions", list[0].Done, commits)
			}
			must(t, w.EnactOnce(t.Context(), list[0].ID))
			commits++
		}
		if commits != firms {
			t.Errorf("%d transactions for %d firms", commits, firms)
		}
	})
}
