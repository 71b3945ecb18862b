package admission

import "time"

// The law. target and patience are CoDel's idea (RFC 8289): a short queue is a
// buffer at work, one that stands is a mistake.
const (
	tick   = 50 * time.Millisecond
	target = 20 * time.Millisecond // a wait that people do not feel
	// For codes and gates, which take their seats in the room, a processor's queue
	// stands only when the room cannot keep it short any more: so many lines, or
	// somebody else's work, that to refuse is all that is left.
	crowdTarget = 250 * time.Millisecond
	patience    = 100 * time.Millisecond // how long it must stand above target
	calm        = time.Second            // without refusing, until the limit is lifted

	cutLeast = 0.03 // below what was finished; doubled for each cut in a row
	cutMost  = 0.5
	riseSlow = 0.0025 // of the limit per tick, to find out whether more goes
	riseMost = 0.02
	patient  = 20 // ticks of that, after which it grows
	growth   = 1.3
	futile   = 7  // cuts in a row without effect: the wait is not of our making
	rest     = 20 // ticks until it is tried again
)

// sample is what one tick measured of one queue.
type sample struct {
	wait    time.Duration // how long work waited
	done    float64       // units finished a second
	refused bool          // somebody was refused because of this limit
}

// control finds how much one queue bears. While a queue stands, whoever serves
// it is never idle: what is finished then is what can be finished. The limit is
// set just below, and deeper as long as that does not help; then it goes back to
// that mark and carefully beyond. It is a pure function of its samples and knows
// no clock.
type control struct {
	target time.Duration // the wait from which a queue stands
	floor  float64       // units a second that are let in whatever is measured

	limit float64       // units a second; 0 while there is no limit
	mark  float64       // what was finished while the queue last stood
	above time.Duration // how long the wait has stood above target
	sum   float64       // finished in that time, by tick
	cuts  int           // in a row
	worst time.Duration // the wait at the last of them
	good  int           // ticks below target in a row
	rise  float64
	quiet time.Duration // how long nobody was refused
	rests int           // ticks in which nothing is cut
}

// step takes one tick's measurements and returns the limit, 0 for none.
func (c *control) step(s sample) float64 {
	if c.quiet += tick; s.refused {
		c.quiet = 0
	}
	if s.wait <= c.target {
		c.above, c.sum = 0, 0
		c.mend(s)
		return c.limit
	}
	c.good = 0
	if c.rests > 0 {
		c.rests--
		return c.limit
	}
	c.above, c.sum = c.above+tick, c.sum+s.done
	if c.above >= patience {
		c.cut(s.wait, c.sum/float64(c.above/tick))
		c.above, c.sum = 0, 0 // a cut shows its effect before the next
	}
	return c.limit
}

// cut lowers the limit, unless the last cut is working.
func (c *control) cut(wait time.Duration, done float64) {
	falling := c.cuts > 0 && wait < c.worst*4/5
	c.worst = wait
	if falling {
		return
	}
	if c.cuts == 0 {
		c.mark = done
		if c.limit > 0 {
			c.mark = min(done, c.limit)
		}
	}
	if c.cuts == futile {
		// Somebody else has the machine, or the disk has stopped: refusing more
		// people brings nobody an answer sooner.
		c.limit, c.cuts, c.rests = max(c.floor, c.mark*(1-cutLeast)), 0, rest
		return
	}
	c.limit = max(c.floor, c.mark*(1-min(cutMost, cutLeast*float64(int(1)<<min(c.cuts, 8)))))
	c.cuts++
}

// mend raises the limit, and lifts it when it has bound nobody for a while.
func (c *control) mend(s sample) {
	if c.cuts > 0 {
		// What was cut deeper was for the queue to go; it has gone.
		c.cuts, c.limit = 0, max(c.limit, c.mark*(1-cutLeast))
	}
	switch {
	case c.limit == 0:
	case c.quiet >= calm:
		c.limit = 0
	case s.refused && s.wait < c.target/2:
		if c.good++; c.good <= patient {
			c.rise = riseSlow
		} else {
			c.rise = min(c.rise*growth, riseMost)
		}
		c.limit *= 1 + c.rise
	}
}
