package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DB is an open store.
type DB struct {
	engine  Engine
	write   *sql.DB
	read    *sql.DB
	mu      sync.Mutex
	prepare func(tx *Tx, staged []any) error
}

// Open opens the store at target: "sqlite:PATH" or a postgres:// URL.
func Open(ctx context.Context, target string) (*DB, error) {
	if path, ok := strings.CutPrefix(target, "sqlite:"); ok {
		dsn := "file:" + path + "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(on)&_pragma=busy_timeout(5000)&_txlock=immediate"
		w, err := sql.Open("sqlite", dsn)
		if err != nil {
			return nil, err
		}
		w.SetMaxOpenConns(1)
		if err := w.PingContext(ctx); err != nil {
			return nil, err
		}
		r, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(on)&_pragma=busy_timeout(5000)")
		if err != nil {
			return nil, err
		}
		return &DB{engine: SQLite, write: w, read: r}, nil
	}
	d, err := sql.Open("pgx", target)
	if err != nil {
		return nil, err
	}
	return &DB{engine: Postgres, write: d, read: d}, d.PingContext(ctx)
}

// Close waits for writes under way and closes the store.
func (db *DB) Close() error {
	if db.read != db.write {
		db.read.Close()
	}
	return db.write.Close()
}

// Engine names the database underneath.
func (db *DB) Engine() Engine { return db.engine }

// BeforeCommit registers the one hook that turns staged items into rows inside
// the transaction about to be committed.
func (db *DB) BeforeCommit(fn func(tx *Tx, staged []any) error) { db.prepare = fn }

// Tx is one Write's transaction.
type Tx struct {
	ctx    context.Context
	tx     *sql.Tx
	engine Engine
	after  []func()
	staged []any
}

func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, query, args...)
}
func (t *Tx) Row(query string, args ...any) *sql.Row { return t.tx.QueryRowContext(t.ctx, query, args...) }

// Exec runs a statement and returns the number of rows it touched.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	res, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
func (t *Tx) Engine() Engine { return t.engine }

// OnCommit runs fn after the transaction is durable, and never if it is not.
func (t *Tx) OnCommit(fn func()) { t.after = append(t.after, fn) }

// Stage hands an item to the BeforeCommit hook if this Write succeeds.
func (t *Tx) Stage(item any) { t.staged = append(t.staged, item) }

// Write runs fn in a transaction and returns after it is durable.
func (db *DB) Write(ctx context.Context, fn WriteFunc) error {
	for try := 0; ; try++ {
		err := db.writeOnce(ctx, fn)
		var pe *pgconn.PgError
		if try < 12 && errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01") {
			time.Sleep(time.Duration(rand.IntN(1<<min(try, 6))+1) * time.Millisecond)
			continue
		}
		return err
	}
}

// WriteLow is Write for imports and background work.
func (db *DB) WriteLow(ctx context.Context, fn WriteFunc) error { return db.Write(ctx, fn) }

func (db *DB) writeOnce(ctx context.Context, fn WriteFunc) error {
	if db.engine == SQLite {
		db.mu.Lock()
		defer db.mu.Unlock()
	}
	sqltx, err := db.write.BeginTx(ctx, &sql.TxOptions{Isolation: map[Engine]sql.IsolationLevel{Postgres: sql.LevelSerializable}[db.engine]})
	if err != nil {
		return err
	}
	defer sqltx.Rollback()
	t := &Tx{ctx: ctx, tx: sqltx, engine: db.engine}
	if err := fn(t); err != nil {
		return err
	}
	if db.prepare != nil && len(t.staged) > 0 {
		if err := db.prepare(t, t.staged); err != nil {
			return err
		}
	}
	if err := sqltx.Commit(); err != nil {
		return err
	}
	for _, f := range t.after {
		f()
	}
	return nil
}

type snapshot struct {
	ctx    context.Context
	tx     *sql.Tx
	engine Engine
}

func (s snapshot) Query(q string, a ...any) (*sql.Rows, error) { return s.tx.QueryContext(s.ctx, q, a...) }
func (s snapshot) Row(q string, a ...any) *sql.Row             { return s.tx.QueryRowContext(s.ctx, q, a...) }
func (s snapshot) Engine() Engine                              { return s.engine }

// Read runs fn on one consistent snapshot.
func (db *DB) Read(ctx context.Context, fn ReadFunc) error {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: map[Engine]sql.IsolationLevel{Postgres: sql.LevelRepeatableRead}[db.engine]})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return fn(snapshot{ctx, tx, db.engine})
}

// Export is Read on a pool of its own, for long scans.
func (db *DB) Export(ctx context.Context, fn ReadFunc) error { return db.Read(ctx, fn) }

// NoRows reports whether err says that a Row found nothing.
func NoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Violated returns the name of the constraint that err says was broken, or "".
// On SQLite, which names columns for unique keys, it is "table.column".
func Violated(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && strings.HasPrefix(pe.Code, "23") {
		return pe.ConstraintName
	}
	var se *sqlite.Error
	if errors.As(err, &se) && se.Code()&0xff == sqlite3.SQLITE_CONSTRAINT {
		_, name, _ := strings.Cut(se.Error(), "constraint failed: ")
		return name
	}
	return ""
}

// All collects the rows of a query.
func All[T any](r Reader, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := r.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// In returns "$first,$first+1,…" for values, and the values as arguments.
func In[T any](first int, values []T) (string, []any) {
	var b strings.Builder
	args := make([]any, len(values))
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", first+i)
		args[i] = v
	}
	return b.String(), args
}
