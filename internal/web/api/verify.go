package api

import (
	"context"
	"net/http"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/web"
)

type verifyInput struct {
	Body struct {
		Text string `json:"text" max:"8192" maxLength:"8192" doc:"The code's text as scanned, beginning with BW1: (or HC1:)."`
		At   string `json:"at,omitempty" format:"date-time" doc:"The moment to check for; now, if absent."`
	}
}

// Verification is the answer to a check of a credential.
type Verification struct {
	Valid      bool               `json:"valid"`
	FailedStep *string            `json:"failed_step" enum:"prefix,base45,compression,cbor,cose,key,signature,key_usage,expiry,status" doc:"The first step that failed; null when none did."`
	Reason     string             `json:"reason" doc:"Why, in the caller's language; empty when valid."`
	ReasonCode string             `json:"reason_code" doc:"The reason's stable name; empty when valid."`
	Status     credential.Status  `json:"status" enum:"not_checked,valid,stale,suspended,revoked,unknown" doc:"What the issuer's status list says; not_checked where the credential names none."`
	Claims     *credential.Claims `json:"claims" doc:"What the credential says; present once its signature held."`
}

func (a *API) addVerify() {
	Add(a, Op{ID: "verifyCredential", Method: http.MethodPost, Path: "/credentials/verify", Group: "credentials", Access: web.Public}, a.verify)
}

// verify stores nothing, so a key has nothing to protect: the same text at the
// same moment gets the same answer.
func (a *API) verify(ctx context.Context, c Call, in *verifyInput) (Verification, error) {
	at := a.Now()
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Body.Text == "" {
		bad.With("text", "api.text_missing")
	}
	if in.Body.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, in.Body.At); err != nil {
			bad.With("at", "api.not_a_time")
		}
	}
	if err := bad.OrNil(); err != nil {
		return Verification{}, err
	}
	status, err := a.Status.Checker(ctx)
	if err != nil {
		return Verification{}, err
	}
	res := credential.Verify(in.Body.Text, a.Trust, at, status)
	out := Verification{Valid: res.Valid, FailedStep: res.FailedStep, ReasonCode: res.Reason, Status: res.Status, Claims: res.Claims}
	if res.Reason != "" {
		out.Reason = c.Say.T(res.Reason)
	}
	return out, nil
}
