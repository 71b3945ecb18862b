package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var effects = storage.Module{Name: "effect", Files: effectSchema}

// eventually asks until it is so or the test's patience ends.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	end := time.After(20 * time.Second)
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for !so() {
		select {
		case <-end:
			t.Fatal("never came: " + what)
		case <-every.C:
		}
	}
}

// background runs fn until the test ends and fails the test if it returns an error.
func background(t *testing.T, fn func(ctx context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := fn(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	return stop
}

// applied is the effect of a follower: the places of facts, in its own table.
func applied(tx *storage.Tx, recs []eventlog.Record) error {
	for _, r := range recs {
		if _, err := tx.Exec(`insert into effect_seen (seq, id) values ($1, $2)`, r.Seq, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func seen(t *testing.T, db *storage.DB) (ids []string) {
	t.Helper()
	if err := db.Read(t.Context(), func(r storage.Reader) (err error) {
		ids, err = storage.All(r, scanID, `select id from effect_seen order by seq`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestTailingByIDSkips is the reason for the sealer, proved beside it. Two facts
// are begun in one order and committed in the other: a reader that remembers the
// largest id it saw never sees the first; Follow sees both, once.
func TestTailingByIDSkips(t *testing.T) {
	db := storagetest.Open(t, storage.Postgres, eventlog.Module(), effects)
	l := open(t, db, ringOf(t))

	var last string
	tail := func() (got []string) { // the negative control
		if err := db.Read(t.Context(), func(r storage.Reader) (err error) {
			got, err = storage.All(r, scanID, `select id from (select id from eventlog_unsealed union all select id from eventlog_fact) f where id > $1 order by id`, last)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(got) > 0 {
			last = got[len(got)-1]
		}
		return got
	}
	follow := func() {
		if err := l.CatchUp(t.Context(), "effect", applied); err != nil {
			t.Fatal(err)
		}
	}

	begun, commit := make(chan string), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), func(tx *storage.Tx) error {
			id, err := l.Append(tx, filed("slow", 1))
			if err != nil {
				return err
			}
			begun <- id
			<-commit // the transaction is held open
			return nil
		})
	}()
	slow := <-begun
	fast := record(t, db, l, filed("fast", 2))[0]
	if slow >= fast {
		t.Fatalf("ids do not ascend: %s, %s", slow, fast)
	}
	tailed := tail()
	follow()
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	tailed = append(tailed, tail()...)
	follow()

	if d := cmp.Diff([]string{fast}, tailed); d != "" {
		t.Error("the reader by id was expected to skip the slow fact; the test proves nothing:", d)
	}
	if d := cmp.Diff([]string{fast, slow}, seen(t, db)); d != "" {
		t.Error("Follow:", d)
	}
}

// TestFollowSeesEveryFactOnce runs two nodes, each with a sealer and a follower
// of the same name, while writers commit in any order; one follower is stopped
// and started again.
func TestFollowSeesEveryFactOnce(t *testing.T) {
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			target := storagetest.Target(t, engine)
			ring := ringOf(t)
			nodes := 2
			if engine == storage.SQLite {
				nodes = 1 // one process owns the file
			}
			var logs []*eventlog.Log
			var dbs []*storage.DB
			for range nodes {
				db, err := storage.Open(t.Context(), target)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { db.Close() })
				if err := db.Migrate(t.Context(), eventlog.Module(), effects); err != nil {
					t.Fatal(err)
				}
				l := open(t, db, ring)
				logs, dbs = append(logs, l), append(dbs, db)
				background(t, l.Run)
			}
			follow := func(i int) func() {
				return background(t, func(ctx context.Context) error { return logs[i].Follow(ctx, "effect", applied) })
			}
			stop := follow(0)
			follow(nodes - 1)

			const writers, each = 16, 40
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					for i := range each {
						n := (w + i) % nodes
						if err := dbs[n].Write(context.Background(), func(tx *storage.Tx) error {
							_, err := logs[n].Append(tx, filed(fmt.Sprint(w), i))
							return err
						}); err != nil {
							t.Error(err)
						}
						if w == 0 && i == each/2 {
							stop()
						}
					}
				})
			}
			wg.Wait()
			follow(0)
			eventually(t, "all effects", func() bool { return len(seen(t, dbs[0])) == writers*each })
			rep, err := logs[0].Verify(t.Context(), nil)
			if d := cmp.Diff(eventlog.Report{OK: true, Facts: writers * each}, rep); d != "" || err != nil {
				t.Error(err, d)
			}
		})
	}
}

func TestFollowerStoresCursorWithEffect(t *testing.T) {
	storagetest.Run(t, []storage.Module{eventlog.Module(), effects}, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		ids := record(t, db, l, filed("a", 1), filed("a", 2))
		refuse := func(tx *storage.Tx, recs []eventlog.Record) error {
			return errors.Join(applied(tx, recs), errRefused)
		}
		seal(t, l)
		if err := l.Follow(t.Context(), "effect", refuse); !errors.Is(err, errRefused) {
			t.Error(err)
		}
		if at, err := l.Cursor(t.Context(), "effect"); at != 0 || err != nil || len(seen(t, db)) > 0 {
			t.Errorf("a refused batch left cursor %d, effects %v, %v", at, seen(t, db), err)
		}
		for range 2 {
			if err := l.CatchUp(t.Context(), "effect", applied); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(ids, seen(t, db)); d != "" {
			t.Error(d)
		}
		if at, _ := l.Cursor(t.Context(), "effect"); at != 2 {
			t.Errorf("cursor %d", at)
		}
	})
}

// TestSealersRace lets two nodes seal the same waiting facts at once.
func TestSealersRace(t *testing.T) {
	target := storagetest.Target(t, storage.Postgres)
	ring := ringOf(t)
	var logs []*eventlog.Log
	var dbs []*storage.DB
	for range 2 {
		db, err := storage.Open(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		if err := db.Migrate(t.Context(), mods...); err != nil {
			t.Fatal(err)
		}
		dbs, logs = append(dbs, db), append(logs, open(t, db, ring))
	}
	const rounds, facts = 12, 150
	for round := range rounds {
		for i := range facts {
			record(t, dbs[i%2], logs[i%2], filed(fmt.Sprint(i), round))
		}
		var wg sync.WaitGroup
		for _, l := range logs {
			wg.Go(func() {
				if _, err := l.Checkpoint(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	for _, l := range logs {
		rep, err := l.Verify(t.Context(), seal(t, l))
		if d := cmp.Diff(eventlog.Report{OK: true, Facts: rounds * facts}, rep); d != "" || err != nil {
			t.Error(err, d)
		}
	}
}
