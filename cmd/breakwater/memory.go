package main

import (
	"context"
	"log/slog"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// A collection of the heap takes a tenth of a second of half the machine, and in a rush
// everybody stands behind it. So that they are rare, the heap may grow by an eighth of the
// memory there is before the next, and at least to three times what lives; where memory is
// scarce, of the machine or of its container, they come sooner.
const (
	memoryShare = 0.75 // of what the machine or the container has: the limit
	growthShare = 6    // the limit's part that may be garbage
	leastGrowth = 200  // percent of what lives, as GOGC
	mostGrowth  = 2000
	heapLook    = time.Second
)

// spendMemory sets both for a server, unless its operator set GOGC or GOMEMLIMIT.
func (s *session) spendMemory() {
	if s.getenv("GOMEMLIMIT") == "" {
		if _, err := memlimit.Set(memlimit.WithRatio(memoryShare), memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem))); err != nil {
			slog.WarnContext(s.ctx, "how much memory there is", "err", err) // no limit, as before
		}
	}
	if s.getenv("GOGC") == "" {
		debug.SetGCPercent(leastGrowth)
		go growHeap(s.ctx, uint64(debug.SetMemoryLimit(-1)/growthShare))
	}
}

// growHeap keeps the heap's growth at the room it has, until ctx ends.
func growHeap(ctx context.Context, room uint64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(heapLook)
	defer tick.Stop()
	for set := leastGrowth; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(live)
		want := growth(live[0].Value.Uint64(), room)
		if 10*max(want-set, set-want) > set { // each change stops the world for a moment
			set = want
			debug.SetGCPercent(set)
		}
	}
}

// growth is the percentage by which a heap of so much that lives may grow to fill the room.
func growth(live, room uint64) int {
	return int(min(max(100*room/max(live, 1), leastGrowth), mostGrowth))
}
