package storage_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

func module(name, schema string) storage.Module {
	return storage.Module{Name: name, Files: fstest.MapFS{"schema/0001_" + name + ".sql": {Data: []byte(schema)}}}
}

var notes = module("note", `create table note (
	id text not null constraint note_key primary key,
	body text not null constraint note_body_short check (length(body) <= 20),
	stars bigint not null default 0
) FLAT;`)

func both(t *testing.T, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	storagetest.Run(t, []storage.Module{notes}, fn)
}

func add(tx *storage.Tx, id, body string) error {
	_, err := tx.Exec(`insert into note (id, body) values ($1, $2)`, id, body)
	return err
}

// ids prints the notes that are there: the state, as rows.
func ids(t *testing.T, db *storage.DB) string {
	t.Helper()
	var out []string
	if err := db.Read(context.Background(), func(r storage.Reader) (err error) {
		out, err = storage.All(r, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }, `select id from note order by id`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func want(t *testing.T, db *storage.DB, rows string) {
	t.Helper()
	if d := cmp.Diff(rows, ids(t, db)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

var errMine = errors.New("mine")

func TestWriteRead(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := add(tx, "a", "hello"); err != nil {
				return err
			}
			// A Write sees its own rows, through tx.
			var body string
			return tx.Row(`select body from note where id = $1`, "a").Scan(&body)
		}); err != nil {
			t.Fatal(err)
		}
		want(t, db, "a")
		err := db.Read(t.Context(), func(r storage.Reader) error {
			var body string
			return r.Row(`select body from note where id = $1`, "b").Scan(&body)
		})
		if !storage.NoRows(err) {
			t.Errorf("an absent row: %v", err)
		}
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			rows, err := r.Query(`delete from note`)
			if err == nil {
				rows.Next()
				err = rows.Err()
				rows.Close()
			}
			return err
		}); err == nil {
			t.Error("a Read deleted")
		}
		want(t, db, "a")
	})
}

func TestExecCounts(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		var got []int64
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			for _, q := range []string{
				`insert into note (id, body) values ('a', 'x'), ('b', 'y')`,
				`insert into note (id, body) values ('a', 'z') on conflict do nothing`,
				`update note set body = 'w'`,
				`create table other (id bigint not null primary key)`,
				`delete from note where id = 'none'`,
			} {
				n, err := tx.Exec(q)
				if err != nil {
					return err
				}
				got = append(got, n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]int64{2, 0, 2, 0, 0}, got); d != "" {
			t.Error(d)
		}
	})
}

func TestFailureUndoesItself(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := add(tx, "a", "x"); err != nil {
				return err
			}
			return errMine
		})
		if !errors.Is(err, errMine) {
			t.Errorf("error %v", err)
		}
		want(t, db, "")
	})
}

// A closure that ignores a failed statement cannot half succeed.
func TestFailedStatementEndsWrite(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			_ = add(tx, "a", "x")
			_ = add(tx, "a", "again")
			if err := add(tx, "b", "x"); err == nil {
				t.Error("a statement ran after a failed one")
			}
			return nil
		})
		if storage.Violated(err) == "" {
			t.Errorf("error %v", err)
		}
		want(t, db, "")
	})
}

