package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// play is one rush under way.
type play struct {
	Stage
	s       Scenario
	program *Program
	out     *Outcome
	office  *office
	tokens  []string
	rushes  []rushAct
}

// rushAct is an act of a rush, with the campaign it had to itself.
type rushAct struct {
	id     string
	shares int64 // of the supply
	crowd  *claimants
	kills  int

	guests    *guests // in place of crowd, where people wait in a room
	perSecond float64 // its pace's ceiling
}

// sharePieces are the pieces of one share, by the rule of every city whose rush is played.
const sharePieces = 5

// enough is the share of the people who may be asked in an act: when the last have been
// answered nobody is left to ask, and the rest of the act would measure nothing.
const enough = 0.9

// rehearseRush plays a rush: capacity in a closed loop, then every act, each on a
// campaign of its own, so that everybody may ask anew; and at the end the ledger, the log
// and the rows are held against what people were told.
func (s Stage) rehearseRush(ctx context.Context, sc Scenario, out *Outcome) error {
	p := &play{Stage: s, s: sc, program: s.program(), out: out}
	err := p.hold(ctx)
	return errors.Join(err, p.program.Stop())
}

func (p *play) hold(ctx context.Context) error {
	p.say("building the district")
	if err := p.program.Start(ctx, "demo", "--people", strconv.Itoa(p.Demo)); err != nil {
		return err
	}
	p.say("making tokens")
	var err error
	if p.tokens, err = asMany(ctx, p.program, "worker", "", p.People); err != nil {
		return err
	}
	p.out.People = len(p.tokens)
	if p.office, err = newOffice(ctx, p.program); err != nil {
		return err
	}
	// What the machine bears is measured as the acts are: their promises are held against it.
	run, err := p.drive(ctx, Act{Name: "capacity", Lines: 512}, Phase{"capacity", 0, p.time(10, 2)})
	if err != nil {
		return err
	}
	p.out.Capacity = float64(run.Phases[0].During[claims]) / run.Phases[0].For.Seconds()
	p.say("capacity %.0f claims/s", p.out.Capacity)
	for _, a := range p.s.Act {
		if err := p.act(ctx, a); err != nil {
			return err
		}
	}
	return p.judge(ctx)
}

// act plays one act.
func (p *play) act(ctx context.Context, a Act) error {
	if a.Early > 0 {
		return p.wait(ctx, a)
	}
	rate, reference := a.PerSecond, 0.0
	if a.OfCapacity > 0 {
		reference = p.out.Capacity
		rate = a.OfCapacity * reference
	}
	seconds := a.Seconds
	if p.Short && a.Short > 0 {
		seconds = a.Short
	}
	people := enough * float64(len(p.tokens))
	if a.Kills > 0 { // there are people to the end, or the last cut would meet nobody
		rate = min(rate, people/seconds)
	} else {
		seconds = min(seconds, people/min(rate, p.out.Capacity))
	}
	run, err := p.drive(ctx, a, Phase{a.Name, rate, time.Duration(seconds * float64(time.Second))})
	if err != nil {
		return err
	}
	m := &run.Phases[0]
	all := m.All()
	x := Row{
		Scenario: p.s.Name, Act: a.Name, Seconds: m.For.Seconds(), Offered: m.Offered(), Achieved: m.Achieved(),
		Goodput: float64(m.During[claims]+m.During[retries]) / max(m.For.Seconds(), 1e-9),
		P50:     ms(all.Latency.Quantile(0.5)), P99: ms(all.Latency.Quantile(0.99)), Max: ms(all.Latency.Max()),
		Errors: all.Errors(), Refused: all.Refused, GivenUp: m.GivenUp, Reference: reference,
		Drill: m.Own.Seconds() / m.For.Seconds(), Program: max(0, m.Beside.Seconds()/m.For.Seconds()), Verdict: Passed,
	}
	g, o := a.Promise, p.out
	if g.P99MS > 0 {
		o.speed(a.Name, "p99", x.P99 <= g.P99MS, fmt.Sprintf("< %.0f ms", g.P99MS), "%.1f ms", x.P99)
	}
	if g.Rate > 0 {
		o.speed(a.Name, "rate", x.Goodput >= g.Rate, fmt.Sprintf("≥ %.0f/s", g.Rate), "%.0f/s", x.Goodput)
	}
	if g.Goodput > 0 {
		o.speed(a.Name, "goodput", x.Goodput >= g.Goodput*reference, fmt.Sprintf("≥ %.0f %% of %.0f/s", 100*g.Goodput, reference), "%.0f %%", 100*x.Goodput/max(reference, 1))
	}
	if g.Errors != nil {
		n := x.Errors + x.Refused + x.GivenUp
		o.speed(a.Name, "errors", n <= *g.Errors, strconv.FormatInt(*g.Errors, 10), "%d", n)
	}
	if a.Kills == 0 {
		o.goal(a.Name, "failed", x.Errors == 0, "0", "%d", x.Errors) // refused is no failure
		o.Errors += x.Errors
	}
	o.Acts = append(o.Acts, x)
	p.say("%s: %.0f/s good of %.0f/s offered and %.0f/s sent, p50 %.1f ms, p99 %.1f ms, %d failed, %d refused, %d given up; drill %.2f cores, program %.2f",
		a.Name, x.Goodput, x.Offered, x.Achieved, x.P50, x.P99, x.Errors, x.Refused, x.GivenUp, x.Drill, x.Program)
	return nil
}

