package lane

import (
	"io"
	"net"
	"os"
	"syscall"
)

// lap waits for requests and answers them, until one comes that is not for the lane.
// It is one reading of the line from the poller's point of view: what arrives after a
// read has emptied the line is remembered while the answer is made, so that the line
// need not be asked once more, in vain, before every wait.
func (c *conn) lap() error {
	if c.raw == nil {
		return c.fill()
	}
	c.room()
	var ended error
	err := c.raw.Read(func(fd uintptr) (done bool) {
		for {
			n, err := syscall.Read(int(fd), c.buf[:cap(c.buf)])
			switch {
			case err == syscall.EINTR:
				continue
			case err == syscall.EAGAIN:
				return false
			case err != nil:
				ended = &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("read", err)}
				return true
			case n == 0:
				ended = io.EOF
				return true
			}
			c.buf, c.at = c.buf[:n], 0
			for c.ours() && c.at < n {
				if !c.turn() { // closing here would wait for this very reading to end
					ended = net.ErrClosed
					return true
				}
			}
			if !c.ours() {
				return true
			}
			if n < cap(c.buf) { // that was all
				return false
			}
		}
	})
	if ended != nil {
		return ended
	}
	return err
}

// ours says that what comes next is for the lane to look at first.
func (c *conn) ours() bool { return c.between && !c.given && c.left == 0 }
