package storage_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// lite opens a fresh SQLite store with the notes in it.
func lite(t *testing.T, opts ...storage.Option) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a file?#%.db"), append([]storage.Option{storage.WithLogger(quiet()), storage.WithRun(time.Hour)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	return db
}

// act is one Write of a batch.
type act struct {
	name string
	low  bool
	ctx  context.Context
	fn   storage.WriteFunc
}

// outcome is what its caller got.
type outcome struct {
	err    error
	panics any
	exited bool
}

// together holds the writer up until every act waits, in the order given, so
// that they are one batch, and returns what each caller got.
func together(t *testing.T, db *storage.DB, acts ...act) []outcome {
	t.Helper()
	held, release, plug := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		plug <- db.Write(context.Background(), func(*storage.Tx) error {
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	out, done := make([]outcome, len(acts)), make(chan int, len(acts))
	for i, a := range acts {
		go func() {
			o := outcome{exited: true}
			defer func() {
				o.panics = recover()
				o.exited = o.exited && o.panics == nil
				out[i] = o
				done <- i
			}()
			ctx := a.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			write := db.Write
			if a.low {
				write = db.WriteLow
			}
			o.err = write(ctx, a.fn)
			o.exited = false
		}()
		for db.Stats().Waiting < i+1 {
			runtime.Gosched()
		}
	}
	close(release)
	for range acts {
		<-done
	}
	if err := <-plug; err != nil {
		t.Fatal(err)
	}
	return out
}

func adds(id string) act {
	return act{name: id, fn: func(tx *storage.Tx) error { return add(tx, id, "x") }}
}

// addsThen adds a row and then comes to the end that is asked for.
func addsThen(id string, end func(tx *storage.Tx) error) act {
	return act{name: id, fn: func(tx *storage.Tx) error {
		if err := add(tx, id, "x"); err != nil {
			return err
		}
		return end(tx)
	}}
}

func TestBatchSharesOneCommit(t *testing.T) {
	db := lite(t)
	before := db.Stats()
	var acts []act
	for i := range 100 {
		acts = append(acts, adds(fmt.Sprintf("%03d", i)))
	}
	for _, o := range together(t, db, acts...) {
		if o.err != nil {
			t.Error(o.err)
		}
	}
	// Two: the plug's and the batch's.
	if n := db.Stats().Commits - before.Commits; n != 2 {
		t.Errorf("%d commits", n)
	}
	if n := len(strings.Fields(ids(t, db))); n != 100 {
		t.Errorf("%d rows", n)
	}
}

// Whatever becomes of the one in the middle, the others are as if it had not been.
func TestBatchInnocentsSurvive(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(tx *storage.Tx) error
		ok   func(o outcome) bool
	}{
		{"error", func(*storage.Tx) error { return errMine }, func(o outcome) bool { return errors.Is(o.err, errMine) }},
		{"constraint", func(tx *storage.Tx) error { return add(tx, "a", "x") }, func(o outcome) bool { return storage.Violated(o.err) == "note.id" }},
		{"panic", func(*storage.Tx) error { panic("boom") }, func(o outcome) bool { return o.panics == "boom" }},
		{"goexit", func(*storage.Tx) error { runtime.Goexit(); return nil }, func(o outcome) bool { return o.exited }},
		{"own commit", func(tx *storage.Tx) error { _, err := tx.Exec("commit"); return err }, func(o outcome) bool { return o.err != nil }},
		{"own rollback", func(tx *storage.Tx) error { _, err := tx.Exec("rollback"); return err }, func(o outcome) bool { return fault.Is(o.err, "storage.ended") }},
		{"conflict rollback", func(tx *storage.Tx) error {
			_, err := tx.Exec(`insert or rollback into note (id, body) values ('a', 'x')`)
			return err
		}, func(o outcome) bool { return storage.Violated(o.err) == "note.id" }},
		{"full disk", func(tx *storage.Tx) error {
			if _, err := tx.Exec(`pragma max_page_count = 1`); err != nil {
				return err
			}
			for i := range 10000 {
				if err := add(tx, fmt.Sprintf("big%05d", i), "xxxxxxxxxxxxxxxxxxxx"); err != nil {
					return err
				}
			}
			return nil
		}, func(o outcome) bool { return fault.Is(o.err, "storage.full") }},
		{"query error", func(tx *storage.Tx) error { return tx.Row(`select 1 from nowhere`).Scan(new(int)) }, func(o outcome) bool { return o.err != nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := lite(t)
			guilty := addsThen("m", c.end)
			out := together(t, db, adds("a"), adds("b"), guilty, adds("y"), adds("z"))
			for i, o := range out {
				if i == 2 {
					if !c.ok(o) {
						t.Errorf("the guilty one got %+v", o)
					}
				} else if o.err != nil || o.panics != nil || o.exited {
					t.Errorf("number %d got %+v", i, o)
				}
			}
			if c.name == "full disk" {
				// The limit is the connection's; lift it to look on.
				if err := db.Write(t.Context(), func(tx *storage.Tx) error { _, err := tx.Exec(`pragma max_page_count = 1000000`); return err }); err != nil {
					t.Fatal(err)
				}
			}
			want(t, db, "a b y z")
			// And with savepoints, which the writer now uses for a while.
			out = together(t, db, adds("c"), addsThen("n", func(*storage.Tx) error { return errMine }), adds("d"))
			if out[0].err != nil || !errors.Is(out[1].err, errMine) || out[2].err != nil {
				t.Errorf("afterwards: %+v", out)
			}
			want(t, db, "a b c d y z")
		})
	}
}

// A closure sees those before it in the batch, and not one that failed.
func TestBatchOrder(t *testing.T) {
	db := lite(t)
	var seen []string
	look := func(id string) act {
		return act{fn: func(tx *storage.Tx) error {
			var n int64
			if err := tx.Row(`select count(*) from note`).Scan(&n); err != nil {
				return err
			}
			seen = append(seen, fmt.Sprintf("%s:%d", id, n))
			tx.OnCommit(func() { seen = append(seen, "told "+id) })
			return add(tx, id, "x")
		}}
	}
	together(t, db, look("a"), look("b"), addsThen("m", func(*storage.Tx) error { return errMine }), look("c"))
	// a and b ran twice: without savepoints, and with.
	if d := cmp.Diff("a:0 b:1 a:0 b:1 c:2 told a told b told c", strings.Join(seen, " ")); d != "" {
		t.Error(d)
	}
}

// A failure that wrote nothing costs the batch nothing.
func TestBatchCheapFailure(t *testing.T) {
	db := lite(t)
	runs := 0
	out := together(t, db,
		act{fn: func(tx *storage.Tx) error { runs++; return add(tx, "a", "x") }},
		act{fn: func(tx *storage.Tx) error {
			if _, err := tx.Exec(`insert into note (id, body) values ('a', 'y') on conflict do nothing`); err != nil {
				return err
			}
			return errMine
		}},
		adds("b"))
	if out[0].err != nil || !errors.Is(out[1].err, errMine) || out[2].err != nil || runs != 1 || db.Stats().Again != 0 {
		t.Errorf("%+v, first ran %d times, again %d", out, runs, db.Stats().Again)
	}
	want(t, db, "a b")
}

// A commit that fails leaves everyone in doubt, and the next batch works.
func TestBatchCommitFails(t *testing.T) {
	db := lite(t)
	if err := db.Write(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`create table late (a bigint not null primary key, b bigint references late (a) deferrable initially deferred)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	told := false
	out := together(t, db, adds("a"),
		act{fn: func(tx *storage.Tx) error {
			tx.OnCommit(func() { told = true })
			_, err := tx.Exec(`insert into late (a, b) values (1, 2)`)
			return err
		}},
		addsThen("b", func(*storage.Tx) error { return nil }))
	for i, o := range out {
		if !fault.Is(o.err, "storage.unknown") || fault.KindOf(o.err) != fault.Unavailable {
			t.Errorf("number %d: %v", i, o.err)
		}
	}
	if told {
		t.Error("OnCommit ran without a commit")
	}
	want(t, db, "")
	if out := together(t, db, adds("c"), adds("d")); out[0].err != nil || out[1].err != nil {
		t.Errorf("%+v", out)
	}
	want(t, db, "c d")
}

// The caller leaves while the closure waits, or while it runs; the batch goes on.
func TestBatchCallerGone(t *testing.T) {
	db := lite(t)
	going, cancel := context.WithCancel(t.Context())
	out := together(t, db, adds("a"),
		act{ctx: going, fn: func(tx *storage.Tx) error {
			if err := add(tx, "m", "x"); err != nil {
				return err
			}
			cancel()
			return add(tx, "n", "x")
		}},
		act{ctx: going, fn: func(tx *storage.Tx) error { t.Error("ran for nobody"); return nil }},
		adds("b"))
	if out[0].err != nil || !errors.Is(out[1].err, context.Canceled) || !errors.Is(out[2].err, context.Canceled) || out[3].err != nil {
		t.Errorf("%+v", out)
	}
	want(t, db, "a b")
}

func TestLeavesTheQueueAtOnce(t *testing.T) {
	db := lite(t)
	held, release, plug := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		plug <- db.Write(context.Background(), func(*storage.Tx) error { close(held); <-release; return nil })
	}()
	<-held
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	// The writer is busy and stays so: the caller must not wait for it.
	if err := db.Write(ctx, func(*storage.Tx) error { t.Error("ran"); return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(release)
	if err := <-plug; err != nil {
		t.Error(err)
	}
}

func TestFullQueueIsBusyAtOnce(t *testing.T) {
	db := lite(t, storage.WithQueue(2))
	var busy error
	out := together(t, db, adds("a"), adds("b"),
		act{low: true, fn: func(tx *storage.Tx) error { // not of the same queue
			return add(tx, "c", "x")
		}})
	for _, o := range out {
		if o.err != nil {
			t.Error(o.err)
		}
	}
	held, release := make(chan struct{}), make(chan struct{})
	results := make(chan error, 3)
	go func() {
		results <- db.Write(context.Background(), func(*storage.Tx) error { close(held); <-release; return nil })
	}()
	<-held
	for i := range 2 {
		go func() { results <- db.Write(context.Background(), adds(fmt.Sprint(i)).fn) }()
	}
	for db.Stats().Waiting < 2 {
		runtime.Gosched()
	}
	busy = db.Write(t.Context(), adds("no").fn)
	close(release)
	for range 3 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if !fault.Is(busy, "storage.busy") || fault.KindOf(busy) != fault.Busy {
		t.Errorf("the third in a queue of two: %v", busy)
	}
	want(t, db, "0 1 a b c")
}

// Low-priority Writes come after the others, one between two batches.
func TestLowPriority(t *testing.T) {
	db := lite(t)
	var order []string
	mark := func(name string, low bool) act {
		return act{low: low, fn: func(*storage.Tx) error { order = append(order, name); return nil }}
	}
	before := db.Stats().Commits
	together(t, db, mark("low1", true), mark("low2", true), mark("a", false), mark("b", false), mark("low3", true))
	if d := cmp.Diff("a b low1 low2 low3", strings.Join(order, " ")); d != "" {
		t.Error(d)
	}
	if n := db.Stats().Commits - before; n != 5 { // plug, batch, and each low one its own
		t.Errorf("%d commits", n)
	}
}

// However many others there are, a low-priority Write gets its turn.
func TestLowPriorityIsNotStarved(t *testing.T) {
	db := lite(t, storage.OneByOne()) // a batch is one, so the queue is always full
	var place, n int
	acts := []act{{low: true, fn: func(*storage.Tx) error { place = n; return nil }}}
	for range 40 {
		acts = append(acts, act{fn: func(*storage.Tx) error { n++; return nil }})
	}
	together(t, db, acts...)
	if place == 0 || place > 12 {
		t.Errorf("it ran after %d of 40 others", place)
	}
}

// The hook runs once per batch over the items of those that succeeded; if it
// fails, only the Write whose item it cannot take fails.
func TestBatchHook(t *testing.T) {
	db := lite(t)
	var calls []string
	db.BeforeCommit(func(tx *storage.Tx, staged []any) error {
		calls = append(calls, fmt.Sprint(staged))
		for _, s := range staged {
			if s == "bad" {
				return errMine
			}
			if err := add(tx, "hook-"+s.(string), "x"); err != nil {
				return err
			}
		}
		tx.OnCommit(func() { calls = append(calls, "told") })
		return nil
	})
	stage := func(id string, err error) act {
		return act{fn: func(tx *storage.Tx) error { tx.Stage(id); return errors.Join(add(tx, id, "x"), err) }}
	}
	together(t, db, stage("a", nil), stage("m", errMine), stage("b", nil), adds("c"))
	if d := cmp.Diff([]string{"[a b]", "told"}, calls); d != "" {
		t.Error(d)
	}
	calls = nil
	out := together(t, db, stage("d", nil), stage("bad", nil), stage("e", nil))
	if out[0].err != nil || !errors.Is(out[1].err, errMine) || out[2].err != nil {
		t.Errorf("%+v", out)
	}
	if d := cmp.Diff("[d bad e] [d] [bad] [e] told told", strings.Join(calls, " ")); d != "" {
		t.Error(d)
	}
	want(t, db, "a b c d e hook-a hook-b hook-d hook-e")
}

// Closures that take long do not keep those behind them from their commit.
func TestLongBatchIsSplit(t *testing.T) {
	db := lite(t, storage.WithRun(0))
	before := db.Stats().Commits
	for _, o := range together(t, db, adds("a"), adds("b"), addsThen("m", func(*storage.Tx) error { return errMine }), adds("c")) {
		if o.err != nil && !errors.Is(o.err, errMine) {
			t.Error(o.err)
		}
	}
	want(t, db, "a b c")
	if n := db.Stats().Commits - before; n != 5 { // plug, a, b, m's empty one, c
		t.Errorf("%d commits", n)
	}
}

// Close finishes what was accepted.
func TestCloseDrains(t *testing.T) {
	db := lite(t)
	path := make(chan error, 1)
	held, release := make(chan struct{}), make(chan struct{})
	go func() {
		path <- db.Write(context.Background(), func(tx *storage.Tx) error { close(held); <-release; return add(tx, "a", "x") })
	}()
	<-held
	second, closed := make(chan error, 1), make(chan error, 1)
	go func() { second <- db.Write(context.Background(), adds("b").fn) }()
	for db.Stats().Waiting < 1 {
		runtime.Gosched()
	}
	go func() { closed <- db.Close() }()
	close(release)
	for _, c := range []chan error{path, second, closed} {
		if err := <-c; err != nil {
			t.Error(err)
		}
	}
}
