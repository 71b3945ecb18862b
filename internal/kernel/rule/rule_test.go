package rule

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"breakwater/internal/fault"
	"github.com/google/go-cmp/cmp"
)

// pack is the smallest sound pack; the arguments replace its last two parts.
func pack(facts, rules string) string {
	return `
id = "test"
version = "1"
valid_from = 2020-02-17T00:00:00+08:00
valid_until = 2020-03-21T00:00:00+08:00
title = { en = "Test", zh-Hans = "测试" }
summary = { en = "A test.", zh-Hans = "测试。" }
[missing]
reason = { en = "Missing: {facts}", zh-Hans = "缺少：{facts}" }
mend = { en = "Fill in {facts}", zh-Hans = "请填{facts}" }
[constants]
floor = 3
allowed = ["a", "b"]
` + facts + rules
}

func fact(name, kind, more string) string {
	return fmt.Sprintf("[[fact]]\nname = %q\ntype = %q\ntitle = { en = \"the %s\", zh-Hans = \"%s项\" }\n%s\n", name, kind, name, name, more)
}

func rule(id, condition, outcome, more string) string {
	return fmt.Sprintf("[[rule]]\nid = %q\n%s\noutcome = %q\nreason = { en = \"%s speaks\", zh-Hans = \"%s提示\" }\n"+
		"mend = { en = \"Mend it\", zh-Hans = \"请改正\" }\nbasis = { en = \"Law\", zh-Hans = \"依据\" }\n%s\n", id, condition, outcome, id, id, more)
}

