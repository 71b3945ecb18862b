package storage

import (
	"context"
	"crypto/rand"
	"fmt"

	"breakwater/internal/fault"
)

// StoreID returns the store's own random id, made by Migrate: 26 characters
// that no other store has. Keys kept outside are filed under it.
func (db *DB) StoreID(ctx context.Context) (id string, err error) {
	err = db.Read(ctx, func(r Reader) error {
		return r.Row(`select value from storage_meta where name = 'id'`).Scan(&id)
	})
	if err != nil {
		return "", fmt.Errorf("store id: %w", err)
	}
	return id, nil
}

// Empty reports whether no module's table has a row.
func (db *DB) Empty(ctx context.Context) (empty bool, err error) {
	err = db.Read(ctx, func(r Reader) error {
		empty, err = vacant(r)
		return err
	})
	return empty, err
}

func vacant(r Reader) (bool, error) {
	tables, err := moduleTables(r)
	if err != nil {
		return false, err
	}
	for _, t := range tables {
		var one int64
		switch err := r.Row(`select 1 from ` + quote(t) + ` limit 1`).Scan(&one); {
		case err == nil:
			return false, nil
		case !NoRows(err):
			return false, err
		}
	}
	return true, nil
}

// halfLoaded reports whether a Load into the store began and did not finish.
func halfLoaded(r Reader) (bool, error) {
	exists, err := hasTable(r, "storage_meta")
	if err != nil || !exists {
		return false, err
	}
	var s string
	err = r.Row(`select value from storage_meta where name = 'loading'`).Scan(&s)
	if NoRows(err) {
		return false, nil
	}
	return err == nil, err
}

func errHalf() error { return fault.New(fault.Conflict, "storage.half_loaded") }

func newStoreID() string { return rand.Text() }
