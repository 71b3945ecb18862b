package demo

import (
	"context"
	"strconv"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

// historyDays is how many past days have figures.
const historyDays = 14

// meterLeast is from how many people on an invented firm has a meter of its own that
// the power desk reads.
const meterLeast = 20

// age is how many days ago a firm filed: few at once, most in the middle, some late.
func (b *builder) age() int {
	n := b.rnd.NormFloat64()*2.6 + 8.5
	return min(max(int(n+0.5), 1), historyDays)
}

// remember makes up a firm's past days: before it filed it stood still, then it
// worked, but for one in sixty that was suspended for two days and mended.
func (b *builder) remember(f workresume.SeedFirm, answer workresume.State, age int) {
	size := int64(len(f.People))
	held := 0 // the days before today on which it was suspended: held and held-1
	if answer == workresume.Certified && age > 4 && b.rnd.IntN(60) == 0 {
		held = 2 + b.rnd.IntN(age-3)
	}
	loads := [historyDays + 1]float64{}
	way := b.way(answer)
	for d := historyDays; d >= 1; d-- {
		day := workresume.SeedDay{Day: b.past(d), Park: f.Park, State: workresume.Unfiled, Roster: size}
		loads[d] = 0.11 + 0.1*b.rnd.Float64() // lights, cooling, a guard
		if d <= age && f.Filing != nil {
			day.Filing, day.State, day.Suspended = f.Filing, answer, held > 0 && (d == held || d == held-1)
		}
		works := day.State == workresume.Certified && !day.Suspended
		if works {
			day.Came = b.arrivals(size, d)
		}
		if works || way.secretly && d <= 4 {
			loads[d] = b.load(way, age-d, b.today.AddDate(0, 0, -d).Weekday())
		}
		b.days.Add(day)
	}
	if answer == workresume.Certified {
		b.comeToday(f, size)
	} else if way.secretly {
		b.turnedToday(f, size)
	}
	if size >= meterLeast {
		b.meter(f.CreditCode, float64(size)*(9+14*b.rnd.Float64()), loads)
	}
}

// way is how a firm's production comes back: from a part of its normal load, a little
// more each day, to as much as its orders and people allow.
type way struct {
	most     float64
	idle     bool // certified, and nothing turns
	secretly bool // works, and nobody allowed it
}

func (b *builder) way(answer workresume.State) way {
	w, odd := way{most: 0.42 + 0.4*b.rnd.Float64()}, b.rnd.IntN(90)
	w.idle = odd == 0 && answer == workresume.Certified
	w.secretly = odd < 4 && answer != workresume.Certified
	return w
}

// load is a working firm's share of its normal load on a day. The district's users are
// back before its production is, as they were: the province counted 57.6 % of its users
// and 45.3 % of its power on 19 February 2020, and its index went from 25 to 54 within
// ten days.
func (b *builder) load(w way, days int, at time.Weekday) float64 {
	share := min(0.26+0.05*float64(max(days, 0)), w.most) + 0.08*(b.rnd.Float64()-0.5)
	if w.idle {
		share = 0.04 + 0.04*b.rnd.Float64()
	}
	switch at {
	case time.Saturday:
		share *= 0.97
	case time.Sunday:
		share *= 0.94
	case time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday:
	}
	return share
}

// arrivals is how many of a working firm's people came in: most on a weekday.
func (b *builder) arrivals(size int64, ago int) int64 {
	share := 0.72 + 0.24*b.rnd.Float64()
	switch b.today.AddDate(0, 0, -ago).Weekday() {
	case time.Saturday:
		share *= 0.4
	case time.Sunday:
		share *= 0.15
	case time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday:
	}
	return min(int64(share*float64(size)+0.5), size)
}

func (b *builder) past(days int) string {
	return b.today.AddDate(0, 0, -days).Format(time.DateOnly)
}

// meter reads a firm's meter day by day; one in thirty has not been read lately.
func (b *builder) meter(code string, normal float64, loads [historyDays + 1]float64) {
	last := 1
	if b.rnd.IntN(30) == 0 {
		last = 5
	}
	kwh := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	for d := historyDays; d >= last; d-- {
		r := workresume.Reading{Line: len(b.readings) + 1, CreditCode: code, At: b.past(d), KWh: kwh(normal * loads[d])}
		if d == historyDays {
			r.Normal = kwh(normal)
		}
		b.readings = append(b.readings, r)
	}
}

// history hands in what the crowd left behind: the closed days, and the files of the
// power desk by the verb that takes everybody's.
func (b *builder) history(ctx context.Context) error {
	if err := b.Resume().SeedHistory(ctx, &b.days); err != nil {
		return err
	}
	for part := b.readings; len(part) > 0; {
		n := min(len(part), workresume.ReadingsMost)
		if _, err := b.Resume().ReadMeters(ctx, auth.Operator(), workresume.MetersInput{Readings: part[:n]}); err != nil {
			return err
		}
		part = part[n:]
	}
	return nil
}
