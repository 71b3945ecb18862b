package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
)

// Each word is right but for one thing.
func TestForgedDepartures(t *testing.T) {
	now := time.Date(2020, 2, 10, 8, 0, 0, 0, time.UTC)
	sec := func(d time.Duration) int64 { return now.Add(d).Unix() }
	strange, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bend func(f *forger)
		kind fault.Kind
		code string // "" is taken
	}{
		"as it should be":        {func(*forger) {}, 0, ""},
		"of all sessions":        {func(f *forger) { delete(f.claims, "sid") }, 0, ""},
		"of one session alone":   {func(f *forger) { delete(f.claims, "sub") }, 0, ""},
		"of nobody":              {func(f *forger) { delete(f.claims, "sub"); delete(f.claims, "sid") }, fault.Denied, "auth.provider_departure"},
		"an identity statement":  {func(f *forger) { f.claims["nonce"] = "nonce-1"; delete(f.claims, "events") }, fault.Denied, "auth.provider_departure"},
		"with a nonce":           {func(f *forger) { f.claims["nonce"] = "" }, fault.Denied, "auth.provider_departure"},
		"no event":               {func(f *forger) { delete(f.claims, "events") }, fault.Denied, "auth.provider_departure"},
		"another event":          {func(f *forger) { f.claims["events"] = map[string]any{"http://example/other": map[string]any{}} }, fault.Denied, "auth.provider_departure"},
		"an event without shape": {func(f *forger) { f.claims["events"] = map[string]any{departedEvent: nil} }, fault.Denied, "auth.provider_departure"},
		"an event as a word":     {func(f *forger) { f.claims["events"] = map[string]any{departedEvent: "yes"} }, fault.Denied, "auth.provider_departure"},
		"without an id":          {func(f *forger) { delete(f.claims, "jti") }, fault.Denied, "auth.provider_departure"},
		"another issuer":         {func(f *forger) { f.claims["iss"] = "https://evil.example" }, fault.Denied, "auth.provider_issuer"},
		"another audience":       {func(f *forger) { f.claims["aud"] = "another" }, fault.Denied, "auth.provider_audience"},
		"said an hour ago":       {func(f *forger) { f.claims["iat"] = sec(-time.Hour) }, fault.Denied, "auth.provider_clock"},
		"said in the future":     {func(f *forger) { f.claims["iat"] = sec(61 * time.Second) }, fault.Denied, "auth.provider_clock"},
		"without a time":         {func(f *forger) { delete(f.claims, "iat") }, fault.Denied, "auth.provider_clock"},
		"ended 61 s ago":         {func(f *forger) { f.claims["exp"] = sec(-61 * time.Second) }, fault.Denied, "auth.provider_clock"},
		"another's signature":    {func(f *forger) { f.key = strange }, fault.Denied, "auth.provider_token"},
		"unsigned":               {func(f *forger) { f.alg = "none" }, fault.Denied, "auth.provider_token"},
		"signed by the secret":   {func(f *forger) { f.alg = "HS256" }, fault.Denied, "auth.provider_token"},
		"keys away":              {func(f *forger) { f.keysStatus = http.StatusBadGateway }, fault.Unavailable, "auth.provider_down"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			f.claims = map[string]any{
				"iss": f.url, "sub": "s-1", "sid": "sid-1", "aud": "us", "iat": sec(0), "exp": sec(2 * time.Minute), "jti": "j-1",
				"events": map[string]any{departedEvent: map[string]any{}},
			}
			c.bend(f)
			p := New(Config{Issuer: f.url, ClientID: "us", Secret: "s", Now: clock.NewHand(now).Now})
			got, err := p.Departed(t.Context(), f.token())
			if c.code != "" {
				wantCode(t, err, c.kind, c.code)
				return
			}
			sub, _ := f.claims["sub"].(string)
			sid, _ := f.claims["sid"].(string)
			want := auth.Departure{ID: "j-1", Identity: auth.Identity{Issuer: f.url, Subject: sub}, Session: sid, Until: now.Add(7 * time.Minute)}
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Fatal(d, err)
			}
		})
	}
}
