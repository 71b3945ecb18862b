package main

import "testing"

func TestGrowth(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		live, room uint64
		want       int
	}{
		{0, 3000 * mb, mostGrowth},
		{50 * mb, 3000 * mb, mostGrowth},
		{200 * mb, 3000 * mb, 1500}, // fills the room
		{3000 * mb, 3000 * mb, leastGrowth},
		{200 * mb, 64 * mb, leastGrowth}, // a small machine: its limit collects sooner
	} {
		if got := growth(c.live, c.room); got != c.want {
			t.Errorf("growth(%d MB, %d MB) = %d, want %d", c.live/mb, c.room/mb, got, c.want)
		}
	}
}
