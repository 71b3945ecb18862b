package once_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var now = time.Date(2020, 2, 10, 0, 30, 0, 0, time.UTC)

// effects stands for what a command does: one row each time it acts.
var effects = storage.Module{Name: "effects", Files: fstest.MapFS{"schema/0001_effect.sql": {Data: []byte(
	`create table effect (id text not null primary key, note text not null) FLAT`)}}}

type receipt struct {
	Number string `json:"number"`
	Pieces int64  `json:"pieces"`
}

func act(tx *storage.Tx, id string) (receipt, error) {
	_, err := tx.Exec(`insert into effect (id, note) values ($1, 'done')`, id)
	return receipt{Number: id, Pieces: 5}, err
}

func count(t *testing.T, db *storage.DB, table string) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(r storage.Reader) error {
		return r.Row(`select count(*) from ` + table).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDo(t *testing.T) {
	storagetest.Run(t, []storage.Module{once.Module(), effects}, func(t *testing.T, db *storage.DB) {
		key := once.Key{Principal: "acc_1", Operation: "order", Key: once.Ticket(now), Digest: once.Digest([]byte("five"))}
		other, elsewhere, whose := key, key, key
		other.Digest = once.Digest([]byte("six"))
		elsewhere.Operation = "cancel"
		whose.Principal = "acc_2"
		refusal := errors.New("no stock")
		var log []string
		for _, step := range []struct {
			key  once.Key
			id   string
			fail error
		}{
			{key, "a", refusal}, // leaves nothing, so the key is still free
			{key, "b", nil},
			{key, "c", nil},
			{key, "c", refusal}, // not reached
			{other, "d", nil},
			{elsewhere, "e", nil},
			{whose, "f", nil},
			{once.Key{}, "g", nil},
			{once.Key{}, "h", nil},
			{once.Key{Key: "two words"}, "i", nil},
			{once.Key{Key: strings.Repeat("k", 201)}, "i", nil},
			{once.Key{Key: "钥匙"}, "i", nil},
			{once.Key{Key: strings.Repeat("k", 200)}, "j", nil},
		} {
			var got receipt
			err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
				got, err = once.Do(tx, step.key, now, func() (receipt, error) {
					r, err := act(tx, step.id)
					if step.fail != nil {
						err = step.fail
					}
					return r, err
				})
				return err
			})
			log = append(log, fmt.Sprintf("%s: %s %v", step.id, got.Number, err))
		}
		want := []string{
			"a:  no stock", "b: b <nil>", "c: b <nil>", "c: b <nil>", "d:  invalid: once.other_body", "e: e <nil>", "f: f <nil>",
			"g: g <nil>", "h: h <nil>", "i:  invalid: once.key", "i:  invalid: once.key", "i:  invalid: once.key", "j: j <nil>",
		}
		if d := cmp.Diff(want, log); d != "" {
			t.Error(d)
		}
		if n := count(t, db, "effect"); n != 6 {
			t.Errorf("%d effects, want 6", n)
		}
	})
}

// The kinds of answer come back as they were, the silent one too.
func TestReplayKeepsTheAnswer(t *testing.T) {
	storagetest.Run(t, []storage.Module{once.Module()}, func(t *testing.T, db *storage.DB) {
		again(t, db, "struct", receipt{"r1", 5})
		again(t, db, "nothing", struct{}{})
		again(t, db, "text", "öffnen\n\"定波\"")
		again(t, db, "list", []receipt{{"r1", 1}, {"r2", 1 << 62}})
		again(t, db, "time", now.Add(time.Microsecond))
		again[*receipt](t, db, "nil", nil)
	})
}

func again[T any](t *testing.T, db *storage.DB, name string, answer T) {
	t.Helper()
	for range 2 {
		var got T
		if err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
			got, err = once.Do(tx, once.Key{Operation: name, Key: "k"}, now, func() (T, error) { return answer, nil })
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(answer, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Thirty-two senders of one command at the same moment: one effect, one answer.
func TestManyAtOnce(t *testing.T) {
	storagetest.Run(t, []storage.Module{once.Module(), effects}, func(t *testing.T, db *storage.DB) {
		const senders = 32
		key := once.Key{Principal: "acc_1", Operation: "order", Key: "k", Digest: once.Digest([]byte("five"))}
		answers := make([]string, senders)
		gate := make(chan struct{})
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				<-gate
				err := db.Write(t.Context(), func(tx *storage.Tx) error {
					r, err := once.Do(tx, key, now, func() (receipt, error) { return act(tx, fmt.Sprint("effect ", i)) })
					answers[i] = r.Number
					return err
				})
				if err != nil {
					t.Errorf("sender %d: %v", i, err)
				}
			})
		}
		close(gate)
		wg.Wait()
		for i, a := range answers {
			if a == "" || a != answers[0] {
				t.Errorf("sender %d was told %q, sender 0 %q", i, a, answers[0])
			}
		}
		if n := count(t, db, "effect"); n != 1 {
			t.Errorf("%d effects, want 1", n)
		}
	})
}

func TestSweep(t *testing.T) {
	storagetest.Run(t, []storage.Module{once.Module()}, func(t *testing.T, db *storage.DB) {
		add := func(n int, at time.Time) {
			if err := db.Write(t.Context(), func(tx *storage.Tx) error {
				for range n {
					if _, err := once.Do(tx, once.Key{Operation: "order", Key: once.Ticket(at)}, at, func() (int, error) { return 1, nil }); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		add(700, now)
		add(3, now.Add(time.Hour))
		var swept []int64
		for range 3 {
			var n int64
			if err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
				n, err = once.Sweep(tx, now.Add(once.Keep+time.Minute))
				return err
			}); err != nil {
				t.Fatal(err)
			}
			swept = append(swept, n)
		}
		if d := cmp.Diff([]int64{500, 200, 0}, swept); d != "" {
			t.Error(d)
		}
		if n := count(t, db, "once_key"); n != 3 {
			t.Errorf("%d keys left, want the 3 that are still kept", n)
		}
	})
}

func TestDigestSeesBoundaries(t *testing.T) {
	if once.Digest([]byte("ab"), []byte("c")) == once.Digest([]byte("a"), []byte("bc")) {
		t.Error("moving a boundary between parts must change the digest")
	}
}

func TestTicketsAscendAndPass(t *testing.T) {
	last := ""
	for range 1000 {
		k := once.Ticket(now)
		if k <= last {
			t.Fatalf("%s after %s", k, last)
		}
		if err := (once.Key{Key: k}).Check(); err != nil {
			t.Fatal(fault.As(err).Code)
		}
		last = k
	}
}
