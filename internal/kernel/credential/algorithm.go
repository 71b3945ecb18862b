package credential

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"

	"github.com/veraison/go-cose"
)

// algorithmOf is how a key of ours signs: its curve decides. ok is false for a
// curve that we sign nothing with.
func algorithmOf(public *ecdsa.PublicKey) (a cose.Algorithm, ok bool) {
	switch {
	case public.Curve == elliptic.P256():
		return cose.AlgorithmES256, true
	case onSM2(public):
		return AlgorithmSM2, true
	}
	return cose.AlgorithmES256, false
}

// usable reports whether a key of ours can sign under this id.
func usable(key *ecdsa.PrivateKey, kid []byte) bool {
	if key == nil || len(kid) == 0 || len(kid) > maxKID {
		return false
	}
	_, ok := algorithmOf(&key.PublicKey)
	return ok
}

// signatureBy signs content: 64 bytes, r before s, for both algorithms.
func signatureBy(a cose.Algorithm, key *ecdsa.PrivateKey, content []byte) ([]byte, error) {
	if a == AlgorithmSM2 {
		return signSM2(key, content)
	}
	signer, err := cose.NewSigner(a, key)
	if err != nil {
		return nil, err
	}
	return signer.Sign(rand.Reader, content)
}

func verifierOf(a cose.Algorithm, public any) (cose.Verifier, error) {
	if a == AlgorithmSM2 {
		return verifierSM2{public.(*ecdsa.PublicKey)}, nil
	}
	return cose.NewVerifier(a, public)
}
