package drill

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What the store does not have, has too often or nobody asked for is found.
func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		told, stored          map[string]int64
		sent, lost, dup, have int64
	}{
		"all there":                 {map[string]int64{"a": 1, "b": 1}, map[string]int64{"a": 1, "b": 1}, 2, 0, 0, 2},
		"one unanswered":            {map[string]int64{"a": 1}, map[string]int64{"a": 1, "b": 1}, 2, 0, 0, 2},
		"one lost":                  {map[string]int64{"a": 1, "b": 1}, map[string]int64{"a": 1}, 2, 1, 0, 1},
		"one twice":                 {map[string]int64{"a": 1}, map[string]int64{"a": 2}, 1, 0, 1, 2},
		"two answers for one check": {map[string]int64{"a": 2}, map[string]int64{"a": 1}, 2, 1, 0, 1},
		"same reference by chance":  {map[string]int64{"a": 2}, map[string]int64{"a": 2}, 2, 0, 0, 2},
	} {
		lost, dup, have := compare(c.told, c.stored, c.sent)
		if d := cmp.Diff([]int64{c.lost, c.dup, c.have}, []int64{lost, dup, have}); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// made is a run of three phases of a second: calm, loud, calm, at 100 a second,
// with the last of it disturbed for so many slices.
func made(good, refused, failed int64, disturbed int) Run {
	r := Run{course: make([]moment, 31)}
	for _, rate := range []float64{100, 1000, 100} {
		r.Phases = append(r.Phases, Measured{Phase: Phase{For: time.Second, Rate: rate}, Kinds: make([]Tally, 1), During: []int64{good}})
	}
	for i := range r.course[:30] {
		r.course[i].latency.Add(time.Millisecond)
	}
	for i := range disturbed {
		r.course[20+i].bad++
	}
	k := &r.Phases[1].Kinds[0]
	k.OK, k.Refused, k.Other = good, refused, failed
	k.Latency.Add(10 * time.Millisecond)
	return r
}

// A verdict is only a pass when every promise held.
func TestVerdict(t *testing.T) {
	one, none := 1.0, int64(0)
	step := Act{Name: "step", CalmSeconds: 1, Promise: Promise{Goodput: 0.95, CalmS: &one}}
	steady := Act{Name: "peak", Promise: Promise{P99MS: 50, Errors: &none}}
	slow := steady
	slow.Promise.P99MS = 5
	for name, c := range map[string]struct {
		act       Act
		run       Run
		lost, dup int64
		why       string
	}{
		"held":               {act: step, run: made(480, 520, 0, 2)},
		"too little":         {act: step, run: made(400, 600, 0, 2), why: "goodput 80 %"},
		"failed not refused": {act: step, run: made(480, 519, 1, 2), why: "1 failed"},
		"never calm":         {act: step, run: made(480, 520, 0, 9), why: "not calm"},
		"steady held":        {act: steady, run: made(1000, 0, 0, 0)},
		"steady refused":     {act: steady, run: made(999, 1, 0, 0), why: "1 not answered"},
		"slow":               {act: slow, run: made(1000, 0, 0, 0), why: "p99"},
		"lost":               {act: steady, run: made(1000, 0, 0, 0), lost: 1, why: "not in the store"},
		"twice":              {act: steady, run: made(1000, 0, 0, 0), dup: 1, why: "nobody"},
	} {
		x := row(Scenario{Name: "test"}, c.act, c.run, 1, 500)
		x.close(c.lost, c.dup)
		if why := strings.Join(x.Why, "; "); (x.Verdict == Passed) != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %s %s", name, x.Verdict, why)
		}
		if rep := (Report{Rows: []Row{x}}); rep.Passed() != (c.why == "") {
			t.Errorf("%s: the report says otherwise", name)
		}
	}
	skipped := Row{Verdict: Skipped}
	skipped.close(0, 0)
	if (&Report{Rows: []Row{skipped}}).Passed() || (&Report{}).Passed() {
		t.Error("what was not played has passed")
	}
}

func TestScenarios(t *testing.T) {
	all, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	if a := all["guangdong-2022"].Act[0]; a.PerSecond != 23_300 || a.Promise.P99MS != 50 || a.Promise.Errors == nil {
		t.Errorf("the promised peak: %+v", a)
	}
	if a := all["xian-2021"].Act; len(a) != 2 || a[0].OfCapacity < 3 || a[1].OfLimit < 10 {
		t.Errorf("the promised steps: %+v", a)
	}
	good, err := embedded.ReadFile("scenario/smoke.toml")
	if err != nil {
		t.Fatal(err)
	}
	for old, wrong := range map[string]string{
		`per_second = 200`:    `per_secnd = 200`,
		`seconds = 2`:         `seconds = 0`,
		`name = "smoke"`:      `name = ""`,
		`en = "Nothing: `:     `fr = "Rien: `,
		`[[source]]`:          `[[act]]`,
		"per_second = 200\n":  "per_second = 200\nof_capacity = 2\n",
		"per_second = 200\ns": "of_limit = 10\ns",
		"[act.promise]":       "[act.promise]\ncalm_s = 1.0",
	} {
		text := strings.Replace(string(good), old, wrong, 1)
		if _, err := ReadScenario([]byte(text)); err == nil || text == string(good) {
			t.Errorf("%q was taken for %q", wrong, old)
		}
	}
}

// What an operator set for the real store does not reach a rehearsal.
func TestSurroundings(t *testing.T) {
	got := surroundings([]string{"PATH=/bin", "BREAKWATER_DATABASE=postgres://real", "BREAKWATER_DATA=/real", "LANG=C"})
	if !slices.Equal(got, []string{"PATH=/bin", "LANG=C"}) {
		t.Errorf("%v", got)
	}
}
