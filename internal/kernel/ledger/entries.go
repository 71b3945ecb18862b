package ledger

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// Entry is a transfer as one who follows a journal sees it.
type Entry struct {
	Seq int64 // its number in the book, from 1 and without a gap
	ID  TransferID
	At  time.Time // of its batch; never before that of an earlier entry
}

// Entries calls each with the transfers of the batches after the given one, in the
// order of the journal, which is the same for everybody who reads it, and returns the
// last batch read. 0 begins with the first.
//
// Faults: Internal "ledger.damaged", those of the reader.
func Entries(r storage.Reader, book BookID, after int64, each func(Entry)) (last int64, err error) {
	rows, err := r.Query(`select `+batchColumns+` from ledger_batch where book = $1 and n > $2 order by n`, string(book), after)
	if err != nil {
		return after, err
	}
	defer rows.Close()
	for last = after; rows.Next(); last++ {
		x, err := scanBatch(rows)
		if err == nil && x.n != last+1 {
			err = errDamaged()
		}
		if err != nil {
			return last, err
		}
		at := clock.FromMicros(x.at)
		if err := x.each(func(seq int64, r record) error { each(Entry{seq, r.id, at}); return nil }); err != nil {
			return last, err
		}
	}
	return last, rows.Err()
}
