package credential

import (
	"time"

	"github.com/veraison/go-cose"
)

// The steps of a check in their order; the first that fails is reported.
const (
	StepPrefix      = "prefix"      // which scheme
	StepBase45      = "base45"      //
	StepCompression = "compression" // zlib
	StepCBOR        = "cbor"        // well-formed, within limits, and the claims as the scheme wants them
	StepCOSE        = "cose"        // a COSE_Sign1 with an algorithm we accept
	StepKey         = "key"         // a trusted key of that id, meant for this scheme
	StepSignature   = "signature"   //
	StepKeyUsage    = "key_usage"   // the key may sign this kind of health certificate
	StepExpiry      = "expiry"      // not before its time, not after; nor its key's certificate
	StepStatus      = "status"      // not suspended or revoked
)

// Status is what a list says of a statement.
type Status string

// The statuses. Stale holds still, because a gate without a network must go on
// working; whoever asks sees it and may refuse. Unknown does not hold.
const (
	NotChecked  Status = "not_checked" // no list was asked, or the code names none
	StatusValid Status = "valid"
	Stale       Status = "stale" // the list at hand says valid, but is past its time
	Suspended   Status = "suspended"
	Revoked     Status = "revoked"
	Unknown     Status = "unknown" // the list has no such place
)

// StatusChecker answers from a list at hand; it is asked about signed claims only.
type StatusChecker interface {
	Status(c Claims) Status
}

// Result is the answer to a check. Claims are present once the signature held,
// so that an expired pass can be named, and never from an unsigned text.
type Result struct {
	Valid      bool    `json:"valid"`
	FailedStep *string `json:"failed_step"`
	Reason     string  `json:"reason"` // message code; "" when valid
	Status     Status  `json:"status"`
	Claims     *Claims `json:"claims"`
}

// Verify checks a text at a moment against trusted keys and, unless status is
// nil, a status list. It never fails and never panics, whatever the text.
func Verify(text string, trust *Trust, at time.Time, status StatusChecker) Result {
	r := Result{Status: NotChecked}
	if f := r.check(text, trust, at, status); f != nil {
		r.FailedStep, r.Reason = &f.step, f.reason
		return r
	}
	r.Valid = true
	return r
}

func (r *Result) check(text string, trust *Trust, at time.Time, status StatusChecker) *failure {
	e, f := open(text)
	if f != nil {
		return f
	}
	c, err := e.claims()
	if err != nil {
		return fail(StepCBOR, "claims_unreadable")
	}
	key, f := trust.verify(&e)
	if f != nil {
		return f
	}
	r.Claims = &c
	if !key.allows(c) {
		return fail(StepKeyUsage, "key_usage")
	}
	if f := key.period(at); f != nil {
		return f
	}
	switch {
	case c.Expires.IsZero():
		return fail(StepExpiry, "no_expiry")
	case at.After(c.Expires), e.scheme == prefixBW && at.Equal(c.Expires):
		// RFC 8392 ends at that second; Europe's issuers still accept the second itself.
		return fail(StepExpiry, "expired")
	case at.Before(c.Issued):
		return fail(StepExpiry, "not_yet")
	}
	if status == nil || e.scheme != prefixBW {
		return nil
	}
	switch r.Status = status.Status(c); r.Status {
	case StatusValid, Stale, NotChecked:
		return nil
	case Suspended:
		return fail(StepStatus, "suspended")
	case Revoked:
		return fail(StepStatus, "revoked")
	}
	return fail(StepStatus, "status_unknown")
}

// Inspection is a text taken apart, with nothing of it verified. FailedStep
// tells how far it could be read.
type Inspection struct {
	Scheme     string  `json:"scheme,omitempty"` // "BW1" or "HC1"
	Characters int     `json:"characters"`
	Deflated   bool    `json:"deflated"`
	Algorithm  string  `json:"algorithm,omitempty"` // "ES256", "SM2" or "PS256"
	KID        []byte  `json:"kid,omitempty"`       // base64 in JSON, as the European trust lists write it
	FailedStep *string `json:"failed_step"`
	Reason     string  `json:"reason"`
	Claims     *Claims `json:"claims"`
}

// Inspect decodes a text without keys. Its claims are what the text says, which
// is not yet true.
func Inspect(text string) Inspection {
	e, f := open(text)
	in := Inspection{Characters: len(text), Deflated: e.deflated, KID: e.kid}
	if e.scheme != "" {
		in.Scheme = e.scheme[:len(e.scheme)-1]
	}
	if e.algorithm != 0 {
		in.Algorithm = map[cose.Algorithm]string{cose.AlgorithmES256: "ES256", cose.AlgorithmPS256: "PS256", AlgorithmSM2: "SM2"}[e.algorithm]
	}
	if f == nil {
		c, err := e.claims()
		if err == nil {
			in.Claims = &c
			return in
		}
		f = fail(StepCBOR, "claims_unreadable")
	}
	in.FailedStep, in.Reason = &f.step, f.reason
	return in
}
