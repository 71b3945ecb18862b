package ledger

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"

	"breakwater/internal/storage"
)

// walk audits one book. It shares the journal's format and the flat tables with the
// desk, and none of its judgement: a mistake there must not vouch for itself.
type walk struct {
	r    storage.Reader
	book BookID
	rep  *Report
	sums map[string]*UnitSum

	have   []Balance // as it adds up, by number
	quotas []Quota
	ids    flat
	used   flat
	holds  holds
	anchor Anchor
	place  Place // where we are
	at     int64

	digest []byte // of the last batch
	tell   func(done int64)
}

func asBroken(err error, b **broken) bool { return errors.As(err, b) }

func (w *walk) bad(what string) error { return &broken{what, w.place} }

func (w *walk) run() error {
	w.place = Place{Book: w.book}
	stored, err := Balances(w.r, w.book)
	if err != nil {
		return err
	}
	for _, b := range stored {
		w.have = append(w.have, Balance{Account: b.Account})
	}
	if w.quotas, err = storage.All(w.r, scanQuota, `select `+quotaColumns+` from ledger_quota where book = $1 order by n`, string(w.book)); err != nil {
		return err
	}
	marks, err := storage.All(w.r, func(rows *storage.Rows) (m mark, err error) { return m, rows.Scan(&m.n, &m.packed) },
		`select n, balances from ledger_mark where book = $1 order by n`, string(w.book))
	if err != nil {
		return err
	}
	if err := w.journal(marks); err != nil {
		return err
	}
	w.rep.Accounts += int64(len(stored))
	w.rep.Open += int64(w.holds.open)
	return w.sum(stored)
}

// mark is a row of ledger_mark.
type mark struct {
	n      int64
	packed []byte
}

// journal walks all batches, one after the other without holding more than one.
func (w *walk) journal(marks []mark) error {
	var last int64
	if err := w.r.Row(`select n from ledger_head where book = $1`, string(w.book)).Scan(&last); storage.NoRows(err) {
		return w.bad("head_missing")
	} else if err != nil {
		return err
	}
	rows, err := w.r.Query(`select `+batchColumns+` from ledger_batch where book = $1 order by n`, string(w.book))
	if err != nil {
		return err
	}
	defer rows.Close()
	n, seq, digest := int64(0), int64(0), origin(w.book)
	for rows.Next() {
		x, err := scanBatch(rows)
		if err != nil {
			return err
		}
		n++
		w.place = Place{Book: w.book, Batch: n}
		switch {
		case x.n != n || x.first != seq+1:
			return w.bad("batch_missing")
		case !bytes.Equal(x.sum(digest), x.digest):
			return w.bad("batch_altered")
		case x.at < w.at:
			return w.bad("time_backwards")
		}
		seq, digest, w.at = seq+x.transfers, x.digest, x.at
		if err := w.batch(x); err != nil {
			return err
		}
		w.place = Place{Book: w.book, Batch: n}
		if w.anchor.N == n {
			if w.anchor.Digest != hex.EncodeToString(digest) {
				return w.bad("anchor_differs")
			}
			w.rep.Anchored++
		}
		if len(marks) > 0 && marks[0].n == n {
			if !w.agrees(marks[0].packed) {
				return w.bad("mark_differs")
			}
			marks = marks[1:]
		}
		w.tell(seq)
	}
	w.digest = digest
	if err := rows.Err(); err != nil {
		return err
	}
	w.place = Place{Book: w.book, Batch: n}
	switch {
	case n != last, n < w.anchor.N:
		return w.bad("batch_missing")
	case len(marks) > 0:
		return w.bad("mark_differs")
	}
	w.rep.Batches += n
	w.rep.Transfers += seq
	return nil
}

func (w *walk) batch(x batch) error {
	err := x.each(func(seq int64, r record) error {
		w.place = Place{Book: w.book, Batch: x.n, Number: seq, Transfer: r.id.String()}
		return w.transfer(seq, r)
	})
	var b *broken
	if err != nil && !asBroken(err, &b) {
		w.place = Place{Book: w.book, Batch: x.n}
		return w.bad("batch_unreadable")
	}
	return err
}

// transfer holds one transfer against the rules.
func (w *walk) transfer(seq int64, r record) error {
	twice := false
	w.ids.each(idKey(r.id), func(n uint32) bool {
		// The key is the whole id but for a chance of none; the journal knows.
		if _, was, err := recordAt(w.r, w.book, int64(n)); err != nil || was.id == r.id {
			twice = true
		}
		return twice
	})
	if twice {
		return w.bad("id_twice")
	}
	w.ids.add(idKey(r.id), uint32(seq))
	switch r.kind {
	case Plain, Hold:
		return w.move(uint32(seq), r)
	case Post, Void, Expire:
		return w.end(r)
	}
	return w.bad("batch_unreadable")
}

