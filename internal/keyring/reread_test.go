package keyring_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/keyring"
)

// Two nodes share one file: what one writes the other reads, and never writes away.
func TestTwoNodes(t *testing.T) {
	dir := t.TempDir()
	a := must(keyring.Open(dir, "store"))(t)
	b := must(keyring.Load(dir, "store"))(t)
	reread := func(r *keyring.Ring, wantChanged, wantLost bool) {
		t.Helper()
		changed, lost, err := r.Reread()
		if err != nil || changed != wantChanged || lost != wantLost {
			t.Errorf("changed %v, lost %v, %v", changed, lost, err)
		}
	}
	reread(b, false, false)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	if err := turn(t, a, keyring.ES256, keyring.Turn{Now: start, From: start, Until: hour(10)}); err != nil {
		t.Fatal(err)
	}
	if err := b.AddSealingKey(); err != nil { // of a node that has not read the new key
		t.Fatal(err)
	}
	if got := states(b, hour(1)); got != "past current" {
		t.Errorf("after its own change the other node has %s", got)
	}
	reread(a, true, false)
	sealed := must(b.Seal([]byte("name"), nil))(t)
	if _, err := a.Open(sealed, nil); err != nil {
		t.Errorf("sealed by the other node: %v", err)
	}
	if err := turn(t, b, keyring.ES256, keyring.Turn{Now: hour(2), From: hour(2), Until: hour(10), Lost: true}); err != nil {
		t.Fatal(err)
	}
	reread(a, true, true)
	reread(a, false, false)
	if got, want := states(a, hour(2)), states(b, hour(2)); got != want {
		t.Errorf("%s, and the other node has %s", got, want)
	}
}

// Nodes that change the file in the same moment lose nothing of each other.
func TestNodesTogether(t *testing.T) {
	dir := t.TempDir()
	first := must(keyring.Open(dir, "store"))(t)
	var all sync.WaitGroup
	for range 8 {
		node := must(keyring.Load(dir, "store"))(t)
		fresh := must(keyring.NewSigner(keyring.Credential, keyring.ES256))(t)
		all.Go(func() {
			if err := node.Rotate(fresh, keyring.Turn{Now: start, From: start, Until: start, Lost: true}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, _, err := first.Reread(); err != nil {
		t.Fatal(err)
	}
	if n := len(first.PublicKeys(start)); n != 9 {
		t.Errorf("%d of 9 keys", n)
	}
}

// A file that cannot be read changes nothing.
func TestRereadOfDamage(t *testing.T) {
	dir := t.TempDir()
	r := must(keyring.Open(dir, "store"))(t)
	path := filepath.Join(dir, "store.json")
	whole := must(os.ReadFile(path))(t)
	other := t.TempDir()
	must(keyring.Open(other, "store"))(t)
	strange := must(os.ReadFile(filepath.Join(other, "store.json")))(t)
	for _, x := range []struct {
		name, want string
		data       []byte
	}{
		{"half", "keyring.damaged", whole[:len(whole)/2]},
		{"another ring's", "keyring.exists", strange},
	} {
		if err := os.WriteFile(path, x.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if changed, _, err := r.Reread(); changed || !fault.Is(err, x.want) {
			t.Errorf("%s: %v, %v", x.name, changed, err)
		}
		if err := r.AddSealingKey(); !fault.Is(err, x.want) {
			t.Errorf("%s was written over: %v", x.name, err)
		}
	}
	if _, err := r.Seal([]byte("x"), nil); err != nil {
		t.Error(err)
	}
}
