// Package credential signs statements that can be checked without the server:
// a firm's certificate on the door and a person's pass on a phone, each one QR
// code. The text is BW1: then base45 (RFC 9285) of a COSE_Sign1 (RFC 9052)
// over a CWT (RFC 8392), deflated only where that makes it shorter. It also
// verifies the HC1: health certificates of the European Union's trust framework.
//
// It refuses to store, to fetch, and to know the time or who is revoked: keys,
// time and status come in as arguments. It trusts no text: every length, depth
// and size is bounded, and no input makes it panic.
package credential

import (
	"crypto/ecdsa"
	"net/url"
	"time"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// The prefixes name the scheme of a text.
const (
	prefixBW = "BW1:"
	prefixHC = "HC1:"
)

// Kind says what a statement states.
type Kind string

// The kinds. Firm and Person are ours; the others are the health certificates'.
const (
	Firm        Kind = "firm"
	Person      Kind = "person"
	Test        Kind = "test"
	Vaccination Kind = "vaccination"
	Recovery    Kind = "recovery"
)

// Claims is what a statement says. Times have whole seconds, in UTC.
type Claims struct {
	Issuer  string    `json:"issuer,omitempty"`
	Kind    Kind      `json:"kind,omitempty"`
	ID      string    `json:"id,omitempty"`      // the certificate's or pass's own id; what a status list names
	Subject string    `json:"subject,omitempty"` // firm: credit code; person: an opaque id, never a number of theirs
	Issued  time.Time `json:"issued,omitzero"`
	Expires time.Time `json:"expires,omitzero"` // from this second on it is not accepted

	Name      string `json:"name,omitempty"`      // firm: registered name; person: masked name
	Class     string `json:"class,omitempty"`     // firm
	Headcount int64  `json:"headcount,omitempty"` // firm: approved staff
	Page      string `json:"page,omitempty"`      // firm: URL of the public page
	Employer  string `json:"employer,omitempty"`  // person: the firm's name
	Printed   bool   `json:"printed,omitempty"`   // person: printed on paper, for those without a phone

	// Status is where the issuer says whether the statement still holds.
	Status *StatusRef `json:"status_list,omitempty"`

	HCert map[string]any `json:"hcert,omitempty"` // HC1 only: the health certificate as its issuer wrote it
}

// StatusRef is one place in a Token Status List (IETF OAuth working group).
type StatusRef struct {
	Index uint64 `json:"idx" cbor:"idx"`
	URI   string `json:"uri" cbor:"uri"` // where the list is fetched; the list's own subject
}

// maxField bounds one text of the claims, in bytes; a code must fit 30 mm.
const maxField = 300

// maxIndex bounds a place in a status list, far above any list of ours.
const maxIndex = 1<<32 - 1

// Sign makes the text of a firm's certificate or a person's pass. The text is
// upper-case and fits the alphanumeric mode of QR codes. Whole seconds of the
// times are kept; issuers who serve gates with slow clocks set Issued a minute back.
//
// Faults: Invalid "credential.claims" when a needed claim is absent or too long;
// Internal "credential.key" when the key is neither on P-256 nor on SM2's curve.
func Sign(key *ecdsa.PrivateKey, kid []byte, c Claims) (string, error) {
	if err := c.validate(); err != nil {
		return "", err
	}
	if !usable(key, kid) {
		return "", fault.New(fault.Internal, "credential.key")
	}
	payload, err := c.encode()
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "credential.encode")
	}
	message, err := seal(key, kid, "", payload)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "credential.encode")
	}
	small, err := deflate(message)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "credential.encode")
	}
	return encode45(prefixBW, small), nil
}

func (c Claims) validate() error {
	wrong := fault.New(fault.Invalid, "credential.claims")
	need := func(name, value string, must bool) {
		switch {
		case value == "" && must:
			wrong.With(name, "credential.claim_missing")
		case len(value) > maxField || !utf8.ValidString(value):
			wrong.With(name, "credential.claim_long", "limit", maxField)
		}
	}
	if c.Kind != Firm && c.Kind != Person {
		wrong.With("kind", "credential.kind_unknown")
	}
	need("issuer", c.Issuer, true)
	need("id", c.ID, true)
	need("subject", c.Subject, true)
	need("name", c.Name, true)
	need("class", c.Class, c.Kind == Firm)
	need("employer", c.Employer, c.Kind == Person)
	need("page", c.Page, c.Kind == Firm)
	if u, err := url.Parse(c.Page); c.Page != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
		wrong.With("page", "credential.page")
	}
	if r := c.Status; r != nil {
		need("status_list", r.URI, true)
		if r.Index > maxIndex {
			wrong.With("status_list", "credential.status_index")
		}
	}
	if c.Headcount < 0 {
		wrong.With("headcount", "credential.headcount")
	}
	if c.Issued.Unix() <= 0 || c.Expires.Unix() <= c.Issued.Unix() || c.Expires.Unix() > latest {
		wrong.With("expires", "credential.period")
	}
	return wrong.OrNil()
}
