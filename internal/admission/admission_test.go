package admission

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

const bears = 20000 // code shows a second, of the simulated machine

// share is how much of the machine's work a period's answers were, in shows.
func share(out []outcome) float64 {
	units := 0.0
	for c, n := range together(out).good {
		units += n * float64(Class(c).cost())
	}
	return units / (bears * float64(len(out)) / 10)
}

// A crowd of three and ten times what the machine bears: what it can do it does,
// for nearly all of its time; nobody waits long; and when the crowd is gone
// nobody is refused.
func TestCrowd(t *testing.T) {
	for _, times := range []float64{3, 10} {
		t.Run(fmt.Sprintf("%.0f times", times), func(t *testing.T) {
			w := newWorld(bears, 0)
			quiet := period{5 * time.Second, map[Class]float64{Show: bears / 2}}
			if o := together(w.run(quiet)); o.refused[Show] != 0 {
				t.Errorf("%v refused before", o.refused)
			}
			out := w.run(period{6 * time.Second, map[Class]float64{Show: bears * times}})
			// What refusing costs can not be spent on answers.
			refusing := together(out).refused[Show] * w.refusal.Seconds() / (float64(len(out)) / 10)
			if got := share(out) / (1 - refusing); got < 0.95 {
				t.Errorf("%.3f of what the machine bears was answered, beside refusing", got)
			}
			o := together(out[15:])
			if p := o.wait.quantile(0.99); p > waitMost+200*time.Millisecond {
				t.Errorf("99 of 100 waited up to %v", p)
			}
			after := w.run(quiet)
			if o := together(after[10:]); o.refused[Show] != 0 || o.wait.quantile(0.99) > target {
				t.Errorf("a second later: %v refused, 99 of 100 waited up to %v", o.refused[Show], o.wait.quantile(0.99))
			}
			if w.door.engaged.Load() != 0 {
				t.Error("a limit still stands")
			}
		})
	}
}

// Without measuring, the same crowd gets next to nothing answered in time.
func TestCrowdUnmeasured(t *testing.T) {
	w := newWorld(bears, 0)
	w.blind, w.seats = true, 1<<30 // and nobody has to wait for a seat
	if got := share(w.run(period{10 * time.Second, map[Class]float64{Show: 3 * bears}})); got > 0.25 {
		t.Errorf("%.3f was answered in time: the simulation makes it too easy", got)
	}
}

// mixture is as much work of every class, times over what the machine bears; without what
// has a test of its own.
func mixture(times float64) map[Class]float64 {
	rate := map[Class]float64{}
	for _, c := range Classes() {
		if c != Notice && c != Claim {
			rate[c] = times * bears / float64(len(Classes())-2) / float64(c.cost())
		}
	}
	return rate
}

// The least important are refused first: of the classes that fit, nobody; of one
// in the middle, some; of those that do not fit, nearly everybody.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		times       float64
		whole, none Class // and above, and below
	}{{1.3, Order, Statistics}, {2, Sampling, Result}, {3, Gate, Result}} {
		t.Run(fmt.Sprintf("%.1f times", c.times), func(t *testing.T) {
			w := newWorld(bears, 0)
			out := w.run(period{12 * time.Second, mixture(c.times)})
			o := together(out[20:])
			last := 0.0
			for _, class := range Classes() {
				if class == Notice || class == Claim {
					continue
				}
				in := 1 - o.refused[class]/o.came[class]
				t.Logf("%-10v came %5.0f let in %.3f", class, o.came[class], in)
				if class >= c.whole && in < 0.9 {
					t.Errorf("%v: only %.3f let in", class, in)
				}
				if class < c.none && in > 0.1 {
					t.Errorf("%v: %.3f let in, before more important ones", class, in)
				}
				if in < last-0.05 {
					t.Errorf("%v: %.3f let in, of a less important one %.3f", class, in, last)
				}
				last = in
			}
			if got := share(out[20:]); got < 0.95 {
				t.Errorf("%.3f of what the machine bears was answered", got)
			}
		})
	}
}

// Under a steady crowd the limit stays where it is: no half second is idle.
func TestSteady(t *testing.T) {
	w := newWorld(bears, 0)
	out := w.run(period{20 * time.Second, mixture(3)})
	for i := 20; i+5 <= len(out); i += 5 {
		if got := share(out[i : i+5]); got < 0.8 {
			t.Errorf("half a second from %d00 ms: %.3f of what the machine bears", i, got)
		}
		if o := together(out[i : i+5]); o.refused[Show]+o.refused[Gate] > 0.05*(o.came[Show]+o.came[Gate]) {
			t.Errorf("half a second from %d00 ms: shows and gate checks refused: %v", i, o.refused)
		}
	}
}

