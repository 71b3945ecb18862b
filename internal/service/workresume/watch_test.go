package workresume_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

func (w *world) in(n int, office auth.Principal) []workresume.Check {
	w.t.Helper()
	var out []workresume.Check
	for i := range n {
		code, err := w.ShowCode(w.t.Context(), w.workerOf(office, i))
		must(w.t, err)
		out = append(out, w.tap(code.Credential, workresume.In))
	}
	return out
}

func (w *world) tap(text string, dir workresume.Direction) workresume.Check {
	w.t.Helper()
	c, err := w.CheckAtGate(w.t.Context(), w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: text, Direction: dir})
	must(w.t, err)
	return c
}

// pass lets time go by, the watch being looked at as it would be.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	must(w.t, w.Heed(w.t.Context()))
	w.hand.Add(d)
	must(w.t, w.Heed(w.t.Context()))
}

func (w *world) watchOf(office auth.Principal) workresume.Watch {
	w.t.Helper()
	f, err := w.Firm(w.t.Context(), office, office.Scope.ID)
	must(w.t, err)
	return f.Watch
}

// Masks run out though nothing happens: the firm is warned, then suspended, and its
// codes, its certificate and the public list say so at once; a report of stock lifts it.
func TestSuppliesRunOut(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 2) // masks for five days
		worker := w.workerOf(office, 0)
		w.pass(5*24*time.Hour + time.Minute)
		if got := w.watchOf(office); got != workresume.PromiseKept {
			t.Fatalf("%q at the first minute", got)
		}
		w.pass(10 * time.Minute)
		if got := w.watchOf(office); got != workresume.Warned {
			t.Fatalf("%q after ten minutes", got)
		}
		open := func() int {
			list, _, err := w.Open(ctx, "", 10)
			must(t, err)
			return len(list)
		}
		code, err := w.ShowCode(ctx, worker)
		must(t, err)
		if code.State != workresume.CodeValid || open() != 1 {
			t.Fatalf("a warning stops work: %+v", code)
		}
		w.pass(4 * time.Hour)
		if got := w.watchOf(office); got != workresume.Suspended {
			t.Fatalf("%q after four hours more", got)
		}
		stopped, err := w.ShowCode(ctx, worker)
		must(t, err)
		pub, err := w.ByCertificate(ctx, f.Certificate.Code)
		must(t, err)
		if stopped.State != workresume.CodeStopped || stopped.Reason != "workresume.code_suspended" || open() != 0 || pub.Certificate.Standing(w.hand.Now()) {
			t.Fatalf("suspended: %+v, %d open, %+v", stopped, open(), pub.Certificate)
		}
		if c := w.tap(code.Credential, workresume.In); c.Code != workresume.CheckStopped {
			t.Fatalf("the gate says %+v", c)
		}
		must(t, w.Heed(ctx))
		seen := w.Measured(f.ID)
		w.WatchAfresh()
		must(t, w.Heed(ctx))
		if d := cmp.Diff(seen, w.Measured(f.ID)); d != "" || seen["turned_today"] != int64(1) {
			t.Fatalf("turned away, and read again: %v %s", seen["turned_today"], d)
		}
		must(t, w.Recount(ctx))
		if sum, err := w.DistrictSummary(ctx, w.officer); err != nil || sum.Certified != 0 || sum.Back != 0 || sum.Filed != 1 {
			t.Fatalf("a suspended firm counts as resumed: %+v, %v", sum, err)
		}
		told, err := w.Notices(ctx, office, f.ID)
		must(t, err)
		if told[0].Code != "workresume.told_watch_suspended" {
			t.Fatalf("told %+v", told[0])
		}
		flags, _, err := w.Flags(ctx, w.officer, workresume.FlagFilter{Level: workresume.Suspended})
		must(t, err)
		if len(flags) != 1 || flags[0].Rule != "supplies-out" || flags[0].Firm != f.ID {
			t.Fatalf("flags %+v", flags)
		}

		_, err = w.ReportStock(ctx, office, workresume.StockInput{Firm: f.ID, Masks: 100})
		must(t, err)
		w.pass(29 * time.Minute)
		if got := w.watchOf(office); got != workresume.Suspended {
			t.Fatalf("%q a minute before it is lifted", got)
		}
		w.pass(time.Minute)
		if got := w.watchOf(office); got != workresume.PromiseKept {
			t.Fatalf("%q after the stock was right for its time", got)
		}
		again, err := w.ShowCode(ctx, worker)
		must(t, err)
		now, err := w.Firm(ctx, office, f.ID)
		must(t, err)
		if again.State != workresume.CodeValid || open() != 1 || now.Certificate.ID != f.Certificate.ID {
			t.Fatalf("lifted: %+v, certificate %s, before %s", again, now.Certificate.ID, f.Certificate.ID)
		}
	})
}

