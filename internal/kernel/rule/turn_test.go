package rule

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/internal/fault"
)

// brute walks every value of every lever: the cheapest way of the fewest facts to
// any answer that want likes.
func brute(p *Pack, facts map[string]any, want func(Verdict) bool) (count int, cost float64) {
	count, cost = math.MaxInt, math.Inf(1)
	s := &search{pack: p, facts: facts}
	var walk func(i int, at map[string]any, n int, c float64)
	walk = func(i int, at map[string]any, n int, c float64) {
		if n > count || n == count && c >= cost {
			return
		}
		if i == len(p.levers) {
			if want(p.Decide(at).Outcome) {
				count, cost = n, c
			}
			return
		}
		f := p.levers[i]
		walk(i+1, at, n, c)
		list := s.choices(f)
		if f.Type == Int || f.Type == Double {
			list = nil
			g := s.grid(f)
			for x := 0; x <= g.last; x++ {
				list = append(list, g.at(x))
			}
		}
		for _, one := range list {
			if was, ok := facts[f.Name]; ok && was == one.value {
				continue
			}
			next := map[string]any{}
			for k, v := range at {
				next[k] = v
			}
			next[f.Name] = one.value
			walk(i+1, next, n+1, c+one.cost)
		}
	}
	walk(0, facts, 0, 0)
	return count, cost
}

// apply makes a way's changes.
func apply(facts map[string]any, w Way, but int) map[string]any {
	out := map[string]any{}
	for k, v := range facts {
		out[k] = v
	}
	for i, s := range w.Steps {
		if i != but {
			out[s.Fact] = s.To
		}
	}
	return out
}

// Against walking everything: the first way is the smallest, every way turns the
// answer, and none can spare a step.
func TestTurnIsTheSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := fact("a", "int", `change = { least = 0, most = 9, cost = 2 }`) +
			fact("b", "int", `change = { least = -3, most = 8 }`) +
			fact("c", "double", `change = { least = 0, most = 2, step = 0.5 }`) +
			fact("yes", "bool", `change = { cost = 3 }`) +
			fact("kind", "string", "change = {}\noptions = [{ value = \"x\", title = { en = \"X\", zh-Hans = \"甲\" } }, { value = \"y\", title = { en = \"Y\", zh-Hans = \"乙\" } }]") +
			fact("fixed", "int", "") +
			fact("sum", "int", `derive = "a + 2 * b"`)
		term := rapid.SampledFrom([]string{"a", "b", "a + b", "a - b", "sum", "2 * a", "a * fixed", "fixed", "a % 3", "(yes ? a : b)", "b * b"})
		clause := rapid.Custom(func(t *rapid.T) string {
			switch rapid.IntRange(0, 6).Draw(t, "shape") {
			case 0:
				return "yes"
			case 1:
				return "kind == '" + rapid.SampledFrom([]string{"x", "y"}).Draw(t, "kind") + "'"
			case 2:
				return fmt.Sprintf("c >= %d.5", rapid.IntRange(0, 1).Draw(t, "c"))
			}
			return fmt.Sprintf("%s %s %d", term.Draw(t, "left"), rapid.SampledFrom([]string{"<", "<=", ">", ">=", "==", "!="}).Draw(t, "op"), rapid.IntRange(-4, 14).Draw(t, "n"))
		})
		var rules strings.Builder
		for i := range rapid.IntRange(1, 5).Draw(t, "rules") {
			condition := clause.Draw(t, "clause")
			if rapid.Bool().Draw(t, "two") {
				condition += rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "and") + clause.Draw(t, "other")
			}
			rules.WriteString(rule(fmt.Sprint("r", i), fmt.Sprintf("%s = %q", rapid.SampledFrom([]string{"when", "require"}).Draw(t, "how"), condition),
				rapid.SampledFrom([]string{"return", "refuse", "warn"}).Draw(t, "outcome"), ""))
		}
		p, err := Load([]byte(pack(facts, rules.String())))
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]any{"fixed": int64(rapid.IntRange(-1, 2).Draw(t, "fixed"))}
		for name, value := range map[string]any{
			"a": int64(rapid.IntRange(0, 9).Draw(t, "a")), "b": int64(rapid.IntRange(-3, 8).Draw(t, "b")), "c": float64(rapid.IntRange(0, 4).Draw(t, "c")) / 2,
			"yes": rapid.Bool().Draw(t, "yes"), "kind": rapid.SampledFrom([]string{"x", "y"}).Draw(t, "kind"),
		} {
			if rapid.IntRange(0, 9).Draw(t, "given "+name) > 0 {
				at[name] = value
			}
		}
		from := p.Decide(at).Outcome
		want := func(v Verdict) bool { return (v == Certified) != (from == Certified) }
		got := p.Turn(at)
		if got.From != from || got.Cut {
			t.Fatalf("%+v", got)
		}
		if from == Certified && len(at) < 6 {
			return // not knowing does not count as an answer that turned; brute force cannot tell
		}
		count, cost := brute(p, at, want)
		if len(got.Ways) == 0 {
			if count != math.MaxInt {
				t.Fatalf("%s from %v: %d facts at %v would do, none found", rules.String(), at, count, cost)
			}
			return
		}
		if first := got.Ways[0]; len(first.Steps) != count || math.Abs(first.Cost-cost) > 1e-9 {
			t.Fatalf("%s from %v: %+v, but %d facts at %v would do", rules.String(), at, first, count, cost)
		}
		for _, w := range got.Ways {
			if !want(p.Decide(apply(at, w, -1)).Outcome) {
				t.Fatalf("%+v does not turn the answer", w)
			}
			for i := range w.Steps {
				if want(p.Decide(apply(at, w, i)).Outcome) {
					t.Fatalf("%+v can spare step %d", w, i)
				}
			}
		}
	})
}

