package drill

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"breakwater/internal/kernel/once"
)

// The kinds of request of a rush.
const (
	claims  = iota
	retries // under a key that was sent before
	cuts    // hung up before the answer
)

const (
	gone     = 410 // nothing is left
	conflict = 409
)

// line of claimants: everybody asks once, under a key of their own, until they are
// answered; some ask again although they were answered, and some hang up and come again.
//
// It belongs to the generator's thread, but for back and down.
type claimants struct {
	rush  Rush
	offer string
	head  []byte // of every request
	who   []claimant
	next  []int32 // who asks next: a ring of everybody not answered yet
	again []int32 // who asks again before them
	turn  int64

	asked            int64 // people of whom a request was sent
	told, declined   int64
	retried, differs int64 // asked again after an answer, and told something else
	unknown          int64 // requests whose fate nobody was told

	down atomic.Int64 // when the program was last killed, in nanoseconds since the epoch; 0: it runs
	back []time.Duration
	by   []int32 // whose request i is: who asked, by sequence number
}

// claimant is one person in a rush.
type claimant struct {
	token, key string
	id         string // of the allotment they were told
	state      uint8
	after      bool // asked after the last kill
}

// What a claimant is waiting for.
const (
	waiting = iota
	asking
	answered
	declined
)

func newClaimants(rush Rush, tokens []string, offer string) *claimants {
	c := &claimants{rush: rush, offer: offer, who: make([]claimant, len(tokens)), next: make([]int32, len(tokens))}
	c.head = []byte("POST /api/v1/ration/claims HTTP/1.1\r\nHost: drill\r\nContent-Type: application/json\r\nAuthorization: Bearer ")
	for i, t := range tokens {
		c.who[i].token, c.next[i] = t, int32(i)
	}
	return c
}

// load is the rush as a load.
func (c *claimants) load() Load {
	return Load{
		Kinds: []Kind{
			claims:  {Name: "claim", Keep: true, No: []int{gone}},
			retries: {Name: "claim again", Keep: true, No: []int{gone}},
			cuts:    {Name: "claim, cut off", Cut: true},
		},
		Ask: c.ask, Hear: c.hear, Miss: c.miss,
	}
}

// ask writes the next person's claim; nothing when everybody was answered.
func (c *claimants) ask(i int64, b []byte) ([]byte, int) {
	n, kind := int32(-1), claims
	c.turn++
	if len(c.again) > 0 {
		n, kind, c.again = c.again[0], retries, c.again[1:]
	}
	for n < 0 {
		if len(c.next) == 0 {
			return b, claims
		}
		n, c.next = c.next[0], c.next[1:]
	}
	who := &c.who[n]
	switch {
	case who.key == "":
		who.key = once.Ticket(time.Now())
		c.asked++
		if c.rush.Cut > 0 && c.turn%int64(1/c.rush.Cut) == 0 {
			kind = cuts
		}
	case who.state == answered || who.state == declined:
		c.retried++
	}
	if who.state == waiting {
		who.state = asking
	}
	who.after = c.down.Load() != 0
	c.by = append(c.by, n)
	b = append(append(append(b, c.head...), who.token...), "\r\nIdempotency-Key: "...)
	b = append(append(b, who.key...), "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(c.offer)+12), 10)
	b = append(append(append(b, "\r\n\r\n{\"offer\":\""...), c.offer...), `"}`...)
	return b, kind
}

func (c *claimants) hear(i int64, _ int, a *Answer) {
	n := c.by[i]
	who := &c.who[n]
	c.returned(who)
	switch {
	case a.Status == 200:
		id := field(a.Body, "id")
		switch who.state {
		case answered:
			if string(id) != who.id {
				c.differs++
			}
		case declined:
			c.differs++
		default:
			who.id, who.state = string(id), answered
			c.told++
			c.maybe(n)
		}
	case a.Status == gone && who.state == answered:
		c.differs++
	case a.Status == gone:
		if who.state != declined {
			who.state = declined
			c.declined++
			c.maybe(n)
		}
	case who.state == asking:
		who.state = waiting
		c.next = append(c.next, n) // told to come again: behind the others
	}
}

// maybe lets some of those who were answered ask again, as impatient thumbs do.
func (c *claimants) maybe(n int32) {
	if c.rush.Again > 0 && (c.told+c.declined)%int64(1/c.rush.Again) == 0 {
		c.again = append(c.again, n)
	}
}

// miss is a request of which nobody knows whether it was carried out: its person asks
// again under the same key.
func (c *claimants) miss(i int64, _ int) {
	n := c.by[i]
	c.unknown++
	if who := &c.who[n]; who.state == asking {
		who.state = waiting
	}
	c.again = append(c.again, n)
}

// returned notes the first answer after a kill to somebody who asked after it.
func (c *claimants) returned(who *claimant) {
	if at := c.down.Load(); at != 0 && who.after && c.down.CompareAndSwap(at, 0) {
		c.back = append(c.back, time.Since(time.Unix(0, at)))
	}
}

// tellings are the allotments that people were told.
func (c *claimants) tellings() []string {
	out := make([]string, 0, c.told)
	for i := range c.who {
		if c.who[i].id != "" {
			out = append(out, c.who[i].id)
		}
	}
	return out
}

// left are people who asked and were never answered.
func (c *claimants) left() (n int64) {
	for i := range c.who {
		if w := &c.who[i]; w.key != "" && w.state != answered && w.state != declined {
			n++
		}
	}
	return n
}

func (c *claimants) String() string {
	return fmt.Sprintf("%d asked, %d promised, %d told that it is gone, %d asked again and %d of them told otherwise, %d requests cut off", c.asked, c.told, c.declined, c.retried, c.differs, c.unknown)
}
