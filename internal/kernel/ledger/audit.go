package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Report is the auditor's answer; its JSON is that of `ledger audit --json`.
type Report struct {
	OK        bool      `json:"ok"`
	Books     int64     `json:"books"`
	Accounts  int64     `json:"accounts"`
	Batches   int64     `json:"batches"`
	Transfers int64     `json:"transfers"`
	Open      int64     `json:"open_holds"`
	Anchored  int64     `json:"anchored"` // books that hold the last anchor in the log of facts
	Units     []UnitSum `json:"units"`
	Digest    string    `json:"digest"` // SHA-256 over every journal's last digest: which journals these were; "" when broken
	FirstBad  *Place    `json:"first_bad"`
	Reason    string    `json:"reason"` // English, for programs; "" when ok
	// Code and Args are the reason as a message key, for people.
	Code string     `json:"-"`
	Args fault.Args `json:"-"`
}

// UnitSum is one unit over all books: what came in from outside is what is inside.
type UnitSum struct {
	Unit    string `json:"unit"`
	Outside int64  `json:"outside"` // the sum of the accounts outside; its negative came in
	Inside  int64  `json:"inside"`
	Held    int64  `json:"held"` // of Inside, by open holds
}

// Place is where the journal is first wrong.
type Place struct {
	Book     BookID `json:"book"`
	Batch    int64  `json:"batch,omitempty"`
	Number   int64  `json:"number,omitempty"`   // of the transfer in its book, from 1
	Transfer string `json:"transfer,omitempty"` // its id
	Account  string `json:"account,omitempty"`
}

// broken ends an audit: what is wrong first.
type broken struct {
	what  string // the key behind "ledger.audit_"
	where Place
}

func (b *broken) Error() string { return "ledger: " + b.what }

// Audit reads every journal from its first transfer and proves, by rules written
// down a second time (audit_walk.go), that no account was below its floor and no
// holder above a quota after any transfer, that each hold ended once, for no more
// than it held and in its time, that no id stands twice, that every linked set is
// whole, that nothing was dropped or altered since it was written, and that the
// balances stored are what the journals add up to, with a sum of zero in every unit.
// Where the log has an anchor of a journal, the journal must still hold it; the log
// proves itself (eventlog.Verify). A broken ledger is a Report, not an error.
func Audit(ctx context.Context, db *storage.DB, log Log) (rep Report, err error) {
	return AuditTelling(ctx, db, log, func(int64, int64) {})
}

// AuditTelling is Audit for whoever waits for it: tell hears after every batch how many
// transfers were judged, and how many there were when it began.
func AuditTelling(ctx context.Context, db *storage.DB, log Log, tell func(done, total int64)) (rep Report, err error) {
	var before []BookID
	if err := db.Read(ctx, func(r storage.Reader) (err error) {
		before, err = allBooks(r)
		return err
	}); err != nil {
		return rep, err
	}
	anchored, err := anchors(ctx, log, before)
	if err != nil {
		return rep, err
	}
	err = db.Export(ctx, func(r storage.Reader) error {
		rep = Report{OK: true, Units: []UnitSum{}}
		books, err := allBooks(r)
		if err != nil {
			return err
		}
		total, err := lengths(r, books)
		if err != nil {
			return err
		}
		sums, ends, walked := map[string]*UnitSum{}, sha256.New(), int64(0)
		for _, book := range books {
			w := &walk{r: r, book: book, rep: &rep, sums: sums, holds: newHolds(), anchor: anchored[book]}
			w.tell = func(done int64) { tell(walked+done, total) }
			if err := w.run(); err != nil {
				return err
			}
			fmt.Fprintf(ends, "%s %x\n", book, w.digest)
			walked = rep.Transfers
			rep.Books++
		}
		rep.Digest = hex.EncodeToString(ends.Sum(nil))
		for _, u := range sums {
			rep.Units = append(rep.Units, *u)
		}
		slices.SortFunc(rep.Units, func(a, b UnitSum) int { return strings.Compare(a.Unit, b.Unit) })
		return loose(r)
	})
	var b *broken
	if asBroken(err, &b) {
		rep.Digest = ""
		rep.OK, rep.Reason, rep.FirstBad, rep.Code = false, b.what, &b.where, "ledger.audit_"+b.what
		rep.Args = fault.Args{"book": string(b.where.Book), "batch": b.where.Batch, "number": b.where.Number, "transfer": b.where.Transfer, "account": b.where.Account}
		return rep, nil
	}
	return rep, err
}

func allBooks(r storage.Reader) ([]BookID, error) {
	return storage.All(r, func(rows *storage.Rows) (id BookID, err error) { return id, rows.Scan(&id) }, `select id from ledger_book order by id`)
}

// lengths is how many transfers the books' journals say that they hold.
func lengths(r storage.Reader, books []BookID) (total int64, err error) {
	for _, book := range books {
		var n int64
		err := r.Row(`select first + transfers - 1 from ledger_batch where book = $1 order by n desc limit 1`, string(book)).Scan(&n)
		if err != nil && !storage.NoRows(err) {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// loose finds rows that belong to no book.
func loose(r storage.Reader) error {
	for _, q := range []string{
		`select book from ledger_batch where book not in (select id from ledger_book) limit 1`,
		`select book from ledger_account where book not in (select id from ledger_book) limit 1`,
		`select book from ledger_head where book not in (select id from ledger_book) limit 1`,
	} {
		var book string
		switch err := r.Row(q).Scan(&book); {
		case err == nil:
			return &broken{"no_book", Place{Book: BookID(book)}}
		case !storage.NoRows(err):
			return err
		}
	}
	return nil
}
