package auth

import (
	"net/netip"
	"slices"
	"strings"
)

// ClientAddr returns the address of the client: remote, the peer of the
// connection, unless that is one of our own proxies. Then the X-Forwarded-For
// lines are read from the right, as each proxy appended what it saw, and the
// first address that is not a proxy of ours counts. Whatever stands left of
// that was written by the client and is not believed; a line that cannot be
// read ends the walk.
func ClientAddr(remote netip.Addr, forwarded []string, trusted []netip.Prefix) netip.Addr {
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	at := remote.Unmap().WithZone("")
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && ours(at); i-- {
		hop := strings.TrimSpace(hops[i])
		next, err := netip.ParseAddr(hop)
		if err != nil {
			withPort, err := netip.ParseAddrPort(hop)
			if err != nil {
				return at
			}
			next = withPort.Addr()
		}
		at = next.Unmap().WithZone("")
	}
	return at
}
