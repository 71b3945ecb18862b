// Package oidctest runs a real OpenID provider beside a test: the example server of
// another project's library, with its own store, keys and page for signing in.
//
// It refuses to bend an answer; for answers that no honest provider gives, a test
// forges its own.
package oidctest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// ClientID and Secret are what the provider knows the program by.
const (
	ClientID = "breakwater"
	Secret   = "buoy-and-bell"
	password = "verysecure" // of its people, as the example has them
)

// The subjects of the provider's two people.
const (
	One   = "id1"
	Other = "id2"
)

// Provider is one that runs until it is stopped.
type Provider struct {
	Issuer string
	client atomic.Pointer[storage.Client]
	people storage.UserStore
	store  *storage.Storage
	server *httptest.Server
}

// shelf is the example's store with one client of our own, so that no test shares
// the example's list of clients.
type shelf struct {
	*storage.Storage
	client *atomic.Pointer[storage.Client]
}

// GetClientByClientID implements op.Storage.
func (s shelf) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, errors.New("unknown client")
	}
	return s.client.Load(), nil
}

// AuthorizeClientIDSecret implements op.Storage.
func (s shelf) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != ClientID || secret != Secret {
		return errors.New("invalid client")
	}
	return nil
}

// New starts a provider that sends browsers back to these addresses, until the test
// ends.
func New(t testing.TB, back ...string) *Provider {
	t.Helper()
	p := Start(back...)
	t.Cleanup(p.Stop)
	return p
}

// Start is New without a test: whoever calls it stops it.
func Start(back ...string) *Provider {
	var routes http.Handler
	p := &Provider{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { routes.ServeHTTP(w, r) }))
	p.Issuer = p.server.URL
	p.people = storage.NewUserStore(p.Issuer)
	p.store = storage.NewStorage(p.people)
	p.SendBack(back...)
	routes = exampleop.SetupServer(p.Issuer, shelf{p.store, &p.client}, nil, false)
	return p
}

// SendBack replaces the addresses to which browsers are sent back: a program may be
// told its provider before it knows its own address.
func (p *Provider) SendBack(to ...string) { p.client.Store(storage.WebClient(ClientID, Secret, to...)) }

// Person is what one of the provider's people types on its page.
func (p *Provider) Person(subject string) (name, pass string) {
	return p.people.GetUserByID(subject).Username, password
}

// Stop takes the provider away.
func (p *Provider) Stop() { p.server.Close() }

// SignIn follows the address a program sent the browser to, signs in there as one of
// the provider's people, and returns the address the browser is sent back to.
func (p *Provider) SignIn(t testing.TB, to, subject string) *url.URL {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	step := func(r *http.Request, err error) *url.URL {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		next, err := resp.Location()
		if err != nil {
			t.Fatalf("the provider answered %s and sends the browser nowhere", resp.Status)
		}
		return next
	}
	form := step(http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil))
	if !strings.HasPrefix(form.String(), p.Issuer) {
		return form // refused before anybody was asked
	}
	said := url.Values{"id": {form.Query().Get("authRequestID")}, "username": {p.people.GetUserByID(subject).Username}, "password": {password}}
	sent, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Issuer+"/login/username", strings.NewReader(said.Encode()))
	if err == nil {
		sent.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return step(http.NewRequestWithContext(t.Context(), http.MethodGet, step(sent, err).String(), nil))
}

// Departed is Word, in a test.
func (p *Provider) Departed(t testing.TB, subject, id string) string {
	t.Helper()
	word, err := p.Word(t.Context(), subject, id)
	if err != nil {
		t.Fatal(err)
	}
	return word
}

// Word is the provider's, signed by its own key, that one of its people signed out
// there; id is the word's own.
func (p *Provider) Word(ctx context.Context, subject, id string) (string, error) {
	key, err := p.store.SigningKey(ctx)
	if err != nil {
		return "", err
	}
	signer, err := op.SignerFromKey(key)
	if err != nil {
		return "", err
	}
	now := time.Now()
	said, err := json.Marshal(map[string]any{
		"iss": p.Issuer, "aud": ClientID, "sub": subject, "jti": id, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(said)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
