package waiting

import (
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/ident"
)

// Room is who waits, in memory: some hundred bytes a place. It is safe for concurrent
// use; whoever follows the journal adds to it, one at a time.
type Room struct {
	// Code gives the number a ticket's short code spells, another for each try: two
	// tickets may meet in one code, and the later takes the next.
	code func(t Ticket, try int) uint64

	mu      sync.RWMutex
	tickets []Ticket // in the order of arrival
	at      []int64  // microseconds
	seen    []atomic.Uint32
	index   map[Ticket]uint32
	codes   map[uint32]uint32 // by the code's number
	order   []uint32          // of those early: place → arrival
	rank    []uint32          // of those early: arrival → place
	digest  string
	drawn   bool
}

// NewRoom returns an empty room. code must be one that nobody outside can work out.
func NewRoom(code func(t Ticket, try int) uint64) *Room {
	return &Room{code: code, index: map[Ticket]uint32{}, codes: map[uint32]uint32{}}
}

// Arrival is a ticket and when it came.
type Arrival struct {
	Ticket
	At time.Time
}

// Add lets tickets in, in the order of the journal. A ticket that is there is passed over.
func (r *Room) Add(list ...Arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range list {
		if _, there := r.index[a.Ticket]; there {
			continue
		}
		n := uint32(len(r.tickets))
		r.tickets, r.at = append(r.tickets, a.Ticket), append(r.at, a.At.UnixMicro())
		if len(r.seen) == cap(r.seen) { // grown by hand: what is looked at meanwhile is not copied
			more := make([]atomic.Uint32, len(r.seen), 2*len(r.seen)+64)
			for i := range r.seen {
				more[i].Store(r.seen[i].Load())
			}
			r.seen = more
		}
		r.seen = r.seen[:n+1]
		r.index[a.Ticket] = n
		for try := 0; ; try++ {
			c := spelt(r.code(a.Ticket, try))
			if _, taken := r.codes[c]; !taken {
				r.codes[c] = n
				break
			}
		}
	}
}

// spelt is the number that a short code of n spells.
func spelt(n uint64) uint32 { return uint32(n % ident.AloudCount) }

// Draw closes the list of those who were early, all who are there now, and puts them in
// order. It is done once, and takes a second for a million.
func (r *Room) Draw(seed string) (digest string) {
	r.mu.RLock()
	early := r.tickets[:len(r.tickets):len(r.tickets)]
	digest, drawn := r.digest, r.drawn
	r.mu.RUnlock()
	if drawn {
		return digest
	}
	digest = Digest(early)
	order := Shuffle(seed, digest, early)
	rank := make([]uint32, len(order))
	for place, n := range order {
		rank[n] = uint32(place)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order, r.rank, r.digest, r.drawn = order, rank, digest, true
	return digest
}

// Spot is where somebody stands.
type Spot struct {
	Ticket  Ticket
	At      time.Time // of arrival
	Arrival int       // from 0
	Drawn   bool      // the order is known
	Place   int64     // in that order, from 0
	Waiting int64     // all who came
}

// Find is where a ticket stands.
func (r *Room) Find(t Ticket) (s Spot, found bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n, found := r.index[t]
	if !found {
		return s, false
	}
	return r.spot(n), true
}

// ByCode is where the ticket of a short code stands.
func (r *Room) ByCode(code string) (s Spot, found bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n, ok := numberOf(code)
	if !ok {
		return s, false
	}
	i, found := r.codes[n]
	if !found {
		return s, false
	}
	return r.spot(i), true
}

func numberOf(code string) (uint32, bool) {
	n, ok := ident.AloudNumber(code)
	return uint32(n), ok
}

func (r *Room) spot(n uint32) Spot {
	s := Spot{Ticket: r.tickets[n], At: time.UnixMicro(r.at[n]).UTC(), Arrival: int(n), Drawn: r.drawn, Place: int64(n), Waiting: int64(len(r.tickets))}
	if int(n) < len(r.rank) {
		s.Place = int64(r.rank[n])
	}
	return s
}

// CodeOf is the short code of a ticket that is there.
func (r *Room) CodeOf(t Ticket) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n, found := r.index[t]
	for try := 0; found; try++ {
		if c := r.code(t, try); r.codes[spelt(c)] == n {
			return ident.NewAloud(c)
		}
	}
	return ""
}

// Between lists the spots at places from (inclusive) to (exclusive), if the order is known.
func (r *Room) Between(from, to int64) (list []Spot) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if !r.drawn {
		return nil
	}
	for p := max(from, 0); p < min(to, int64(len(r.tickets))); p++ {
		n := uint32(p)
		if p < int64(len(r.order)) {
			n = r.order[p]
		}
		list = append(list, r.spot(n))
	}
	return list
}

// Count is how many came, how many of them early, and the digest of the early ones; the
// last two once the order is known.
func (r *Room) Count() (all, early int64, digest string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return int64(len(r.tickets)), int64(len(r.order)), r.digest
}

// Look notes that somebody looked at their place, by the second.
func (r *Room) Look(arrival int, now time.Time) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	r.seen[arrival].Store(uint32(now.Unix()))
}

// Looked is when somebody last did.
func (r *Room) Looked(arrival int) time.Time {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return time.Unix(int64(r.seen[arrival].Load()), 0)
}
