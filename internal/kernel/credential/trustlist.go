package credential

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/emmansun/gmsm/sm2"

	"breakwater/internal/fault"
)

// List is a trust list: the keys of one issuer, as JSON that a reader of JSON Web
// Key Sets understands. Fields beyond RFC 7517 are nbf and exp (NumericDates, as
// OpenID Federation has them) and state.
type List struct {
	Issuer string    `json:"issuer"`
	Issued time.Time `json:"issued"`
	Keys   []ListKey `json:"keys"`
	Log    string    `json:"log_key,omitempty"` // of the district's log, as signed notes write it
}

// ListKey is one key. X and Y are the point, base64url of 32 bytes each.
type ListKey struct {
	Type      string `json:"kty"` // "EC"
	Curve     string `json:"crv"` // "P-256" or "SM2"
	X         string `json:"x"`
	Y         string `json:"y"`
	KID       string `json:"kid"` // hexadecimal, as in credentials
	Algorithm string `json:"alg"` // "ES256" or "SM2"
	Use       string `json:"use"` // "sig"
	From      int64  `json:"nbf,omitempty"`
	Until     int64  `json:"exp,omitempty"`
	// State is next, current, past, ended or revoked. A revoked key is listed so
	// that everybody knows, and is never trusted.
	State string `json:"state"`
}

const revoked = "revoked"

// maxListed bounds the keys of a list.
const maxListed = 1000

var errList = errors.New("not a trust list")

// NewListKey is the entry of a public key.
//
// Faults: Invalid "credential.trust_key" for a key that signs nothing of ours.
func NewListKey(kid []byte, public *ecdsa.PublicKey, from, until time.Time, state string) (ListKey, error) {
	algorithm, ok := algorithmOf(public)
	point, err := public.ECDH()
	k := ListKey{Type: "EC", Curve: "P-256", Algorithm: "ES256", Use: "sig", KID: hex.EncodeToString(kid), State: state}
	var raw []byte
	if algorithm == AlgorithmSM2 {
		k.Curve, k.Algorithm = "SM2", "SM2"
		p, err := sm2.PublicKeyToECDH(public)
		if err != nil {
			return k, fault.Wrap(err, fault.Invalid, "credential.trust_key")
		}
		raw = p.Bytes()
	} else if !ok || err != nil {
		return k, fault.Wrap(err, fault.Invalid, "credential.trust_key")
	} else {
		raw = point.Bytes()
	}
	k.X, k.Y = base64.RawURLEncoding.EncodeToString(raw[1:33]), base64.RawURLEncoding.EncodeToString(raw[33:])
	for at, to := range map[*int64]time.Time{&k.From: from, &k.Until: until} {
		if !to.IsZero() {
			*at = to.Unix()
		}
	}
	return k, nil
}

// AddList trusts the keys of a trust list for BW1 texts, but for those that are
// revoked. A list with an entry that cannot be read is refused whole.
//
// Faults: Invalid "credential.trust_list".
func (t *Trust) AddList(data []byte) error {
	var l List
	if err := json.Unmarshal(data, &l); err != nil {
		return fault.Wrap(err, fault.Invalid, "credential.trust_list", "why", err.Error())
	}
	if len(l.Keys) == 0 || len(l.Keys) > maxListed {
		return fault.Wrap(errList, fault.Invalid, "credential.trust_list", "why", "1–1000 keys")
	}
	all := NewTrust()
	for _, k := range l.Keys {
		if err := all.addListed(k); err != nil {
			return fault.Wrap(err, fault.Invalid, "credential.trust_list", "why", "kid "+shorten(k.KID))
		}
	}
	for kid, keys := range all.set() {
		for _, k := range keys {
			t.put(kid, k)
		}
	}
	return nil
}

func shorten(s string) string { return s[:min(len(s), 40)] }

func (t *Trust) addListed(k ListKey) error {
	kid, err1 := hex.DecodeString(k.KID)
	x, err2 := base64.RawURLEncoding.DecodeString(k.X)
	y, err3 := base64.RawURLEncoding.DecodeString(k.Y)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if k.Type != "EC" || k.Use != "" && k.Use != "sig" || len(x) != 32 || len(y) != 32 || k.Until < 0 || k.Until > latest || len(kid) == 0 {
		return errList
	}
	point := append(append([]byte{4}, x...), y...) // SEC 1, uncompressed
	var public *ecdsa.PublicKey
	err := errList
	switch k.Curve { // a point off the curve is refused by either
	case "P-256":
		public, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	case "SM2":
		public, err = sm2.NewPublicKey(point)
	}
	if err != nil || k.State == revoked {
		return err
	}
	var until time.Time
	if k.Until > 0 {
		until = time.Unix(k.Until, 0).UTC()
	}
	return t.AddOwnUntil(kid, public, until)
}
