package ledger

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"breakwater/internal/storage"
)

// markEvery is how many batches lie between two marks.
const markEvery = 256

// store appends the draft as the next batch, and moves each account once. What it
// adds is relative, so that the CHECKs judge what stands in the database and not what
// memory believes.
func (d *desk) store(tx *storage.Tx) (batch, error) {
	s := d.state
	d.packed = d.packed[:0]
	for _, r := range d.draft.records {
		d.packed = r.pack(d.packed)
	}
	x := batch{n: s.n + 1, first: s.seq + 1, transfers: int64(len(d.draft.records)), at: d.draft.at, bytes: slices.Clone(d.packed)}
	x.digest = x.sum(s.digest)
	if _, err := tx.Exec(`insert into ledger_batch (book, n, first, transfers, at, digest, bytes) values ($1, $2, $3, $4, $5, $6, $7)`,
		string(d.book), x.n, x.first, x.transfers, x.at, x.digest, x.bytes); err != nil {
		return x, err
	}
	for _, n := range slices.Sorted(maps.Keys(d.draft.delta)) {
		e := d.draft.delta[n]
		if e == (delta{}) {
			continue
		}
		touched, err := tx.Exec(`update ledger_account set posted = posted + $1, held = held + $2, expected = expected + $3 where id = $4`,
			e.posted, e.held, e.expected, string(s.accounts[n-1].ID))
		if err == nil && touched != 1 {
			err = fmt.Errorf("ledger: %d accounts of one id", touched)
		}
		if err != nil {
			return x, err
		}
	}
	if err := d.anchor(tx, x.at); err != nil {
		return x, err
	}
	if x.n%markEvery == 0 {
		_, err := tx.Exec(`insert into ledger_mark (book, n, at, balances) values ($1, $2, $3, $4)`, string(d.book), x.n, x.at, d.balances())
		return x, err
	}
	return x, nil
}

// balances packs posted, held and expected of every account after the draft, as varints.
func (d *desk) balances() []byte {
	b := make([]byte, 0, 6*len(d.state.accounts))
	for i, a := range d.state.accounts {
		e := d.draft.delta[uint32(i+1)]
		b = binary.AppendVarint(b, a.posted+e.posted)
		b = binary.AppendVarint(b, a.held+e.held)
		b = binary.AppendVarint(b, a.expected+e.expected)
	}
	return b
}
