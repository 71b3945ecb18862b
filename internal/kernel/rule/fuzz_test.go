package rule

import (
	"encoding/json"
	"fmt"
	"testing"
)

// FuzzExpression takes the one part of a pack that is a language: whatever
// compiles must decide at once, the same twice, and never certify by failing.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{
		"n > 0", "s in allowed", "l.all(x, x in l)", "s.matches('^(a+)+$')", "at > timestamp('2020-02-17T00:00:00Z') + duration('72h')",
		"(n / 0 > 1) || true", "n * n * n > floor", "size(l) == 0 ? s == '' : l[n] == s", "has({'a': n}.a)", "at.getFullYear('Asia/Shanghai') == 2020",
		"string(n) + s == 'x'", "l.map(x, x + s).size() > 3", "double(n) / 0.0 > 1.0", "type(n) == int", "[n, 1, n][n] == 2", "dyn(n) == 'a'",
	} {
		f.Add(s, int64(1), "a")
	}
	f.Fuzz(func(t *testing.T, expression string, n int64, s string) {
		p, err := Load([]byte(pack(
			fact("n", "int", "")+fact("s", "string", "")+fact("l", "list", "")+fact("at", "timestamp", ""),
			rule("r", fmt.Sprintf("require = %q", expression), "return", ""))))
		if err != nil {
			return
		}
		for _, facts := range []map[string]any{
			nil,
			{"n": n, "s": s},
			{"n": n, "s": s, "l": []string{s, "b", s}, "at": "2020-02-10T08:00:00+08:00"},
		} {
			first, second := p.Decide(facts), p.Decide(facts)
			a, err := json.Marshal(first)
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := json.Marshal(second); string(a) != string(b) {
				t.Fatalf("decided twice, differently:\n%s\n%s", a, b)
			}
			if (first.Outcome == Certified) != (len(first.Findings) == 0) {
				t.Fatalf("%s with %d findings", first.Outcome, len(first.Findings))
			}
		}
	})
}
