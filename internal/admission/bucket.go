package admission

import (
	"sync/atomic"
	"time"
)

// bucket lets in units at a rate, the important ones first. It is the generic
// cell rate algorithm: one number says until when the rate is used up, and a
// class may go ahead of the clock by its own depth. No lock, no timer.
type bucket struct {
	each  atomic.Int64 // nanoseconds per unit; 0 lets everything in
	until atomic.Int64 // the rate is used up to this instant of the gate's clock
}

// set changes the rate, in units a second; 0 lifts it. From no rate to one the
// bucket starts drawn down: what led to the limit has used up the burst.
func (b *bucket) set(rate float64, now int64) {
	if rate <= 0 {
		b.each.Store(0)
		return
	}
	if b.each.Swap(max(1, int64(float64(time.Second)/rate))) == 0 {
		b.until.Store(now + int64(burst))
	}
}

// take reports whether a request of the class may come in now, and draws it.
func (b *bucket) take(now, units int64, depth time.Duration) bool {
	each := b.each.Load()
	if each == 0 {
		return true
	}
	for {
		until := b.until.Load()
		if until-now > int64(depth) {
			return false
		}
		// A heavy request at a low rate must not shut out what is more
		// important for seconds: the debt ends where a show's begins.
		next := max(until, now) + each*units
		if units > 1 {
			next = max(min(next, now+int64(burst)), until)
		}
		if b.until.CompareAndSwap(until, next) {
			return true
		}
	}
}

// draw takes units without asking, so that what came in another way counts; it
// may go into debt by as much again as the most important class.
func (b *bucket) draw(now, units int64) {
	each := b.each.Load()
	for {
		until := b.until.Load()
		if b.until.CompareAndSwap(until, max(until, min(max(until, now)+each*units, now+2*int64(burst)))) {
			return
		}
	}
}
