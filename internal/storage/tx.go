package storage

import (
	"context"
	"database/sql"
	"time"

	"breakwater/internal/fault"
)

// errEnded answers a statement on a tx whose closure has returned.
var errEnded = sql.ErrTxDone

// Tx is one Write's transaction. It is used by the closure it was given to,
// on that closure's goroutine, and is dead when the closure returns.
//
// A statement that failed ends its Write on both engines: later statements
// return the same error and so does the Write, even if the closure does not.
// Where a row may exist already, say "on conflict do nothing" and look at the
// count; do not catch the error.
type Tx struct {
	engine Engine
	ctx    context.Context // the caller's; nil for the BeforeCommit hook
	lite   *session        // SQLite's writer connection, or nil
	pg     *sql.Tx         // PostgreSQL's transaction, or nil
	after  []func()
	staged []any
	later  []later
	rows   []*sql.Rows // to be closed if the closure, or on PostgreSQL a part of it, forgets
	row    []*sql.Row
	failed error // the first statement's failure
	wrote  bool  // a statement may have changed something
	ended  bool
	apart  bool // within Apart
}

// Query implements Reader.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.pg != nil {
		rows, err := t.pg.QueryContext(t.ctx, query, args...)
		if err == nil && t.apart {
			t.rows = append(t.rows, rows)
		}
		return rows, t.note(err)
	}
	t.wrote = t.wrote || effect(query) != noWrites
	rows, err := t.lite.conn.QueryContext(background, query, args...)
	if err == nil {
		t.rows = append(t.rows, rows)
	}
	return rows, t.note(err)
}

// Row implements Reader.
func (t *Tx) Row(query string, args ...any) *sql.Row {
	ctx := t.ctx
	if t.lite != nil {
		ctx = background
		t.wrote = t.wrote || effect(query) != noWrites
	}
	if err := t.check(); err != nil {
		ctx = failing{background, err}
	}
	if t.pg != nil {
		return t.pg.QueryRowContext(ctx, query, args...)
	}
	row := t.lite.conn.QueryRowContext(ctx, query, args...)
	t.row = append(t.row, row)
	return row
}

// Exec runs a statement and returns the number of rows it touched, or 0 if it
// is not an insert, update or delete.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	if err := t.check(); err != nil {
		return 0, err
	}
	if t.pg != nil {
		res, err := t.pg.ExecContext(t.ctx, query, args...)
		if err != nil {
			return 0, t.note(err)
		}
		return res.RowsAffected()
	}
	// Straight to the driver: the way through database/sql costs as much as
	// a small insert.
	bound, err := t.lite.lite.bind(args)
	if err != nil {
		return 0, t.note(err)
	}
	n, w, err := t.lite.lite.exec(query, bound)
	switch w {
	case rowWrites: // one statement; a failed one has undone itself
		t.wrote = t.wrote || n > 0
	case anyWrites:
		t.wrote = true
	}
	return n, t.note(err)
}

// Engine implements Reader.
func (t *Tx) Engine() Engine { return t.engine }

// OnCommit runs fn after the transaction is durable and before its Write
// returns, and never if it is not. Functions run one at a time, in the order of
// their commits on SQLite, and others' answers wait behind them: fn tells
// somebody, and does no work. Write inside it is refused.
func (t *Tx) OnCommit(fn func()) { t.after = append(t.after, fn) }

// Stage hands an item to the BeforeCommit hook if this Write succeeds.
func (t *Tx) Stage(item any) { t.staged = append(t.staged, item) }

// check says whether another statement may run: the closure has not returned,
// no statement has failed, and the caller is still there.
func (t *Tx) check() error {
	switch {
	case t.ended:
		return errEnded
	case t.failed != nil:
		return t.failed
	case t.ctx != nil && t.ctx.Err() != nil:
		return t.note(t.ctx.Err())
	}
	return nil
}

func (t *Tx) note(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

// close ends the tx and closes what the closure left open.
func (t *Tx) close() (left int) {
	t.ended = true
	if t.lite == nil || len(t.lite.lite.open) == 0 {
		return 0
	}
	left = len(t.lite.lite.open)
	for _, r := range t.rows {
		r.Close()
	}
	for _, r := range t.row {
		_ = r.Scan() // closes it; nothing wants the row
	}
	t.lite.lite.closeRows()
	return left
}

var background = context.Background()

// failing is a context whose error is err: the one way to make a *sql.Row
// that fails with an error of one's own.
type failing struct {
	context.Context
	err error
}

func (f failing) Err() error { return f.err }
func (f failing) Done() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
func (f failing) Deadline() (time.Time, bool) { return time.Time{}, false }

func errNested() error { return fault.New(fault.Internal, "storage.nested") }
