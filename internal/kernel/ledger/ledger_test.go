package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

func TestHoldPostVoidExpire(t *testing.T) {
	both(t, 10, func(t *testing.T, w *world) {
		w.wants("-10/0/0 10/0/0 0/0/0 0/0/0")
		a, b, c := w.hold(3), w.hold(4), w.hold(2)
		c.Until = w.hand.Now().Add(time.Hour)
		w.must(a)
		w.must(b)
		w.must(c)
		w.wants("-10/0/0 10/9/0 0/0/9 0/0/0")
		w.fails("ledger.exhausted", w.hold(2))
		w.fails("ledger.more_than_held", w.end(ledger.Post, a, 4))
		w.must(w.end(ledger.Post, a, 2)) // the third is free again
		w.wants("-10/0/0 8/6/0 2/0/6 0/0/0")
		w.must(w.end(ledger.Void, b, 0))
		for _, k := range []ledger.Kind{ledger.Void, ledger.Expire} {
			w.fails("ledger.ended", w.end(k, a, 0))
			w.fails("ledger.ended", w.end(k, b, 0))
		}
		w.fails("ledger.ended", w.end(ledger.Post, b, 1))
		w.fails("ledger.no_hold", w.end(ledger.Void, w.hold(1), 0))
		w.fails("ledger.not_lapsed", w.end(ledger.Expire, c, 0))
		w.hand.Set(c.Until.Add(-time.Microsecond))
		w.fails("ledger.not_lapsed", w.end(ledger.Expire, c, 0))
		w.hand.Set(c.Until)
		w.fails("ledger.lapsed", w.end(ledger.Post, c, 2))
		w.must(w.end(ledger.Expire, c, 0))
		w.fails("ledger.ended", w.end(ledger.Void, c, 0))
		w.wants("-10/0/0 8/0/0 2/0/0 0/0/0")
		w.again()
		w.fails("ledger.ended", w.end(ledger.Post, a, 1))
		w.sound()
	})
}

// An end that stands in the same batch or set as its hold finds it.
func TestLinked(t *testing.T) {
	both(t, 10, func(t *testing.T, w *world) {
		a, b := w.hold(6), w.hold(5)
		w.fails("ledger.exhausted", a, b) // all or nothing
		w.wants("-10/0/0 10/0/0 0/0/0 0/0/0")
		b.Amount = 4
		w.must(a, w.end(ledger.Post, a, 6), b)
		w.wants("-10/0/0 4/4/0 6/0/4 0/0/0")
		x := w.hold(1)
		w.fails("ledger.ended", w.end(ledger.Void, b, 0), w.end(ledger.Void, b, 0))
		w.fails("ledger.exhausted", x)
		w.fails("ledger.other_content", w.end(ledger.Void, b, 0), ledger.Transfer{ID: a.ID, Kind: ledger.Void, Hold: b.ID})
		slot := x
		slot.Credit = w.slots
		w.fails("ledger.malformed", slot)
		w.sound()
	})
}

// Whoever comes with an id again is told the same, whenever that is; with another
// content it is refused; what was refused may come again.
func TestAgain(t *testing.T) {
	both(t, 10, func(t *testing.T, w *world) {
		a := w.held(3, "per_1", 7)
		a.Until = w.hand.Now().Add(time.Hour)
		first := w.must(a)
		post := w.end(ledger.Post, a, 3)
		w.must(post)
		set := []ledger.Transfer{w.hold(1), w.hold(2)}
		w.must(set...)
		tooMuch := w.hold(50)
		w.fails("ledger.exhausted", tooMuch)
		before := w.state()
		for range 2 {
			w.hand.Add(time.Minute)
			for _, want := range [][]ledger.Transfer{{a}, {post}, set} {
				if got := w.must(want...); !got.Again || !got.At.Equal(first.At) {
					t.Errorf("%+v after %+v", got, first)
				}
			}
			for _, change := range []func(*ledger.Transfer){
				func(x *ledger.Transfer) { x.Amount++ },
				func(x *ledger.Transfer) { x.Until = x.Until.Add(time.Microsecond) },
				func(x *ledger.Transfer) { x.Claim.Holder = "per_2" },
				func(x *ledger.Transfer) { x.Claim.Period++ },
				func(x *ledger.Transfer) { x.Debit, x.Credit = x.Credit, x.Debit },
				func(x *ledger.Transfer) { *x = ledger.Transfer{ID: x.ID, Kind: ledger.Void, Hold: set[0].ID} },
			} {
				other := a
				change(&other)
				w.fails("ledger.other_content", other)
			}
			w.fails("ledger.other_content", ledger.Transfer{ID: post.ID, Kind: ledger.Post, Hold: set[1].ID, Amount: 3})
			w.fails("ledger.other_content", set[0], w.hold(1))
			w.wants(before)
			w.again()
		}
		tooMuch.Amount = 4
		w.must(tooMuch)
		w.sound()
	})
}

