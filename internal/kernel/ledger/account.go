package ledger

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// BookID is a book's id, "bok_…".
type BookID string

// AccountID is an account's id, "lac_…".
type AccountID string

// QuotaID is a quota's id, "quo_…".
type QuotaID string

// Account is something of which there is so much and no more, in one unit.
type Account struct {
	ID      AccountID
	Book    BookID
	Unit    string // "mask", "slot", "fen"; transfers join accounts of one unit
	Purpose string // what it counts, for whoever audits: "point:poi_…"
	Outside bool   // where units come from and go to: it has no floor
	Floor   int64  // posted less held never goes below; 0 for nearly all
	Opened  time.Time
}

// Balance is an account at one moment, in its unit.
type Balance struct {
	Account
	Posted   int64 // credits less debits
	Held     int64 // set aside of Posted by open holds
	Expected int64 // what open holds would bring it
}

// Free is what may still be held or moved away. It has no meaning outside.
func (b Balance) Free() int64 { return b.Posted - b.Held - b.Floor }

// Quota is how many units one holder may have in one period, or in any Span periods in
// a row: once in ten days is a period a day and a span of ten. A claim is held against
// the periods after its own too, so that it does not matter which of two comes first.
type Quota struct {
	ID      QuotaID
	Book    BookID
	Most    int64
	Span    int64 // periods counted together, 1 to 62; 0 is 1
	Purpose string
	Opened  time.Time
}

// textMost bounds units and purposes, in bytes.
const textMost = 200

// floorMost bounds a floor on either side, as amountMost does amounts.
const floorMost = 1 << 60

// quotaMost bounds a quota, which is counted in 32 bits.
const quotaMost = 1<<31 - 1

// spanMost bounds a span, each period of which is looked up twice for a claim.
const spanMost = 62

// OpenBook opens an empty book in the caller's transaction.
func (b *Books) OpenBook(tx *storage.Tx) (BookID, error) {
	now := b.now()
	id := ident.New("bok", now)
	if _, err := tx.Exec(`insert into ledger_book (id, accounts, quotas, opened) values ($1, 0, 0, $2)`, id, clock.Micros(now)); err != nil {
		return "", err
	}
	_, err := tx.Exec(`insert into ledger_head (book, n) values ($1, 0)`, id)
	return BookID(id), err
}

// OpenAccount opens an account of a.Book in the caller's transaction, and returns it
// with its id. It can be used once that is committed, and is never closed.
//
// Faults: NotFound "ledger.no_book", Internal "ledger.malformed".
func (b *Books) OpenAccount(tx *storage.Tx, a Account) (Account, error) {
	if a.Unit == "" || len(a.Unit) > textMost || len(a.Purpose) > textMost || a.Floor > floorMost || a.Floor < -floorMost || a.Outside && a.Floor != 0 || a.Floor > 0 {
		return a, fault.New(fault.Internal, "ledger.malformed", "what", "account")
	}
	a.Opened = b.now()
	a.ID = AccountID(ident.New("lac", a.Opened))
	n, err := number(tx, a.Book, `update ledger_book set accounts = accounts + 1 where id = $1`, `select accounts from ledger_book where id = $1`)
	if err != nil {
		return a, err
	}
	_, err = tx.Exec(`insert into ledger_account (id, book, n, unit, purpose, bounded, floor, posted, held, expected, opened)
		values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8)`,
		string(a.ID), string(a.Book), n, a.Unit, a.Purpose, 1-bit(a.Outside), a.Floor, clock.Micros(a.Opened))
	return a, err
}

// OpenQuota opens a quota of q.Book in the caller's transaction, and returns it with
// its id. Like an account it is never altered: another rule is another quota.
//
// Faults: NotFound "ledger.no_book", Internal "ledger.malformed".
func (b *Books) OpenQuota(tx *storage.Tx, q Quota) (Quota, error) {
	q.Span = max(q.Span, 1)
	if q.Most < 1 || q.Most > quotaMost || q.Span > spanMost || len(q.Purpose) > textMost {
		return q, fault.New(fault.Internal, "ledger.malformed", "what", "quota")
	}
	q.Opened = b.now()
	q.ID = QuotaID(ident.New("quo", q.Opened))
	n, err := number(tx, q.Book, `update ledger_book set quotas = quotas + 1 where id = $1`, `select quotas from ledger_book where id = $1`)
	if err != nil {
		return q, err
	}
	_, err = tx.Exec(`insert into ledger_quota (id, book, n, most, span, purpose, opened) values ($1, $2, $3, $4, $5, $6, $7)`,
		string(q.ID), string(q.Book), n, q.Most, q.Span, q.Purpose, clock.Micros(q.Opened))
	return q, err
}

// number counts one more of a book's accounts or quotas, and says which it is, from 1.
func number(tx *storage.Tx, book BookID, count, read string) (n int64, err error) {
	counted, err := tx.Exec(count, string(book))
	if err != nil {
		return 0, err
	}
	if counted == 0 {
		return 0, errNoBook()
	}
	return n, tx.Row(read, string(book)).Scan(&n)
}

func bit(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

func errNoBook() error { return fault.New(fault.NotFound, "ledger.no_book") }
