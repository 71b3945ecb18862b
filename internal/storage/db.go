package storage

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"breakwater/internal/fault"
)

// DB is an open store.
type DB struct {
	engine Engine
	back   backend
	hook   atomic.Pointer[hookFunc]
	broken atomic.Pointer[error]
	full   atomic.Bool // the last Write met a full disk
	twice  bool        // see Twice
}

// backend is an engine at work.
type backend interface {
	write(ctx context.Context, fn WriteFunc, how manner) error
	read(ctx context.Context, fn ReadFunc, export bool) error
	stats() Stats
	waits() Waits
	close() error
}

// manner is how a Write is done; see Write, WriteLow and WriteFenced.
type manner uint8

const (
	plainly manner = iota
	lowly
	fenced
)

type hookFunc func(tx *Tx, staged []any) error

// Stats counts what the writer did since the store was opened.
type Stats struct {
	Writes  int64 // closures that committed
	Commits int64 // transactions they shared
	Failed  int64 // closures that failed
	Again   int64 // batches or Writes that had to run again
	Waiting int   // closures in the queue now
}

// options are what Open can be told; the zero value is right in production.
type options struct {
	log         *slog.Logger
	queue       int           // waiting Writes before Busy
	synchronous string        // SQLite's pragma; tests of durability switch it off
	run         time.Duration // how long the closures of a batch may take together
	singly      bool          // one commit per Write: the baseline of the benchmark
	twice       bool          // see Twice
}

// Option changes how Open opens.
type Option func(*options)

// WithLogger sends the store's warnings to log instead of slog's default.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithQueue bounds the Writes that may wait for SQLite's writer; one more is
// answered Busy at once. The default is 8192.
func WithQueue(n int) Option { return func(o *options) { o.queue = n } }

// OneByOne commits every Write by itself. It is what group commit is measured
// against and has no other use.
func OneByOne() Option { return func(o *options) { o.singly = true } }

// Open opens the store at target, "sqlite:PATH" or a postgres:// URL, and makes
// an SQLite file that is not there. Faults: Unavailable if it cannot be
// reached, Conflict "storage.half_loaded" if a Load into it did not finish,
// Invalid "storage.old_server" or "storage.target".
func Open(ctx context.Context, target string, opts ...Option) (*DB, error) {
	o := options{log: slog.Default(), queue: 8192, synchronous: "full", run: maxRun}
	for _, f := range opts {
		f(&o)
	}
	db := &DB{twice: o.twice}
	var err error
	switch path, lite := strings.CutPrefix(target, "sqlite:"); {
	case lite:
		db.engine = SQLite
		db.back, err = openLite(ctx, path, o, &db.hook)
	case strings.HasPrefix(target, "postgres://"), strings.HasPrefix(target, "postgresql://"):
		db.engine = Postgres
		db.back, err = openPostgres(ctx, target, o, &db.hook)
	default:
		return nil, fault.New(fault.Invalid, "storage.target")
	}
	if err != nil {
		return nil, explain(err)
	}
	return db, nil
}

// Close finishes the writes already accepted and closes the store. Later calls
// answer Unavailable.
func (db *DB) Close() error { return db.back.close() }

// Engine names the database underneath.
func (db *DB) Engine() Engine { return db.engine }

// Stats returns the writer's counts.
func (db *DB) Stats() Stats { return db.back.stats() }

// BeforeCommit registers the one hook that turns staged items into rows inside
// the transaction about to be committed: on SQLite once per batch, with the
// items of the closures that succeeded, in their order; on PostgreSQL once per
// Write. If it fails, so do those Writes.
func (db *DB) BeforeCommit(fn func(tx *Tx, staged []any) error) {
	h := hookFunc(fn)
	db.hook.Store(&h)
}

// Break makes every Read, Export and Write fail with err, until Break(nil):
// for rehearsals and for tests of a failing database.
func (db *DB) Break(err error) {
	if err == nil {
		db.broken.Store(nil)
		return
	}
	db.broken.Store(&err)
}

// Write runs fn in a transaction and returns after its effect is durable. If fn
// fails, panics or its caller has gone, nothing of it remains. Beside fn's own
// errors its faults are Busy "storage.busy" (nothing was done; try again) and
// Unavailable: "storage.unknown" (the commit may or may not have taken place;
// ask again with the same key), "storage.full", "storage.unavailable" and
// "storage.closed". A Write inside a Write is Internal "storage.nested".
func (db *DB) Write(ctx context.Context, fn WriteFunc) error { return db.write(ctx, fn, plainly) }

// WriteLow is Write for imports and background work, in chunks of at most 500
// rows: between two of them, on SQLite, every waiting Write is served.
func (db *DB) WriteLow(ctx context.Context, fn WriteFunc) error { return db.write(ctx, fn, lowly) }

// WriteFenced is Write for a closure that guards itself: what it decides on is held
// by a compare-and-swap of its own, by keys and by CHECKs, whoever else writes
// meanwhile. On PostgreSQL it runs at READ COMMITTED, so that nobody's reading makes
// it run again; a statement that waited for another's commit sees what was
// committed. On SQLite, with one writer, it is Write.
func (db *DB) WriteFenced(ctx context.Context, fn WriteFunc) error { return db.write(ctx, fn, fenced) }

func (db *DB) write(ctx context.Context, fn WriteFunc, how manner) error {
	if err := db.ready(ctx); err != nil {
		return err
	}
	if db.twice {
		fn = twice(fn)
	}
	err := explain(db.back.write(ctx, fn, how))
	switch full := fault.Is(err, "storage.full"); {
	case full:
		db.full.Store(true)
	case err == nil && db.full.Load():
		db.full.Store(false)
	}
	return err
}

// Room reports whether the store can keep what it is told: after a Write met a
// full disk it tries a small one, until one succeeds. For a balancer's question
// whether to send more. Faults: Unavailable "storage.full", and those of Write.
func (db *DB) Room(ctx context.Context) error {
	if !db.full.Load() {
		return nil
	}
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`insert into storage_meta (name, value) values ('room', $1) on conflict (name) do update set value = excluded.value`, rand.Text())
		return err
	})
}

// Read runs fn on one consistent snapshot. Beside fn's own errors its faults
// are Busy and Unavailable.
func (db *DB) Read(ctx context.Context, fn ReadFunc) error {
	if err := db.ready(ctx); err != nil {
		return err
	}
	return explain(db.back.read(ctx, fn, false))
}

// Export is Read on a pool of its own, for long scans.
func (db *DB) Export(ctx context.Context, fn ReadFunc) error {
	if err := db.ready(ctx); err != nil {
		return err
	}
	return explain(db.back.read(ctx, fn, true))
}

func (db *DB) ready(ctx context.Context) error {
	if e := db.broken.Load(); e != nil {
		return *e
	}
	return ctx.Err()
}
