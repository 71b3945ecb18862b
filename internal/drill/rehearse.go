package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// Stage is where a rehearsal takes place.
type Stage struct {
	Bin      string    // the program
	Dir      string    // an empty folder for its data
	Database string    // a PostgreSQL address with a schema of the rehearsal's own; "" is the embedded database
	Demo     int       // workers of the demonstration district
	People   int       // of whom so many show their codes, if there are as many
	Short    bool      // each act's short time
	Log      io.Writer // progress; nil for none
}

// rehearsal is one under way.
type rehearsal struct {
	Stage
	program *Program
	crowd   *crowd
	report  Report
	since   time.Time
	facts   int64
	judged  int // rows whose verdict is out
	limit   float64
}

// ordinary is an ordinary load before and after a step, as a share of what can be
// borne; brief is how long a person without a free line waits in a step.
const (
	ordinary = 0.5
	brief    = 300 * time.Millisecond
)

// Rehearse builds the demonstration district, measures what the program bears on
// this machine, plays every act of the scenarios, and afterwards looks in the
// store for every check a gate was answered. An error is a rehearsal that could
// not be held; what the program did not bear is in the Report.
func (s Stage) Rehearse(ctx context.Context, scenarios ...Scenario) (Report, error) {
	if s.Log == nil {
		s.Log = io.Discard
	}
	r := &rehearsal{Stage: s, program: s.program(), report: Report{Host: host()}}
	err := r.hold(ctx, scenarios)
	return r.report, errors.Join(err, r.program.Stop())
}

func (r *rehearsal) hold(ctx context.Context, scenarios []Scenario) error {
	r.say("building the district")
	if err := r.program.Start(ctx, "demo", "--people", strconv.Itoa(r.Demo)); err != nil {
		return err
	}
	r.say("making tokens")
	var err error
	if r.crowd, err = gather(ctx, r.program, r.People); err != nil {
		return err
	}
	if err := r.measure(ctx); err != nil {
		return err
	}
	for _, s := range scenarios {
		for _, a := range s.Act {
			if err := r.act(ctx, s, a); err != nil {
				return err
			}
		}
	}
	return r.judge(ctx)
}

// measure is what the machine and the program bear, in closed loops.
func (r *rehearsal) measure(ctx context.Context) error {
	r.report.People = len(r.crowd.people)
	shell, err := r.drive(ctx, Load{Kinds: []Kind{{Name: "healthz"}}, Ask: func(_ int64, b []byte) ([]byte, int) {
		return append(b, "GET /healthz HTTP/1.1\r\nHost: drill\r\n\r\n"...), 0
	}}, Phase{"shell", 0, r.time(5, 3)})
	if err != nil {
		return err
	}
	r.report.Shell = shell.Phases[0].Goodput()
	if r.facts, err = r.verify(ctx); err != nil {
		return err
	}
	r.since = time.Now()
	if err := r.firstShows(ctx); err != nil {
		return err
	}
	whole, err := r.drive(ctx, r.crowd.load(), Phase{"capacity", 0, r.time(10, 5)})
	if err != nil {
		return err
	}
	r.report.Capacity = whole.Phases[0].Goodput()
	r.say("%d people; /healthz %.0f/s, first shows %.0f/s, a morning %.0f/s", len(r.crowd.people), r.report.Shell, r.report.FirstShow, r.report.Capacity)
	return nil
}

// firstShows lets everybody show their code once, and again who was told to come
// again, as their phones would.
func (r *rehearsal) firstShows(ctx context.Context) error {
	ask := make([]int, len(r.crowd.people))
	for i := range ask {
		ask[i] = i
	}
	var shown int64
	for round := 0; len(ask) > 0; round++ {
		load, turned := r.crowd.first(ask)
		got, err := r.drive(ctx, load, Phase{"first shows", 0, 10 * time.Minute})
		if err != nil {
			return err
		}
		all := got.Phases[0].All()
		if shown += all.OK; round == 0 {
			r.report.FirstShow = got.Phases[0].Goodput()
		}
		if all.Errors() > 0 || round == rounds {
			return fmt.Errorf("drill: %d of %d people could show their code: %v", shown, len(r.crowd.people), got.Odd)
		}
		if ask = *turned; len(ask) > 0 {
			if err := rest(ctx); err != nil {
				return err
			}
		}
	}
	if len(r.crowd.through) == 0 {
		return errors.New("drill: nobody has a code that can be checked")
	}
	return nil
}

// rest is how long a person waits who was told to come again.
func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

// rounds is how often people are told to come again before the rehearsal gives up.
const rounds = 60

