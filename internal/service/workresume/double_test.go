package workresume_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

const sawBoth = "两份证件原件均已核对，系同一人"

// doubles are two workers of two firms.
func (w *world) doubles() (a, b auth.Principal) {
	_, one := w.certified(w.park, 1)
	_, two := w.certified(w.other, 1)
	return w.workerOf(one, 0), w.workerOf(two, 0)
}

func (w *world) merge(a, b string) {
	w.t.Helper()
	act, err := w.MergePeople(w.t.Context(), w.officer, workresume.MergeInput{First: a, Second: b, Reason: sawBoth, Key: key(once.Ticket(w.hand.Now()))})
	must(w.t, err)
	must(w.t, w.ConfirmMerge(w.t.Context(), w.second, act.ID, key(once.Ticket(w.hand.Now()))))
}

func (w *world) split(person string) {
	w.t.Helper()
	_, err := w.SplitPeople(w.t.Context(), w.officer, workresume.SplitInput{Person: person, Reason: sawBoth, Key: key(once.Ticket(w.hand.Now()))})
	must(w.t, err)
}

func (w *world) hold(person, reason string, days int64) {
	w.t.Helper()
	act, err := w.RestrictPerson(w.t.Context(), w.officer, workresume.RestrictInput{
		Person: person, Reason: reason, Days: days, Note: "区疾控中心通知 2020-18 号", Key: key(once.Ticket(w.hand.Now())),
	})
	must(w.t, err)
	must(w.t, w.ConfirmRestriction(w.t.Context(), w.second, act.ID, key(once.Ticket(w.hand.Now()))))
}

// codeSays is a person's code by memory and by the store, which must agree.
func (w *world) codeSays(me auth.Principal) string {
	w.t.Helper()
	c, err := w.ShowCode(w.t.Context(), me)
	must(w.t, err)
	stored, err := w.Stored(w.t.Context(), me.Person)
	must(w.t, err)
	if c.Reason != stored.Reason {
		w.t.Fatalf("memory says %s, the store %s", c.Reason, stored.Reason)
	}
	return c.Reason
}

// A restriction of one record stops both as long as they are one person, whichever
// came first; apart, each has its own colour.
func TestOnePersonOneColour(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, b := w.doubles()
		reasons, err := w.RestrictionReasons()
		must(t, err)
		red := redReason(t, w, reasons, b.Person)
		if w.codeSays(a) != "workresume.code_valid" || w.codeSays(b) != "workresume.code_red" {
			t.Fatalf("before: %s, %s", w.codeSays(a), w.codeSays(b))
		}
		shown, err := w.ShowCode(ctx, a)
		must(t, err)
		w.merge(a.Person, b.Person)
		if w.codeSays(a) != "workresume.code_red" || w.codeSays(b) != "workresume.code_red" {
			t.Errorf("one: %s, %s", w.codeSays(a), w.codeSays(b))
		}
		if c, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: shown.Credential, Direction: workresume.In, Key: key("in")}); err != nil || c.Admit {
			t.Errorf("the code shown before: %+v, %v", c, err)
		}
		h, err := w.HealthOf(ctx, a)
		must(t, err)
		if h.Level != workresume.Red || h.Restriction == nil || len(h.Findings) != 1 || !h.Elsewhere {
			t.Errorf("own page: %+v", h)
		}
		if h, err := w.HealthOf(ctx, b); err != nil || h.Level != workresume.Red || h.Elsewhere {
			t.Errorf("the page of whom it was said: %+v, %v", h, err)
		}
		// The appeal is one's own, whatever record it is about.
		if _, err := w.AppealRestriction(ctx, a, workresume.RestrictionAppeal{Restriction: h.Restriction.ID, Reason: "本人并未到过该场所，附行程证明", Key: key("appeal")}); err != nil {
			t.Error(err)
		}
		w.split(a.Person)
		if w.codeSays(a) != "workresume.code_valid" || w.codeSays(b) != "workresume.code_red" {
			t.Errorf("apart: %s, %s", w.codeSays(a), w.codeSays(b))
		}
		w.merge(b.Person, a.Person)
		w.hand.Add(8 * 24 * time.Hour) // the restriction ends by itself, for both
		if got := w.levels(a, b); got[0] != workresume.Green || got[1] != workresume.Green {
			t.Errorf("after its end: %v", got)
		}
		// One said of either record while they are one holds both.
		w.hold(a.Person, red, 3)
		if w.codeSays(b) == "workresume.code_valid" {
			t.Errorf("said of the other: %s", w.codeSays(b))
		}
	})
}

