package statuslist

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// beside is a file outside the store that remembers how far places were lent, so
// that a store that was put back is found to be older. The file of another store
// says nothing.
type beside struct {
	path, store string
	read        bool
	kept        reach // as the file has it
}

type besideFile struct {
	Store string `json:"store"`
	reach
}

// Beside names the file and the store's id; without it only lending in this process
// and codes that are met tell of an older store. Set before the first place is lent.
func (s *Store) Beside(path, store string) { s.beside = beside{path: path, store: store} }

// recall reads the file once. One that is missing or damaged says nothing; it is
// written anew when the next block is lent.
func (s *Store) recall() {
	b := &s.beside
	if b.path == "" || b.read {
		return
	}
	b.read = true
	var f besideFile
	if data, err := os.ReadFile(b.path); err != nil || json.Unmarshal(data, &f) != nil || f.Store != b.store {
		return
	}
	b.kept = f.reach
	s.pool.high = higher(s.pool.high, f.reach)
}

// remember writes the file where it is behind, so that a crash leaves the old one
// or the new.
func (s *Store) remember() error {
	b := &s.beside
	if b.path == "" || !b.kept.below(s.pool.high) {
		return nil
	}
	data, err := json.Marshal(besideFile{b.store, s.pool.high})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(b.path), ".lent-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), b.path)
	}
	if err == nil {
		b.kept = s.pool.high
	}
	return err
}
