package credential

import (
	"crypto/ecdsa"
	"time"

	"breakwater/internal/fault"
)

// asToken is the scheme of a signed token that is no text on a code: a status
// list, or what changed in one. Its type (RFC 9596) is signed with it, so that
// one kind of token is never taken for another.
const asToken = "token"

// SealToken signs payload, a CWT claims set, as a token of a type: tagged
// COSE_Sign1 with algorithm, key id and type under the signature.
//
// Faults: Internal "credential.key".
func SealToken(key *ecdsa.PrivateKey, kid []byte, typ string, payload []byte) ([]byte, error) {
	if !usable(key, kid) || typ == "" {
		return nil, fault.New(fault.Internal, "credential.key")
	}
	out, err := seal(key, kid, typ, payload)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "credential.encode")
	}
	return out, nil
}

// OpenToken returns the payload of a token of this type that a trusted key of a
// district signed, within that key's time. It never panics, whatever the bytes;
// what the payload says is the caller's to read.
//
// Faults: Invalid "credential.token", with the step that failed as its cause.
func OpenToken(data []byte, typ string, trust *Trust, at time.Time) ([]byte, error) {
	refuse := func(f *failure) error {
		return fault.Wrap(fault.New(fault.Invalid, f.reason), fault.Invalid, "credential.token")
	}
	e := envelope{scheme: asToken}
	if decoding.Wellformed(data) != nil {
		return nil, refuse(fail(StepCBOR, "not_cbor"))
	}
	if f := e.unwrap(data); f != nil {
		return nil, refuse(f)
	}
	if e.typ != typ {
		return nil, refuse(fail(StepCOSE, "header"))
	}
	key, f := trust.verify(&e)
	if f != nil {
		return nil, refuse(f)
	}
	if f := key.period(at); f != nil {
		return nil, refuse(f)
	}
	return e.payload, nil
}
