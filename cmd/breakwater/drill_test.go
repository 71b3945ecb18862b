package main

import (
	"os"
	"testing"

	"breakwater/internal/drill"
)

// A rehearsal of two seconds, from the district to the verdict, with the store of
// an operator beside it that must not feel it.
func TestDrill(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	before := s.verified()
	s.env = []string{"BREAKWATER_DATA=" + s.path("data")}
	var rep drill.Report
	s.feed("", "drill", "smoke", "--workers", "400", "--people", "300", "--short", "--work", s.dir, "--json").exit(0).json(&rep)
	if !rep.Passed() || len(rep.Rows) != 1 || rep.Checks == 0 || rep.Admitted == 0 || rep.Facts < rep.Checks || rep.Rows[0].Lost != 0 {
		t.Errorf("%+v", rep)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
	s.env = nil
	if after := s.verified(); after != before {
		t.Errorf("the operator's own log went from %d facts to %d", before, after)
	}

	s.feed("", "drill", "--list").exit(0).has("guangdong-2022")
	s.feed("", "drill", "atlantis-9999").exit(2).has("--list")
	s.write("own.toml", []byte("name = \"own\"\nspeed = 3\n"))
	s.feed("", "drill", "own.toml").exit(2).has("speed")
	s.feed("", "drill", "--people", "0").exit(2)
}
