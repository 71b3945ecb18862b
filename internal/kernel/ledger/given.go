package ledger

import "breakwater/internal/storage"

// Given is a hold as the journal has it, whatever became of it later.
type Given struct {
	ID     TransferID
	From   AccountID
	Amount int64
}

// GivenOf reads every hold of a book off its journal, in order. It is for rehearsals and
// repairs, which hold what people were told against it; it reads the whole journal.
//
// Faults: Internal "ledger.damaged".
func GivenOf(r storage.Reader, book BookID) (list []Given, err error) {
	accounts, err := Balances(r, book)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(`select `+batchColumns+` from ledger_batch where book = $1 order by n`, string(book))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		x, err := scanBatch(rows)
		if err != nil {
			return nil, err
		}
		if err := x.each(func(_ int64, rec record) error {
			if rec.kind != Hold {
				return nil
			}
			if rec.debit < 1 || int(rec.debit) > len(accounts) {
				return errDamaged()
			}
			list = append(list, Given{rec.id, accounts[rec.debit-1].ID, rec.amount})
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}
