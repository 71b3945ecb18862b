package storage

import "syscall"

// tcpUserTimeout is TCP_USER_TIMEOUT, see tcp(7): package syscall has no name for it.
const tcpUserTimeout = 0x12

// impatient makes a socket give up a peer that acknowledges nothing for deafMost.
func impatient(_, _ string, c syscall.RawConn) error {
	var failed error
	if err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(deafMost.Milliseconds()))
	}); err != nil {
		return err
	}
	return failed
}
