package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// lite is the embedded engine: one writer and two pools of readers.
type lite struct {
	writeDSN string
	writer   *writer
	reads    pool
	exports  pool
	folding  atomic.Pointer[checkpointer]
	closed   atomic.Bool
}

// pool is a set of read-only connections. More readers than processors make
// the tail collapse, so the gate lets in no more. A Read within a Read passes
// the gate on a connection of its own: waiting for itself would never end.
type pool struct {
	db     *sql.DB
	gate   chan struct{}
	waited *mean
}

func openLite(ctx context.Context, path string, o options, hook *atomic.Pointer[hookFunc]) (backend, error) {
	// "?", "#" and "%" have a meaning in SQLite's file names.
	file := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	l := &lite{writeDSN: file + "?" + strings.Join([]string{
		"_pragma=busy_timeout(5000)",
		"_pragma=journal_mode(wal)",
		"_pragma=synchronous(" + o.synchronous + ")",
		"_pragma=foreign_keys(on)",
		"_pragma=cache_size(-65536)",
		"_pragma=temp_store(memory)",
		fmt.Sprintf("_pragma=wal_autocheckpoint(%d)", checkpointPages),
		"_pragma=journal_size_limit(67108864)", // what a long reader made it grow to is given back
		"_dqs=0",
	}, "&")}
	reader := file + "?mode=ro&" + strings.Join([]string{
		"_pragma=busy_timeout(5000)",
		"_pragma=query_only(on)",
		"_pragma=mmap_size(17179869184)",
		"_pragma=temp_store(memory)",
		"_dqs=0",
	}, "&")
	// The writer first: it makes the file and its write-ahead log.
	l.writer = newWriter(l, o, hook)
	var half bool
	err := l.writer.write(ctx, func(tx *Tx) (err error) {
		half, err = halfLoaded(tx)
		return err
	}, false)
	if err == nil && half {
		err = errHalf()
	}
	if err == nil {
		var c *checkpointer
		if c, err = newCheckpointer(l.writeDSN, o.log); err == nil {
			l.folding.Store(c)
		}
	}
	if err == nil {
		l.reads, err = newPool(reader, runtime.NumCPU())
	}
	if err == nil {
		l.exports, err = newPool(reader, 2)
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// checkpointPages is how far the write-ahead log may grow before a commit
// moves it into the file.
const checkpointPages = 2000

func newPool(dsn string, n int) (pool, error) {
	c, err := newLiteConnector(dsn)
	if err != nil {
		return pool{}, err
	}
	p := pool{db: sql.OpenDB(c), gate: make(chan struct{}, n), waited: new(mean)}
	p.db.SetMaxIdleConns(n)
	return p, nil
}

func (l *lite) write(ctx context.Context, fn WriteFunc, how manner) error {
	return l.writer.write(ctx, fn, how == lowly)
}

func (l *lite) read(ctx context.Context, fn ReadFunc, export bool) (err error) {
	if l.closed.Load() {
		return errClosed()
	}
	p := l.reads
	if export {
		p = l.exports
	}
	p.waited.n.Add(1)
	select {
	case p.gate <- struct{}{}:
		defer func() { <-p.gate }()
	default:
		if inside(reading) {
			break
		}
		began := time.Now()
		select {
		case p.gate <- struct{}{}:
			p.waited.sum.Add(int64(time.Since(began)))
			defer func() { <-p.gate }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return err
	}
	s := &snapshot{ctx: ctx, conn: conn}
	defer conn.Close()
	if err := conn.Raw(func(c any) error {
		s.lite = c.(*liteConn)
		_, _, err := s.lite.exec("begin", nil)
		return err
	}); err != nil {
		return err
	}
	if ctx.Done() != nil {
		s.lite.scope = ctx
	}
	defer func() {
		s.close()
		s.lite.scope = nil
		if _, _, e := s.lite.exec("rollback", nil); e != nil && err == nil {
			err = e
		}
	}()
	return look(fn, s)
}

func (l *lite) stats() Stats { return l.writer.stats() }

func (l *lite) waits() Waits { return Waits{l.writer.waited.take(), l.reads.waited.take()} }

func (l *lite) close() error {
	if l.closed.Swap(true) {
		return nil
	}
	var errs []error
	for _, p := range []pool{l.reads, l.exports} {
		if p.db != nil {
			errs = append(errs, p.db.Close())
		}
	}
	l.writer.close() // which wakes the checkpointer
	if c := l.folding.Load(); c != nil {
		errs = append(errs, c.close()) // last: the last connection folds all of the write-ahead log in
	}
	return errors.Join(errs...)
}
