package drill

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The verdicts.
const (
	Passed  = "passed"
	Failed  = "failed"
	Skipped = "skipped" // the program cannot be put to it; never a pass
)

// Row is what came of one act; its JSON is that of `drill --json`.
type Row struct {
	Scenario   string   `json:"scenario"`
	Act        string   `json:"act"`
	Seconds    float64  `json:"seconds"`
	Offered    float64  `json:"offered_per_s"`
	Achieved   float64  `json:"achieved_per_s"` // sent; the rest found no free line
	Goodput    float64  `json:"goodput_per_s"`  // good answers while the act lasted
	P50        float64  `json:"p50_ms"`
	P99        float64  `json:"p99_ms"`
	Max        float64  `json:"max_ms"`
	Errors     int64    `json:"errors"`     // wrong, broken or late answers, and refusals without a time to come back
	Refused    int64    `json:"refused"`    // 503 with Retry-After
	GivenUp    int64    `json:"given_up"`   // never sent
	Lost       int64    `json:"lost"`       // answered checks that are not in the store
	Duplicated int64    `json:"duplicated"` // checks in the store that nobody asked for
	Reference  float64  `json:"reference_per_s,omitempty"`
	Recovery   *float64 `json:"recovery_s,omitempty"` // after a step; null: not before the run's end
	Drill      float64  `json:"drill_cores"`
	Program    float64  `json:"program_cores"`
	Beside     string   `json:"beside,omitempty"`
	Verdict    string   `json:"verdict"`
	Why        []string `json:"why,omitempty"`

	step    bool
	promise Promise
	goals   []Goal
}

// Report is a whole rehearsal.
type Report struct {
	Host      string   `json:"host"`
	People    int      `json:"people"`           // whose codes were shown
	Shell     float64  `json:"shell_per_s"`      // /healthz: what HTTP and the shell alone bear here
	FirstShow float64  `json:"first_show_per_s"` // everybody's first of the day, which has a code signed
	Capacity  float64  `json:"capacity_per_s"`   // nine shows to a check, each line asking again when answered
	Checks    int64    `json:"checks_answered"`
	Admitted  int64    `json:"checks_admitted"`
	Facts     int64    `json:"facts_recorded"` // since the first load, by the verified log
	Rows      []Row    `json:"rows"`
	Odd       []string `json:"odd,omitempty"` // the first answers nobody planned for
}

// Passed is whether every act passed; a skipped one did not.
func (r *Report) Passed() bool {
	for i := range r.Rows {
		if r.Rows[i].Verdict != Passed {
			return false
		}
	}
	return len(r.Rows) > 0
}

// row measures one act against its promise, but for what the store says.
func row(s Scenario, a Act, run Run, loud int, reference float64) Row {
	m := &run.Phases[loud]
	all := m.All()
	x := Row{
		Scenario: s.Name, Act: a.Name, Seconds: m.For.Seconds(), Offered: m.Offered(), Achieved: m.Achieved(), Goodput: m.Goodput(),
		P50: ms(all.Latency.Quantile(0.5)), P99: ms(all.Latency.Quantile(0.99)), Max: ms(all.Latency.Max()),
		Errors: all.Errors(), Refused: all.Refused, GivenUp: m.GivenUp, Reference: reference,
		Drill: m.Own.Seconds() / m.For.Seconds(), Program: max(0, m.Beside.Seconds()/m.For.Seconds()), step: a.CalmSeconds > 0, promise: a.Promise,
	}
	p := a.Promise
	if p.P99MS > 0 {
		if x.goal("p99", x.P99 <= p.P99MS, fmt.Sprintf("< %.0f ms", p.P99MS), "%.1f ms", x.P99); x.P99 > p.P99MS {
			x.fail("p99 %.0f ms, promised %.0f", x.P99, p.P99MS)
		}
	}
	if p.Errors != nil {
		n := x.Errors + x.Refused + x.GivenUp
		if x.goal("errors", n <= *p.Errors, strconv.FormatInt(*p.Errors, 10), "%d", n); n > *p.Errors {
			x.fail("%d not answered well", n)
		}
	}
	if p.Goodput > 0 {
		held := x.Goodput >= p.Goodput*reference
		if x.goal("goodput", held, fmt.Sprintf("≥ %.0f %% of %.0f/s", 100*p.Goodput, reference), "%.0f %%", 100*x.Goodput/reference); !held {
			x.fail("goodput %.0f %% of %.0f/s, promised %.0f %%", 100*x.Goodput/reference, reference, 100*p.Goodput)
		}
	}
	if p.Errors == nil { // under overload a request may be refused, never failed
		if x.goal("failed", x.Errors == 0, "0", "%d", x.Errors); x.Errors > 0 {
			x.fail("%d failed instead of being refused", x.Errors)
		}
		x.goals[len(x.goals)-1].timed = false
	}
	if x.step {
		x.settled(run, m)
	}
	return x
}