func TestQuota(t *testing.T) {
	both(t, 100, func(t *testing.T, w *world) {
		a := w.held(4, "per_1", 7)
		w.must(a)
		w.fails("ledger.quota", w.held(2, "per_1", 7))
		w.must(w.held(5, "per_1", 8))
		w.must(w.held(5, "per_2", 7))
		w.must(w.held(1, "per_1", 7))
		w.fails("ledger.quota", w.held(1, "per_1", 7))
		w.must(w.end(ledger.Post, a, 1)) // three come back
		w.again()
		w.fails("ledger.quota", w.held(4, "per_1", 7))
		b := w.held(3, "per_1", 7)
		w.must(b)
		w.must(w.end(ledger.Void, b, 0), w.held(3, "per_1", 7))
		got := w.held(1, "per_3", 7)
		got.Kind = ledger.Plain
		w.must(got)
		w.fails("ledger.quota", w.held(5, "per_3", 7))
		w.sound()
	})
}

// Once in three days, whichever of two days comes first.
func TestQuotaOfSeveralPeriods(t *testing.T) {
	both(t, 100, func(t *testing.T, w *world) {
		on := func(day uint32, n int64) ledger.Transfer {
			x := w.hold(n)
			x.Claim = ledger.Claim{Quota: w.wait.ID, Period: day, Holder: "per_1"}
			return x
		}
		first := on(10, 5)
		w.must(first)
		for _, day := range []uint32{8, 9, 10, 11, 12} {
			w.fails("ledger.quota", on(day, 1))
		}
		w.again()
		w.fails("ledger.quota", on(12, 1))
		w.must(on(13, 5))
		w.must(on(7, 5))
		w.must(w.end(ledger.Void, first, 0))
		w.must(on(0, 2))
		w.fails("ledger.quota", on(1, 4))
		w.must(on(4294967295, 5))
		w.fails("ledger.quota", on(4294967294, 1))
		w.sound()

		w.write(func(tx *storage.Tx) error {
			_, err := tx.Exec(`update ledger_quota set span = 7 where span = 3`)
			return err
		})
		if rep := w.audit(); rep.OK || rep.Reason != "over_quota" {
			t.Errorf("had span been seven: %+v", rep)
		}
	})
}

