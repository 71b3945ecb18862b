package login

import (
	"net/http"
	"strings"
	"time"

	"breakwater/internal/kernel/auth"
)

// The session's cookie. Over TLS its name begins with __Host-, which browsers
// accept only if it is Secure, for the whole path and for this host alone: no
// neighbouring host can plant one (RFC 6265bis, 4.1.3.2). Without TLS, which is
// for localhost, the plain name; over TLS the plain name is not even read.
const (
	cookieTLS   = "__Host-breakwater"
	cookiePlain = "breakwater"
)

// The device's cookie holds no right to anything: it spares who signed in here
// before the brake on guesses at the name. It outlives sessions.
const (
	deviceSuffix = "-device"
	deviceLife   = 180 * 24 * time.Hour
)

func cookieName(secure bool) string {
	if secure {
		return cookieTLS
	}
	return cookiePlain
}

// setCookie hands a begun session to the browser. A person's own and a guard's
// outlive the browser's closing, as phones close it all the time; an officer's
// does not.
func setCookie(w http.ResponseWriter, secure bool, s auth.Session, now time.Time) {
	c := cookie(secure, s.Secret)
	if s.Principal.Role.Personal() || s.Principal.Role == auth.Guard {
		c.Expires, c.MaxAge = s.Expires, int(s.Expires.Sub(now).Seconds())
	}
	http.SetCookie(w, c)
}

// keepProof lets the machine remember whom it has seen sign in.
func keepProof(w http.ResponseWriter, secure bool, proof string) {
	if proof == "" {
		return
	}
	c := cookie(secure, proof)
	c.Name += deviceSuffix
	c.MaxAge = int(deviceLife.Seconds())
	http.SetCookie(w, c)
}

func clearCookie(w http.ResponseWriter, secure bool) {
	c := cookie(secure, "")
	c.MaxAge = -1
	http.SetCookie(w, c)
}

func cookie(secure bool, value string) *http.Cookie {
	return &http.Cookie{Name: cookieName(secure), Value: value, Path: "/", Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// bearer returns the token of an Authorization header, or "".
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