// A suspension that nobody mends becomes a withdrawal; a new filing begins afresh.
func TestWithdrawnUntilFiledAgain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(w.park, 2)
		for _, d := range []time.Duration{5*24*time.Hour + time.Minute, 10 * time.Minute, 4 * time.Hour, 72 * time.Hour, time.Hour} {
			w.pass(d)
		}
		got, err := w.Firm(t.Context(), office, f.ID)
		must(t, err)
		if got.Watch != workresume.Withdrawn || got.State != workresume.Returned || got.Certificate != nil {
			t.Fatalf("%q %s %+v", got.Watch, got.State, got.Certificate)
		}
		w.upload(office, f.ID, roll(w.make(1)...)) // asks the rules again, which pass
		if got, err = w.Firm(t.Context(), office, f.ID); err != nil || got.State != workresume.Returned {
			t.Fatalf("a roster brings a withdrawn certificate back: %s %v", got.State, err)
		}
		got, err = w.File(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: goodFiling(3)})
		must(t, err)
		w.pass(time.Hour)
		if got.State != workresume.Certified || w.watchOf(office) != workresume.PromiseKept {
			t.Fatalf("filed again: %s %q", got.State, w.watchOf(office))
		}
	})
}

// An officer's word stands over what is measured.
func TestWordStandsOverFacts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(w.park, 2)
		w.pass(5*24*time.Hour + time.Minute)
		w.pass(10 * time.Minute)
		w.pass(4 * time.Hour)
		got, err := w.Decide(t.Context(), w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Certified, Reason: "口罩今晚到货"})
		must(t, err)
		if got.Watch != workresume.PromiseKept {
			t.Fatalf("%q", got.Watch)
		}
		w.pass(10 * time.Minute)
		w.pass(100 * time.Hour)
		if got := w.watchOf(office); got != workresume.Warned {
			t.Fatalf("%q under an officer's word", got)
		}
		code, err := w.ShowCode(t.Context(), w.workerOf(office, 0))
		must(t, err)
		if code.State != workresume.CodeValid {
			t.Fatalf("%+v", code)
		}
	})
}

// Whatever happens in whatever order, what is in memory is what a fresh reading of
// the store finds: no fact is lost and none counts twice.
func TestMemoryIsWhatTheStoreSays(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 4)
		other, second := w.certified(w.park, 2)
		must(t, w.Heed(ctx))
		checks := w.in(4, office)
		w.in(2, second)
		w.hand.Add(time.Second)
		_, err := w.Undo(ctx, w.guard, w.gate.ID, checks[3].Reference, key("undo"))
		must(t, err)
		leaver := w.workerOf(second, 0)
		_, err = w.Leave(ctx, second, other.ID, []string{leaver.Person}, key("leave"))
		must(t, err)
		must(t, w.Heed(ctx))
		code, err := w.ShowCode(ctx, w.workerOf(office, 0))
		must(t, err)
		w.tap(code.Credential, workresume.Out)
		must(t, w.Heed(ctx))
		compare := func() (out []workresume.Comparison) {
			for _, o := range []auth.Principal{office, second} {
				c, err := w.Compare(ctx, o, o.Scope.ID)
				must(t, err)
				out = append(out, c)
			}
			return out
		}
		kept := compare()
		w.WatchAfresh()
		must(t, w.Heed(ctx))
		if d := cmp.Diff(kept, compare(), cmpopts.IgnoreFields(workresume.Comparison{}, "Firm")); d != "" {
			t.Error(d)
		}
		if n := *kept[0].Lines[0].Measured; n != 2 {
			t.Errorf("%d inside of the first firm, want 2", n)
		}
		if n := *kept[1].Lines[0].Measured; n != 1 {
			t.Errorf("%d inside of the second firm, want 1", n)
		}
	})
}

// Meters: what is understood is taken, a correction replaces, the rest is listed.
func TestMeters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(w.park, 2)
		at := func(kwh, normal string) workresume.Reading {
			return workresume.Reading{Line: 2, CreditCode: f.CreditCode, At: "2020-02-17", KWh: kwh, Normal: normal}
		}
		list := []workresume.Reading{
			at("100", "1,000"),
			{Line: 3, CreditCode: "123", At: "2020-02-17", KWh: "1"},
			{Line: 4, CreditCode: f.CreditCode, At: "yesterday", KWh: "1"},
			{Line: 5, CreditCode: f.CreditCode, At: "2020-02-17", KWh: "-1"},
			{Line: 6, CreditCode: valid("91990201000000999"), At: "2020-02-17", KWh: "1"},
			{Line: 7, CreditCode: "123", KWh: "x", Unread: []workresume.ReadingFault{{Line: 7, Field: "at", Code: "roster.formula"}}}, // all at once
		}
		taken := workresume.MetersResult{DryRun: true, Taken: 1, Refused: 5, Firms: 1, Faults: []workresume.ReadingFault{
			{Line: 3, Field: "credit_code", Code: "workresume.reading_code"},
			{Line: 4, Field: "at", Code: "workresume.reading_time"},
			{Line: 5, Field: "kwh", Code: "workresume.reading_energy"},
			{Line: 6, Field: "credit_code", Code: "workresume.reading_firm"},
			{Line: 7, Field: "at", Code: "roster.formula"},
			{Line: 7, Field: "credit_code", Code: "workresume.reading_code"},
			{Line: 7, Field: "kwh", Code: "workresume.reading_energy"},
		}}
		load := func() *int64 {
			t.Helper()
			must(t, w.Heed(t.Context()))
			c, err := w.Compare(t.Context(), office, f.ID)
			must(t, err)
			return c.Lines[4].Measured
		}
		for _, dry := range []bool{true, false, false} { // the same file twice is as once
			got, err := w.ReadMeters(t.Context(), w.officer, workresume.MetersInput{Readings: list, DryRun: dry})
			must(t, err)
			taken.DryRun = dry
			if d := cmp.Diff(taken, got); d != "" {
				t.Fatal(d)
			}
			if p := load(); (p == nil) != dry || p != nil && *p != 10 {
				t.Errorf("dry %v: load %v, want none, then 10", dry, p)
			}
		}
		_, err := w.ReadMeters(t.Context(), w.officer, workresume.MetersInput{Readings: []workresume.Reading{at("400", "")}})
		must(t, err)
		must(t, w.Heed(t.Context()))
		c, err := w.Compare(t.Context(), office, f.ID)
		must(t, err)
		if p := c.Lines[4].Measured; p == nil || *p != 40 {
			t.Errorf("load %v, want 40", p)
		}
		_, err = w.ReadMeters(t.Context(), office, workresume.MetersInput{Readings: []workresume.Reading{at("1", "")}})
		want(t, err, "auth.denied")
	})
}

