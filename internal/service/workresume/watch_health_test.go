package workresume_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

func (w *world) line(office auth.Principal, name string) *int64 {
	w.t.Helper()
	c, err := w.Compare(w.t.Context(), office, office.Scope.ID)
	must(w.t, err)
	for _, l := range c.Lines {
		if l.Name == name {
			return l.Measured
		}
	}
	w.t.Fatalf("no line %s", name)
	return nil
}

func (w *world) rules(office auth.Principal) (out []string) {
	w.t.Helper()
	c, err := w.Compare(w.t.Context(), office, office.Scope.ID)
	must(w.t, err)
	for _, g := range c.Flags {
		out = append(out, string(g.Level)+" "+g.Rule)
	}
	return out
}

// held makes a person red by two officers.
func (w *world) held(person string, days int64) workresume.Restriction {
	w.t.Helper()
	ctx := w.t.Context()
	act, err := w.RestrictPerson(ctx, w.officer, workresume.RestrictInput{Person: person, Reason: "close-contact", Days: days, Note: "疾控协查函，同乘列车，需暂缓到岗"})
	must(w.t, err)
	must(w.t, w.ConfirmRestriction(ctx, w.second, act.ID, once.Key{}))
	h, err := w.HealthOf(ctx, auth.Principal{ID: "acc_self", Role: auth.Worker, Scope: auth.Person(person), Person: person})
	must(w.t, err)
	return *h.Restriction
}

// Whose people report is held to it from the hour on at which reports are due; where
// nobody ever reported nothing is known, and nothing is held against the firm.
func TestReportsAreMissed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, silent := w.certified(w.park, 2)
		_, office := w.certified(w.park, 4)
		must(t, w.Heed(t.Context()))
		w.report(w.workerOf(office, 0), workresume.ReportInput{})
		must(t, w.Heed(t.Context()))
		if n := w.line(office, "reported_today"); n == nil || *n != 1 || len(w.rules(office)) != 0 {
			t.Fatalf("%v %v before ten o'clock", n, w.rules(office))
		}
		if n := w.line(silent, "reported_today"); n != nil {
			t.Errorf("%d of a firm of which nothing is known", *n)
		}
		w.pass(90 * time.Minute) // half past eight to ten
		w.pass(10 * time.Minute)
		if d := cmp.Diff([]string{"warned reports-hardly"}, w.rules(office)); d != "" {
			t.Fatal(d)
		}
		w.report(w.workerOf(office, 1), workresume.ReportInput{})
		w.pass(10 * time.Minute) // half of them: another rule, with its own time
		if d := cmp.Diff([]string{"warned reports-hardly", "warned reports-low"}, w.rules(office)); d != "" {
			t.Fatal(d)
		}
		w.report(w.workerOf(office, 2), workresume.ReportInput{})
		w.report(w.workerOf(office, 3), workresume.ReportInput{})
		w.report(w.workerOf(office, 3), workresume.ReportInput{Tenths: 365}) // a correction is no second person
		w.pass(30 * time.Minute)
		if n := w.line(office, "reported_today"); *n != 4 || w.watchOf(office) != workresume.PromiseKept {
			t.Errorf("%d reported, %q %v", *n, w.watchOf(office), w.rules(office))
		}
		w.pass(14 * time.Hour) // the next day begins
		if n := w.line(office, "reported_today"); *n != 0 || len(w.rules(office)) != 0 {
			t.Errorf("%d reported on a new day, %v", *n, w.rules(office))
		}
		if len(w.rules(silent)) != 0 {
			t.Errorf("%v of a firm of which nothing is known", w.rules(silent))
		}
		w.pass(14 * 24 * time.Hour)
		if n := w.line(office, "reported_today"); n != nil {
			t.Errorf("%d two weeks after the last report", *n)
		}
	})
}

