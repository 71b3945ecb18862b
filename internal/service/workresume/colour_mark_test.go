package workresume_test

import (
	"testing"
	"time"

	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// A printed code is suspended while its person is not green, and holds again without
// being printed anew: after clean days, and after a restriction's own end.
func TestPrintedCodeFollowsColour(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		printed, err := w.PrintCodes(ctx, office, f.ID, []string{me.Person, other.Person})
		must(t, err)
		paper, others := printed[0].Credential, printed[1].Credential
		w.says("printed", paper, credential.StatusValid)
		w.report(me, workresume.ReportInput{Tenths: 385})
		w.says("while yellow", paper, credential.Suspended)
		w.says("of another", others, credential.StatusValid)
		decide := func(to workresume.State) {
			t.Helper()
			_, err := w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: to, Reason: "现场复核"})
			must(t, err)
		}
		decide(workresume.Returned)
		w.says("of another, the firm may not work", others, credential.Suspended)
		decide(workresume.Certified)
		w.says("of another, the firm works again", others, credential.StatusValid)
		w.says("yellow, the firm works again", paper, credential.Suspended)
		for range 7 {
			w.day(me)
		}
		w.says("green again", paper, credential.StatusValid)

		act, err := w.RestrictPerson(ctx, w.officer, workresume.RestrictInput{Person: me.Person, Reason: "close-contact", Days: 2, Note: "疾控协查函，同乘列车"})
		must(t, err)
		must(t, w.ConfirmRestriction(ctx, w.second, act.ID, once.Key{}))
		w.says("red", paper, credential.Suspended)
		w.hand.Add(48*time.Hour + time.Minute)
		must(t, w.Lapse(ctx))
		w.says("after the restriction's day", paper, credential.StatusValid)
		facts, err := w.log.Stream(ctx, "person:"+me.Person, 1)
		must(t, err)
		if facts[0].Name != "workresume.coloured" {
			t.Errorf("the lapse is no fact: %s", facts[0].Name)
		}
	})
}
