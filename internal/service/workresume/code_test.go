package workresume_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// A firm that prints codes learns nobody's colour; of a firm that may not work every
// code says the same. The person reads what is their own first, and no day of the
// code's beside the one that their health names.
func TestCodeKeepsColourFromFirm(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 3)
		green, yellow, red := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2)
		w.report(yellow, workresume.ReportInput{Tenths: 385})
		act, err := w.RestrictPerson(ctx, w.officer, workresume.RestrictInput{Person: red.Person, Reason: "close-contact", Days: 14, Note: "疾控协查函，同乘列车"})
		must(t, err)
		must(t, w.ConfirmRestriction(ctx, w.second, act.ID, once.Key{}))

		reasons := func() (own, printed []string) {
			t.Helper()
			list, err := w.PrintCodes(ctx, office, f.ID, []string{green.Person, yellow.Person, red.Person})
			must(t, err)
			for _, c := range list {
				if printed = append(printed, c.Reason); c.State != workresume.CodeValid {
					bare(t, c)
				}
			}
			for _, me := range []auth.Principal{green, yellow, red} {
				c, err := w.ShowCode(ctx, me)
				must(t, err)
				if own = append(own, c.Reason); c.State != workresume.CodeValid {
					bare(t, c)
				}
			}
			return own, printed
		}
		check := func(when string, wantOwn, wantPrinted []string) {
			t.Helper()
			own, printed := reasons()
			if d := cmp.Diff(wantOwn, own); d != "" {
				t.Errorf("%s, to themselves: %s", when, d)
			}
			if d := cmp.Diff(wantPrinted, printed); d != "" {
				t.Errorf("%s, to the firm: %s", when, d)
			}
		}
		check("the firm works", []string{"workresume.code_valid", "workresume.code_yellow", "workresume.code_red"},
			[]string{"workresume.code_valid", "workresume.code_unprintable", "workresume.code_unprintable"})
		for _, to := range []struct {
			state workresume.State
			says  string
		}{{workresume.Refused, "workresume.code_refused"}, {workresume.Returned, "workresume.code_waiting"}} {
			_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: to.state, Reason: "现场复核"})
			must(t, err)
			check(string(to.state), []string{to.says, "workresume.code_yellow_firm", "workresume.code_red_firm"}, []string{to.says, to.says, to.says})
		}
	})
}

// bare is a code that says a reason and nothing else.
func bare(t *testing.T, c workresume.Code) {
	t.Helper()
	if !c.Until.IsZero() || c.Credential != "" || c.ShortCode != "" {
		t.Errorf("%+v", c)
	}
}
