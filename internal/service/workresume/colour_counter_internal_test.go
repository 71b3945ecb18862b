package workresume

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/rule"
)

// A counter says from which day it runs, and begins again after a day without report.
func TestCounters(t *testing.T) {
	of := map[string]int64{"symptoms": 7, "contact": 14, "medium-risk-place": 7}
	day := readDay("2020-02-10")
	ill, met := said{Symptoms: []Symptom{"fever"}}, said{Contact: true}
	reports := func(list ...said) (out []dayReport) {
		for i, x := range list {
			out = append(out, dayReport{day + casework.Day(i), x})
		}
		return out
	}
	for name, c := range map[string]struct {
		rule  string
		days  []dayReport
		e     exposure
		today casework.Day
		want  Counter
	}{
		"today ill":     {"symptoms", reports(ill), exposure{}, day, Counter{Since: "2020-02-10", Of: 7, Ends: "2020-02-17"}},
		"two clean":     {"symptoms", reports(ill, said{}, said{}), exposure{}, day + 2, Counter{Since: "2020-02-10", Done: 2, Of: 7, Ends: "2020-02-17"}},
		"not yet today": {"symptoms", reports(ill, said{}, said{}), exposure{}, day + 3, Counter{Since: "2020-02-10", Done: 2, Of: 7, Ends: "2020-02-17"}},
		"a day missed":  {"symptoms", reports(ill, said{}, said{}), exposure{}, day + 5, Counter{Since: "2020-02-10", Of: 7, Ends: "2020-02-21"}},
		"ill again":     {"symptoms", reports(ill, said{}, ill, said{}), exposure{}, day + 3, Counter{Since: "2020-02-12", Done: 1, Of: 7, Ends: "2020-02-19"}},
		"contact":       {"contact", reports(met, said{}), exposure{}, day + 1, Counter{Since: "2020-02-10", Done: 1, Of: 14, Ends: "2020-02-24"}},
		"a place":       {"medium-risk-place", reports(said{}, said{}, said{}), exposure{medium: day + 1}, day + 2, Counter{Since: "2020-02-11", Done: 1, Of: 7, Ends: "2020-02-18"}},
	} {
		c.want.Rule = c.rule
		got := countersOf(rule.Decision{Findings: []rule.Finding{{Rule: c.rule}, {Rule: "another"}}}, c.days, c.e, c.today, of)
		if d := cmp.Diff([]Counter{c.want}, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
