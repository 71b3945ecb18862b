package demo

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// drawn is chance drawn from who and which day, so that it does not matter how often
// one asks.
func drawn(who string, day time.Time, what uint64) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(who)) // a hash takes everything
	return rand.New(rand.NewPCG(h.Sum64(), uint64(day.Unix())^what<<40))
}

// come and read keep what is drawn for one thing apart from another.
const (
	come uint64 = iota + 1
	read
)

// shift is when somebody comes on a day and goes again, by which of so many gates.
func shift(person string, day time.Time, gates int) (in, out time.Time, gate int, comes bool) {
	r := drawn(person, day, come)
	from := 8*time.Hour + 20*time.Minute + spread(r.NormFloat64(), 32*time.Minute)
	until := 17*time.Hour + 40*time.Minute + spread(r.NormFloat64(), 45*time.Minute)
	if r.IntN(12) == 0 { // the second shift
		from, until = from+6*time.Hour, min(until+5*time.Hour, 23*time.Hour+45*time.Minute)
	}
	gate = r.IntN(gates)
	share := 84
	switch day.Weekday() {
	case time.Saturday:
		share = 34
	case time.Sunday:
		share = 13
	case time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday:
	}
	return day.Add(from), day.Add(until), gate, r.IntN(100) < share
}

// paced is somebody's day at the gates.
type paced struct {
	person, gate string
	in, out      time.Time
	comes        bool
}

// crowd is who comes and goes on a day. Who works is asked again after a while: firms are
// suspended and mended.
type crowd struct {
	day, asked, until time.Time // until: the last step
	people            []paced
}

// askAgain is how long a crowd stays as it is.
const askAgain = time.Hour

func (c *crowd) gather(ctx context.Context, st Stage, now, day time.Time) error {
	if c.day.Equal(day) && now.Sub(c.asked) < askAgain {
		return nil
	}
	gates, err := gatesByPark(ctx, st)
	if err != nil {
		return err
	}
	list, err := st.Resume().Walkers(ctx)
	if err != nil {
		return err
	}
	c.day, c.asked, c.people = day, now, make([]paced, 0, len(list))
	for _, w := range list {
		if doors := gates[w.Park]; len(doors) > 0 {
			in, out, gate, comes := shift(w.Person, day, len(doors))
			c.people = append(c.people, paced{w.Person, doors[gate], in, out, comes})
		}
	}
	return nil
}

// walk lets the people of firms that work come in the morning and go in the evening,
// each at their own minute. Who was due before somebody was let in last has come or not,
// and whoever would have gone by now does not come any more. The minute is for those who
// were due while the last were on their way.
func (c *crowd) walk(ctx context.Context, st Stage, now, day time.Time) error {
	if err := c.gather(ctx, st, now, day); err != nil {
		return err
	}
	var due []paced
	var people []string
	for _, p := range c.people {
		if p.comes && !p.in.After(now) && p.out.After(now) && p.in.After(c.until.Add(-time.Minute)) || !p.out.After(now) && p.out.After(c.until.Add(-askAgain)) {
			due, people = append(due, p), append(people, p.person)
		}
	}
	last, inside, err := st.Resume().Walked(ctx, people)
	if err != nil {
		return err
	}
	var steps []workresume.Step
	for _, p := range due {
		since, in := inside[p.person]
		switch {
		case in && !p.out.After(now) && since.Before(p.out):
			steps = append(steps, workresume.Step{Person: p.person, Gate: p.gate, Direction: workresume.Out})
		case !in && p.out.After(now) && p.in.After(last.Add(-time.Minute)):
			steps = append(steps, workresume.Step{Person: p.person, Gate: p.gate, Direction: workresume.In})
		}
	}
	if _, err := st.Resume().Walk(ctx, steps); err != nil {
		return err
	}
	c.until = now
	return nil
}

func gatesByPark(ctx context.Context, st Stage) (map[string][]string, error) {
	var out map[string][]string
	err := st.DB.Read(ctx, func(r storage.Reader) error {
		out = map[string][]string{}
		parks, err := place.All(r, place.Park)
		if err != nil {
			return err
		}
		list, err := place.All(r, place.Gate)
		for _, g := range list {
			for _, p := range parks {
				if g.Within(p.ID) && g.Organisation == "" {
					out[p.ID] = append(out[p.ID], g.ID)
				}
			}
		}
		return err
	})
	return out, err
}

// metersLate is how many days a meter that is read late waits at most.
const metersLate = 4

// meters hands in what the power desk reads by seven for the day before: much what it
// was, so that who stood still goes on standing still. One in thirty is read late.
func meters(ctx context.Context, st Stage, day time.Time) error {
	list, err := st.Resume().Meters(ctx)
	if err != nil {
		return err
	}
	yesterday := day.AddDate(0, 0, -1)
	var lines []workresume.Reading
	for _, m := range list {
		last := m.Day.In(day.Location())
		late := drawn(m.CreditCode, monday(day), read).IntN(30) == 0
		if !last.Before(yesterday) || late && last.After(day.AddDate(0, 0, -metersLate)) {
			continue
		}
		from := last.AddDate(0, 0, 1)
		if first := day.AddDate(0, 0, -metersLate); from.Before(first) {
			from = first
		}
		for d := from; !d.After(yesterday); d = d.AddDate(0, 0, 1) {
			kwh := m.KWh * (0.97 + 0.06*drawn(m.CreditCode, d, read).Float64())
			lines = append(lines, workresume.Reading{
				Line: len(lines) + 1, CreditCode: m.CreditCode, At: d.Format(time.DateOnly), KWh: strconv.FormatFloat(kwh, 'f', 1, 64),
			})
		}
	}
	for part := lines; len(part) > 0; {
		n := min(len(part), workresume.ReadingsMost)
		if _, err := st.Resume().ReadMeters(ctx, auth.Operator(), workresume.MetersInput{Readings: part[:n]}); err != nil {
			return err
		}
		part = part[n:]
	}
	return nil
}

// monday begins the week of a day.
func monday(day time.Time) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}