// redReason restricts a person for seven days by the first reason that is red.
func redReason(t *testing.T, w *world, reasons []workresume.RestrictionReason, person string) string {
	t.Helper()
	for _, r := range reasons {
		w.hold(person, r.Code, 7)
		_, list, err := w.RestrictionsOf(t.Context(), w.officer, person)
		must(t, err)
		if list[0].Level == "red" {
			return r.Code
		}
	}
	t.Fatal("no reason is red")
	return ""
}

// levels are the colours of two people, whatever their firms do.
func (w *world) levels(people ...auth.Principal) (out []workresume.Level) {
	w.t.Helper()
	for _, p := range people {
		h, err := w.HealthOf(w.t.Context(), p)
		must(w.t, err)
		out = append(out, h.Level)
	}
	return out
}

// Whatever was reported and said, being one person lifts nothing at any moment, both
// records agree, and taking them apart gives each exactly its own again.
func TestMergeNeverLifts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		reasons, err := w.RestrictionReasons()
		must(t, err)
		for seed := range uint64(3) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			a, b := w.doubles()
			for range 5 {
				for _, p := range []auth.Principal{a, b} {
					switch rnd.IntN(5) {
					case 0:
						w.report(p, workresume.ReportInput{Contact: true})
					case 1:
						w.report(p, workresume.ReportInput{Symptoms: []workresume.Symptom{"cough"}})
					case 2:
						w.hold(p.Person, reasons[rnd.IntN(len(reasons))].Code, int64(1+rnd.IntN(14)))
					case 3:
						w.report(p, workresume.ReportInput{})
					}
				}
				w.hand.Add(24 * time.Hour)
			}
			own := w.colours(a, b)
			alone := map[int][]workresume.Level{} // by day from now
			from := w.hand.Now()
			for d := 0; d < 30; d += 3 {
				w.hand.Set(from.AddDate(0, 0, d))
				alone[d] = w.levels(a, b)
			}
			w.hand.Set(from)
			w.merge(a.Person, b.Person)
			for d := 0; d < 30; d += 3 {
				w.hand.Set(from.AddDate(0, 0, d))
				got, strict := w.levels(a, b), max(alone[d][0], alone[d][1])
				if got[0] != strict || got[1] != strict {
					t.Fatalf("seed %d, day %d: alone %v, one %v", seed, d, alone[d], got)
				}
			}
			w.hand.Set(from)
			w.split(b.Person)
			if diff := cmp.Diff(own, w.colours(a, b)); diff != "" {
				t.Fatalf("seed %d, apart again (-before +after):\n%s", seed, diff)
			}
		}
	})
}

// colours prints what is stored of two people's colours, for those that are not green.
func (w *world) colours(people ...auth.Principal) (out []string) {
	w.t.Helper()
	for _, p := range people {
		must(w.t, w.db.Read(w.t.Context(), func(r storage.Reader) error {
			var own, ownEnds, held, heldEnds int64
			var restriction string
			err := r.Row(`select own, own_ends, held, held_ends, restriction from workresume_colour where person = $1`, p.Person).
				Scan(&own, &ownEnds, &held, &heldEnds, &restriction)
			if storage.NoRows(err) {
				err = nil
			}
			out = append(out, fmt.Sprint(own, ownEnds, held, heldEnds, restriction))
			return err
		}))
	}
	return out
}

