package drill

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Outcome is what came of one scenario; its JSON is that of `drill run --json`. The
// figures above Verdict are of the act that matters most, its last; Lost, Duplicated,
// Oversold and Errors are of the whole.
type Outcome struct {
	Scenario   string  `json:"scenario"`
	Offered    float64 `json:"offered_per_s"`
	Achieved   float64 `json:"achieved_per_s"` // sent; the rest found no free line
	Goodput    float64 `json:"goodput_per_s"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Errors     int64   `json:"errors"`
	Lost       int64   `json:"lost"`
	Duplicated int64   `json:"duplicated"`
	Oversold   int64   `json:"oversold"` // pieces
	Verdict    string  `json:"verdict"`
	Host       string  `json:"host"`

	Goals    []Goal    `json:"goals"`
	Engine   string    `json:"engine"` // "sqlite" or "postgres"
	Short    bool      `json:"short,omitempty"`
	At       time.Time `json:"at"` // when it ended
	People   int       `json:"people"`
	Capacity float64   `json:"capacity_per_s,omitempty"` // measured in the same run, each line asking again when answered
	Facts    int64     `json:"facts"`                    // of the verified log
	Acts     []Row     `json:"acts"`
	Odd      []string  `json:"odd,omitempty"`
}

// Goal is one thing that must hold, with what was found. What is a code, whose words
// are the message "drill.goal_<What>".
type Goal struct {
	What    string `json:"goal"`
	Act     string `json:"act,omitempty"` // "": of the whole
	Wanted  string `json:"wanted"`
	Found   string `json:"found"`
	Verdict string `json:"verdict"`

	timed bool // it depends on the machine
}

// Unjudged is the verdict on a goal of speed in the short form, which is too small for
// one: it is neither held nor missed.
const Unjudged = "not judged"

// goal notes whether something held.
func (o *Outcome) goal(act, what string, held bool, wanted, got string, args ...any) {
	v := Failed
	if held {
		v = Passed
	}
	o.Goals = append(o.Goals, Goal{what, act, wanted, fmt.Sprintf(got, args...), v, false})
}

// speed is goal, but for the short form.
func (o *Outcome) speed(act, what string, held bool, wanted, got string, args ...any) {
	o.goal(act, what, held, wanted, got, args...)
	if o.Short {
		o.Goals[len(o.Goals)-1].Verdict = Unjudged
	}
}

// none is a goal of nothing.
func (o *Outcome) none(what string, n int64) { o.goal("", what, n == 0, "0", "%d", n) }

// close gives the verdict: every goal that is judged must hold, and there must be one.
func (o *Outcome) close() {
	o.Verdict = Failed
	judged := false
	for _, g := range o.Goals {
		if g.Verdict == Failed {
			return
		}
		judged = judged || g.Verdict == Passed
	}
	if judged {
		o.Verdict = Passed
	}
}

// Passed is whether every goal that was judged held.
func (o *Outcome) Passed() bool { return o.Verdict == Passed }

// figures takes an act's figures as those of the whole.
func (o *Outcome) figures(x Row) {
	o.Offered, o.Achieved, o.Goodput, o.P50, o.P99 = x.Offered, x.Achieved, x.Goodput, x.P50, x.P99
}

// Texts are the words of a report; an i18n printer has them.
type Texts interface {
	T(key string, args ...any) string
}

// Print writes a report to be printed and signed, in Markdown: what was rehearsed and by
// which figures of whom, what came of each act, and each goal with what was found.
func (o *Outcome) Print(w io.Writer, s Scenario, lang string, p Texts) error {
	var b strings.Builder
	say := func(line string, args ...any) { fmt.Fprintf(&b, line+"\n", args...) }
	word := func(verdict string) string { return p.T("drill." + strings.ReplaceAll(verdict, " ", "_")) }
	say("# %s\n\n%s\n", s.Title[lang], s.Happened[lang])
	if s.Scale[lang] != "" {
		say("%s\n", s.Scale[lang])
	}
	for _, x := range s.Source {
		say("- %s: %s", x.What, x.Where)
	}
	say("\n%s", p.T("drill.where", "host", o.Host, "engine", o.Engine, "people", o.People, "at", o.At.UTC().Format("2006-01-02 15:04 UTC")))
	if o.Capacity > 0 {
		say("%s", p.T("drill.capacity", "capacity", int64(o.Capacity)))
	}
	if o.Short {
		say("\n%s", p.T("drill.short"))
	}
	if len(o.Acts) > 0 {
		say("\n%s\n|---|--:|--:|--:|--:|--:|--:|", p.T("drill.acts_head"))
	}
	for _, x := range o.Acts {
		if x.Verdict == Skipped {
			say("| %s | %s: %s ||||||", x.Act, word(Skipped), strings.Join(x.Why, "; "))
			continue
		}
		say("| %s | %.0f/s | %.0f/s | %.0f/s | %.1f ms | %.1f ms | %d |", x.Act, x.Offered, x.Achieved, x.Goodput, x.P50, x.P99, x.Errors)
	}
	say("\n%s\n|---|---|--:|--:|---|", p.T("drill.goals_head"))
	for _, g := range o.Goals {
		say("| %s | %s | %s | %s | %s |", g.Act, p.T("drill.goal_"+g.What), g.Wanted, g.Found, word(g.Verdict))
	}
	say("\n**%s: %s**", s.Name, word(o.Verdict))
	for _, odd := range o.Odd {
		say("\n- %s", odd)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
