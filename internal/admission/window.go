package admission

import (
	"math/bits"
	"time"
)

// histogram counts waits in slots of a quarter of an octave, from 1 µs to an hour.
type histogram [128]uint64

// slotOf is where d counts: slot 0 below 1 µs, then four to each doubling.
func slotOf(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us == 0 {
		return 0
	}
	n := bits.Len64(us) - 1
	quarter := int(us<<2>>n) & 3
	return min(1+n*4+quarter, len(histogram{})-1)
}

// edge is the upper edge of a slot.
func edge(slot int) time.Duration {
	if slot == 0 {
		return time.Microsecond
	}
	n, quarter := (slot-1)/4, (slot-1)%4
	return (time.Microsecond << n) * time.Duration(5+quarter) / 4
}

func (h *histogram) add(o *histogram) {
	for i, n := range o {
		h[i] += n
	}
}

func (h *histogram) count() (n uint64) {
	for _, x := range h {
		n += x
	}
	return n
}

// quantile is the edge below which the share q lies; 0 when nothing was counted.
func (h *histogram) quantile(q float64) time.Duration {
	n := h.count()
	if n == 0 {
		return 0
	}
	left := int64(q * float64(n))
	for i, x := range h {
		if left -= int64(x); left < 0 {
			return edge(i)
		}
	}
	return edge(len(h) - 1)
}

// minute is how many seconds a window keeps.
const minute = 60

// window is the last minute by the second.
type window struct {
	slots [minute]second
	now   int64 // the second being filled
	begun bool
}

type second struct {
	at      int64
	classes [classes]tally
	waits   histogram
}

// add notes what one tick brought.
func (w *window) add(now time.Duration, fresh *[classes]tally, h *histogram) {
	w.now, w.begun = int64(now/time.Second), true
	s := &w.slots[w.now%minute]
	if s.at != w.now {
		*s = second{at: w.now}
	}
	for c, t := range fresh {
		s.classes[c].accepted += t.accepted
		s.classes[c].refused += t.refused
	}
	if h != nil {
		s.waits.add(h)
	}
}

// sum is the last n whole seconds together.
func (w *window) sum(n int64) (out second) {
	if !w.begun {
		return out
	}
	for i := range w.slots {
		s := &w.slots[i]
		if s.at >= w.now || s.at < w.now-n {
			continue
		}
		for c, t := range s.classes {
			out.classes[c].accepted += t.accepted
			out.classes[c].refused += t.refused
		}
		out.waits.add(&s.waits)
	}
	return out
}

// Load is what a door says of itself.
type Load struct {
	Measured bool      // Run has measured
	Classes  []Tallies // those that can be refused, the last refused first
	Shows    float64   // let in a second, over the last ten
	Gates    float64
	Wait50   time.Duration // how long work waited for a processor in the last minute
	Wait99   time.Duration
	Queues   []Queue
	Limited  bool          // some queue has a limit now
	For      time.Duration // how long, while Limited
	Capacity int           // the operator's, 0 for none
}

// Tallies are the last minute's requests of one class, and all since the start.
type Tallies struct {
	Class                   Class
	Accepted, Refused       int64
	AllAccepted, AllRefused int64
}

// Queue is one queue as it was last measured. Limit is in code shows a second,
// 0 for none.
type Queue struct {
	Name  string
	Wait  time.Duration
	Limit float64
}

// Load is the state of the moment, from memory.
func (d *Door) Load() Load {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, short := d.window.sum(minute-1), d.window.sum(10)
	out := Load{
		Measured: d.ticks > 0, Capacity: d.Capacity,
		Shows: float64(short.classes[Show].accepted) / 10, Gates: float64(short.classes[Gate].accepted) / 10,
		Wait50: m.waits.quantile(0.5), Wait99: m.waits.quantile(0.99),
	}
	for c := Show; c >= Import; c-- {
		all := tally{}
		for w := range d.counts[c] {
			all.accepted += d.counts[c][w].accepted.Load()
			all.refused += d.counts[c][w].refused.Load()
		}
		out.Classes = append(out.Classes, Tallies{c, m.classes[c].accepted, m.classes[c].refused, all.accepted, all.refused})
	}
	for q, name := range [queues]string{"processor", "crowd", "writer", "readers"} {
		out.Queues = append(out.Queues, Queue{name, d.waits[q], d.ctl[q].limit})
		out.Limited = out.Limited || d.ctl[q].limit > 0
	}
	if out.Limited {
		out.For = d.Elapsed() - d.since
	}
	return out
}