// settled judges how soon after a step all was calm.
func (x *Row) settled(run Run, step *Measured) {
	before := run.Phases[0].All()
	normal := max(50*time.Millisecond, 2*before.Latency.Quantile(0.99))
	calm, ok := run.Calm(run.Phases[0].For+step.For, normal)
	took := "-"
	if s := calm.Seconds(); ok {
		x.Recovery = &s
		took = fmt.Sprintf("%.1f s", s)
	}
	if most := x.promise.CalmS; most != nil {
		held := ok && calm.Seconds() <= *most
		if x.goal("calm", held, fmt.Sprintf("≤ %.1f s", *most), "%s", took); !held {
			x.fail("not calm again within %.1f s", *most)
		}
	}
}

// goal notes whether a promise of speed held.
func (x *Row) goal(what string, held bool, wanted, got string, args ...any) {
	v := Failed
	if held {
		v = Passed
	}
	x.goals = append(x.goals, Goal{what, x.Act, wanted, fmt.Sprintf(got, args...), v, true})
}

func (x *Row) fail(why string, args ...any) { x.Why = append(x.Why, fmt.Sprintf(why, args...)) }

// close gives the verdict, once the store was looked into.
func (x *Row) close(lost, duplicated int64, notes ...string) {
	if x.Verdict == Skipped {
		return
	}
	x.Lost, x.Duplicated = lost, duplicated
	if lost > 0 {
		x.fail("%d answered checks are not in the store", lost)
	}
	if duplicated > 0 {
		x.fail("%d checks in the store that nobody was answered for", duplicated)
	}
	x.Why = append(x.Why, notes...)
	if x.Verdict = Passed; len(x.Why) > 0 {
		x.Verdict = Failed
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Print writes the report as lines of what, here, baseline, ratio and promise,
// parted by tabs and begun with "row".
func (r *Report) Print(w io.Writer) {
	say := func(what, here, base, ratio, promise string) {
		fmt.Fprintf(w, "row\t%s\t%s\t%s\t%s\t%s\n", what, here, base, ratio, promise)
	}
	say("first code shows of the day", fmt.Sprintf("%.0f/s", r.FirstShow), fmt.Sprintf("%.0f/s (/healthz)", r.Shell), fmt.Sprintf("%.2f of its speed", r.FirstShow/r.Shell), "")
	say("morning, 9 shows to a check", fmt.Sprintf("%.0f/s", r.Capacity), fmt.Sprintf("%.0f/s (/healthz)", r.Shell), fmt.Sprintf("%.2f of its speed", r.Capacity/r.Shell), "")
	for i := range r.Rows {
		x := &r.Rows[i]
		if x.Verdict == Skipped {
			say(x.Act, "SKIPPED: "+strings.Join(x.Why, "; "), "", "", "")
			continue
		}
		here := fmt.Sprintf("%.0f/s of %.0f/s, p99 %.1f ms", x.Goodput, x.Offered, x.P99)
		if bad := x.Errors + x.Refused + x.GivenUp; bad > 0 {
			here += fmt.Sprintf(", %d failed, %d refused, %d given up", x.Errors, x.Refused, x.GivenUp)
		}
		base, ratio := fmt.Sprintf("%.0f/s (closed loop)", r.Capacity), fmt.Sprintf("%.2f of the offer", x.Goodput/max(x.Offered, 1))
		if x.Reference > 0 {
			base, ratio = fmt.Sprintf("%.0f/s (what it may bear)", x.Reference), fmt.Sprintf("%.2f of it", x.Goodput/x.Reference)
		}
		say(x.Act, here, base, ratio, x.promised()+": "+x.Verdict)
	}
}

// promised is the promise in a few words.
func (x *Row) promised() string {
	var words []string
	if x.promise.P99MS > 0 {
		words = append(words, fmt.Sprintf("p99 < %.0f ms", x.promise.P99MS))
	}
	if x.promise.Errors != nil {
		words = append(words, fmt.Sprintf("%d errors", *x.promise.Errors))
	}
	if x.promise.Goodput > 0 {
		words = append(words, fmt.Sprintf("≥ %.2f", x.promise.Goodput))
	}
	if x.promise.CalmS != nil {
		words = append(words, fmt.Sprintf("calm in %.1f s", *x.promise.CalmS))
	}
	return strings.Join(append(words, "none lost"), ", ")
}

// host is this machine in a few words.
func host() string {
	return fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}