// Thresholds far away are found to the piece, in either direction.
func TestTurnFindsFarThresholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := int64(rapid.IntRange(0, 1_000_000).Draw(t, "edge"))
		width := int64(rapid.IntRange(0, 5).Draw(t, "width"))
		p, err := Load([]byte(pack(fact("n", "int", `change = { least = 0, most = 10000000 }`)+fact("edge", "int", "")+fact("top", "int", ""),
			rule("r", `require = "3 * n >= 3 * edge - 2 && n <= top"`, "return", ""))))
		if err != nil {
			t.Fatal(err)
		}
		n := int64(rapid.IntRange(0, 2_000_000).Draw(t, "n"))
		facts := map[string]any{"n": n, "edge": at, "top": at + width}
		if p.Decide(facts).Outcome == Certified {
			return
		}
		want := at
		if n > at+width {
			want = at + width
		}
		got := p.Turn(facts)
		if len(got.Ways) != 1 || got.Ways[0].Steps[0].To != want || got.Ways[0].Cost != math.Abs(float64(want-n)) {
			t.Fatalf("from %d to [%d, %d]: %+v", n, at, at+width, got)
		}
	})
}

func TestTurnOfAFirm(t *testing.T) {
	p := workresume(t)
	said := func(turn Turn) (out []string) {
		for _, w := range turn.Ways {
			var steps []string
			for _, s := range w.Steps {
				steps = append(steps, fmt.Sprintf("%s %s→%s", s.Fact, s.FromText[English], s.ToText[English]))
			}
			out = append(out, strings.Join(steps, ", "))
		}
		return out
	}
	type m = map[string]any
	for _, c := range []struct {
		name   string
		change m
		to     Verdict
		want   []string
	}{
		{"masks", m{"masks": 240}, Certified, []string{"masks 240→300"}},
		{"no signature", m{"promise_signed": false}, Certified, []string{"promise_signed no→yes"}},
		{"negative list", m{"industry": "cinema"}, Certified, nil},
		{"in order: the edge", nil, Returned, []string{"disinfectant_litres 0.5→0", "roster_count 100→99", "masks 300→299"}},
		{"a large crew", m{"declared_headcount": 5000, "roster_count": 4500, "masks": 9000, "thermometers": nil}, Certified, []string{
			"roster_count 4500→5000, masks 9000→15,000, thermometers —→1, isolation_rooms 0→50",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := p.Turn(fit(c.change))
			if diff := cmp.Diff(c.want, said(got)); diff != "" || got.To != c.to || got.Cut {
				t.Errorf("%s %v\n%s", got.To, got.Cut, diff)
			}
		})
	}
}

