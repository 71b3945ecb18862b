package ledger

import (
	"context"
	"time"

	"breakwater/internal/storage"
)

// Due lists up to most open holds of a book whose time is over, the oldest first:
// whoever keeps the book then expires each by Admit, with a part of its own. An id of
// an expiry is best made from the hold's: IDFor("expire", hold.String()).
//
// Faults: NotFound "ledger.no_book", Internal "ledger.damaged", Busy "ledger.busy",
// those of storage.Read.
func (b *Books) Due(ctx context.Context, book BookID, now time.Time, most int) ([]TransferID, error) {
	var seqs []uint32
	r := &request{ctx: ctx, done: make(chan struct{}), look: func(s *state) { seqs = s.holds.over(now.UnixMicro(), most) }}
	if err := b.at(book).enter(r); err != nil {
		return nil, err
	}
	<-r.done
	if r.err != nil || len(seqs) == 0 {
		return nil, r.err
	}
	out := make([]TransferID, 0, len(seqs))
	err := b.db.Read(ctx, func(rd storage.Reader) error {
		out = out[:0]
		var x batch
		var ids []TransferID
		for _, seq := range seqs {
			if i := int64(seq) - x.first; x.n == 0 || i < 0 || i >= x.transfers {
				var err error
				if x, _, err = recordAt(rd, book, int64(seq)); err != nil {
					return err
				}
				ids = ids[:0]
				if err := x.each(func(_ int64, rec record) error { ids = append(ids, rec.id); return nil }); err != nil {
					return err
				}
			}
			out = append(out, ids[int64(seq)-x.first])
		}
		return nil
	})
	return out, err
}