// move judges a plain transfer or the beginning of a hold.
func (w *walk) move(seq uint32, r record) error {
	if r.debit < 1 || r.credit < 1 || int(r.debit) > len(w.have) || int(r.credit) > len(w.have) || r.debit == r.credit {
		return w.bad("account_unknown")
	}
	from, to := &w.have[r.debit-1], &w.have[r.credit-1]
	switch {
	case from.Unit != to.Unit:
		return w.bad("units_differ")
	case r.amount < 1:
		return w.bad("amount")
	case r.until > 0 && r.until <= w.at:
		return w.bad("too_late")
	}
	var key uint64
	if r.quota > 0 {
		if int(r.quota) > len(w.quotas) {
			return w.bad("account_unknown")
		}
		key = claimKey(r.quota, r.period, r.holder)
		q, has := w.quotas[r.quota-1], w.used.shift(key, r.amount)
		for away := int64(1); away < q.Span; away++ {
			for _, p := range [...]int64{int64(r.period) - away, int64(r.period) + away} {
				if p >= 0 && p <= math.MaxUint32 {
					more, _ := w.used.at(claimKey(r.quota, uint32(p), r.holder))
					has += int64(more)
				}
			}
		}
		if has > q.Most {
			return w.bad("over_quota")
		}
	}
	if r.kind == Plain {
		from.Posted -= r.amount
		to.Posted += r.amount
	} else {
		from.Held += r.amount
		to.Expected += r.amount
		w.holds.put(seq, hold{debit: r.debit, credit: r.credit, amount: r.amount, until: r.until, claim: key})
	}
	if !from.Outside && from.Posted-from.Held < from.Floor {
		w.place.Account = string(from.ID)
		return w.bad("below_floor")
	}
	return nil
}

// end judges the end of a hold.
func (w *walk) end(r record) error {
	x, open := w.holds.at(r.hold)
	switch {
	case !open:
		return w.bad("hold_not_open")
	case r.kind == Post && r.amount > x.amount:
		return w.bad("more_than_held")
	case r.kind == Post && r.amount < 1:
		return w.bad("amount")
	case r.kind == Post && x.until > 0 && w.at >= x.until:
		return w.bad("too_late")
	case r.kind == Expire && (x.until == 0 || w.at < x.until):
		return w.bad("too_early")
	}
	w.holds.end(r.hold)
	from, to := &w.have[x.debit-1], &w.have[x.credit-1]
	from.Held -= x.amount
	to.Expected -= x.amount
	back := x.amount
	if r.kind == Post {
		from.Posted -= r.amount
		to.Posted += r.amount
		back -= r.amount
	}
	if x.claim != 0 {
		w.used.shift(x.claim, -back)
	}
	return nil
}

// agrees is whether a mark holds what adds up here; an account opened since has nothing.
func (w *walk) agrees(packed []byte) bool {
	marked := make([]Balance, len(w.have))
	if unmark(packed, marked) != nil {
		return false
	}
	for i, m := range marked {
		if a := w.have[i]; m.Posted != a.Posted || m.Held != a.Held || m.Expected != a.Expected {
			return false
		}
	}
	return true
}

// sum compares with the balances stored and adds the book to the units.
func (w *walk) sum(stored []Balance) error {
	posted, pending := map[string]int64{}, map[string]int64{}
	for i, a := range w.have {
		s := stored[i]
		w.place = Place{Book: w.book, Account: string(s.ID)}
		if s.Posted != a.Posted || s.Held != a.Held || s.Expected != a.Expected {
			return w.bad("balance_differs")
		}
		posted[s.Unit] += s.Posted
		pending[s.Unit] += s.Held - s.Expected
		u := w.sums[s.Unit]
		if u == nil {
			u = &UnitSum{Unit: s.Unit}
			w.sums[s.Unit] = u
		}
		if s.Outside {
			u.Outside += s.Posted
		} else {
			u.Inside += s.Posted
			u.Held += s.Held
		}
	}
	w.place = Place{Book: w.book}
	for unit := range posted {
		if posted[unit] != 0 || pending[unit] != 0 {
			return w.bad("not_conserved")
		}
	}
	return nil
}
