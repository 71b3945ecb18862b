package workresume_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

func TestPackedIDs(t *testing.T) {
	for range 1000 {
		id := ident.New("per", time.UnixMilli(rand.Int64N(1<<48)))
		if got, ok := workresume.Packed(id); !ok || got != id {
			t.Fatalf("%s became %s, %v", id, got, ok)
		}
	}
	for _, bad := range []string{"", "per_", "fir_01jd0000000000000000000000", "per_01jd000000000000000000000", "per_01jd0000000000000000000000x", "per_81jd0000000000000000000000", "per_01jd00000000000000000000u0", "per_01jd00000000000000000000\xff0"} {
		if got, ok := workresume.Packed(bad); ok {
			t.Errorf("%q passed as %s", bad, got)
		}
	}
}

// TestMemoryNeverContradicts: whatever happens to firms and rosters, a code shown
// from memory says what the store says.
func TestMemoryNeverContradicts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		chance := rand.New(rand.NewPCG(1, 2))
		type house struct {
			firm   workresume.Firm
			office auth.Principal
		}
		var houses []house
		var people []string
		for range 2 {
			f, office := w.certified(w.park, 3)
			houses = append(houses, house{f, office})
			for n := range 3 {
				people = append(people, w.workerOf(office, n).Person)
			}
		}
		must(t, w.Muster(ctx))
		for step := range 120 {
			h := houses[chance.IntN(len(houses))]
			p := people[chance.IntN(len(people))]
			act := ""
			switch chance.IntN(5) {
			case 0:
				act = "leave"
				_, _ = w.Leave(ctx, h.office, h.firm.ID, []string{p}, key("")) // not everybody is on this roster
			case 1:
				act = "return"
				_, _ = w.Return(ctx, h.office, h.firm.ID, []string{p}, key(""))
			case 2:
				to := []workresume.State{workresume.Certified, workresume.Returned, workresume.Refused}[chance.IntN(3)]
				act = string(to)
				_, err := w.Decide(ctx, w.officer, workresume.DecideInput{Firm: h.firm.ID, State: to, Reason: "核实"})
				must(t, err)
			case 3:
				act = "an hour"
				w.hand.Add(time.Hour)
			case 4:
				act = "sign"
				must(t, w.SignAhead(ctx))
			}
			for _, p := range people {
				code, err := w.ShowCode(ctx, auth.Principal{ID: "acc_" + p, Role: auth.Worker, Person: p, Scope: auth.Person(p)})
				must(t, err)
				stored, err := w.Stored(ctx, p)
				must(t, err)
				if code.State != stored.State || code.Reason != stored.Reason || code.Firm != stored.Firm || code.Name != stored.Name {
					t.Fatalf("step %d, %s: memory says %s %s, the store %s %s", step, act, code.State, code.Reason, stored.State, stored.Reason)
				}
				if (code.Credential != "") != (code.State == workresume.CodeValid) {
					t.Fatalf("step %d: a %s code with %q", step, code.State, code.Credential)
				}
			}
		}
	})
}

// What another process commits is known here within two seconds; a process that
// hears nothing asks the store.
func TestMemoryHearsOthers(t *testing.T) {
	w := newWorld(t, storagetest.Open(t, storage.Postgres, modules...)) // a SQLite folder has one process
	ctx, stop := context.WithCancel(t.Context())
	f, office := w.certified(w.park, 2)
	deps := w.Deps
	deps.Clock = time.Now // the passes outlive the test's own day; only who may go in is asked
	other := workresume.New(deps)
	me := w.workerOf(office, 0)
	done := make(chan error, 2)
	go func() { done <- other.Run(ctx) }()
	go func() { done <- w.log.Run(ctx) }()
	until := func(what string, ok func() bool) {
		t.Helper()
		for began := time.Now(); !ok(); time.Sleep(time.Millisecond) {
			if time.Since(began) > waitMost {
				t.Fatal(what)
			}
		}
	}
	until("never mustered", func() bool { return other.Remembered(me.Person) })
	_, err := w.Leave(ctx, office, f.ID, []string{me.Person}, key("away"))
	must(t, err)
	until("the other process never heard", func() bool {
		c, err := other.ShowCode(ctx, me)
		must(t, err)
		return c.Reason == "workresume.code_no_roster"
	})
	stop()
	must(t, <-done)
	must(t, <-done)
}

