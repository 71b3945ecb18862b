package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// socketMost is how long a socket's path may be, in bytes; the kernel's own limit
// leaves room for 107.
const socketMost = 100

// socketPath is the socket under a name short enough for the kernel. The name of a
// deep folder is replaced by the open folder itself; free lets go of it.
func (c Config) socketPath() (path string, free func(), err error) {
	path = c.Socket()
	if len(path) <= socketMost {
		return path, func() {}, nil
	}
	dir, err := os.Open(c.Data)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}

// Dial reaches the server that has the data folder.
func (c Config) Dial(ctx context.Context) (net.Conn, error) {
	path, free, err := c.socketPath()
	if err != nil {
		return nil, err
	}
	defer free()
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}

// listenSocket opens the command socket for the folder's owner alone. A stale one
// is replaced: the folder is locked by us, so nobody listens there.
func (c Config) listenSocket() (net.Listener, error) {
	path, free, err := c.socketPath()
	if err != nil {
		return nil, err
	}
	defer free()
	_ = os.Remove(c.Socket())
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("command socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // by then the name may mean another folder
	if err := os.Chmod(c.Socket(), 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}
