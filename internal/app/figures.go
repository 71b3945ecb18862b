package app

import (
	"net/http"
	"net/netip"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/web"
)

// figures shows the program's measurements to this machine and to the networks
// the operator named; to others the page is not there. addr is the client as seen
// through our own proxies. A request that a proxy passed on without being one of
// ours counts as from outside, though it comes from this machine.
func figures(addr func(*http.Request) netip.Addr, c Config, page http.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		at := addr(r).Unmap()
		near := !at.IsValid() || at.IsLoopback() // a socket of the machine has no address
		if len(c.Proxies) == 0 && (r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" || r.Header.Get("Via") != "") {
			near = false
		}
		if !near && !slices.ContainsFunc(c.Metrics, func(p netip.Prefix) bool { return p.Contains(at) }) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		page.ServeHTTP(w, r)
		return nil
	}
}
