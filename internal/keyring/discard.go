package keyring

import (
	"errors"
	"io/fs"
	"os"
)

// Discard removes the ring of a store that holds nothing: whatever a ring has
// sealed is gone with it. The caller has made sure that the store is empty.
//
// Faults: none of its own; a ring that is not there is as good as removed.
func Discard(dir, storeID string) error {
	err := os.Remove(pathOf(dir, storeID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
