package ration_test

import (
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// oneOf says, or takes back, that records are of one person.
func (w *world) oneOf(list ...auth.Principal) {
	w.t.Helper()
	for _, x := range list[1:] {
		w.must(w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
			_, err := w.people.Join(tx, w.log, "acc_o", list[0].Person, x.Person, party.JoinedBody{Reason: "同一人的两份档案"}, w.hand.Now())
			return err
		}))
	}
}

func (w *world) apart(x auth.Principal) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
		_, err := w.people.Part(tx, w.log, "acc_o", x.Person, "核对证件后认定不是一人", w.hand.Now())
		return err
	}))
}

// Two records of one person have one share: by claims before the joining, after it, all
// at once, and again as two when they are taken apart.
func TestRecordsOfOneHaveOneShare(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 1000)
		o := w.plan("guangzhou", 0, 200)
		a, b, c, d := w.person(), w.person(), w.person(), w.person()
		w.at(0, 20, 0)
		mine, err := w.claim(a, o, "a")
		w.must(err)
		w.oneOf(a, b)
		w.oneOf(c, d)
		again, err := w.claim(a, o, "a") // what was promised stands under its key
		w.must(err)
		if again.ID != mine.ID {
			t.Errorf("%s, then %s", mine.ID, again.ID)
		}
		_, err = w.claim(b, o, "b")
		w.fails(err, "ration.had_record")
		_, err = w.claim(a, o, "a2")
		w.fails(err, "ration.had_record")

		// Both of a pair at once.
		errs := make(chan error, 2)
		for _, by := range []auth.Principal{c, d} {
			go func() {
				_, err := w.claim(by, o, "at once")
				errs <- err
			}()
		}
		first, second := <-errs, <-errs
		if (first == nil) == (second == nil) {
			t.Errorf("of two records at once: %v, %v", first, second)
		}

		// At a desk, by the paper of either.
		_, err = w.ClaimAtDesk(t.Context(), w.officer, ration.DeskInput{
			Paper: ration.Paper{Name: "李小娜", IDKind: "mainland", IDNumber: number(2)}, ClaimInput: ration.ClaimInput{Offer: o.ID},
		})
		w.fails(err, "ration.had_record")

		// Taken apart, each counts for itself: a had theirs, b had none.
		w.apart(b)
		_, err = w.claim(a, o, "a3")
		w.fails(err, "ration.had_record")
		_, err = w.claim(b, o, "b3")
		w.must(err)
		w.oneOf(a, b)
		w.at(2, 20, 0)
		o = w.plan("guangzhou", 2, 200)
		_, err = w.claim(b, o, "b4")
		w.fails(err, "ration.had_record")
		w.at(5, 20, 0)
		o = w.plan("guangzhou", 5, 200)
		_, err = w.claim(b, o, "b5")
		w.must(err)
		_, err = w.claim(a, o, "a5")
		w.fails(err, "ration.had_record")
		// What was had while they were one is the record's that had it.
		w.apart(b)
		_, err = w.claim(a, o, "a6")
		w.must(err)
	})
}

// Another process learns within a second that two records are one person's.
func TestRecordsJoinedElsewhere(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 1000)
		o := w.plan("guangzhou", 0, 200)
		other := w.anew()
		deps := w.Deps
		deps.Parties = party.New(w.Ring)
		other.Service = ration.New(deps)
		a, b, c := w.person(), w.person(), w.person()
		w.at(0, 20, 0)
		_, err := other.claim(c, o, "c") // memory is warm
		w.must(err)
		_, err = other.claim(a, o, "a")
		w.must(err)
		w.oneOf(a, b)
		if w.db.Engine() == storage.SQLite {
			return // one process owns the file
		}
		w.hand.Set(w.hand.Now().Add(time.Second))
		_, err = other.claim(b, o, "b")
		w.fails(err, "ration.had_record")
	})
}

