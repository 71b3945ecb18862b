package drill_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"breakwater/internal/drill"
)

// TestMorning holds the whole rehearsal against the real program on the full
// demonstration district: `make bench ONLY=morning`, or
//
//	BENCH=1 go test -count=1 -timeout 20m -run Morning -v ./internal/drill
//
// BENCH_SHORT=1 makes each act shorter and the crowd smaller, BENCH_SCENARIO=name plays one scenario,
// BENCH_REPORT=FILE keeps the report as JSON.
func TestMorning(t *testing.T) {
	if os.Getenv("BENCH") == "" {
		t.Skip("a rehearsal takes minutes and the whole machine; BENCH=1 holds it")
	}
	bin := os.Getenv("BENCH_BIN")
	if bin == "" {
		bin = filepath.Join(t.TempDir(), "breakwater")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", bin, "breakwater/cmd/breakwater").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	all, err := drill.Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"guangdong-2022", "xian-2021"}
	if one := os.Getenv("BENCH_SCENARIO"); one != "" {
		names = []string{one}
	}
	var play []drill.Scenario
	for _, name := range names {
		s, ok := all[name]
		if !ok {
			t.Fatalf("no scenario %s", name)
		}
		play = append(play, s)
	}
	st := drill.Stage{Bin: bin, Dir: t.TempDir(), Demo: people(140_000), People: people(100_000), Log: os.Stderr}
	if os.Getenv("BENCH_SHORT") != "" {
		st.Short, st.People = true, people(20_000) // making their tokens takes longer than an act
	}
	rep, err := st.Rehearse(t.Context(), play...)
	rep.Print(os.Stdout)
	text, e := json.MarshalIndent(rep, "", "  ")
	if e != nil {
		t.Fatal(e)
	}
	if file := os.Getenv("BENCH_REPORT"); file != "" {
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if !rep.Passed() {
		t.Errorf("not passed:\n%s", text)
	}
}

// people is n, or as many thousandths of it as BENCH_PEOPLE says.
func people(n int) int {
	if k, err := strconv.Atoi(os.Getenv("BENCH_PEOPLE")); err == nil {
		return n * k / 1000
	}
	return n
}
