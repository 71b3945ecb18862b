package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var (
	mods = []storage.Module{eventlog.Module()}
	noon = time.Date(2020, 3, 10, 4, 0, 0, 0, time.UTC)
)

const origin = "district.example"

func open(t testing.TB, db *storage.DB, ring *keyring.Ring) *eventlog.Log {
	t.Helper()
	l, err := eventlog.New(db, ring, clock.NewHand(noon).Now, origin)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ringOf(t testing.TB) *keyring.Ring {
	t.Helper()
	r, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// record appends facts in one transaction and returns their ids.
func record(t testing.TB, db *storage.DB, l *eventlog.Log, facts ...eventlog.Fact) (ids []string) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *storage.Tx) error {
		ids = ids[:0]
		for _, f := range facts {
			id, err := l.Append(tx, f)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// seal brings every committed fact into the log and signs.
func seal(t testing.TB, l *eventlog.Log) []byte {
	t.Helper()
	c, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func filed(firm string, n int) eventlog.Fact {
	return eventlog.Fact{Stream: "firm:" + firm, Name: "workresume.filed", Actor: "acc_1", Body: map[string]int{"n": n}}
}

func about(person string, n int) eventlog.Fact {
	return eventlog.Fact{Stream: "gate:g1", Name: "gate.passed", Actor: "acc_2", Subject: person, Body: map[string]int{"n": n}}
}

func since(t testing.TB, l *eventlog.Log, after int64) []eventlog.Record {
	t.Helper()
	recs, err := l.Since(t.Context(), after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return recs
}

func TestAppendIsReadBackInOrder(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		at := noon.Add(time.Hour)
		ids := record(t, db, l, filed("a", 1), about("per_1", 2), eventlog.Fact{Stream: "firm:b", Name: "firm.added", Actor: "system", At: at})
		unsealed, err := l.Stream(t.Context(), "gate:g1", 10)
		if err != nil {
			t.Fatal(err)
		}
		seal(t, l)
		want := []eventlog.Record{
			{Seq: 1, ID: ids[0], Stream: "firm:a", Name: "workresume.filed", Actor: "acc_1", At: noon, Body: []byte(`{"n":1}`)},
			{Seq: 2, ID: ids[1], Stream: "gate:g1", Name: "gate.passed", Actor: "acc_2", Subject: "per_1", At: noon, Body: []byte(`{"n":2}`)},
			{Seq: 3, ID: ids[2], Stream: "firm:b", Name: "firm.added", Actor: "system", At: at},
		}
		if d := cmp.Diff(want, since(t, l, 0)); d != "" {
			t.Error("since:", d)
		}
		if d := cmp.Diff(want[1:2], unsealed, cmpopts.IgnoreFields(eventlog.Record{}, "Seq")); d != "" {
			t.Error("stream before sealing:", d)
		}
		if d := cmp.Diff(want[2:], since(t, l, 2)); d != "" {
			t.Error("since 2:", d)
		}
		before, err := l.Before(t.Context(), 3, 1)
		if d := cmp.Diff(want[1:2], before); d != "" || err != nil {
			t.Error("before:", err, d)
		}
	})
}

func TestStreamIsNewestFirst(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		var want []string
		for i := range 7 {
			want = append(want, record(t, db, l, filed("a", i), filed("b", i))[0])
			if i == 3 {
				seal(t, l) // the rest stays unsealed on PostgreSQL
			}
		}
		recs, err := l.Stream(t.Context(), "firm:a", 5)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range recs {
			got = append([]string{r.ID}, got...)
		}
		if d := cmp.Diff(want[2:], got); d != "" {
			t.Error(d)
		}
	})
}

func TestIncompleteFactsAreRefused(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		for name, f := range map[string]eventlog.Fact{
			"no stream":     {Name: "a.b", Actor: "system"},
			"no name":       {Stream: "a:b", Actor: "system"},
			"undotted name": {Stream: "a:b", Name: "b", Actor: "system"},
			"no actor":      {Stream: "a:b", Name: "a.b"},
			"endless":       {Stream: strings.Repeat("a", 600), Name: "a.b", Actor: "system"},
			"no JSON":       {Stream: "a:b", Name: "a.b", Actor: "system", Body: func() {}},
		} {
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := l.Append(tx, f)
				return err
			})
			if !fault.Is(err, "eventlog.incomplete") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

var errRefused = errors.New("refused")

func TestRolledBackFactsLeaveNoGap(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		var wg sync.WaitGroup
		const writers, each = 64, 12
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := db.Write(context.Background(), func(tx *storage.Tx) error {
						f := filed(fmt.Sprint(w), i)
						if i%2 == 0 {
							f.Subject = fmt.Sprintf("per_%d", w/4) // shared by four writers
						}
						if _, err := l.Append(tx, f); err != nil {
							return err
						}
						if i%3 == 0 {
							return errRefused
						}
						return nil
					})
					if i%3 == 0 != errors.Is(err, errRefused) {
						t.Errorf("writer %d, %d: %v", w, i, err)
					}
				}
			})
		}
		wg.Wait()
		c := seal(t, l)
		rep, err := l.Verify(t.Context(), c)
		if d := cmp.Diff(eventlog.Report{OK: true, Facts: writers * each * 2 / 3}, rep); d != "" || err != nil {
			t.Error(err, d)
		}
		next := make(map[string]int)
		for i, r := range since(t, l, 0) {
			if r.Seq != int64(i)+1 || r.Body == nil {
				t.Fatalf("fact %d: %+v", i, r)
			}
			next[r.Stream]++
		}
		if len(next) != writers {
			t.Errorf("%d streams", len(next))
		}
	})
}

func TestOtherKeysAreRefused(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		ring := ringOf(t)
		open(t, db, ring)
		if _, err := eventlog.New(db, ringOf(t), clock.Wall, origin); !fault.Is(err, "keyring.other") {
			t.Error(err)
		}
		l, err := eventlog.New(db, ring, clock.Wall, "renamed.example")
		if err != nil || l.Origin() != origin {
			t.Errorf("a log's name is for life: %q %v", l.Origin(), err)
		}
		for _, bad := range []string{"", "two words", "a+b"} {
			if _, err := eventlog.New(db, ring, clock.Wall, bad); !fault.Is(err, "eventlog.origin") {
				t.Errorf("origin %q: %v", bad, err)
			}
		}
	})
}
