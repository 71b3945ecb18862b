package draw

import (
	"encoding/binary"
	"math/bits"
)

// picks are the indices that a draw takes out of a pool, in the order of picking: RFC
// 3797, sections 4 and 5. number gives the large number of the i-th pick, from 0, as
// bytes with the highest first, a multiple of 8 of them; its remainder by how many are
// left says which of them, counted from the lowest, is taken.
func picks(pool, want int, number func(i int) []byte) []int {
	left := newCounted(pool)
	out := make([]int, 0, min(want, pool))
	for i := range min(want, pool) {
		out = append(out, left.take(remainder(number(i), uint64(pool-i))))
	}
	return out
}

// remainder is the number b by n. With 256 bits and a few million people its lean
// towards the low ones is below one in 2 to the 230th.
func remainder(b []byte, n uint64) (rest uint64) {
	for ; len(b) > 0; b = b[8:] {
		_, rest = bits.Div64(rest, binary.BigEndian.Uint64(b), n)
	}
	return rest
}

// counted is a row of places of which each is there once, and finds the k-th that is
// left in logarithmic time: a tree of partial sums (Fenwick, 1994).
type counted struct {
	sums []int32 // from 1
	top  int     // the largest power of two in it
}

func newCounted(n int) *counted {
	c := &counted{sums: make([]int32, n+1)}
	if n > 0 {
		c.top = 1 << (bits.Len(uint(n)) - 1)
	}
	for i := range c.sums {
		c.sums[i] = int32(i & -i) // all are there
	}
	return c
}

// take finds the place with k others left before it, and removes it.
func (c *counted) take(k uint64) int {
	at, rest := 0, int32(k)
	for step := c.top; step > 0; step >>= 1 {
		if next := at + step; next < len(c.sums) && c.sums[next] <= rest {
			at, rest = next, rest-c.sums[next]
		}
	}
	for i := at + 1; i < len(c.sums); i += i & -i {
		c.sums[i]--
	}
	return at
}