func TestViolated(t *testing.T) {
	mods := []storage.Module{notes, module("pair", `
create table pair_top (id bigint not null primary key);
create table pair (
	a bigint not null, b bigint not null, c bigint not null,
	constraint pair_key primary key (a, b), constraint pair_c_once unique (c),
	constraint pair_top_known foreign key (a) references pair_top (id)
);
insert into pair_top (id) values (1), (2);
insert into pair (a, b, c) values (1, 1, 1);`)}
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		for _, c := range []struct{ query, lite, pg string }{
			{`insert into note (id, body) values ('a', 'a body of more than twenty letters')`, "note_body_short", "note_body_short"},
			{`insert into note (id, body) values ('a', null)`, "note.body", "note.body"},
			{`insert into pair (a, b, c) values (1, 1, 2)`, "pair.a, pair.b", "pair_key"},
			{`insert into pair (a, b, c) values (1, 2, 1)`, "pair.c", "pair_c_once"},
			{`insert into pair (a, b, c) values (3, 1, 9)`, "unnamed", "pair_top_known"},
			{`insert into nowhere (a) values (1)`, "", ""},
		} {
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(c.query)
				return fmt.Errorf("wrapped: %w", err)
			})
			name := c.lite
			if db.Engine() == storage.Postgres {
				name = c.pg
			}
			if got := storage.Violated(err); got != name {
				t.Errorf("%s: violated %q, want %q (%v)", c.query, got, name, err)
			}
		}
	})
}

func TestPanicReachesCaller(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		got := func() (v any) {
			defer func() { v = recover() }()
			_ = db.Write(t.Context(), func(tx *storage.Tx) error {
				_ = add(tx, "a", "x")
				panic("boom")
			})
			return nil
		}()
		if got != "boom" {
			t.Errorf("recovered %v", got)
		}
		want(t, db, "")
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "b", "x") }); err != nil {
			t.Errorf("the next write: %v", err)
		}
		want(t, db, "b")
	})
}

func TestGoexitReachesCaller(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		done, returned := make(chan struct{}), false
		go func() {
			defer close(done)
			_ = db.Write(context.Background(), func(tx *storage.Tx) error {
				_ = add(tx, "a", "x")
				runtime.Goexit()
				return nil
			})
			returned = true
		}()
		<-done
		if returned {
			t.Error("Write returned after its closure's Goexit")
		}
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "b", "x") }); err != nil {
			t.Fatal(err)
		}
		want(t, db, "b")
	})
}

func TestNestedWriteIsRefused(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		nested := func() error {
			return db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "inner", "x") })
		}
		err := db.Write(t.Context(), func(tx *storage.Tx) error { return nested() })
		if !fault.Is(err, "storage.nested") {
			t.Errorf("in a closure: %v", err)
		}
		db.BeforeCommit(func(*storage.Tx, []any) error { return nested() })
		err = db.Write(t.Context(), func(tx *storage.Tx) error { tx.Stage(1); return nil })
		if !fault.Is(err, "storage.nested") {
			t.Errorf("in the hook: %v", err)
		}
		err = nil
		if e := db.Write(t.Context(), func(tx *storage.Tx) error { tx.OnCommit(func() { err = nested() }); return nil }); e != nil {
			t.Fatal(e)
		}
		if !fault.Is(err, "storage.nested") {
			t.Errorf("in OnCommit: %v", err)
		}
		want(t, db, "")
		// A closure may start a Write elsewhere, as long as it does not wait.
		done := make(chan error, 1)
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			go func() { done <- nested() }()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		want(t, db, "inner")
	})
}

// Reads may nest, as many as there are processors and more.
func TestNestedReads(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		var deep func(n int) error
		deep = func(n int) error {
			if n == 0 {
				return nil
			}
			return db.Read(t.Context(), func(storage.Reader) error { return deep(n - 1) })
		}
		if err := deep(runtime.NumCPU() + 2); err != nil {
			t.Error(err)
		}
	})
}

func TestOnCommit(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		var told []string
		for _, c := range []struct {
			id  string
			err error
		}{{"a", nil}, {"b", errMine}, {"c", nil}} {
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				tx.OnCommit(func() {
					told = append(told, c.id+": "+ids(t, db)) // durable and visible by now
				})
				if err := add(tx, c.id, "x"); err != nil {
					return err
				}
				return c.err
			})
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff([]string{"a: a", "c: a c"}, told); d != "" {
			t.Error(d)
		}
		if got := func() (v any) {
			defer func() { v = recover() }()
			_ = db.Write(t.Context(), func(tx *storage.Tx) error { tx.OnCommit(func() { panic("late") }); return add(tx, "d", "x") })
			return nil
		}(); got != "late" {
			t.Errorf("panic in OnCommit: recovered %v", got)
		}
		want(t, db, "a c d")
	})
}

