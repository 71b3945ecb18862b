package app

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/login"
)

// The measurements are this machine's and the named networks' to read.
func TestFiguresAreNotForEverybody(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	nets := func(list ...string) (out []netip.Prefix) {
		for _, one := range list {
			out = append(out, netip.MustParsePrefix(one))
		}
		return out
	}
	for _, c := range []struct {
		name, remote, forwarded string
		proxies, from           []netip.Prefix
		open                    bool
	}{
		{name: "this machine", remote: "127.0.0.1:9", open: true},
		{name: "this machine, six", remote: "[::1]:9", open: true},
		{name: "its socket", remote: "@", open: true},
		{name: "a neighbour", remote: "192.0.2.7:9"},
		{name: "a named network", remote: "192.0.2.7:9", from: nets("192.0.2.0/24"), open: true},
		{name: "through a proxy here that nobody named", remote: "127.0.0.1:9", forwarded: "198.51.100.1"},
		{name: "through our proxy", remote: "127.0.0.1:9", forwarded: "198.51.100.1", proxies: nets("127.0.0.1/32")},
		{name: "a named network through our proxy", remote: "127.0.0.1:9", forwarded: "192.0.2.7", proxies: nets("127.0.0.1/32"), from: nets("192.0.2.0/24"), open: true},
		{name: "pretending", remote: "198.51.100.1:9", forwarded: "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pages := login.New(login.Deps{Auth: new(auth.Service), Proxies: c.proxies})
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.RemoteAddr = c.remote
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			w := httptest.NewRecorder()
			err := figures(pages.Addr, Config{Proxies: c.proxies, Metrics: c.from}, page)(w, r)
			if open := err == nil && w.Code == http.StatusTeapot; open != c.open || !c.open && fault.KindOf(err) != fault.NotFound {
				t.Errorf("open %v, want %v: %v", open, c.open, err)
			}
		})
	}
}
