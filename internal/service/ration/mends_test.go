package ration_test

import (
	"context"
	"testing"
	"time"

	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// counted is a store that counts what is read and written.
type counted struct {
	ration.Store
	reads, writes int
}

func (c *counted) Read(ctx context.Context, fn storage.ReadFunc) error {
	c.reads++
	return c.Store.Read(ctx, fn)
}

func (c *counted) Write(ctx context.Context, fn storage.WriteFunc) error {
	c.writes++
	return c.Store.Write(ctx, fn)
}

// A minute in which nothing is due costs one read, however many rounds and shops there
// are; what is given back of a round that is over still comes back at the next.
func TestSweepLeavesTheCalmAlone(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 1000)
		o := w.plan("guangzhou", 0, 100)
		a := w.person()
		w.at(0, 20, 0)
		had, err := w.claim(a, o, "a")
		w.must(err)
		w.at(1, 8, 0)
		deps := w.Deps
		store := &counted{Store: deps.Store}
		deps.Store = store
		s := ration.New(deps)
		w.must(s.Sweep(t.Context()))
		first := store.reads
		w.hand.Set(w.hand.Now().Add(time.Minute))
		store.reads = 0
		w.must(s.Sweep(t.Context()))
		if store.reads != 1 || first < 3 {
			t.Errorf("%d reads, then %d with nothing due", first, store.reads)
		}
		_, err = s.GiveBack(t.Context(), a, o.ID, had.ID)
		w.must(err)
		store.reads = 0
		w.must(s.Sweep(t.Context()))
		if store.reads < 3 {
			t.Error("what was given back was not looked for")
		}
	})
}

// A voucher that is looked up again is one look, for ten minutes.
func TestOneLookIsOneFact(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 1000)
		o := w.plan("guangzhou", 0, 100)
		a := w.person()
		w.at(0, 20, 0)
		had, err := w.claim(a, o, "a")
		w.must(err)
		looks := func() (n int) {
			facts, err := w.log.Stream(t.Context(), party.Stream(a.Person), 100)
			w.must(err)
			for _, f := range facts {
				if f.Name == party.Revealed {
					n++
				}
			}
			return n
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 1}, {time.Minute, 1}, {11 * time.Minute, 2}} {
			w.hand.Set(w.hand.Now().Add(step.after))
			_, err := w.FindVoucher(t.Context(), w.keeper, w.shop.ID, had.Code)
			w.must(err)
			if n := looks(); n != step.want {
				t.Errorf("after %s: %d looks, want %d", step.after, n, step.want)
			}
		}
	})
}

// A paper at the desk is judged as for a family: name and number are of one person.
func TestPaperAtTheDesk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 1000)
		o := w.plan("guangzhou", 0, 200)
		w.person()
		w.at(0, 20, 0)
		book := func(name string) error {
			_, err := w.ClaimAtDesk(t.Context(), w.officer, ration.DeskInput{
				Paper: ration.Paper{Name: name, IDKind: "mainland", IDNumber: number(1)}, ClaimInput: ration.ClaimInput{Offer: o.ID},
			})
			return err
		}
		for range 100 {
			w.fails(book("王大力"), "fault.fields")
		}
		w.fails(book("李小娜"), "ration.tries")
		w.at(1, 20, 0)
		o = w.plan("guangzhou", 1, 200)
		w.must(book("李小娜"))
	})
}

// What was asked of somebody and taken back is a fact of theirs.
func TestTakingBackIsAFact(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, b := w.person(), w.person()
		w.known[b.Person] = map[string]any{"speaks": true}
		_, _, err := w.AddFamily(ctx, a, ration.FamilyInput{Name: "李小娜", IDKind: "mainland", IDNumber: number(w.n)})
		w.must(err)
		for range 2 {
			w.must(w.LeaveFamily(ctx, a, a.Person, ""))
		}
		facts, err := w.log.Stream(ctx, party.Stream(b.Person), 100)
		w.must(err)
		n := 0
		for _, f := range facts {
			if f.Name == "ration.family_taken_back" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d facts, want 1", n)
		}
	})
}

// A slip of the hand is no delivery.
func TestDeliveryHasALimit(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 1000)
		in := ration.ReceiveInput{Campaign: "guangzhou-2020", Point: w.shop.ID, Maker: "均普", Number: "L1", Pieces: 10_000_001}
		_, err := w.Receive(t.Context(), w.keeper, in)
		w.fails(err, "fault.fields")
		in.Pieces--
		f, err := w.Receive(t.Context(), w.keeper, in)
		w.must(err)
		_, err = w.Spoil(t.Context(), w.keeper, ration.MoveInput{Campaign: in.Campaign, Lot: f.Lot, From: w.shop.ID, Pieces: 1e15, Reason: "破损"})
		w.fails(err, "fault.fields")
	})
}
