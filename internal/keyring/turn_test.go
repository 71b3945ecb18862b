package keyring_test

import (
	"crypto/elliptic"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/keyring"
)

var start = time.Date(2020, 3, 2, 4, 0, 0, 0, time.UTC)

// states are the ring's keys at a moment, oldest first.
func states(r *keyring.Ring, at time.Time) string {
	var out []string
	for _, k := range r.PublicKeys(at) {
		out = append(out, k.State)
	}
	return strings.Join(out, " ")
}

func turn(t *testing.T, r *keyring.Ring, algorithm string, x keyring.Turn) error {
	t.Helper()
	return r.Rotate(must(keyring.NewSigner(keyring.Credential, algorithm))(t), x)
}

// A new key is listed before it signs, the old one's signatures hold until they
// have run out, and its private half is gone as soon as nobody needs it.
func TestOverlap(t *testing.T) {
	dir := t.TempDir()
	r := must(keyring.Open(dir, "store"))(t)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	if err := turn(t, r, keyring.ES256, keyring.Turn{Now: start, From: hour(24), Until: hour(100)}); err != nil {
		t.Fatal(err)
	}
	if err := turn(t, r, keyring.ES256, keyring.Turn{Now: hour(1), From: hour(2), Until: hour(3)}); !fault.Is(err, "keyring.turning") {
		t.Errorf("a second turn while one is under way: %v", err)
	}
	check := func(r *keyring.Ring) {
		t.Helper()
		var got []string
		for _, at := range []int{0, 23, 24, 99, 100} {
			got = append(got, states(r, hour(at)))
		}
		want := []string{"current next", "current next", "past current", "past current", "ended current"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	check(r)
	check(must(keyring.Load(dir, "store"))(t))
	old, _ := r.Signer(keyring.Credential, hour(23))
	young, _ := r.Signer(keyring.Credential, hour(24))
	if string(old) == string(young) {
		t.Error("the same key signs after the turn")
	}
	if again, _ := r.Signer(keyring.Credential, start.AddDate(-1, 0, 0)); string(again) != string(old) {
		t.Error("with the clock in the past, another key than the oldest signs")
	}
	if err := r.Tidy(hour(23)); err != nil {
		t.Fatal(err)
	}
	check(r)
	if err := r.Tidy(hour(24)); err != nil {
		t.Fatal(err)
	}
	if kid, _ := must(keyring.Load(dir, "store"))(t).Signer(keyring.Credential, hour(23)); string(kid) != string(young) {
		t.Error("the private half of the old key is still there")
	}
}

// Lost keys end at once, the one that waited for its time too.
func TestLostKeys(t *testing.T) {
	r := must(keyring.New())(t)
	if err := turn(t, r, keyring.ES256, keyring.Turn{Now: start, From: start.Add(time.Hour), Until: start.Add(9 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := turn(t, r, keyring.ES256, keyring.Turn{Now: start, From: start, Lost: true}); err != nil {
		t.Fatal(err)
	}
	if got := states(r, start); got != "revoked revoked current" {
		t.Error(got)
	}
	if got := states(r, start.AddDate(1, 0, 0)); got != "revoked revoked current" {
		t.Error(got)
	}
}

func TestAlgorithms(t *testing.T) {
	dir := t.TempDir()
	r := must(keyring.OpenFor(dir, "store", keyring.SM2))(t)
	if _, key := r.Signer(keyring.Credential, start); key.Curve != sm2.P256() {
		t.Error("not on SM2's curve")
	}
	if err := turn(t, r, keyring.ES256, keyring.Turn{Now: start, From: start, Until: start.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	again := must(keyring.Load(dir, "store"))(t)
	if _, key := again.Signer(keyring.Credential, start); key.Curve != elliptic.P256() {
		t.Error("not on P-256")
	}
	var got []string
	for _, k := range again.PublicKeys(start) {
		got = append(got, fmt.Sprint(k.Algorithm, " ", k.State))
	}
	if d := cmp.Diff([]string{"SM2 past", "ES256 current"}, got); d != "" {
		t.Error(d)
	}
	if _, err := keyring.NewSigner(keyring.Credential, "RS256"); !fault.Is(err, "keyring.algorithm") {
		t.Error(err)
	}
}
