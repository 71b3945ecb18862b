package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
)

// A long body comes as fast as its sender's line carries it, and waiting for it costs
// nobody anything. So while it does the request does not count as one that is under
// way, and keeps nobody out; of one account only a few come at once; and what comes
// too slowly is given up.
const (
	comingMost  = 4                // bodies of one account at once
	comingPause = 20 * time.Second // the longest that nothing need come
	comingRate  = 2 << 10          // bytes a second at least, beyond the pause

	comingAway = 32 << 20         // bytes of a body that is too large, read so that its sender comes to the answer
	awayMost   = 30 * time.Second // in this time
	awayLook   = time.Second      // and so often it is asked whether the server stops
)

// coming is a long body on its way in.
type coming struct {
	io.ReadCloser
	conn *http.ResponseController
	pace pace

	door  *admission.Door // nil until it was let in
	class admission.Class
	end   time.Time // the route's own; zero until it is known
	got   int64
	spent time.Duration // waiting for it; what we did meanwhile is not the sender's fault
	slow  bool          // given up
	away  bool          // refused for its size, and to be read away after the answer
}

// pace is what is asked of a body; tests ask for less.
type pace struct {
	most  int
	pause time.Duration
	rate  int64
}

// Read waits for more. The time it may take grows with what has come, and no pause is
// longer than the pace allows.
func (c *coming) Read(p []byte) (n int, err error) {
	began := time.Now()
	left := c.pace.pause + time.Duration(float64(c.got)/float64(c.pace.rate)*float64(time.Second)) - c.spent
	until := began.Add(min(left, c.pace.pause))
	ours := c.end.IsZero() || until.Before(c.end)
	if !ours {
		until = c.end
	}
	_ = c.conn.SetReadDeadline(until) // a recorder has none
	if c.door != nil {
		c.door.Away(c.class, true)
		defer c.door.Back(c.class, true)
	}
	n, err = c.ReadCloser.Read(p)
	c.got += int64(n)
	c.spent += time.Since(began)
	switch {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.slow = ours
	case !c.end.IsZero():
		_ = c.conn.SetReadDeadline(c.end) // all of it is here: a passed deadline would call off what is done with it
	}
	return n, err
}

// comings counts the long bodies on their way by who sends them.
type comings struct {
	mu  sync.Mutex
	now map[string]int
}

// enter counts one more of a sender, unless there are most already.
func (c *comings) enter(who string, most int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now[who] >= most {
		return false
	}
	if c.now == nil {
		c.now = map[string]int{}
	}
	c.now[who]++
	return true
}

func (c *comings) leave(who string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now[who]--; c.now[who] <= 0 {
		delete(c.now, who)
	}
}

// take lets a route read a long body, and reports false where its sender has as many
// on their way as one may; leave is called when the route is done.
func (s *Site) take(w http.ResponseWriter, r *http.Request, c *coming, end time.Time) (leave func(), ok bool) {
	who := sender(s.Who(r.Context()), r.RemoteAddr)
	if !s.comings.enter(who, c.pace.most) {
		w.Header().Set("Connection", "close") // what still comes is not read
		s.answer(w, r, fault.New(fault.TooMany, "web.uploads_many", "most", c.pace.most, "seconds", 10))
		return nil, false
	}
	c.end = end
	return func() { s.comings.leave(who) }, true
}

// readAway reads on in a body that was refused for its size, after the answer: most
// senders, browsers among them, look for an answer when they have sent all, and would
// find a broken line instead. It is for few of one address, not for long, and not while
// the server stops.
func (s *Site) readAway(addr string, c *coming) {
	host, _, _ := net.SplitHostPort(addr)
	who := "away " + host
	if !s.comings.enter(who, c.pace.most) {
		return
	}
	defer s.comings.leave(who)
	_ = c.conn.Flush()
	buf := make([]byte, 32<<10)
	for end := time.Now().Add(awayMost); time.Now().Before(end) && !s.stopping.Load(); {
		_ = c.conn.SetReadDeadline(time.Now().Add(awayLook))
		if _, err := c.ReadCloser.Read(buf); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// Stopping says that the server stops: what nobody needs any more is not waited for.
func (s *Site) Stopping() { s.stopping.Store(true) }

// sender is whose bodies are counted together: an account's; of nobody, those from one
// address, which behind a proxy is all of nobody.
func sender(p auth.Principal, addr string) string {
	if !p.Zero() {
		return p.ID
	}
	host, _, _ := net.SplitHostPort(addr)
	return "from " + host
}

// tooSlow is what the sender of a body that was given up is told.
func tooSlow() error {
	return &refusal{http.StatusRequestTimeout, fault.New(fault.Malformed, "web.upload_slow")}
}
