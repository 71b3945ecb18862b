package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"breakwater/internal/fault"
)

// record is a transfer as the journal keeps it. Accounts, quotas and holds are
// named by their numbers in the book, which are dense from 1.
//
// Packed it is: a byte of kind and marks; the id, 16 bytes; then for Plain and Hold
// debit, credit and amount, the end if it has one, and if it counts against a quota
// the quota, the period and the holder's 8 bytes; for Post the hold and the amount;
// for Void and Expire the hold. Numbers are unsigned varints. A hold is some 35
// bytes, about a third of what it would take as a row of its own.
type record struct {
	kind          Kind
	linked        bool // the next one stands or falls with it
	id            TransferID
	debit, credit uint32
	amount        int64
	until         int64 // microseconds; 0 for none
	quota, period uint32
	holder        uint64
	hold          uint32 // Post, Void, Expire: the number of the hold that ends
}

// The marks beside the kind, which has the lowest three bits.
const (
	markLinked = 1 << 3
	markUntil  = 1 << 4
	markClaim  = 1 << 5
	markNone   = 0xc0
)

func (r record) pack(b []byte) []byte {
	head := byte(r.kind)
	if r.linked {
		head |= markLinked
	}
	if r.until > 0 {
		head |= markUntil
	}
	if r.quota > 0 {
		head |= markClaim
	}
	b = append(append(b, head), r.id[:]...)
	switch r.kind {
	case Plain, Hold:
		b = binary.AppendUvarint(b, uint64(r.debit))
		b = binary.AppendUvarint(b, uint64(r.credit))
		b = binary.AppendUvarint(b, uint64(r.amount))
		if r.until > 0 {
			b = binary.AppendUvarint(b, uint64(r.until))
		}
		if r.quota > 0 {
			b = binary.AppendUvarint(b, uint64(r.quota))
			b = binary.AppendUvarint(b, uint64(r.period))
			b = binary.BigEndian.AppendUint64(b, r.holder)
		}
	case Post:
		b = binary.AppendUvarint(b, uint64(r.hold))
		b = binary.AppendUvarint(b, uint64(r.amount))
	case Void, Expire:
		b = binary.AppendUvarint(b, uint64(r.hold))
	}
	return b
}

// unpack reads one record off b; ok is false when b holds none that pack makes.
func (r *record) unpack(b []byte) (rest []byte, ok bool) {
	if len(b) < 17 || b[0]&markNone != 0 {
		return b, false
	}
	head := b[0]
	*r = record{kind: Kind(head & 7), linked: head&markLinked != 0, id: TransferID(b[1:17])}
	b = b[17:]
	ok = true
	next := func(most uint64) uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > most {
			ok = false
			return 0
		}
		b = b[n:]
		return v
	}
	number := func() uint32 { return uint32(next(1<<32 - 1)) }
	switch r.kind {
	case Plain, Hold:
		r.debit, r.credit, r.amount = number(), number(), int64(next(amountMost))
		if head&markUntil != 0 {
			r.until = int64(next(1<<63 - 1))
		}
		if head&markClaim != 0 {
			r.quota, r.period = number(), number()
			if len(b) < 8 {
				return b, false
			}
			r.holder = binary.BigEndian.Uint64(b)
			b = b[8:]
		}
	case Post:
		r.hold, r.amount = number(), int64(next(amountMost))
	case Void, Expire:
		r.hold = number()
	default:
		ok = false
	}
	return b, ok
}

// batch is one row of the journal.
type batch struct {
	n, first, transfers, at int64
	digest, bytes           []byte
}

// each unpacks the records in their order. A batch that holds anything else than
// what it says is Internal "ledger.damaged".
func (x batch) each(fn func(seq int64, r record) error) error {
	b := x.bytes
	var r record
	for i := range x.transfers {
		rest, ok := r.unpack(b)
		if !ok {
			return errDamaged()
		}
		b = rest
		if err := fn(x.first+i, r); err != nil {
			return err
		}
	}
	if len(b) > 0 || r.linked {
		return errDamaged()
	}
	return nil
}

// sum is what the batch's digest must be, behind a batch of the digest before.
func (x batch) sum(before []byte) []byte {
	h := sha256.New()
	b := slices.Clone(before)
	for _, v := range []int64{x.n, x.first, x.transfers, x.at} {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	h.Write(b)
	h.Write(x.bytes)
	return h.Sum(nil)
}

// origin is the digest before a book's first batch.
func origin(book BookID) []byte {
	sum := sha256.Sum256([]byte("breakwater ledger " + string(book)))
	return sum[:]
}

func errDamaged() error { return fault.New(fault.Internal, "ledger.damaged") }
