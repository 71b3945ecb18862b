package login

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/ui"
)

// Deps is what the pages stand on. Home says where a principal begins; Place
// names a scope for a person to read, and may be nil. Parks are the parks a firm may
// say it works in, in a language; nil for none.
type Deps struct {
	Auth    *auth.Service
	Now     clock.Clock
	Proxies []netip.Prefix // whose X-Forwarded-For and X-Forwarded-Proto are believed
	Home    func(auth.Principal) string
	Place   func(context.Context, auth.Scope) (string, error)
	Parks   func(ctx context.Context, lang string) ([]ui.Option, error)
	Public  string // how people reach the program, if the operator said so

	Know time.Duration // how long to look for who asks; five seconds if not given
}

// Pages are the pages and the middleware. They hold no state of their own.
type Pages struct{ Deps }

// New returns the pages.
func New(d Deps) *Pages { return &Pages{d} }

// client is who is at the other end, for counting tries.
func (l *Pages) client(r *http.Request) auth.Client {
	c := auth.Client{Addr: l.Addr(r), Device: device(r.UserAgent())}
	if proof, err := r.Cookie(cookieName(l.secure(r)) + deviceSuffix); err == nil {
		c.Proof = proof.Value
	}
	return c
}

// Addr is the client's address, seen through our own proxies only.
func (l *Pages) Addr(r *http.Request) netip.Addr {
	return auth.ClientAddr(peer(r), r.Header.Values("X-Forwarded-For"), l.Proxies)
}

func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // a Unix socket: the machine itself, counted as one
	}
	return at.Addr()
}

// secure is whether the browser speaks TLS, to us or to a proxy of ours.
func (l *Pages) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return l.through(peer(r), r.Header.Get("X-Forwarded-Proto"))
}

// through is whether a proxy of ours says that it was asked over TLS.
func (l *Pages) through(at netip.Addr, proto string) bool {
	at = at.Unmap()
	for _, p := range l.Proxies {
		if p.Contains(at) {
			return proto == "https"
		}
	}
	return false
}

// home is where to go after signing in.
func (l *Pages) home(p auth.Principal, next string) string {
	if to := safeNext(next); to != "" {
		return to
	}
	if l.Home != nil {
		if to := l.Home(p); to != "" {
			return to
		}
	}
	return "/me"
}
