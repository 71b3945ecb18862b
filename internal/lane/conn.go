package lane

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// Answerer appends the whole answer to a plain GET, or to a POST that has come whole,
// to dst: status line, headers and body. It may take its time, as a handler may. ok
// false declines, and net/http answers; dst is then thrown away.
type Answerer interface {
	AnswerQuick(dst []byte, h *Head) (answer []byte, ok bool)
}

// Listener hands out connections that answer by themselves what they can. Its
// server must call State at every change of a connection's state.
type Listener struct {
	net.Listener
	by    Answerer
	idle  time.Duration
	half  time.Duration // how long the rest of a head may take on a line that net/http has not met
	under atomic.Int64  // answers under way
}

// Listen puts the lane in front of l. A connection on which nothing has come for
// idle is closed.
func Listen(l net.Listener, by Answerer, idle time.Duration) *Listener {
	return &Listener{Listener: l, by: by, idle: idle, half: halfMost}
}

// Drain waits until no answer is under way, or ctx ends. It is for after the server's
// Shutdown, which takes a connection that the lane answers for an idle one.
func (l *Listener) Drain(ctx context.Context) error {
	for l.under.Load() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	out := &conn{Conn: c, lane: l, between: true, began: time.Now()}
	if sc, ok := c.(syscall.Conn); ok {
		if out.raw, err = sc.SyscallConn(); err != nil {
			_ = c.Close()
			return nil, err
		}
	}
	if at, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		out.head.Peer = at.AddrPort().Addr()
	}
	return out, nil
}

// State is http.Server's ConnState.
func State(c net.Conn, s http.ConnState) {
	if c, ok := c.(*conn); ok && s == http.StateIdle {
		c.between = true
	}
}

// conn is one connection. net/http reads it from one goroutine at a time, and
// orders State and the reads among themselves; only Close comes from anywhere.
type conn struct {
	net.Conn
	lane *Listener
	raw  syscall.RawConn // nil for a connection that has none

	buf     []byte // what has arrived and was neither answered nor handed on: buf[at:]
	at      int
	left    int64 // bytes of the present request that may still be handed on
	between bool  // net/http waits for the next request
	given   bool  // to net/http for good
	met     bool  // net/http has had a request of it
	began   time.Time
	until   time.Time
	out     []byte
	head    Head

	state atomic.Uint32
}

// The states of closing.
const (
	open = iota
	answering
	closeAfter // the answer under way
	shut
)

const bufSize = 4 << 10

// closeMost is how long an answer under way may take to go out when the server stops.
const closeMost = 5 * time.Second

// meet is when a connection on which all was answered here is handed its next request
// on: net/http counts the time of a connection's first request from when it was
// opened, and would find it over.
const meet = time.Minute

// halfMost is for the rest of a head, as the server's ReadHeaderTimeout is.
const halfMost = 10 * time.Second

// Read answers what it can and returns what net/http must read.
func (c *conn) Read(p []byte) (int, error) {
	for {
		switch {
		case c.given:
			if c.at < len(c.buf) {
				return c.take(p), nil
			}
			c.buf = nil
			return c.Conn.Read(p)
		case c.left > 0: // the rest of a request that is net/http's
			p = p[:min(int64(len(p)), c.left)]
			if c.at < len(c.buf) {
				n := c.take(p)
				c.left -= int64(n)
				return n, nil
			}
			n, err := c.Conn.Read(p)
			c.left -= int64(n)
			return n, err
		case !c.between:
			if err := c.wait(); err != nil {
				return 0, err
			}
		case c.at < len(c.buf):
			if !c.turn() {
				_ = c.Conn.Close()
				return 0, net.ErrClosed
			}
		default:
			if err := c.lap(); err != nil {
				if errors.Is(err, net.ErrClosed) {
					_ = c.Conn.Close()
				}
				return 0, err
			}
		}
	}
}

// wait is how net/http watches, while it makes an answer, whether its caller is
// still there, until it ends the watch by a deadline. The next request of a quick
// caller may come meanwhile: it is kept for its turn.
func (c *conn) wait() error {
	switch {
	case c.at == len(c.buf):
		return c.fill()
	case len(c.buf) == cap(c.buf):
		c.given = true // far ahead of its turns
		return nil
	}
	n, err := c.Conn.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

// take moves what has arrived into p.
func (c *conn) take(p []byte) int {
	n := copy(p, c.buf[c.at:])
	c.at += n
	return n
}

func (c *conn) room() {
	if cap(c.buf) == 0 {
		c.buf = make([]byte, 0, bufSize)
	}
}

func (c *conn) fill() error {
	c.room()
	n, err := c.Conn.Read(c.buf[:cap(c.buf)])
	c.buf, c.at = c.buf[:n], 0
	if n > 0 {
		return nil
	}
	return err
}

// turn deals with the request at the front, and reports false when the connection is
// over: closed meanwhile, or nobody at its other end. The caller closes it.
func (c *conn) turn() bool {
	b := c.buf[c.at:]
	size, what := c.head.read(b)
	switch what {
	case strange:
		c.given = true
		if !c.met && !c.until.IsZero() { // net/http set its deadline when the line was opened, and we put it off
			_ = c.SetReadDeadline(time.Now().Add(c.lane.half))
		}
		return true
	case other:
		c.left = int64(size) + c.head.length
	case plain, posted:
		size += len(c.head.Body)
		if !c.met && time.Since(c.began) > meet {
			c.left = int64(size)
			break
		}
		if answered, alive := c.answer(size); answered || !alive {
			return alive
		}
		c.left = int64(size)
	}
	c.met, c.between, c.until = true, false, time.Time{} // net/http sets its own deadlines now
	return true
}

// answer answers the request of size bytes at the front, if the answerer does.
func (c *conn) answer(size int) (answered, alive bool) {
	c.lane.under.Add(1)
	defer c.lane.under.Add(-1)
	if !c.state.CompareAndSwap(open, answering) {
		return false, false
	}
	out, ok := c.lane.by.AnswerQuick(c.out[:0], &c.head)
	if ok {
		c.at += size
		if cap(out) <= 2*bufSize {
			c.out = out
		}
		// A deadline costs more than to look whether the last is still far off.
		if now := time.Now(); c.until.Sub(now) < c.lane.idle*3/4 {
			c.until = now.Add(c.lane.idle)
			_ = c.SetDeadline(c.until) // a closed connection says so at the write
		}
		if _, err := c.Conn.Write(out); err != nil {
			return true, false
		}
	}
	return ok, c.state.CompareAndSwap(answering, open)
}

// Close closes the connection, after the answer under way: a server that stops
// must not cut a code in half.
func (c *conn) Close() error {
	for {
		switch s := c.state.Load(); s {
		case open:
			if c.state.CompareAndSwap(open, shut) {
				return c.Conn.Close()
			}
		case answering:
			if c.state.CompareAndSwap(answering, closeAfter) {
				return c.SetWriteDeadline(time.Now().Add(closeMost))
			}
		case closeAfter:
			return nil
		default:
			return c.Conn.Close()
		}
	}
}
