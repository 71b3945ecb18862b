package login

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
)

func TestSafeNext(t *testing.T) {
	for next, want := range map[string]string{
		"/me": "/me", "/": "", "/desk/claims?after=x": "/desk/claims?after=x", "": "", "me": "", "//evil.example": "", "/\\evil.example": "",
		"https://evil.example/": "", "/\t/evil.example": "", "/sign-in": "", "/sign-out": "", "javascript:alert(1)": "",
		"/a\r\nSet-Cookie: x": "",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("safeNext(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36":                          "Chrome · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 12_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/16A366 MicroMessenger/7.0.10":                      "WeChat · iPhone",
		"Mozilla/5.0 (Linux; Android 9; VOG-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/76 HuaweiBrowser/10 Safari/537.36": "Huawei Browser · Android",
		"curl/8.5.0": "curl", "": "",
	} {
		if got := device(agent); got != want {
			t.Errorf("device(%.40q) = %q, want %q", agent, got, want)
		}
	}
}

// The header of a stranger neither makes a connection secure nor moves it.
func TestProxiesOnly(t *testing.T) {
	l := New(Deps{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct {
		remote, proto string
		secure        bool
		addr          string
	}{
		{"10.1.2.3:99", "https", true, "203.0.113.7"},
		{"10.1.2.3:99", "http", false, "203.0.113.7"},
		{"198.51.100.9:99", "https", false, "198.51.100.9"},
		{"@", "https", false, "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-Proto", c.proto)
		r.Header.Set("X-Forwarded-For", "1.1.1.1, 203.0.113.7")
		if got := l.secure(r); got != c.secure {
			t.Errorf("%v: secure %v", c, got)
		}
		if got := l.Addr(r).String(); got != c.addr {
			t.Errorf("%v: address %s", c, got)
		}
	}
}

func TestCookie(t *testing.T) {
	now := time.Date(2020, 2, 10, 8, 0, 0, 0, time.UTC)
	s := auth.Session{Secret: "ses_x", Expires: now.Add(time.Hour), Principal: auth.Principal{Role: auth.Officer}}
	for _, c := range []struct {
		secure bool
		role   auth.Role
		want   string
	}{
		{true, auth.Officer, "__Host-breakwater=ses_x; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{false, auth.Officer, "breakwater=ses_x; Path=/; HttpOnly; SameSite=Lax"},
		{true, auth.Worker, "__Host-breakwater=ses_x; Path=/; Expires=Mon, 10 Feb 2020 09:00:00 GMT; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"},
	} {
		w := httptest.NewRecorder()
		s.Principal.Role = c.role
		setCookie(w, c.secure, s, now)
		if got := w.Header().Get("Set-Cookie"); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
