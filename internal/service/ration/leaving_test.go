package ration_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// related puts who can speak for themself into a head's family.
func (w *world) related(head, member auth.Principal, n int) {
	w.t.Helper()
	w.known[member.Person] = map[string]any{"speaks": true}
	_, _, err := w.AddFamily(w.t.Context(), head, ration.FamilyInput{Name: "李小娜", IDKind: "mainland", IDNumber: number(n)})
	w.must(err)
	w.must(w.AnswerFamily(w.t.Context(), member, head.Person, true))
}

// Whoever left somebody once can be parted from the next by either of the two, and of a
// stranger nothing is learnt by trying.
func TestLeavingTheSecondFamily(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		d, e := w.person(), w.person()
		w.related(d, e, w.n)
		w.must(w.LeaveFamily(ctx, e, d.Person, e.Person))
		f := w.person()
		nf := w.n
		w.related(e, f, nf)
		w.fails(w.LeaveFamily(ctx, f, f.Person, e.Person), "ration.not_family") // e was never f's
		w.fails(w.LeaveFamily(ctx, w.person(), f.Person, e.Person), "ration.not_family")
		w.must(w.LeaveFamily(ctx, f, e.Person, f.Person))
		k, err := w.Family(ctx, f)
		w.must(err)
		if k.Head != nil {
			t.Errorf("%+v", k.Head)
		}
	})
}

// What somebody booked for one who has left since is that one's alone.
func TestLeavingTakesTheShareAlong(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.openAs("heyuan", 100, "queue = true", "queue = false", `counts = "person"`, "counts = \"person\"\npeople = 3")
		o := w.plan("heyuan", 0, 20)
		a, b := w.person(), w.person()
		w.related(a, b, w.n)
		w.at(0, 19, 0)
		got, err := w.Claim(ctx, a, ration.ClaimInput{Offer: o.ID, For: b.Person, Address: home})
		w.must(err)
		_, err = w.Redirect(ctx, a, o.ID, got.ID, "聚贤路 1 号") // as long as they ask for them
		w.must(err)
		w.must(w.LeaveFamily(ctx, b, a.Person, b.Person))
		_, err = w.Redirect(ctx, a, o.ID, got.ID, "别处 99 号")
		w.fails(err, "ration.no_allotment")
		_, err = w.VoucherOf(ctx, a, o.ID, got.ID)
		w.fails(err, "ration.no_allotment")
		_, err = w.GiveBack(ctx, a, o.ID, got.ID)
		w.fails(err, "ration.no_allotment")
		_, err = w.Redirect(ctx, b, o.ID, got.ID, home)
		w.must(err)
		_, err = w.GiveBack(ctx, b, o.ID, got.ID)
		w.must(err)
	})
}

// An entry is of whoever it is for, once they say so themself; nobody sends what another
// entered elsewhere.
func TestLeavingTakesTheEntryAlong(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.openAs("dongguan", 100, `how = "point"`, `how = "brought"`)
		w.plan("dongguan", 0, 5)
		a, b := w.person(), w.person()
		w.related(a, b, w.n)
		enter := func(by auth.Principal, address string) ration.Entry {
			t.Helper()
			list, err := w.EnterDraw(ctx, by, ration.EnterInput{Campaign: "dongguan-2020", Point: w.shop.ID, For: b.Person, Address: address})
			w.must(err)
			return list[0]
		}
		mine := func(by auth.Principal) int {
			t.Helper()
			list, err := w.MyEntries(ctx, by)
			w.must(err)
			return len(list)
		}
		w.at(0, 9, 0)
		first := enter(a, "别处 99 号")
		if mine(a) != 1 || mine(b) != 1 {
			t.Errorf("%d and %d entries", mine(a), mine(b))
		}
		if again := enter(b, home); again.Ticket != first.Ticket {
			t.Error("another ticket")
		}
		enter(a, "别处 99 号") // b's word stands
		w.must(w.LeaveFamily(ctx, b, a.Person, b.Person))
		if mine(a) != 0 || mine(b) != 1 {
			t.Errorf("after leaving %d and %d entries", mine(a), mine(b))
		}
		w.fails(w.Withdraw(ctx, a, "dongguan-2020"), "ration.no_entry")

		w.at(0, 18, 0)
		w.run("dongguan", 0)
		w.at(1, 9, 0)
		w.receive("dongguan", 5)
		sheet, err := w.OpenSheet(ctx, w.keeper, w.shop.ID, ration.DayOf(start)+1)
		w.must(err)
		if len(sheet.Lines) != 1 || sheet.Lines[0].Address != home {
			t.Errorf("%+v", sheet.Lines)
		}
	})
}

// What somebody entered for one who left is that one's to take out.
func TestLeavingCanWithdraw(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("dongguan", 100)
		w.plan("dongguan", 0, 5)
		a, b := w.person(), w.person()
		w.related(a, b, w.n)
		w.at(0, 9, 0)
		_, err := w.EnterDraw(t.Context(), a, ration.EnterInput{Campaign: "dongguan-2020", Point: w.shop.ID, For: b.Person})
		w.must(err)
		w.must(w.LeaveFamily(t.Context(), b, a.Person, b.Person))
		w.fails(w.Withdraw(t.Context(), a, "dongguan-2020"), "ration.no_entry")
		w.must(w.Withdraw(t.Context(), b, "dongguan-2020"))
	})
}

// A day that is over, or far away, is not planned: a draw held now for a day of last
// month would give the same people once more.
func TestPlanOfAnotherDay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		for _, d := range []ration.Day{-1, -100, 63, 1 << 20} {
			in := ration.PlanInput{Campaign: "guangzhou-2020", Day: ration.DayOf(start) + d, Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 5}}}
			_, err := w.Plan(t.Context(), w.officer, in)
			w.fails(err, "fault.fields")
			w.fails(w.TryPlan(t.Context(), w.officer, in), "fault.fields")
		}
	})
	for _, text := range []string{"9999-12-30", "1999-12-31", "2020-2-1"} {
		if d, err := ration.ParseDay(text); err == nil {
			t.Errorf("%s is day %d", text, d)
		}
	}
}

// A voucher shown at many tills at once is handed over at one; the till that asks again
// under its own key is told so, and nobody else.
func TestManyTills(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 50)
		a := w.person()
		four := number(w.n)[14:]
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		w.at(1, 9, 0)
		w.receive("guangzhou", 20)
		collect := func(key string) error {
			in := ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, LastFour: four}
			if key != "" {
				in.Key = once.Key{Principal: w.keeper.ID, Operation: "collectRation", Key: key}
			}
			_, err := w.Collect(t.Context(), w.keeper, in)
			return err
		}
		var tills sync.WaitGroup
		var done atomic.Int64
		keys := []string{"a", "b", "c", "d", "", "", "", ""}
		for _, k := range keys {
			tills.Go(func() {
				switch err := collect(k); {
				case err == nil:
					done.Add(1)
				case !fault.Is(err, "ration.collected"):
					t.Errorf("till %q: %v", k, err)
				}
			})
		}
		tills.Wait()
		again := 0
		for _, k := range keys {
			if collect(k) == nil {
				again++
			}
		}
		if done.Load() != 1 || again > 1 {
			t.Errorf("handed over at %d tills, and told so again at %d", done.Load(), again)
		}
	})
}
