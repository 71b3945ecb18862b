package storage

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"breakwater/internal/fault"
)

const (
	// tries bounds the runs of one Write that loses to others.
	tries = 16
	// oldest is the least server version, as server_version_num.
	oldest = 130000
	// commitWait bounds the wait for a commit's answer when the server is gone.
	commitWait = 30 * time.Second
)

// forsaken is what the server is asked to do about a client that stops in the middle of a
// transaction, for it holds what others wait for: a machine that stands still or is gone
// would otherwise stop every other one until TCP gives up, in two hours. An operator's
// own values in the address go before.
var forsaken = [...][2]string{
	{"idle_in_transaction_session_timeout", "5000"}, // ms; a closure waits for nothing but the store
	{"tcp_user_timeout", "10000"},                   // ms; a socket of this machine has none
}

// postgres is the engine for a city that outgrew one machine.
type postgres struct {
	log     *slog.Logger
	hook    *atomic.Pointer[hookFunc]
	writes  *sql.DB
	reads   *sql.DB
	exports *sql.DB
	closed  atomic.Bool

	count struct{ writes, commits, failed, again atomic.Int64 }
	watch struct {
		sync.Mutex
		writes, reads poolWait
	}
}

func openPostgres(ctx context.Context, target string, o options, hook *atomic.Pointer[hookFunc]) (backend, error) {
	config, err := pgx.ParseConfig(target)
	if err != nil {
		// The parser's message would repeat the password.
		return nil, fault.New(fault.Invalid, "storage.target")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "breakwater"
	}
	config.DialFunc = dial()
	p := &postgres{log: o.log, hook: hook}
	n := max(16, 8*runtime.NumCPU())
	p.reads, p.exports = pgPool(config, n), pgPool(config, 2)
	writes := config.Copy() // an export to a slow reader may rest as long as it likes
	for _, x := range forsaken {
		if writes.RuntimeParams[x[0]] == "" {
			writes.RuntimeParams[x[0]] = x[1]
		}
	}
	p.writes = pgPool(writes, n)
	if err := p.greet(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func pgPool(config *pgx.ConnConfig, n int) *sql.DB {
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// greet checks that the server is one we can promise on.
func (p *postgres) greet(ctx context.Context) error {
	var version int64
	var encoding, sync, wait string
	err := p.reads.QueryRowContext(ctx, `select cast(current_setting('server_version_num') as bigint), current_setting('server_encoding'),
		coalesce(current_setting('fsync', true), 'on'), coalesce(current_setting('synchronous_commit', true), 'on')`).Scan(&version, &encoding, &sync, &wait)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "storage.unavailable")
	}
	if version < oldest {
		return fault.New(fault.Invalid, "storage.old_server", "found", version/10000, "needed", oldest/10000)
	}
	if encoding != "UTF8" {
		return fault.New(fault.Invalid, "storage.encoding", "found", encoding)
	}
	if sync == "off" || wait == "off" {
		p.log.Warn("this PostgreSQL answers before its disk does: a power cut loses what was promised", "fsync", sync, "synchronous_commit", wait)
	}
	return p.read(ctx, func(r Reader) error {
		half, err := halfLoaded(r)
		if err == nil && half {
			err = errHalf()
		}
		return err
	}, false)
}

// write runs fn in a serializable transaction, or in one that guards itself, until
// it wins, loses for good, or the caller has gone.
func (p *postgres) write(ctx context.Context, fn WriteFunc, how manner) error {
	if inside(writing) {
		return errNested()
	}
	level := sql.LevelSerializable
	if how == fenced {
		level = sql.LevelReadCommitted
	}
	for try := 0; ; try++ {
		if p.closed.Load() {
			return errClosed()
		}
		err := p.once(ctx, fn, level)
		if err == nil || !conflicted(err) || try == tries-1 {
			if err != nil {
				p.count.failed.Add(1)
			}
			return err
		}
		p.count.again.Add(1)
		// Full jitter, doubling from 1 ms to 128 ms.
		wait := time.NewTimer(rand.N(time.Millisecond << min(try, 7)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
	}
}

// conflicted reports whether err says that a transaction lost to another and
// would do well to run again.
func conflicted(err error) bool {
	pe := pgError(err)
	return pe != nil && (pe.Code == "40001" || pe.Code == "40P01")
}

func (p *postgres) once(ctx context.Context, fn WriteFunc, level sql.IsolationLevel) error {
	conn, err := p.writes.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// The transaction has a context of its own: a caller who leaves while the
	// commit is on the wire must not make its outcome unknown. Before it, one whose
	// time is up waits no longer for a server that does not answer.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stay := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			cancel()
		}
	})
	defer stay()
	sqltx, err := conn.BeginTx(own, &sql.TxOptions{Isolation: level})
	if err != nil {
		return lost(ctx, conn, err)
	}
	defer sqltx.Rollback() // also on panic and Goexit; after a commit it does nothing
	t := &Tx{engine: Postgres, ctx: ctx, pg: sqltx}
	defer func() { t.ended = true }()
	if err := call(fn, t); err != nil {
		return lost(ctx, conn, err)
	}
	if h := p.hook.Load(); h != nil && len(t.staged) > 0 {
		staged := t.staged
		if err := call(func(tx *Tx) error { return (*h)(tx, staged) }, t); err != nil {
			return lost(ctx, conn, err)
		}
	}
	t.ended = true
	if t.failed != nil {
		return lost(ctx, conn, t.failed)
	}
	if err := ctx.Err(); err != nil || !stay() {
		return ctx.Err()
	}
	late := time.AfterFunc(commitWait, cancel)
	err = sqltx.Commit()
	late.Stop()
	var answered *pgconn.PgError
	switch {
	case err == nil:
	case errors.Is(err, pgx.ErrTxCommitRollback):
		// A statement failed, and the closure kept it to itself.
		return fault.Wrap(err, fault.Internal, "storage.ended")
	case errors.As(err, &answered) && answered.Code[:2] != "57" && answered.Code[:2] != "08" && answered.Code != "40003":
		return err // the server said no
	default:
		p.log.Error("commit failed, outcome unknown", "error", err)
		return unknown(err)
	}
	p.count.writes.Add(1)
	p.count.commits.Add(1)
	for _, f := range t.after {
		notify(f)
	}
	return nil
}

