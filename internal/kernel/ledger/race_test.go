package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// rush lets callers empty the shelf through several processes at once, each request
// sent twice, and returns how many were admitted and how many were told otherwise
// than Exhausted.
func rush(w *world, doors []*ledger.Books, callers, each int, fine ...string) (admitted int64, odd error) {
	var got atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				h := w.held(1, fmt.Sprint(c, i), 1)
				had := false
				for try := range 2 {
					door := doors[(c+i+try)%len(doors)]
					_, err := door.Admit(context.Background(), w.book, []ledger.Transfer{h}, nil)
					known := fault.Is(err, "ledger.exhausted")
					for _, code := range fine {
						known = known || fault.Is(err, code)
					}
					switch {
					case err == nil && try == 0:
						got.Add(1)
						had = true
					case err == nil && !had, err != nil && had, err != nil && !known:
						mu.Lock()
						odd = fmt.Errorf("caller %d, request %d, try %d, had %t: %w", c, i, try, had, err)
						mu.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	return got.Load(), odd
}

// Exactly what is on the shelf goes out, by one process and by three at once.
func TestSellOut(t *testing.T) {
	for _, processes := range []int{1, 3} {
		t.Run(fmt.Sprint(processes), func(t *testing.T) {
			both(t, 1000, func(t *testing.T, w *world) {
				doors := []*ledger.Books{w.books}
				for len(doors) < processes {
					doors = append(doors, ledger.New(w.db, nil, w.hand.Now))
				}
				fine := []string{"ledger.exhausted"}
				if processes > 1 { // who loses too often is told so, and nothing was done
					fine = append(fine, "ledger.busy")
				}
				n, odd := rush(w, doors, 32, 40, fine...)
				if odd != nil && processes == 1 {
					t.Error(odd)
				}
				if n != 1000 && processes == 1 || n > 1000 {
					t.Errorf("%d admitted", n)
				}
				if processes == 1 {
					w.wants("-1000/0/0 1000/1000/0 0/0/1000 0/0/0")
				}
				w.sound()
			})
		})
	}
}

// unchecked is the schema without the CHECKs that guard balances.
func unchecked(t *testing.T) storage.Module {
	t.Helper()
	text, err := fs.ReadFile(ledger.Module().Files, "schema/0001_ledger.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{
		"constraint ledger_account_floor check (bounded = 0 or posted - held >= floor)",
	} {
		if !bytes.Contains(text, []byte(c)) {
			t.Fatalf("the schema has no %q", c)
		}
		text = bytes.ReplaceAll(text, []byte(c), []byte(strings.Replace(c, "bounded = 0 or posted - held >= floor", "1 = 1", 1)))
	}
	span, err := fs.ReadFile(ledger.Module().Files, "schema/0002_span.sql")
	if err != nil {
		t.Fatal(err)
	}
	return storage.Module{Name: "ledger", Files: fstest.MapFS{"schema/0001_ledger.sql": {Data: text}, "schema/0002_span.sql": {Data: span}}}
}

// The negative control. With the guard in memory off, the database refuses the batch
// that gives out too much; with that guard off too, the rush of TestSellOut gives out
// too much, its count says so, and the audit names the first transfer that did.
func TestGuardsOff(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		both(t, 100, func(t *testing.T, w *world) {
			w.books.Unguard()
			n, _ := rush(w, []*ledger.Books{w.books}, 8, 40, "ledger.damaged")
			if n > 100 {
				t.Errorf("%d admitted", n)
			}
			w.sound()
		})
	})
	t.Run("both", func(t *testing.T) {
		storagetest.Run(t, []storage.Module{unchecked(t), notes}, func(t *testing.T, db *storage.DB) {
			w := newWorld(t, db, 100)
			w.books.Unguard()
			if n, _ := rush(w, []*ledger.Books{w.books}, 8, 40); n <= 100 {
				t.Errorf("%d of 100 admitted, and this test cannot fail", n)
			}
			rep := w.audit()
			if rep.OK || rep.Reason != "below_floor" || rep.FirstBad.Number != 102 || rep.FirstBad.Account != string(w.shelf) {
				t.Errorf("%+v at %+v", rep, rep.FirstBad)
			}
		})
	})
	t.Run("quota", func(t *testing.T) {
		both(t, 100, func(t *testing.T, w *world) {
			w.books.Unguard()
			w.must(w.held(5, "per_1", 1))
			w.must(w.held(1, "per_1", 1))
			if rep := w.audit(); rep.OK || rep.Reason != "over_quota" || rep.FirstBad.Number != 3 {
				t.Errorf("%+v", rep)
			}
		})
	})
}