// act plays one act and notes what came of it.
func (r *rehearsal) act(ctx context.Context, s Scenario, a Act) error {
	skip := func(why string) error {
		r.report.Rows = append(r.report.Rows, Row{Scenario: s.Name, Act: a.Name, Verdict: Skipped, Why: []string{why}})
		r.say("%s, %s: SKIPPED: %s", s.Name, a.Name, why)
		return nil
	}
	limit := 0.0
	if a.Limit > 0 {
		limit = float64(int(a.Limit * r.report.Capacity))
	}
	if limit != r.limit {
		if err := r.again(ctx, limit); err != nil {
			if strings.Contains(err.Error(), "unknown flag") {
				return skip("this program takes no --capacity")
			}
			return err
		}
	}
	rate, reference := a.PerSecond, 0.0
	switch {
	case a.OfCapacity > 0:
		reference = r.report.Capacity
		rate = a.OfCapacity * reference
	case a.OfLimit > 0:
		reference = limit
		rate = a.OfLimit * reference
	}
	seconds := a.Seconds
	if r.Short && a.Short > 0 {
		seconds = a.Short
	}
	l := r.crowd.load()
	l.Lines = a.Lines
	phases, loud := []Phase{{a.Name, rate, time.Duration(seconds * float64(time.Second))}}, 0
	if a.CalmSeconds > 0 {
		calm := Phase{"calm", ordinary * reference, time.Duration(a.CalmSeconds * float64(time.Second))}
		phases, loud = []Phase{calm, phases[0], calm}, 1
		l.Patience = brief
	}
	beside, err := r.beside(ctx, a, phases[loud].For)
	if err != nil {
		return err
	}
	run, err := r.drive(ctx, l, phases...)
	if err != nil {
		return err
	}
	x := row(s, a, run, loud, reference)
	var failed []string
	x.Beside, failed = beside()
	x.Why = append(x.Why, failed...)
	r.report.Rows = append(r.report.Rows, x)
	r.say("%s, %s: %.0f/s good of %.0f/s offered and %.0f/s sent, p50 %.1f ms, p99 %.1f ms, max %.0f ms, %d failed, %d refused, %d given up; drill %.2f cores, program %.2f %s",
		s.Name, a.Name, x.Goodput, x.Offered, x.Achieved, x.P50, x.P99, x.Max, x.Errors, x.Refused, x.GivenUp, x.Drill, x.Program, x.Beside)
	for _, second := range run.worst(loud, time.Duration(a.Promise.P99MS*float64(time.Millisecond))) {
		r.say("%s: %s", a.Name, second)
	}
	if x.Recovery != nil {
		r.say("calm again after %.1f s", *x.Recovery)
	}
	return nil
}

// again starts the program anew on the same data, with a limit or without.
func (r *rehearsal) again(ctx context.Context, limit float64) error {
	if err := r.judge(ctx); err != nil {
		return err
	}
	words := []string{"demo"}
	if limit > 0 {
		words = append(words, "--capacity", strconv.Itoa(int(limit)))
	}
	err := r.program.Start(ctx, words...)
	if err == nil {
		r.limit = limit
		return nil
	}
	if e := r.program.Start(ctx, "demo"); e != nil { // the next act wants it as it was
		return e
	}
	r.limit = 0
	return err
}

// judge stops the program, looks into its store, and gives the verdict on the
// acts since it was started.
func (r *rehearsal) judge(ctx context.Context) error {
	if err := r.program.Stop(); err != nil {
		return err
	}
	facts, err := r.verify(ctx)
	if err != nil {
		return err
	}
	stored, err := r.stored(ctx)
	if err != nil {
		return err
	}
	lost, duplicated, all := compare(r.crowd.answered, stored, r.crowd.sent)
	var notes []string
	if r.report.Facts = facts - r.facts; r.report.Facts < all {
		notes = append(notes, fmt.Sprintf("%d checks but only %d facts", all, r.report.Facts))
	}
	for ; r.judged < len(r.report.Rows); r.judged++ {
		r.report.Rows[r.judged].close(lost, duplicated, notes...)
	}
	r.report.Admitted = r.crowd.admitted
	r.report.Checks = 0
	for _, n := range r.crowd.answered {
		r.report.Checks += n
	}
	r.say("%d checks answered, %d stored, %d facts, %d lost, %d duplicated", r.report.Checks, all, r.report.Facts, lost, duplicated)
	return nil
}

// compare holds what was told against what is stored: lost is what was told more
// often than it is there, duplicated what is there beyond all that was sent.
func compare(told, stored map[string]int64, sent int64) (lost, duplicated, all int64) {
	for reference, n := range told {
		lost += max(0, n-stored[reference])
	}
	for _, n := range stored {
		all += n
	}
	return lost, max(0, all-sent), all
}

// stored is what the store has of checks; the program must not run.
func (r *rehearsal) stored(ctx context.Context) (list map[string]int64, err error) {
	db, _, err := r.program.open(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.Export(ctx, func(rd storage.Reader) (err error) {
		list, err = workresume.ChecksSince(rd, r.since)
		return err
	})
	return list, err
}

// verify wants a log that holds, and says how many facts it has.
func (r *rehearsal) verify(ctx context.Context) (int64, error) {
	out, err := r.program.Command(ctx, "log", "verify", "--json")
	if err != nil {
		return 0, err
	}
	var log struct{ Facts, Unsealed int64 }
	err = json.Unmarshal([]byte(out), &log)
	return log.Facts + log.Unsealed, err
}

func (r *rehearsal) drive(ctx context.Context, l Load, phases ...Phase) (Run, error) {
	l.Addr, l.Beside = r.program.Addr, r.program.Used
	run, err := l.Drive(ctx, phases...)
	r.report.Odd = append(r.report.Odd, run.Odd...)[:min(mostOdd, len(r.report.Odd)+len(run.Odd))]
	return run, err
}

func (s Stage) time(long, short int) time.Duration {
	if s.Short {
		long = short
	}
	return time.Duration(long) * time.Second
}

func (s Stage) say(what string, args ...any) {
	fmt.Fprintf(s.Log, "%s %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(what, args...))
}

// Temporary makes a folder for a rehearsal and says how to remove it.
func Temporary(in string) (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(in, "breakwater-drill-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
