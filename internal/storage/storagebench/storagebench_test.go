package storagebench_test

import (
	"os"
	"testing"
	"time"

	"breakwater/internal/storage/storagebench"
)

// TestMeasure runs the benchmark small, so that it cannot rot, and whole when
// BENCH=1 is set (a tenth of the rows and one round with BENCH_SHORT=1).
func TestMeasure(t *testing.T) {
	s := storagebench.Setup{Dir: t.TempDir(), Callers: 64, Present: 2000, For: 200 * time.Millisecond, Rounds: 1}
	if os.Getenv("BENCH") != "" {
		s = storagebench.Setup{Dir: t.TempDir(), Log: os.Stderr, Target: os.Getenv("BENCH_TARGET"), For: 3 * time.Second}
		if os.Getenv("BENCH_SHORT") != "" {
			s.Present, s.Rounds, s.For = 200_000, 1, 2*time.Second
		}
	}
	r, err := storagebench.Measure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r.Print(os.Stdout)
	if os.Getenv("BENCH") != "" && r.Ratio() < 1 {
		t.Errorf("group commit is slower than one commit per request: %.2f", r.Ratio())
	}
}