func TestBeforeCommit(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		fail := false
		db.BeforeCommit(func(tx *storage.Tx, staged []any) error {
			for _, s := range staged {
				if err := add(tx, "hook-"+s.(string), "x"); err != nil {
					return err
				}
			}
			if fail {
				return errMine
			}
			return nil
		})
		stage := func(id string, err error) error {
			return db.Write(t.Context(), func(tx *storage.Tx) error {
				tx.Stage(id)
				if e := add(tx, id, "x"); e != nil {
					return e
				}
				return err
			})
		}
		if err := stage("a", nil); err != nil {
			t.Fatal(err)
		}
		if err := stage("b", errMine); !errors.Is(err, errMine) {
			t.Fatal(err)
		}
		fail = true
		if err := stage("c", nil); !errors.Is(err, errMine) {
			t.Fatalf("the hook failed and the Write said %v", err)
		}
		want(t, db, "a hook-a")
	})
}

func TestCallerGone(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.Write(gone, func(tx *storage.Tx) error { t.Error("ran"); return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("gone before: %v", err)
		}
		going, cancel := context.WithCancel(t.Context())
		err := db.Write(going, func(tx *storage.Tx) error {
			if err := add(tx, "a", "x"); err != nil {
				return err
			}
			cancel()
			if err := add(tx, "b", "x"); err == nil {
				t.Error("a statement ran for a caller who had gone")
			}
			return nil // swallowed, and yet the Write fails
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("gone meanwhile: %v", err)
		}
		want(t, db, "")
		if err := db.Read(gone, func(storage.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("read: %v", err)
		}
	})
}

// A long select ends with its reader.
func TestReadEndsWithCaller(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := db.Export(ctx, func(r storage.Reader) error {
			var n int64
			return r.Row(`with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000000000) select count(*) from c`).Scan(&n)
		})
		if err == nil || time.Since(start) > 20*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		want(t, db, "")
	})
}

func TestTxIsDeadAfterItsClosure(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		var kept *storage.Tx
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { kept = tx; return add(tx, "a", "x") }); err != nil {
			t.Fatal(err)
		}
		if err := add(kept, "b", "x"); err == nil {
			t.Error("Exec on a dead tx")
		}
		if _, err := kept.Query(`select id from note`); err == nil {
			t.Error("Query on a dead tx")
		}
		var s string
		if err := kept.Row(`select id from note`).Scan(&s); err == nil {
			t.Error("Row on a dead tx")
		}
		want(t, db, "a")
	})
}

// Result sets left open do not keep the commit or the next closure waiting.
func TestOpenRows(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		for i := range 3 {
			if err := db.Write(t.Context(), func(tx *storage.Tx) error {
				if err := add(tx, fmt.Sprint(i), "x"); err != nil {
					return err
				}
				_ = tx.Row(`select id from note`)
				if db.Engine() == storage.Postgres {
					return nil // its wire carries one result at a time
				}
				a, err := tx.Query(`select id from note`)
				if err != nil {
					return err
				}
				a.Next()
				b, err := tx.Query(`select id from note`) // the same text while the first is open
				if err != nil {
					return err
				}
				b.Next()
				return nil
			}); err != nil && db.Engine() == storage.SQLite {
				t.Fatal(err)
			}
		}
		if db.Engine() == storage.SQLite {
			want(t, db, "0 1 2")
		}
	})
}

