package admission

import (
	"sync"
	"sync/atomic"
	"time"
)

// Deps is what a door measures by.
type Deps struct {
	// Elapsed is a clock that only goes forward, from any beginning.
	Elapsed func() time.Duration
	// Store returns how long work waited in the store since the last call: the
	// least wait of a write, and the mean of a read. nil: there is no store.
	Store func() (write, read time.Duration)
	// Capacity is how many requests a second the operator allows; 0 is no bound.
	Capacity int
}

// The queues of the program. Each has a limit of its own, so that a slow disk
// refuses commands and not the code shows that need no disk.
const (
	processor = iota // every request waits for one
	crowd            // the same queue, for codes, gates and claims
	writer           // commands wait for the store's one writer
	readers          // pages wait for a read connection
	queues
	fixed = queues // the operator's capacity, a bucket without a measurement
)

// floorUnits is what one processor always lets in, in code shows a second: far below what
// any machine bears, so that a hiccup at a quiet hour refuses nobody.
const floorUnits = 200

// always is how many code shows a second one processor lets in whatever is
// measured, or gate checks by their cost: a tenth of its time at most. When what
// waits are refusals, of clients that do not wait as they are told, refusing these
// as well would bring nobody an answer sooner.
const always = 1000

// insideLeast is how many requests of one processor may be under way with the readers;
// more may as long as they are done within half a second (Little's law). A crowd
// that comes in one moment would else be let in whole before anything of its
// waiting can be measured, and stand in line for the readers for minutes.
const insideLeast = 64

// fewUnderWay is how many requests of one processor are no crowd: when so few are under
// way and work waits all the same, somebody else has the machine, and to refuse an
// officer's page would help nobody.
const fewUnderWay = 8

// covers says which queues a request may wait in, as bits. Codes, gates and claims are
// answered from memory or by the writer, and wait for a processor in the room.
func covers(c Class, writes bool) uint32 {
	m := uint32(1 << fixed)
	if c == Vital {
		return 0
	}
	if writes {
		m |= 1 << writer
	}
	if c < Claim {
		m |= 1<<processor | 1<<readers
	} else {
		m |= 1 << crowd
	}
	return m
}

// Door lets requests in. Admit and Done may be called from anywhere at once.
type Door struct {
	Deps
	room    *Room
	engaged atomic.Uint32 // queues that have a limit now, as bits
	buckets [queues + 1]bucket
	always  bucket
	refused [queues + 1]atomic.Int64
	covers  [classes][2]uint32
	under   atomic.Int64 // let in and not done
	few     int64        // so many under way are no crowd
	inside  atomic.Int64 // let in to wait for a reader, and not done
	most    atomic.Int64 // so many of them at most
	counts  [classes][2]count

	waited atomic.Int64 // for a processor, at the last tick

	least  int64 // of most
	mu     sync.Mutex
	ticks  int64
	ctl    [queues]control
	read   float64       // requests with a reader that were done, a second
	seen   [queues]int64 // refused, at the last tick
	last   [classes][2]tally
	waits  [queues]time.Duration
	window window
	since  time.Duration // when the present limit came; valid while limited
}

// count is what became of the requests of one class; it has a cache line of its own.
type count struct {
	accepted, refused, done atomic.Int64
	_                       [40]byte
}

type tally struct{ accepted, refused, done int64 }

// New returns a door that lets everybody in, but for the capacity, until Run measures.
func New(deps Deps, processors int) *Door {
	d := &Door{Deps: deps, room: NewRoom(processors, deps.Elapsed)}
	for i := range d.ctl {
		d.ctl[i].floor = floorUnits * float64(max(1, processors))
		d.ctl[i].target = target
	}
	d.ctl[crowd].target = crowdTarget
	d.always.set(always*float64(max(1, processors)), int64(deps.Elapsed()))
	d.few = fewUnderWay * int64(max(1, processors))
	d.least = insideLeast * int64(max(1, processors))
	d.most.Store(d.least)
	for c := range d.covers {
		d.covers[c] = [2]uint32{covers(Class(c), false), covers(Class(c), true)}
	}
	if deps.Capacity > 0 {
		d.buckets[fixed].set(float64(deps.Capacity), int64(deps.Elapsed())-int64(burst)) // full at the start
		d.engaged.Store(1 << fixed)
	}
	return d
}

