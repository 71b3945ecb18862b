package rule

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

func TestSound(t *testing.T) {
	facts := fact("n", "int", "") + fact("s", "string", "") + fact("l", "list", "") + fact("at", "timestamp", "") +
		fact("kind", "string", `options = [{ value = "x", title = { en = "X", zh-Hans = "甲" } }]`)
	or := func(v any) string {
		if v == nil {
			return ""
		}
		return fmt.Sprint(" ", v)
	}
	said := func(t *testing.T, more, condition, outcome, amounts string) (out []string) {
		t.Helper()
		text := pack(facts+more, rule("r", condition, outcome, amounts))
		wrong := fault.New(fault.Invalid, "rule.pack", "pack", "test")
		load(t, text).Sound(wrong)
		Locate([]byte(text), wrong)
		for _, f := range wrong.Fields {
			line := strings.Split(text, "\n")[f.Args["line"].(int)-1]
			out = append(out, fmt.Sprint(strings.TrimPrefix(f.Code, "rule."), or(f.Args["column"]), or(f.Args["answer"]), or(f.Args["why"]), " at ", line))
		}
		return out
	}
	for _, c := range []struct{ name, more, condition, outcome, amounts, want string }{
		{"a plain rule", "", `require = "n > 0"`, "return", "", ""},
		{"seldom, but it may", "", `when = "n == 90071992"`, "refuse", "", ""},
		{"fails for some", "", `require = "10 / n > 1"`, "return", "", ""},
		{"a text with a number", "", `require = "int(s) > 1"`, "return", "", ""},
		{"a text with a time", "", `require = "timestamp(s) < at"`, "return", "", ""},
		{"far down a list", "", `require = "l[7] == s"`, "return", "", ""},
		{"a notice for all", "", `when = "true"`, "warn", "", ""},
		{"a notice that asks a constant", "", `require = "floor > 3"`, "warn", "", ""},
		{"for all", "", `when = "true"`, "refuse", "", `same_for_all rule.answer_true at when = "true"`},
		{"for nobody", "", `require = "floor == 3"`, "return", "", `same_for_all rule.answer_true at require = "floor == 3"`},
		{"a notice for nobody", "", `when = "false"`, "warn", "", `same_for_all rule.answer_false at when = "false"`},
		{"by zero", "", `require = "1 / 0 == 1"`, "return", "", `always_fails 3 rule.why_zero at require = "1 / 0 == 1"`},
		{"by zero whatever n is", "", `require = "n > 2 ? n / (n - n) > 1 : n % 0 == 1"`, "return", "", `always_fails 11 rule.why_zero at require = "n > 2 ? n / (n - n) > 1 : n % 0 == 1"`},
		{"a conversion", "", `require = "int(kind) > 1"`, "return", "", `always_fails 4 rule.why_read at require = "int(kind) > 1"`},
		{"outside a list", "", `require = "allowed[2] == s"`, "return", "", `always_fails 8 rule.why_place at require = "allowed[2] == s"`},
		{"an amount", "", `require = "n > 0"`, "return", `amounts = { a = "n / 0" }`, `always_fails 3 rule.why_zero at amounts = { a = "n / 0" }`},
		{"a derived fact, once", fact("d", "int", `derive = "n / 0"`), `require = "d > 0"`, "return", "", `always_fails 3 rule.why_zero at derive = "n / 0"`},
		{"of a derived constant", fact("d", "int", `derive = "floor"`), `require = "d > 3"`, "return", "", `same_for_all rule.answer_false at require = "d > 3"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(said(t, c.more, c.condition, c.outcome, c.amounts), "\n"); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// The packs in use are sound.
func TestPacksInUseAreSound(t *testing.T) {
	const dir = "../../service/workresume/pack"
	list, err := os.ReadDir(dir)
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	for _, f := range list {
		p, err := LoadFile(os.DirFS(dir), f.Name())
		if err != nil {
			t.Fatal(err)
		}
		wrong := fault.New(fault.Invalid, "rule.pack", "pack", p.ID)
		if p.Sound(wrong); wrong.OrNil() != nil {
			t.Errorf("%s: %v", f.Name(), wrong)
		}
	}
}

// A rule that fails says so in words of its own, and names no fact as missing; what is
// missing beside it is said as missing.
func TestFailedIsNotMissing(t *testing.T) {
	p := load(t, pack(fact("n", "int", "")+fact("m", "int", "")+fact("share", "int", `derive = "100 / n"`),
		rule("own", `when = "10 / n > 100"`, "refuse", "")+
			rule("derived", `require = "share > m"`, "return", "")+
			rule("other", `require = "m > 0"`, "return", "")))
	type said struct {
		Rule, Failed string
		Missing      []string
		En, Zh       string
	}
	for _, c := range []struct {
		facts      map[string]any
		want       []said
		onlyBroken bool
	}{
		{map[string]any{"n": 0, "m": 1}, []said{
			{"own", "division by zero", nil, "One rule could not be worked out: it divides by zero. The rule itself is at fault, not what was declared.", "有一条规则无法得出结果：除数为零。问题在规则本身，与填报内容无关。"},
			{"derived", "division by zero", nil, "One rule could not be worked out: it divides by zero. The rule itself is at fault, not what was declared.", "有一条规则无法得出结果：除数为零。问题在规则本身，与填报内容无关。"},
		}, true},
		{map[string]any{"n": 0}, []said{
			{"own", "division by zero", nil, "One rule could not be worked out: it divides by zero. The rule itself is at fault, not what was declared.", "有一条规则无法得出结果：除数为零。问题在规则本身，与填报内容无关。"},
			{"derived", "", []string{"m"}, "Missing: the m", "缺少：m项"},
			{"other", "", []string{"m"}, "Missing: the m", "缺少：m项"},
		}, false},
		{map[string]any{"n": 1, "m": 0}, []said{{"other", "", nil, "other speaks", "other提示"}}, false},
		{map[string]any{"n": 1, "m": 1}, nil, false},
	} {
		d := p.Decide(c.facts)
		var got []said
		for _, f := range d.Findings {
			got = append(got, said{f.Rule, f.Failed, f.Missing, f.Reason.In(English), f.Reason.In(Chinese)})
			if f.Failed != "" && (f.Outcome != Return || !strings.Contains(f.Mend.In(English), "An officer looks") || !strings.Contains(f.Mend.In(Chinese), "人工核对")) {
				t.Errorf("%s: %s %s", f.Rule, f.Outcome, f.Mend)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.facts, diff)
		}
		if d.OnlyBroken() != c.onlyBroken || d.Broken() != (c.facts["n"] == 0) {
			t.Errorf("%v: broken %v, only %v", c.facts, d.Broken(), d.OnlyBroken())
		}
	}
}

// Every kind of error has words, in both languages.
func TestWhyHasWords(t *testing.T) {
	f, err := loadFailing()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"division by zero": "zero", "modulus by zero": "zero", "integer overflow": "large", "range error converting 1e99 to int": "large",
		"index out of bounds: 3": "place", "no such key: a": "place", "operation cancelled: actual cost limit exceeded": "long",
		"strconv.ParseInt: parsing \"x\": invalid syntax": "read", "something else": "other",
	} {
		if got := why(errors.New(text)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, lang := range languages() {
		for name, w := range f.Why {
			if w[lang] == "" {
				t.Errorf("%s in %s", name, lang)
			}
		}
		if f.Said.Reason[lang] == "" || f.Said.Mend[lang] == "" {
			t.Errorf("nothing is said in %s", lang)
		}
	}
}
