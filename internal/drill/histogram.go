package drill

import (
	"math/bits"
	"time"
)

// Buckets of a histogram: exact to fine microseconds, then fine buckets for each
// doubling, so that a bucket is never wider than 1/fine of its value (1.6 %).
const (
	fine     = 64
	doubling = 26 // up to 71 minutes
	buckets  = fine * (doubling + 1)
)

// Histogram counts durations at a fixed cost, in microseconds. Its zero value is
// empty and ready.
type Histogram struct {
	counts [buckets]uint32
	n      int64
	max    time.Duration
}

// bucket is where a number of microseconds is counted.
func bucket(us uint64) int {
	if us < fine {
		return int(us)
	}
	shift := bits.Len64(us) - bits.Len64(fine)
	return min(fine+shift*fine+int(us>>shift)-fine, buckets-1)
}

// edge is the largest duration counted in a bucket.
func edge(i int) time.Duration {
	if i < fine {
		return time.Duration(i+1) * time.Microsecond
	}
	shift := (i - fine) / fine
	return time.Duration(uint64((i-fine)%fine+fine+1)<<shift) * time.Microsecond
}

// Add counts a duration; what is below zero counts as zero.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d.Microseconds()))]++
	h.n++
	h.max = max(h.max, d)
}

// Merge adds what another counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, c := range o.counts {
		h.counts[i] += c
	}
	h.n += o.n
	h.max = max(h.max, o.max)
}

// Count is how many durations were counted.
func (h *Histogram) Count() int64 { return h.n }

// Max is the longest duration, exact.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile is a duration that at least the share q of all do not exceed, rounded
// up to its bucket's edge but never above the longest; zero when nothing was
// counted.
func (h *Histogram) Quantile(q float64) time.Duration {
	want := int64(q * float64(h.n))
	if float64(want) < q*float64(h.n) || want == 0 {
		want++
	}
	var seen int64
	for i, c := range h.counts {
		if seen += int64(c); seen >= want {
			return min(edge(i), h.max)
		}
	}
	return h.max
}
