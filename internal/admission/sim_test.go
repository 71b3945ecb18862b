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
	line    []arrival
	free    time.Duration // the processor is busy until then
	waits   histogram
	next    time.Duration
}

type arrival struct {
	at    time.Duration
	class Class
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
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), next: tick}
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
				line = append(line, arrival{at, c})
			}
		}
	}
	slices.SortFunc(line, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	w.line = append(w.line, line...)
	out := make([]outcome, int(p.length/(100*time.Millisecond)))
	slice := func(t time.Duration) *outcome {
		return &out[max(0, min(int((t-began)/(100*time.Millisecond)), len(out)-1))]
	}
	for len(w.line) > 0 {
		a := w.line[0]
		start := max(a.at, w.free)
		for w.next <= start && w.next <= end {
			w.tick()
		}
		if start >= end {
			break
		}
		w.line = w.line[1:]
		w.now = start
		w.waits[slotOf(start-a.at)]++
		slice(a.at).came[a.class]++
		if !w.door.Admit(a.class, false) {
			w.free = start + w.refusal
			slice(start).refused[a.class]++
			continue
		}
		w.free = start + w.take[a.class]
		w.door.Done(a.class, false)
		if w.free-a.at < time.Second {
			slice(w.free).good[a.class]++
		}
		slice(a.at).wait[slotOf(w.free-a.at)]++
	}
	for w.next <= end {
		w.tick()
	}
	w.now = end
	return out
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