// drive opens a campaign for an act and lets the crowd at it; at the end who was cut off
// asks until they are answered.
func (p *play) drive(ctx context.Context, a Act, phase Phase) (Run, error) {
	shares := int64(len(p.tokens)) + 1
	if a.Supply > 0 {
		shares = max(1, int64(a.Supply*float64(len(p.tokens))))
	}
	x := rushAct{id: fmt.Sprintf("drill-%d", len(p.rushes)+1), shares: shares, kills: a.Kills}
	offer, err := p.office.open(ctx, p.s.Rush.City, x.id, shares*sharePieces, doors{})
	if err != nil {
		return Run{}, err
	}
	x.crowd = newClaimants(p.s.Rush, p.tokens, offer)
	p.rushes = append(p.rushes, x)
	l := x.crowd.load()
	l.Addr, l.Lines, l.Beside, l.Second = p.program.Addr, a.Lines, p.program.Used, p.second
	if a.OfCapacity > 1 {
		l.Patience = brief
	}
	cut := func() error { return nil }
	if a.Kills > 0 {
		cut = p.powercuts(ctx, x.crowd, a.Kills, phase.For)
	}
	run, err := l.Drive(ctx, phase)
	p.note(run)
	if e := cut(); err == nil {
		err = e
	}
	if err != nil {
		return run, err
	}
	for round := 0; err == nil && x.crowd.left() > 0 && round < rounds; round++ {
		if round > 0 {
			err = rest(ctx)
		}
		if err == nil {
			l := x.crowd.settle()
			l.Addr, l.Lines, l.Second = p.program.Addr, 32, p.second
			var last Run
			last, err = l.Drive(ctx, Phase{"those without an answer", 0, time.Minute})
			p.note(last)
		}
	}
	p.say("%s: %s", phase.Name, x.crowd)
	return run, err
}

// note keeps the first answers nobody planned for; a power cut plans for broken lines.
func (p *play) note(run Run) {
	p.out.Odd = append(p.out.Odd, run.Odd...)[:min(mostOdd, len(p.out.Odd)+len(run.Odd))]
}

// settle is the load of those whose fate is unknown or who were told to come again; it
// ends when all of them have an answer.
func (c *claimants) settle() Load {
	var ask []int32
	for i := range c.who {
		if w := &c.who[i]; w.key != "" && w.state != answered && w.state != declined {
			w.state = waiting
			ask = append(ask, int32(i))
		}
	}
	c.next, c.again, c.by, c.rush = nil, ask, nil, Rush{} // requests are numbered anew
	return c.load()
}