// A firm that begins tomorrow is held to nothing of tomorrow today: no report is due, no
// mask is used. From its first day on both are.
func TestNothingIsDueBeforeTheFirstDay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(w.park, 4)
		filing := goodFiling(4)
		filing.Start = "2020-02-19" // the clock says half past eight on the 18th
		w.file(office, f.ID, filing)
		must(t, w.Heed(t.Context()))
		w.report(w.workerOf(office, 0), workresume.ReportInput{})
		w.pass(90 * time.Minute)
		w.pass(time.Hour)
		if got := w.rules(office); len(got) != 0 {
			t.Errorf("the day before: %v", got)
		}
		w.pass(14 * time.Hour) // into the first day
		w.pass(10 * time.Hour)
		w.pass(10 * time.Minute)
		if d := cmp.Diff([]string{"warned reports-hardly"}, w.rules(office)); d != "" {
			t.Error("on the first day: " + d)
		}
		if got := w.Measured(f.ID)["stock_days"]; got != int64(0) {
			t.Errorf("masks used for %v days in the first morning", got)
		}
	})
}

// Somebody turned red while inside warns at once, suspends when nobody acts, and goes
// when the person has left or the red has.
func TestRedInside(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 3)
		w.in(2, office)
		must(t, w.Heed(ctx))
		outside := w.workerOf(office, 2)
		w.held(outside.Person, 14)
		must(t, w.Heed(ctx))
		if n := w.line(office, "red_inside"); *n != 0 || len(w.rules(office)) != 0 {
			t.Fatalf("%d red inside, %v: the person is at home", *n, w.rules(office))
		}
		code, err := w.ShowCode(ctx, w.workerOf(office, 0))
		must(t, err)
		w.held(w.workerOf(office, 0).Person, 2)
		must(t, w.Heed(ctx))
		if d := cmp.Diff([]string{"warned red-inside"}, w.rules(office)); d != "" || *w.line(office, "red_inside") != 1 {
			t.Fatal("at once: " + d)
		}
		list, _, err := w.Flags(ctx, w.officer, workresume.FlagFilter{Rule: "red-inside"})
		must(t, err)
		if len(list) != 1 || list[0].Firm != f.ID {
			t.Fatalf("%+v", list)
		}
		w.pass(4 * time.Hour)
		if got := w.watchOf(office); got != workresume.Suspended {
			t.Fatalf("%q after four hours", got)
		}
		compare := func() workresume.Comparison {
			c, err := w.Compare(ctx, office, f.ID)
			must(t, err)
			return c
		}
		kept := compare()
		w.WatchAfresh()
		must(t, w.Heed(ctx))
		if d := cmp.Diff(kept, compare(), cmpopts.IgnoreFields(workresume.Comparison{}, "Firm")); d != "" {
			t.Error(d)
		}
		w.tap(code.Credential, workresume.Out)
		w.pass(time.Minute)
		w.pass(30 * time.Minute)
		if n := w.line(office, "red_inside"); *n != 0 || w.watchOf(office) != workresume.PromiseKept {
			t.Errorf("%d red inside after the person left, %q %v", *n, w.watchOf(office), w.rules(office))
		}

		w.held(w.workerOf(office, 1).Person, 1)
		must(t, w.Heed(ctx))
		if n := w.line(office, "red_inside"); *n != 1 {
			t.Fatalf("%d red inside", *n)
		}
		w.pass(25 * time.Hour) // it ends by itself
		if n := w.line(office, "red_inside"); *n != 0 {
			t.Errorf("%d red inside after its day", *n)
		}
	})
}

// What a gate turned aside today is known again after a restart.
func TestTurnedAsideIsReadAgain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 4)
		for i := range 3 {
			code, err := w.ShowCode(ctx, w.workerOf(office, i))
			must(t, err)
			w.held(w.workerOf(office, i).Person, 3)
			if c := w.tap(code.Credential, workresume.In); c.Code != workresume.CheckAsk {
				t.Fatalf("%d %+v", i, c)
			}
		}
		w.pass(10 * time.Minute)
		if d := cmp.Diff([]string{"warned colours-at-entry"}, w.rules(office)); d != "" || *w.line(office, "asked_today") != 3 {
			t.Fatal(d)
		}
		before := w.Measured(f.ID)
		w.WatchAfresh()
		must(t, w.Heed(ctx))
		if d := cmp.Diff(before, w.Measured(f.ID)); d != "" {
			t.Error(d)
		}
	})
}
