package eventlog

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Consistency shows that the log of one checkpoint is the beginning of the log of a
// later one: nothing was altered, moved or taken out between the two. With both
// checkpoints, which somebody kept, and the log's public key, VerifyConsistency
// needs nothing else of ours.
type Consistency struct {
	From   int64       `json:"from"` // facts under the older checkpoint
	To     int64       `json:"to"`   // facts under the newer one
	Hashes []tlog.Hash `json:"hashes"`
	// Checkpoint is the log's last one, which To is of unless an earlier size was
	// asked for.
	Checkpoint string `json:"checkpoint"`
}

// Consistency returns the proof between two sizes of the log (RFC 6962 §2.1.2). To
// may be 0, for the last checkpoint.
//
// Faults: Invalid "eventlog.sizes" unless 1 ≤ from ≤ to; NotFound
// "eventlog.not_so_long" when no checkpoint covers so many facts yet; Internal
// "eventlog.damaged" when the stored tree does not lead to the checkpoint's root.
func (l *Log) Consistency(ctx context.Context, from, to int64) (p Consistency, err error) {
	if from < 1 || to < 0 || to > 0 && to < from {
		return p, fault.New(fault.Invalid, "eventlog.sizes")
	}
	err = l.db.Read(ctx, func(r storage.Reader) error {
		c, err := l.stored(r)
		if err != nil {
			return err
		}
		end := to
		if end == 0 {
			end = c.size
		}
		if end > c.size || from > end {
			return fault.New(fault.NotFound, "eventlog.not_so_long", "facts", c.size)
		}
		p = Consistency{From: from, To: end, Checkpoint: string(c.note)}
		var hashes tlog.TreeProof
		damaged, err := onTree(r, c.size, c.root, func(h tlog.HashReader) (err error) {
			hashes, err = tlog.ProveTree(end, from, h)
			return err
		})
		if damaged {
			return fault.Wrap(err, fault.Internal, "eventlog.damaged")
		}
		p.Hashes = append([]tlog.Hash{}, hashes...)
		return err
	})
	return p, err
}

// VerifyConsistency checks a proof between two signed checkpoints with the log's
// public key alone. It needs no store. newer may be nil: then the proof's own
// checkpoint is meant.
//
// Faults: Invalid "eventlog.checkpoint_false" when one was not signed by this log,
// "eventlog.consistency_false" when the newer log does not begin with the older.
func VerifyConsistency(p Consistency, older, newer []byte, v note.Verifier) error {
	if newer == nil {
		newer = []byte(p.Checkpoint)
	}
	a, err1 := readCheckpoint(older, v)
	b, err2 := readCheckpoint(newer, v)
	if err := errors.Join(err1, err2); err != nil || a.origin != v.Name() || b.origin != v.Name() {
		return fault.Wrap(err, fault.Invalid, "eventlog.checkpoint_false")
	}
	err := errors.New("the proof is of other sizes")
	switch {
	case p.From != a.size || p.To != b.size:
	case a.size == b.size && a.root != b.root:
		err = errors.New("two roots of one size")
	case a.size == 0: // every log begins with the empty one
		return nil
	default:
		err = tlog.CheckTree(p.Hashes, b.size, b.root, a.size, a.root)
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "eventlog.consistency_false")
	}
	return nil
}

// Between is Consistency for two checkpoints that somebody kept, checked before it
// is given; newer may be nil, for the last one. Whoever gets it checks it again
// with VerifyConsistency.
//
// Faults: Invalid "eventlog.checkpoint_false", "eventlog.consistency_false"; those
// of Consistency.
func (l *Log) Between(ctx context.Context, older, newer []byte) (Consistency, error) {
	a, err := readCheckpoint(older, l.verifier)
	if err != nil || a.origin != l.origin {
		return Consistency{}, fault.Wrap(err, fault.Invalid, "eventlog.checkpoint_false")
	}
	var to int64
	if newer != nil {
		b, err := readCheckpoint(newer, l.verifier)
		if err != nil || b.origin != l.origin {
			return Consistency{}, fault.Wrap(err, fault.Invalid, "eventlog.checkpoint_false")
		}
		if to = b.size; a.size > b.size { // given the other way round
			older, newer, a, to = newer, older, b, a.size
		}
	}
	if a.size == 0 {
		return Consistency{}, fault.New(fault.Invalid, "eventlog.sizes")
	}
	p, err := l.Consistency(ctx, a.size, to)
	if err != nil {
		return p, err
	}
	return p, VerifyConsistency(p, older, newer, l.verifier)
}
