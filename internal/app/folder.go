package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

// keepShut makes the data folder and the embedded database's files readable by
// their owner alone: they hold names in the clear and whatever a district knows.
// A folder that was there before is shut if it is empty or a store of ours; any
// other somebody may need open, so the operator is only told.
func keepShut(c Config) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(c.Data)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		slog.Warn("the data folder was open to others on this machine", "folder", c.Data, "mode", mode.String())
		if mine, err := ours(c.Data, info); err != nil {
			return err
		} else if mine {
			if err := os.Chmod(c.Data, 0o700); err != nil {
				return err
			}
		}
	}
	if c.Database != "" {
		return nil
	}
	return shutFiles(filepath.Join(c.Data, "breakwater.db"))
}

// ours is whether a folder is this user's, and empty or a store.
func ours(dir string, info fs.FileInfo) (bool, error) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Getuid() {
		return false, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		return err == nil, err
	}
	for _, e := range entries {
		if e.Name() == "breakwater.db" || e.Name() == "keys" {
			return true, nil
		}
	}
	return false, nil
}

// shutFiles makes the database's file with mode 0600 if it is not there, for its
// log and index take their mode from it, and mends those that are.
func shutFiles(db string) error {
	f, err := os.OpenFile(db, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, name := range []string{db, db + "-wal", db + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			slog.Warn("a file of the store was open to others on this machine", "file", name, "mode", mode.String())
			if err := os.Chmod(name, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
