package workresume_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// gatesOf are three gates with their guards: two of one park and one of another.
func (w *world) gatesOf() (guards []auth.Principal, parks []string) {
	w.t.Helper()
	var two, west place.Place
	must(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) (err error) {
		if two, err = place.Add(tx, w.park.ID, place.Gate, "2 号门", w.hand.Now()); err == nil {
			west, err = place.Add(tx, w.other.ID, place.Gate, "西门", w.hand.Now())
		}
		return err
	}))
	for _, g := range []place.Place{w.gate, two, west} {
		guards = append(guards, auth.Principal{ID: "acc_" + g.ID, Role: auth.Guard, Scope: auth.Gate(g.ID)})
		parks = append(parks, g.Parent)
	}
	return guards, parks
}

// seen is a check of the model.
type seen struct {
	workresume.Check
	person, gate int
	undone       bool
}

// told is where everybody is by the checks that are left, read in order.
func told(checks []*seen, parks []string) map[string]int64 {
	left := slices.Clone(checks)
	slices.SortStableFunc(left, func(a, b *seen) int { return cmp.Compare(a.At.UnixMicro(), b.At.UnixMicro()) })
	where, out := map[int]string{}, map[string]int64{}
	for _, c := range left {
		switch at := parks[c.gate]; {
		case c.undone || !c.Admit:
		case c.Direction == workresume.In:
			where[c.person] = at
		case where[c.person] == at:
			where[c.person] = ""
		}
	}
	for _, at := range where {
		if at != "" {
			out[at]++
		}
	}
	return out
}

// A head count saw what was checked before it: a check of before that is taken back
// moves the person, and not the number again.
func TestUndoAfterAHeadCount(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		guards, _ := w.gatesOf()
		by, gate := guards[0], guards[0].Scope.ID
		in := func(n int) workresume.Check {
			t.Helper()
			code, err := w.ShowCode(ctx, w.workerOf(office, n))
			must(t, err)
			w.hand.Add(time.Second)
			c, err := w.CheckAtGate(ctx, by, workresume.CheckInput{Gate: gate, Text: code.Credential, Direction: workresume.In})
			must(t, err)
			if !c.Admit {
				t.Fatalf("not admitted: %s", c.Code)
			}
			return c
		}
		before := in(0)
		w.hand.Add(time.Second)
		if n, err := w.Correct(ctx, by, gate, 0, "数过人头，门内无人", key("")); err != nil || n != 0 {
			t.Fatalf("%d %v", n, err)
		}
		after := in(1)
		for _, c := range []struct {
			check workresume.Check
			want  int64
		}{{before, 1}, {after, 0}} {
			w.hand.Add(time.Second)
			got, err := w.Undo(ctx, by, gate, c.check.Reference, key(""))
			must(t, err)
			if got.Inside != c.want {
				t.Errorf("%d inside after the undo, want %d", got.Inside, c.want)
			}
		}
	})
}

// Whatever is checked at whichever gates and taken back in whatever order, the heads
// inside are what the remaining checks say, read in order.
func TestHeadsAreWhatTheChecksSay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const people, steps, seed = 4, 500, 20200218
		_, office := w.certified(place.Place{}, people) // whose park nobody entered: any gate is theirs
		guards, parks := w.gatesOf()
		var codes []string
		for n := range people {
			c, err := w.ShowCode(ctx, w.workerOf(office, n))
			must(t, err)
			codes = append(codes, c.Credential)
		}
		r := rand.New(rand.NewPCG(seed, 0))
		var checks []*seen
		taken, refused := 0, 0
		for step := range steps {
			what := ""
			if r.IntN(3) > 0 || len(checks) == 0 {
				c := seen{person: r.IntN(people), gate: r.IntN(len(guards))}
				dir := []workresume.Direction{workresume.In, workresume.Out}[r.IntN(2)]
				in := workresume.CheckInput{Gate: guards[c.gate].Scope.ID, Text: codes[c.person], Direction: dir}
				var err error
				c.Check, err = w.CheckAtGate(ctx, guards[c.gate], in)
				must(t, err)
				checks = append(checks, &c)
				what = fmt.Sprintf("%d %s at %d: %s", c.person, dir, c.gate, c.Code)
			} else {
				c := checks[max(0, len(checks)-1-r.IntN(8))]
				_, err := w.Undo(ctx, guards[c.gate], guards[c.gate].Scope.ID, c.Reference, key(""))
				switch {
				case err == nil:
					c.undone = true
					taken++
				case fault.Is(err, "workresume.undo_superseded"):
					refused++
				case !fault.Is(err, "workresume.undo_late"):
					must(t, err)
				}
				what = fmt.Sprintf("%d back from %d: %v", c.person, c.gate, err)
			}
			w.hand.Add(time.Duration(r.IntN(3)) * time.Second) // often not at all
			want := told(checks, parks)
			for n, by := range guards {
				d, err := w.AtGate(ctx, by, "")
				must(t, err)
				if d.Inside != want[parks[n]] {
					t.Fatalf("seed %d, step %d (%s): %d inside at %d, want %d", seed, step, what, d.Inside, n, want[parks[n]])
				}
			}
		}
		if taken == 0 || refused == 0 { // who is which person differs from run to run, and how often with it
			t.Errorf("%d taken back, %d refused: the test tries too little", taken, refused)
		}
	})
}
