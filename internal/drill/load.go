package drill

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Load says whom to ask, what, and over how many connections.
type Load struct {
	Addr  string // host:port, without TLS
	Lines int    // connections; 512 if 0
	Kinds []Kind

	// Ask appends request i to b and says its kind, an index into Kinds; nothing
	// appended ends the run. It is called in the requests' order on the generator's
	// thread: what it costs, the measurement costs.
	Ask func(i int64, b []byte) (request []byte, kind int)

	// Next, if any, is the schedule in place of a phase's Rate, for people who come back
	// when they were told to: when the next request is due, counted from the run's
	// beginning. None is left where more is false, and the run ends with the last answer,
	// or with its phase. Nobody leaves for want of a free line.
	Next func(now time.Duration) (due time.Duration, more bool)

	// Hear, if any, is told every answer in the order they came, also on that
	// thread; the body is there for kinds that keep it, until Hear returns.
	Hear func(i int64, kind int, a *Answer)

	// Miss, if any, is told of every request that was sent and not answered: its
	// line broke, it was too late, or it was cut off. Whether it was carried out
	// nobody knows but the server.
	Miss func(i int64, kind int)

	// Second, if any, is called about once a second with the phase under way.
	Second func(m *Measured, in time.Duration)

	// Deadline is how long an answer may take before its connection is given up,
	// 10 s if 0; Patience how long a request waits for a free connection before
	// its person leaves, 5 s if 0.
	Deadline, Patience time.Duration

	// Beside, if any, is what processor time somebody else has used so far; each
	// phase says what was used during it.
	Beside func() time.Duration
}

// Kind is one sort of request, counted by itself.
type Kind struct {
	Name string
	Keep bool  // Hear wants the bodies of its answers
	Cut  bool  // its caller hangs up as soon as it is sent
	No   []int // statuses that are an answer too, and no good one: "it is gone"
}

// Phase is a stretch of the schedule.
type Phase struct {
	Name string
	Rate float64 // requests per second; 0 is closed: each line asks again when it was answered (see Load.Next)
	For  time.Duration
}

// slice is how finely the course of a run is kept.
const slice = 100 * time.Millisecond

// Tally counts the answers to requests of one kind.
type Tally struct {
	OK      int64 // 2xx in time
	No      int64 // one of the kind's No
	Cut     int64 // its caller hung up, as the kind wants
	Refused int64 // 503 that names a time to come back
	Bare    int64 // 503 that does not
	Other   int64 // any other status
	Broken  int64 // the connection broke
	Late    int64 // no answer before the deadline
	Latency Histogram
}

// Asked is how many requests were sent.
func (t *Tally) Asked() int64 { return t.OK + t.No + t.Cut + t.Refused + t.Errors() }

// Errors is everything that is neither a good answer nor a proper refusal.
func (t *Tally) Errors() int64 { return t.Bare + t.Other + t.Broken + t.Late }

func (t *Tally) merge(o *Tally) {
	t.No, t.Cut = t.No+o.No, t.Cut+o.Cut
	t.OK, t.Refused, t.Bare = t.OK+o.OK, t.Refused+o.Refused, t.Bare+o.Bare
	t.Other, t.Broken, t.Late = t.Other+o.Other, t.Broken+o.Broken, t.Late+o.Late
	t.Latency.Merge(&o.Latency)
}

// Measured is what came of one phase: of the requests whose moment was in it,
// whenever they were answered. Latency is of good answers, from their moment.
type Measured struct {
	Phase
	Kinds   []Tally       // as Load.Kinds
	GivenUp int64         // found no free line for as long as Patience; never sent
	During  []int64       // good answers that came while the phase lasted, by kind
	Own     time.Duration // processor time of the generator while it lasted
	Beside  time.Duration // and of whom Load.Beside watches
}

// All is the tally of every kind together.
func (m *Measured) All() (all Tally) {
	for i := range m.Kinds {
		all.merge(&m.Kinds[i])
	}
	return all
}

// Offered is how many requests had their moment in the phase, per second.
func (m *Measured) Offered() float64 {
	all := m.All()
	return m.per(all.Asked() + m.GivenUp)
}

// Achieved is how many of them were sent, per second.
func (m *Measured) Achieved() float64 {
	all := m.All()
	return m.per(all.Asked())
}

func (m *Measured) per(n int64) float64 { return float64(n) / max(m.For.Seconds(), 1e-9) }

// Goodput is how many good answers came each second while the phase lasted.
func (m *Measured) Goodput() float64 {
	var n int64
	for _, x := range m.During {
		n += x
	}
	return m.per(n)
}

// moment is a slice of a run: of requests whose moment was in it.
type moment struct {
	bad     int64 // refused, failed or given up
	latency Histogram
}

// Run is a whole measurement.
type Run struct {
	Phases []Measured
	Odd    []string // the first few answers and failures nobody planned for
	course []moment
}

// settled is how many slices in a row must be calm before it counts as calm.
const settled = 3

// mostOdd is how many unplanned answers are kept to be looked at.
const mostOdd = 5

// Calm says how long after a moment of the run every slice was calm again: no
// request refused, failed or given up, and p99 within the limit. False when that
// did not happen before the run's end.
func (r *Run) Calm(after, limit time.Duration) (time.Duration, bool) {
	first := int(after / slice)
	row := 0
	for i := first; i < len(r.course); i++ {
		c := &r.course[i]
		if c.bad > 0 || c.latency.Quantile(0.99) > limit {
			row = 0
			continue
		}
		if row++; row == settled {
			return time.Duration(i+1-settled-first) * slice, true
		}
	}
	return 0, false
}

// worst says which seconds of a phase were the worst of those that were not calm: whoever
// looks for the cause finds in the log what the program did then.
func (r *Run) worst(phase int, limit time.Duration) (list []string) {
	type rough struct {
		at  int // seconds since the phase began
		bad int64
		p99 time.Duration
	}
	var from time.Duration
	for _, m := range r.Phases[:phase] {
		from += m.For
	}
	var all []rough
	for at := 0; at < int(r.Phases[phase].For/time.Second); at++ {
		var second moment
		for i := int((from + time.Duration(at)*time.Second) / slice); i < int((from+time.Duration(at+1)*time.Second)/slice) && i < len(r.course); i++ {
			second.bad += r.course[i].bad
			second.latency.Merge(&r.course[i].latency)
		}
		if p99 := second.latency.Quantile(0.99); second.bad > 0 || p99 > limit {
			all = append(all, rough{at, second.bad, p99})
		}
	}
	slices.SortStableFunc(all, func(a, b rough) int { return cmp.Or(cmp.Compare(b.bad, a.bad), cmp.Compare(b.p99, a.p99)) })
	for _, x := range all[:min(len(all), mostOdd)] {
		list = append(list, fmt.Sprintf("second %d: p99 %.1f ms, %d not answered well", x.at+1, ms(x.p99), x.bad))
	}
	return list
}
