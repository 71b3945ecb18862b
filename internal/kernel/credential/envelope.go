package credential

import (
	"crypto/ecdsa"
	"encoding/binary"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// Limits on hostile text. The largest QR code holds 4,296 characters.
const (
	maxText = 8 << 10 // characters
	maxKID  = 64      // bytes
)

// decoding and encoding are immutable. A duplicate key would let two readers
// see two different statements under one signature, so it is refused.
var (
	decoding = must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthAllowed, // some health authorities write them
		MaxNestedLevels:  12,
		MaxArrayElements: 64,
		MaxMapPairs:      64,
		UTF8:             cbor.UTF8RejectInvalid,
		DefaultMapType:   mapType,
	}.DecMode())
	encoding = must(cbor.CoreDetEncOptions().EncMode())
)

func must[T any](v T, err error) T {
	if err != nil { // options are constants: a mistake shows in the first test
		panic(err)
	}
	return v
}

// envelope is a COSE_Sign1 taken apart, nothing of it verified.
type envelope struct {
	scheme    string // prefixBW, prefixHC or asToken
	deflated  bool
	algorithm cose.Algorithm
	kid       []byte
	typ       string // RFC 9596 type, of tokens
	protected []byte // the serialized map, as signed
	payload   []byte
	signature []byte
}

// step is where reading failed and the message's code.
type failure struct {
	step   string
	reason string
}

func fail(step, reason string) *failure { return &failure{step, "credential." + reason} }

// header is the part of a COSE header map that is understood.
type header struct {
	Alg  cbor.RawMessage `cbor:"1,keyasint"`
	Crit cbor.RawMessage `cbor:"2,keyasint"`
	KID  cbor.RawMessage `cbor:"4,keyasint"`
	Typ  cbor.RawMessage `cbor:"16,keyasint"`
}

// open takes a text apart as far as the signed bytes.
func open(text string) (envelope, *failure) {
	var e envelope
	text = strings.TrimRight(text, "\r\n") // of a pipe or a hand scanner; a space may be base45
	switch {
	case strings.HasPrefix(text, prefixBW):
		e.scheme = prefixBW
	case strings.HasPrefix(text, prefixHC):
		e.scheme = prefixHC
	default:
		return e, fail(StepPrefix, "prefix_unknown")
	}
	if len(text) > maxText {
		return e, fail(StepBase45, "too_long")
	}
	data, ok := decode45(text[len(e.scheme):])
	if !ok || len(data) == 0 {
		return e, fail(StepBase45, "not_base45")
	}
	if e.deflated = e.scheme == prefixHC || data[0] == zlibMark; e.deflated {
		var err error
		if data, err = inflate(data); err != nil {
			return e, fail(StepCompression, "not_zlib")
		}
	}
	if decoding.Wellformed(data) != nil {
		return e, fail(StepCBOR, "not_cbor")
	}
	return e, e.unwrap(data)
}

// unwrap reads COSE_Sign1 = [protected bstr, unprotected map, payload bstr, signature bstr].
func (e *envelope) unwrap(data []byte) *failure {
	if e.scheme == prefixHC && len(data) > 2 && data[0] == 0xd8 && data[1] == 61 { // tag 61: CWT
		data = data[2:]
	}
	tagged := len(data) > 0 && data[0] == 0xd2 // tag 18: COSE_Sign1
	if tagged {
		data = data[1:]
	} else if e.scheme != prefixHC {
		return fail(StepCOSE, "not_sign1")
	}
	if len(data) == 0 || data[0] != 0x84 {
		return fail(StepCOSE, "not_sign1")
	}
	data = data[1:]
	var open header
	var ok1, ok2, ok3 bool
	var err error
	if e.protected, data, ok1 = byteString(data); !ok1 {
		return fail(StepCOSE, "not_sign1")
	}
	if data, err = decoding.UnmarshalFirst(data, &open); err != nil {
		return fail(StepCOSE, "header")
	}
	e.payload, data, ok2 = byteString(data)
	e.signature, _, ok3 = byteString(data)
	if !ok2 || !ok3 || len(e.payload) == 0 || len(e.signature) == 0 {
		return fail(StepCOSE, "not_sign1")
	}
	var closed header
	if len(e.protected) == 1 && e.protected[0] == 0xa0 {
		e.protected = e.protected[:0] // RFC 9052 §3: an empty map is signed as nothing
	}
	if len(e.protected) > 0 && decoding.Unmarshal(e.protected, &closed) != nil {
		return fail(StepCOSE, "header")
	}
	if e.scheme == prefixBW {
		open = header{} // ours are signed; what stands outside the signature is not heard
	}
	if closed.Typ != nil && decoding.Unmarshal(closed.Typ, &e.typ) != nil || e.scheme == prefixBW && e.typ != "" {
		return fail(StepCOSE, "header") // a token of another kind is no statement about a firm or person
	}
	return e.heed(closed, open)
}

