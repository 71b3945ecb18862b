package auth

import (
	"context"
	"strings"
	"testing"

	"breakwater/internal/fault"
)

func TestPassword(t *testing.T) {
	h := newHasher(2, 8, owasp)
	stored, err := h.hash(t.Context(), "tide and ｈarbour")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored as %s", stored)
	}
	for password, want := range map[string]bool{
		"tide and harbour": true, // full width is the same password
		"tide and harbor":  false, "": false, strings.Repeat("x", 10_000): false,
	} {
		if got, err := h.verify(t.Context(), stored, password); got != want || err != nil {
			t.Errorf("%.20q: %v %v", password, got, err)
		}
	}
	// Forms that are no password, or would cost too much, are wrong at the usual price.
	for _, form := range []string{"", "x", "$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAA$" + strings.Repeat("A", 43), "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", h.dummy} {
		before := h.done.Load()
		if ok, err := h.verify(t.Context(), form, ""); ok || err != nil || h.done.Load() != before+1 {
			t.Errorf("%.30q: %v %v, %d hashes", form, ok, err, h.done.Load()-before)
		}
	}
}

func TestPasswordsTakeTurns(t *testing.T) {
	h := newHasher(1, 2, cheap)
	h.turns <- struct{}{} // somebody is at it
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.hash(gone, "x")
	wantCode(t, err, fault.Busy, "auth.busy")
	h.waiting.Store(2)
	_, err = h.hash(t.Context(), "x")
	wantCode(t, err, fault.Busy, "auth.busy")
	if n := h.waiting.Load(); n != 2 {
		t.Errorf("%d wait", n)
	}
	if h.done.Load() != 0 {
		t.Error("hashed out of turn")
	}
}

func TestGoodPassword(t *testing.T) {
	for password, want := range map[string]string{
		good: "", "定波是一座海堤护着我们": "", "short": "auth.password_short", "短": "auth.password_short",
		strings.Repeat("ab c", 100): "auth.password_long", "1234567890": "auth.password_easy", "9876543210": "auth.password_easy",
		"aaaaaaaaaaaa": "auth.password_easy", "password2020": "auth.password_easy", "abababababab": "auth.password_easy",
		"gao.park2gao.park2": "auth.password_name", "gao.park22020": "auth.password_name", "Gao.Park22": "auth.password_name",
	} {
		if got := goodPassword(password, "gao.park2"); got != want {
			t.Errorf("%.20q: %q, want %q", password, got, want)
		}
	}
}

func BenchmarkPassword(b *testing.B) {
	h := newHasher(1, 8, owasp)
	stored, _ := h.hash(b.Context(), good)
	b.ReportAllocs()
	for b.Loop() {
		if ok, _ := h.verify(b.Context(), stored, good); !ok {
			b.Fatal("wrong")
		}
	}
}
