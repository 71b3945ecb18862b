package drill

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// How long a crowd comes before the opening, at most; how long a campaign may take to be
// opened; how much longer than at the pace's ceiling people may take to the end.
const (
	beforeMost = 20 * time.Second
	openMost   = 8 * time.Second
	roomMost   = 4 * time.Minute
)

// soon is the next opening: doors open at a full minute, so the demonstration's clock is
// set ahead until the next is near. real is when that will be.
func (p *play) soon(ctx context.Context, lasts time.Duration) (d doors, real time.Time, err error) {
	need := min(lasts+3*time.Second, beforeMost) + openMost
	now := time.Now().In(p.office.zone)
	d.opens = now.Add(need + time.Minute - 1).Truncate(time.Minute)
	ahead := d.opens.Sub(now) - need
	if err = p.program.Stop(); err == nil {
		err = p.program.Start(ctx, "demo", "--ahead", ahead.Truncate(time.Millisecond).String())
	}
	return d, d.opens.Add(-ahead), err
}

// wait plays an act with a waiting room: a campaign that opens at the next full minute,
// a crowd that comes before it and after, and claims as the turn lets it.
func (p *play) wait(ctx context.Context, a Act) error {
	seconds := a.Seconds
	if p.Short && a.Short > 0 {
		seconds = a.Short
	}
	lasts := time.Duration(seconds * float64(time.Second))
	d, real, err := p.soon(ctx, lasts)
	if err != nil {
		return err
	}
	d.pace = int64(math.Ceil(float64(len(p.tokens)) / seconds * 60))
	shares := int64(len(p.tokens)) + 1
	x := rushAct{id: fmt.Sprintf("drill-%d", len(p.rushes)+1), shares: shares, perSecond: float64(d.pace) / 60}
	offer, err := p.office.open(ctx, p.s.Rush.City, x.id, shares*sharePieces, d)
	if err != nil {
		return err
	}
	before := min(lasts+3*time.Second, beforeMost, time.Until(real)-time.Second)
	if before < 2*time.Second {
		return errors.New("drill: the campaign was opened too late for anybody to come before")
	}
	p.say("the doors open in %.0f s; %.0f people a second have their turn at most", time.Until(real).Seconds(), x.perSecond)
	g := newGuests(p.tokens, x.id, offer, real, a.Early, before, lasts)
	x.guests = g
	p.rushes = append(p.rushes, x)
	select { // a line on which nothing comes is closed after a while
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(real.Add(-before - time.Second))):
	}
	l := g.load()
	l.Addr, l.Lines, l.Beside, l.Second = p.program.Addr, a.Lines, p.program.Used, p.second
	run, err := l.Drive(ctx, Phase{a.Name, 0, time.Until(real) + 2*lasts + roomMost})
	p.note(run)
	if err != nil {
		return err
	}
	p.say("%s: %s", a.Name, g)
	m := &run.Phases[0]
	all := m.All()
	row := Row{
		Scenario: p.s.Name, Act: a.Name, Seconds: m.For.Seconds(), Offered: m.Offered(), Achieved: m.Achieved(), Goodput: m.Goodput(),
		P50: ms(all.Latency.Quantile(0.5)), P99: ms(all.Latency.Quantile(0.99)), Max: ms(all.Latency.Max()),
		Errors: all.Errors(), Refused: all.Refused, Drill: m.Own.Seconds() / m.For.Seconds(), Program: max(0, m.Beside.Seconds()/m.For.Seconds()), Verdict: Passed,
	}
	if most := a.Promise.P99MS; most > 0 {
		p.out.speed(a.Name, "p99", row.P99 <= most, fmt.Sprintf("< %.0f ms", most), "%.1f ms", row.P99)
	}
	p.out.goal(a.Name, "failed", row.Errors == 0, "0", "%d", row.Errors)
	p.out.Errors += row.Errors
	p.out.Acts = append(p.out.Acts, row)
	p.say("%s: %d joined, %d looks, %d claims, %d too early; p50 %.1f ms, p99 %.1f ms, %d failed, %d refused; drill %.2f cores, program %.2f",
		a.Name, m.Kinds[joins].OK, m.Kinds[looks].OK, m.Kinds[calls].OK, m.Kinds[pushes].No, row.P50, row.P99, row.Errors, row.Refused, row.Drill, row.Program)
	return nil
}

// judgeRoom gives the verdict on a waiting room.
func (o *Outcome) judgeRoom(x rushAct, r *reading) {
	var f roomFound
	for _, room := range r.Rooms { // there is one: of the day
		f = holdRoom(x.guests.who, x.perSecond, room, r)
	}
	o.goal(x.id, "room", f.Places == int64(len(x.guests.who)) && len(r.Rooms) == 1 && f.Lost == 0 && f.Double == 0, fmt.Sprintf("%d, 0, 0", len(x.guests.who)), "%d, %d, %d", f.Places, f.Lost, f.Double)
	o.goal(x.id, "order", f.Order == 0, "0", "%d", f.Order)
	o.goal(x.id, "turns", f.Early == 0 && x.guests.refusedEarly > 0, "0", "%d / %d", f.Early, x.guests.refusedEarly)
	o.goal(x.id, "pace", f.Beyond == 0, "0", "%d", f.Beyond)
	o.goal(x.id, "everybody", x.guests.left() == 0, "0", "%d", x.guests.left())
}
