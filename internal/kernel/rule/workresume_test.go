package rule

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The path's own pack is tested here, where its engine is: a policy that does
// not do what its document says is this package's failure as much as its own.
func workresume(t testing.TB) *Pack {
	t.Helper()
	p, err := LoadFile(os.DirFS("../../service/workresume/pack"), "file-and-promise.toml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fit is a firm that passes; tests change one thing.
func fit(change map[string]any) map[string]any {
	f := map[string]any{
		"industry": "manufacturing", "class": "other", "promise_signed": true,
		"declared_headcount": 100, "roster_count": 100, "masks": 300,
		"thermometers": 1, "disinfectant_litres": 0.5, "isolation_rooms": 0,
	}
	for k, v := range change {
		f[k] = v
	}
	return f
}

func spoken(d Decision) []string {
	ids := []string{}
	for _, f := range d.Findings {
		ids = append(ids, f.Rule)
	}
	return ids
}

func TestWorkResumptionBoundaries(t *testing.T) {
	p := workresume(t)
	type m = map[string]any
	// crew is a firm of n with all it needs but rooms.
	crew := func(n, rooms int) m {
		return m{"declared_headcount": n, "roster_count": n, "masks": 3 * n, "isolation_rooms": rooms}
	}
	for _, c := range []struct {
		name   string
		change m
		want   Verdict
		rules  []string
	}{
		{"all in order", nil, Certified, []string{}},
		{"negative list", m{"industry": "cinema"}, Refused, []string{"negative-list"}},
		{"negative list and more", m{"industry": "bathhouse", "promise_signed": false}, Refused, []string{"negative-list", "promise-signed"}},
		{"unknown trade", m{"industry": "Manufacturing"}, Returned, []string{"industry-known"}},
		{"class", m{"class": "vip"}, Returned, []string{"class-chosen"}},
		{"promise", m{"promise_signed": false}, Returned, []string{"promise-signed"}},
		{"no staff declared", m{"declared_headcount": 0}, Returned, []string{"headcount-declared"}},
		{"negative headcount", m{"declared_headcount": -5}, Returned, []string{"headcount-declared"}},
		{"empty roster is one fault", m{"roster_count": 0}, Returned, []string{"roster-present"}},
		{"one short", m{"roster_count": 99}, Returned, []string{"roster-complete"}},
		{"one more", m{"roster_count": 101}, Certified, []string{}},
		{"masks one short", m{"masks": 299}, Returned, []string{"masks"}},
		{"masks below zero", m{"masks": -1}, Returned, []string{"masks"}},
		{"masks for longer", m{"masks": 301}, Certified, []string{}},
		{"thermometers", m{"thermometers": 0}, Returned, []string{"thermometers"}},
		{"disinfectant", m{"disinfectant_litres": 0}, Returned, []string{"disinfectant"}},
		{"disinfectant from JSON", m{"disinfectant_litres": 0.1}, Certified, []string{}},
		{"rooms 499", crew(499, 0), Certified, []string{}},
		{"rooms 500 with 4", crew(500, 4), Returned, []string{"isolation-rooms"}},
		{"rooms 500 with 5", crew(500, 5), Certified, []string{}},
		{"rooms 501 with 5", crew(501, 5), Returned, []string{"isolation-rooms"}},
		{"rooms 501 with 6", crew(501, 6), Certified, []string{}},
		{"rooms 10000 with 99", crew(10000, 99), Returned, []string{"isolation-rooms"}},
		{"rooms 10000 with 100", crew(10000, 100), Certified, []string{}},
		{"rooms 10001 with 100", crew(10001, 100), Certified, []string{}},
		{"rooms 10001 with 99", crew(10001, 99), Returned, []string{"isolation-rooms"}},
		{
			"everything short",
			m{"roster_count": 1, "masks": 0, "thermometers": 0, "disinfectant_litres": 0, "promise_signed": false},
			Returned,
			[]string{"promise-signed", "roster-complete", "masks", "thermometers", "disinfectant"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := p.Decide(fit(c.change))
			if d.Outcome != c.want {
				t.Errorf("outcome %s, want %s", d.Outcome, c.want)
			}
			if diff := cmp.Diff(c.rules, spoken(d)); diff != "" {
				t.Error(diff)
			}
			if len(d.Findings)+len(d.Passed) != len(p.Rules) {
				t.Errorf("%d findings and %d passed of %d rules", len(d.Findings), len(d.Passed), len(p.Rules))
			}
		})
	}
}

func TestWorkResumptionSaysHowMuchIsShort(t *testing.T) {
	p := workresume(t)
	d := p.Decide(fit(map[string]any{"masks": 240, "roster_count": 88}))
	want := []Point{
		{
			Rule: "roster-complete", Outcome: Return,
			Reason: "The roster is not complete: 100 staff were declared and 88 are accepted on the roster, 12 short.",
			Mend:   "Add the missing people (12), mend the rows that were refused, or lower the declared headcount to those who will be at work.",
			Basis:  "Yong Fang [2020] No. 9: staff list",
		},
		{
			Rule: "masks", Outcome: Return,
			Reason: "The masks last 2.4 of the 3 days required. 300 pieces are needed for 100 staff, 240 are in stock, 60 short.",
			Mend:   "Bring in at least 60 more masks, then correct the stock here. Days of stock still missing, a part counted whole: 1.",
			Basis:  "Supplies for at least three days, at one mask a person and day",
		},
	}
	if diff := cmp.Diff(want, d.Explain("en").Points); diff != "" {
		t.Error(diff)
	}
	zh := d.Explain("zh-Hans").Points[1]
	if want := "口罩可用2.4天，不足3天。100人需300只，现有240只，还差60只。"; zh.Reason != want {
		t.Errorf("got %s", zh.Reason)
	}
}

func TestWorkResumptionMissingFacts(t *testing.T) {
	p := workresume(t)
	d := p.Decide(nil)
	if d.Outcome != Returned {
		t.Errorf("nothing known is %s, want returned", d.Outcome)
	}
	if len(d.Findings) != len(p.Rules) {
		t.Errorf("%d findings of %d rules", len(d.Findings), len(p.Rules))
	}
	facts := fit(nil)
	delete(facts, "masks")
	facts["isolation_rooms"] = "many" // the wrong type is as good as absent
	d = p.Decide(facts)
	missing := map[string][]string{}
	for _, f := range d.Findings {
		missing[f.Rule] = f.Missing
	}
	want := map[string][]string{"masks": {"masks"}, "isolation-rooms": {"isolation_rooms"}}
	if diff := cmp.Diff(want, missing); diff != "" {
		t.Error(diff)
	}
	if got := d.Findings[0].Reason["zh-Hans"]; !strings.Contains(got, "口罩库存（只）") {
		t.Errorf("reason does not name the fact: %s", got)
	}
	// Without a trade nobody is refused, only asked.
	facts = fit(nil)
	delete(facts, "industry")
	if d := p.Decide(facts); d.Outcome != Returned {
		t.Errorf("no trade is %s", d.Outcome)
	}
}

// More supplies, rooms, rows or a signature never worsen the outcome.
func TestWorkResumptionMonotone(t *testing.T) {
	p := workresume(t)
	rank := map[Verdict]int{Refused: 0, Returned: 1, Certified: 2}
	industry, _ := p.Fact("industry")
	trades := make([]string, len(industry.Options))
	for i, o := range industry.Options {
		trades[i] = o.Value
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(-2, 700), rapid.IntRange(9_900, 10_100)).Draw(t, "headcount")
		facts := map[string]any{
			"industry":            rapid.SampledFrom(trades).Draw(t, "industry"),
			"class":               rapid.SampledFrom([]string{"priority", "early", "continuous", "other", ""}).Draw(t, "class"),
			"promise_signed":      rapid.Bool().Draw(t, "promise"),
			"declared_headcount":  n,
			"roster_count":        n + rapid.IntRange(-2, 2).Draw(t, "roster"),
			"masks":               3*n + rapid.IntRange(-3, 3).Draw(t, "masks"),
			"thermometers":        rapid.IntRange(0, 2).Draw(t, "thermometers"),
			"disinfectant_litres": rapid.Float64Range(0, 1).Draw(t, "litres"),
			"isolation_rooms":     rapid.IntRange(0, 120).Draw(t, "rooms"),
		}
		before := p.Decide(facts)
		more := map[string]any{}
		for k, v := range facts {
			more[k] = v
		}
		switch k := rapid.SampledFrom([]string{"masks", "thermometers", "isolation_rooms", "roster_count", "disinfectant_litres", "promise_signed"}).Draw(t, "more"); k {
		case "promise_signed":
			more[k] = true
		case "disinfectant_litres":
			more[k] = more[k].(float64) + 1
		default:
			more[k] = more[k].(int) + rapid.IntRange(1, 1000).Draw(t, "by")
		}
		after := p.Decide(more)
		if rank[after.Outcome] < rank[before.Outcome] || len(after.Findings) > len(before.Findings) {
			t.Fatalf("more made it worse: %v %v, then %v %v", before.Outcome, spoken(before), after.Outcome, spoken(after))
		}
	})
}

