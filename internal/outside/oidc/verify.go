package oidc

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
)

// How far the provider's clock and ours may be apart, and how long ago a statement
// may have been made: it is fetched within a second of being made.
const (
	skew    = 60 * time.Second
	oldMost = 5 * time.Minute
)

// claims are what is read beside the subject (OpenID Connect Core 1.0, 2; Front- and
// Back-Channel Logout 1.0 on sid).
type claims struct {
	Party     string  `json:"azp"`
	NotBefore float64 `json:"nbf"`
	Session   string  `json:"sid"`
}

// verify reads the provider's statement. The library checks the signature by the
// provider's published keys, with the algorithms it announced and never none; what
// is compared here is said apart, so that the page can tell what is wrong.
//
// Faults: Denied "auth.provider_token" (unsigned, altered, unreadable),
// "auth.provider_issuer", "auth.provider_audience", "auth.provider_nonce",
// "auth.provider_clock"; Unavailable "auth.provider_down" without its keys.
func (p *Provider) verify(ctx context.Context, found *oidc.Provider, raw, nonce string) (who auth.Identity, session string, err error) {
	var more claims
	said, err := p.signed(ctx, found, raw, &more)
	if err != nil {
		return who, "", err
	}
	now := p.Now()
	switch {
	case said.Subject == "":
		err = p.refuse("auth.provider_token", nil)
	case said.Issuer != p.Issuer:
		err = p.refuse("auth.provider_issuer", nil, "said", said.Issuer)
	case !slices.Contains(said.Audience, p.ClientID), len(said.Audience) > 1 && more.Party == "", more.Party != "" && more.Party != p.ClientID:
		err = p.refuse("auth.provider_audience", nil, "said", said.Audience)
	case said.Nonce != nonce || nonce == "":
		err = p.refuse("auth.provider_nonce", nil)
	case said.Expiry.IsZero() || !now.Before(said.Expiry.Add(skew)),
		said.IssuedAt.After(now.Add(skew)), now.Sub(said.IssuedAt) > oldMost+skew,
		more.NotBefore > float64(now.Add(skew).Unix()):
		err = p.refuse("auth.provider_clock", nil, "apart", now.Sub(said.IssuedAt).Round(time.Second))
	}
	if err != nil {
		return who, "", err
	}
	return auth.Identity{Issuer: p.Issuer, Subject: said.Subject}, more.Session, nil
}

// signed is a statement by the provider's own key, with the claims into which it is read.
func (p *Provider) signed(ctx context.Context, found *oidc.Provider, raw string, into any) (*oidc.IDToken, error) {
	said, err := found.Verifier(&oidc.Config{SkipClientIDCheck: true, SkipIssuerCheck: true, SkipExpiryCheck: true}).Verify(ctx, raw)
	if err != nil && strings.Contains(err.Error(), "fetching keys") { // the library keeps the words only
		slog.Warn("the identity provider's keys could not be read", "issuer", p.Issuer, "err", short(err))
		return nil, down(err)
	}
	if err != nil {
		return nil, p.refuse("auth.provider_token", err)
	}
	if err := said.Claims(into); err != nil {
		return nil, p.refuse("auth.provider_token", err)
	}
	return said, nil
}

// refuse says in the log what a human must look at: nothing of it is the visitor's
// to mend.
func (p *Provider) refuse(code string, err error, with ...any) error {
	if err != nil {
		with = append(with, "err", short(err))
	}
	slog.Warn("a statement of the identity provider was refused", append([]any{"code", code, "issuer", p.Issuer}, with...)...)
	f := fault.New(fault.Denied, code)
	f.Err = err
	return f
}
