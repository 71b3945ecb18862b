package keyring

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"breakwater/internal/fault"
)

// The algorithms of signing keys. ES256 is what the European health certificate and
// every common phone verifies; SM2 is for districts that must sign with national
// algorithms.
const (
	ES256 = "ES256"
	SM2   = "SM2"
)

// Algorithms lists them.
func Algorithms() []string { return []string{ES256, SM2} }

// algorithmOf a key is its curve's.
func algorithmOf(public *ecdsa.PublicKey) string {
	if public.Curve == sm2.P256() {
		return SM2
	}
	return ES256
}

// Fresh is a signing key that is in no ring yet: it is made first, its id is written
// into the fact that announces it, and then it is put into the ring.
type Fresh struct {
	Kid   []byte
	entry signingEntry
}

// NewSigner makes a key.
//
// Faults: Invalid "keyring.algorithm".
func NewSigner(purpose, algorithm string) (Fresh, error) {
	var key crypto.Signer
	var err error
	switch algorithm {
	case ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case SM2:
		key, err = sm2.GenerateKey(rand.Reader)
	default:
		return Fresh{}, fault.New(fault.Invalid, "keyring.algorithm", "algorithm", algorithm)
	}
	if err != nil {
		return Fresh{}, fmt.Errorf("make a signing key: %w", err)
	}
	private, err1 := smx509.MarshalPKCS8PrivateKey(key)
	public, err2 := smx509.MarshalPKIXPublicKey(key.Public())
	if err := errors.Join(err1, err2); err != nil {
		return Fresh{}, fmt.Errorf("make a signing key: %w", err)
	}
	return Fresh{kidOf(public), signingEntry{Purpose: purpose, Public: public, Private: private}}, nil
}

// readSigner is the working form of a stored key.
func readSigner(e signingEntry) (signingKey, error) {
	k := signingKey{purpose: e.Purpose, kid: kidOf(e.Public), from: e.From, until: e.Until, revoked: e.Revoked}
	public, err := smx509.ParsePKIXPublicKey(e.Public)
	if err != nil {
		return k, errors.New("a public key cannot be read")
	}
	if k.public, _ = public.(*ecdsa.PublicKey); k.public == nil {
		return k, errors.New("a signing key is of another kind")
	}
	if len(e.Private) == 0 {
		return k, nil
	}
	private, err := x509.ParsePKCS8PrivateKey(e.Private)
	if err != nil {
		if private, err = smx509.ParsePKCS8PrivateKey(e.Private); err != nil {
			return k, errors.New("a signing key cannot be read")
		}
	}
	switch p := private.(type) {
	case *ecdsa.PrivateKey:
		k.private = p
	case *sm2.PrivateKey:
		k.private = &p.PrivateKey
	}
	if k.private == nil || !k.private.PublicKey.Equal(k.public) {
		return k, errors.New("a signing key and its public half differ")
	}
	return k, nil
}

// Turn is how one key follows another. From is when the new one begins to sign:
// later than Now, so that those who check codes have fetched it by then. Until is
// when the last thing the old one signed has run out. Lost means that the old keys
// are in strange hands: they end now, with everything they signed.
type Turn struct {
	Now, From, Until time.Time
	Lost             bool
}

// Rotate puts a new key into the ring. The private half of the one before is
// destroyed as soon as the new one signs; its public half stays listed, because
// what it signed is still shown at gates.
//
// Faults: Conflict "keyring.turning" while a key waits for its time, unless the
// turn is for lost keys; those of writing the file, the ring is then unchanged.
func (r *Ring) Rotate(f Fresh, t Turn) error {
	if !slices.Contains(purposes(), f.entry.Purpose) {
		panic(fmt.Sprintf("keyring: no signing key of purpose %q", f.entry.Purpose))
	}
	return r.change(func(held *contents) error {
		for i := range held.Signing {
			e := &held.Signing[i]
			switch {
			case e.Purpose != f.entry.Purpose || !e.Revoked.IsZero():
			case t.Lost:
				if e.Until.IsZero() || e.Until.After(t.Now) {
					e.Revoked, e.Private = t.Now.UTC(), nil
				}
			case e.From.After(t.Now):
				return fault.New(fault.Conflict, "keyring.turning", "kid", fmt.Sprintf("%x", kidOf(e.Public)))
			case e.Until.IsZero():
				e.Until = t.Until.UTC()
			}
		}
		f.entry.From = t.From.UTC()
		held.Signing = append(held.Signing, f.entry)
		held.tidy(t.Now)
		return nil
	})
}

// Tidy destroys the private halves of keys that sign no more. It writes the file
// only where there are some.
//
// Faults: those of writing the file.
func (r *Ring) Tidy(now time.Time) error {
	r.mu.RLock()
	held := r.held.clone()
	r.mu.RUnlock()
	if !held.tidy(now) {
		return nil
	}
	return r.change(func(held *contents) error {
		held.tidy(now)
		return nil
	})
}

func (c *contents) tidy(now time.Time) (changed bool) {
	followed := map[string]bool{} // purposes of which a newer key already signs
	for i, e := range slices.Backward(c.Signing) {
		if len(e.Private) > 0 && followed[e.Purpose] {
			c.Signing[i].Private, changed = nil, true
		}
		followed[e.Purpose] = followed[e.Purpose] || e.Revoked.IsZero() && !e.From.After(now)
	}
	return changed
}