func load(t *testing.T, text string) *Pack {
	t.Helper()
	p, err := Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLoadRefuses(t *testing.T) {
	f, r := fact("n", "int", ""), rule("r", `require = "n > 0"`, "return", "")
	sound := pack(f, r)
	if _, err := Load([]byte(sound)); err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) string {
		if !strings.Contains(sound, old) {
			t.Fatalf("no %q to replace", old)
		}
		return strings.Replace(sound, old, new, 1)
	}
	for _, c := range []struct{ name, text, field, code string }{
		{"id", swap(`id = "test"`, `id = "Te st"`), "id", "rule.id"},
		{"version", swap(`version = "1"`, ``), "version", "rule.id"},
		{"no beginning", swap(`valid_from = 2020-02-17T00:00:00+08:00`, ``), "valid_from", "rule.valid_from"},
		{"ends before it begins", swap(`2020-03-21`, `2020-02-16`), "valid_until", "rule.valid_until"},
		{"misspelt key", swap(`outcome =`, `outcom =`), "rule.outcom", "rule.unknown_key"},
		{"no Chinese reason", swap(`, zh-Hans = "r提示"`, ``), "rule.r.reason.zh-Hans", "rule.text_missing"},
		{"blank English mend", swap(`"Mend it"`, `" "`), "rule.r.mend.en", "rule.text_missing"},
		{"a third language", swap(`zh-Hans = "依据"`, `zh-Hans = "依据", fr = "loi"`), "rule.r.basis.fr", "rule.language"},
		{"no missing text", swap(`reason = { en = "Missing: {facts}", zh-Hans = "缺少：{facts}" }`, ``), "missing.reason.en", "rule.text_missing"},
		{"placeholder of nothing", swap(`"Mend it"`, `"Mend {m}"`), "rule.r.mend.en", "rule.placeholder"},
		{"brace left open", swap(`"Mend it"`, `"Mend {n"`), "rule.r.mend.en", "rule.placeholder"},
		{"endless text", swap(`"Mend it"`, `"`+strings.Repeat("x", maxText+1)+`"`), "rule.r.mend.en", "rule.text_long"},
		{"unknown type", swap(`type = "int"`, `type = "money"`), "fact.n.type", "rule.type"},
		{"fact twice", pack(f+f, r), "fact.n", "rule.twice"},
		{"fact with a constant's name", pack(f+fact("floor", "int", ""), r), "fact.floor", "rule.twice"},
		{"a name no expression can say", pack(f+fact("N-1", "int", ""), r), "fact.N-1", "rule.name"},
		{"options of a number", pack(fact("n", "int", `options = [{ value = "1", title = { en = "a", zh-Hans = "甲" } }]`), r), "fact.n.options", "rule.options"},
		{"option twice", pack(f+fact("s", "string", `options = [{ value = "1", title = { en = "a", zh-Hans = "甲" } }, { value = "1", title = { en = "a", zh-Hans = "甲" } }]`), r), "fact.s.options", "rule.twice"},
		{"rule twice", pack(f, r+r), "rule.r", "rule.twice"},
		{"when and require", pack(f, rule("r", "when = \"n > 0\"\nrequire = \"n > 0\"", "return", "")), "rule.r", "rule.when_or_require"},
		{"neither", pack(f, rule("r", "", "return", "")), "rule.r", "rule.when_or_require"},
		{"outcome", pack(f, rule("r", `require = "n > 0"`, "perhaps", "")), "rule.r.outcome", "rule.outcome"},
		{"undeclared fact", pack(f, rule("r", `require = "m > 0"`, "return", "")), "rule.r.require", "rule.expression_unknown"},
		{"no expression", pack(f, rule("r", `require = "n >"`, "return", "")), "rule.r.require", "rule.expression_syntax"},
		{"types do not fit", pack(f, rule("r", `require = "n == 'x'"`, "return", "")), "rule.r.require", "rule.expression_fit"},
		{"not a question", pack(f, rule("r", `require = "n + 1"`, "return", "")), "rule.r.require", "rule.expression_type"},
		{"a list as amount", pack(f, rule("r", `require = "n > 0"`, "return", `amounts = { l = "[n]" }`)), "rule.r.amounts.l", "rule.expression_type"},
		{"amount named as a fact", pack(f, rule("r", `require = "n > 0"`, "return", `amounts = { n = "1" }`)), "rule.r.amounts.n", "rule.twice"},
		{"loop in a loop", pack(f, rule("r", `require = "[1].all(x, [1].all(y, x == y))"`, "return", "")), "rule.r.require", "rule.expression_other"},
		{"too long", pack(f, rule("r", `require = "`+strings.Repeat("n > 0 && ", 300)+`true"`, "return", "")), "rule.r.require", "rule.expression_other"},
		{"too deep", pack(f, rule("r", `require = "`+strings.Repeat("(", 100)+"true"+strings.Repeat(")", 100)+`"`, "return", "")), "rule.r.require", "rule.expression_other"},
		{"derived from below", pack(fact("d", "int", `derive = "n + 1"`)+f, r), "fact.d.derive", "rule.expression_unknown"},
		{"derived from itself", pack(f+fact("d", "int", `derive = "d + 1"`), r), "fact.d.derive", "rule.expression_unknown"},
		{"derived of another type", pack(f+fact("d", "string", `derive = "n + 1"`), r), "fact.d.derive", "rule.expression_type"},
		{"constant of a table", swap(`floor = 3`, `floor = { a = 1 }`), "constants.floor", "rule.constant"},
		{"constant of mixed list", swap(`["a", "b"]`, `["a", 1]`), "constants.allowed", "rule.constant"},
		{"infinite constant", swap(`floor = 3`, `floor = inf`), "constants.floor", "rule.constant"},
		{"no facts", pack("", r), "fact", "rule.count"},
		{"no rules", pack(f, ""), "rule", "rule.count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Load([]byte(c.text))
			if err == nil || p != nil {
				t.Fatal("accepted")
			}
			e := fault.As(err)
			if e.Kind != fault.Invalid || e.Code != "rule.pack" {
				t.Fatal(err)
			}
			for _, f := range e.Fields {
				if f.Name == c.field && f.Code == c.code {
					return
				}
			}
			t.Errorf("want %s %s, got %v", c.field, c.code, err)
		})
	}
	if _, err := Load([]byte("id = ")); !fault.Is(err, "rule.not_toml") {
		t.Error(err)
	}
	if _, err := Load(make([]byte, MaxPack+1)); !fault.Is(err, "rule.too_large") {
		t.Error(err)
	}
	if _, err := LoadFile(os.DirFS(t.TempDir()), "none.toml"); !fault.Is(err, "rule.unreadable") {
		t.Error(err)
	}
}

