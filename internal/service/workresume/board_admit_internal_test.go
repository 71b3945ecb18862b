package workresume

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
)

// Of random districts that go on from hour to hour, no figure of any line moves by
// fewer than three firms, what is published is of firms as they were or are, and who
// waits gets in when enough others come.
func TestAdmit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	any := func() openFirm {
		f := openFirm{Park: strconv.Itoa(r.IntN(4)), Class: Classes[r.IntN(2)], Industry: strconv.Itoa(r.IntN(3)), Declared: int64(r.IntN(60))}
		f.Size = sizeOf(f.Declared)
		if r.IntN(2) == 0 {
			f.Resumed, f.Back = 1, min(f.Declared, int64(r.IntN(60)))
		}
		return f
	}
	moved, held := 0, 0
	for range 300 {
		streets := map[string]string{"0": "a", "1": "a", "2": "b"}
		now, was := map[string]openFirm{}, map[string]openFirm(nil)
		for range 12 {
			for range r.IntN(12) {
				id := strconv.Itoa(r.IntN(60))
				if _, ok := now[id]; ok && r.IntN(6) == 0 {
					delete(now, id)
				} else {
					now[id] = any()
				}
			}
			next := admit(was, now, streets)
			ids := maps.Clone(was)
			if ids == nil {
				ids = map[string]openFirm{}
			}
			maps.Copy(ids, next)
			maps.Copy(ids, now)
			count := map[openSpot]int{}
			for id := range ids {
				from, had := was[id]
				to, has := next[id]
				truth, is := now[id]
				if has && !mixed(to, from, truth) || has && !had && !is {
					t.Fatalf("%s was %+v, is %+v and is published as %+v", id, from, truth, to)
				}
				if has != is || to != truth {
					held++
				}
				for _, at := range moves(part(from, had), part(to, has), streets) {
					count[at]++
					moved++
				}
			}
			for at, n := range count {
				if n < openFirms {
					t.Fatalf("%+v moved by %d firms", at, n)
				}
			}
			was = next
		}
	}
	if moved < 10_000 || held < 10_000 {
		t.Errorf("the test asks too little: %d moves, %d held", moved, held)
	}
}

// mixed is whether each part of a firm as it is published is as it was or as it is.
func mixed(to, from, truth openFirm) bool {
	group := func(f openFirm) openFirm {
		return openFirm{Park: f.Park, Class: f.Class, Industry: f.Industry, Size: f.Size}
	}
	of := func(f openFirm) [3]any {
		return [3]any{group(f), f.Declared, [2]int64{f.Resumed, f.Back}}
	}
	got, was, is := of(to), of(from), of(truth)
	for i := range got {
		if got[i] != was[i] && got[i] != is[i] {
			return false
		}
	}
	return true
}

func part(f openFirm, ok bool) *openFirm {
	if !ok {
		return nil
	}
	return &f
}

// A park whose people are not told stays in its street; one that is told moves.
func TestAdmitStreets(t *testing.T) {
	now := map[string]openFirm{}
	for i := range 4 {
		now["h"+strconv.Itoa(i)] = openFirm{Park: "hidden", Declared: 1}
		now["s"+strconv.Itoa(i)] = openFirm{Park: "shown", Declared: 40}
	}
	first := (*openRow)(nil).next(now, map[string]string{"hidden": "a", "shown": "a"})
	second := first.next(now, map[string]string{"hidden": "b", "shown": "b"})
	if second.Streets["hidden"] != "a" || second.Streets["shown"] != "b" {
		t.Errorf("%v", second.Streets)
	}
}

// Who is alone in a line is counted among the others; of whom there are enough is not.
func TestLumped(t *testing.T) {
	firms := map[string]openFirm{}
	for i, trade := range []string{"a", "a", "a", "b", "c", "c", "c", "c"} {
		firms[strconv.Itoa(i)] = openFirm{Industry: trade, Class: Other}
	}
	count := map[string]int{}
	for _, f := range lumped(firms) {
		if f.Class != Other {
			t.Errorf("%+v", f)
		}
		count[f.Industry]++
	}
	// The one of b is too few by itself, and the three of a are the smallest beside it.
	if len(count) != 2 || count[""] != 4 || count["c"] != 4 {
		t.Errorf("%v", count)
	}
	if firms["3"].Industry != "b" {
		t.Error("what is true was changed")
	}
}
