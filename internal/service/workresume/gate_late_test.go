package workresume_test

import (
	"testing"
	"time"

	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// A check made without a network counts once, at its own time, and moves nobody who has
// been checked since; what the phone answered stands.
func TestLateChecks(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 3)
		guards, _ := w.gatesOf()
		code := func(n int) string {
			t.Helper()
			c, err := w.ShowCode(ctx, w.workerOf(office, n))
			must(t, err)
			return c.Credential
		}
		texts := []string{code(0), code(1), code(2)}
		check := func(n int, dir workresume.Direction, ago time.Duration, said workresume.Said, k string) (workresume.Check, error) {
			in := workresume.CheckInput{Gate: w.gate.ID, Text: texts[n], Direction: dir, Key: once.Key{Principal: w.guard.ID, Operation: "checkAtGate", Key: k}}
			if said != "" {
				in.Late = &workresume.Late{At: w.hand.Now().Add(-ago), Said: said}
			}
			return w.CheckAtGate(ctx, w.guard, in)
		}
		took := func(n int, dir workresume.Direction, ago time.Duration, said workresume.Said, k string, admit bool, code workresume.CheckCode, inside int64) workresume.Check {
			t.Helper()
			c, err := check(n, dir, ago, said, k)
			must(t, err)
			if c.Admit != admit || c.Code != code || c.Inside != inside || c.Said != said {
				t.Errorf("%s: %+v, want %v %s, %d inside", k, c, admit, code, inside)
			}
			return c
		}
		w.hand.Add(time.Hour)
		const in, out = workresume.In, workresume.Out
		first := took(0, in, 30*time.Minute, workresume.SaidHolds, "a", true, workresume.CheckOK, 1)
		again := took(0, in, 30*time.Minute, workresume.SaidHolds, "a", true, workresume.CheckOK, 1) // the answer was lost
		if again.Reference != first.Reference || first.Now != workresume.CheckOK || !first.At.Equal(w.hand.Now().Add(-30*time.Minute)) {
			t.Errorf("%+v, then %+v", first, again)
		}
		// It reached the server and only the answer was lost: the phone keeps it under its key.
		live := took(1, in, 0, "", "b", true, workresume.CheckOK, 2)
		if c, err := check(1, in, time.Minute, workresume.SaidHolds, "b"); err != nil || c.Reference != live.Reference || c.Said != "" {
			t.Errorf("%+v, %v", c, err)
		}
		// Who was seen since is where the later check left them.
		w.hand.Add(time.Minute)
		left := took(1, out, 0, "", "c", true, workresume.CheckOK, 1)
		took(1, in, 30*time.Second, workresume.SaidHolds, "d", true, workresume.CheckRepeat, 1)
		_, err := w.Undo(ctx, guards[0], w.gate.ID, left.Reference, key("u"))
		must(t, err)
		if d, err := w.AtGate(ctx, w.guard, ""); err != nil || d.Inside != 2 || d.Recent[0].Said != workresume.SaidHolds {
			t.Errorf("%+v, %v", d, err)
		}
		// Withdrawn meanwhile: what the phone answered stands, and the answer of now is said.
		_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "停工核查", Key: key("stop")})
		must(t, err)
		if c := took(2, in, 20*time.Second, workresume.SaidHolds, "e", true, workresume.CheckOK, 3); c.Now != workresume.CheckStopped {
			t.Errorf("now %s", c.Now)
		}
		took(2, in, 10*time.Second, workresume.SaidEnded, "f", false, workresume.CheckStopped, 3)
		took(2, in, 5*time.Second, workresume.SaidTurned, "f2", false, workresume.CheckUnreadable, 3)
		took(2, out, -time.Minute, workresume.SaidHolds, "g", true, workresume.CheckOK, 2) // a clock a little ahead
		for k, x := range map[string]struct {
			ago  time.Duration
			said workresume.Said
		}{"old": {workresume.LateMost + time.Second, workresume.SaidHolds}, "ahead": {-time.Hour, workresume.SaidHolds}, "odd": {time.Minute, "green"}} {
			_, err := check(0, in, x.ago, x.said, k)
			want(t, err, "fault.fields")
		}
		w.hand.Add(workresume.LateMost)
		took(0, in, 30*time.Minute, workresume.SaidHolds, "a", true, workresume.CheckOK, 1) // what was taken in time is answered for a week
		must(t, w.Heed(ctx))
	})
}
