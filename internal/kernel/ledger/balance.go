package ledger

import (
	"encoding/binary"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// Balances reads the accounts of a book, in the order of their opening, as of the
// reader's snapshot. It is for showing: who decides by it decides on the past.
func Balances(r storage.Reader, book BookID) ([]Balance, error) {
	return storage.All(r, scanBalance, `select `+balanceColumns+` from ledger_account where book = $1 order by n`, string(book))
}

// BalanceOf reads one account. Faults: NotFound "ledger.no_account".
func BalanceOf(r storage.Reader, id AccountID) (Balance, error) {
	list, err := storage.All(r, scanBalance, `select `+balanceColumns+` from ledger_account where id = $1`, string(id))
	if err == nil && len(list) == 0 {
		err = errNoAccount()
	}
	if err != nil {
		return Balance{}, err
	}
	return list[0], nil
}

// BalancesAt are the balances of a book's accounts as they were at a moment, that
// moment's batch included. It adds up what lies between the mark before it and it:
// some hundred batches.
//
// Faults: NotFound "ledger.no_book", Internal "ledger.damaged".
func BalancesAt(r storage.Reader, book BookID, at time.Time) ([]Balance, error) {
	s := newState(book)
	list, err := s.opened(r, book)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		var one int
		if err := r.Row(`select 1 from ledger_book where id = $1`, string(book)).Scan(&one); storage.NoRows(err) {
			return nil, errNoBook()
		} else if err != nil {
			return nil, err
		}
	}
	for i := range list {
		list[i].Posted, list[i].Held, list[i].Expected = 0, 0, 0
	}
	until := clock.Micros(at)
	var n int64
	var packed []byte
	err = r.Row(`select n, balances from ledger_mark where book = $1 and at <= $2 order by at desc, n desc limit 1`, string(book), until).Scan(&n, &packed)
	if err != nil && !storage.NoRows(err) {
		return nil, err
	}
	if err := unmark(packed, list); err != nil {
		return nil, err
	}
	return list, addUp(r, book, n, until, list)
}

// unmark sets the balances that a mark packed: of the accounts there were then.
func unmark(packed []byte, list []Balance) error {
	for i := 0; len(packed) > 0; i++ {
		if i >= len(list) {
			return errDamaged()
		}
		for _, v := range []*int64{&list[i].Posted, &list[i].Held, &list[i].Expected} {
			x, n := binary.Varint(packed)
			if n <= 0 {
				return errDamaged()
			}
			*v, packed = x, packed[n:]
		}
	}
	return nil
}

// addUp adds the batches behind n up to a moment. A hold that ends here may have begun
// before n: it is read back.
func addUp(r storage.Reader, book BookID, n, until int64, list []Balance) error {
	batches, err := storage.All(r, scanBatch, `select `+batchColumns+` from ledger_batch where book = $1 and n > $2 and at <= $3 order by n`, string(book), n, until)
	if err != nil {
		return err
	}
	began := map[uint32]hold{}
	for _, x := range batches {
		if err := x.each(func(seq int64, rec record) error {
			var h hold
			if rec.kind == Hold {
				began[uint32(seq)] = holdOf(rec)
			}
			if rec.hold > 0 {
				var here bool
				if h, here = began[rec.hold]; !here {
					_, was, err := recordAt(r, book, int64(rec.hold))
					if err != nil {
						return err
					}
					h = holdOf(was)
				}
			}
			e := effectOf(rec, h)
			if e.debit < 1 || e.credit < 1 || int(max(e.debit, e.credit)) > len(list) {
				return errDamaged()
			}
			a, b := &list[e.debit-1], &list[e.credit-1]
			a.Posted -= e.moved
			b.Posted += e.moved
			a.Held += e.set
			b.Expected += e.set
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