// A stored decision explains itself without the pack, byte for byte.
func TestDecisionSurvivesStorage(t *testing.T) {
	p := workresume(t)
	d := p.Decide(fit(map[string]any{"masks": 1, "industry": "cinema"}))
	first, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back Decision
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	second, _ := json.Marshal(back)
	if string(first) != string(second) {
		t.Errorf("changed by storage:\n%s\n%s", first, second)
	}
	if diff := cmp.Diff(d.Explain("zh-Hans"), back.Explain("zh-Hans")); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkBeside sets a whole decision beside its bare expressions, interleaved in one
// run so that the machine's mood hits both: for a firm that lacks nothing, and for one
// of which much is missing and unknown, where the sentences are written and the careful
// programs run. ratio is whole ÷ bare.
func BenchmarkBeside(b *testing.B) {
	p := workresume(b)
	lacking := fit(map[string]any{"masks": 1, "thermometers": 0, "isolation_rooms": nil, "industry": nil})
	// The same expressions on the same facts, and nothing said of what they come to.
	bare := func(facts map[string]any) func() {
		k := p.know(facts)
		k.bind()
		run := func(prog program) {
			if len(k.missing) == 0 {
				_, _, _ = prog.quick.Eval(k.values)
			} else {
				_, _, _ = prog.careful.Eval(k.vars)
			}
		}
		return func() {
			for _, d := range p.derived {
				run(d.program)
			}
			for i := range p.checks {
				run(p.checks[i].program)
			}
		}
	}
	for _, c := range []struct {
		name  string
		facts map[string]any
		want  Verdict
	}{{"clean", fit(nil), Certified}, {"lacking", lacking, Returned}} {
		b.Run(c.name, func(b *testing.B) {
			var whole, alone time.Duration
			bare := bare(c.facts)
			for b.Loop() {
				start := time.Now()
				if d := p.Decide(c.facts); d.Outcome != c.want {
					b.Fatal(d.Outcome)
				}
				middle := time.Now()
				bare()
				whole, alone = whole+middle.Sub(start), alone+time.Since(middle)
			}
			b.ReportMetric(float64(whole.Nanoseconds())/float64(b.N), "full-ns")
			b.ReportMetric(float64(alone.Nanoseconds())/float64(b.N), "bare-ns")
			b.ReportMetric(float64(whole)/float64(alone), "ratio")
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	p := workresume(b)
	facts := fit(nil)
	b.ReportAllocs()
	for b.Loop() {
		if p.Decide(facts).Outcome != Certified {
			b.Fatal("not certified")
		}
	}
}

// BenchmarkBare is what the pack's expressions cost by themselves: the baseline of
// BenchmarkDecide.
func BenchmarkBare(b *testing.B) {
	p := workresume(b)
	k := p.know(fit(nil))
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range p.derived {
			if _, _, err := d.program.quick.Eval(k.values); err != nil {
				b.Fatal(err)
			}
		}
		for i := range p.checks {
			if _, _, err := p.checks[i].program.quick.Eval(k.values); err != nil {
				b.Fatal(err)
			}
		}
	}
}
