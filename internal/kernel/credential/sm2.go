package credential

import (
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"math/big"

	"github.com/emmansun/gmsm/sm2"
	"github.com/veraison/go-cose"
)

// AlgorithmSM2 is SM2 with SM3 (GB/T 32918), for districts that must sign with
// national algorithms. COSE has no number for it, so this is one of private use:
// −65536 − 501, after 1.2.156.10197.1.501, the algorithm's object identifier.
// The signed digest begins with Z over the usual user id "1234567812345678"
// (GB/T 35276); a signature is r and s, 32 bytes each.
const AlgorithmSM2 cose.Algorithm = -66037

const halfSM2 = 32

var errSM2 = errors.New("not a signature of SM2")

func onSM2(public *ecdsa.PublicKey) bool { return public.Curve == sm2.P256() }

func signSM2(key *ecdsa.PrivateKey, content []byte) ([]byte, error) {
	r, s, err := sm2.SignWithSM2(rand.Reader, key, nil, content)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 2*halfSM2)
	r.FillBytes(out[:halfSM2])
	s.FillBytes(out[halfSM2:])
	return out, nil
}

// verifierSM2 is a cose.Verifier.
type verifierSM2 struct{ public *ecdsa.PublicKey }

func (verifierSM2) Algorithm() cose.Algorithm { return AlgorithmSM2 }

func (v verifierSM2) Verify(content, signature []byte) error {
	if len(signature) != 2*halfSM2 {
		return errSM2
	}
	r, s := new(big.Int).SetBytes(signature[:halfSM2]), new(big.Int).SetBytes(signature[halfSM2:])
	if !sm2.VerifyWithSM2(v.public, nil, content, r, s) {
		return errSM2
	}
	return nil
}
