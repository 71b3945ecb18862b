package auth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Site is what a passkey is tied to: the host name, and the address pages come
// from. A passkey made at one site opens nothing at another (WebAuthn level 2,
// 13.4.9), which is why it cannot be phished.
type Site struct{ Name, Host, Origin string }

// Passkey is one way into an account without a password.
type Passkey struct {
	ID      string
	Label   string
	Created time.Time
	Used    time.Time // zero: not yet

	record webauthn.Credential
}

// passkeysMost is how many an account may have; ceremonyLife how long a begun
// ceremony may take. What was begun is carried by the browser, sealed, so that
// strangers who only begin leave nothing in the store.
const (
	passkeysMost = 10
	ceremonyLife = 5 * time.Minute
)

type ceremony struct {
	ID      string               `json:"id"`
	Account string               `json:"account,omitempty"`
	Session webauthn.SessionData `json:"session,omitzero"`
	Asked   *Challenge           `json:"asked,omitempty"` // of the identity provider
	Until   time.Time            `json:"until"`
}

// holderOf is an account as package webauthn asks about it. The handle is the
// account's id, which says nothing about a person.
type holderOf struct {
	Account
	keys []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (h holderOf) WebAuthnID() []byte { return []byte(h.ID) }

// WebAuthnName implements webauthn.User.
func (h holderOf) WebAuthnName() string {
	if h.Login != "" {
		return h.Login
	}
	return h.Name
}

// WebAuthnDisplayName implements webauthn.User.
func (h holderOf) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials implements webauthn.User.
func (h holderOf) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (at Site) party() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: at.Host, RPDisplayName: at.Name, RPOrigins: []string{at.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
}

// BeginPasskey begins to add a passkey to by's account: what the browser is to be
// asked, and the ceremony to send back. Only a browser's session of staff or a
// firm may.
//
// Faults: Denied, TooMany, Conflict "auth.passkeys_many".
func (s *Service) BeginPasskey(ctx context.Context, by Principal, at Site) (options any, begun string, err error) {
	h, err := s.holderFor(ctx, by)
	if err == nil {
		err = tooMany(s.byChange.take("passkey:" + by.ID))
	}
	if err != nil {
		return nil, "", err
	}
	rp, err := at.party()
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "fault.internal")
	}
	exclude := webauthn.Credentials(h.keys).CredentialDescriptors()
	creation, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(exclude))
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "fault.internal")
	}
	begun, err = s.carry("add", ceremony{Account: by.ID, Session: *session})
	return creation, begun, err
}

// holderFor is by's own account with its passkeys, if it may have one more.
func (s *Service) holderFor(ctx context.Context, by Principal) (holderOf, error) {
	if by.Program() || by.Role.Personal() || by.Role == System {
		return holderOf{}, denied()
	}
	a, err := s.Account(ctx, by, by.ID)
	if err != nil {
		return holderOf{}, err
	}
	h := holderOf{Account: a}
	list, err := s.Passkeys(ctx, by)
	if err == nil && len(list) >= passkeysMost {
		err = fault.New(fault.Conflict, "auth.passkeys_many", "n", passkeysMost)
	}
	for _, p := range list {
		h.keys = append(h.keys, p.record)
	}
	return h, err
}

