package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/draw"
)

// A citizen with a file: it holds, whose place it was, and every way in which it may not.
func TestDrawReplay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draws := func(words ...string) said { return s.feed("", append([]string{"draw"}, words...)...) } // no store
	l := &draw.List{ID: "drw_1", Title: "Masks 口罩", Frozen: time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC), Pots: []draw.Pot{{Name: "Gulou", Places: 2, Reserve: 1}}}
	for n := range 9 {
		l.Pots[0].Entries = append(l.Pots[0].Entries, fmt.Sprintf("E%d", n))
	}
	var secrets [][]byte
	for _, name := range []string{"王明", "Li Na", "Zhao"} {
		commitment, secret := committed(t, draws("commit", "drw_1", name).exit(0).out)
		secrets = append(secrets, secret)
		l.Seed.Witnesses = append(l.Seed.Witnesses, draw.Witness{Name: name, Commitment: [32]byte(commitment)})
	}
	var list, text bytes.Buffer
	hash, err := l.Freeze(&list)
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Draw(hash, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(&text); err != nil {
		t.Fatal(err)
	}
	s.write("draw.txt", text.Bytes())
	first := d.Drawn[0][0]
	draws("replay", s.path("draw.txt"), "--won", first).exit(0).has("The draw holds").has(first + " was drawn at place 1").has(hex.EncodeToString(hash[:]))
	draws("replay", s.path("draw.txt"), "--won", "nobody").exit(0).has("nobody was not drawn")
	var got replayed
	draws("replay", s.path("draw.txt"), "--json").exit(0).json(&got)
	if !got.OK || got.Entries != 9 || got.Drawn != 3 || got.List != hex.EncodeToString(hash[:]) {
		t.Errorf("%+v", got)
	}
	s.write("frozen.txt", list.Bytes())
	draws("replay", s.path("frozen.txt")).exit(1).has("not drawn yet")
	s.write("other.txt", bytes.Replace(text.Bytes(), []byte("drawn: 3 Gulou\n"+first), []byte("drawn: 3 Gulou\nE9"), 1))
	draws("replay", s.path("other.txt"), "--json").exit(1).json(&got)
	if got.OK || got.Code != "draw.differs" {
		t.Errorf("another winner: %+v", got)
	}
	s.write("photo.jpg", []byte{0xff, 0xd8, 0xff})
	draws("replay", s.path("photo.jpg")).exit(1).has("This is no draw")
	draws("replay", s.path("missing.txt")).exit(1)
}

// committed takes a witness's commitment and secret from what was printed.
func committed(t *testing.T, said string) (commitment, secret []byte) {
	t.Helper()
	var found [][]byte
	for _, w := range strings.Fields(said) {
		if b, err := hex.DecodeString(w); err == nil && len(b) == 32 {
			found = append(found, b)
		}
	}
	if len(found) != 2 {
		t.Fatalf("no commitment and secret in %q", said)
	}
	return found[0], found[1]
}