// A clean report under one record counts for both from the next day on, and not before.
func TestReportsOfOnePerson(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, b := w.doubles()
		w.report(a, workresume.ReportInput{Symptoms: []workresume.Symptom{"fever"}})
		for range 7 { // the other's seven clean days clear nothing
			w.day(b)
		}
		w.merge(a.Person, b.Person)
		if got := w.levels(a, b); got[0] != workresume.Yellow || got[1] != workresume.Yellow {
			t.Fatalf("lent reports: %v", got)
		}
		for range 6 {
			w.day(b)
		}
		if got := w.levels(a, b); got[0] != workresume.Yellow {
			t.Fatalf("after six: %v", got)
		}
		w.day(b)
		if got := w.levels(a, b); got[0] != workresume.Green || got[1] != workresume.Green {
			t.Errorf("after seven: %v", got)
		}
	})
}

// Who may say it, and how it is refused.
func TestMergeRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, b := w.doubles()
		c, d := w.doubles()
		in := workresume.MergeInput{First: a.Person, Second: b.Person, Reason: sawBoth, Key: key("m1")}
		park := auth.Principal{ID: "acc_park", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		for name, x := range map[string]struct {
			by   auth.Principal
			in   workresume.MergeInput
			kind fault.Kind
		}{
			"a firm":          {auth.Principal{ID: "f", Role: auth.Firm}, in, fault.Denied},
			"out of reach":    {park, in, fault.NotFound},
			"no reason":       {w.officer, workresume.MergeInput{First: a.Person, Second: b.Person, Reason: "ok", Key: key("m2")}, fault.Invalid},
			"with itself":     {w.officer, workresume.MergeInput{First: a.Person, Second: a.Person, Reason: sawBoth, Key: key("m3")}, fault.Invalid},
			"nobody":          {w.officer, workresume.MergeInput{First: a.Person, Second: "per_x", Reason: sawBoth, Key: key("m4")}, fault.NotFound},
			"an empty record": {w.officer, workresume.MergeInput{First: "", Second: a.Person, Reason: sawBoth, Key: key("m5")}, fault.NotFound},
		} {
			if _, err := w.MergePeople(ctx, x.by, x.in); fault.KindOf(err) != x.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
		act, err := w.MergePeople(ctx, w.officer, in)
		must(t, err)
		if again, err := w.MergePeople(ctx, w.officer, in); err != nil || again.ID != act.ID {
			t.Errorf("the same again: %v, %v", again.ID, err)
		}
		in.First, in.Second, in.Key = in.Second, in.First, key("m6")
		_, err = w.MergePeople(ctx, w.second, in)
		want(t, err, "dual.waiting")
		want(t, w.ConfirmMerge(ctx, w.officer, act.ID, key("c1")), "dual.same_person")
		must(t, w.ConfirmMerge(ctx, w.second, act.ID, key("c2")))
		must(t, w.ConfirmMerge(ctx, w.second, act.ID, key("c2")))
		in.Key = key("m7")
		_, err = w.MergePeople(ctx, w.officer, in)
		want(t, err, "party.same_already")
		// A third joins; two of several each do not.
		w.merge(b.Person, c.Person)
		e, f := w.doubles()
		w.merge(e.Person, f.Person)
		_, err = w.MergePeople(ctx, w.officer, workresume.MergeInput{First: a.Person, Second: f.Person, Reason: sawBoth, Key: key("m8")})
		want(t, err, "party.same_several")
		out, err := w.SplitPeople(ctx, w.officer, workresume.SplitInput{Person: a.Person, Reason: sawBoth, Key: key("s1")})
		if err != nil || len(out) != 3 {
			t.Errorf("%v, %v", out, err)
		}
		_, err = w.SplitPeople(ctx, w.officer, workresume.SplitInput{Person: d.Person, Reason: sawBoth, Key: key("s2")})
		want(t, err, "party.same_alone")
		who, err := w.PersonOf(ctx, w.officer, b.Person)
		if err != nil || len(who.Records) != 2 || who.Reason != sawBoth {
			t.Errorf("%+v, %v", who, err)
		}
	})
}

