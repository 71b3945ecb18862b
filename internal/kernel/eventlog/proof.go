package eventlog

import (
	"bytes"
	"context"
	"errors"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// The states of a proof: a fact is pending until a signed checkpoint covers it.
const (
	Pending = "pending"
	Sealed  = "sealed"
)

// Proof shows that a fact is in the log: with the checkpoint's public key, and
// nothing else of ours, VerifyProof recomputes the root from it.
type Proof struct {
	State      string      `json:"state"`
	ID         string      `json:"id"`
	Seq        int64       `json:"seq,omitempty"`        // place from 1; the tree's leaf index is one less
	Size       int64       `json:"size,omitempty"`       // facts under the checkpoint
	Leaf       *tlog.Hash  `json:"leaf,omitempty"`       // RFC 6962 leaf hash of Record
	Hashes     []tlog.Hash `json:"hashes,omitempty"`     // audit path, from the leaf up
	Checkpoint string      `json:"checkpoint,omitempty"` // signed note
	// Record is what the leaf hashes (see leaf). It shows stream, name, actor and
	// a public body; leave it out for whoever may not see the fact.
	Record []byte `json:"record,omitempty"`
}

// Proof returns the inclusion proof of a fact against the last checkpoint.
//
// Faults: NotFound "eventlog.no_fact"; Internal "eventlog.damaged" when the
// stored tree does not lead to the checkpoint's root.
func (l *Log) Proof(ctx context.Context, factID string) (p Proof, err error) {
	err = l.db.Read(ctx, func(r storage.Reader) error {
		p = Proof{State: Pending, ID: factID}
		var seq int64
		var record []byte
		err := r.Row(`select seq, bytes from eventlog_fact where id = $1`, factID).Scan(&seq, &record)
		if storage.NoRows(err) {
			var one int
			err = r.Row(`select 1 from eventlog_unsealed where id = $1`, factID).Scan(&one)
			if storage.NoRows(err) {
				return fault.New(fault.NotFound, "eventlog.no_fact", "id", factID)
			}
			return err
		}
		if err != nil {
			return err
		}
		c, err := l.stored(r)
		if err != nil || c.size < seq {
			return err
		}
		var hashes []tlog.Hash
		damaged, err := onTree(r, c.size, c.root, func(h tlog.HashReader) (err error) {
			hashes, err = tlog.ProveRecord(c.size, seq-1, h)
			return err
		})
		if damaged {
			return fault.Wrap(err, fault.Internal, "eventlog.damaged")
		}
		if err != nil {
			return err
		}
		leaf := tlog.RecordHash(record)
		p = Proof{State: Sealed, ID: factID, Seq: seq, Size: c.size, Leaf: &leaf, Hashes: hashes, Checkpoint: string(c.note), Record: record}
		return nil
	})
	return p, err
}

// VerifyProof checks a sealed proof with the log's public key alone. It needs no
// store. A nil error means: the signer of the checkpoint vouches for this leaf
// at this place and, if the proof carries the record, for every byte of it.
//
// Faults: Invalid "eventlog.proof_false", with the step that failed as its cause.
func VerifyProof(p Proof, v note.Verifier) error {
	c, err := readCheckpoint([]byte(p.Checkpoint), v)
	switch {
	case p.State != Sealed || p.Leaf == nil:
		err = errors.New("the proof is not complete")
	case err != nil:
	case c.origin != v.Name():
		err = errors.New("the checkpoint is of another log")
	case c.size != p.Size || p.Seq < 1 || p.Seq > p.Size:
		err = errors.New("the checkpoint is of another size")
	default:
		err = tlog.CheckRecord(p.Hashes, c.size, c.root, p.Seq-1, *p.Leaf)
	}
	if err == nil && p.Record != nil {
		f, _, bad := decode(p.Record)
		if h := tlog.RecordHash(p.Record); !bytes.Equal(h[:], p.Leaf[:]) || bad != nil || f.id != p.ID {
			err = errors.New("the record is not the leaf's")
		}
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "eventlog.proof_false")
	}
	return nil
}