func TestMalformed(t *testing.T) {
	both(t, 10, func(t *testing.T, w *world) {
		hold := w.hold(1)
		for i, change := range []func(*ledger.Transfer){
			func(x *ledger.Transfer) { x.ID = ledger.TransferID{} },
			func(x *ledger.Transfer) { x.Kind = 0 },
			func(x *ledger.Transfer) { x.Kind = 6 },
			func(x *ledger.Transfer) { x.Credit = x.Debit },
			func(x *ledger.Transfer) { x.Debit = "" },
			func(x *ledger.Transfer) { x.Hold = x.ID },
			func(x *ledger.Transfer) { x.Claim.Quota = w.weekly.ID },
			func(x *ledger.Transfer) { x.Kind, x.Until = ledger.Plain, start },
			func(x *ledger.Transfer) { x.Until = time.Unix(-1, 0) },
			func(x *ledger.Transfer) { *x = ledger.Transfer{ID: x.ID, Kind: ledger.Void, Hold: hold.ID, Amount: 1} },
			func(x *ledger.Transfer) { *x = ledger.Transfer{ID: x.ID, Kind: ledger.Void} },
		} {
			x := w.hold(1)
			change(&x)
			if _, err := w.admit(x); !fault.Is(err, "ledger.malformed") {
				t.Errorf("%d: %v", i, err)
			}
		}
		w.fails("ledger.malformed")
		w.fails("ledger.amount", w.hold(0))
		w.fails("ledger.amount", w.hold(1<<51))
		w.fails("ledger.amount", w.end(ledger.Post, hold, -1))
		x := w.hold(1)
		x.Debit = "lac_none"
		w.fails("ledger.no_account", x)
		if _, err := w.books.Admit(t.Context(), "bok_none", []ledger.Transfer{w.hold(1)}, nil); !fault.Is(err, "ledger.no_book") {
			t.Error(err)
		}
		w.wants("-10/0/0 10/0/0 0/0/0 0/0/0")
	})
}

