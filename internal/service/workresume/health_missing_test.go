package workresume_test

import (
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
)

// A firm learns who has not reported, never what; reminding has an end for the day.
func TestMissingReports(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 3)
		_, stranger := w.certified(w.park, 1)
		one, two := w.workerOf(office, 0), w.workerOf(office, 1)
		w.report(one, workresume.ReportInput{Symptoms: []workresume.Symptom{"fever"}})
		missing := func() workresume.Reporting {
			t.Helper()
			r, err := w.MissingReports(ctx, office, f.ID, "")
			must(t, err)
			return r
		}
		if r := missing(); r.Roster != 3 || r.Reported != 1 || len(r.Missing) != 2 || r.Missing[0].ID != two.Person {
			t.Fatalf("%+v", r)
		}
		remind := func(people ...string) int64 {
			t.Helper()
			n, err := w.Remind(ctx, office, workresume.RemindInput{Firm: f.ID, People: people})
			must(t, err)
			return n
		}
		if n := remind(two.Person, one.Person); n != 1 {
			t.Errorf("reminded %d", n)
		}
		if h, err := w.HealthOf(ctx, two); err != nil || !h.Reminded.Equal(w.hand.Now()) {
			t.Errorf("%+v, %v", h, err)
		}
		if a, b, c := remind(), remind(), remind(); a != 2 || b != 2 || c != 1 {
			t.Errorf("%d %d %d: more than the pack allows", a, b, c)
		}
		w.report(two, workresume.ReportInput{})
		if r := missing(); r.Reported != 2 || r.Missing[0].Reminded != 3 {
			t.Errorf("%+v", r)
		}
		if h, err := w.HealthOf(ctx, two); err != nil || !h.Reminded.IsZero() {
			t.Errorf("%+v, %v", h, err)
		}
		w.hand.Add(24 * time.Hour)
		if r := missing(); r.Reported != 0 || r.Missing[1].Reminded != 0 {
			t.Errorf("the next day: %+v", r)
		}
		if _, err := w.MissingReports(ctx, stranger, f.ID, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another firm: %v", err)
		}
		if _, err := w.Remind(ctx, stranger, workresume.RemindInput{Firm: stranger.Scope.ID, People: []string{two.Person}}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another firm's people: %v", err)
		}
	})
}

// An officer's look at one person's health leaves reason and reader with the person.
func TestReadHealth(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 1)
		me := w.workerOf(office, 0)
		w.report(me, workresume.ReportInput{Tenths: 385})
		h, err := w.ReadHealth(ctx, w.officer, me.Person, "本人来电申诉")
		must(t, err)
		if h.Level != workresume.Yellow || len(h.Reports) != 1 {
			t.Errorf("%+v", h)
		}
		facts, err := w.log.Stream(ctx, party.Stream(me.Person), 1)
		must(t, err)
		if f := facts[0]; f.Name != party.Revealed || f.Actor != w.officer.ID || string(f.Body) != `{"reason":"本人来电申诉","what":"health"}` {
			t.Errorf("%s by %s: %s", f.Name, f.Actor, f.Body)
		}
		for name, c := range map[string]struct {
			by     auth.Principal
			reason string
			kind   fault.Kind
		}{
			"no reason":      {w.officer, " ok ", fault.Invalid},
			"second officer": {w.second, "本人来电申诉", fault.Denied},
			"the firm":       {office, "本人来电申诉", fault.Denied},
			"another park":   {auth.Principal{ID: "acc_west", Role: auth.Officer, Scope: auth.Park(w.other.ID)}, "本人来电申诉", fault.NotFound},
		} {
			if _, err := w.ReadHealth(ctx, c.by, me.Person, c.reason); fault.KindOf(err) != c.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
