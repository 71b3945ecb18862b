package eventlog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

func TestProof(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		ring := ringOf(t)
		l := open(t, db, ring)
		verifier, err := note.NewVerifier(ring.LogVerifierKey(origin)) // the public line alone
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for i := range 3 {
			facts := make([]eventlog.Fact, 1+i*299)
			for j := range facts {
				facts[j] = about(fmt.Sprint("per_", j%7), j)
			}
			ids = append(ids, record(t, db, l, facts...)...)
			if p, err := l.Proof(t.Context(), ids[len(ids)-1]); err != nil || p.State != eventlog.Pending || eventlog.VerifyProof(p, verifier) == nil {
				t.Errorf("before a checkpoint: %+v, %v", p, err)
			}
			seal(t, l)
		}
		if _, err := l.Proof(t.Context(), "fct_none"); !fault.Is(err, "eventlog.no_fact") {
			t.Error(err)
		}
		for n, id := range ids {
			p, err := l.Proof(t.Context(), id)
			if err != nil || p.State != eventlog.Sealed || p.Seq != int64(n)+1 || p.Size != int64(len(ids)) {
				t.Fatalf("%+v, %v", p, err)
			}
			if err := eventlog.VerifyProof(p, verifier); err != nil {
				t.Fatal(n, err)
			}
			if n%101 != 0 {
				continue
			}
			// The JSON form holds as well, and every alteration of it fails.
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			for name, alter := range map[string]func(p *eventlog.Proof){
				"nothing":    func(*eventlog.Proof) {},
				"no record":  func(p *eventlog.Proof) { p.Record = nil },
				"seq":        func(p *eventlog.Proof) { p.Seq++ },
				"size":       func(p *eventlog.Proof) { p.Size++ },
				"id":         func(p *eventlog.Proof) { p.ID = "fct_other" },
				"leaf":       func(p *eventlog.Proof) { p.Leaf[0] ^= 1 },
				"hash":       func(p *eventlog.Proof) { p.Hashes[0][5] ^= 1 },
				"hash less":  func(p *eventlog.Proof) { p.Hashes = p.Hashes[1:] },
				"record":     func(p *eventlog.Proof) { p.Record[len(p.Record)-1] ^= 1 },
				"checkpoint": func(p *eventlog.Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n9", "\n8", 1) },
				"pending":    func(p *eventlog.Proof) { p.State = eventlog.Pending },
				"empty":      func(p *eventlog.Proof) { *p = eventlog.Proof{State: eventlog.Sealed} },
			} {
				var q eventlog.Proof
				if err := json.Unmarshal(text, &q); err != nil {
					t.Fatal(err)
				}
				alter(&q)
				err := eventlog.VerifyProof(q, verifier)
				if good := name == "nothing" || name == "no record"; good != (err == nil) || err != nil && !fault.Is(err, "eventlog.proof_false") {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}

func TestCheckpointsOnlyGrow(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		empty := seal(t, l)
		if !strings.HasPrefix(string(empty), origin+"\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— "+origin+" ") {
			t.Errorf("checkpoint of an empty log: %s", empty)
		}
		record(t, db, l, filed("a", 1))
		first := seal(t, l)
		if d := cmp.Diff(string(first), string(seal(t, l))); d != "" {
			t.Error("a second one over the same facts:", d)
		}
		record(t, db, l, filed("a", 2))
		second := seal(t, l)
		for _, c := range [][]byte{empty, first, second} {
			if err := l.Consistent(t.Context(), c); err != nil {
				t.Error(err)
			}
			if rep, err := l.Verify(t.Context(), c); err != nil || !rep.OK {
				t.Error(err, rep)
			}
		}
		// A tree that contradicts the last checkpoint is never signed.
		spoil(t, db, `update eventlog_head set size = 1, root = (select substr(hashes, 33, 32) from eventlog_tile)`)
		if _, err := l.Checkpoint(t.Context()); !fault.Is(err, "eventlog.damaged") {
			t.Error(err)
		}
		if err := l.Consistent(t.Context(), second); !fault.Is(err, "eventlog.shorter") {
			t.Error(err)
		}
		if err := l.Consistent(t.Context(), first); !fault.Is(err, "eventlog.another_history") {
			t.Error(err)
		}
		if err := l.Consistent(t.Context(), []byte("x")); !fault.Is(err, "eventlog.checkpoint_false") {
			t.Error(err)
		}
	})
}

func TestErase(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		record(t, db, l, about("per_gone", 1), about("per_stays", 2), filed("a", 3))
		record(t, db, l, about("per_gone", 4))
		before := seal(t, l)
		// In one batch: erased, and recorded again by a later verb.
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := l.Erase(tx, "per_gone"); err != nil {
				return err
			}
			_, err := l.Append(tx, about("per_gone", 5))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		spoilWith(t, db, func(tx *storage.Tx) error { return l.Erase(tx, "per_unknown") }) // nothing happens
		spoilWith(t, db, func(tx *storage.Tx) error {                                      // rolled back: not erased
			if err := l.Erase(tx, "per_stays"); err != nil {
				return err
			}
			return errRefused
		})
		record(t, db, l, about("per_stays", 6))
		after := seal(t, l)

		type line struct {
			Name, Subject, Body string
			Erased              bool
		}
		var got []line
		for _, r := range since(t, l, 0) {
			body := string(r.Body)
			if r.Name == "eventlog.erased" {
				if strings.Contains(body+r.Stream, "per_") {
					t.Errorf("the erasure names the person: %+v", r)
				}
				body = "…"
			}
			got = append(got, line{r.Name, r.Subject, body, r.Erased})
		}
		want := []line{
			{"gate.passed", "", "", true},
			{"gate.passed", "per_stays", `{"n":2}`, false},
			{"workresume.filed", "", `{"n":3}`, false},
			{"gate.passed", "", "", true},
			{"eventlog.erased", "", "…", false},
			{"gate.passed", "per_gone", `{"n":5}`, false},
			{"gate.passed", "per_stays", `{"n":6}`, false},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		for _, c := range [][]byte{before, after} {
			if rep, err := l.Verify(t.Context(), c); err != nil || !rep.OK {
				t.Error("the tree does not stand:", err, rep)
			}
		}
	})
}

// TestErasedElsewhere: another node's memory must not seal under a destroyed key.
func TestErasedElsewhere(t *testing.T) {
	target := storagetest.Target(t, storage.Postgres)
	ring := ringOf(t)
	var logs [2]*eventlog.Log
	var dbs [2]*storage.DB
	for i := range logs {
		db, err := storage.Open(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		if err := db.Migrate(t.Context(), mods...); err != nil {
			t.Fatal(err)
		}
		dbs[i], logs[i] = db, open(t, db, ring)
	}
	record(t, dbs[0], logs[0], about("per_1", 1)) // node 0 now knows the key
	spoilWith(t, dbs[1], func(tx *storage.Tx) error { return logs[1].Erase(tx, "per_1") })
	record(t, dbs[0], logs[0], about("per_1", 2))
	record(t, dbs[1], logs[1], about("per_1", 3))
	seal(t, logs[0])
	var got []string
	for _, r := range since(t, logs[1], 0) {
		if r.Name == "gate.passed" {
			got = append(got, string(r.Body))
		}
	}
	if d := cmp.Diff([]string{"", `{"n":2}`, `{"n":3}`}, got); d != "" {
		t.Error(d)
	}
}

// TestNothingReadableInTheFile looks for a person's data in the bytes on disk.
func TestNothingReadableInTheFile(t *testing.T) {
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), mods...); err != nil {
		t.Fatal(err)
	}
	l := open(t, db, ringOf(t))
	record(t, db, l, eventlog.Fact{Stream: "gate:g1", Name: "gate.passed", Actor: "acc_1", Subject: "per_1", Body: map[string]string{"name": "SECRETNAME"}},
		eventlog.Fact{Stream: "gate:g1", Name: "gate.opened", Actor: "acc_1", Body: map[string]string{"name": "PUBLICNAME"}})
	db.Close()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	if strings.Contains(all.String(), "SECRETNAME") || !strings.Contains(all.String(), "PUBLICNAME") {
		t.Error("a sealed body is readable, or the control is not found")
	}
}

func spoilWith(t *testing.T, db *storage.DB, fn storage.WriteFunc) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil && !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
}

// TestRunSealsAndSigns: with Run alone a fact gets its place and a checkpoint
// over it. The delay is logged; the aim is a second for the place.
func TestRunSealsAndSigns(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		l := open(t, db, ringOf(t))
		background(t, l.Run)
		for range 2 {
			began := time.Now()
			id := record(t, db, l, filed("a", 1))[0]
			size, _, err := l.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, "a place", func() bool {
				recs := since(t, l, 0)
				return len(recs) > 0 && recs[len(recs)-1].ID == id
			})
			placed := time.Since(began)
			eventually(t, "a checkpoint", func() bool {
				p, err := l.Proof(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				return p.State == eventlog.Sealed
			})
			t.Logf("head %d; placed after %v, signed after %v", size, placed, time.Since(began))
		}
	})
}
