package demo

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/service/workresume"
)

// comeToday makes up who of a working firm came in today and went home again, until
// now: most before nine, some for the second shift. The chances drawn do not depend on
// the hour, so that a seed makes the same district at any time of its day.
func (b *builder) comeToday(f workresume.SeedFirm, size int64) {
	come := b.arrivals(size, 0)
	from := time.Date(b.today.Year(), b.today.Month(), b.today.Day(), 0, 0, 0, 0, b.today.Location())
	for i := range size {
		in := 8*time.Hour + 20*time.Minute + spread(b.rnd.NormFloat64(), 32*time.Minute)
		out := 17*time.Hour + 40*time.Minute + spread(b.rnd.NormFloat64(), 45*time.Minute)
		if b.rnd.IntN(12) == 0 { // the second shift
			in, out = in+6*time.Hour, out+5*time.Hour
		}
		gate := b.gates[f.Park][b.rnd.IntN(len(b.gates[f.Park]))]
		// The worker whom a visitor is has not come in yet.
		if visitor := b.people == int(size) && i == 0; visitor || i >= come || from.Add(in).After(b.now) {
			continue
		}
		v := workresume.SeedVisit{CreditCode: f.CreditCode, Person: int(i), Gate: gate, In: from.Add(in)}
		if leaves := from.Add(out); !leaves.After(b.now) {
			v.Out = leaves
		}
		b.visits = append(b.visits, v)
	}
}

// turnedToday makes up the people of a firm that works and may not: some stood at a
// gate this morning.
func (b *builder) turnedToday(f workresume.SeedFirm, size int64) {
	for i := range min(size, 4) {
		at := time.Date(b.today.Year(), b.today.Month(), b.today.Day(), 8, 5+int(i)*3+b.rnd.IntN(3), b.rnd.IntN(60), 0, b.today.Location())
		if !at.After(b.now) {
			b.visits = append(b.visits, workresume.SeedVisit{CreditCode: f.CreditCode, Person: int(i), Gate: b.gates[f.Park][0], In: at, Stopped: true})
		}
	}
}

// spread is a normal deviation, cut where it would leave the part of the day.
func spread(n float64, sigma time.Duration) time.Duration {
	return time.Duration(min(max(n, -2.5), 2.5) * float64(sigma))
}

// watchedFor is how long the promises have been held against facts when a visitor
// comes: long enough that somebody was warned and, hours later, suspended.
const watchedFor = 6 * time.Hour

// watched holds the district against its promises as the program would have done this
// morning, by the same steps.
func (b *builder) watched(ctx context.Context) error {
	hand := clock.NewHand(b.now.Add(-watchedFor))
	past := b.Resume().At(hand.Now)
	for _, wait := range [...]time.Duration{0, 11 * time.Minute, 4*time.Hour + time.Minute} {
		hand.Add(wait)
		if err := past.Watch(ctx); err != nil {
			return err
		}
	}
	return nil
}
