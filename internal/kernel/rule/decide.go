package rule

import "sort"

// Verdict is what a decision comes to.
type Verdict string

// The verdicts.
const (
	Certified Verdict = "certified" // no rule refused and none returned
	Returned  Verdict = "returned"  // something must be mended first
	Refused   Verdict = "refused"   // a rule forbids it
)

// Decision is a verdict with everything needed to explain it later. It is
// stored as JSON beside what it decided; its sentences are already written, in
// every language, so it needs neither the pack nor this program's next version.
type Decision struct {
	Pack     string         `json:"pack"`
	Version  string         `json:"version"`
	Digest   string         `json:"digest"`
	Title    Text           `json:"title"`
	Outcome  Verdict        `json:"outcome"`
	Facts    map[string]any `json:"facts"`    // every declared fact that was known, derived ones included
	Findings []Finding      `json:"findings"` // gravest first, then in the pack's order
	Passed   []string       `json:"passed"`   // ids of the rules that had nothing to say
}

// Finding is one rule that spoke.
type Finding struct {
	Rule    string         `json:"rule"`
	Outcome Outcome        `json:"outcome"`           // Refuse never comes of missing facts
	Facts   map[string]any `json:"facts"`             // the facts the rule looked at
	Amounts map[string]any `json:"amounts,omitempty"` // what it reckoned, such as how many are short
	Missing []string       `json:"missing,omitempty"` // names of facts without which it could not tell
	Failed  string         `json:"failed,omitempty"`  // why the expression could not be worked out: overflow, cost
	Reason  Text           `json:"reason"`
	Mend    Text           `json:"mend"`
	Basis   Text           `json:"basis"`
}

// Decide applies every rule to the facts. It never fails and never stops at the
// first finding, so that an applicant gets the one complete list.
//
// A fact that is absent, nil or of the wrong type is missing. A rule that
// cannot tell without it becomes a finding naming it, to be returned (or
// warned) and never refused; a rule whose answer does not depend on it speaks
// as usual. A rule that cannot be worked out is a finding that says so, with Failed, and
// refuses nobody either. Facts the pack does not declare are ignored and not kept.
func (p *Pack) Decide(facts map[string]any) Decision {
	k := p.know(facts)
	d := Decision{
		Pack: p.ID, Version: p.Version, Digest: p.Digest, Title: p.Title,
		Outcome: Certified, Facts: k.values, Findings: []Finding{}, Passed: make([]string, 0, len(p.checks)),
	}
	for i := range p.checks {
		c := &p.checks[i]
		f, spoke := k.apply(c)
		if !spoke {
			d.Passed = append(d.Passed, c.rule.ID)
			continue
		}
		d.Findings = append(d.Findings, f)
		switch {
		case f.Outcome == Refuse:
			d.Outcome = Refused
		case f.Outcome == Return && d.Outcome == Certified:
			d.Outcome = Returned
		}
	}
	gravest(d.Findings)
	return d
}

// gravest puts the gravest findings first, else as they stood.
func gravest(list []Finding) {
	if len(list) > 1 {
		sort.SliceStable(list, func(i, j int) bool { return list[i].Outcome.weight() < list[j].Outcome.weight() })
	}
}

func (o Outcome) weight() int {
	switch o {
	case Refuse:
		return 0
	case Return:
		return 1
	}
	return 2
}
