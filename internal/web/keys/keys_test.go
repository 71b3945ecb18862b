package keys_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
	"breakwater/internal/web/keys"
)

const district = "pla_d"

var (
	now    = time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC)
	first  = auth.Principal{ID: "acc_wang", Role: auth.Officer, Person: "per_wang", Scope: auth.District(district)}
	second = auth.Principal{ID: "acc_li", Role: auth.SecondOfficer, Person: "per_li", Scope: auth.District(district)}
)

// bench is the verb with what follows it in the test's hand.
type bench struct {
	*keys.Keys
	db    *storage.DB
	acts  *dual.Store
	dir   string // of the key file
	after error
	told  int
}

const other = "test.other" // an act of somebody else's

func both(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Helper()
	storagetest.Run(t, []storage.Module{once.Module(), eventlog.Module(), dual.Module()}, func(t *testing.T, db *storage.DB) {
		b := &bench{db: db, dir: filepath.Join(t.TempDir(), "keys")}
		ring, err := keyring.OpenFor(b.dir, "test", keyring.ES256)
		must(t, err)
		log, err := eventlog.New(db, ring, func() time.Time { return now }, "test")
		must(t, err)
		b.acts = dual.New(dual.Deps{Log: log, Ring: ring, Now: func() time.Time { return now }}, keys.Kind(),
			dual.Kind{Name: other, May: keys.MayTurn, Grants: keys.Grants()})
		b.Keys = keys.New(keys.Deps{
			DB: db, Ring: ring, Log: log, Acts: b.acts, Now: func() time.Time { return now }, District: district, Algorithm: keyring.ES256, Life: time.Hour,
			After: func(context.Context, bool) error { b.told++; return b.after },
		})
		fn(t, b)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) states() (out []string) {
	for _, k := range b.Ring.PublicKeys(now) {
		if k.Purpose == keyring.Credential {
			out = append(out, k.State)
		}
	}
	return out
}

// A turn that could not be carried through says how far it came: the key has turned
// and the rest is owed; or the log knows of a key that no file has.
func TestTurnSaysHowFar(t *testing.T) {
	lost := keys.TurnInput{Cause: keys.Lost, Reason: "备份盘遗失"}
	both(t, func(t *testing.T, b *bench) {
		b.after = fault.New(fault.Unavailable, "storage.full")
		kid, err := b.Turn(t.Context(), auth.Operator(), lost)
		if !fault.Is(err, "keys.unfinished") || fault.KindOf(err) != fault.Unavailable || !errors.Is(err, b.after) || kid == "" {
			t.Errorf("what follows failed: %q, %v", kid, err)
		}
		if got := b.states(); len(got) != 2 || got[0] != keyring.Revoked || got[1] != keyring.Current {
			t.Errorf("and the key did not turn: %v", got)
		}

		// The folder is gone from under the file: it cannot be written.
		must(t, os.RemoveAll(b.dir))
		must(t, os.WriteFile(b.dir, nil, 0o600))
		b.told = 0
		_, err = b.Turn(t.Context(), auth.Operator(), lost)
		if !fault.Is(err, "keys.unwritten") || b.told != 0 {
			t.Errorf("the file could not be written: %v, told %d", err, b.told)
		}
		if got := b.states(); len(got) != 2 || got[1] != keyring.Current {
			t.Errorf("and the ring is another: %v", got)
		}
	})
}

// The door of this act opens for no other: an act of another kind is not there, stays
// as it is, and turns no key, whatever its body says.
func TestConfirmAnotherKind(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		for subject, body := range map[string]any{
			"alike":   map[string]any{"cause": keys.Lost, "algorithm": keyring.ES256, "hours": 1},
			"another": map[string]any{"cause": []int{5}}, // which ours could not even be read from
		} {
			var id string
			must(t, b.db.Write(t.Context(), func(tx *storage.Tx) error {
				a, err := b.acts.Propose(tx, first, dual.Proposal{Kind: other, Subject: subject, Scope: []auth.Scope{auth.District(district)}, Body: body, Reason: "说明原因"})
				id = a.ID
				return err
			}))
			err := b.Confirm(t.Context(), second, id, once.Key{})
			if !fault.Is(err, "dual.unknown") || fault.KindOf(err) != fault.NotFound {
				t.Errorf("confirmed by the keys' door: %v", err)
			}
			must(t, b.db.Read(t.Context(), func(r storage.Reader) error {
				a, err := b.acts.Get(r, second, id)
				if err == nil && a.State != dual.Proposed {
					t.Errorf("the act is %s", a.State)
				}
				return err
			}))
		}
		if got := b.states(); len(got) != 1 || b.told != 0 {
			t.Errorf("keys %v, told %d", got, b.told)
		}
		// The control: its own kind goes through.
		id, err := b.Ask(t.Context(), first, keys.TurnInput{Cause: keys.Lost, Reason: "备份盘遗失"}, once.Key{})
		must(t, err)
		must(t, b.Confirm(t.Context(), second, id, once.Key{}))
		if got := b.states(); len(got) != 2 || b.told != 1 {
			t.Errorf("keys %v, told %d", got, b.told)
		}
	})
}