// heed takes algorithm and key id from the protected header and, where it has
// none, from the unprotected one, as the European specification allows.
func (e *envelope) heed(closed, open header) *failure {
	if closed.Crit != nil { // RFC 9052 §3.1: what is critical and not understood is fatal
		return fail(StepCOSE, "header_critical")
	}
	alg, kid := closed.Alg, closed.KID
	if alg == nil {
		alg = open.Alg
	}
	if kid == nil {
		kid = open.KID
	}
	var n int64
	if alg == nil || decoding.Unmarshal(alg, &n) != nil {
		return fail(StepCOSE, "algorithm")
	}
	e.algorithm = cose.Algorithm(n)
	if second := map[bool]cose.Algorithm{true: cose.AlgorithmPS256, false: AlgorithmSM2}[e.scheme == prefixHC]; e.algorithm != cose.AlgorithmES256 && e.algorithm != second {
		return fail(StepCOSE, "algorithm")
	}
	if kid != nil {
		id, rest, ok := byteString(kid)
		if !ok || len(rest) > 0 || len(id) > maxKID {
			return fail(StepCOSE, "header")
		}
		e.kid = id
	}
	return nil
}

// byteString reads a definite-length byte string from well-formed CBOR without
// copying it.
func byteString(data []byte) (s, rest []byte, ok bool) {
	if len(data) == 0 || data[0]>>5 != 2 {
		return nil, nil, false
	}
	size, info := uint64(data[0]&0x1f), int(data[0]&0x1f)
	data = data[1:]
	if info >= 24 {
		width := 1 << (info - 24)
		if info > 27 || len(data) < width {
			return nil, nil, false
		}
		var wide [8]byte
		copy(wide[8-width:], data[:width])
		size, data = binary.BigEndian.Uint64(wide[:]), data[width:]
	}
	if size > uint64(len(data)) {
		return nil, nil, false
	}
	return data[:size], data[size:], true
}

// toBeSigned is the Sig_structure of RFC 9052 §4.4, without external data.
func (e *envelope) toBeSigned() []byte {
	b := make([]byte, 0, 24+len(e.protected)+len(e.payload))
	b = append(b, 0x84, 0x6a)
	b = append(b, "Signature1"...)
	b = appendBytes(b, e.protected)
	b = append(b, 0x40)
	return appendBytes(b, e.payload)
}

// appendBytes writes a byte string in its shortest form.
func appendBytes(b, s []byte) []byte { return append(appendHead(b, 2, len(s)), s...) }

// appendHead writes a major type and its number in the shortest form (RFC 8949 §3).
func appendHead(b []byte, major byte, n int) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= 0xff:
		return append(b, major|24, byte(n))
	case n <= 0xffff:
		return append(b, major|25, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
}

// seal signs the payload and returns the tagged COSE_Sign1. The header is laid
// down by hand, in the deterministic order of RFC 8949 §4.2: it never varies but
// for algorithm, key id and type, and reflection over it cost more than the signature.
func seal(key *ecdsa.PrivateKey, kid []byte, typ string, payload []byte) ([]byte, error) {
	algorithm, _ := algorithmOf(&key.PublicKey)
	protected := []byte{0xa2} // {1: algorithm, 4: kid} and, for tokens, 16: typ
	if typ != "" {
		protected[0] = 0xa3
	}
	protected = appendNegative(append(protected, 1), int64(algorithm))
	protected = appendBytes(append(protected, 4), kid)
	if typ != "" {
		protected = appendHead(append(protected, 16), 3, len(typ))
		protected = append(protected, typ...)
	}
	e := envelope{protected: protected, payload: payload}
	var err error
	if e.signature, err = signatureBy(algorithm, key, e.toBeSigned()); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 16+len(e.protected)+len(e.payload)+len(e.signature))
	b = appendBytes(append(b, 0xd2, 0x84), e.protected)
	b = appendBytes(append(b, 0xa0), e.payload)
	return appendBytes(b, e.signature), nil
}

// appendNegative writes a negative integer in its shortest form.
func appendNegative(b []byte, n int64) []byte { return appendHead(b, 1, int(-1-n)) }
