package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/internal/drill"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A rehearsal of two seconds, from the district to the verdict, with the store of
// an operator beside it that must not feel it.
func TestDrill(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	before := s.verified()
	s.env = []string{"BREAKWATER_DATA=" + s.path("data"), "BREAKWATER_DATABASE=postgres://nobody.invalid/real"}
	var out drill.Outcome
	s.feed("", "drill", "run", "smoke", "--workers", "400", "--people", "300", "--short", "--work", s.dir, "--json").exit(0).json(&out)
	if !out.Passed() || len(out.Acts) != 1 || out.Facts == 0 || out.Lost != 0 || out.Engine != "sqlite" || len(out.Goals) < 3 {
		t.Errorf("%+v", out)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
	s.env = nil
	if after := s.verified(); after != before {
		t.Errorf("the operator's own log went from %d facts to %d", before, after)
	}

	s.feed("", "drill", "list").exit(0).has("guangdong-2022").has("powercut")
	s.feed("", "drill", "run", "atlantis-9999").exit(2).has("drill list")
	s.write("own.toml", []byte("name = \"own\"\nspeed = 3\n"))
	s.feed("", "drill", "run", "own.toml").exit(2).has("speed")
	s.feed("", "drill", "run", "--people", "0").exit(2)
	s.feed("", "drill", "run", "smoke", "--workers", "400", "--people", "300", "--database", "mysql://db/real", "--work", s.dir).exit(1).has("nothing else there is touched")
}

// Every rehearsal in its short form, on either engine: nothing is lost, doubled or
// oversold, and the folder and the schema are gone afterwards.
func TestDrills(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		engine storage.Engine
	}{{"guangzhou-masks-2020", storage.SQLite}, {"zhuhai-firms-2020", storage.SQLite}, {"powercut", storage.SQLite}, {"powercut", storage.Postgres}, {"guangzhou-masks-2020", storage.Postgres}, {"zhuhai-firms-2020", storage.Postgres}} {
		t.Run(c.name+"/"+string(c.engine), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			words := []string{"drill", "run", c.name, "--workers", "600", "--people", "600", "--short", "--work", s.dir, "--report", "sheet.md", "--json"}
			if c.engine == storage.Postgres {
				words = append(words, "--database", storagetest.Target(t, c.engine))
			}
			var out drill.Outcome
			s.feed("", words...).exit(0).json(&out)
			if out.Scenario != c.name || !out.Passed() || out.Lost+out.Duplicated+out.Oversold != 0 || out.Engine != string(c.engine) || out.Facts == 0 {
				t.Errorf("%+v", out)
			}
			sheet, err := os.ReadFile(filepath.Join(s.dir, "sheet.md"))
			if err != nil || !strings.Contains(string(sheet), "| passed |") || strings.Contains(string(sheet), "drill.") {
				t.Errorf("%v: %s", err, sheet)
			}
			if left, err := os.ReadDir(s.dir); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}
