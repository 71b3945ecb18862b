package oidc

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"breakwater/internal/kernel/auth"
)

// departedEvent names the event a logout token must hold, as an object.
const departedEvent = "http://schemas.openid.net/event/backchannel-logout"

// departure is what is read of a logout token beside issuer, audience and subject
// (OpenID Connect Back-Channel Logout 1.0, 2.4).
type departure struct {
	ID      string                     `json:"jti"`
	Session string                     `json:"sid"`
	Events  map[string]json.RawMessage `json:"events"`
	Nonce   *json.RawMessage           `json:"nonce"`
}

// Departed reads the provider's word that somebody is signed in there no more, as
// section 2.6 asks. A word that holds a nonce is refused, whatever the nonce: a
// statement of who somebody is must not pass for one that they left. Whether the same
// word came before is the caller's to know.
//
// Faults: Denied as verify, and "auth.provider_departure" for what is no such word;
// Unavailable "auth.provider_down".
func (p *Provider) Departed(ctx context.Context, word string) (auth.Departure, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return auth.Departure{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), wholeMost)
	defer cancel()
	var more departure
	said, err := p.signed(ctx, found, word, &more)
	if err != nil {
		return auth.Departure{}, err
	}
	var event map[string]json.RawMessage
	now := p.Now()
	switch {
	case said.Issuer != p.Issuer:
		err = p.refuse("auth.provider_issuer", nil, "said", said.Issuer)
	case !slices.Contains(said.Audience, p.ClientID):
		err = p.refuse("auth.provider_audience", nil, "said", said.Audience)
	case said.IssuedAt.IsZero(), said.IssuedAt.After(now.Add(skew)), now.Sub(said.IssuedAt) > oldMost+skew,
		!said.Expiry.IsZero() && !now.Before(said.Expiry.Add(skew)):
		err = p.refuse("auth.provider_clock", nil, "apart", now.Sub(said.IssuedAt).Round(time.Second))
	case more.Nonce != nil, more.ID == "", said.Subject == "" && more.Session == "",
		json.Unmarshal(more.Events[departedEvent], &event) != nil || event == nil:
		err = p.refuse("auth.provider_departure", nil)
	}
	if err != nil {
		return auth.Departure{}, err
	}
	return auth.Departure{
		ID: more.ID, Identity: auth.Identity{Issuer: p.Issuer, Subject: said.Subject}, Session: more.Session,
		Until: said.IssuedAt.Add(oldMost + 2*skew),
	}, nil
}