// Who asked before an officer took one of two records apart did not know of it.
func TestMergeAskedBeforeAParting(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, b := w.doubles()
		_, more := w.certified(w.park, 1)
		c := w.workerOf(more, 0)
		stale, err := w.MergePeople(ctx, w.officer, workresume.MergeInput{First: a.Person, Second: b.Person, Reason: sawBoth, Key: key("stale")})
		must(t, err)
		w.merge(a.Person, c.Person)
		w.merge(b.Person, c.Person)
		w.hand.Set(w.hand.Now().Add(time.Minute))
		w.split(b.Person)
		want(t, w.ConfirmMerge(ctx, w.second, stale.ID, key("late")), "party.same_apart")
	})
}

// Of several who confirm overlapping pairs at once, all that is left is people of
// whole records: nobody stands in two.
func TestMergesAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, b := w.doubles()
		c, d := w.doubles()
		var acts []string
		for i, p := range [][2]string{{a.Person, b.Person}, {b.Person, c.Person}, {c.Person, d.Person}, {d.Person, a.Person}} {
			act, err := w.MergePeople(ctx, w.officer, workresume.MergeInput{First: p[0], Second: p[1], Reason: sawBoth, Key: key(fmt.Sprint("p", i))})
			must(t, err)
			acts = append(acts, act.ID)
		}
		var wait sync.WaitGroup
		for i, act := range acts {
			wait.Go(func() {
				if err := w.ConfirmMerge(ctx, w.second, act, key(fmt.Sprint("y", i))); err != nil && fault.KindOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		must(t, w.db.Read(ctx, func(r storage.Reader) error {
			seen := map[string]bool{}
			people := party.New(w.Ring)
			wholes, err := people.Wholes(r, 100)
			for _, list := range wholes {
				if len(list) < 2 {
					t.Errorf("alone in a whole: %v", list)
				}
				for _, x := range list {
					if seen[x.ID] {
						t.Errorf("%s stands twice", x.ID)
					}
					seen[x.ID] = true
				}
			}
			return err
		}))
	})
}

// Two papers of one name and birthday are found without a phone between them.
func TestDoublesOfOneBirthday(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		list := w.make(2)
		list[1].name = list[0].name
		list[1].number = ident.MakeMainlandID("310115", birthOf(t, list[0].number), 733)
		w.upload(office, f.ID, roll(list...))
		found, err := w.Doubles(t.Context(), w.officer)
		must(t, err)
		if len(found.Likely) != 1 || found.Likely[0].Alike != party.AlikeBorn {
			t.Errorf("%+v", found)
		}
	})
}

func birthOf(t *testing.T, number string) time.Time {
	t.Helper()
	day, err := time.Parse("20060102", number[6:14])
	must(t, err)
	return day
}

// The list finds what shares a phone, leaves out what is one already, and shows an
// officer of a park nobody of another.
func TestDoublesListed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		list := w.make(4)
		list[1].phone, list[1].name = list[0].phone, list[0].name
		list[3].phone = list[2].phone // a family: other names, other birthdays
		w.upload(office, f.ID, roll(list...))
		found, err := w.Doubles(ctx, w.officer)
		must(t, err)
		if len(found.Likely) != 1 || found.Likely[0].Alike != party.AlikeName || found.Likely[0].Records[0].IDNumber == list[0].number {
			t.Fatalf("%+v", found)
		}
		away := auth.Principal{ID: "acc_other", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		if found, err := w.Doubles(ctx, away); err != nil || len(found.Likely) != 0 {
			t.Errorf("another park's officer: %+v, %v", found, err)
		}
		pair := found.Likely[0].Records
		w.merge(pair[0].ID, pair[1].ID)
		if found, err = w.Doubles(ctx, w.officer); err != nil || len(found.Likely) != 0 || len(found.Whole) != 1 {
			t.Errorf("%+v, %v", found, err)
		}
	})
}
