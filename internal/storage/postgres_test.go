package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// between stands between a store and its PostgreSQL and can cut the wire when
// a commit is sent.
type between struct {
	listener net.Listener
	cut      atomic.Int32 // 0 pass everything, 1 cut before the commit, 2 after, 3 at a select, 4 swallow a begin
	group    sync.WaitGroup
}

func newBetween(t *testing.T, target string) (*between, string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("host") == "" {
		t.Skip("the server is not on a socket")
	}
	there := filepath.Join(q.Get("host"), ".s.PGSQL.5432")
	dir := t.TempDir()
	b := &between{}
	if b.listener, err = net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432")); err != nil {
		t.Fatal(err)
	}
	b.group.Go(func() {
		for {
			c, err := b.listener.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("unix", there)
			if err != nil {
				c.Close()
				continue
			}
			b.group.Go(func() { io.Copy(c, s); c.Close() })
			b.group.Go(func() { b.pass(c, s); s.Close(); c.Close() })
		}
	})
	t.Cleanup(func() { b.listener.Close(); b.group.Wait() })
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	return b, u.String()
}

func (b *between) pass(client, server net.Conn) {
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		how := b.cut.Load()
		if how == 4 && bytes.Contains(buf[:n], []byte("begin")) {
			continue
		}
		if how == 3 && bytes.Contains(buf[:n], []byte("from note")) {
			return
		}
		if (how == 1 || how == 2) && bytes.Contains(buf[:n], []byte("commit")) {
			if how == 2 {
				client.Close() // before the server can answer
				server.Write(buf[:n])
			}
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// openBetween is an empty store behind a wire that breaks on demand.
func openBetween(t *testing.T) (*between, *storage.DB) {
	t.Helper()
	b, through := newBetween(t, storagetest.Target(t, storage.Postgres))
	db, err := storage.Open(t.Context(), through, storage.WithLogger(quiet()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	return b, db
}

// When the wire breaks at the commit nobody knows, and Write says so.
func TestCommitLostOnTheWire(t *testing.T) {
	b, db := openBetween(t)
	for how, id := range []string{1: "before", 2: "after"} {
		if id == "" {
			continue
		}
		b.cut.Store(int32(how))
		told := false
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			tx.OnCommit(func() { told = true })
			return add(tx, id, "x")
		})
		if !fault.Is(err, "storage.unknown") || fault.KindOf(err) != fault.Unavailable || told {
			t.Errorf("cut %s the commit: %v, told %v", id, err, told)
		}
		b.cut.Store(0)
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "next-"+id, "x") }); err != nil {
			t.Errorf("the next write: %v", err)
		}
	}
	if got := ids(t, db); !strings.Contains(got, "next-after") || strings.Contains(" "+got, " before") {
		t.Errorf("rows: %s", got)
	}
}

// When it breaks before the commit nothing was done, and that is known.
func TestStatementLostOnTheWire(t *testing.T) {
	b, db := openBetween(t)
	count := func(r storage.Reader) error {
		var n int64
		return r.Row(`select count(*) from note`).Scan(&n)
	}
	b.cut.Store(3)
	if err := db.Write(t.Context(), func(tx *storage.Tx) error { return errors.Join(add(tx, "a", "x"), count(tx)) }); !fault.Is(err, "storage.unavailable") {
		t.Errorf("write: %v", err)
	}
	if err := db.Read(t.Context(), count); !fault.Is(err, "storage.unavailable") {
		t.Errorf("read: %v", err)
	}
	b.cut.Store(0)
	want(t, db, "")
}

const losing = `do $$ begin raise exception 'lost' using errcode = '40001'; end $$`

func TestRetriesAreCapped(t *testing.T) {
	db := storagetest.Open(t, storage.Postgres)
	runs := 0
	err := db.Write(t.Context(), func(tx *storage.Tx) error {
		runs++
		_, err := tx.Exec(losing)
		return err
	})
	if !fault.Is(err, "storage.busy") || runs != 16 {
		t.Errorf("%d runs, then %v", runs, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	runs = 0
	err = db.Write(ctx, func(tx *storage.Tx) error {
		if runs++; runs == 2 {
			cancel()
		}
		_, err := tx.Exec(losing)
		return err
	})
	if !errors.Is(err, context.Canceled) || runs > 3 {
		t.Errorf("the caller left in run 2 of %d: %v", runs, err)
	}
}

// Two that read what the other writes: serializable lets one win and runs the
// other again.
func TestWriteSkew(t *testing.T) {
	db := storagetest.Open(t, storage.Postgres, notes)
	if err := db.Write(t.Context(), func(tx *storage.Tx) error { return errors.Join(add(tx, "a", "x"), add(tx, "b", "x")) }); err != nil {
		t.Fatal(err)
	}
	var meet, group sync.WaitGroup
	meet.Add(2)
	for _, id := range []string{"a", "b"} {
		group.Go(func() {
			first := true
			if err := db.Write(t.Context(), func(tx *storage.Tx) error {
				var n int64
				if err := tx.Row(`select count(*) from note`).Scan(&n); err != nil {
					return err
				}
				if first { // both have read before either deletes
					first = false
					meet.Done()
					meet.Wait()
				}
				if n < 2 {
					return nil // the last one stays
				}
				_, err := tx.Exec(`delete from note where id = $1`, id)
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := ids(t, db); got != "a" && got != "b" {
		t.Errorf("rows: %q", got)
	}
	if db.Stats().Again == 0 {
		t.Error("nobody had to run again")
	}
}

func TestPanicFreesTheConnection(t *testing.T) {
	db := storagetest.Open(t, storage.Postgres, notes)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for range 40 { // more than the pool has
		func() {
			defer func() { _ = recover() }()
			_ = db.Write(ctx, func(tx *storage.Tx) error { panic("boom") })
		}()
	}
	if err := db.Write(ctx, func(tx *storage.Tx) error { return add(tx, "a", "x") }); err != nil {
		t.Error(err)
	}
}
