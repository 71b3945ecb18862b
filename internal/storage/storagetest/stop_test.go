package storagetest_test

import (
	"os"
	"testing"

	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// TestStop ends the throw-away server when STOP_POSTGRES=1 says so; it is the
// way for make to do it:
//
//	STOP_POSTGRES=1 go test -count=1 -run TestStop ./internal/storage/storagetest
func TestStop(t *testing.T) {
	if os.Getenv("STOP_POSTGRES") == "" {
		t.Skip("STOP_POSTGRES is not set")
	}
	if err := storagetest.Stop(); err != nil {
		t.Fatal(err)
	}
}

// Stores opened one after another share nothing, their ids included.
func TestFresh(t *testing.T) {
	ids := map[string]bool{}
	for range 3 {
		storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
			id, err := db.StoreID(t.Context())
			if err != nil || ids[id] {
				t.Errorf("id %q again, or %v", id, err)
			}
			ids[id] = true
			if empty, err := db.Empty(t.Context()); err != nil || !empty {
				t.Errorf("empty %v, %v", empty, err)
			}
		})
	}
}
