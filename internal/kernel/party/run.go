package party

import (
	"sync"
	"time"

	"breakwater/internal/clock"
)

// runLength is how many people share a run: few enough that a run's part of an
// index stays small while it grows, enough that a million people are some 250
// runs to ask (about a millisecond).
const runLength = 4096

// runs deals out runs to people as they are prepared. A process begins its own
// run, so that nothing is agreed between nodes; a number used by two of them
// would cost a little speed and nothing else.
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
