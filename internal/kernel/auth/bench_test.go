package auth

import (
	"testing"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A request pays for knowing who asks: from the cache within two seconds, from
// the store after that. The baseline is the SHA-256 alone.
func BenchmarkAuthenticate(b *testing.B) {
	db := storagetest.Open(b, storage.SQLite, Module(), party.Module())
	ring, err := keyring.New()
	if err != nil {
		b.Fatal(err)
	}
	hand := clock.NewHand(start)
	s := New(Deps{DB: db, Ring: ring, Log: &facts{}, Names: party.New(ring), Now: hand.Now, Residents: residents{}})
	in, err := s.SignInWorker(b.Context(), "13800001234", "01123X", here)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("baseline", func(b *testing.B) {
		for b.Loop() {
			parseSecret(in.Secret, "ses_")
		}
	})
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Authenticate(b.Context(), "", in.Secret); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			s.cache.drop()
			clear(s.cache.entries)
			if _, err := s.Authenticate(b.Context(), "", in.Secret); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("worker sign-in", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.SignInWorker(b.Context(), "13800001234", "01123X", here); err != nil {
				b.Fatal(err)
			}
		}
	})
}
