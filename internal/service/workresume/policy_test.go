package workresume_test

import (
	"testing"
	"time"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
)

// The three regimes of 2020 follow one another without a gap, and the same firm
// is answered as each had it.
func TestRegimesOf2020(t *testing.T) {
	l, err := workresume.Regimes()
	must(t, err)
	ready := map[string]any{
		"industry": "cinema", "class": "other", "promise_signed": true, "declared_headcount": 10, "roster_count": 10,
		"masks": 30, "thermometers": 1, "disinfectant_litres": 1, "isolation_rooms": 0,
	}
	with := func(pairs ...any) map[string]any {
		out := map[string]any{}
		for k, v := range ready {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i].(string)] = pairs[i+1]
		}
		return out
	}
	for _, c := range []struct {
		at    string
		facts map[string]any
		pack  string
		want  rule.Verdict
		rule  string // the gravest that spoke
	}{
		{"2020-02-03T23:59:59+08:00", nil, "", "", ""},
		{"2020-02-04T00:00:00+08:00", with(), "work-resumption.four-classes", rule.Returned, "not-before"},
		{"2020-02-08T12:00:00+08:00", with("township_check", true, "district_approval", true), "work-resumption.four-classes", rule.Returned, "not-before"},
		{"2020-02-08T12:00:00+08:00", with("class", "priority", "township_check", true, "district_approval", true), "work-resumption.four-classes", rule.Certified, ""},
		{"2020-02-10T00:00:00+08:00", with("township_check", true, "district_approval", true), "work-resumption.four-classes", rule.Certified, ""},
		{"2020-02-10T00:00:00+08:00", with("township_check", false), "work-resumption.four-classes", rule.Returned, "township-check"},
		{"2020-02-10T00:00:00+08:00", with("township_check", true, "district_approval", false), "work-resumption.four-classes", rule.Refused, "district-approval"},
		{"2020-02-11T00:00:00+08:00", with(), "work-resumption.file-and-promise", rule.Refused, "negative-list"},
		{"2020-03-20T23:59:59+08:00", with("industry", "software"), "work-resumption.file-and-promise", rule.Certified, ""},
		{"2020-03-21T00:00:00+08:00", with(), "work-resumption.lifted", rule.Certified, "own-notice"},
		{"2020-03-21T00:00:00+08:00", map[string]any{}, "work-resumption.lifted", rule.Certified, "own-notice"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		must(t, err)
		p, ok := l.At(at)
		if !ok || c.pack == "" {
			if ok != (c.pack != "") {
				t.Errorf("%s: %v", c.at, p)
			}
			continue
		}
		if c.facts["industry"] != nil {
			c.facts["decided_at"] = at
		}
		d := p.Decide(c.facts)
		said := ""
		if len(d.Findings) > 0 {
			said = d.Findings[0].Rule
		}
		if p.ID != c.pack || d.Outcome != c.want || said != c.rule {
			t.Errorf("%s: %s %s %q, want %s %s %q", c.at, p.ID, d.Outcome, said, c.pack, c.want, c.rule)
		}
	}
}
