package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"breakwater/internal/fault"
)

// Lock makes the calling process the owner of a data folder, until release or
// the process's end, however it ends. Fault: Conflict "storage.locked" when
// another process owns it. The file stays behind; only the lock on it counts.
func Lock(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "breakwater.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault.New(fault.Conflict, "storage.locked", "dir", dir)
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}
