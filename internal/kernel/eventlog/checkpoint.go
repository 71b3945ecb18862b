package eventlog

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// checkpoint is a signed statement "the log of this name had so many facts, with
// this root", in the form of the C2SP tlog-checkpoint specification: a note of
// three lines, the origin, the size in decimal and the root in base64.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
	note   []byte
}

var errCheckpoint = errors.New("not a checkpoint")

func (c checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.origin, c.size, base64.StdEncoding.EncodeToString(c.root[:]))
}

// readCheckpoint checks the signature and reads the statement.
func readCheckpoint(text []byte, v note.Verifier) (c checkpoint, err error) {
	n, err := note.Open(text, note.VerifierList(v))
	if err != nil {
		return c, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return c, errCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return c, errCheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, errCheckpoint
	}
	return checkpoint{origin: lines[0], size: size, root: tlog.Hash(root), note: text}, nil
}

// Checkpoint returns a signed checkpoint over every fact committed so far. It is
// the last one stored, or a new one when the log has grown.
//
// Faults: Internal "eventlog.damaged" when the stored tree contradicts the last
// checkpoint; nothing is signed then.
func (l *Log) Checkpoint(ctx context.Context) (text []byte, err error) {
	if err := l.sealAll(ctx); err != nil {
		return nil, err
	}
	c, err := l.sign(ctx)
	return c.note, err
}

// stored reads the last checkpoint; a zero one when there is none yet.
func (l *Log) stored(r storage.Reader) (c checkpoint, err error) {
	var text string
	if err := r.Row(`select note from eventlog_checkpoint where id = 1`).Scan(&text); err != nil || text == "" {
		if storage.NoRows(err) {
			err = nil
		}
		return c, err
	}
	if c, err = readCheckpoint([]byte(text), l.verifier); err != nil || c.origin != l.origin {
		return c, fault.Wrap(errors.Join(err, errCheckpoint), fault.Internal, "eventlog.damaged")
	}
	return c, nil
}

// sign makes and stores the checkpoint of the log's committed head, unless the
// last one already covers it. It reads the head on the read side, where only
// what is durable can be seen, and signs outside any transaction.
func (l *Log) sign(ctx context.Context) (checkpoint, error) {
	var last, next checkpoint
	if err := l.db.Read(ctx, func(r storage.Reader) (err error) {
		if last, err = l.stored(r); err != nil {
			return err
		}
		next = checkpoint{origin: l.origin}
		if next.size, next.root, err = readHead(r); err != nil {
			return err
		}
		err = consistent(r, last, next)
		if fault.Is(err, "eventlog.shorter") || fault.Is(err, "eventlog.another_history") {
			return fault.Wrap(err, fault.Internal, "eventlog.damaged")
		}
		return err
	}); err != nil {
		return last, err
	}
	if last.note != nil && last.size == next.size {
		l.shown.Store(&last)
		return last, nil
	}
	signed, err := note.Sign(&note.Note{Text: next.text()}, l.signer)
	if err != nil {
		return last, err
	}
	next.note = signed
	at := clock.Micros(l.now())
	err = l.db.Write(ctx, func(tx *storage.Tx) error {
		// Another node's longer one stays; ours is then never shown.
		n, err := tx.Exec(`update eventlog_checkpoint set size = $1, note = $2, at = $3 where id = 1 and (size < $1 or note = '')`, next.size, string(signed), at)
		if err != nil || n == 1 {
			return err
		}
		next, err = l.stored(tx)
		return err
	})
	if err == nil {
		l.shown.Store(&next)
	}
	return next, err
}

// Consistent checks in a few reads that a checkpoint kept elsewhere is of this
// log and that the tree has only grown since. It trusts the stored tree; Verify
// also checks every fact under it.
//
// Faults: Invalid "eventlog.checkpoint_false", "eventlog.shorter",
// "eventlog.another_history".
func (l *Log) Consistent(ctx context.Context, external []byte) error {
	c, err := readCheckpoint(external, l.verifier)
	if err != nil || c.origin != l.origin {
		return fault.Wrap(err, fault.Invalid, "eventlog.checkpoint_false")
	}
	return l.db.Read(ctx, func(r storage.Reader) error {
		now := checkpoint{origin: l.origin}
		var err error
		if now.size, now.root, err = readHead(r); err != nil {
			return err
		}
		return consistent(r, c, now)
	})
}

// consistent reports whether the tree now is last's tree with facts added.
func consistent(r storage.Reader, last, now checkpoint) error {
	if last.size > now.size {
		return fault.New(fault.Invalid, "eventlog.shorter", "facts", now.size, "size", last.size)
	}
	if last.size == 0 {
		return nil
	}
	var was tlog.Hash
	damaged, err := onTree(r, now.size, now.root, func(h tlog.HashReader) (err error) {
		was, err = tlog.TreeHash(last.size, h)
		return err
	})
	if damaged || err == nil && was != last.root {
		return fault.Wrap(err, fault.Invalid, "eventlog.another_history")
	}
	return err
}
