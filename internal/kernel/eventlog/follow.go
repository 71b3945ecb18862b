package eventlog

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

const (
	// followBatch keeps one effect within the writer's patience.
	followBatch = 500
	// followPoll finds facts that another node sealed.
	followPoll = 500 * time.Millisecond
)

// Follow hands the facts after a name's cursor to fn, in the log's order, and
// moves the cursor in the transaction fn writes in: every fact takes effect once,
// over restarts and however many nodes follow under the name. It returns when
// ctx ends (nil) or fn refuses (its error); Busy and Unavailable are tried again.
// fn may run again for the same facts, and only its tx counts.
//
// Facts of people erased before fn saw them come with no body; "eventlog.erased"
// tells it of later ones.
func (l *Log) Follow(ctx context.Context, name string, fn func(tx *storage.Tx, recs []Record) error) error {
	wait := 50 * time.Millisecond
	for {
		bell := l.Wait() // before looking, so that nothing is missed between
		n, err := l.step(ctx, name, fn)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if k := fault.KindOf(err); k != fault.Busy && k != fault.Unavailable {
				return fmt.Errorf("follow %s: %w", name, err)
			}
			slog.WarnContext(ctx, "eventlog.follow", "name", name, "error", err)
			pause(ctx, wait)
			wait = min(2*wait, 5*time.Second)
			continue
		}
		wait = 50 * time.Millisecond
		if n == 0 {
			t := time.NewTimer(followPoll)
			select {
			case <-ctx.Done():
			case <-bell:
			case <-t.C:
			}
			t.Stop()
		}
	}
}

// CatchUp does what Follow does until nothing is left, and returns: for
// commands and for starting with projections that are up to date.
func (l *Log) CatchUp(ctx context.Context, name string, fn func(tx *storage.Tx, recs []Record) error) error {
	if err := l.sealAll(ctx); err != nil {
		return err
	}
	for {
		if n, err := l.step(ctx, name, fn); err != nil || n == 0 {
			return err
		}
	}
}

// step applies one batch and says how many facts it had. Reading is done before
// the transaction, which keeps the writer short; facts never change, and the
// compare-and-swap of the cursor makes sure that no other node was faster.
func (l *Log) step(ctx context.Context, name string, fn func(tx *storage.Tx, recs []Record) error) (int, error) {
	var at int64
	var recs []Record
	if err := l.db.Read(ctx, func(r storage.Reader) error {
		at = 0
		err := r.Row(`select seq from eventlog_cursor where name = $1`, name).Scan(&at)
		if err != nil && !storage.NoRows(err) {
			return err
		}
		recs, err = l.since(r, at, followBatch)
		return err
	}); err != nil || len(recs) == 0 {
		return 0, err
	}
	next := recs[len(recs)-1].Seq
	err := l.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update eventlog_cursor set seq = $1 where name = $2 and seq = $3`, next, name, at)
		if err == nil && n == 0 && at == 0 {
			n, err = tx.Exec(`insert into eventlog_cursor (name, seq) values ($1, $2) on conflict (name) do nothing`, name, next)
		}
		if err != nil || n == 0 {
			return err // another node did this batch
		}
		return fn(tx, recs)
	})
	return len(recs), err
}

// Cursor returns how far a follower has come; Head says how far it could be.
func (l *Log) Cursor(ctx context.Context, name string) (seq int64, err error) {
	err = l.db.Read(ctx, func(r storage.Reader) error {
		seq = 0
		err := r.Row(`select seq from eventlog_cursor where name = $1`, name).Scan(&seq)
		if storage.NoRows(err) {
			return nil
		}
		return err
	})
	return seq, err
}

// Shared reports whether other processes may write to the store.
func (l *Log) Shared() bool { return l.db.Engine() != storage.SQLite }