func TestInForce(t *testing.T) {
	p := load(t, pack(fact("n", "int", ""), rule("r", `require = "n > 0"`, "return", "")))
	for at, want := range map[string]bool{
		"2020-02-16T23:59:59+08:00": false, "2020-02-17T00:00:00+08:00": true,
		"2020-03-20T15:59:59Z": true, "2020-03-20T16:00:00Z": false,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if p.InForce(when) != want {
			t.Errorf("%s: %v", at, !want)
		}
	}
}

// What is not known matters only where the answer hangs on it.
func TestThreeStates(t *testing.T) {
	p := load(t, pack(fact("a", "bool", "")+fact("b", "bool", "")+fact("n", "int", "")+fact("twice", "int", `derive = "n * 2"`),
		rule("either", `require = "a || b"`, "return", "")+
			rule("both", `when = "a && b"`, "refuse", "")+
			rule("hint", `require = "n > 0"`, "warn", "")+
			rule("reckoned", `require = "twice >= floor"`, "return", "")))
	type m = map[string]any
	type said struct {
		Rule    string
		Outcome Outcome
		Missing []string
	}
	for _, c := range []struct {
		facts m
		want  Verdict
		said  []said
	}{
		{m{"a": true, "b": true, "n": 2}, Refused, []said{{"both", Refuse, nil}}},
		{m{"a": true, "n": 2}, Returned, []said{{"both", Return, []string{"b"}}}}, // never refused for want of a fact
		{m{"a": false, "n": 2}, Returned, []said{{"either", Return, []string{"b"}}}},
		{m{"b": false, "n": 2}, Returned, []said{{"either", Return, []string{"a"}}}},
		{m{"a": true, "b": false, "n": 2}, Certified, nil},
		{m{"a": true, "b": false, "n": nil}, Returned, []said{{"reckoned", Return, []string{"n"}}, {"hint", Warn, []string{"n"}}}},
		{m{"a": true, "b": false, "n": 0}, Returned, []said{{"reckoned", Return, nil}, {"hint", Warn, nil}}},
		{m{"n": 2}, Returned, []said{{"either", Return, []string{"a", "b"}}, {"both", Return, []string{"a", "b"}}}},
		{m{"a": 1, "b": "yes", "n": 2.5}, Returned, []said{{"either", Return, []string{"a", "b"}}, {"both", Return, []string{"a", "b"}}, {"reckoned", Return, []string{"n"}}, {"hint", Warn, []string{"n"}}}},
	} {
		d := p.Decide(c.facts)
		var got []said
		for _, f := range d.Findings {
			got = append(got, said{f.Rule, f.Outcome, f.Missing})
		}
		if diff := cmp.Diff(c.said, got); diff != "" || d.Outcome != c.want {
			t.Errorf("%v: %s, want %s\n%s", c.facts, d.Outcome, c.want, diff)
		}
		if _, ok := d.Facts["undeclared"]; ok {
			t.Error("an undeclared fact was kept")
		}
	}
}

// An expression that cannot be reckoned returns the case; it neither passes nor fails the program.
func TestUnreckonable(t *testing.T) {
	p := load(t, pack(fact("n", "int", "")+fact("l", "list", ""),
		rule("overflow", `require = "n * n > 0"`, "return", "")+
			rule("zero", `when = "10 / n > 100"`, "refuse", "")+
			rule("costly", `require = "l.all(x, x in l)"`, "return", "")))
	if got := p.checks; len(got) != 3 {
		t.Fatal(len(got))
	}
	long := make([]string, maxItems)
	for i := range long {
		long[i] = fmt.Sprint("item ", i)
	}
	d := p.Decide(map[string]any{"n": int64(math.MaxInt64), "l": long})
	if d.Outcome != Returned || len(d.Findings) != 2 || d.Findings[0].Failed == "" || d.Findings[1].Failed == "" {
		t.Errorf("overflow and cost: %+v", d)
	}
	d = p.Decide(map[string]any{"n": 0, "l": []string{}})
	if d.Outcome != Returned || len(d.Findings) != 2 || d.Findings[1].Rule != "zero" || d.Findings[1].Outcome != Return || d.Findings[1].Failed == "" {
		t.Errorf("division by zero: %+v", d.Findings)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Error(err)
	}
}

