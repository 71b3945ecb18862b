package storage

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// deafMost is how long a PostgreSQL that acknowledges nothing is believed to be there.
// TCP alone waits a quarter of an hour, and whoever writes for many stands so long,
// though another server has taken over meanwhile.
const deafMost = 10 * time.Second

// dial connects to PostgreSQL so that a machine that is gone is noticed.
func dial() pgconn.DialFunc {
	over := net.Dialer{
		Timeout:         deafMost,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: deafMost / 2, Interval: deafMost / 5, Count: 3},
		Control:         impatient,
	}
	socket := net.Dialer{Timeout: deafMost}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(network, "tcp") {
			return over.DialContext(ctx, network, address)
		}
		return socket.DialContext(ctx, network, address)
	}
}