// Everyone adds to one row at once: nothing is lost on either engine.
func TestSerializable(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "a", "x") }); err != nil {
			t.Fatal(err)
		}
		const callers, each = 8, 5
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				for done := 0; done < each; {
					err := db.Write(t.Context(), func(tx *storage.Tx) error {
						var n int64
						if err := tx.Row(`select stars from note where id = 'a'`).Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec(`update note set stars = $1 where id = 'a'`, n+1)
						return err
					})
					switch {
					case err == nil:
						done++
					case fault.KindOf(err) == fault.Busy: // it lost too often, and says so
					default:
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			var n int64
			err := r.Row(`select stars from note where id = 'a'`).Scan(&n)
			if n != callers*each {
				t.Errorf("%d, want %d", n, callers*each)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

// One Read sees one state, whatever is written meanwhile.
func TestReadIsASnapshot(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		count := func(r storage.Reader) (n int64) {
			if err := r.Row(`select count(*) from note`).Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			before := count(r)
			if err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "a", "x") }); err != nil {
				return err
			}
			if after := count(r); after != before {
				t.Errorf("%d rows became %d within one Read", before, after)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		want(t, db, "a")
	})
}

func TestTextNeitherEngineKeeps(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		for _, s := range []string{"nul\x00", "\xff\xfe"} {
			err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "a", s) })
			if !fault.Is(err, "storage.text") {
				t.Errorf("%q: %v", s, err)
			}
		}
	})
}

func TestBytes(t *testing.T) {
	storagetest.Run(t, []storage.Module{module("bag", `create table bag (id bigint not null primary key, b BLOB not null);`)}, func(t *testing.T, db *storage.DB) {
		in := [][]byte{{}, {0}, {0xff, 0, 1}, []byte("text")}
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			for i, b := range in {
				if _, err := tx.Exec(`insert into bag (id, b) values ($1, $2)`, i, b); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			out, err := storage.All(r, func(rows *sql.Rows) (b []byte, err error) { return b, rows.Scan(&b) }, `select b from bag order by id`)
			if d := cmp.Diff(in, out); d != "" {
				t.Error(d)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestBreakAndClose(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		down := fault.New(fault.Unavailable, "storage.unavailable")
		write := func() error { return db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "a", "x") }) }
		read := func() error { return db.Read(t.Context(), func(storage.Reader) error { return nil }) }
		db.Break(down)
		if err := write(); !errors.Is(err, down) {
			t.Error(err)
		}
		if err := read(); !errors.Is(err, down) {
			t.Error(err)
		}
		db.Break(nil)
		if err := write(); err != nil {
			t.Error(err)
		}
		want(t, db, "a")
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		for _, err := range []error{write(), read()} {
			if !fault.Is(err, "storage.closed") {
				t.Errorf("after Close: %v", err)
			}
		}
	})
}

func TestFailing(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		f := storagetest.Failing(db)
		write := func() error { return f.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "a", "x") }) }
		f.Fail(true)
		if err := write(); fault.KindOf(err) != fault.Unavailable {
			t.Error(err)
		}
		if err := f.Read(t.Context(), func(storage.Reader) error { return nil }); fault.KindOf(err) != fault.Unavailable {
			t.Error(err)
		}
		f.Fail(false)
		if err := write(); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ target, code string }{
		{"mysql://x", "storage.target"},
		{"postgres://user:secret@%zz", "storage.target"},
		{"sqlite:" + t.TempDir() + "/none/x.db", "storage.unavailable"},
		{"postgres://nobody@127.0.0.1:1/none", "storage.unavailable"},
	} {
		db, err := storage.Open(t.Context(), c.target, storage.WithLogger(storagetest.Log()))
		if err == nil {
			db.Close()
		}
		if !fault.Is(err, c.code) {
			t.Errorf("%s: %v", c.target, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestSlowClosureIsLogged(t *testing.T) {
	var log bytes.Buffer
	db, err := storage.Open(t.Context(), "sqlite:"+t.TempDir()+"/x.db", storage.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx *storage.Tx) error {
		for start := time.Now(); time.Since(start) < 8*time.Millisecond; {
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "TestSlowClosureIsLogged") {
		t.Errorf("log: %s", log.String())
	}
}