// judge stops the program and holds its store against what people were told.
func (p *play) judge(ctx context.Context) error {
	audit, err := p.program.audit(ctx)
	if err != nil {
		return err
	}
	if err := p.program.Stop(); err != nil {
		return err
	}
	var ids []string
	for _, x := range p.rushes {
		ids = append(ids, x.id)
	}
	read, facts, err := p.program.readings(ctx, ids...)
	if err != nil {
		return err
	}
	p.out.Facts = facts
	p.say("%d facts read; the ledger's audit: %s", facts, audit)
	return p.verdict(read, audit)
}

// verdict holds every act's reading against what its crowd was told. It is all of the
// judgement, apart from the reading, so that a test can tamper with that.
func (p *play) verdict(read map[string]*reading, audit string) error {
	o := p.out
	var sum found
	var retried, differs, left, unknown int64
	var back []string
	kills, returned := 0, 0
	for _, x := range p.rushes {
		r := read["campaign:"+x.id]
		if r == nil {
			return fmt.Errorf("drill: the store does not know campaign %s", x.id)
		}
		if g := x.guests; g != nil {
			f := holdAgainst(g.tellings(), g.asked, r)
			sum.add(f)
			retried, differs, unknown = retried+g.retried, differs+g.differs, unknown+g.unknown
			o.judgeRoom(x, r)
			continue
		}
		c := x.crowd
		f := holdAgainst(c.tellings(), c.asked, r)
		sum.add(f)
		retried, differs, left, unknown = retried+c.retried, differs+c.differs, left+c.left(), unknown+c.unknown
		if c.declined > 0 {
			// Whoever is told that it is gone may hold us to it: all of it was given.
			o.goal(x.id, "all_given", f.Pieces == x.shares*sharePieces, strconv.FormatInt(x.shares*sharePieces, 10), "%d", f.Pieces)
		}
		kills += x.kills
		for _, d := range c.back {
			returned++
			back = append(back, fmt.Sprintf("%.2f s", d.Seconds()))
		}
	}
	o.Lost, o.Duplicated, o.Oversold = sum.Lost, sum.Duplicated, sum.Oversold
	o.none("lost", sum.Lost)
	o.none("duplicated", sum.Duplicated)
	o.none("oversold", sum.Oversold)
	o.none("agree", sum.Odds)
	o.goal("", "same_answer", differs == 0 && retried > 0, "0", "%d / %d", differs, retried)
	o.goal("", "all_answered", left == 0, "0", "%d / %d", left, unknown)
	o.goal("", "told", sum.Told > 0 && sum.Promised >= sum.Told, fmt.Sprintf("≥ %d", sum.Told), "%d", sum.Promised)
	if kills > 0 {
		o.goal("", "back", returned == kills, strconv.Itoa(kills), "%d: %s", returned, strings.Join(back, ", "))
	}
	o.goal("", "audit", audit == "ok", "ok", "%s", audit)
	for _, x := range o.Acts {
		o.figures(x)
	}
	o.close()
	return nil
}

// audit proves the ledger by the program's own command: "ok", or what is wrong first.
func (p *Program) audit(ctx context.Context) (string, error) {
	out, err := p.Command(ctx, "ledger", "audit", "--json")
	var got struct {
		OK     bool
		Reason string
	}
	if e := json.Unmarshal([]byte(out), &got); e != nil {
		return "", errors.Join(err, e)
	}
	if !got.OK {
		return got.Reason, nil
	}
	return "ok", nil
}

// program is the program of a stage, with its data in a folder of its own.
func (s Stage) program() *Program {
	return &Program{Bin: s.Bin, Data: filepath.Join(s.Dir, "data"), Database: s.Database}
}

// second tells how it goes.
func (s Stage) second(m *Measured, in time.Duration) {
	all := m.All()
	s.say("  %s %.0f s: %d answered, %d refused, %d failed, %d given up, p99 %.1f ms", m.Name, in.Seconds(), all.OK+all.No, all.Refused, all.Errors(), m.GivenUp, ms(all.Latency.Quantile(0.99)))
}