// AddPasskey keeps the passkey the browser made. response is the browser's
// PublicKeyCredential as JSON.
//
// Faults: Denied, Invalid "auth.passkey_bad" or with field passkey_label, Conflict.
func (s *Service) AddPasskey(ctx context.Context, by Principal, at Site, begun, response, label string) (Passkey, error) {
	label = ident.Fold(label)
	if n := len([]rune(label)); n == 0 || n > 60 {
		return Passkey{}, fault.New(fault.Invalid, "auth.invalid").With("passkey_label", "auth.passkey_label")
	}
	h, err := s.holderFor(ctx, by)
	if err != nil {
		return Passkey{}, err
	}
	c, err := s.carried("add", begun)
	if err != nil || c.Account != by.ID {
		return Passkey{}, badPasskey(err)
	}
	rp, err := at.party()
	if err != nil {
		return Passkey{}, fault.Wrap(err, fault.Internal, "fault.internal")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(response))
	if err != nil {
		return Passkey{}, badPasskey(err)
	}
	made, err := rp.CreateCredential(h, c.Session, parsed)
	if err != nil {
		return Passkey{}, badPasskey(err)
	}
	now := s.now()
	p := Passkey{ID: ident.New("psk", now), Label: label, Created: now, record: *made}
	record, err := json.Marshal(p.record)
	if err != nil {
		return Passkey{}, err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := spend(tx, c, wrongPasskey()); err != nil {
			return err
		}
		n, err := tx.Exec(`insert into auth_passkey (id, account, credential, record, label, created, used) values ($1, $2, $3, $4, $5, $6, 0) on conflict (credential) do nothing`,
			p.ID, by.ID, made.ID, record, label, clock.Micros(now))
		if err == nil && n == 0 {
			err = badPasskey(nil)
		}
		if err != nil {
			return err
		}
		return s.recordAccount(tx, FactPasskeyAdded, by.ID, h.Account, AccountBody{Passkey: p.ID, Label: label})
	})
	if err == nil {
		s.byChange.give("passkey:" + by.ID)
	}
	return p, err
}

// BeginPasskeySignIn begins a sign-in by whichever passkey the browser has for
// this site; nobody says who they are before. One that is begun and not finished
// counts against the network it came from. Faults: TooMany.
func (s *Service) BeginPasskeySignIn(at Site, from Client) (options any, begun string, err error) {
	if err := tooMany(s.byBegins.take("net:" + network(from.Addr))); err != nil {
		return nil, "", err
	}
	rp, err := at.party()
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "fault.internal")
	}
	assertion, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "fault.internal")
	}
	begun, err = s.carry("in", ceremony{Session: *session})
	return assertion, begun, err
}

// SignInByPasskey begins the session of whom the passkey belongs to. A passkey
// whose counter went back was copied: it is refused, and that is a fact.
//
// Faults: Unauthenticated "auth.passkey_wrong", whatever is wrong; TooMany.
func (s *Service) SignInByPasskey(ctx context.Context, at Site, begun, response string, from Client) (Session, error) {
	net := "net:" + network(from.Addr)
	if err := tooMany(s.byNetwork.take(net)); err != nil {
		return Session{}, err
	}
	c, err := s.carried("in", begun)
	if err != nil {
		return Session{}, wrongPasskey()
	}
	rp, err := at.party()
	if err != nil {
		return Session{}, fault.Wrap(err, fault.Internal, "fault.internal")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(response))
	if err != nil {
		return Session{}, wrongPasskey()
	}
	h, list, err := s.holderOfHandle(ctx, string(parsed.Response.UserHandle))
	if err != nil {
		return Session{}, err
	}
	_, used, err := rp.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return h, nil }, c.Session, parsed)
	if err != nil || h.Disabled {
		return Session{}, wrongPasskey()
	}
	s.byNetwork.give(net)
	record, err := json.Marshal(*used)
	if err != nil {
		return Session{}, err
	}
	var id string
	for _, p := range list {
		if string(p.record.ID) == string(used.ID) {
			id = p.ID
		}
	}
	var b Session
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		b = Session{}
		if err := spend(tx, c, wrongPasskey()); err != nil {
			return err
		}
		if used.Authenticator.CloneWarning {
			return s.recordAccount(tx, FactPasskeyCopied, h.ID, h.Account, AccountBody{Passkey: id})
		}
		a, found, err := accountBy(tx, "id", h.ID)
		if err == nil && (!found || a.Disabled) {
			err = wrongPasskey()
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`update auth_passkey set record = $1, used = $2 where id = $3 and account = $4`, record, clock.Micros(s.now()), id, a.ID)
		if err == nil && n == 0 {
			err = wrongPasskey() // removed meanwhile
		}
		if err != nil {
			return err
		}
		b, err = s.begin(tx, a, from.Device, "passkey", false)
		if a.Login != "" {
			b.Proof = s.prove(from.Proof, "name:"+a.Login)
		}
		return err
	})
	if err == nil && b.ID == "" {
		err = wrongPasskey()
	}
	if err == nil {
		s.byBegins.give(net)
	}
	return b, err
}

