package rule

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Asked again and again as facts come, change and go, of several subjects in turn, a
// clerk finds what Decide finds from the beginning, byte for byte: known, missing, failing
// and derived facts, moments, lists, and a pack that replaces another.
func TestAgainIsAsFromTheBeginning(t *testing.T) {
	text := pack(
		fact("a", "int", "")+fact("b", "int", "")+fact("yes", "bool", "")+fact("s", "string", "")+fact("l", "list", "")+fact("at", "timestamp", "")+
			fact("share", "int", `derive = "100 / a"`)+fact("more", "int", `derive = "share + b"`),
		rule("plain", `require = "a > 1"`, "return", `amounts = { lack = "b - a", part = "10 / b" }`)+
			rule("either", `require = "yes || b > 2"`, "refuse", "")+
			rule("derived", `when = "more > 40"`, "refuse", "")+
			rule("list", `require = "l.exists(x, x == s)"`, "warn", "")+
			rule("hour", `when = "at.getHours('Asia/Shanghai') >= 10"`, "return", "")+
			rule("fails", `require = "int(s) + a > 0"`, "refuse", "")+
			`[[rule]]
id = "words"
when = "yes"
outcome = "warn"
reason = { en = "{b} {at} {l}", zh-Hans = "{more}" }
mend = { en = "m", zh-Hans = "改" }
basis = { en = "b", zh-Hans = "据" }
`)
	one, other := load(t, text), load(t, text+"\n# another text\n")
	zone := time.FixedZone("", 8*3600)
	values := map[string]*rapid.Generator[any]{
		"a": rapid.SampledFrom([]any{nil, 0, 1, int64(2), 7, "x", 900}), "b": rapid.SampledFrom([]any{nil, 0, 2, 3.0, 50, 2.5}),
		"yes": rapid.SampledFrom([]any{nil, true, false}), "s": rapid.SampledFrom([]any{nil, "", "1", "p", 3}),
		"l":           rapid.SampledFrom([]any{nil, []string{}, []string{"p"}, []any{"p", "1"}, []any{1}}),
		"at":          rapid.SampledFrom([]any{nil, "2020-02-17T09:59:59+08:00", time.Date(2020, 2, 17, 2, 0, 0, 0, time.UTC), time.Date(2020, 2, 17, 10, 0, 0, 0, zone), "soon"}),
		"nobody_asks": rapid.SampledFrom([]any{nil, 1}),
	}
	rapid.Check(t, func(t *rapid.T) {
		p, standings := one, make([]Standing, 3)
		clerk, given := p.Clerk(), []map[string]any{{}, {}, {}}
		for range rapid.IntRange(1, 20).Draw(t, "times") {
			if rapid.IntRange(0, 15).Draw(t, "another") == 0 {
				if p = other; rapid.Bool().Draw(t, "back") {
					p = one
				}
				clerk = p.Clerk()
			}
			i := rapid.IntRange(0, len(standings)-1).Draw(t, "who")
			for _, name := range sortedKeys(values) {
				if rapid.IntRange(0, 3).Draw(t, "changes "+name) == 0 {
					if v := values[name].Draw(t, name); v != nil {
						given[i][name] = v
					} else {
						delete(given[i], name)
					}
				}
			}
			want, err := json.Marshal(p.Decide(given[i]).Findings)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(clerk.Again(&standings[i], given[i]))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Fatalf("%v: %s", given[i], diff)
			}
		}
	})
}

// What was told is not altered by what is found later.
func TestAgainKeepsWhatItTold(t *testing.T) {
	p := load(t, pack(fact("n", "int", ""), rule("r", `require = "n > 2"`, "return", `amounts = { lack = "3 - n" }`)))
	var s Standing
	clerk := p.Clerk()
	first := clerk.Again(&s, map[string]any{"n": 1})
	second := clerk.Again(&s, map[string]any{"n": 2})
	if len(first) != 1 || first[0].Amounts["lack"] != int64(2) || second[0].Amounts["lack"] != int64(1) {
		t.Errorf("%v %v", first, second)
	}
	if third := clerk.Again(&s, map[string]any{"n": 2}); &third[0] != &second[0] {
		t.Error("worked out again though nothing changed")
	}
}

// BenchmarkPromise holds a firm against the promise as a gate counts people in: decided
// from the beginning, and again. Facts may be missing: nobody has read a meter.
func BenchmarkPromise(b *testing.B) {
	p, err := LoadFile(os.DirFS("../../service/workresume/pack"), "dynamic.toml")
	if err != nil {
		b.Fatal(err)
	}
	full := map[string]any{
		"state": "certified", "days_in_state": int64(3), "roster_count": int64(900), "declared_headcount": int64(900), "people_inside": int64(500),
		"people_today": int64(600), "strangers_today": int64(0), "turned_today": int64(0), "asked_today": int64(0), "red_inside": int64(0),
		"reported_today": int64(890), "reports_due": true, "masks": int64(9000), "stock_days": int64(1), "load_percent": int64(80), "load_days_old": int64(1),
	}
	bare := map[string]any{}
	for k, v := range full {
		if k != "load_percent" && k != "load_days_old" {
			bare[k] = v
		}
	}
	for _, c := range []struct {
		name  string
		facts map[string]any
	}{{"known", full}, {"no meter", bare}} {
		inside := func(i int) map[string]any {
			c.facts["people_inside"], c.facts["people_today"] = int64(500+i%300), int64(600+i%300)
			return c.facts
		}
		b.Run(fmt.Sprint(c.name, "/from the beginning"), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				p.Decide(inside(i))
			}
		})
		b.Run(fmt.Sprint(c.name, "/again"), func(b *testing.B) {
			b.ReportAllocs()
			var s Standing
			clerk := p.Clerk()
			for i := range b.N {
				clerk.Again(&s, inside(i))
			}
		})
	}
}
