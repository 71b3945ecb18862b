package admission

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// world is a simulated program: requests wait in one line for a processor,
// which asks the door when their turn comes, as a server does.
type world struct {
	door    *Door
	now     time.Duration
	rng     *rand.Rand
	take    [classes]time.Duration // work of a request that was let in
	refusal time.Duration          // work of one that was not
	blind   bool                   // negative control: nothing is measured
	line    []arrival              // still to come, and what waits for the processor
	queue   []arrival
	seats   int // free in the room
	room    [classes][]arrival
	free    time.Duration // the processor is busy until then
	waits   histogram
	next    time.Duration
}

type arrival struct {
	at    time.Duration // in the line for the processor
	class Class
	came  time.Duration
}

// period is a stretch of load: requests a second by class.
type period struct {
	length time.Duration
	rate   map[Class]float64
}

// outcome counts what became of the requests of a tenth of a second.
type outcome struct {
	came, good, refused [classes]float64 // good: let in, answered within a second
	wait                histogram        // until the answer, of those let in
}

// newWorld bears bears code shows a second; a refusal costs a hundredth and a
// half of one, about what one costs beside a page.
func newWorld(bears float64, capacity int) *world {
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), next: tick, seats: 2 * seats}
	show := time.Duration(float64(time.Second) / bears)
	for c := range w.take {
		w.take[c] = time.Duration(Class(c).cost()) * show
	}
	w.refusal = show * 3 / 200
	w.door = New(Deps{Elapsed: func() time.Duration { return w.now }, Capacity: capacity}, 2)
	return w
}

// run plays a period in slices of a tenth of a second.
func (w *world) run(p period) []outcome {
	began := w.now
	end := began + p.length
	var line []arrival
	for c := Import; c <= Show; c++ {
		if p.rate[c] > 0 {
			for at := began + w.gap(p.rate[c]); at < end; at += w.gap(p.rate[c]) {
				line = append(line, arrival{at: at, class: c, came: at})
			}
		}
	}
	slices.SortFunc(line, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	w.line = append(w.line, line...)
	out := make([]outcome, int(p.length/(100*time.Millisecond)))
	slice := func(t time.Duration) *outcome {
		return &out[max(0, min(int((t-began)/(100*time.Millisecond)), len(out)-1))]
	}
	for len(w.line)+len(w.queue) > 0 {
		if len(w.queue) == 0 {
			w.free = max(w.free, w.line[0].at)
		}
		for len(w.line) > 0 && w.line[0].at <= w.free {
			slice(w.line[0].at).came[w.line[0].class]++
			w.arrive(w.line[0])
			w.line = w.line[1:]
		}
		start := w.free
		for w.next <= start && w.next <= end {
			w.tick()
		}
		if start >= end {
			break
		}
		a := w.queue[0]
		w.queue = w.queue[1:]
		w.now = start
		w.waits[slotOf(start-a.at)]++
		w.door.under.Store(int64(len(w.queue)))
		in := w.door.Admit(a.class, false)
		if in {
			w.free = start + w.take[a.class]
			if w.free-a.came < time.Second {
				slice(w.free).good[a.class]++
			}
			slice(a.came).wait[slotOf(w.free-a.came)]++
		} else {
			w.free = start + w.refusal
			slice(start).refused[a.class]++
		}
		if a.class >= Gate {
			w.rise(slice)
		}
		if in {
			w.door.Seat(a.class, false) // there is one: this world has its own room
			w.door.Done(a.class, false)
		}
	}
	for w.next <= end {
		w.tick()
	}
	w.now = end
	return out
}

// arrive lets somebody into the line for the processor, or into the room as Room does.
func (w *world) arrive(a arrival) {
	switch {
	case a.class < Gate:
	case w.seats == 0:
		w.room[a.class] = append(w.room[a.class], a)
		return
	default:
		w.seats--
	}
	w.queue = append(w.queue, a)
}

// rise gives a seat to the next in the room, and sends away who waited too long.
func (w *world) rise(slice func(time.Duration) *outcome) {
	for c := Show; c >= Gate; c-- {
		for len(w.room[c]) > 0 {
			a := w.room[c][0]
			w.room[c] = w.room[c][1:]
			if w.free-a.came > waitMost {
				w.free += w.refusal
				slice(w.free).refused[c]++
				continue
			}
			a.at = w.free
			w.queue = append(w.queue, a)
			return
		}
	}
	w.seats++
}

func (w *world) tick() {
	w.now = w.next
	w.next += tick
	h := w.waits
	w.waits = histogram{}
	var m [queues]time.Duration
	if !w.blind {
		m[processor] = h.quantile(0.9)
	}
	w.door.step(w.now, m, &h)
}

func (w *world) gap(rate float64) time.Duration {
	return time.Duration(w.rng.ExpFloat64() / rate * float64(time.Second))
}

// together adds outcomes up.
func together(out []outcome) (o outcome) {
	for _, x := range out {
		for c := range x.good {
			o.came[c] += x.came[c]
			o.good[c] += x.good[c]
			o.refused[c] += x.refused[c]
		}
		o.wait.add(&x.wait)
	}
	return o
}
