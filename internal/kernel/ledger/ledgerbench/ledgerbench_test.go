package ledgerbench_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"breakwater/internal/kernel/ledger/ledgerbench"
)

// TestMeasure runs the benchmark small, so that it cannot rot, and whole when BENCH=1
// is set (a fifth of the holdings and one round with BENCH_SHORT=1): on SQLite, and on
// the empty PostgreSQL that BENCH_POSTGRES names. The throw-away server of the tests
// syncs nothing and would flatter.
func TestMeasure(t *testing.T) {
	s := ledgerbench.Setup{Callers: 64, Present: 2000, For: 100 * time.Millisecond, Rounds: 1, Audit: true}
	targets := []string{"sqlite:" + filepath.Join(t.TempDir(), "bench.db")}
	whole := os.Getenv("BENCH") != ""
	if whole {
		s = ledgerbench.Setup{Audit: true, Log: os.Stderr}
		if os.Getenv("BENCH_SHORT") != "" {
			s.Present, s.Rounds, s.For = 1_000_000, 1, 2*time.Second
		}
		for name, into := range map[string]*int{"BENCH_PRESENT": &s.Present, "BENCH_ROUNDS": &s.Rounds} {
			if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
				*into = n
			}
		}
		if target := os.Getenv("BENCH_POSTGRES"); target != "" {
			targets = append(targets, target)
		}
	}
	for _, s.Target = range targets {
		r, err := ledgerbench.Measure(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		r.Print(os.Stdout)
		if whole {
			r.Rows(os.Stdout)
		}
	}
}
