package oidc

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
)

// forger answers what no honest provider does.
type forger struct {
	url          string
	key, printed *rsa.PrivateKey
	issuer       string // as discovery names it; "" is url
	alg          string
	claims       map[string]any
	keysStatus   int
	tokenStatus  int
}

func newForger(t *testing.T) *forger {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{key: key, printed: key, alg: "RS256", keysStatus: http.StatusOK, tokenStatus: http.StatusOK}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

func (f *forger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	issuer := f.issuer
	if issuer == "" {
		issuer = f.url
	}
	w.Header().Set("Content-Type", "application/json")
	var out any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		out = map[string]any{
			"issuer": issuer, "authorization_endpoint": f.url + "/auth", "token_endpoint": f.url + "/token", "jwks_uri": f.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
	case "/keys":
		w.WriteHeader(f.keysStatus)
		out = map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k", "n": text(f.printed.N.Bytes()), "e": text(big.NewInt(int64(f.printed.E)).Bytes()),
		}}}
	case "/token":
		w.WriteHeader(f.tokenStatus)
		out = map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": f.token()}
	}
	_ = json.NewEncoder(w).Encode(out) // a test's client does not leave
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (f *forger) token() string {
	head, _ := json.Marshal(map[string]string{"alg": f.alg, "kid": "k", "typ": "JWT"})
	body, _ := json.Marshal(f.claims)
	signed := text(head) + "." + text(body)
	if f.alg == "none" {
		return signed + "."
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, f.key, crypto.SHA256, sum[:])
	if err != nil {
		return err.Error()
	}
	return signed + "." + text(sig)
}

// Each answer is right but for one thing.
func TestForgedAnswers(t *testing.T) {
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
		"as it should be":       {func(*forger) {}, 0, ""},
		"our clock 59 s behind": {func(f *forger) { f.claims["iat"], f.claims["nbf"] = sec(59*time.Second), sec(59*time.Second) }, 0, ""},
		"our clock 61 s behind": {func(f *forger) { f.claims["iat"] = sec(61 * time.Second) }, fault.Denied, "auth.provider_clock"},
		"not before 61 s":       {func(f *forger) { f.claims["nbf"] = sec(61 * time.Second) }, fault.Denied, "auth.provider_clock"},
		"ended 59 s ago":        {func(f *forger) { f.claims["exp"] = sec(-59 * time.Second) }, 0, ""},
		"ended 61 s ago":        {func(f *forger) { f.claims["exp"] = sec(-61 * time.Second) }, fault.Denied, "auth.provider_clock"},
		"without an end":        {func(f *forger) { delete(f.claims, "exp") }, fault.Denied, "auth.provider_clock"},
		"said an hour ago":      {func(f *forger) { f.claims["iat"] = sec(-time.Hour) }, fault.Denied, "auth.provider_clock"},
		"another nonce":         {func(f *forger) { f.claims["nonce"] = "nonce-2" }, fault.Denied, "auth.provider_nonce"},
		"no nonce":              {func(f *forger) { delete(f.claims, "nonce") }, fault.Denied, "auth.provider_nonce"},
		"another issuer":        {func(f *forger) { f.claims["iss"] = "https://evil.example" }, fault.Denied, "auth.provider_issuer"},
		"another audience":      {func(f *forger) { f.claims["aud"] = "another" }, fault.Denied, "auth.provider_audience"},
		"for many, ours by azp": {func(f *forger) { f.claims["aud"], f.claims["azp"] = []string{"another", "us"}, "us" }, 0, ""},
		"for many, not by azp":  {func(f *forger) { f.claims["aud"] = []string{"another", "us"} }, fault.Denied, "auth.provider_audience"},
		"another's by azp":      {func(f *forger) { f.claims["azp"] = "another" }, fault.Denied, "auth.provider_audience"},
		"nobody":                {func(f *forger) { delete(f.claims, "sub") }, fault.Denied, "auth.provider_token"},
		"another's signature":   {func(f *forger) { f.key = strange }, fault.Denied, "auth.provider_token"},
		"unsigned":              {func(f *forger) { f.alg = "none" }, fault.Denied, "auth.provider_token"},
		"signed by the secret":  {func(f *forger) { f.alg = "HS256" }, fault.Denied, "auth.provider_token"},
		"discovery of another":  {func(f *forger) { f.issuer = "https://evil.example" }, fault.Denied, "auth.provider_issuer"},
		"keys away":             {func(f *forger) { f.keysStatus = http.StatusBadGateway }, fault.Unavailable, "auth.provider_down"},
		"token address away":    {func(f *forger) { f.tokenStatus = http.StatusBadGateway }, fault.Unavailable, "auth.provider_down"},
		"token address moved":   {func(f *forger) { f.tokenStatus = http.StatusTemporaryRedirect }, fault.Denied, "auth.provider_client"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForger(t)
			f.claims = map[string]any{"iss": f.url, "sub": "s-1", "aud": "us", "nonce": "nonce-1", "iat": sec(0), "exp": sec(5 * time.Minute)}
			c.bend(f)
			p := New(Config{Issuer: f.url, ClientID: "us", Secret: "s", Now: clock.NewHand(now).Now})
			who, _, err := p.Answer(t.Context(), "code", challenge())
			if c.code != "" {
				wantCode(t, err, c.kind, c.code)
				return
			}
			if err != nil || who.Subject != "s-1" || who.Issuer != f.url {
				t.Fatal(who, err)
			}
		})
	}
}