// lost gives a statement's failure its kind when the reason was the connection,
// whose own errors come in many shapes. Nothing was committed.
func lost(ctx context.Context, conn *sql.Conn, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return ctx.Err()
	}
	var f *fault.Error
	if ctx.Err() != nil || errors.As(err, &f) {
		return err
	}
	gone := false
	if raw := conn.Raw(func(c any) error {
		p, ok := c.(*stdlib.Conn)
		gone = ok && p.Conn().IsClosed()
		return nil
	}); raw != nil || gone {
		return fault.Wrap(err, fault.Unavailable, "storage.unavailable")
	}
	return err
}

// pgSnapshot is one Read on PostgreSQL.
type pgSnapshot struct {
	ctx context.Context
	tx  *sql.Tx
}

func (s pgSnapshot) Query(q string, a ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(s.ctx, q, a...)
}
func (s pgSnapshot) Row(q string, a ...any) *sql.Row { return s.tx.QueryRowContext(s.ctx, q, a...) }
func (s pgSnapshot) Engine() Engine                  { return Postgres }

func (p *postgres) read(ctx context.Context, fn ReadFunc, export bool) error {
	if p.closed.Load() {
		return errClosed()
	}
	pool := p.reads
	if export {
		pool = p.exports
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return lost(ctx, conn, err)
	}
	defer tx.Rollback()
	if err := look(fn, pgSnapshot{ctx, tx}); err != nil {
		return lost(ctx, conn, err)
	}
	return nil
}

func (p *postgres) stats() Stats {
	return Stats{Writes: p.count.writes.Load(), Commits: p.count.commits.Load(), Failed: p.count.failed.Load(), Again: p.count.again.Load()}
}

func (p *postgres) waits() Waits {
	p.watch.Lock()
	defer p.watch.Unlock()
	return Waits{p.watch.writes.take(p.writes), p.watch.reads.take(p.reads)}
}

func (p *postgres) close() error {
	p.closed.Store(true)
	return errors.Join(p.writes.Close(), p.reads.Close(), p.exports.Close())
}
