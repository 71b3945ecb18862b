package rule

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"breakwater/internal/fault"
)

// many is a pack of n rules, each asking the same of the facts n, l and at.
func many(n int, condition string) string {
	var rules strings.Builder
	for i := range n {
		rules.WriteString(rule(fmt.Sprintf("r%d", i), condition, "return", ""))
	}
	return pack(fact("n", "int", "")+fact("l", "list", "")+fact("at", "timestamp", ""), rules.String())
}

// Each of these rules is within what one may cost; together they are not.
func TestDearPackIsRefused(t *testing.T) {
	ones := strings.TrimSuffix(strings.Repeat("1,", 480), ",")
	for _, c := range []struct {
		name, condition string
		fine, dear      int // how many such rules are taken, and how many not
	}{
		{"lists written out", `when = "[` + ones + `].exists(x, x + n == 0)"`, 10, 135},
		{"loops over a fact", `require = "l.all(x, x in l)"`, 5, 6},
		{"named zones", `when = "at.getHours('Asia/Shanghai') < 0"`, 200, 300},
	} {
		if p := load(t, many(c.fine, c.condition)); p.cost > packLimit {
			t.Errorf("%s: %d", c.name, p.cost)
		}
		_, err := Load([]byte(many(c.dear, c.condition)))
		if e := fault.As(err); !fault.Is(err, "rule.pack") || len(e.Fields) != 1 || e.Fields[0].Code != "rule.dear" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What a zone costs counts while an expression runs, too.
func TestZonesAreStopped(t *testing.T) {
	p := load(t, many(1, `require = "l.all(x, at.getHours('Asia/Shanghai') >= 0)"`))
	items := make([]string, 200)
	d := p.Decide(map[string]any{"n": 1, "at": time.Unix(0, 0), "l": items})
	if len(d.Findings) != 1 || d.Findings[0].Failed == "" {
		t.Errorf("%+v", d.Findings)
	}
	if d = p.Decide(map[string]any{"n": 1, "at": time.Unix(0, 0), "l": items[:10]}); d.Outcome != Certified {
		t.Errorf("%+v", d.Findings)
	}
}

// The packs in use stay far below the bound.
func TestPacksInUseAreCheap(t *testing.T) {
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
		if p.cost > dearReckon {
			t.Errorf("%s: %d", f.Name(), p.cost)
		}
	}
}

// A search for the smallest change is shorter where each step of it is dearer.
func TestTurnOfADearPackEnds(t *testing.T) {
	p := load(t, many(1, `require = "n > 0"`))
	p.cost = packLimit
	s := &search{pack: p, facts: map[string]any{}, left: maxReckons}
	for range maxReckons / (packLimit / dearReckon) {
		s.reckon(nil)
	}
	if s.left > 0 {
		t.Error(s.left)
	}
}
