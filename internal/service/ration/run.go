package ration

import (
	"sync"
	"time"

	"breakwater/internal/clock"
)

// runLength is how many allotments share a run of the index by person: few enough that
// its pages stay in memory while it grows, enough that a million are some sixty runs to
// ask (a fraction of a millisecond).
const runLength = 16_384

// runs deals out runs. A process begins its own, so that nothing is agreed between
// nodes; a number used by two of them would cost a little speed and nothing else.
type runs struct {
	mu   sync.Mutex
	run  int64
	used int
}

func (r *runs) next(now time.Time) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.run == 0 || r.used == runLength {
		r.run, r.used = max(r.run+1, clock.Micros(now)), 0
	}
	r.used++
	return r.run
}