func TestValuesAreSpelt(t *testing.T) {
	p := load(t, pack(
		fact("n", "int", "")+fact("x", "double", "")+fact("b", "bool", "")+fact("l", "list", "")+fact("at", "timestamp", "")+
			fact("s", "string", `options = [{ value = "k", title = { en = "Kiln", zh-Hans = "窑炉" } }]`),
		`[[rule]]
id = "all"
when = "true"
outcome = "warn"
reason = { en = "{n} {x} {b} {l} {at} {s} {floor} {half} {none}", zh-Hans = "{n} {x} {b} {l} {at} {s} {allowed}" }
mend = { en = "m", zh-Hans = "改" }
basis = { en = "b", zh-Hans = "据" }
amounts = { half = "double(n) / 2.0", none = "double(n) / 0.0" }
`))
	facts := map[string]any{"n": 140000, "x": 2.99, "b": true, "l": []any{"p", "q"}, "s": "k", "at": "2020-02-10T08:00:00+08:00"}
	want := Text{
		English: "140,000 2.9 yes p, q 10 February 2020 Kiln 3 70000 —",
		Chinese: "140,000 2.9 是 p、q 2020年2月10日 窑炉 a、b",
	}
	if diff := cmp.Diff(want, p.Decide(facts).Findings[0].Reason); diff != "" {
		t.Error(diff)
	}
	// The same pack and facts give the same bytes.
	first, err := json.Marshal(p.Decide(facts))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := json.Marshal(p.Decide(facts)); string(again) != string(first) {
			t.Fatalf("differs:\n%s\n%s", first, again)
		}
	}
}

// The word goes with the number; the sentence for one is as right as that for many.
func TestOneIsSpelt(t *testing.T) {
	p := load(t, pack(fact("n", "int", ""), `[[rule]]
id = "all"
when = "true"
outcome = "warn"
reason = { en = "{n} {n|person has|people have} not", zh-Hans = "{n}人" }
mend = { en = "m", zh-Hans = "改" }
basis = { en = "b", zh-Hans = "据" }
`))
	for n, want := range map[int]string{0: "0 people have not", 1: "1 person has not", 2: "2 people have not", 11: "11 people have not"} {
		if got := p.Decide(map[string]any{"n": n}).Findings[0].Reason.In(English); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a decision was told through JSON decides as what it was told in Go.
func TestFactsThroughJSON(t *testing.T) {
	p := workresume(t)
	facts := fit(map[string]any{"masks": 299})
	data, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Decide(facts), p.Decide(back)); diff != "" {
		t.Error(diff)
	}
}

// FuzzLoad: a file from an office may be anything. What loads must decide.
func FuzzLoad(f *testing.F) {
	real, err := os.ReadFile("../../service/workresume/pack/file-and-promise.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(real)
	f.Add([]byte(pack(fact("n", "int", ""), rule("r", `require = "n > 0"`, "return", ""))))
	f.Add([]byte(pack(fact("s", "string", ""), rule("r", `when = "s.matches('^(a+)+$')"`, "refuse", `amounts = { z = "size(s)" }`))))
	f.Add([]byte(pack(fact("l", "list", ""), rule("r", `when = "l.exists(x, x in allowed)"`, "warn", ""))))
	f.Add([]byte(pack(fact("at", "timestamp", ""), rule("r", `require = "at > timestamp('2020-02-17T00:00:00Z') + duration('72h')"`, "return", ""))))
	f.Add([]byte("[[rule]]\nid=1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Load(data)
		if err != nil {
			return
		}
		for _, facts := range []map[string]any{nil, fit(nil), {"n": 1, "s": "aaaa", "l": []string{"a"}, "at": "2020-02-10T08:00:00+08:00"}} {
			d := p.Decide(facts)
			if _, err := json.Marshal(d); err != nil {
				t.Fatal(err)
			}
			if len(d.Findings)+len(d.Passed) != len(p.Rules) {
				t.Fatalf("%d rules, %d findings, %d passed", len(p.Rules), len(d.Findings), len(d.Passed))
			}
		}
	})
}
