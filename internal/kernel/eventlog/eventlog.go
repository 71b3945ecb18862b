// Package eventlog records what happened, in the transaction in which it
// happened. Committed facts are sealed into one gapless order and a Merkle tree
// (RFC 6962 hashes, golang.org/x/mod/sumdb/tlog) whose root is signed about once
// a second, so that nobody can later alter, drop or reorder a fact unnoticed.
// Everyone who reacts to facts follows that order.
//
// What concerns one person is sealed under that person's own key; destroying the
// key erases the content and leaves the tree whole.
//
// It refuses to alter or delete a fact, to let a reader tail the table by id
// (ids commit out of order on PostgreSQL), to sign or show a checkpoint before
// what it covers is durable, and to sign one that contradicts the last.
package eventlog

import (
	"context"
	"embed"
	"io/fs"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
)

// Schema is the log's tables, file by file.
//
//go:embed schema/*.sql
var Schema embed.FS

// Module is the log's schema.
func Module() storage.Module { return storage.Module{Name: "eventlog", Files: fs.FS(Schema)} }

// Fact is something that happened, named in the past tense.
type Fact struct {
	Stream  string    // "firm:fir_…": what it happened to; order within it is what readers rely on
	Name    string    // "workresume.filed"
	Actor   string    // principal id, or "system"
	Subject string    // person whose key seals Body; "" for a public fact, whose Body is salted only
	At      time.Time // zero: now
	Body    any       // JSON; a reader decodes only what it needs
}

// Record is a fact as it is read back.
type Record struct {
	Seq     int64 // place in the log from 1; 0 while it has none
	ID      string
	Stream  string
	Name    string
	Actor   string
	Subject string // "" for public facts, and once the subject was erased
	At      time.Time
	Body    []byte // JSON; nil when there was none or it was erased
	Erased  bool   // the subject's key was destroyed
}

// Log is the district's log of facts.
type Log struct {
	db       *storage.DB
	ring     *keyring.Ring
	now      clock.Clock
	origin   string
	signer   note.Signer
	verifier note.Verifier

	inserts insertTexts
	segment int64 // segmentSize, but in tests

	keys  keyCache
	edge  edgeBox                    // right edge of the tree as last committed
	tail  laneTail                   // lanes of the facts not indexed yet
	moved bell                       // rings when facts were sealed
	todo  chan struct{}              // wakes the sealer
	shown atomic.Pointer[checkpoint] // the last checkpoint stored
}

// New opens the log of a migrated store and registers the hook by which facts
// become rows. origin names the log in its checkpoints; the first one given is
// kept for life, as it is part of everything signed.
//
// Faults: Invalid "eventlog.origin" (empty, or with a space or "+"), Conflict
// "keyring.other" when the store was begun with another ring.
func New(db *storage.DB, ring *keyring.Ring, now clock.Clock, origin string) (*Log, error) {
	if origin == "" || strings.ContainsFunc(origin, func(r rune) bool { return r == '+' || unicode.IsSpace(r) || r == unicode.ReplacementChar }) {
		return nil, fault.New(fault.Invalid, "eventlog.origin", "origin", origin)
	}
	l := &Log{db: db, ring: ring, now: now, origin: origin, inserts: newInsertTexts(), segment: segmentSize, todo: make(chan struct{}, 1)}
	if err := l.begin(context.Background()); err != nil {
		return nil, err
	}
	l.signer, l.verifier = ring.LogSigner(l.origin)
	db.BeforeCommit(l.beforeCommit)
	return l, nil
}

// begin makes the head of an empty log, or reads whose log this is.
func (l *Log) begin(ctx context.Context) error {
	var keys string
	err := l.db.Write(ctx, func(tx *storage.Tx) error {
		root, err := tlog.TreeHash(0, nil)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into eventlog_head (id, size, root, origin, keys) values (1, 0, $1, $2, $3) on conflict (id) do nothing`,
			root[:], l.origin, l.ring.Fingerprint()); err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into eventlog_checkpoint (id, size, note, at) values (1, 0, '', 0) on conflict (id) do nothing`); err != nil {
			return err
		}
		return tx.Row(`select origin, keys from eventlog_head where id = 1`).Scan(&l.origin, &keys)
	})
	if err == nil && keys != l.ring.Fingerprint() {
		return fault.New(fault.Conflict, "keyring.other")
	}
	return err
}

// Origin is the log's name in its checkpoints.
func (l *Log) Origin() string { return l.origin }

// Head returns how many facts are sealed and the root over them.
func (l *Log) Head(ctx context.Context) (size int64, root tlog.Hash, err error) {
	err = l.db.Read(ctx, func(r storage.Reader) error {
		size, root, err = readHead(r)
		return err
	})
	return size, root, err
}

func readHead(r storage.Reader) (size int64, root tlog.Hash, err error) {
	var b []byte
	if err := r.Row(`select size, root from eventlog_head where id = 1`).Scan(&size, &b); err != nil {
		return 0, root, err
	}
	if len(b) != tlog.HashSize || size < 0 {
		return 0, root, fault.New(fault.Internal, "eventlog.damaged")
	}
	copy(root[:], b)
	return size, root, nil
}
