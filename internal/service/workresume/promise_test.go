package workresume

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/rule"
)

var (
	slow  = pace{warn: 10 * time.Minute, suspend: 4 * time.Hour, withdraw: 72 * time.Hour, lift: 30 * time.Minute}
	start = time.Date(2020, 2, 18, 0, 0, 0, 0, time.UTC)
)

func found(name string, o rule.Outcome) rule.Finding { return rule.Finding{Rule: name, Outcome: o} }

// A promise that is broken for good goes through every step, each after its time.
func TestStepsOfABrokenPromise(t *testing.T) {
	for _, c := range []struct {
		outcome rule.Outcome
		most    Watch
		want    []Watch
		after   []time.Duration
	}{
		{rule.Return, Withdrawn, []Watch{PromiseKept, Warned, Suspended, Withdrawn}, []time.Duration{0, slow.warn, slow.warn + slow.suspend, slow.warn + slow.suspend + slow.withdraw}},
		{rule.Refuse, Withdrawn, []Watch{PromiseKept, Suspended, Withdrawn}, []time.Duration{0, slow.warn, slow.warn + slow.withdraw}},
		{rule.Warn, Withdrawn, []Watch{PromiseKept, Warned}, []time.Duration{0, slow.warn}},
		{rule.Return, Warned, []Watch{PromiseKept, Warned}, []time.Duration{0, slow.warn}},
		{rule.Refuse, Warned, []Watch{PromiseKept}, []time.Duration{0}}, // an officer's word: not even a detour
	} {
		var flags []Flag
		var levels []Watch
		var at []time.Duration
		for now := start; !now.IsZero(); {
			var level Watch
			var wake time.Time
			flags, level, wake = slow.step(flags, []rule.Finding{found("r", c.outcome)}, now, c.most)
			levels, at = append(levels, level), append(at, now.Sub(start))
			now = wake
		}
		if d := cmp.Diff(c.want, levels) + cmp.Diff(c.after, at); d != "" {
			t.Errorf("%s up to %q: %s", c.outcome, c.most, d)
		}
	}
}

// However the facts flicker, a firm is never warned before the rule has spoken for
// its time, never suspended without the time to mend after a warning, and a flag
// never goes before the facts have been right for theirs.
func TestNeverFlaps(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		var flags []Flag
		now, was := start, PromiseKept
		var changed, spoke, quiet time.Time
		for range 400 {
			now = now.Add(time.Duration(1+rnd.IntN(90)) * time.Minute)
			var list []rule.Finding
			if rnd.IntN(4) > 0 {
				list = append(list, found("r", rule.Return))
			}
			var level Watch
			flags, level, _ = slow.step(flags, list, now, Withdrawn)
			if len(list) > 0 {
				if quiet = (time.Time{}); spoke.IsZero() {
					spoke = now
				}
			} else if quiet.IsZero() {
				quiet = now
			}
			if len(flags) == 0 {
				spoke = time.Time{}
			}
			switch {
			case level == was:
				continue
			case level.level() < was.level() && (quiet.IsZero() || now.Sub(quiet) < slow.lift):
				t.Fatalf("seed %d: %q lifted to %q after %s of quiet", seed, was, level, now.Sub(quiet))
			case level == Warned && now.Sub(spoke) < slow.warn:
				t.Fatalf("seed %d: warned after %s", seed, now.Sub(spoke))
			case level == Suspended && was == Warned && now.Sub(changed) < slow.suspend,
				level == Withdrawn && now.Sub(changed) < slow.withdraw, level == Suspended && was == PromiseKept:
				t.Fatalf("seed %d: from %q to %q within %s", seed, was, level, now.Sub(changed))
			}
			was, changed = level, now
		}
	}
}

// What is not known raises no flag and lifts none.
func TestUnknownFactsMoveNothing(t *testing.T) {
	missing := rule.Finding{Rule: "r", Outcome: rule.Return, Missing: []string{"load_percent"}}
	if flags, level, wake := slow.step(nil, []rule.Finding{missing}, start, Withdrawn); len(flags) > 0 || level != PromiseKept || !wake.IsZero() {
		t.Errorf("raised: %+v %q %s", flags, level, wake)
	}
	held := []Flag{{Rule: "r", Level: Suspended, Began: start, Raised: start, Finding: found("r", rule.Return)}}
	flags, level, _ := slow.step(held, []rule.Finding{missing}, start.Add(100*time.Hour), Withdrawn)
	if d := cmp.Diff(held, flags); d != "" || level != Suspended {
		t.Errorf("%q %s", level, d)
	}
}
