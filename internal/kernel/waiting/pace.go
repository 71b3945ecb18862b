package waiting

import (
	"math"
	"time"
)

// The law of a pace. It climbs by a thirtieth of its ceiling a second and falls by three
// tenths where the machine is full: slow up and quick down, as roads have taught.
const (
	begins   = 0.5 // of the ceiling
	climb    = 1.0 / 30
	fall     = 0.7
	fallsNow = time.Second // at most one fall in this time: it shows its effect first
	lowest   = 0.02        // of the ceiling: whatever is measured, the turn moves

	// Patience is how long somebody whose turn came is waited for: so long their share
	// counts as theirs when others are let in. The turn stays theirs beyond it.
	Patience = time.Minute
	// onTheWay bounds, in seconds of the ceiling, how many may be on their way at once.
	onTheWay = 30
)

// Pace is how the turn moves. The zero Pace has not begun.
type Pace struct {
	PerSecond float64
	Moved     time.Time // up to here the time is used up; of the last one who moved it
	stepped   time.Time
	fell      time.Time
}

// Seen is what is known when a step is made.
type Seen struct {
	Now     time.Time
	Ceiling float64 // people a second
	Waiting int64   // behind the turn
	Coming  int64   // their turn came within Patience, and they have not asked yet
	Left    int64   // shares; negative where nobody can say
	Full    bool    // the machine has no room for more
}

// Step is the pace after now, and how many have their turn by it: never more than the
// ceiling gives in the time gone by, never more than shares are left beside those who
// are on their way, and more than none within a bounded time as long as there are both
// waiting and shares. It is pure.
func (p Pace) Step(s Seen) (Pace, int64) {
	if p.PerSecond == 0 {
		p.PerSecond, p.stepped = s.Ceiling*begins, s.Now
	}
	gone := min(max(s.Now.Sub(p.stepped), 0), time.Second)
	p.stepped = s.Now
	switch {
	case !s.Full:
		p.PerSecond += s.Ceiling * climb * gone.Seconds()
	case s.Now.Sub(p.fell) >= fallsNow:
		p.PerSecond, p.fell = p.PerSecond*fall, s.Now
	}
	p.PerSecond = min(max(p.PerSecond, s.Ceiling*lowest), s.Ceiling)

	// Time that nobody used is not saved up: a second, and what one person takes.
	earned := min(s.Now.Sub(p.Moved).Seconds(), 1+1/p.PerSecond)
	whole := int64(math.Floor(p.PerSecond*earned + 1e-9))
	n := min(whole, s.Waiting, max(int64(s.Ceiling*onTheWay), 2)-s.Coming)
	if s.Left >= 0 {
		n = min(n, s.Left-s.Coming)
	}
	if n <= 0 {
		return p, 0
	}
	if p.Moved = s.Now; n == whole {
		p.Moved = s.Now.Add(-time.Duration((earned - float64(n)/p.PerSecond) * float64(time.Second)))
	}
	return p, n
}
