package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/outside/oidc"
	"breakwater/internal/outside/oidc/oidctest"
)

const backThere = "/sign-in/provider/back"

func provider(op *oidctest.Provider) *oidc.Provider {
	return oidc.New(oidc.Config{Issuer: op.Issuer, ClientID: oidctest.ClientID, Secret: oidctest.Secret, Label: "Haiwan ID", Now: clock.Wall})
}

// home is the address at our site to which the provider sent the browser.
func home(t *testing.T, u *url.URL) string {
	t.Helper()
	if !strings.HasPrefix(u.String(), public+backThere+"?") {
		t.Fatalf("sent to %s", u)
	}
	return u.RequestURI()
}

func sessionOf(a answer) string {
	for _, c := range a.header.Values("Set-Cookie") {
		if strings.HasPrefix(c, "breakwater=ses_") {
			return c
		}
	}
	return ""
}

// A stranger, a link, a way in, an end: over real HTTP with a provider that others
// wrote.
func TestProvider(t *testing.T) {
	op := oidctest.New(t, public+backThere)
	onBothBy(t, provider(op), func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		b := h.browser(t)
		want(t, b.get(t, "/sign-in?next=/me"), 200, "Sign in by Haiwan ID", `href="/sign-in/provider?next=%2Fme"`)
		go1 := func(b *browser, subject string) answer {
			t.Helper()
			out := b.get(t, "/sign-in/provider?next=/me")
			want(t, out, 303)
			if c := out.header.Get("Set-Cookie"); !strings.HasPrefix(c, "breakwater-provider=") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Max-Age=300") {
				t.Errorf("cookie %s", c)
			}
			return b.get(t, home(t, op.SignIn(t, out.location, subject)))
		}
		stranger := go1(b, oidctest.One)
		want(t, stranger, 403, "no account here is linked to you yet", "<code class=\"block\">id1</code>", `name="password"`, `value="/me"`)
		if sessionOf(stranger) != "" || strings.Contains(stranger.body, "code=") {
			t.Errorf("a stranger is in, or the code is in the page: %s", stranger.body)
		}

		// The holder links the account, asked anew who it is.
		want(t, b.post(t, "/sign-in", "login", "gao", "password", secret), 303)
		want(t, b.get(t, "/me"), 200, "Link to Haiwan ID")
		leave := b.post(t, "/me/provider/begin")
		want(t, leave, 200, "Prove there who you are", op.Issuer, "prompt=login")
		to := leave.body[strings.Index(leave.body, `href="`+op.Issuer)+len(`href="`):]
		to = strings.ReplaceAll(to[:strings.IndexByte(to, '"')], "&amp;", "&")
		want(t, b.get(t, home(t, op.SignIn(t, to, oidctest.One))), 303, "/me#provider")
		want(t, b.get(t, "/me"), 200, "This account is linked", "not used yet", "/me/provider/unlink")
		want(t, b.post(t, "/me/provider/begin"), 409, "End that link first")
		want(t, b.send(t, "/me/provider/begin", `{}`), 409, "auth.identity_linked")

		in := go1(h.browser(t), oidctest.One)
		want(t, in, 303, "/me")
		if sessionOf(in) == "" {
			t.Errorf("no session: %v", in.header)
		}
		want(t, go1(h.browser(t), oidctest.Other), 403, "id2")

		// Signing out ends our session alone; unlinking shuts this door alone.
		want(t, b.post(t, "/sign-out"), 303, "/sign-in")
		want(t, go1(b, oidctest.One), 303, "/me")
		want(t, b.post(t, "/me/provider/unlink"), 303, "/me#provider")
		want(t, b.get(t, "/me"), 200, "The link has ended", "Link to Haiwan ID")
		want(t, b.post(t, "/me/provider/unlink"), 404, "is not linked")
		want(t, go1(h.browser(t), oidctest.One), 403)
		want(t, b.post(t, "/sign-in", "login", "gao", "password", secret), 303)
	})
}

