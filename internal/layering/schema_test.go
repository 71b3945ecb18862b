package layering

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A module's schema files are applied in the order of their names: each has the number
// after the one before it, so that two who add one at the same time meet here.
func TestSchemaNumbers(t *testing.T) {
	files, err := filepath.Glob("../*/*/schema/*.sql")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	last := map[string]int{}
	slices.Sort(files)
	for _, f := range files {
		dir, name := filepath.Split(f)
		last[dir]++
		if want := fmt.Sprintf("%04d_", last[dir]); !strings.HasPrefix(name, want) {
			t.Errorf("%s: wants the number %s", f, want)
		}
	}
}
