package ledger

import (
	"context"

	"breakwater/internal/storage"
)

// Unguard lets b decide as if there were no floors and no quotas: the negative
// control of every test that claims nothing is given out twice.
func (b *Books) Unguard() { b.unguarded = true }

// SetQueue bounds the callers that may wait for one book.
func (b *Books) SetQueue(n int) { b.queue = n }

// Committing puts fn around every commit of b.
func (b *Books) Committing(fn func(commit func() error) error) {
	inner := b.write
	b.write = func(ctx context.Context, w storage.WriteFunc) error {
		return fn(func() error { return inner(ctx, w) })
	}
}

// MarkEvery is how many batches lie between two marks.
const MarkEvery = markEvery

// Rewrite is what somebody does who can write to the database and knows all of this
// package: the record of a number is replaced, and every digest from there on is made
// anew.
func Rewrite(tx *storage.Tx, book BookID, number int64, change func(amount *int64)) error {
	batches, err := storage.All(tx, scanBatch, `select `+batchColumns+` from ledger_batch where book = $1 order by n`, string(book))
	if err != nil {
		return err
	}
	digest := origin(book)
	for _, x := range batches {
		var packed []byte
		if err := x.each(func(seq int64, r record) error {
			if seq == number {
				change(&r.amount)
			}
			packed = r.pack(packed)
			return nil
		}); err != nil {
			return err
		}
		x.bytes = packed
		digest = x.sum(digest)
		if _, err := tx.Exec(`update ledger_batch set bytes = $1, digest = $2 where book = $3 and n = $4`, x.bytes, digest, string(book), x.n); err != nil {
			return err
		}
	}
	return nil
}
