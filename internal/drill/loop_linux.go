package drill

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// How the generator keeps time. In an open loop it looks up every beat: requests
// leave up to a beat late and answers are noticed up to a beat late, both of which
// count as latency; in return it wakes 2,000 times a second and not once for
// every answer.
const (
	beat       = 500 * time.Microsecond
	sweepEvery = 50 * time.Millisecond // deadlines are looked at, broken lines opened again
)

// The states of a line.
const (
	closed  = iota // no connection; opened at the next sweep
	opening        // the connection is being made
	idle
	busy // a request is under way
)

// line is one connection. At most one request is under way on it.
type line struct {
	fd     int
	state  uint8
	queued bool // stands in the row of idle lines
	kind   int
	phase  int
	seq    int64         // the request's number
	due    time.Duration // its moment
	sent   time.Duration // when it left
	out    []byte        // the request
	rest   []byte        // what the socket has not taken yet
	hearing
}

// loop is a run under way. It belongs to one goroutine on one thread.
type loop struct {
	Load
	run    Run
	began  time.Time
	epoll  int
	addr   syscall.Sockaddr
	family int
	lines  []line
	row    []int32 // idle lines, longest idle first: a ring
	head   int
	queued int
	busy   int

	phase   int           // the schedule: which phase,
	from    time.Duration // since when,
	count   int64         // how many of its requests had their moment,
	next    int64         // and the next request's number
	ends    []time.Duration
	usage   [2]time.Duration // Own and Beside when the phase began
	swept   time.Duration
	told    time.Duration // when Second was last called
	events  [512]syscall.EpollEvent
	scratch [64 << 10]byte
}

// Drive puts a load on a server, phase after phase without a pause, and returns
// when the last answer came or its deadline passed. It fails when it cannot
// connect at all or ctx ends; whatever the server does is in the Run.
func (l Load) Drive(ctx context.Context, phases ...Phase) (Run, error) {
	p := &loop{Load: l}
	if p.Lines == 0 {
		p.Lines = 512
	}
	if p.Deadline == 0 {
		p.Deadline = 10 * time.Second
	}
	if p.Patience == 0 {
		p.Patience = 5 * time.Second
	}
	if p.Beside == nil {
		p.Beside = func() time.Duration { return 0 }
	}
	var whole time.Duration
	for _, ph := range phases {
		whole += ph.For
		p.ends = append(p.ends, whole)
		p.run.Phases = append(p.run.Phases, Measured{Phase: ph, Kinds: make([]Tally, len(l.Kinds)), During: make([]int64, len(l.Kinds))})
	}
	p.run.course = make([]moment, whole/slice+1)
	p.lines = make([]line, p.Lines)
	p.row = make([]int32, p.Lines)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer p.hangUp()
	if err := p.connect(); err != nil {
		return p.run, fmt.Errorf("drill: %w", err)
	}
	err := p.drive(ctx)
	return p.run, err
}

func (p *loop) now() time.Duration { return time.Since(p.began) }

func (p *loop) drive(ctx context.Context) error {
	p.began = time.Now()
	p.usage = [2]time.Duration{threadTime(), p.Beside()}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		now := p.now()
		if now-p.swept > sweepEvery {
			p.sweep(now)
		}
		if p.Second != nil && now-p.told >= time.Second && p.phase < len(p.run.Phases) {
			p.told = now
			p.Second(&p.run.Phases[p.phase], now-p.from)
		}
		p.send(now)
		if p.phase == len(p.run.Phases) && p.busy == 0 {
			return nil
		}
		n, err := syscall.EpollWait(p.epoll, p.events[:], p.wait())
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("drill: epoll: %w", err)
		}
		for _, e := range p.events[:max(n, 0)] {
			p.event(int(e.Fd), e.Events)
		}
		if p.paced() && n < len(p.events) {
			nap(beat - (p.now() - now))
		}
	}
}

// paced is whether the schedule, and not the answers, says what comes next.
func (p *loop) paced() bool {
	return p.phase < len(p.run.Phases) && (p.Next != nil || p.run.Phases[p.phase].Rate > 0)
}

// wait is how many milliseconds to sleep for events: none in an open loop, which
// naps by itself.
func (p *loop) wait() int {
	if p.paced() {
		return 0
	}
	return 1
}

