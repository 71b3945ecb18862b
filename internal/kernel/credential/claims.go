package credential

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// latest is the last second of the year 9999, the last that JSON can say.
const latest = 253402300799

var errClaims = errors.New("claims are not as they should be")

var mapType = reflect.TypeFor[map[string]any]()

// wire is our CWT. Registered claims have their IANA numbers; ours stand
// together in one map under a private-use number.
type wire struct {
	Issuer  string `cbor:"1,keyasint"`
	Subject string `cbor:"2,keyasint"`
	Expires int64  `cbor:"4,keyasint"`
	Issued  int64  `cbor:"6,keyasint"`
	ID      []byte `cbor:"7,keyasint"`
	Status  *state `cbor:"65535,keyasint,omitempty"`
	Body    body   `cbor:"-65537,keyasint"`
}

// state is the status claim as the Token Status List draft has it.
type state struct {
	List *StatusRef `cbor:"status_list"`
}

type body struct {
	Kind      uint8  `cbor:"1,keyasint"` // 1 firm, 2 person
	Name      string `cbor:"2,keyasint"`
	Class     string `cbor:"3,keyasint,omitempty"`
	Headcount int64  `cbor:"4,keyasint,omitempty"`
	Page      string `cbor:"5,keyasint,omitempty"`
	Employer  string `cbor:"6,keyasint,omitempty"`
	Printed   bool   `cbor:"7,keyasint,omitempty"`
}

func (c Claims) encode() ([]byte, error) {
	kind := uint8(1)
	if c.Kind == Person {
		kind = 2
	}
	var where *state
	if c.Status != nil {
		where = &state{c.Status}
	}
	return encoding.Marshal(wire{
		Status: where,
		Issuer: c.Issuer, Subject: c.Subject, ID: []byte(c.ID),
		Issued: c.Issued.Unix(), Expires: c.Expires.Unix(),
		Body: body{
			Kind: kind, Name: c.Name, Class: c.Class, Headcount: c.Headcount,
			Page: c.Page, Employer: c.Employer, Printed: c.Printed,
		},
	})
}

// claims decodes the payload as its scheme prescribes.
func (e *envelope) claims() (Claims, error) {
	if e.scheme == prefixHC {
		return health(e.payload)
	}
	var w wire
	if err := decoding.Unmarshal(e.payload, &w); err != nil {
		return Claims{}, err
	}
	c := Claims{
		Issuer: w.Issuer, Subject: w.Subject, ID: string(w.ID),
		Name: w.Body.Name, Class: w.Body.Class, Headcount: w.Body.Headcount,
		Page: w.Body.Page, Employer: w.Body.Employer, Printed: w.Body.Printed,
	}
	if w.Status != nil {
		c.Status = w.Status.List
	}
	switch w.Body.Kind {
	case 1:
		c.Kind = Firm
	case 2:
		c.Kind = Person
	default:
		return Claims{}, errClaims
	}
	var ok1, ok2 bool
	c.Issued, ok1 = seconds(w.Issued)
	c.Expires, ok2 = seconds(w.Expires)
	if !ok1 || !ok2 || c.validate() != nil {
		return Claims{}, errClaims
	}
	return c, nil
}

// hwire is the CWT of a health certificate; times are numbers of any width,
// and some issuers tag them.
type hwire struct {
	Issuer any `cbor:"1,keyasint"`
	Expire any `cbor:"4,keyasint"`
	Start  any `cbor:"5,keyasint"`
	Issued any `cbor:"6,keyasint"`
	HCert  struct {
		One cbor.RawMessage `cbor:"1,keyasint"`
	} `cbor:"-260,keyasint"`
}

// health decodes a health certificate, as hcert-spec v1.0 lays it out.
func health(payload []byte) (Claims, error) {
	var w hwire
	if err := decoding.Unmarshal(payload, &w); err != nil {
		return Claims{}, err
	}
	if w.HCert.One == nil {
		return Claims{}, errClaims
	}
	var raw map[string]any
	if err := decoding.Unmarshal(w.HCert.One, &raw); err != nil || raw == nil {
		return Claims{}, errClaims
	}
	c := Claims{HCert: make(map[string]any, len(raw))}
	for k, v := range raw {
		c.HCert[k] = plain(v)
	}
	c.Issuer, _ = w.Issuer.(string)
	kinds := contents(c.HCert)
	if len(kinds) == 0 {
		return Claims{}, errClaims
	}
	c.Kind = kinds[0]
	var ok bool
	if c.Expires, ok = seconds(w.Expire); !ok {
		return Claims{}, errClaims
	}
	for _, v := range []any{w.Issued, w.Start} { // the later of the two is when it begins to hold
		t, ok := seconds(v)
		if !ok {
			return Claims{}, errClaims
		}
		if t.After(c.Issued) {
			c.Issued = t
		}
	}
	return c, nil
}

// contents lists what a health certificate certifies; usually one thing.
func contents(hcert map[string]any) []Kind {
	var kinds []Kind
	for _, part := range []struct {
		key  string
		kind Kind
	}{{"v", Vaccination}, {"t", Test}, {"r", Recovery}} {
		if list, ok := hcert[part.key].([]any); ok && len(list) > 0 {
			kinds = append(kinds, part.kind)
		}
	}
	return kinds
}

// seconds reads a NumericDate. Absent gives the zero time; ok is false for
// what is no date between 1970 and 9999.
func seconds(v any) (t time.Time, ok bool) {
	var s int64
	switch v := v.(type) {
	case nil:
		return time.Time{}, true
	case int64:
		s = v
	case uint64:
		if v > latest {
			return time.Time{}, false
		}
		s = int64(v)
	case float64:
		if !(v >= 0 && v <= latest) {
			return time.Time{}, false
		}
		s = int64(v)
	case time.Time:
		s = v.Unix()
	default:
		return time.Time{}, false
	}
	if s < 0 || s > latest {
		return time.Time{}, false
	}
	return time.Unix(s, 0).UTC(), true
}

// plain turns a CBOR value into one that JSON can always say.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case string, bool, int64, uint64, []byte:
		return v
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v
		}
	case time.Time:
		if y := v.Year(); y >= 1 && y <= 9999 {
			return v.UTC().Format(time.RFC3339)
		}
	case big.Int:
		return v.String()
	case cbor.Tag:
		return plain(v.Content)
	}
	return nil
}
