package workresume_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/service/workresume"
)

func openLine(key string, declared, back int64) workresume.Part {
	return workresume.Part{Key: key, Figures: workresume.Figures{Firms: 9, Declared: declared, Back: back}}
}

func sumOf(parts []workresume.Part) (sum workresume.Figures) {
	for _, p := range parts {
		sum = sum.Add(p.Figures)
	}
	return sum
}

// Few people are not published, nor what would give them away.
func TestWithheld(t *testing.T) {
	part := func(declared, back int64) workresume.Part { return openLine("", declared, back) }
	for _, c := range []struct {
		name  string
		parts []workresume.Part
		want  []bool
		whole bool
	}{
		{"all large", []workresume.Part{part(50, 20), part(9, 0)}, []bool{true, true}, true},
		{"one small takes the next with it", []workresume.Part{part(50, 20), part(4, 0), part(30, 30)}, []bool{true, false, false}, true},
		{"few back", []workresume.Part{part(50, 3), part(40, 20)}, []bool{false, false}, true},
		{"two small hide each other", []workresume.Part{part(4, 4), part(50, 20), part(3, 1)}, []bool{false, true, false}, true},
		{"two of one each are told by their sum", []workresume.Part{part(1, 0), part(50, 20), part(1, 0)}, []bool{false, false, false}, true},
		{"few back of both", []workresume.Part{part(4, 2), part(50, 20), part(9, 2), part(60, 60)}, []bool{false, false, false, true}, true},
		{"five of one each", []workresume.Part{part(1, 1), part(1, 1), part(1, 1), part(1, 1), part(1, 1)}, []bool{false, false, false, false, false}, false},
		{"nobody is nobody", []workresume.Part{part(0, 0), part(50, 20)}, []bool{true, true}, true},
		{"a district of few", []workresume.Part{part(0, 0), part(4, 2)}, []bool{false, false}, false},
	} {
		got, whole := workresume.Open(sumOf(c.parts), map[workresume.By][]workresume.Part{workresume.ByClass: c.parts}, nil)
		var shown []bool
		for _, p := range got[workresume.ByClass] {
			shown = append(shown, p.People)
		}
		if d := cmp.Diff(c.want, shown); d != "" || whole != c.whole {
			t.Errorf("%s: whole %v, %s", c.name, whole, d)
		}
	}
}

// The people of one firm, or two, are not published either, however many; nor that
// nobody is back at firms that work.
func TestWithheldOfOneFirm(t *testing.T) {
	large, single, idle := openLine("large", 500, 300), openLine("single", 80, 40), openLine("idle", 60, 0)
	large.Resumed, single.Firms, idle.Resumed = 9, 1, 4
	for _, c := range []struct {
		name  string
		parts []workresume.Part
		want  []bool
	}{
		{"one firm, hidden with the next", []workresume.Part{large, single, openLine("", 90, 50)}, []bool{true, false, false}},
		{"none back", []workresume.Part{large, idle, openLine("", 90, 50)}, []bool{true, false, false}},
		{"none back where none work", []workresume.Part{large, openLine("", 60, 0), openLine("", 90, 50)}, []bool{true, true, true}},
	} {
		got, whole := workresume.Open(sumOf(c.parts), map[workresume.By][]workresume.Part{workresume.BySize: c.parts}, nil)
		var shown []bool
		for _, p := range got[workresume.BySize] {
			shown = append(shown, p.People)
		}
		if d := cmp.Diff(c.want, shown); d != "" || !whole {
			t.Errorf("%s: whole %v, %s", c.name, whole, d)
		}
	}
}

// A street that is shown tells its only hidden park.
func TestWithheldUnderAStreet(t *testing.T) {
	parks := []workresume.Part{openLine("a", 3, 0), openLine("b", 80, 50), openLine("c", 2, 0), openLine("d", 90, 60)}
	streets := map[string]string{"a": "north", "b": "north", "c": "south", "d": "south"}
	by := map[workresume.By][]workresume.Part{
		workresume.ByPark: parks, workresume.ByStreet: {openLine("north", 83, 50), openLine("south", 92, 60)},
	}
	got, whole := workresume.Open(sumOf(parks), by, streets)
	for _, p := range got[workresume.ByPark] {
		if p.People {
			t.Errorf("%s is shown", p.Key)
		}
	}
	if s := got[workresume.ByStreet]; !whole || !s[0].People || !s[1].People {
		t.Errorf("%v, %+v", whole, s)
	}
}

