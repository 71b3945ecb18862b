package auth

import (
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// The facts of this package. A body never holds a secret, a password's hash, a
// phone or a contact's name.
const (
	FactAccountAdded        = "auth.account_added"
	FactAccountDisabled     = "auth.account_disabled"
	FactAccountEnabled      = "auth.account_enabled"
	FactPasswordChanged     = "auth.password_changed"
	FactSignedIn            = "auth.signed_in"
	FactSignedOut           = "auth.signed_out"
	FactSignedOutEverywhere = "auth.signed_out_everywhere"
	FactTokenCreated        = "auth.token_created"
	FactTokenRevoked        = "auth.token_revoked"
	FactPasskeyAdded        = "auth.passkey_added"
	FactPasskeyRemoved      = "auth.passkey_removed"
	FactPasskeyCopied       = "auth.passkey_copied" // its counter went back
	FactIdentityLinked      = "auth.identity_linked"
	FactIdentityUnlinked    = "auth.identity_unlinked"
	FactClaimed             = "auth.claimed"
	FactClaimReleased       = "auth.claim_released"
	FactClaimRefused        = "auth.claim_refused"
	FactContactRevealed     = "auth.contact_revealed"
)

// AccountBody is the body of the facts about an account.
type AccountBody struct {
	Account string `json:"account"`
	Login   string `json:"login,omitempty"`
	Role    Role   `json:"role,omitempty"`
	Scope   Scope  `json:"scope,omitzero"`
	Session string `json:"session,omitempty"`
	Token   string `json:"token,omitempty"`
	Passkey string `json:"passkey,omitempty"`
	Label   string `json:"label,omitempty"`
	Issuer  string `json:"issuer,omitempty"` // of the identity provider; Subject is its name for staff
	Subject string `json:"subject,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// ClaimBody is the body of the facts about a firm's claim.
type ClaimBody struct {
	Claim      string `json:"claim"`
	CreditCode string `json:"credit_code"`
	Account    string `json:"account,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

// recordAccount records what happened to an account. A person's own is sealed with
// the person's key, so that erasing the person erases it.
func (s *Service) recordAccount(tx *storage.Tx, name, actor string, a Account, body AccountBody) error {
	body.Account = a.ID
	subject := ""
	if a.Role.Personal() {
		subject = a.Person
	}
	_, err := s.log.Append(tx, eventlog.Fact{Stream: "account:" + a.ID, Name: name, Actor: actor, Subject: subject, At: s.now(), Body: body})
	return err
}

func (s *Service) recordClaim(tx *storage.Tx, name, actor string, c Claim, body ClaimBody) error {
	stream := "claim:" + c.ID
	if c.Firm != "" {
		stream = "firm:" + c.Firm
	}
	body.Claim, body.CreditCode = c.ID, c.CreditCode
	_, err := s.log.Append(tx, eventlog.Fact{Stream: stream, Name: name, Actor: actor, At: s.now(), Body: body})
	return err
}
