package keyring

import (
	"fmt"
	"os"
	"path/filepath"
)

// save writes the file so that a crash at any moment leaves the old keys or the
// new, never half: a temporary file, synced, is given the name and the folder is
// synced. Without replace an existing file is kept and fs.ErrExist returned.
func (c contents) save(path string, replace bool) error {
	data, err := c.bytes()
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".keys-*") // CreateTemp makes it 0600
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && replace {
		err = os.Rename(f.Name(), path)
	} else if err == nil {
		err = os.Link(f.Name(), path) // unlike a rename, refuses to replace
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
