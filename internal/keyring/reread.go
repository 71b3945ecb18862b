package keyring

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"breakwater/internal/fault"
)

// Reread takes over what another node wrote into the file, or an operator copied
// there. changed says whether there was anything, lost that a key was given up as
// being in strange hands. A file that is gone, half copied or of another ring changes
// nothing: the keys in memory stay in use.
//
// Faults: as Load; Conflict "keyring.exists" for another ring's file.
func (r *Ring) Reread() (changed, lost bool, err error) {
	if r.path == "" {
		return false, false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reread()
}

// reread is Reread under the lock.
func (r *Ring) reread() (changed, lost bool, err error) {
	next, err := Load(filepath.Dir(r.path), r.held.Store)
	if err != nil {
		return false, false, err
	}
	if next.Fingerprint() != r.Fingerprint() {
		return false, false, fault.New(fault.Conflict, "keyring.exists", "path", r.path)
	}
	if bytes.Equal(next.held.Check, r.held.Check) {
		return false, false, nil
	}
	standing := map[string]bool{}
	for _, k := range r.signing {
		standing[string(k.kid)] = k.revoked.IsZero()
	}
	for _, k := range next.signing {
		lost = lost || standing[string(k.kid)] && !k.revoked.IsZero()
	}
	r.held, r.sealing, r.signing = next.held, next.sealing, next.signing
	return true, lost, nil
}

// alone waits until no other process changes the files of a folder. The folder is
// what is locked: the file itself is replaced by each change.
func alone(dir string) (release func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("write the keys: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("write the keys: %w", err)
	}
	return func() { f.Close() }, nil
}