// A search ends at its bound and says so.
func TestTurnIsBounded(t *testing.T) {
	var facts, rules strings.Builder
	sum := "0"
	for i := range maxLevers {
		facts.WriteString(fact(fmt.Sprint("f", i), "int", `change = { least = 0, most = 1000000000 }`))
		sum += fmt.Sprintf(" + f%d", i)
	}
	rules.WriteString(rule("r", fmt.Sprintf("require = %q", sum+" == -1"), "return", ""))
	p := load(t, pack(facts.String(), rules.String()))
	at := map[string]any{}
	for i := range maxLevers {
		at[fmt.Sprint("f", i)] = 5
	}
	if got := p.Turn(at); !got.Cut || len(got.Ways) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestLibrary(t *testing.T) {
	from := func(version, day string) *Pack {
		text := strings.Replace(pack(fact("n", "int", ""), rule("r", `require = "n > 0"`, "return", "")), `version = "1"`, fmt.Sprintf("version = %q", version), 1)
		return load(t, strings.Replace(text, "2020-02-17", day, 1))
	}
	a, b := from("a", "2020-02-04"), from("b", "2020-02-11")
	l, err := NewLibrary(b, a)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{"2020-02-03T23:59:59+08:00": "", "2020-02-04T00:00:00+08:00": "a", "2020-02-11T00:00:00+08:00": "b", "2020-03-21T00:00:00+08:00": ""} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := l.At(when)
		if ok != (want != "") || ok && got.Version != want {
			t.Errorf("%s: %v", at, got)
		}
	}
	if _, err := NewLibrary(a, a); !fault.Is(err, "rule.version_twice") {
		t.Error(err)
	}
}

// Every mistake is said with its line.
func TestMistakesHaveLines(t *testing.T) {
	text := pack(fact("n", "int", ""), rule("r", `require = "m > 0"`, "return", "amounts = { z = \"[n]\" }")+
		"[[rule]]\nwhen = \"true\"\noutcome = \"warn\"\nid = \"late\"\n[rule.reason]\nen = \"x\"\n[rule.mend]\nen = \"y\"\nzh-Hans = \"改\"\n[rule.basis]\nen = \"b\"\nzh-Hans = \"据\"\n")
	line := func(has string) int { return strings.Count(text[:strings.Index(text, has)], "\n") + 1 }
	_, err := Load([]byte(text))
	got := map[string]any{}
	for _, f := range fault.As(err).Fields {
		got[f.Name] = f.Args["line"]
	}
	if diff := cmp.Diff(map[string]any{"rule.late.reason.zh-Hans": line("[rule.reason]")}, got); diff != "" {
		t.Error(diff)
	}
	text = strings.Replace(text, "[rule.mend]", "zh-Hans = \"因\"\n[rule.mend]", 1)
	_, err = Load([]byte(text))
	got = map[string]any{}
	for _, f := range fault.As(err).Fields {
		got[f.Name] = f.Args["line"]
	}
	if diff := cmp.Diff(map[string]any{"rule.r.require": line("require =")}, got); diff != "" {
		t.Error(diff)
	}
}

func TestChangeIsChecked(t *testing.T) {
	r := rule("r", `require = "n > 0"`, "return", "")
	for _, c := range []struct{ facts, code string }{
		{fact("n", "int", `change = { least = 0, most = 9 }`), ""},
		{fact("n", "int", `change = {}`), "rule.change_range"},
		{fact("n", "int", `change = { least = 5, most = 5 }`), "rule.change_range"},
		{fact("n", "int", `change = { least = 0, most = 5, step = 0.5 }`), "rule.change_range"},
		{fact("n", "int", `change = { least = 0, most = 5, step = -1 }`), "rule.change_range"},
		{fact("n", "int", `change = { least = 0, most = 1e300 }`), "rule.change_range"},
		{fact("n", "int", `change = { least = 0, most = nan }`), "rule.change_range"},
		{fact("n", "int", `change = { least = 0, most = 5, cost = -1 }`), "rule.change_range"},
		{fact("n", "int", "") + fact("s", "string", `change = {}`), "rule.change_type"},
		{fact("n", "int", "") + fact("at", "timestamp", `change = {}`), "rule.change_type"},
		{fact("n", "int", "") + fact("d", "int", "derive = \"n\"\nchange = { least = 0, most = 5 }"), "rule.change_type"},
	} {
		_, err := Load([]byte(pack(c.facts, r)))
		if c.code == "" && err != nil || c.code != "" && (err == nil || !strings.Contains(err.Error(), c.code)) {
			t.Errorf("%s: %v, want %q", c.facts, err, c.code)
		}
	}
	var many strings.Builder
	for i := range maxLevers + 1 {
		many.WriteString(fact(fmt.Sprint("f", i), "bool", "change = {}"))
	}
	if _, err := Load([]byte(pack(fact("n", "int", "")+many.String(), r))); err == nil || !strings.Contains(err.Error(), "rule.levers") {
		t.Error(err)
	}
}

func BenchmarkTurn(b *testing.B) {
	p := workresume(b)
	facts := fit(map[string]any{"masks": 0, "roster_count": 20, "thermometers": 0, "promise_signed": false})
	b.ReportAllocs()
	for b.Loop() {
		if len(p.Turn(facts).Ways) == 0 {
			b.Fatal("no way")
		}
	}
}
