package login

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/lane"
)

type principalKey struct{}

// With puts who asks into a context.
func With(ctx context.Context, p auth.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns who asks; the zero Principal is nobody.
func From(ctx context.Context) auth.Principal {
	p, _ := ctx.Value(principalKey{}).(auth.Principal)
	return p
}

// Recall is Authenticate for the lane: a token or a session that is known in memory.
func (l *Pages) Recall(h *lane.Head, cookies []*http.Cookie) (auth.Principal, bool) {
	value, once := h.Get("authorization")
	proto, once1 := h.Get("x-forwarded-proto")
	if !once || !once1 {
		return auth.Principal{}, false
	}
	if value != nil {
		kind, token, ok := bytes.Cut(value, []byte(" "))
		if !ok || !bytes.EqualFold(kind, []byte("Bearer")) {
			return auth.Principal{}, false
		}
		return l.Auth.Recall(bytes.TrimSpace(token), nil)
	}
	name := cookieName(l.through(h.Peer, string(proto)))
	for _, c := range cookies {
		if c.Name == name {
			return l.Auth.Recall(nil, []byte(c.Value))
		}
	}
	return auth.Principal{}, false
}

// knowMost is how long to look for who asks: a route's own time begins only after it.
const knowMost = 5 * time.Second

func (l *Pages) who(r *http.Request, token, secret string) (auth.Principal, error) {
	ctx, cancel := context.WithTimeout(r.Context(), cmp.Or(l.Know, knowMost))
	defer cancel()
	return l.Auth.Authenticate(ctx, token, secret)
}

// Authenticate finds out who asks, by bearer token or by cookie, and calls next
// with the answer in the context. A cookie that is over is removed and its
// bearer goes on as nobody; a token that is over is given to fail, which refuses
// it wherever who asks matters: a program would otherwise take the public answer
// for its own.
func (l *Pages) Authenticate(next http.Handler, fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure, secret := l.secure(r), ""
		if c, err := r.Cookie(cookieName(secure)); err == nil {
			secret = c.Value
		}
		token := bearer(r)
		if token == "" && secret == "" {
			next.ServeHTTP(w, r)
			return
		}
		p, err := l.who(r, token, secret)
		switch {
		case err == nil:
			r = r.WithContext(With(r.Context(), p))
			w.Header().Set("Cache-Control", "no-store") // a handler may say otherwise
		case fault.KindOf(err) != fault.Unauthenticated || token != "":
			fail(w, r, err)
			return
		default:
			clearCookie(w, secure)
		}
		next.ServeHTTP(w, r)
	})
}
