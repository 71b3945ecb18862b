package credential

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/fault"
	"github.com/veraison/go-cose"
)

// Trust is a set of public keys. It is safe for concurrent use, also while keys
// are added or replaced. A nil Trust trusts nobody.
type Trust struct {
	mu   sync.Mutex // held while changing
	keys atomic.Pointer[keyset]
}

// keyset is never changed, only replaced. Ids are short, so two keys may share one.
type keyset map[string][]*trusted

// trusted is one key, parsed once.
type trusted struct {
	verifier  cose.Verifier
	algorithm cose.Algorithm
	own       bool // may sign BW1
	foreign   bool // may sign HC1
	from, to  time.Time
	bound     bool   // its certificate limits it to kinds
	kinds     []Kind // health certificates it may sign
}

// NewTrust is an empty set.
func NewTrust() *Trust { return new(Trust) }

func (t *Trust) set() keyset {
	if k := t.keys.Load(); k != nil {
		return *k
	}
	return nil
}

// Become makes t trust what other trusts, at once and for everybody who holds t:
// how a rotation reaches those who verify.
func (t *Trust) Become(other *Trust) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys.Store(other.keys.Load())
}

// AddOwn trusts a district's signing key for BW1 texts, and for nothing else.
//
// Faults: Invalid "credential.trust_key" unless the key is on P-256 or on SM2's curve.
func (t *Trust) AddOwn(kid []byte, public *ecdsa.PublicKey) error {
	return t.AddOwnUntil(kid, public, time.Time{})
}

// AddOwnUntil is AddOwn for a key that nothing holds under any more after until; the
// zero time is no end.
func (t *Trust) AddOwnUntil(kid []byte, public *ecdsa.PublicKey, until time.Time) error {
	return t.add(kid, public, trusted{own: true, to: until})
}

// AddCertificate trusts a document signer's certificate for HC1 texts, within
// its validity and for the kinds its extended key usage names. Its key id is
// the first eight bytes of the SHA-256 of the certificate. It may not sign BW1:
// a foreign health authority does not certify our firms.
//
// Faults: Invalid "credential.trust_key".
func (t *Trust) AddCertificate(cert *x509.Certificate) error {
	sum := sha256.Sum256(cert.Raw)
	k := trusted{foreign: true, from: cert.NotBefore, to: cert.NotAfter, kinds: usages(cert.UnknownExtKeyUsage)}
	k.bound = len(k.kinds) > 0
	for _, x := range cert.Extensions {
		// Usages outside the framework bind only where marked critical (RFC 5280 §4.2.1.12).
		k.bound = k.bound || x.Critical && x.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37})
	}
	return t.add(sum[:8], cert.PublicKey, k)
}

func (t *Trust) add(kid []byte, public crypto.PublicKey, k trusted) error {
	k.algorithm = cose.AlgorithmES256
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		// COSE does not tie ES256 to P-256, and a few foreign signers use longer curves.
		if p == nil {
			return fault.New(fault.Invalid, "credential.trust_key")
		}
		algorithm, ours := algorithmOf(p)
		if !ours && k.own && !k.foreign {
			return fault.New(fault.Invalid, "credential.trust_key")
		}
		k.own = k.own && ours
		if algorithm == AlgorithmSM2 { // no health authority of the framework signs with it
			k.algorithm, k.foreign = AlgorithmSM2, false
		}
	case *rsa.PublicKey:
		k.algorithm, k.own = cose.AlgorithmPS256, false
	default:
		return fault.New(fault.Invalid, "credential.trust_key")
	}
	if len(kid) == 0 || len(kid) > maxKID {
		return fault.New(fault.Invalid, "credential.trust_key")
	}
	var err error
	if k.verifier, err = verifierOf(k.algorithm, public); err != nil {
		return fault.Wrap(err, fault.Invalid, "credential.trust_key")
	}
	t.put(string(kid), &k)
	return nil
}

func (t *Trust) put(kid string, k *trusted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := maps.Clone(t.set())
	if next == nil {
		next = keyset{}
	}
	next[kid] = append(slices.Clip(next[kid]), k)
	t.keys.Store(&next)
}

// Len is the number of keys.
func (t *Trust) Len() int {
	n := 0
	for _, ks := range t.set() {
		n += len(ks)
	}
	return n
}

// verify finds the key that signed e. Keys that share an id are all tried.
func (t *Trust) verify(e *envelope) (*trusted, *failure) {
	if t == nil || len(e.kid) == 0 {
		return nil, fail(StepKey, "key_unknown")
	}
	f := fail(StepKey, "key_unknown")
	var signed []byte
	for _, k := range t.set()[string(e.kid)] {
		if (e.scheme != prefixHC && !k.own) || (e.scheme == prefixHC && !k.foreign) {
			continue
		}
		f = fail(StepSignature, "signature")
		if k.algorithm != e.algorithm {
			continue
		}
		if signed == nil {
			signed = e.toBeSigned()
		}
		if k.verifier.Verify(signed, e.signature) == nil {
			return k, nil
		}
	}
	return nil, f
}

// allows reports whether the key may sign everything a health certificate holds.
func (k *trusted) allows(c Claims) bool {
	if !k.bound || c.HCert == nil {
		return true
	}
	for _, kind := range contents(c.HCert) {
		ok := false
		for _, allowed := range k.kinds {
			ok = ok || kind == allowed
		}
		if !ok {
			return false
		}
	}
	return true
}

// period holds the key's certificate to its validity.
func (k *trusted) period(at time.Time) *failure {
	switch {
	case !k.from.IsZero() && at.Before(k.from):
		return fail(StepExpiry, "key_not_yet")
	case !k.to.IsZero() && at.After(k.to):
		return fail(StepExpiry, "key_expired")
	}
	return nil
}

// usages reads the extended key usages of the European trust framework:
// 1.3.6.1.4.1.1847.2021.1.{1,2,3}, and the same under a 0 that early
// certificates carry.
func usages(oids []asn1.ObjectIdentifier) []Kind {
	var kinds []Kind
	for _, oid := range oids {
		s := oid.String()
		rest, ok := strings.CutPrefix(s, "1.3.6.1.4.1.1847.2021.1.")
		if !ok {
			rest, ok = strings.CutPrefix(s, "1.3.6.1.4.1.0.1847.2021.1.")
		}
		if kind := map[string]Kind{"1": Test, "2": Vaccination, "3": Recovery}[rest]; ok && kind != "" {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
