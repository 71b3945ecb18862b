package storage_test

import (
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A rehearsal's schema holds a store of its own, and goes with all that is in it; what
// stood beside it stays.
func TestOwnSchema(t *testing.T) {
	target := storagetest.Target(t, storage.Postgres)
	beside, err := storage.Open(t.Context(), target, storage.WithLogger(storagetest.Log()))
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if err := beside.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := beside.StoreID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	address, drop, err := storage.OwnSchema(t.Context(), target, "drill")
	if err != nil {
		t.Fatal(err)
	}
	own, err := storage.Open(t.Context(), address, storage.WithLogger(storagetest.Log()))
	if err != nil {
		t.Fatal(err)
	}
	if err := own.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if id, err := own.StoreID(t.Context()); err != nil || id == kept {
		t.Errorf("the schema sees the store beside it: %q %v", id, err)
	}
	if err := own.Close(); err != nil {
		t.Fatal(err)
	}
	if err := drop(); err != nil {
		t.Fatal(err)
	}
	if err := drop(); err == nil {
		t.Error("it could be dropped twice")
	}
	if id, err := beside.StoreID(t.Context()); err != nil || id != kept {
		t.Errorf("the store beside it: %q %v", id, err)
	}
	for _, wrong := range []string{"", "sqlite:/tmp/x.db", "mysql://db/real", "postgres://"} {
		if _, _, err := storage.OwnSchema(t.Context(), wrong, "drill"); !fault.Is(err, "storage.not_postgres") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, _, err := storage.OwnSchema(t.Context(), "postgres://nobody@127.0.0.1:1/none", "drill"); !fault.Is(err, "storage.unavailable") {
		t.Errorf("a database that does not answer: %v", err)
	}
}