// Of places taken before the joining the first counts; none is taken after it.
func TestRecordsOfOneHaveOnePlace(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("guangzhou", 100, "queue = true", "queue = true\npace = 60")
		o := w.plan("guangzhou", 0, 100)
		w.must(w.TurnRooms(t.Context()))
		a, b, c, d := w.person(), w.person(), w.person(), w.person()
		first, err := w.join(a, "guangzhou")
		w.must(err)
		_, err = w.join(b, "guangzhou")
		w.must(err)
		w.oneOf(a, b)
		w.oneOf(c, d)
		if p := w.place(b, "guangzhou"); p.Ticket != first.Ticket {
			t.Errorf("%+v, want the first", p)
		}
		p, err := w.join(c, "guangzhou")
		w.must(err)
		q, err := w.join(d, "guangzhou")
		w.must(err)
		if q.Ticket != p.Ticket || q.Waiting != 3 {
			t.Errorf("%+v, want %s", q, p.Ticket)
		}
		w.at(0, 20, 0)
		w.must(w.TurnRooms(t.Context()))
		w.steps(6 * time.Second)
		_, err = w.claim(d, o, "d")
		w.must(err)
		_, err = w.claim(c, o, "c")
		w.fails(err, "ration.had_record")
		_, err = w.claim(b, o, "b")
		w.must(err)
	})
}

// A household is counted by the person who heads it and by those in it, whichever of
// their records asks.
func TestRecordsOfOneHaveOneHousehold(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.openAs("guangzhou", 1000, "queue = true", "queue = false", `counts = "person"`, `counts = "household"`)
		o := w.plan("guangzhou", 0, 100)
		head, twin, child, double, other := w.person(), w.person(), w.person(), w.person(), w.person()
		in := func(n int) ration.FamilyInput {
			return ration.FamilyInput{Name: "李小娜", IDKind: "mainland", IDNumber: number(n)}
		}
		_, err := w.addFamily(ctx, head, in(3))
		w.must(err)
		w.oneOf(head, twin)
		w.oneOf(child, double)
		_, err = w.addFamily(ctx, other, in(4)) // the child's other paper
		w.fails(err, "fault.fields")
		_, err = w.addFamily(ctx, head, in(2)) // one's own
		w.fails(err, "fault.fields")
		w.at(0, 21, 0)
		_, err = w.claim(double, o, "double") // counts with the household
		w.must(err)
		for _, by := range []auth.Principal{head, twin, child} {
			if _, err := w.claim(by, o, "x"); err == nil {
				t.Error("the household has two")
			}
		}
	})
}

// In a draw one person has one entry and wins once, also when the records are found to be
// one person's after the list was frozen.
func TestRecordsOfOneHaveOneEntry(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("dongguan", 1000)
		w.plan("dongguan", 0, 100)
		a, b, c, d, e, f := w.person(), w.person(), w.person(), w.person(), w.person(), w.person()
		for _, by := range []auth.Principal{a, b, e, f} {
			w.enter(by, "dongguan", w.shop, nil)
		}
		w.oneOf(a, b)
		w.oneOf(c, d)
		if x, y := w.enter(c, "dongguan", w.shop, nil)[0], w.enter(d, "dongguan", w.shop, nil)[0]; x.Ticket != y.Ticket {
			t.Errorf("entered twice: %s, %s", x.Ticket, y.Ticket)
		}
		w.at(0, 17, 0)
		who, _ := witnesses("dongguan-2020." + ration.DayOf(start).String())
		got, err := w.Freeze(t.Context(), w.officer, ration.FreezeInput{Campaign: "dongguan-2020", Day: ration.DayOf(start), Witnesses: who})
		w.must(err)
		if got.Entries != 4 {
			t.Errorf("%d entries, want 4", got.Entries)
		}
		w.oneOf(e, f)
		got, _ = w.run("dongguan", 0)
		if got.State != "placed" {
			t.Errorf("%+v", got)
		}
		for _, pair := range [][2]auth.Principal{{a, b}, {c, d}, {e, f}} {
			if n := w.won(pair[0]) + w.won(pair[1]); n != 1 {
				t.Errorf("%d shares of one person", n)
			}
		}
	})
}
