package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
)

// keysBlob is the archive's entry for the key ring. The archive therefore opens
// everything: it is written for its owner alone and must be kept like the keys.
const keysBlob = "keys.json"

// Backup writes the whole store and its keys into one archive that either engine
// can restore. The file appears under its name only when it is complete.
//
// Faults: Conflict when the file exists.
func (a *App) Backup(ctx context.Context, file string, progress func(done, total int64)) (err error) {
	if _, err := os.Stat(file); err == nil {
		return fault.New(fault.Conflict, "app.file_exists", "file", file)
	}
	keys, err := a.Ring.Export()
	if err != nil {
		return err
	}
	_ = os.Remove(file + ".part") // of a backup that was killed
	part, err := os.OpenFile(file+".part", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "app.file_unwritable", "file", file, "why", err.Error())
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name())
		}
	}()
	var rows int64
	err = a.DB.Dump(ctx, part, func(_ string, n int64) { rows += n; progress(rows, 0) }, storage.Extra{Name: keysBlob, Data: keys})
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), file); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Restore reads an archive into an empty store; a store that holds anything is
// left alone.
//
// Faults: Conflict for a store in use or not empty, Invalid for an archive that is
// damaged or none.
func Restore(ctx context.Context, c Config, file string, progress func(done, total int64)) (err error) {
	if err := c.Check(); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "app.file_unreadable", "file", file, "why", err.Error())
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	release, err := storage.Lock(c.Data)
	if err != nil {
		return err
	}
	defer release()
	db, err := storage.Open(ctx, c.Target())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx, Modules()...); err != nil {
		return err
	}
	keys, err := storage.ReadExtra(f, info.Size(), keysBlob)
	if err != nil {
		return err
	}
	id, err := db.StoreID(ctx)
	if err != nil {
		return err
	}
	if err := eventlog.Unbegin(ctx, db); err != nil { // a store that was only opened is empty
		return err
	}
	if empty, err := db.Empty(ctx); err != nil {
		return err
	} else if !empty {
		return fault.New(fault.Conflict, "storage.not_empty")
	}
	// An empty store's keys seal nothing: those a first look at the folder made, or
	// a restore that failed, give way. The new ones are there before the rows they
	// open, and go again with them.
	if err := keyring.Discard(c.Keys(), id); err != nil {
		return err
	}
	if err := keyring.Import(c.Keys(), id, keys); err != nil {
		return err
	}
	var rows int64
	err = db.Load(ctx, f, info.Size(), func(_ string, n int64) { rows += n; progress(rows, 0) }, func(tx *storage.Tx) error {
		return statuslist.Apart(tx, c.Clock()) // codes issued since the backup keep their places
	})
	if err != nil {
		err = errors.Join(err, keyring.Discard(c.Keys(), id))
	}
	return err
}
