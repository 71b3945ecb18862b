package eventlog_test

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// Any two checkpoints that were kept are joined by a proof which holds by the public
// line alone, and which no alteration survives.
func TestConsistency(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		ring := ringOf(t)
		l := open(t, db, ring)
		verifier, err := note.NewVerifier(ring.LogVerifierKey(origin))
		if err != nil {
			t.Fatal(err)
		}
		empty := seal(t, l)
		var kept [][]byte
		for _, n := range []int{1, 1, 5, 248, 1, 45, 300} { // over the edge of a tile
			facts := make([]eventlog.Fact, n)
			for i := range facts {
				facts[i] = filed("a", i)
			}
			record(t, db, l, facts...)
			kept = append(kept, seal(t, l))
		}
		for i, older := range kept {
			for j, newer := range kept[i:] {
				p, err := l.Between(t.Context(), older, newer)
				if err != nil {
					t.Fatal(i, j, err)
				}
				if err := eventlog.VerifyConsistency(p, older, newer, verifier); err != nil {
					t.Errorf("%d to %d: %v", p.From, p.To, err)
				}
				if swapped, err := l.Between(t.Context(), newer, older); err != nil || swapped.From != p.From {
					t.Errorf("the other way round: %+v, %v", swapped, err)
				}
			}
		}
		older, last := kept[2], kept[len(kept)-1]
		p, err := l.Between(t.Context(), older, nil)
		if err != nil || p.To != 601 || p.From != 7 {
			t.Fatalf("%+v, %v", p, err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		for name, alter := range map[string]func(p *eventlog.Consistency) (a, b []byte){
			"nothing":       func(*eventlog.Consistency) (a, b []byte) { return older, last },
			"own":           func(*eventlog.Consistency) (a, b []byte) { return older, nil },
			"from":          func(p *eventlog.Consistency) (a, b []byte) { p.From++; return older, last },
			"to":            func(p *eventlog.Consistency) (a, b []byte) { p.To--; return older, last },
			"hash":          func(p *eventlog.Consistency) (a, b []byte) { p.Hashes[1][0] ^= 1; return older, last },
			"hash less":     func(p *eventlog.Consistency) (a, b []byte) { p.Hashes = p.Hashes[1:]; return older, last },
			"no hash":       func(p *eventlog.Consistency) (a, b []byte) { p.Hashes = nil; return older, last },
			"another older": func(*eventlog.Consistency) (a, b []byte) { return kept[3], last },
			"another newer": func(*eventlog.Consistency) (a, b []byte) { return older, kept[4] },
			"altered older": func(*eventlog.Consistency) (a, b []byte) {
				return []byte(strings.Replace(string(older), "\n7\n", "\n8\n", 1)), last
			},
			"no older": func(*eventlog.Consistency) (a, b []byte) { return nil, last },
		} {
			var q eventlog.Consistency
			if err := json.Unmarshal(text, &q); err != nil {
				t.Fatal(err)
			}
			a, b := alter(&q)
			if err := eventlog.VerifyConsistency(q, a, b, verifier); (err == nil) != (name == "nothing" || name == "own") {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, x := range []struct {
			from, to int64
			code     string
		}{{0, 1, "eventlog.sizes"}, {2, 1, "eventlog.sizes"}, {1, -1, "eventlog.sizes"}, {602, 0, "eventlog.not_so_long"}, {1, 602, "eventlog.not_so_long"}} {
			if _, err := l.Consistency(t.Context(), x.from, x.to); !fault.Is(err, x.code) {
				t.Errorf("%d to %d: %v", x.from, x.to, err)
			}
		}
		if _, err := l.Between(t.Context(), empty, last); !fault.Is(err, "eventlog.sizes") {
			t.Error(err)
		}
		if _, err := l.Between(t.Context(), []byte("x"), last); !fault.Is(err, "eventlog.checkpoint_false") {
			t.Error(err)
		}
	})
}

// A log that was rewritten after somebody kept a checkpoint has no proof to give.
func TestConsistencyOfARewrittenLog(t *testing.T) {
	ring := ringOf(t)
	one := storagetest.Open(t, storage.SQLite, mods...)
	l := open(t, one, ring)
	record(t, one, l, filed("a", 1), filed("a", 2))
	older := seal(t, l)
	two := storagetest.Open(t, storage.SQLite, mods...)
	rewritten := open(t, two, ring)
	record(t, two, rewritten, filed("a", 1), filed("a", 7), filed("a", 3))
	newer := seal(t, rewritten)
	if _, err := rewritten.Between(t.Context(), older, newer); !fault.Is(err, "eventlog.consistency_false") {
		t.Error(err)
	}
	// A tree that contradicts the signed root is found before anything is given.
	spoil(t, two, `update eventlog_tile set hashes = (select substr(hashes, 33, 32) || substr(hashes, 33, 32) || substr(hashes, 65) from eventlog_tile)`)
	if _, err := rewritten.Consistency(t.Context(), 1, 0); !fault.Is(err, "eventlog.damaged") {
		t.Error(err)
	}
}

// FuzzConsistency takes a proof and a checkpoint from a stranger.
func FuzzConsistency(f *testing.F) {
	_, verifier := ringOf(f).LogSigner(origin)
	f.Add([]byte(`{"from":1,"to":2,"hashes":[],"checkpoint":""}`), []byte(origin+"\n1\nAAAA\n\n— x AAAA\n"))
	f.Fuzz(func(t *testing.T, proof, older []byte) {
		var p eventlog.Consistency
		if json.Unmarshal(proof, &p) != nil {
			return
		}
		if eventlog.VerifyConsistency(p, older, nil, verifier) == nil {
			t.Fatal("accepted what nobody signed")
		}
	})
}
