package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// A demonstration lets anyone be anybody, so it opens no store but its own: a mark
// in the data folder names the store it made. While it is being made the mark says
// so, and one that was cut off is made anew.
const (
	demoMark = "demonstration"
	halfMade = "half made"
)

func (c Config) mark() string { return filepath.Join(c.Data, demoMark) }

func (c Config) setMark(text string) error {
	return os.WriteFile(c.mark(), []byte(text+"\n"), 0o600)
}

func (c Config) readMark() string {
	b, err := os.ReadFile(c.mark())
	if err != nil || len(b) == 0 {
		return ""
	}
	return string(b[:len(b)-1])
}

// ClearHalfDemo removes a demonstration whose making was cut off. Only the embedded
// database is removed; a PostgreSQL database is its operator's to empty.
//
// Faults: Invalid for the configuration, Conflict "app.half_demo" for PostgreSQL,
// "storage.locked".
func ClearHalfDemo(c Config) error {
	if err := c.Check(); err != nil {
		return err
	}
	if c.readMark() != halfMade {
		return nil
	}
	release, err := storage.Lock(c.Data)
	if err != nil {
		return err
	}
	defer release()
	if c.Database != "" {
		return fault.New(fault.Conflict, "app.half_demo", "store", c.Where())
	}
	for _, name := range []string{"breakwater.db", "breakwater.db-wal", "breakwater.db-shm"} {
		if err := os.Remove(filepath.Join(c.Data, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(os.RemoveAll(c.Keys()), os.RemoveAll(filepath.Join(c.Data, "uploads")), os.Remove(c.mark()))
}

// MakeDemo marks the store as a demonstration's while build fills it.
func (a *App) MakeDemo(ctx context.Context, build func() error) error {
	if err := a.Config.setMark(halfMade); err != nil {
		return err
	}
	if err := build(); err != nil {
		return err
	}
	id, err := a.DB.StoreID(ctx)
	if err != nil {
		return err
	}
	return a.Config.setMark(id)
}

// IsDemo reports whether the store was made by MakeDemo in this folder.
func (a *App) IsDemo(ctx context.Context) bool {
	id, err := a.DB.StoreID(ctx)
	return err == nil && id == a.Config.readMark()
}
