package drill

import (
	"bytes"
	"container/heap"
	"fmt"
	"strconv"
	"time"

	"breakwater/internal/kernel/once"
)

// The kinds of request of a waiting room.
const (
	joins  = iota
	looks  // whether the turn has come, when the server said to ask again
	calls  // a claim once it has
	pushes // a claim before anybody could have been told
)

// guests are a crowd that waits: some come before the opening and some after, each takes
// a place, asks again when the phone was told to, and claims when its turn has come. Some
// take their place twice, some claim at the opening as if there were no turn, under the
// very key under which they claim later, and some sleep until all is over.
//
// They belong to the generator's thread.
type guests struct {
	campaign, offer string
	opens           time.Time
	after           time.Duration // by which the last have come
	who             []guest
	line            comings
	by              []int32   // whose request i is
	began           time.Time // of the run

	asked, told, declined int64
	refusedEarly          int64 // pushed, and told that it is not their turn
	retried, differs      int64 // asked again, and told another ticket, place or allotment
	unknown               int64
}

// guest is one person in a waiting room.
type guest struct {
	token, key string
	ticket     string // as they were told
	place      int64  // as they were told, from 1; 0 before lots were drawn
	id         string // of the allotment they were told
	at         time.Time
	next       uint8 // the kind of their next request
	done       bool
	again      bool // asks once more although they were answered
	pushes     bool
	sleeps     bool
}

// Of so many, one: who asks twice, who pushes, who sleeps. They are primes, so that some
// are several of these.
const (
	oneAgain = 19
	onePush  = 29
	oneSleep = 31
)

// sleepMore is how long after the last came those who sleep look at their phone again.
const sleepMore = 5 * time.Second

// newGuests lets a share of the crowd come in the time before the opening, and the others
// within the time after it.
func newGuests(tokens []string, campaign, offer string, opens time.Time, early float64, before, after time.Duration) *guests {
	g := &guests{campaign: campaign, offer: offer, opens: opens, after: after, who: make([]guest, len(tokens))}
	first := int(early * float64(len(tokens)))
	for i, t := range tokens {
		w := &g.who[i]
		w.token, w.next = t, joins
		w.again, w.pushes, w.sleeps = i%oneAgain == 0, i%onePush == 0, i%oneSleep == 0
		if i < first {
			w.at = opens.Add(-before + (before-time.Second)*time.Duration(i)/time.Duration(first))
		} else {
			w.at = opens.Add(after * time.Duration(i-first+1) / time.Duration(len(tokens)-first))
		}
		g.line = append(g.line, coming{int32(i), w.at})
	}
	heap.Init(&g.line)
	return g
}

// load is the crowd as a load.
func (g *guests) load() Load {
	return Load{
		Kinds: []Kind{
			joins:  {Name: "join", Keep: true, No: []int{gone}},
			looks:  {Name: "look", Keep: true},
			calls:  {Name: "claim", Keep: true, No: []int{gone}},
			pushes: {Name: "claim early", Keep: true, No: []int{gone, conflict}},
		},
		Next: g.due, Ask: g.ask, Hear: g.hear, Miss: g.miss,
	}
}

func (g *guests) due(now time.Duration) (time.Duration, bool) {
	if g.began.IsZero() {
		g.began = time.Now().Add(-now)
	}
	if len(g.line) == 0 {
		return 0, false
	}
	return g.line[0].at.Sub(g.began), true
}

func (g *guests) ask(_ int64, b []byte) ([]byte, int) {
	n := heap.Pop(&g.line).(coming).who
	w := &g.who[n]
	g.by = append(g.by, n)
	kind := w.next
	switch kind {
	case joins:
		return g.post(b, w, "queue", once.Ticket(time.Now()), "campaign", g.campaign), joins
	case looks:
		b = append(append(b, "GET /api/v1/ration/queue?campaign="...), g.campaign...)
		b = append(append(b, " HTTP/1.1\r\nHost: drill\r\nAuthorization: Bearer "...), w.token...)
		return append(b, "\r\n\r\n"...), looks
	}
	if w.key == "" {
		w.key = once.Ticket(time.Now())
		g.asked++
	}
	return g.post(b, w, "claims", w.key, "offer", g.offer), int(kind)
}

