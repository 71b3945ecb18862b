package ledger

import (
	"math/rand/v2"
	"testing"
)

// flat against a map, with keys near one another, far apart and equal to the empty slot's.
func TestFlat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var counts, numbers flat
	want, lists := map[uint64]int64{}, map[uint64][]uint32{}
	for i := range 200_000 {
		key := uint64(r.IntN(60_000))
		if i%2 == 0 {
			key = spread(key)
		}
		if key == 0 {
			key = 1 // 0 and 1 are one key
		}
		want[key]++
		if got := counts.shift(key, 1); got != want[key] {
			t.Fatalf("%d under %x, want %d", got, key, want[key])
		}
		numbers.add(key, uint32(i))
		lists[key] = append(lists[key], uint32(i))
	}
	for key, n := range want {
		if got, found := counts.at(key); !found || int64(got) != n {
			t.Fatalf("%d under %x, want %d", got, key, n)
		}
		sum, wanted := 0, 0
		numbers.each(key, func(v uint32) bool { sum += int(v); return false })
		for _, v := range lists[key] {
			wanted += int(v)
		}
		if sum != wanted {
			t.Fatalf("the numbers under %x add up to %d, want %d", key, sum, wanted)
		}
	}
	if _, found := counts.at(1 << 63); found || counts.n != len(want) {
		t.Errorf("%d keys, want %d", counts.n, len(want))
	}
	var bytes int
	for _, p := range counts.parts {
		bytes += 12 * len(p.keys)
	}
	if per := float64(bytes) / float64(counts.n); per > 33 {
		t.Errorf("%.1f bytes a key", per)
	}
}