// Admit reports whether a request may come in. writes says that it may change
// something. Whoever was let in is told of by Done at the end, also after a failure.
func (d *Door) Admit(c Class, writes bool) bool {
	w := side(writes)
	n := &d.counts[c][w]
	reads := d.covers[c][w]&(1<<readers) != 0
	if reads && d.inside.Add(1) > d.most.Load() {
		d.inside.Add(-1)
		d.refused[readers].Add(1)
		n.refused.Add(1)
		return false
	}
	if m := d.engaged.Load() & d.covers[c][w]; m != 0 && (m&(1<<fixed) != 0 || d.under.Load() >= d.few) && !d.take(c, m) {
		if reads {
			d.inside.Add(-1)
		}
		n.refused.Add(1)
		return false
	}
	n.accepted.Add(1)
	d.under.Add(1)
	return true
}

func (d *Door) take(c Class, m uint32) bool {
	now := int64(d.Elapsed())
	for q := range d.buckets {
		if m&(1<<q) == 0 {
			continue
		}
		units := c.cost()
		if q == fixed {
			units = 1 // the operator counts requests
		}
		if q == crowd && c >= Gate && d.always.take(now, units, c.depth()) {
			d.buckets[q].draw(now, units)
			continue
		}
		if !d.buckets[q].take(now, units, c.depth()) {
			d.refused[q].Add(1)
			return false
		}
	}
	return true
}

// Brief lets in a request for a code that is answered at once, from memory: it takes
// no seat, and is done when it is in. While checks at gates wait for their commit on
// every seat, nobody's code waits behind them.
func (d *Door) Brief(c Class) bool {
	n := &d.counts[c][0]
	if m := d.engaged.Load() & d.covers[c][0]; m != 0 && (m&(1<<fixed) != 0 || d.under.Load() >= d.few) && !d.take(c, m) {
		n.refused.Add(1)
		return false
	}
	n.accepted.Add(1)
	n.done.Add(1)
	return true
}

// Seat waits until whoever was let in may begin, and reports false when that would
// take too long; Done gives the seat back. Only codes, gates and claims take seats: they
// need the processor and little else, come by the thousand, and each is short.
func (d *Door) Seat(c Class, writes bool) bool {
	if c < Claim || c > Show || d.room.Enter(c) {
		return true
	}
	d.under.Add(-1)
	d.counts[c][side(writes)].refused.Add(1)
	d.counts[c][side(writes)].done.Add(1)
	return false
}

// Away and Back stand around the time in which a request that was let in waits for
// its own sender: that waiting uses nothing of ours, and counts for nobody.
func (d *Door) Away(c Class, writes bool) { d.move(c, writes, -1) }

// Back ends what Away began; nobody is refused here, since it was let in before.
func (d *Door) Back(c Class, writes bool) { d.move(c, writes, 1) }

func (d *Door) move(c Class, writes bool, n int64) {
	d.under.Add(n)
	if d.covers[c][side(writes)]&(1<<readers) != 0 {
		d.inside.Add(n)
	}
}

// Done notes that a request that was let in has its answer.
func (d *Door) Done(c Class, writes bool) {
	d.under.Add(-1)
	if c >= Claim && c <= Show {
		d.room.Leave(c)
	}
	w := side(writes)
	if d.covers[c][w]&(1<<readers) != 0 {
		d.inside.Add(-1)
	}
	d.counts[c][w].done.Add(1)
}

// Waited is how long work waited for a processor, as last measured: what can wait
// rests the longer for it.
func (d *Door) Waited() time.Duration { return time.Duration(d.waited.Load()) }

func side(writes bool) int {
	if writes {
		return 1
	}
	return 0
}