// holderOfHandle is the account a passkey names; nobody is an empty holder, whom
// no passkey fits.
func (s *Service) holderOfHandle(ctx context.Context, id string) (h holderOf, list []Passkey, err error) {
	err = s.db.Read(ctx, func(r storage.Reader) error {
		h = holderOf{}
		a, _, err := accountBy(r, "id", id)
		if err != nil {
			return err
		}
		h.Account = a
		list, err = passkeysOf(r, id)
		return err
	})
	for _, p := range list {
		h.keys = append(h.keys, p.record)
	}
	return h, list, err
}

// Passkeys lists by's own passkeys, newest first.
func (s *Service) Passkeys(ctx context.Context, by Principal) (list []Passkey, err error) {
	err = s.db.Read(ctx, func(r storage.Reader) error {
		list, err = passkeysOf(r, by.ID)
		return err
	})
	return list, err
}

func passkeysOf(r storage.Reader, account string) ([]Passkey, error) {
	return storage.All(r, func(rows *sql.Rows) (p Passkey, err error) {
		var created, used int64
		var record []byte
		if err := rows.Scan(&p.ID, &p.Label, &created, &used, &record); err != nil {
			return p, err
		}
		p.Created = clock.FromMicros(created)
		if used != 0 {
			p.Used = clock.FromMicros(used)
		}
		return p, json.Unmarshal(record, &p.record)
	}, `select id, label, created, used, record from auth_passkey where account = $1 order by id desc`, account)
}

// RemovePasskey ends one of by's own passkeys. Faults: NotFound.
func (s *Service) RemovePasskey(ctx context.Context, by Principal, id string) error {
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", by.ID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`delete from auth_passkey where id = $1 and account = $2`, id, by.ID)
		if err == nil && (!found || n == 0) {
			err = fault.New(fault.NotFound, "auth.no_passkey")
		}
		if err != nil {
			return err
		}
		return s.recordAccount(tx, FactPasskeyRemoved, by.ID, a, AccountBody{Passkey: id})
	})
}

// carry seals a ceremony for the browser to bring back; kind keeps one sort from
// being brought back as another.
func (s *Service) carry(kind string, c ceremony) (string, error) {
	c.ID, c.Until = rand.Text(), s.now().Add(ceremonyLife)
	plain, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sealed, err := s.ring.Seal(plain, []byte("auth.ceremony:"+kind))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (s *Service) carried(kind, begun string) (c ceremony, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(begun))
	if err != nil {
		return c, err
	}
	plain, err := s.ring.Open(sealed, []byte("auth.ceremony:"+kind))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return c, err
	}
	if !s.now().Before(c.Until) {
		return c, wrongPasskey()
	}
	return c, nil
}

// spend lets a ceremony be finished once; again is what the second try hears.
func spend(tx *storage.Tx, c ceremony, again error) error {
	n, err := tx.Exec(`insert into auth_spent (id, expires) values ($1, $2) on conflict (id) do nothing`, c.ID, clock.Micros(c.Until))
	if err == nil && n == 0 {
		err = again
	}
	return err
}

func wrongPasskey() error { return fault.New(fault.Unauthenticated, "auth.passkey_wrong") }

// badPasskey keeps the cause for the log alone.
func badPasskey(err error) error {
	f := fault.New(fault.Invalid, "auth.passkey_bad").With("passkey_label", "auth.passkey_bad")
	f.Err = err
	return f
}