// send lets every request leave whose moment has come while there is a line for it.
func (p *loop) send(now time.Duration) {
	for {
		due, ok := p.due(now)
		if !ok {
			return
		}
		if now-due > p.Patience && p.Next == nil {
			p.run.Phases[p.phase].GivenUp++
			p.moment(due).bad++
			p.count++
			continue
		}
		i, ok := p.take()
		if !ok {
			return
		}
		p.ask(i, now, due)
	}
}

// due is the moment of the next request, if it has come; it turns to the next
// phase where one is over.
func (p *loop) due(now time.Duration) (time.Duration, bool) {
	for p.phase < len(p.run.Phases) {
		m := &p.run.Phases[p.phase]
		due := max(now, p.from)
		if p.Next != nil && now < p.ends[p.phase] {
			next, more := p.Next(now)
			if more || p.busy > 0 { // an answer may bring somebody back
				return next, more && next <= now
			}
			p.ended(now)
			return 0, false
		}
		if m.Rate > 0 {
			due = p.from + time.Duration(float64(p.count)*float64(time.Second)/m.Rate)
		}
		if due < p.ends[p.phase] {
			return due, due <= now
		}
		if now < p.ends[p.phase] {
			return 0, false // its last request left; answers still count as during it
		}
		p.turn(p.ends[p.phase])
	}
	return 0, false
}

// turn ends a phase and begins the next.
func (p *loop) turn(at time.Duration) {
	m := &p.run.Phases[p.phase]
	own, beside := threadTime(), p.Beside()
	m.Own, m.Beside = own-p.usage[0], beside-p.usage[1]
	p.usage = [2]time.Duration{own, beside}
	p.from, p.count = at, 0
	p.phase++
}

// over ends the run because there is nothing more to ask.
func (p *loop) over(i int, now time.Duration) {
	p.free(i)
	p.ended(now)
}

// ended ends the phase under way, and all that would follow it.
func (p *loop) ended(now time.Duration) {
	p.run.Phases[p.phase].For = now - p.from
	p.turn(now)
	for ; p.phase < len(p.run.Phases); p.phase++ {
		p.run.Phases[p.phase].For = 0
	}
}

// take is the line that has been idle longest, so that all are used in turn.
func (p *loop) take() (int, bool) {
	for p.queued > 0 {
		i := int(p.row[p.head])
		p.head = (p.head + 1) % len(p.row)
		p.queued--
		p.lines[i].queued = false
		if p.lines[i].state == idle {
			return i, true
		}
	}
	return 0, false
}

func (p *loop) free(i int) {
	l := &p.lines[i]
	l.state = idle
	if !l.queued {
		l.queued = true
		p.row[(p.head+p.queued)%len(p.row)] = int32(i)
		p.queued++
	}
}

func (p *loop) ask(i int, now, due time.Duration) {
	l := &p.lines[i]
	l.seq, l.due, l.sent, l.phase = p.next, due, now, p.phase
	if l.out, l.kind = p.Ask(l.seq, l.out[:0]); len(l.out) == 0 {
		p.over(i, now)
		return
	}
	p.next++
	p.count++
	p.busy++
	l.state = busy
	l.begin(p.Kinds[l.kind].Keep && p.Hear != nil)
	l.rest = l.out
	p.write(i)
}

// sweep gives up what is past its deadline and opens what is shut.
func (p *loop) sweep(now time.Duration) {
	p.swept = now
	for i := range p.lines {
		l := &p.lines[i]
		if l.state == busy && now-l.sent > p.Deadline {
			p.broken(i, context.DeadlineExceeded)
		}
		if l.state == closed {
			_ = p.open(i) // else at the next sweep
		}
	}
}

func (p *loop) moment(at time.Duration) *moment {
	return &p.run.course[min(int(at/slice), len(p.run.course)-1)]
}

func (p *loop) odd(what string) {
	if len(p.run.Odd) < mostOdd {
		p.run.Odd = append(p.run.Odd, what)
	}
}

// nap sleeps without giving the thread away.
func nap(d time.Duration) {
	if d > 0 {
		t := syscall.NsecToTimespec(int64(d))
		_ = syscall.Nanosleep(&t, nil) // woken early it only looks up early
	}
}

// threadTime is the processor time this thread has used.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
