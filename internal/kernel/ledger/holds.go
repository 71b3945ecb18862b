package ledger

import (
	"maps"
	"slices"
)

// hold is an open hold in memory: what its end needs to know. amount 0 says that
// there is none.
type hold struct {
	debit, credit uint32
	amount        int64
	until         int64  // microseconds; 0 for none
	claim         uint64 // key of the quota's count; 0 for none
	half          uint64 // of the id; see idKey
}

// holds are a book's open holds by the number of their transfer, in pages that are
// given back once nothing in them is open, and by the minute in which they end.
type holds struct {
	pages map[uint32]*holdPage
	due   map[int64][]uint32 // minute since 1970 → numbers; those that ended are still named
	open  int
}

const (
	holdPageBits = 10
	minute       = 60_000_000 // microseconds
)

type holdPage struct {
	open int
	of   [1 << holdPageBits]hold
}

func newHolds() holds { return holds{pages: map[uint32]*holdPage{}, due: map[int64][]uint32{}} }

func (h *holds) at(seq uint32) (hold, bool) {
	p := h.pages[seq>>holdPageBits]
	if p == nil {
		return hold{}, false
	}
	x := p.of[seq&(1<<holdPageBits-1)]
	return x, x.amount > 0
}

func (h *holds) put(seq uint32, x hold) {
	p := h.pages[seq>>holdPageBits]
	if p == nil {
		p = new(holdPage)
		h.pages[seq>>holdPageBits] = p
	}
	p.of[seq&(1<<holdPageBits-1)] = x
	p.open++
	h.open++
	if x.until > 0 {
		h.due[x.until/minute] = append(h.due[x.until/minute], seq)
	}
}

func (h *holds) end(seq uint32) {
	p := h.pages[seq>>holdPageBits]
	p.of[seq&(1<<holdPageBits-1)] = hold{}
	p.open--
	h.open--
	if p.open == 0 {
		delete(h.pages, seq>>holdPageBits)
	}
}

// over lists up to most open holds whose time is over at now, the oldest minute
// first, and forgets the names of those that ended otherwise.
func (h *holds) over(now int64, most int) []uint32 {
	var out []uint32
	for _, m := range slices.Sorted(maps.Keys(h.due)) {
		if m > now/minute || len(out) >= most {
			break
		}
		var still []uint32
		for _, seq := range h.due[m] {
			x, open := h.at(seq)
			if !open {
				continue
			}
			still = append(still, seq)
			if x.until <= now && len(out) < most {
				out = append(out, seq)
			}
		}
		if h.due[m] = still; len(still) == 0 {
			delete(h.due, m)
		}
	}
	return out
}
