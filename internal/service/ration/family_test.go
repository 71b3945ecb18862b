package ration_test

import (
	"testing"

	"breakwater/internal/service/ration"
)

// Who can speak for themself is in nobody's family before they agree, and leaves it when
// they want; of a stranger's number nothing is learnt.
func TestFamilyAsksFirst(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, b := w.person(), w.person()
		in := ration.FamilyInput{Name: "李晓红", IDKind: "mainland", IDNumber: number(w.n)}
		kin := func() ration.Kin {
			k, err := w.Family(ctx, a)
			w.must(err)
			return k
		}
		// A number with another name is refused, and counted.
		for range 10 {
			_, _, err := w.AddFamily(ctx, a, in)
			w.fails(err, "fault.fields")
		}
		_, _, err := w.AddFamily(ctx, a, in)
		w.fails(err, "ration.tries")
		w.at(1, 9, 0)
		in.Name = "李小娜"
		w.known[b.Person] = map[string]any{"speaks": true}
		for range 2 { // asked twice is asked once
			id, asked, err := w.AddFamily(ctx, a, in)
			if err != nil || !asked || id != "" {
				t.Fatal(id, asked, err)
			}
		}
		if k := kin(); len(k.Mine) != 0 || k.Asked != 1 {
			t.Errorf("%+v", k)
		}
		w.fails(w.LeaveFamily(ctx, b, a.Person, b.Person), "ration.not_family")
		theirs, err := w.Family(ctx, b)
		w.must(err)
		if len(theirs.Asking) != 1 || theirs.Asking[0].ID != a.Person || theirs.Asking[0].Phone != "" || theirs.Head != nil {
			t.Errorf("%+v", theirs)
		}
		w.fails(w.AnswerFamily(ctx, w.person(), a.Person, true), "ration.family_unasked")
		w.must(w.AnswerFamily(ctx, b, a.Person, true))
		w.must(w.AnswerFamily(ctx, b, a.Person, true)) // the same again
		if k := kin(); len(k.Mine) != 1 || k.Mine[0].ID != b.Person || k.Mine[0].Phone != "" || k.Asked != 0 {
			t.Errorf("%+v", k)
		}
		w.fails(w.LeaveFamily(ctx, w.person(), a.Person, b.Person), "ration.not_family")
		for range 2 {
			w.must(w.LeaveFamily(ctx, b, a.Person, b.Person))
		}
		if k := kin(); len(k.Mine) != 0 {
			t.Errorf("%+v", k)
		}
		// Declined, and taken back.
		_, _, err = w.AddFamily(ctx, a, in)
		w.must(err)
		w.must(w.AnswerFamily(ctx, b, a.Person, false))
		w.fails(w.AnswerFamily(ctx, b, a.Person, true), "ration.family_unasked")
		_, _, err = w.AddFamily(ctx, a, in)
		w.fails(err, "fault.fields") // a no holds for the day
		w.at(2, 9, 0)
		for range 3 { // nor is anybody asked without end
			if _, asked, err := w.AddFamily(ctx, a, in); err != nil || !asked {
				t.Error(asked, err)
			}
			w.must(w.LeaveFamily(ctx, a, a.Person, ""))
		}
		_, _, err = w.AddFamily(ctx, a, in)
		w.fails(err, "fault.fields")
		w.fails(w.AnswerFamily(ctx, b, a.Person, true), "ration.family_unasked")
		// Another family takes whoever left a month later.
		c := w.person()
		_, _, err = w.AddFamily(ctx, c, in)
		w.must(err)
		w.fails(w.AnswerFamily(ctx, b, c.Person, true), "ration.family_recent")
		w.at(33, 9, 0)
		w.must(w.AnswerFamily(ctx, b, c.Person, true))
	})
}

// Nobody has two shares of a household by coming or by going.
func TestHouseholdHasOne(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.openAs("guangzhou", 1000, "queue = true", "queue = false", `counts = "person"`, `counts = "household"`)
		o := w.plan("guangzhou", 0, 100)
		a, b, c := w.person(), w.person(), w.person()
		for _, p := range []string{a.Person, b.Person, c.Person} {
			w.known[p] = map[string]any{"speaks": true}
		}
		ask := func(n int) {
			_, _, err := w.AddFamily(ctx, a, ration.FamilyInput{Name: "李小娜", IDKind: "mainland", IDNumber: number(n)})
			w.must(err)
		}
		ask(w.n - 1)
		ask(w.n)
		w.must(w.AnswerFamily(ctx, c, a.Person, true))
		w.at(0, 21, 0)
		_, err := w.claim(b, o, "b") // alone, as yet
		w.must(err)
		w.must(w.AnswerFamily(ctx, b, a.Person, true))
		_, err = w.claim(a, o, "a")
		w.fails(err, "ration.had_household")
		w.must(w.LeaveFamily(ctx, c, a.Person, c.Person))
		_, err = w.claim(c, o, "c") // counts with them still
		w.fails(err, "ration.had_household")
	})
}