// Another process writes between our decision and our commit: the batch decides
// again, on what is there now. Whatever the order, the last piece goes out once.
func TestOvertaken(t *testing.T) {
	both(t, 1, func(t *testing.T, w *world) {
		other := ledger.New(w.db, nil, w.hand.Now)
		theirs, ours := w.hold(1), w.hold(1)
		first := true
		w.books.Committing(func(commit func() error) error {
			if first {
				first = false
				if _, err := other.Admit(context.Background(), w.book, []ledger.Transfer{theirs}, nil); err != nil {
					t.Error(err)
				}
			}
			return commit()
		})
		w.fails("ledger.exhausted", ours)
		if first {
			t.Error("nobody overtook")
		}
		if got := w.must(theirs); !got.Again {
			t.Error("the other's transfer is not known here")
		}
		// A refusal by what the state says is not given while others gave something back.
		if _, err := other.Admit(t.Context(), w.book, []ledger.Transfer{w.end(ledger.Void, theirs, 0)}, nil); err != nil {
			t.Fatal(err)
		}
		w.must(ours)
		w.sound()
	})
}

// What another process admitted is told again here, even where it could not be
// admitted now: by a state that is behind it is refused first, and then remembered.
func TestAgainElsewhere(t *testing.T) {
	both(t, 3, func(t *testing.T, w *world) {
		other := ledger.New(w.db, nil, w.hand.Now)
		first := w.hold(1)
		if _, err := other.Admit(t.Context(), w.book, []ledger.Transfer{first}, nil); err != nil {
			t.Fatal(err)
		}
		h := w.hold(2)
		h.Until = start.Add(time.Second)
		w.must(h)
		w.hand.Add(time.Minute)
		if got, err := other.Admit(t.Context(), w.book, []ledger.Transfer{h}, nil); err != nil || !got.Again {
			t.Errorf("%+v, %v", got, err)
		}
		w.sound()
	})
}

// A commit whose outcome nobody knows: the journal is asked. If it holds the batch
// nothing is done twice; if not, it is done now. Callers are told the truth.
func TestUnknownCommit(t *testing.T) {
	both(t, 10, func(t *testing.T, w *world) {
		lost := fault.New(fault.Unavailable, "storage.unknown")
		for _, happened := range []bool{true, false} {
			loses, ran := 1, 0
			w.again()
			w.books.Committing(func(commit func() error) error {
				if loses--; loses < 0 {
					return commit()
				}
				if happened {
					if err := commit(); err != nil {
						return err
					}
				}
				return lost
			})
			h := w.hold(1)
			got, err := w.books.Admit(t.Context(), w.book, []ledger.Transfer{h}, func(tx *storage.Tx) error {
				ran++
				_, err := tx.Exec(`insert into note (id, body) values ($1, 'x')`, h.ID.String())
				return err
			})
			if err != nil || got.Again != happened || ran != 1 {
				t.Errorf("happened %t: %+v, part ran %d times, %v", happened, got, ran, err)
			}
		}
		w.wants("-10/0/0 10/2/0 0/0/2 0/0/0")
		// For as long as the store cannot be asked, nobody is told anything else.
		w.again()
		w.books.Committing(func(func() error) error { return lost })
		w.fails("storage.unknown", w.hold(1))
		w.sound()
	})
}

// Many callers end the same holds in every way at once: each hold ends once.
func TestEndsOnce(t *testing.T) {
	both(t, 200, func(t *testing.T, w *world) {
		var holds []ledger.Transfer
		for range 50 {
			h := w.hold(2)
			w.must(h)
			holds = append(holds, h)
		}
		doors := []*ledger.Books{w.books, ledger.New(w.db, nil, w.hand.Now)}
		var ends [50]atomic.Int64
		var wg sync.WaitGroup
		for c := range 16 {
			wg.Go(func() {
				for _, i := range rand.Perm(len(holds)) {
					e := w.end([]ledger.Kind{ledger.Post, ledger.Void, ledger.Post, ledger.Void}[c%4], holds[i], 0)
					if e.Kind == ledger.Post {
						e.Amount = 1
					}
					_, err := doors[c%2].Admit(context.Background(), w.book, []ledger.Transfer{e}, nil)
					switch {
					case err == nil:
						ends[i].Add(1)
					case !fault.Is(err, "ledger.ended") && !fault.Is(err, "ledger.busy"):
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for i := range ends {
			if ends[i].Load() != 1 {
				t.Errorf("hold %d ended %d times", i, ends[i].Load())
			}
		}
		w.sound()
	})
}
