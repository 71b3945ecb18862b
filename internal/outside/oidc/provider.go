package oidc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
)

// Config is the provider as the operator names it. Secret may be empty where the
// provider takes a public client: PKCE stands either way.
type Config struct {
	Issuer, ClientID, Secret string
	Label                    string // as people here know it; "" is the issuer's host
	Now                      clock.Clock
}

// How long an answer may take, how much of it is read, how long what the provider
// said of itself holds, and how long one that is away is left alone.
const (
	callMost  = 4 * time.Second
	wholeMost = 8 * time.Second
	bytesMost = 1 << 20
	knownFor  = time.Hour
	awayFor   = 10 * time.Second
)

// Provider implements auth.Identities. It is safe for concurrent use.
type Provider struct {
	Config
	client *http.Client

	mu     sync.Mutex
	known  *oidc.Provider
	asked  time.Time // when known was read
	failed time.Time // when it could last not be read
	why    error
}

// New returns the provider and asks it nothing yet.
func New(c Config) *Provider {
	return &Provider{Config: c, client: &http.Client{
		Timeout: callMost, Transport: bounded{http.DefaultTransport},
		// None of the three addresses we ask is one that moves, and a moved token
		// address would be told the secret.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Name is what people here call the provider.
func (p *Provider) Name() string { return p.Label }

// Identifier is the issuer, by which subjects are told apart.
func (p *Provider) Identifier() string { return p.Issuer }

// Ask returns where the browser goes to prove who is before it.
//
// Faults: Unavailable "auth.provider_down", Denied "auth.provider_issuer".
func (p *Provider) Ask(ctx context.Context, c auth.Challenge) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(c.Nonce), oauth2.S256ChallengeOption(c.Verifier)}
	if c.Fresh {
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return p.flow(found, c.Back).AuthCodeURL(c.State, opts...), nil
}

// Answer turns the code the browser brought back into who the provider says it is.
//
// Faults: Unavailable "auth.provider_down"; Denied "auth.provider_code" for a code
// the provider does not take (it was used, or is old), and as verify says.
func (p *Provider) Answer(ctx context.Context, code string, c auth.Challenge) (who auth.Identity, session string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return who, "", err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), wholeMost)
	defer cancel()
	got, err := p.flow(found, c.Back).Exchange(ctx, code, oauth2.VerifierOption(c.Verifier))
	if err != nil {
		return who, "", exchangeFault(err)
	}
	raw, _ := got.Extra("id_token").(string)
	return p.verify(ctx, found, raw, c.Nonce)
}

func (p *Provider) flow(found *oidc.Provider, back string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: back, Scopes: []string{oidc.ScopeOpenID}}
}

// discover is what the provider says of itself. Whoever comes while it is being
// asked waits for that answer; one who leaves does not spoil it for the others.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	if p.known != nil && now.Sub(p.asked) < knownFor {
		return p.known, nil
	}
	if now.Sub(p.failed) < awayFor {
		return p.known, p.why
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(context.WithoutCancel(ctx), p.client), callMost)
	defer cancel()
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err == nil {
		p.known, p.asked, p.why = found, now, nil
		return found, nil
	}
	slog.Warn("the identity provider could not be looked up", "issuer", p.Issuer, "err", short(err))
	// What was known an hour ago is better than a shut door.
	if p.failed, p.why = now, nil; p.known == nil {
		p.why = down(err)
		if errors.As(err, new(*oidc.IssuerMismatchError)) {
			p.why = fault.Wrap(err, fault.Denied, "auth.provider_issuer")
		}
	}
	return p.known, p.why
}

// exchangeFault tells a code the provider refused from a provider that is away or
// does not know us.
func exchangeFault(err error) error {
	var said *oauth2.RetrieveError
	if !errors.As(err, &said) || said.Response == nil || said.Response.StatusCode >= 500 {
		slog.Warn("the identity provider did not answer for a code", "err", short(err))
		return down(err)
	}
	if said.ErrorCode == "invalid_grant" {
		return fault.New(fault.Denied, "auth.provider_code")
	}
	slog.Warn("the identity provider refused this program", "status", said.Response.StatusCode, "error", said.ErrorCode)
	return fault.New(fault.Denied, "auth.provider_client")
}

func down(err error) error { return fault.Wrap(err, fault.Unavailable, "auth.provider_down") }

// short is an error for the log: one that repeats the provider's page is cut.
func short(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), 300)])
}

// bounded reads at most bytesMost of any answer.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, bytesMost), resp.Body}
	}
	return resp, err
}
