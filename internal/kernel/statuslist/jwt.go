package statuslist

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// jwt is the list for readers who speak JOSE only (compact form, ES256). A key on
// another curve has no number there, and gives none.
func (t *Token) jwt(kid []byte, key *ecdsa.PrivateKey, lst []byte) ([]byte, error) {
	if key.Curve != elliptic.P256() {
		return nil, nil
	}
	head, err := json.Marshal(map[string]string{"alg": "ES256", "kid": hex.EncodeToString(kid), "typ": "statuslist+jwt"})
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{
		"iss": t.Issuer, "sub": t.Subject, "iat": t.Issued.Unix(), "exp": t.Expires.Unix(), "ttl": int64(t.TTL.Seconds()),
		"status_list": map[string]any{"bits": t.list.bits, "lst": base64.RawURLEncoding.EncodeToString(lst)},
	})
	if err != nil {
		return nil, err
	}
	out := base64.RawURLEncoding.AppendEncode(nil, head)
	out = base64.RawURLEncoding.AppendEncode(append(out, '.'), body)
	digest := sha256.Sum256(out)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return nil, err
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return base64.RawURLEncoding.AppendEncode(append(out, '.'), sig), nil
}
