package app

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/webtest"
)

// head is a checkpoint as a stranger keeps it: what the signed text says, and no more.
type head struct {
	size int64
	root tlog.Hash
}

// TestConsistencyByAStranger asks over HTTP for a checkpoint, for a later one and for
// the proof between them, and checks all three with the public key and the published
// libraries alone. Nothing of this program judges; each altered proof must fail.
func TestConsistencyByAStranger(t *testing.T) {
	s := newStreet(t)
	c := s.as(auth.Auditor)
	older, key := s.head(c)
	for range 3 { // the log grows; a proof between two sizes is never empty
		s.as(auth.Worker)
	}
	newer, same := s.head(c)
	if newer.size <= older.size || key != same {
		t.Fatalf("%d facts, then %d; keys %q, %q", older.size, newer.size, key, same)
	}

	var got struct {
		From, To int64
		Hashes   []string
		Key      string
	}
	sizes := "?from=" + strconv.FormatInt(older.size, 10) + "&to=" + strconv.FormatInt(newer.size, 10)
	c.JSON("GET", "/api/v1/log/consistency"+sizes, "", nil).Want(t, http.StatusOK).Decode(t, &got)
	proof := make(tlog.TreeProof, len(got.Hashes))
	for i, text := range got.Hashes {
		proof[i] = hashOf(t, text)
	}
	if got.From != older.size || got.To != newer.size || got.Key != key || len(proof) == 0 {
		t.Fatalf("%+v", got)
	}
	check := func(p tlog.TreeProof, a, b head) error { return tlog.CheckTree(p, b.size, b.root, a.size, a.root) }
	if err := check(proof, older, newer); err != nil {
		t.Fatalf("%d to %d facts: %v", older.size, newer.size, err)
	}

	// The negative control: one bit of any hash, a hash less, or another root.
	for i := range proof {
		bad := append(tlog.TreeProof{}, proof...)
		bad[i][i%tlog.HashSize] ^= 1
		if check(bad, older, newer) == nil {
			t.Errorf("hash %d of %d was altered and the proof held", i, len(proof))
		}
	}
	rewritten := older
	rewritten.root[0] ^= 1
	for name, err := range map[string]error{
		"a hash less": check(proof[1:], older, newer), "no hash": check(nil, older, newer),
		"another past": check(proof, rewritten, newer), "another present": check(proof, older, head{newer.size, rewritten.root}),
	} {
		if err == nil {
			t.Errorf("%s: the proof held", name)
		}
	}
}

// head is the log's last checkpoint over HTTP, its signature checked with the key that
// came along, and that key.
func (s *street) head(c *webtest.Caller) (h head, key string) {
	s.t.Helper()
	var got struct{ Checkpoint, Key string }
	c.JSON("GET", "/api/v1/log/checkpoint", "", nil).Want(s.t, http.StatusOK).Decode(s.t, &got)
	verifier, err := note.NewVerifier(got.Key)
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := note.Open([]byte(got.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		s.t.Fatal(err)
	}
	lines := strings.Split(signed.Text, "\n") // origin, size, root
	if h.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		s.t.Fatal(err)
	}
	h.root = hashOf(s.t, lines[2])
	return h, got.Key
}

func hashOf(t *testing.T, text string) (h tlog.Hash) {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != tlog.HashSize {
		t.Fatalf("%q is no hash: %v", text, err)
	}
	return tlog.Hash(b)
}