// What is led to a browser that asked nothing, or comes twice, opens nothing.
func TestProviderAnswersOnce(t *testing.T) {
	op := oidctest.New(t, public+backThere)
	onBothBy(t, provider(op), func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		if err := h.auth.BindIdentity(t.Context(), auth.Operator(), "gao", auth.Identity{Issuer: op.Issuer, Subject: oidctest.One}); err != nil {
			t.Fatal(err)
		}
		b, victim := h.browser(t), h.browser(t)
		out := b.get(t, "/sign-in/provider")
		came := home(t, op.SignIn(t, out.location, oidctest.One))
		want(t, victim.get(t, came), 403, "does not belong to a sign-in that was begun in this browser")
		want(t, b.get(t, strings.Replace(came, "state=", "state=x", 1)), 403, "does not belong")
		want(t, b.get(t, came), 403, "does not belong") // the first wrong answer ended it

		out = b.get(t, "/sign-in/provider")
		cookies := b.Jar.Cookies(must(url.Parse(h.url))(t))
		came = home(t, op.SignIn(t, out.location, oidctest.One))
		want(t, b.get(t, came), 303, "/desk/claims")
		u := must(url.Parse(h.url))(t)
		twice := h.browser(t)
		twice.Jar.SetCookies(u, cookies)
		want(t, twice.get(t, came), 403, "does not take the code")
		want(t, b.get(t, backThere+"?error=access_denied"), 403, "does not belong")
		out = twice.get(t, "/sign-in/provider")
		state := must(url.Parse(out.location))(t).Query().Get("state")
		want(t, twice.get(t, backThere+"?error=access_denied&state="+state), 403, "you did not go on")
		want(t, twice.do(t, http.MethodGet, backThere, nil, `{}`, ""), 403, `"code":"auth.provider_again"`)
	})
}

// Who signs out at the provider is signed out here, by the provider's signed word over
// real HTTP; a word that was forged, or came before, ends nothing.
func TestProviderDeparture(t *testing.T) {
	op := oidctest.New(t, public+backThere)
	onBothBy(t, provider(op), func(t *testing.T, h *house) {
		const ended = "/sign-in/provider/ended"
		h.add(t, "gao", auth.Officer, auth.District(district))
		if err := h.auth.BindIdentity(t.Context(), auth.Operator(), "gao", auth.Identity{Issuer: op.Issuer, Subject: oidctest.One}); err != nil {
			t.Fatal(err)
		}
		come := func() *browser {
			t.Helper()
			b := h.browser(t)
			out := b.get(t, "/sign-in/provider?next=/me")
			want(t, b.get(t, home(t, op.SignIn(t, out.location, oidctest.One))), 303, "/me")
			want(t, b.get(t, "/me"), 200)
			return b
		}
		b, machine := come(), h.browser(t)
		word := op.Departed(t, oidctest.One, "j-1")
		head, tail, _ := strings.Cut(word, ".")
		for _, bad := range []string{"", "nothing", word + "x", head + "." + strings.Replace(tail, "a", "b", 1), op.Departed(t, oidctest.One, "")} {
			want(t, machine.post(t, ended, "logout_token", bad), 400, `"error":"invalid_request"`)
		}
		want(t, machine.post(t, ended, "logout_token", op.Departed(t, oidctest.Other, "j-0")), 200)
		want(t, b.get(t, "/me"), 200)
		taken := machine.post(t, ended, "logout_token", word)
		want(t, taken, 200)
		if c := taken.header.Get("Cache-Control"); !strings.Contains(c, "no-store") {
			t.Errorf("kept by caches: %q", c)
		}
		want(t, b.get(t, "/me"), 303, "/sign-in")
		b = come()
		want(t, machine.post(t, ended, "logout_token", word), 400, "auth.provider_again")
		want(t, b.get(t, "/me"), 200)
		want(t, machine.send(t, ended, `{"logout_token":"`+op.Departed(t, oidctest.One, "j-2")+`"}`), 200)
		want(t, b.get(t, "/me"), 303, "/sign-in")
	})
}

// A provider that is away shuts its own door and no other.
func TestProviderAway(t *testing.T) {
	op := oidctest.New(t, public+backThere)
	op.Stop()
	onBothBy(t, provider(op), func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		b := h.browser(t)
		want(t, b.get(t, "/sign-in"), 200, "Sign in by Haiwan ID")
		away := b.get(t, "/sign-in/provider?next=/me")
		want(t, away, 503, "does not answer just now", "your password or a passkey", `name="password"`, `value="/me"`)
		want(t, b.post(t, "/sign-in", "login", "gao", "password", secret, "next", "/me"), 303, "/me")
		want(t, b.post(t, "/me/provider/begin"), 503, "does not answer just now", "/me/password")
		u := must(url.Parse(h.url))(t)
		b.Jar.SetCookies(u, []*http.Cookie{{Name: "lang", Value: "zh-Hans"}})
		want(t, b.get(t, "/sign-in/provider"), 503, "统一身份认证暂时没有应答")
		want(t, b.get(t, "/me"), 200, "关联Haiwan ID")
	})
}
