package statuslist

import (
	"errors"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
)

// The types of our tokens (header 16, signed).
const (
	TypeList  = "application/statuslist+cwt"
	TypeJWT   = "application/statuslist+jwt"
	TypeDelta = "application/vnd.breakwater.statuslist-delta+cwt"
)

// Token is a status list as its issuer signed it.
type Token struct {
	Subject string    // where it is fetched; what credentials name
	Issuer  string    // as in the credentials; "" in lists of others
	Issued  time.Time // whole seconds, UTC
	Expires time.Time // zero: its issuer set no end
	TTL     time.Duration
	list    list
}

// claims is a list's CWT; the draft's own claims have numbers at the end of the
// two-byte range.
type claims struct {
	Issuer  string `cbor:"1,keyasint,omitempty"`
	Subject string `cbor:"2,keyasint"`
	Expires int64  `cbor:"4,keyasint,omitempty"`
	Issued  int64  `cbor:"6,keyasint"`
	List    struct {
		Bits uint64 `cbor:"bits"`
		Lst  []byte `cbor:"lst"`
	} `cbor:"65533,keyasint"`
	TTL int64 `cbor:"65534,keyasint,omitempty"` // seconds
}

// decoding and encoding are immutable. A duplicate key would let two readers see
// two lists under one signature.
var (
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, MaxNestedLevels: 8,
		MaxArrayElements: 64, MaxMapPairs: 2 * maxChanges, UTF8: cbor.UTF8RejectInvalid,
	}.DecMode())
	encoding = must(cbor.CoreDetEncOptions().EncMode())
)

func must[T any](v T, err error) T {
	if err != nil { // options are constants: a mistake shows in the first test
		panic(err)
	}
	return v
}

// latest is the last second of the year 9999.
const latest = 253402300799

var errClaims = errors.New("claims are not as they should be")

func second(n int64) (time.Time, error) {
	switch {
	case n == 0:
		return time.Time{}, nil
	case n < 0 || n > latest:
		return time.Time{}, errClaims
	}
	return time.Unix(n, 0).UTC(), nil
}

// encode takes the list already deflated.
func (t *Token) encode(lst []byte) ([]byte, error) {
	c := claims{Issuer: t.Issuer, Subject: t.Subject, Issued: t.Issued.Unix(), Expires: t.Expires.Unix(), TTL: int64(t.TTL / time.Second)}
	c.List.Bits, c.List.Lst = uint64(t.list.bits), lst
	return encoding.Marshal(c)
}

// Open reads a list that a trusted key signed. That it is old is no fault here:
// Check says so when it is asked.
//
// Faults: Invalid "credential.token", "statuslist.unreadable".
func Open(data []byte, trust *credential.Trust, at time.Time) (*Token, error) {
	payload, err := credential.OpenToken(data, TypeList, trust, at)
	if err != nil {
		return nil, err
	}
	t, err := read(payload)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "statuslist.unreadable")
	}
	return t, nil
}

func read(payload []byte) (*Token, error) {
	var c claims
	if err := decoding.Unmarshal(payload, &c); err != nil {
		return nil, err
	}
	t := &Token{Subject: c.Subject, Issuer: c.Issuer}
	var err1, err2, err3 error
	t.Issued, err1 = second(c.Issued)
	t.Expires, err2 = second(c.Expires)
	t.list, err3 = inflated(c.List.Bits, c.List.Lst)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	if t.Subject == "" || c.TTL < 0 || c.TTL > math.MaxInt32 {
		return nil, errClaims
	}
	t.TTL = time.Duration(c.TTL) * time.Second
	return t, nil
}

// Digest names the list's content; a delta begins from it.
func (t *Token) Digest() Digest { return t.list.digest() }

// Status of a place; ok is false outside the list.
func (t *Token) Status(place uint64) (s State, ok bool) { return t.list.status(place) }
