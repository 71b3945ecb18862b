package admission

import (
	"sync"
	"time"
)

// Room is where those who are let in wait their turn while a processor has enough to
// do. A request that waits here costs nothing, neither to us nor to the others, and
// its connection brings no further one; to refuse it costs nearly as much as to show
// a code. So a crowd on lines it keeps open is served one after the other as fast as
// the machine can, the important first and within a class in the order they came,
// and refused is only who would wait longer than is of use.
//
// Claims have seats of their own, more of them, and are called only while nobody more
// important waits.
type Room struct {
	now    func() time.Duration
	mu     sync.Mutex
	free   int
	claims int // free seats of claims
	line   [classes]queue
}

// seats is how many requests a processor has under way: enough for checks at gates
// to wait for their commit together, few enough that the others are done soon.
const seats = 64

// claimSeats is how many claims of a processor are under way. A claim uses a processor for
// a moment and then waits for its commit; the more wait for the same, the less each costs:
// with as few seats as the others a machine bore 9,400 a second, with these what it bears.
const claimSeats = 512

// waitMost is how long somebody waits before being told to come again: no longer, for
// whoever waits when a crowd has gone is served before who comes then.
const waitMost = 400 * time.Millisecond

type queue struct {
	all  []*waiter
	head int
}

type waiter struct {
	since time.Duration
	ready chan bool // true: go in; one answer
}

// NewRoom returns a room for so many processors; now is a clock that only goes forward.
func NewRoom(processors int, now func() time.Duration) *Room {
	return &Room{now: now, free: seats * max(processors, 1), claims: claimSeats * max(processors, 1)}
}

// Enter waits for a seat and reports whether there was one in time; then Leave
// gives it back.
func (r *Room) Enter(c Class) bool {
	r.mu.Lock()
	if seat := r.seat(c); *seat > 0 && (c != Claim || !r.wanted()) {
		*seat--
		r.mu.Unlock()
		return true
	}
	w := &waiter{r.now(), make(chan bool, 1)}
	r.line[c].push(w)
	r.mu.Unlock()
	return <-w.ready
}

// seat is how many seats of a class are free.
func (r *Room) seat(c Class) *int {
	if c == Claim {
		return &r.claims
	}
	return &r.free
}

// wanted is whether somebody more important than a claim waits.
func (r *Room) wanted() bool {
	for c := Claim + 1; int(c) < len(r.line); c++ {
		if r.line[c].first() != nil {
			return true
		}
	}
	return false
}

// Leave gives the seat of a class back, to the most important of those who wait, the
// first of them.
func (r *Room) Leave(c Class) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.seat(c)++
	r.call()
}

// call calls in whoever there is a seat for.
func (r *Room) call() {
	for c := Show; c > Claim; c-- {
		for r.free > 0 && r.invite(c) {
			r.free--
		}
	}
	for r.claims > 0 && !r.wanted() && r.invite(Claim) {
		r.claims--
	}
}

// invite lets in the first who waits of a class, if anybody does.
func (r *Room) invite(c Class) bool {
	w := r.line[c].pop()
	if w != nil {
		w.ready <- true
	}
	return w != nil
}

// Tick sends away who has waited too long. Somebody must call it a few times a second.
func (r *Room) Tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for c := range r.line {
		for w := r.line[c].first(); w != nil && now-w.since > waitMost; w = r.line[c].first() {
			r.line[c].pop().ready <- false
		}
	}
	r.call() // claims, if who was before them has gone
}

// Waiting is how many wait now.
func (r *Room) Waiting() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.line {
		n += len(r.line[c].all) - r.line[c].head
	}
	return n
}

func (q *queue) push(w *waiter) {
	if q.head > 1024 && q.head*2 > len(q.all) {
		n := copy(q.all, q.all[q.head:])
		clear(q.all[n:])
		q.all, q.head = q.all[:n], 0
	}
	q.all = append(q.all, w)
}

func (q *queue) first() *waiter {
	if q.head == len(q.all) {
		return nil
	}
	return q.all[q.head]
}

func (q *queue) pop() *waiter {
	w := q.first()
	if w != nil {
		q.all[q.head] = nil
		if q.head++; q.head == len(q.all) {
			q.all, q.head = q.all[:0], 0
		}
	}
	return w
}
