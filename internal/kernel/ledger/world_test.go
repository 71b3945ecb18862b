package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var start = time.Date(2020, 2, 10, 0, 30, 0, 0, time.UTC)

// notes stands for what a service writes beside its transfers.
var notes = storage.Module{Name: "note", Files: fstest.MapFS{"schema/0001_note.sql": {Data: []byte(
	`create table note (id text not null primary key, body text not null constraint note_short check (length(body) <= 5)) FLAT`)}}}

// world is a book with stock: masks come from outside, lie on a shelf and go to
// people; slots are beside them.
type world struct {
	t      testing.TB
	db     *storage.DB
	hand   *clock.Hand
	books  *ledger.Books
	book   ledger.BookID
	out    ledger.AccountID // masks outside
	shelf  ledger.AccountID
	people ledger.AccountID
	slots  ledger.AccountID // another unit
	weekly ledger.Quota     // 5 a week
	wait   ledger.Quota     // 5 in any three days
}

// newWorld opens the book and puts stock on the shelf.
func newWorld(t testing.TB, db *storage.DB, stock int64) *world {
	t.Helper()
	w := &world{t: t, db: db, hand: clock.NewHand(start)}
	w.books = ledger.New(db, nil, w.hand.Now)
	w.write(func(tx *storage.Tx) (err error) {
		if w.book, err = w.books.OpenBook(tx); err != nil {
			return err
		}
		if w.weekly, err = w.books.OpenQuota(tx, ledger.Quota{Book: w.book, Most: 5}); err != nil {
			return err
		}
		w.wait, err = w.books.OpenQuota(tx, ledger.Quota{Book: w.book, Most: 5, Span: 3})
		return err
	})
	w.out = w.open(ledger.Account{Unit: "mask", Outside: true})
	w.shelf = w.open(ledger.Account{Unit: "mask", Purpose: "point:1"})
	w.people = w.open(ledger.Account{Unit: "mask"})
	w.slots = w.open(ledger.Account{Unit: "slot"})
	if stock > 0 {
		w.must(w.receive(stock))
	}
	return w
}

func (w *world) write(fn storage.WriteFunc) {
	w.t.Helper()
	if err := w.db.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(a ledger.Account) (id ledger.AccountID) {
	w.t.Helper()
	a.Book = w.book
	w.write(func(tx *storage.Tx) error {
		made, err := w.books.OpenAccount(tx, a)
		id = made.ID
		return err
	})
	return id
}

func (w *world) ticket() ledger.TransferID { return ledger.Ticket(w.hand.Now()) }

func (w *world) receive(n int64) ledger.Transfer {
	return ledger.Transfer{ID: w.ticket(), Kind: ledger.Plain, Debit: w.out, Credit: w.shelf, Amount: n}
}

func (w *world) hold(n int64) ledger.Transfer {
	return ledger.Transfer{ID: w.ticket(), Kind: ledger.Hold, Debit: w.shelf, Credit: w.people, Amount: n}
}

// held is a hold of a holder in a week.
func (w *world) held(n int64, who string, week uint32) ledger.Transfer {
	t := w.hold(n)
	t.Claim = ledger.Claim{Quota: w.weekly.ID, Period: week, Holder: who}
	return t
}

func (w *world) end(k ledger.Kind, of ledger.Transfer, n int64) ledger.Transfer {
	return ledger.Transfer{ID: w.ticket(), Kind: k, Hold: of.ID, Amount: n}
}

func (w *world) admit(ts ...ledger.Transfer) (ledger.Receipt, error) {
	return w.books.Admit(context.Background(), w.book, ts, nil)
}

func (w *world) must(ts ...ledger.Transfer) ledger.Receipt {
	w.t.Helper()
	got, err := w.admit(ts...)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// fails wants the code of a refusal.
func (w *world) fails(code string, ts ...ledger.Transfer) {
	w.t.Helper()
	if _, err := w.admit(ts...); !fault.Is(err, code) {
		w.t.Errorf("%v, want %s", err, code)
	}
}

// state prints the balances, posted/held/expected each, and the notes.
func (w *world) state() string {
	w.t.Helper()
	var out []string
	if err := w.db.Read(context.Background(), func(r storage.Reader) error {
		list, err := ledger.Balances(r, w.book)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, b := range list {
			out = append(out, fmt.Sprintf("%d/%d/%d", b.Posted, b.Held, b.Expected))
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func (w *world) wants(state string) {
	w.t.Helper()
	if got := w.state(); got != state {
		w.t.Errorf("balances\n%s, want\n%s", got, state)
	}
}

// again is the same book after a restart.
func (w *world) again() { w.books = ledger.New(w.db, nil, w.hand.Now) }

func (w *world) audit() ledger.Report {
	w.t.Helper()
	rep, err := ledger.Audit(context.Background(), w.db, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return rep
}

func (w *world) sound() {
	w.t.Helper()
	if rep := w.audit(); !rep.OK {
		w.t.Errorf("audit: %s at %+v", rep.Reason, *rep.FirstBad)
	}
}

var mods = []storage.Module{ledger.Module(), notes}

func both(t *testing.T, stock int64, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) { fn(t, newWorld(t, db, stock)) })
}