// A morning's crowd at one gate: every tap is answered, the same key gets the same
// answer and is counted once, and the number inside is the number of people.
func TestCrowdAtTheGate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		const people, times = 30, 4
		in := w.crowd(people, times, true)
		if in != people {
			t.Errorf("%d inside, %d came", in, people)
		}
		if n := w.rows("workresume_check"); n != people {
			t.Errorf("%d checks stored for %d keys", n, people)
		}
		if n := w.facts("workresume.checked"); n != people {
			t.Errorf("%d facts for %d keys", n, people)
		}
		// The negative control: without keys each tap is a check of its own.
		w.crowd(people, times, false)
		if n := w.rows("workresume_check"); n != people+people*times {
			t.Errorf("%d checks stored, want %d", n, people+people*times)
		}
	})
}

// crowd lets people come in, each tapping so often at once, and returns the number
// inside that the guard then sees.
func (w *world) crowd(people, times int, keyed bool) int64 {
	w.t.Helper()
	ctx := w.t.Context()
	_, office := w.certified(w.park, people)
	must(w.t, w.Muster(ctx))
	must(w.t, w.SignAhead(ctx))
	var group sync.WaitGroup
	for n := range people {
		code, err := w.ShowCode(ctx, w.workerOf(office, n))
		must(w.t, err)
		answers := make([]workresume.Check, times)
		for i := range times {
			group.Go(func() {
				k := once.Key{}
				if keyed {
					k = once.Key{Principal: "g", Operation: "checkAtGate", Key: fmt.Sprint("tap", n), Digest: once.Digest([]byte(code.Credential))}
				}
				c, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: code.Credential, Direction: workresume.In, Key: k})
				if err != nil || !c.Admit {
					w.t.Errorf("%v %+v", err, c)
				}
				answers[i] = c
			})
		}
		if !keyed {
			continue
		}
		group.Wait()
		for _, a := range answers {
			if a != answers[0] {
				w.t.Errorf("one key, two answers: %+v and %+v", a, answers[0])
			}
		}
	}
	group.Wait()
	d, err := w.AtGate(ctx, w.guard, "")
	must(w.t, err)
	return d.Inside
}

func (w *world) rows(table string) (n int) {
	w.t.Helper()
	must(w.t, w.db.Read(w.t.Context(), func(r storage.Reader) error { return r.Row(`select count(*) from ` + table).Scan(&n) }))
	return n
}

func (w *world) facts(name string) (n int) {
	w.t.Helper()
	for _, table := range []string{"eventlog_fact", "eventlog_unsealed"} {
		must(w.t, w.db.Read(w.t.Context(), func(r storage.Reader) error {
			var m int
			err := r.Row(`select count(*) from `+table+` where name = $1`, name).Scan(&m)
			n += m
			return err
		}))
	}
	return n
}

// A key that comes again with another body is refused, in the same batch too.
func TestKeyOfAnotherTap(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		var texts []string
		for n := range 2 {
			code, err := w.ShowCode(ctx, w.workerOf(office, n))
			must(t, err)
			texts = append(texts, code.Credential)
		}
		tap := func(text string) error {
			k := once.Key{Principal: "g", Operation: "checkAtGate", Key: "one", Digest: once.Digest([]byte(text))}
			_, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: text, Direction: workresume.In, Key: k})
			return err
		}
		must(t, tap(texts[0]))
		want(t, tap(texts[1]), "once.other_body")
		must(t, tap(texts[0]))
	})
}

// Codes are signed before anybody asks, once; showing them writes nothing.
func TestSignedAhead(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 5)
		must(t, w.Muster(ctx))
		must(t, w.SignAhead(ctx))
		before := w.db.Stats().Writes
		must(t, w.SignAhead(ctx))
		for n := range 5 {
			c, err := w.ShowCode(ctx, w.workerOf(office, n))
			must(t, err)
			if c.State != workresume.CodeValid || c.Credential == "" || c.ShortCode == "" {
				t.Errorf("%+v", c)
			}
		}
		if n := w.db.Stats().Writes - before; n != 0 {
			t.Errorf("showing five codes wrote %d times", n)
		}
		// In the last quarter of its life, and an hour before, it is signed anew.
		first, err := w.ShowCode(ctx, w.workerOf(office, 0))
		must(t, err)
		w.hand.Add(workresume.PassLife*3/4 - 30*time.Minute)
		must(t, w.SignAhead(ctx))
		next, err := w.ShowCode(ctx, w.workerOf(office, 0))
		must(t, err)
		if next.Credential == first.Credential {
			t.Error("not signed anew before it runs out")
		}
	})
}