// post writes a command with one field.
func (g *guests) post(b []byte, w *guest, path, key, name, value string) []byte {
	b = append(append(append(b, "POST /api/v1/ration/"...), path...), " HTTP/1.1\r\nHost: drill\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
	b = append(append(append(append(b, w.token...), "\r\nIdempotency-Key: "...), key...), "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(name)+len(value)+7), 10)
	b = append(append(append(b, "\r\n\r\n{\""...), name...), "\":\""...)
	return append(append(b, value...), "\"}"...)
}

// come lets somebody come back after a while, for something.
func (g *guests) come(n int32, kind uint8, in time.Duration) {
	w := &g.who[n]
	w.next, w.at = kind, time.Now().Add(in)
	heap.Push(&g.line, coming{n, w.at})
}

func (g *guests) hear(i int64, kind int, a *Answer) {
	n := g.by[i]
	w := &g.who[n]
	switch {
	case a.Status == 503:
		g.come(n, uint8(kind), time.Second)
	case a.Status == gone:
		w.done = true
		g.declined++
	case kind == joins || kind == looks:
		if a.Status != 200 {
			g.come(n, uint8(kind), time.Second) // counted as a failure
			return
		}
		g.placed(n, w, kind, a.Body)
	case a.Status == 200:
		g.promised(n, w, string(field(a.Body, "id")))
	case kind == pushes && a.Status == conflict:
		g.refusedEarly++
		g.come(n, looks, time.Second)
	default:
		g.come(n, looks, time.Second)
	}
}

// placed is what somebody was told of their place, and what they do next.
func (g *guests) placed(n int32, w *guest, kind int, body []byte) {
	ticket, place := string(field(body, "ticket")), number(body, "place")
	if w.ticket != "" && w.ticket != ticket || w.place != 0 && place != 0 && w.place != place {
		g.differs++
	}
	first := w.ticket == ""
	w.ticket = ticket
	if place != 0 {
		w.place = place
	}
	switch state := field(body, "state"); {
	case kind == joins && first && w.again:
		g.retried++
		g.come(n, joins, 200*time.Millisecond)
	case bytes.Equal(state, []byte("gone")), bytes.Equal(state, []byte("over")):
		w.done = true
		g.declined++
	case w.pushes:
		w.pushes = false
		g.come(n, pushes, max(0, time.Until(g.opens))+100*time.Millisecond)
	case w.sleeps:
		w.sleeps = false // the turn stays theirs
		g.come(n, looks, max(0, time.Until(g.opens))+g.after+sleepMore)
	case bytes.Equal(state, []byte("turn")):
		g.come(n, calls, 0)
	default:
		g.come(n, looks, time.Duration(max(1, number(body, "again_in_seconds")))*time.Second)
	}
}

// promised is somebody who has their share; some ask once more under the same key.
func (g *guests) promised(n int32, w *guest, id string) {
	switch {
	case w.id == "":
		w.id = id
		g.told++
		if w.again {
			g.retried++
			g.come(n, calls, 100*time.Millisecond)
			return
		}
	case w.id != id:
		g.differs++
	}
	w.done = true
}

// miss is a request of which nobody knows whether it was carried out: its person asks again.
func (g *guests) miss(i int64, kind int) {
	g.unknown++
	g.come(g.by[i], uint8(kind), time.Second)
}

// left are people who came and have neither a share nor a word that nothing is left.
func (g *guests) left() (n int64) {
	for i := range g.who {
		if !g.who[i].done {
			n++
		}
	}
	return n
}

// tellings are the allotments that people were told.
func (g *guests) tellings() []string {
	out := make([]string, 0, g.told)
	for i := range g.who {
		if g.who[i].id != "" {
			out = append(out, g.who[i].id)
		}
	}
	return out
}

func (g *guests) String() string {
	return fmt.Sprintf("%d came, %d promised, %d told that it is gone, %d refused before their turn, %d asked again and %d told otherwise, %d requests without an answer",
		len(g.who), g.told, g.declined, g.refusedEarly, g.retried, g.differs, g.unknown)
}

// number is a whole number of a JSON object, found without reading the rest; 0 if it is
// not there.
func number(body []byte, name string) (n int64) {
	_, after, _ := bytes.Cut(body, []byte(`"`+name+`":`))
	for _, c := range after {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

// comings are who comes next, by their moments; a heap.
type comings []coming

type coming struct {
	who int32
	at  time.Time
}

func (c comings) Len() int           { return len(c) }
func (c comings) Less(i, j int) bool { return c[i].at.Before(c[j].at) }
func (c comings) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }

// Push and Pop are for package heap.
func (c *comings) Push(x any) { *c = append(*c, x.(coming)) }

// Pop takes the last.
func (c *comings) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
