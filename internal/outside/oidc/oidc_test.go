package oidc

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/outside/oidc/oidctest"
)

const back = "http://localhost:9999/sign-in/provider/back"

func challenge() auth.Challenge {
	return auth.Challenge{State: "state-1", Nonce: "nonce-1", Verifier: "a-verifier-of-forty-three-characters-or-more-", Back: back}
}

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Kind != kind || f.Code != code {
		t.Fatalf("%v, want %s %s", err, kind, code)
	}
}

func at(p *oidctest.Provider, now clock.Clock) Config {
	return Config{Issuer: p.Issuer, ClientID: oidctest.ClientID, Secret: oidctest.Secret, Label: "The district", Now: now}
}

// The whole flow with a provider that other people wrote: who signed in there is who
// we are told, once, and only with the verifier that began it.
func TestRealProvider(t *testing.T) {
	op := oidctest.New(t, back)
	p, ctx := New(at(op, clock.Wall)), t.Context()
	enter := func(c auth.Challenge, subject string) string {
		t.Helper()
		to, err := p.Ask(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(to)
		if q := u.Query(); err != nil || q.Get("code_challenge_method") != "S256" || q.Get("nonce") != c.Nonce || q.Get("scope") != "openid" || (q.Get("prompt") == "login") != c.Fresh {
			t.Fatalf("%s %v", to, err)
		}
		home := op.SignIn(t, to, subject)
		if home.Query().Get("state") != c.State {
			t.Fatalf("sent back to %s", home)
		}
		return home.Query().Get("code")
	}
	code := enter(challenge(), oidctest.One)
	who, _, err := p.Answer(ctx, code, challenge())
	if d := cmp.Diff(auth.Identity{Issuer: op.Issuer, Subject: oidctest.One}, who); d != "" || err != nil {
		t.Fatal(d, err)
	}
	_, _, err = p.Answer(ctx, code, challenge())
	wantCode(t, err, fault.Denied, "auth.provider_code")

	other := challenge()
	other.Verifier = "another-verifier-of-forty-three-characters-or"
	_, _, err = p.Answer(ctx, enter(challenge(), oidctest.One), other)
	wantCode(t, err, fault.Denied, "auth.provider_code")

	nonce := challenge()
	nonce.Nonce = "nonce-2"
	_, _, err = p.Answer(ctx, enter(challenge(), oidctest.One), nonce)
	wantCode(t, err, fault.Denied, "auth.provider_nonce")

	fresh := challenge()
	fresh.Fresh = true
	if who, _, err = p.Answer(ctx, enter(fresh, oidctest.Other), fresh); err != nil || who.Subject != oidctest.Other {
		t.Fatal(who, err)
	}

	stranger := at(op, clock.Wall)
	stranger.Secret = "guessed"
	_, _, err = New(stranger).Answer(ctx, enter(challenge(), oidctest.One), challenge())
	wantCode(t, err, fault.Denied, "auth.provider_client")
}

// A provider that is away is asked again after a pause, is found once it is there,
// and what was known of it outlives an absence.
func TestAway(t *testing.T) {
	op := oidctest.New(t, back)
	hand := clock.NewHand(time.Now())
	c := at(op, hand.Now)
	c.Issuer = "http://127.0.0.1:1"
	p := New(c)
	_, err := p.Ask(t.Context(), challenge())
	wantCode(t, err, fault.Unavailable, "auth.provider_down")
	p.Issuer = op.Issuer
	_, err = p.Ask(t.Context(), challenge())
	wantCode(t, err, fault.Unavailable, "auth.provider_down")
	hand.Add(awayFor)
	if _, err = p.Ask(t.Context(), challenge()); err != nil {
		t.Fatal(err)
	}
	op.Stop()
	hand.Add(2 * knownFor)
	if _, err = p.Ask(t.Context(), challenge()); err != nil {
		t.Fatal("what was known is forgotten:", err)
	}
	_, _, err = p.Answer(t.Context(), "code", challenge())
	wantCode(t, err, fault.Unavailable, "auth.provider_down")
}
