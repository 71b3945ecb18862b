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
// is set (a tenth of the holdings and one round with BENCH_SHORT=1), on BENCH_TARGET
// if that names a store.
func TestMeasure(t *testing.T) {
	s := ledgerbench.Setup{Target: "sqlite:" + filepath.Join(t.TempDir(), "bench.db"), Callers: 64, Present: 2000, For: 100 * time.Millisecond, Rounds: 1, Audit: true}
	if os.Getenv("BENCH") != "" {
		s.Callers, s.Present, s.For, s.Rounds, s.Log = 0, 0, 0, 0, os.Stderr
		if target := os.Getenv("BENCH_TARGET"); target != "" {
			s.Target = target
		}
		if n, err := strconv.Atoi(os.Getenv("BENCH_ROUNDS")); err == nil {
			s.Rounds = n
		}
		if n, err := strconv.Atoi(os.Getenv("BENCH_PRESENT")); err == nil {
			s.Present = n
		}
		if os.Getenv("BENCH_SHORT") != "" {
			s.Present, s.Rounds, s.For = 1_000_000, 1, 2*time.Second
		}
	}
	r, err := ledgerbench.Measure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r.Print(os.Stdout)
}
