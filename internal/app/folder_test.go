package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever was there before, the store's files are its owner's alone.
func TestTheStoreIsShut(t *testing.T) {
	modes := func(dir string) map[string]string {
		out := map[string]string{}
		for _, name := range []string{"", "breakwater.db", "breakwater.db-wal"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
				out[name] = info.Mode().Perm().String()
			}
		}
		return out
	}
	make := func(t *testing.T, files ...string) string {
		t.Helper()
		dir := t.TempDir()
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range append(files, "") {
			mode := os.FileMode(0o644)
			if f == "" {
				mode = 0o755
			}
			if err := os.Chmod(filepath.Join(dir, f), mode); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for name, c := range map[string]struct {
		files []string
		want  map[string]string
	}{
		"empty":          {nil, map[string]string{"": "-rwx------", "breakwater.db": "-rw-------"}},
		"an older store": {[]string{"breakwater.db", "breakwater.db-wal"}, map[string]string{"": "-rwx------", "breakwater.db": "-rw-------", "breakwater.db-wal": "-rw-------"}},
		"somebody's":     {[]string{"letters"}, map[string]string{"": "-rwxr-xr-x", "breakwater.db": "-rw-------"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := make(t, c.files...)
			if err := keepShut(Config{Data: dir}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, modes(dir)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A file that no import names goes at the next start; one to be taken up stays.
func TestForgottenUploadsGo(t *testing.T) {
	u, err := newUploads(filepath.Join(t.TempDir(), "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"imp_1", "imp_2"} {
		if err := os.WriteFile(u.path(id), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.clear(func(id string) bool { return id == "imp_2" }); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(string(u))
	if err != nil || len(left) != 1 || left[0].Name() != "imp_2" {
		t.Errorf("%v %v", left, err)
	}
}