// The operator's capacity is kept to, by importance, ten times over as well.
func TestCapacity(t *testing.T) {
	w := newWorld(bears, bears/10)
	o := together(w.run(period{10 * time.Second, map[Class]float64{Show: 0.6 * bears / 10, Gate: 4 * bears / 10, Order: 5.4 * bears / 10}})[2:])
	total := (o.good[Show] + o.good[Gate] + o.good[Order]) / 9.8
	if total < 0.95*bears/10 || total > 1.05*bears/10 {
		t.Errorf("%.0f a second let in of %d", total, bears/10)
	}
	if o.good[Show] < 0.97*o.came[Show] || o.good[Order] > 0.02*o.came[Order] || o.good[Gate] < 0.3*bears/10*9.8 {
		t.Errorf("came %v, answered %v", o.came, o.good)
	}
}

// A disk that stands still refuses commands, and no code show; readers that are
// taken refuse pages, and no gate check.
func TestOtherQueues(t *testing.T) {
	for _, c := range []struct {
		name   string
		queue  int
		class  Class
		writes bool
		in     bool
	}{
		{"command, slow disk", writer, Order, true, false},
		{"gate check, slow disk", writer, Gate, true, false},
		{"code show, slow disk", writer, Show, false, true},
		{"page, slow disk", writer, Order, false, true},
		{"page, readers taken", readers, Order, false, false},
		{"gate check, readers taken", readers, Gate, true, true},
		{"figures, processor", processor, Vital, false, true},
		{"code show, processor", processor, Show, false, true}, // it waits in the room
	} {
		t.Run(c.name, func(t *testing.T) {
			var now time.Duration
			d := New(Deps{Elapsed: func() time.Duration { return now }}, 1)
			var waits [queues]time.Duration
			waits[c.queue] = 10 * target
			d.under.Store(1000) // a crowd
			in := 0
			for range 40 {
				now += tick
				d.step(now, waits, nil)
				in = 0
				for range 1000 { // each done before the next
					if d.Admit(c.class, c.writes) {
						in++
						d.Done(c.class, c.writes)
					}
				}
			}
			if c.in != (in == 1000) {
				t.Errorf("%d of 1000 let in", in)
			}
		})
	}
}

// Where few are under way and work waits all the same, somebody else has the machine:
// nobody is refused. The operator's capacity is kept to even then.
func TestFew(t *testing.T) {
	for _, capacity := range []int{0, 10} {
		var now time.Duration
		d := New(Deps{Elapsed: func() time.Duration { return now }, Capacity: capacity}, 1)
		in := 0
		for range 100 {
			now += tick
			d.step(now, [queues]time.Duration{processor: 10 * target, writer: 10 * target, readers: 10 * target}, nil)
			if d.Admit(Order, true) {
				in++
				d.Done(Order, true)
			}
		}
		if (capacity == 0) != (in == 100) {
			t.Errorf("capacity %d: %d of 100 let in", capacity, in)
		}
	}
}

// One stumble of the machine refuses nobody, and at a quiet hour not even many.
func TestStumble(t *testing.T) {
	var now time.Duration
	d := New(Deps{Elapsed: func() time.Duration { return now }}, 1)
	for i := range 100 {
		now += tick
		wait := time.Duration(0)
		if i%2 == 0 || i > 50 {
			wait = time.Second
		}
		d.step(now, [queues]time.Duration{wait}, nil)
		for range floorUnits / 20 / Order.cost() {
			if !d.Admit(Order, false) && i < 50 {
				t.Fatalf("refused after %d ticks", i)
			}
			d.Done(Order, false)
		}
	}
	if l := d.Load(); !l.Limited || l.Queues[processor].Limit < floorUnits {
		t.Errorf("after seconds of waiting: %+v", l)
	}
}

func TestLoad(t *testing.T) {
	var now time.Duration
	d := New(Deps{Elapsed: func() time.Duration { return now }, Capacity: 5}, 1)
	if l := d.Load(); l.Measured || l.Limited {
		t.Errorf("before anything: %+v", l)
	}
	for range 22 * 60 { // a minute and a bit, in which each tick brings two shows and more
		now += tick
		d.Admit(Show, false)
		d.Admit(Import, true)
		d.step(now, [queues]time.Duration{time.Millisecond}, &histogram{0: 98, 10: 2})
	}
	l := d.Load()
	if l.Shows < 4.5 || l.Shows > 5.5 || l.Wait50 != time.Microsecond || l.Wait99 != edge(10) || !l.Measured || l.Capacity != 5 {
		t.Errorf("%+v", l)
	}
	if c := l.Classes[0]; c.Class != Show || c.Accepted < 280 || c.Accepted > 300 || c.Accepted+c.Refused > 20*59 {
		t.Errorf("%+v", c)
	}
	if c := l.Classes[len(l.Classes)-1]; c.Class != Import || c.Refused < 1000 {
		t.Errorf("%+v", c)
	}
}