// Of two rows about one firm and one time in one file nobody can tell which is meant: the
// second is refused with the line of the first, unless they say the same.
func TestMetersSaidTwice(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, _ := w.certified(w.park, 1)
		row := func(line int, at, kwh, normal string) workresume.Reading {
			return workresume.Reading{Line: line, CreditCode: f.CreditCode, At: at, KWh: kwh, Normal: normal}
		}
		file := []workresume.Reading{
			row(2, "2020-02-17", "100", ""), row(3, "2020-02-17", "100.0", "1000"), row(4, "2020/2/17", "90", ""), row(5, "2020-02-17 00:00", "5", ""),
			row(6, "2020-02-18", "1", "500"), row(7, "2020-02-18", "1", "600"),
		}
		faults := []workresume.ReadingFault{
			{Line: 4, Field: "at", Code: "workresume.reading_twice", First: 2}, {Line: 7, Field: "at", Code: "workresume.reading_twice", First: 6},
		}
		for _, dry := range []bool{true, false} {
			got, err := w.ReadMeters(t.Context(), w.officer, workresume.MetersInput{Readings: file, DryRun: dry})
			must(t, err)
			if d := cmp.Diff(faults, got.Faults); d != "" || got.Taken != 4 || got.Refused != 2 {
				t.Errorf("dry %v: %+v %s", dry, got, d)
			}
		}
	})
}

// A day that is told by one row and by its hours counts once, by the hours, in
// whichever order and in however many files they come; the desk is told so.
func TestMetersByDayAndHour(t *testing.T) {
	day := workresume.Reading{At: "2020-02-17", KWh: "240", Normal: "240"}
	hours := []workresume.Reading{{At: "2020-02-17 00:00", KWh: "5"}, {At: "2020-02-17 01:00", KWh: "5"}}
	late := hours[1:]
	both(t, func(t *testing.T, w *world) {
		for name, x := range map[string]struct {
			files [][]workresume.Reading
			load  int64 // percent
			told  int64 // of the last file
		}{
			"the day alone":            {[][]workresume.Reading{{day}}, 100, 0},
			"the day, then hours":      {[][]workresume.Reading{{day}, hours}, 50, 1},
			"hours, then the day":      {[][]workresume.Reading{{day}, hours, {day}}, 50, 1},
			"both at once":             {[][]workresume.Reading{append([]workresume.Reading{day}, hours...)}, 50, 1},
			"both at once, day last":   {[][]workresume.Reading{append(slices.Clone(hours), day)}, 50, 1},
			"without midnight's":       {[][]workresume.Reading{{day}, late}, 50, 1},
			"without midnight's, last": {[][]workresume.Reading{append(slices.Clone(late), day)}, 50, 1},
		} {
			f, office := w.certified(w.park, 1)
			for i, file := range x.files {
				file = slices.Clone(file)
				for n := range file {
					file[n].Line, file[n].CreditCode = n+2, f.CreditCode
				}
				for again, dry := range []bool{true, false, false} {
					got, err := w.ReadMeters(t.Context(), w.officer, workresume.MetersInput{Readings: file, DryRun: dry})
					must(t, err)
					// Midnight's hour has the day's row replaced for good: a third time nothing is doubled.
					if i == len(x.files)-1 && again < 2 && got.ByHours != x.told || got.Refused > 0 {
						t.Errorf("%s, dry %v: %+v", name, dry, got)
					}
				}
			}
			must(t, w.Heed(t.Context()))
			c, err := w.Compare(t.Context(), office, f.ID)
			must(t, err)
			if p := c.Lines[4].Measured; p == nil || *p != x.load {
				t.Errorf("%s: load %v, want %d", name, p, x.load)
			}
		}
	})
}
