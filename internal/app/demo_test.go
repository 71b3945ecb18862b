package app_test

import (
	"testing"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/clock"
	"breakwater/internal/demo"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

func build(t testing.TB, people int, seed int64) (*app.App, workresume.Summary) {
	t.Helper()
	hand := clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC))
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir(), Demo: true, Clock: hand.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: people, Seed: seed, Progress: func(int64, int64) {}}); err != nil {
		t.Fatal(err)
	}
	s, err := a.Resume.DistrictSummary(t.Context(), auth.Operator())
	if err != nil {
		t.Fatal(err)
	}
	return a, s
}

// The same seed and date make the same district; another seed makes another.
func TestDemoIsTheSameEveryTime(t *testing.T) {
	_, first := build(t, 3000, 1)
	_, again := build(t, 3000, 1)
	_, other := build(t, 3000, 2)
	if first != again {
		t.Errorf("seed 1 made %+v and %+v", first, again)
	}
	if first == other {
		t.Errorf("seeds 1 and 2 made the same: %+v", first)
	}
	if first.Workers != 3000 {
		t.Errorf("workers %d, want 3000", first.Workers)
	}
	if first.Certified < first.Firms*6/10 || first.Certified == first.Firms || first.Refused == 0 {
		t.Errorf("not believable: %+v", first)
	}
}

// BenchmarkDemo builds the full district: 13,000 firms and 140,000 workers.
func BenchmarkDemo(b *testing.B) {
	for b.Loop() {
		build(b, 140_000, 1)
	}
}
