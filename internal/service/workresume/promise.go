package workresume

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"breakwater/internal/kernel/rule"
)

// Watch is where a firm stands against its promise, beside the decision.
type Watch string

// The steps. A suspension ends by itself when the facts are right again; a
// withdrawal ends with the next filing or by an officer's word.
const (
	PromiseKept Watch = ""
	Warned      Watch = "warned"
	Suspended   Watch = "suspended"
	Withdrawn   Watch = "withdrawn"
)

// Watches lists them, mildest first: the place is the level a store keeps.
var Watches = [...]Watch{PromiseKept, Warned, Suspended, Withdrawn}

// level is the watch's place among Watches.
func (w Watch) level() int { return max(slices.Index(Watches[:], w), 0) }

// Flag is one rule of the promise that the facts contradict.
type Flag struct {
	Firm    string
	Rule    string
	Level   Watch     // PromiseKept while it is only noted
	Began   time.Time // first seen
	Raised  time.Time // to this level
	Gone    time.Time // the facts have been right since, zero while they are not
	Finding rule.Finding
	Version string // of the promise whose words the finding is, "" where it was not kept
}

// pace is how slowly things change, so that a certificate does not flap.
type pace struct {
	warn, suspend, withdraw, lift time.Duration
	soon                          map[string]time.Duration // rules with a time of their own to the warning
	version                       string                   // of the promise that sets it
}

func paceOf(p *rule.Pack) pace {
	of := func(name string, most time.Duration) time.Duration {
		if n, ok := p.Whole(name); ok && n >= 0 {
			return time.Duration(n) * time.Minute
		}
		return most
	}
	out := pace{
		of("warn_minutes", 10*time.Minute), of("suspend_minutes", 4*time.Hour),
		of("withdraw_minutes", 3*24*time.Hour), of("lift_minutes", 30*time.Minute),
		map[string]time.Duration{},
		p.Version,
	}
	for _, r := range p.Rules {
		out.soon[r.ID] = of("warn_minutes_"+strings.ReplaceAll(r.ID, "-", "_"), out.warn)
	}
	return out
}

// before is how long a rule speaks before anything follows.
func (p pace) before(rule string) time.Duration {
	if d, ok := p.soon[rule]; ok {
		return d
	}
	return p.warn
}

// step moves a firm's flags on by what its facts say now. It is pure. A flag climbs
// one step at a time and only while the facts speak, each step having lasted since
// the one before was seen: time in which nobody looked warns nobody. No flag rises
// above most. wake is when the flags change again if the facts do not, zero for never.
func (p pace) step(flags []Flag, found []rule.Finding, now time.Time, most Watch) (next []Flag, level Watch, wake time.Time) {
	sooner := func(t time.Time) {
		if wake.IsZero() || t.Before(wake) {
			wake = t
		}
	}
	speaks, unknown := make(map[string]bool, len(found)), map[string]bool{}
	for _, f := range found {
		if len(f.Missing) > 0 || f.Failed != "" {
			unknown[f.Rule] = true // raises nothing, and lifts nothing that was raised before
			continue
		}
		speaks[f.Rule] = true
		i := slices.IndexFunc(flags, func(g Flag) bool { return g.Rule == f.Rule })
		g := Flag{Rule: f.Rule, Began: now, Raised: now}
		if i >= 0 {
			g = flags[i]
		}
		g.Gone, g.Finding, g.Version = time.Time{}, f, p.version
		if to, after := p.rise(g); to != "" && to.level() <= most.level() {
			if now.Sub(g.Raised) >= after {
				g.Level, g.Raised = to, now
				to, after = p.rise(g)
			}
			if to != "" && to.level() <= most.level() {
				sooner(g.Raised.Add(after))
			}
		}
		next = append(next, g)
	}
	for _, g := range flags {
		switch {
		case speaks[g.Rule]:
			continue
		case unknown[g.Rule]:
			next = append(next, g)
			continue
		}
		if g.Gone.IsZero() {
			g.Gone = now
		}
		if now.Sub(g.Gone) >= p.lift {
			continue
		}
		sooner(g.Gone.Add(p.lift))
		next = append(next, g)
	}
	for i := range next {
		if g := &next[i]; g.Level.level() > most.level() {
			g.Level, g.Raised = most, now
		}
		if next[i].Level.level() > level.level() {
			level = next[i].Level
		}
	}
	slices.SortFunc(next, func(a, b Flag) int { return cmp.Compare(a.Rule, b.Rule) })
	return next, level, wake
}

// rise is the flag's next step and how long after the last it comes, "" for none.
func (p pace) rise(g Flag) (Watch, time.Duration) {
	switch {
	case g.Level == PromiseKept && g.Finding.Outcome == rule.Refuse:
		return Suspended, p.before(g.Rule)
	case g.Level == PromiseKept:
		return Warned, p.before(g.Rule)
	case g.Level == Warned && g.Finding.Outcome != rule.Warn:
		return Suspended, p.suspend
	case g.Level == Suspended && g.Finding.Outcome != rule.Warn:
		return Withdrawn, p.withdraw
	}
	return "", 0
}
