package party_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// logged is a store of people with a log of facts beside it.
func logged(t *testing.T, db *storage.DB) (people, *eventlog.Log) {
	t.Helper()
	keys := ring(t)
	if err := db.Migrate(t.Context(), eventlog.Module(), party.Module()); err != nil {
		t.Fatal(err)
	}
	log, err := eventlog.New(db, keys, now.UTC, "test.invalid/log")
	if err != nil {
		t.Fatal(err)
	}
	return people{party.New(keys), t, db, t.Context()}, log
}

// told prints a person's facts, oldest first.
func told(t *testing.T, log *eventlog.Log, id party.ID) (out []string) {
	t.Helper()
	recs, err := log.Stream(t.Context(), party.Stream(id), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		var body party.RevealedBody
		if r.Body != nil {
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
		}
		out = append([]string{fmt.Sprintf("%s by %s: %q", r.Name, r.Actor, body.Reason)}, out...)
	}
	return out
}

func TestReveal(t *testing.T) {
	storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
		p, log := logged(t, db)
		who := worker(5)
		id, _ := p.ensure(who)
		who.ID = id
		got, err := p.Reveal(t.Context(), db, log, "acc_officer", id, " 核对  返甬人员身份 ")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(who, got); d != "" {
			t.Error(d)
		}
		for _, c := range []struct{ actor, id, reason, want string }{
			{"acc_officer", id, "", "invalid: party.reason_invalid [reason party.reason]"},
			{"acc_officer", id, "a \u200b  ", "invalid: party.reason_invalid [reason party.reason]"},
			{"acc_officer", id, strings.Repeat("因", 201), "invalid: party.reason_invalid [reason party.reason_long]"},
			{"", id, "a good reason", "unauthenticated: party.actor"},
			{"acc_officer", "per_none", "a good reason", "not_found: party.unknown"},
		} {
			got, err := p.Reveal(t.Context(), db, log, c.actor, c.id, c.reason)
			if said(err) != c.want || got != (party.Person{}) {
				t.Errorf("%q %q: %v and %+v, want %s and nobody", c.actor, c.reason, err, got, c.want)
			}
		}
		// Only the one who was answered left a trace; and the trace carries no particulars.
		if d := cmp.Diff([]string{`party.revealed by acc_officer: "核对 返甬人员身份"`}, told(t, log, id)); d != "" {
			t.Error(d)
		}
	})
}

// Nobody looks without a record: when the fact cannot be kept, nothing is shown.
func TestNoRevealWithoutItsFact(t *testing.T) {
	storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
		p, log := logged(t, db)
		id, _ := p.ensure(worker(5))
		db.BeforeCommit(func(*storage.Tx, []any) error { return fault.New(fault.Unavailable, "test.full") })
		got, err := p.Reveal(t.Context(), db, log, "acc_officer", id, "a good reason")
		if !fault.Is(err, "test.full") || got != (party.Person{}) {
			t.Errorf("shown %+v, %v", got, err)
		}
	})
}

func TestErase(t *testing.T) {
	storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
		p, log := logged(t, db)
		who, other := worker(5), worker(6)
		id, _ := p.ensure(who)
		stays, _ := p.ensure(other)
		if _, err := p.Reveal(t.Context(), db, log, "acc_officer", id, "a good reason"); err != nil {
			t.Fatal(err)
		}
		erase := func(id party.ID) string {
			return said(p.write(func(tx *storage.Tx) error { return p.Erase(tx, log, "acc_officer", id, "asked in writing", now) }))
		}
		if d := cmp.Diff([]string{"", "", "not_found: party.unknown"}, []string{erase(id), erase(id), erase("per_none")}); d != "" {
			t.Error(d)
		}
		// What was said about them is gone; that it was said stands, once each.
		if d := cmp.Diff([]string{`party.revealed by acc_officer: ""`, `party.erased by acc_officer: "asked in writing"`}, told(t, log, id)); d != "" {
			t.Error(d)
		}
		if _, err := p.Reveal(t.Context(), db, log, "acc_officer", id, "a good reason"); !fault.Is(err, "party.erased") {
			t.Error(err)
		}
		again, created := p.ensure(who)
		if !created || again == id {
			t.Errorf("filed again as %s, created %v: must be somebody new", again, created)
		}
		p.read(func(r storage.Reader) error {
			masked, err := p.Masked(r, id, stays)
			if err != nil {
				return err
			}
			if d := cmp.Diff(map[party.ID]party.MaskedPerson{id: {ID: id, Erased: true}, stays: party.Person{ID: stays, Name: other.Name, IDNumber: other.IDNumber, Phone: other.Phone}.Mask()}, masked); d != "" {
				t.Error(d)
			}
			open, err := p.Open(r, id)
			if err != nil || len(open) != 0 {
				t.Errorf("opened %v, %v", open, err)
			}
			found, err := p.FindPhone(r, who.Phone)
			if d := cmp.Diff([]party.ID{again}, found); d != "" {
				t.Error(d)
			}
			return err
		})
	})
}

// Erasing overwrites the sealed bytes where they lie: with the key ring in hand
// they cannot be found in the SQLite file any more. Before, they could.
func TestErasedBytesAreGone(t *testing.T) {
	target := storagetest.Target(t, storage.SQLite)
	db, err := storage.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	p, log := logged(t, db)
	var ids []party.ID
	for i := range 50 {
		id, _ := p.ensure(worker(i))
		ids = append(ids, id)
	}
	var sealed []byte
	p.read(func(r storage.Reader) error {
		return r.Row(`select sealed from party_person where id = $1`, ids[20]).Scan(&sealed)
	})
	onDisk := func() bool {
		t.Helper()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		settle(t, strings.TrimPrefix(target, "sqlite:"))
		b, err := os.ReadFile(strings.TrimPrefix(target, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		if db, err = storage.Open(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		db.BeforeCommit(func(*storage.Tx, []any) error { return nil })
		for part := range slices.Chunk(sealed, 16) { // a remnant would be enough to worry
			if bytes.Contains(b, part) {
				return true
			}
		}
		return false
	}
	if !onDisk() {
		t.Fatal("the sealed bytes are not in the file before the erasure: this test sees nothing")
	}
	if err := db.Write(t.Context(), func(tx *storage.Tx) error { return p.Erase(tx, log, "acc_officer", ids[20], "", now) }); err != nil {
		t.Fatal(err)
	}
	if onDisk() {
		t.Error("the sealed bytes outlived the erasure")
	}
	db.Close()
}

// settle moves a closed store's write-ahead log into its file, as the running
// server does from time to time.
func settle(t *testing.T, path string) {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), `pragma wal_checkpoint(truncate)`); err != nil {
		t.Fatal(err)
	}
}