// Everything at once, for the race detector; nothing is lost in counting.
func TestTogether(t *testing.T) {
	began := time.Now()
	d := New(Deps{Elapsed: func() time.Duration { return time.Since(began) }, Capacity: 1000}, 2)
	stop, each := make(chan struct{}), 2000
	var measuring, asking sync.WaitGroup
	measuring.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				d.step(d.Elapsed(), [queues]time.Duration{time.Second, time.Second, time.Second}, nil)
				d.Load()
			}
		}
	})
	for range 8 {
		asking.Go(func() {
			for i := range each {
				if c := Classes()[i%len(Classes())]; d.Admit(c, i%2 == 0) {
					d.Done(c, i%2 == 0)
				}
			}
		})
	}
	asking.Wait()
	close(stop)
	measuring.Wait()
	total := int64(0)
	for _, c := range d.Load().Classes {
		total += c.AllAccepted + c.AllRefused
	}
	if total != int64(8*each) {
		t.Errorf("%d counted of %d", total, 8*each)
	}
}

func TestSlots(t *testing.T) {
	for _, d := range []time.Duration{0, time.Microsecond, 3 * time.Microsecond, 20 * time.Millisecond, time.Second, 24 * time.Hour} {
		s := slotOf(d)
		if s < len(histogram{})-1 && d >= edge(s) || s > 0 && d < edge(s-1) && s < len(histogram{})-1 {
			t.Errorf("%v in slot %d, %v to %v", d, s, edge(s-1), edge(s))
		}
	}
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("nothing was counted")
	}
}

// The probe finds that work waits when there is more of it than processors.
func TestProbe(t *testing.T) {
	p := newProbe()
	p.read()
	var all sync.WaitGroup
	for range 400 {
		all.Go(func() {
			for n := 0; n < 1_000_000; n++ {
				_ = n * n
			}
		})
	}
	all.Wait()
	h := p.read()
	if h.count() == 0 || h.quantile(0.9) <= time.Microsecond {
		t.Errorf("%d measured, nine of ten at most %v", h.count(), h.quantile(0.9))
	}
}

// A crowd that comes in one moment, before anything can be measured, does not get
// in whole where it would stand in line for the readers.
func TestOneMoment(t *testing.T) {
	var now time.Duration
	d := New(Deps{Elapsed: func() time.Duration { return now }}, 2)
	in := 0
	for range 5000 {
		if d.Admit(Statistics, false) {
			in++
		}
	}
	if in != 2*insideLeast {
		t.Errorf("%d let in at once", in)
	}
	if !d.Admit(Show, false) || !d.Admit(Gate, true) {
		t.Error("who needs no reader waits too")
	}
	for range 4 { // all done each tick, so quick are they
		for ; in > 0; in-- {
			d.Done(Statistics, false)
		}
		now += tick
		d.step(now, [queues]time.Duration{}, nil)
		for d.Admit(Statistics, false) {
			in++
		}
	}
	if in < 5*insideLeast {
		t.Errorf("only %d let in though they are done at once", in)
	}
}

// Where refusing does not help, for somebody else has the machine, it is not
// carried on with: most are let in all the same.
func TestNotOfOurMaking(t *testing.T) {
	c := control{floor: 1}
	least := 1e9
	for range 600 { // half a minute; what is let in is done, up to 1,000 a second
		done := 1000.0
		if c.limit > 0 {
			done = min(done, c.limit)
		}
		limit := c.step(sample{wait: time.Second, done: done, refused: c.limit > 0 && c.limit < 1000})
		if limit > 0 {
			least = min(least, limit)
		}
	}
	if c.mark < 400 || least < 200 {
		t.Errorf("after half a minute %.0f of 1000 are let in, at worst %.0f", c.mark, least)
	}
}

// While others flood the program so that only refusing them takes its time, some
// code shows are let in all the same.
func TestAlways(t *testing.T) {
	var now time.Duration
	d := New(Deps{Elapsed: func() time.Duration { return now }}, 1)
	shows := 0
	for range 100 { // five seconds; 800 shows a second, and pages without end
		now += tick
		d.step(now, [queues]time.Duration{time.Second}, nil)
		for range 40 {
			now += tick / 40
			for range 20 {
				if d.Admit(Order, false) {
					d.Done(Order, false)
				}
			}
			if d.Admit(Show, false) {
				d.Done(Show, false)
				shows++
			}
		}
	}
	if shows < 3900 {
		t.Errorf("%d code shows of 4000 let in", shows)
	}
}