// A caller's part stands or falls with the caller's transfers, and with nobody else's.
func TestParts(t *testing.T) {
	both(t, 100, func(t *testing.T, w *world) {
		insert := func(id, body string) ledger.Then {
			return func(tx *storage.Tx) error {
				_, err := tx.Exec(`insert into note (id, body) values ($1, $2)`, id, body)
				return err
			}
		}
		mine := errors.New("mine")
		parts := map[string]ledger.Then{
			"fails": func(tx *storage.Tx) error { return errors.Join(insert("fails", "x")(tx), mine) },
			"check": insert("check", "too long"),
			"hides": func(tx *storage.Tx) error { _ = insert("hides", "too long")(tx); return nil },
			"later": func(tx *storage.Tx) error {
				tx.Later(`insert into note (id, body) values `, ``, "later", "too long")
				return nil
			},
			"panic": func(tx *storage.Tx) error { panic(errors.Join(insert("panic", "x")(tx), mine)) },
			"exits": func(tx *storage.Tx) error { defer runtime.Goexit(); return insert("exits", "x")(tx) },
		}
		for i := range 40 {
			parts[fmt.Sprint("good", i)] = insert(fmt.Sprint("good", i), "x")
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		ended := map[string]string{}
		for name, then := range parts {
			wg.Go(func() {
				how := "exited"
				defer func() {
					if recover() != nil {
						how = "panicked"
					}
					mu.Lock()
					ended[name] = how
					mu.Unlock()
				}()
				_, err := w.books.Admit(context.Background(), w.book, []ledger.Transfer{w.hold(1)}, then)
				how = fmt.Sprint(err == nil)
			})
		}
		wg.Wait()
		for name := range parts {
			want := map[string]string{"fails": "false", "check": "false", "hides": "false", "later": "false", "panic": "panicked", "exits": "exited"}[name]
			if want == "" {
				want = "true"
			}
			if ended[name] != want {
				t.Errorf("%s: %s, want %s", name, ended[name], want)
			}
		}
		w.wants("-100/0/0 100/40/0 0/0/40 0/0/0")
		var n int
		if err := w.db.Read(t.Context(), func(r storage.Reader) error { return r.Row(`select count(*) from note`).Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		if n != 40 {
			t.Errorf("%d notes", n)
		}
		w.sound()
	})
}

func TestDue(t *testing.T) {
	both(t, 100, func(t *testing.T, w *world) {
		var holds []ledger.Transfer
		for i := range 10 {
			h := w.hold(1)
			h.Until = start.Add(time.Duration(i+1) * 20 * time.Second)
			w.must(h)
			holds = append(holds, h)
		}
		w.must(w.hold(1)) // never ends by itself
		w.must(w.end(ledger.Void, holds[1], 0))
		w.hand.Set(start.Add(85 * time.Second))
		w.again()
		for _, most := range []int{2, 9} {
			due, err := w.books.Due(t.Context(), w.book, w.hand.Now(), most)
			if err != nil || len(due) != min(most, map[int]int{2: 2, 9: 1}[most]) {
				t.Fatalf("%d due, %v", len(due), err)
			}
			for _, id := range due {
				w.must(ledger.Transfer{ID: ledger.IDFor("expire", id.String()), Kind: ledger.Expire, Hold: id})
			}
		}
		w.wants("-100/0/0 100/7/0 0/0/7 0/0/0")
		w.sound()
	})
}

func TestBusyAtOnce(t *testing.T) {
	both(t, 100, func(t *testing.T, w *world) {
		w.books.SetQueue(1)
		inside, leave := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := w.books.Admit(context.Background(), w.book, []ledger.Transfer{w.hold(1)}, func(*storage.Tx) error {
				close(inside)
				<-leave
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
		<-inside
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		// Who gives up while they wait leaves at once, and their place is free.
		if _, err := w.books.Admit(gone, w.book, []ledger.Transfer{w.hold(1)}, nil); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		told := make(chan error, 2)
		for range 2 { // for one there is room
			wg.Go(func() {
				_, err := w.admit(w.hold(1))
				told <- err
			})
		}
		if err := <-told; !fault.Is(err, "ledger.busy") {
			t.Error(err)
		}
		close(leave)
		wg.Wait()
		w.wants("-100/0/0 100/2/0 0/0/2 0/0/0")
		w.sound()
	})
}

func TestNested(t *testing.T) {
	both(t, 100, func(t *testing.T, w *world) {
		err := w.db.Write(t.Context(), func(*storage.Tx) error {
			_, err := w.admit(w.hold(1))
			return err
		})
		if !fault.Is(err, "storage.nested") {
			t.Error(err)
		}
	})
}

func TestIDs(t *testing.T) {
	last := ""
	for range 1000 {
		id := ledger.Ticket(start)
		text := id.String()
		back, err := ledger.ParseTransferID(text)
		if err != nil || back != id || text <= last {
			t.Fatalf("%s after %s, read back as %s, %v", text, last, back, err)
		}
		last = text
	}
	if ledger.IDFor("ab", "c") == ledger.IDFor("a", "bc") {
		t.Error("moving a boundary between parts must change the id")
	}
	for _, text := range []string{"", "trf_", "key" + last[3:], last[:29], last + "0", "trf_8" + last[5:], last[:20] + "u" + last[21:]} {
		if _, err := ledger.ParseTransferID(text); !fault.Is(err, "ledger.id") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Who follows a journal reads every transfer once, in the order and with the moment that
// the part of its caller was told.
func TestEntries(t *testing.T) {
	both(t, 10, func(t *testing.T, w *world) {
		var want []ledger.Entry
		for range 3 {
			w.hand.Set(w.hand.Now().Add(time.Second))
			x := w.hold(1)
			var at time.Time
			_, err := w.books.AdmitAt(t.Context(), w.book, []ledger.Transfer{x}, func(_ *storage.Tx, told time.Time) error {
				at = told
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, ledger.Entry{Seq: int64(len(want) + 2), ID: x.ID, At: at}) // the first is the stock
		}
		read := func(after int64) (got []ledger.Entry, last int64) {
			if err := w.db.Read(t.Context(), func(r storage.Reader) (err error) {
				got = nil
				last, err = ledger.Entries(r, w.book, after, func(e ledger.Entry) { got = append(got, e) })
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return got, last
		}
		got, last := read(0)
		if len(got) != 4 || last != 4 {
			t.Fatalf("%d entries to %d", len(got), last)
		}
		for i, e := range got[1:] {
			if e.Seq != want[i].Seq || e.ID != want[i].ID || !e.At.Equal(want[i].At) {
				t.Errorf("%+v, want %+v", e, want[i])
			}
		}
		if more, end := read(last); len(more) > 0 || end != last {
			t.Errorf("%d more, to %d", len(more), end)
		}
	})
}