// Of random districts, whatever is hidden could be another number without one
// published figure being another: in every breakdown, and across parks and streets.
func TestWithheldTellsNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := []int64{0, 1, 1, 2, 3, 4, 5, 6, 9, 20, 300}
	firms := []int64{1, 2, 3, 9, 9, 9}
	hiddenOnes, wholes := 0, 0
	for range 20_000 {
		parks, streets := make([]workresume.Part, 1+r.IntN(7)), map[string]string{}
		for i := range parks {
			d := sizes[r.IntN(len(sizes))]
			parks[i] = openLine(strconv.Itoa(i), d, min(d, sizes[r.IntN(len(sizes))]))
			parks[i].Firms = firms[r.IntN(len(firms))]
			streets[parks[i].Key] = string(rune('a' + r.IntN(3)))
		}
		by := map[workresume.By][]workresume.Part{workresume.ByPark: parks, workresume.ByStreet: streetsOf(parks, streets), workresume.ByClass: parks}
		got, whole := workresume.Open(sumOf(parks), by, streets)
		if whole {
			wholes++
		}
		// What is shown of few must not be, whatever the rest.
		for b, list := range got {
			for _, p := range list {
				if p.People && (p.Declared > 0 && (p.Declared < 5 || p.Firms < 3) || p.Back > 0 && p.Back < 5) {
					t.Fatalf("%s shows %+v", b, p.Figures)
				}
			}
		}
		hiddenOnes += toldApart(t, got, streets, whole)
	}
	if hiddenOnes < 10_000 || wholes < 5_000 {
		t.Errorf("the test asks too little: %d hidden lines, %d districts shown", hiddenOnes, wholes)
	}
}

func streetsOf(parks []workresume.Part, streets map[string]string) (out []workresume.Part) {
	for _, at := range []string{"a", "b", "c"} {
		line, any := openLine(at, 0, 0), false
		for _, p := range parks {
			if streets[p.Key] == at {
				line.Figures, any = line.Add(p.Figures), true
			}
		}
		if any {
			out = append(out, line)
		}
	}
	return out
}

// toldApart moves single people between hidden lines and asks of each hidden line
// whether it became another number while all that is published stayed.
func toldApart(t *testing.T, got map[workresume.By][]workresume.OpenPart, streets map[string]string, whole bool) (hidden int) {
	t.Helper()
	for _, b := range []workresume.By{workresume.ByClass, workresume.ByPark} {
		list := got[b]
		up := map[string]string{} // of a breakdown that stands alone, no line lies in another
		shownAbove := map[string]bool{}
		if b == workresume.ByPark {
			up = streets
			for _, s := range got[workresume.ByStreet] {
				shownAbove[s.Key] = s.People
			}
		}
		other := map[string][2]bool{} // by line or street: declared, back may be another
		for i, from := range list {
			if from.People {
				continue
			}
			if !whole { // not even the sum is known
				other[from.Key] = [2]bool{true, true}
				other["street "+up[from.Key]] = other[from.Key]
				continue
			}
			for j, to := range list {
				across := up[from.Key] != up[to.Key]
				if i == j || to.People || across && (shownAbove[up[from.Key]] || shownAbove[up[to.Key]]) {
					continue
				}
				backs := from.Back > 0 && (from.Declared > 1 || to.Back < to.Declared) // one who is back, or being back alone
				stays := from.Declared > 1 && from.Back < from.Declared
				for _, key := range []string{from.Key, to.Key} {
					x := other[key]
					other[key] = [2]bool{x[0] || stays || from.Declared > 1 && from.Back > 0, x[1] || backs}
					if across {
						s := "street " + up[key]
						y := other[s]
						other[s] = [2]bool{y[0] || stays || from.Declared > 1 && from.Back > 0, y[1] || backs}
					}
				}
			}
		}
		backs := map[string]int64{} // of lines hidden together; of nobody, nobody is hidden
		together := func(street string) string {
			if shownAbove[street] {
				return street
			}
			return ""
		}
		for _, p := range list {
			if !p.People {
				backs[together(up[p.Key])] += p.Back
			}
		}
		ask := func(what, group string, p workresume.OpenPart) {
			if p.People {
				return
			}
			hidden++
			if x := other[what]; !x[0] || !x[1] && backs[group] > 0 {
				t.Fatalf("%s: %q %d/%d can be worked out (%v)\nstreets %v, shown %v", b, what, p.Declared, p.Back, x, streets, shownAbove)
			}
		}
		for _, p := range list {
			ask(p.Key, together(up[p.Key]), p)
		}
		if b == workresume.ByPark {
			for _, s := range got[workresume.ByStreet] {
				ask("street "+s.Key, "", s)
			}
		}
	}
	return hidden
}
