package eventlog

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Report is the verifier's answer; its JSON is that of `log verify --json`.
type Report struct {
	OK       bool   `json:"ok"`
	Facts    int64  `json:"facts"`    // sealed facts in the store
	Unsealed int64  `json:"unsealed"` // committed, waiting for their place
	FirstBad *int64 `json:"first_bad"`
	Reason   string `json:"reason"` // English, for programs and checks; "" when ok
	// Code and Args are the reason as a message key, for people.
	Code string     `json:"-"`
	Args fault.Args `json:"-"`
}

// The reasons, each with its message key.
const (
	badBytes    = "bytes_altered"
	badColumns  = "columns_differ"
	badMissing  = "fact_missing"
	badUnsealed = "never_sealed"
	badTree     = "tree_broken"
	badShorter  = "shorter"
	badHistory  = "another_history"
	badNote     = "checkpoint_false"
	badIndex    = "index_false"
)

func (r *Report) fail(first int64, what, reason string, args ...any) {
	r.OK, r.Reason, r.Code = false, reason, "eventlog."+what
	r.Args = fault.New(fault.Internal, "", args...).Args
	if first > 0 {
		r.FirstBad = &first
	}
}

// Verify reads every sealed fact, recomputes its leaf and the whole tree from
// the bytes, and compares: with the sealed leaves, so that the first altered,
// moved or missing fact is named; with the columns beside the bytes; with the
// head; and with the last checkpoint. A checkpoint kept elsewhere, if given, also
// shows a log whose end was cut off together with all traces of it, or that was
// rewritten. A false log is a Report, not an error.
func (l *Log) Verify(ctx context.Context, external []byte) (rep Report, err error) {
	err = l.db.Export(ctx, func(r storage.Reader) error {
		rep = Report{OK: true}
		return l.verify(r, external, &rep)
	})
	return rep, err
}

func (l *Log) verify(r storage.Reader, external []byte, rep *Report) error {
	if err := r.Row(`select count(*) from eventlog_fact`).Scan(&rep.Facts); err != nil {
		return err
	}
	if err := r.Row(`select count(*) from eventlog_unsealed`).Scan(&rep.Unsealed); err != nil {
		return err
	}
	var given *checkpoint
	if external != nil {
		c, err := readCheckpoint(external, l.verifier)
		if err != nil || c.origin != l.origin {
			rep.fail(0, badNote, "the given checkpoint was not signed by this log")
			return nil
		}
		given = &c
	}
	size, root, err := readHead(r)
	if fault.Is(err, "eventlog.damaged") {
		rep.fail(0, badTree, "the head of the log cannot be read")
		return nil
	} else if err != nil && !storage.NoRows(err) {
		return err
	}
	var early int64
	if err := r.Row(`select count(*) from eventlog_fact where seq < 1`).Scan(&early); err != nil {
		return err
	}
	if early > 0 {
		rep.fail(1, badUnsealed, "a fact was put in before the first", "seq", 0)
		return nil
	}
	w := &walk{r: r, rep: rep, size: size, segment: l.segment, given: given, edge: new(edge)}
	w.last, err = l.stored(r)
	if fault.Is(err, "eventlog.damaged") {
		w.lastFalse, err = true, nil
	}
	if err != nil {
		return err
	}
	if err := w.facts(); err != nil || !rep.OK {
		return err
	}
	if n, err := indexed(r); err != nil {
		return err
	} else if n*l.segment > size {
		rep.fail(0, badIndex, "the index of streams speaks of facts that are not there")
		return nil
	}
	w.edge.finish()
	if w.edge.root != root {
		rep.fail(0, badTree, "the recomputed root is not the root in the log's head")
		return nil
	}
	return w.ends()
}
