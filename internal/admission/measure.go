package admission

import (
	"context"
	"math"
	"runtime/metrics"
	"time"
)

// Run measures and moves the limits until ctx ends.
func (d *Door) Run(ctx context.Context) error {
	p := newProbe()
	p.read() // what waited before is not of now
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		d.room.Tick()
		h := p.read()
		var m [queues]time.Duration
		m[processor] = p.wait(h)
		if d.Store != nil {
			m[writer], m[readers] = d.Store()
		}
		d.step(d.Elapsed(), m, h)
	}
}

// step is one tick: what was measured goes through the laws into the buckets.
func (d *Door) step(now time.Duration, waits [queues]time.Duration, h *histogram) {
	d.mu.Lock()
	defer d.mu.Unlock()
	waits[crowd] = waits[processor]
	var units [queues]float64
	var fresh [classes]tally
	read := 0.0
	for c := range d.counts {
		for w := range d.counts[c] {
			n, was := &d.counts[c][w], d.last[c][w]
			is := tally{n.accepted.Load(), n.refused.Load(), n.done.Load()}
			d.last[c][w] = is
			fresh[c].accepted += is.accepted - was.accepted
			fresh[c].refused += is.refused - was.refused
			if d.covers[c][w]&(1<<readers) != 0 {
				read += float64(is.done - was.done)
			}
			for q := range units {
				if d.covers[c][w]&(1<<q) != 0 {
					units[q] += float64((is.done - was.done) * Class(c).cost())
				}
			}
		}
	}
	d.read += (read/tick.Seconds() - d.read) / 4
	d.most.Store(max(d.least, int64(d.read/2)))
	engaged := d.engaged.Load() & (1 << fixed)
	for q := range d.ctl {
		n := d.refused[q].Load()
		limit := d.ctl[q].step(sample{wait: waits[q], done: units[q] / tick.Seconds(), refused: n > d.seen[q]})
		d.seen[q] = n
		d.buckets[q].set(limit, int64(now))
		if limit > 0 {
			engaged |= 1 << q
		}
	}
	if was := d.engaged.Swap(engaged); was&^(1<<fixed) == 0 {
		d.since = now
	}
	d.waits = waits
	d.waited.Store(int64(waits[processor]))
	d.ticks++
	d.window.add(now, &fresh, h)
}

// probe reads how long goroutines that could run waited for a processor.
type probe struct {
	sample [1]metrics.Sample
	slot   []int // histogram slot by the runtime's bucket
	was    []uint64

	fresh histogram // since wait last had enough
	held  int       // ticks it is being gathered
	value time.Duration
}

func newProbe() *probe {
	return &probe{sample: [1]metrics.Sample{{Name: "/sched/latencies:seconds"}}}
}

// read returns what waited since the last read. The runtime measures one change
// in eight of a goroutine's state, so that counts are shares and no numbers.
func (p *probe) read() *histogram {
	out := new(histogram)
	metrics.Read(p.sample[:])
	if p.sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return out // another runtime: nothing is measured, nobody is refused
	}
	h := p.sample[0].Value.Float64Histogram()
	if len(p.was) != len(h.Counts) {
		p.was, p.slot = make([]uint64, len(h.Counts)), make([]int, len(h.Counts))
		for i := range h.Counts {
			edge := h.Buckets[i+1]
			if math.IsInf(edge, 1) {
				edge = h.Buckets[i]
			}
			p.slot[i] = slotOf(time.Duration(edge * float64(time.Second)))
		}
	}
	for i, n := range h.Counts {
		out[p.slot[i]] += n - p.was[i]
		p.was[i] = n
	}
	return out
}

// enough is from how many measurements a tick can be judged; few are gathered
// for up to stale ticks.
const (
	enough = 8
	stale  = 4
)

// wait is how long nine of ten goroutines waited at most. A goroutine that is
// woken by its neighbour runs at once whatever the queue; one that comes from
// the network waits it out. The median would see the first, the largest a
// single accident.
func (p *probe) wait(h *histogram) time.Duration {
	p.fresh.add(h)
	p.held++
	n := p.fresh.count()
	if n < enough && p.held < stale {
		return p.value
	}
	p.value = 0
	if n >= 2 {
		p.value = p.fresh.quantile(0.9)
	}
	p.fresh, p.held = histogram{}, 0
	return p.value
}
