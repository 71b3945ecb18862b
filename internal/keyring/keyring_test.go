package keyring_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"breakwater/internal/fault"
	"breakwater/internal/keyring"
)

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestSealedValueOpensOnlyInItsPlace(t *testing.T) {
	r := must(keyring.New())(t)
	sealed := must(r.Seal([]byte("李娜"), []byte("party_person.name:per_1")))(t)
	if got := must(r.Open(sealed, []byte("party_person.name:per_1")))(t); string(got) != "李娜" {
		t.Errorf("opened %q", got)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	other := must(keyring.New())(t)
	for name, open := range map[string]func() ([]byte, error){
		"another place": func() ([]byte, error) { return r.Open(sealed, []byte("party_person.name:per_2")) },
		"altered":       func() ([]byte, error) { return r.Open(altered, []byte("party_person.name:per_1")) },
		"empty":         func() ([]byte, error) { return r.Open(nil, []byte("party_person.name:per_1")) },
		"another ring":  func() ([]byte, error) { return other.Open(sealed, []byte("party_person.name:per_1")) },
	} {
		if _, err := open(); !fault.Is(err, "keyring.cannot_open") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHashSeparatesDomainsAndRings(t *testing.T) {
	r := must(keyring.New())(t)
	a := r.Hash("party.number", "330203199001011234")
	if len(a) != 16 || !bytes.Equal(a, r.Hash("party.number", "330203199001011234")) {
		t.Fatalf("hash %x is not 16 stable bytes", a)
	}
	seen := map[string]string{string(a): "first"}
	other := must(keyring.New())(t)
	for name, h := range map[string][]byte{
		"other text":   r.Hash("party.number", "330203199001011235"),
		"other domain": r.Hash("party.phone", "330203199001011234"),
		"shifted":      r.Hash("party.number3", "30203199001011234"),
		"other ring":   other.Hash("party.number", "330203199001011234"),
	} {
		if was, ok := seen[string(h)]; ok {
			t.Errorf("%s hashes as %s", name, was)
		}
		seen[string(h)] = name
	}
}

func TestRotationKeepsOldValuesReadable(t *testing.T) {
	dir := t.TempDir()
	r := must(keyring.Open(dir, "store"))(t)
	print1 := r.Fingerprint()
	old := must(r.Seal([]byte("before"), nil))(t)
	if err := r.AddSealingKey(); err != nil {
		t.Fatal(err)
	}
	young := must(r.Seal([]byte("after"), nil))(t)
	if bytes.Equal(old[:5], young[:5]) {
		t.Error("still sealing with the old key")
	}
	now := time.Now()
	kid1, _ := r.Signer(keyring.Credential, now)
	next := must(keyring.NewSigner(keyring.Credential, keyring.ES256))(t)
	if err := r.Rotate(next, keyring.Turn{Now: now, From: now, Until: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for name, ring := range map[string]*keyring.Ring{"same": r, "opened again": must(keyring.Load(dir, "store"))(t)} {
		for want, sealed := range map[string][]byte{"before": old, "after": young} {
			if got := must(ring.Open(sealed, nil))(t); string(got) != want {
				t.Errorf("%s: opened %q, want %q", name, got, want)
			}
		}
		if ring.Fingerprint() != print1 {
			t.Errorf("%s: another fingerprint", name)
		}
		kid2, key := ring.Signer(keyring.Credential, now)
		keys := ring.PublicKeys(now)
		if len(keys) != 2 || keys[0].State != keyring.Past || keys[1].State != keyring.Current || !bytes.Equal(kid2, next.Kid) || !bytes.Equal(keys[0].Kid, kid1) || !bytes.Equal(keys[1].Kid, kid2) {
			t.Errorf("%s: keys listed %+v", name, keys)
		}
		sum := sha256.Sum256([]byte("claims"))
		sig := must(ecdsa.SignASN1(rand.Reader, key, sum[:]))(t)
		if !ecdsa.VerifyASN1(keys[1].Key, sum[:], sig) {
			t.Errorf("%s: the listed key does not verify", name)
		}
	}
}

func TestLogSignerSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	signer, _ := must(keyring.Open(dir, "store"))(t).LogSigner("nbhtz.breakwater")
	text := must(note.Sign(&note.Note{Text: "nbhtz.breakwater\n1\nAAAA\n"}, signer))(t)
	again := must(keyring.Open(dir, "store"))(t)
	_, verifier := again.LogSigner("nbhtz.breakwater")
	if _, err := note.Open(text, note.VerifierList(verifier)); err != nil {
		t.Error(err)
	}
	public := must(note.NewVerifier(again.LogVerifierKey("nbhtz.breakwater")))(t)
	if _, err := note.Open(text, note.VerifierList(public)); err != nil {
		t.Error("by the public line:", err)
	}
	if _, err := note.Open(bytes.Replace(text, []byte("\n1\n"), []byte("\n2\n"), 1), note.VerifierList(public)); err == nil {
		t.Error("an altered checkpoint passed")
	}
}

func TestFile(t *testing.T) {
	path := func(dir string) string { return filepath.Join(dir, "store.json") }
	flip := func(from, to string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			b := must(os.ReadFile(path(dir)))(t)
			if !bytes.Contains(b, []byte(from)) {
				t.Fatalf("no %q in the file", from)
			}
			if err := os.WriteFile(path(dir), bytes.Replace(b, []byte(from), []byte(to), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		code  string
	}{
		"whole":      {func(*testing.T, string) {}, ""},
		"gone":       {func(t *testing.T, dir string) { os.Remove(path(dir)) }, "keyring.missing"},
		"empty":      {func(t *testing.T, dir string) { os.Truncate(path(dir), 0) }, "keyring.damaged"},
		"half":       {func(t *testing.T, dir string) { os.Truncate(path(dir), 300) }, "keyring.damaged"},
		"altered":    {flip(`"purpose": "credential"`, `"purpose": "something"`), "keyring.damaged"},
		"new format": {flip(`"format": 1`, `"format": 9`), "keyring.damaged"},
		"for all":    {func(t *testing.T, dir string) { os.Chmod(path(dir), 0o644) }, "keyring.open_to_others"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keys")
			must(keyring.Open(dir, "store"))(t)
			if info := must(os.Stat(path(dir)))(t); info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v", info.Mode())
			}
			c.spoil(t, dir)
			_, err := keyring.Load(dir, "store")
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("got %v, want %q", err, c.code)
			}
			if left := must(filepath.Glob(filepath.Join(dir, ".keys-*")))(t); len(left) > 0 {
				t.Errorf("left behind %v", left)
			}
		})
	}
	if _, err := keyring.Open(t.TempDir(), "../escape"); !fault.Is(err, "keyring.name") {
		t.Error("a store's name left the folder:", err)
	}
}

func TestExportImport(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "keys")
	r := must(keyring.Open(from, "a"))(t)
	sealed := must(r.Seal([]byte("x"), nil))(t)
	data := must(r.Export())(t)
	for range 2 { // the second time changes nothing
		if err := keyring.Import(to, "b", data); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(must(keyring.Load(to, "b"))(t).Open(sealed, nil))(t); string(got) != "x" {
		t.Errorf("opened %q", got)
	}
	must(keyring.Open(to, "c"))(t)
	if err := keyring.Import(to, "c", data); !fault.Is(err, "keyring.exists") {
		t.Error("replaced another store's keys:", err)
	}
	if err := keyring.Import(to, "d", data[:100]); !fault.Is(err, "keyring.damaged") {
		t.Error("took half a ring:", err)
	}
}

func TestNeverPrinted(t *testing.T) {
	r := must(keyring.New())(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, r); !strings.HasPrefix(got, "keyring ") || len(got) > 48 {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

func BenchmarkSealOpen(b *testing.B) {
	r, err := keyring.New()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, _ := r.Seal([]byte("330203199001011234"), []byte("party_person.number:per_1"))
		if _, err := r.Open(s, []byte("party_person.number:per_1")); err != nil {
			b.Fatal(err)
		}
	}
}
