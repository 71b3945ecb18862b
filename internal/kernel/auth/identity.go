package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Identities is the district's own identity provider, by which staff may sign in
// beside password and passkey. It says who somebody is; which account that opens
// was bound before, by a person: see LinkIdentity and BindIdentity.
type Identities interface {
	// Name is what people here call it, Identifier the issuer its subjects belong to.
	Name() string
	Identifier() string
	// Ask returns the address at which the provider asks who is there. It must not
	// wait long: somebody stands before the page.
	Ask(ctx context.Context, c Challenge) (string, error)
	// Answer turns the code that came back into who it was, once, and by which session
	// of the provider's, "" where it names none.
	Answer(ctx context.Context, code string, c Challenge) (who Identity, session string, err error)
	// Departed reads the provider's word that somebody is signed in there no more.
	Departed(ctx context.Context, word string) (Departure, error)
}

// Challenge is one question to the provider. State names it in the address; Nonce
// has to stand in the answer; Verifier never leaves this program but in exchange
// for the code. Fresh asks the person to prove anew who they are.
type Challenge struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Back     string `json:"back"`
	Fresh    bool   `json:"fresh,omitempty"`
}

// Identity is who the provider says somebody is: Subject is unique below Issuer and
// is never given to another person (OpenID Connect Core 1.0, 5.7). Names and e-mail
// addresses can be, and count for nothing here.
type Identity struct{ Issuer, Subject string }

// Returned is what the browser brought back from the provider.
type Returned struct {
	State, Code string
	Issuer      string // where the provider names itself (RFC 9207)
	Trouble     string // the provider's word for why there is no code
}

// Provider is the name of the district's identity provider, or "".
func (s *Service) Provider() string {
	if s.identities == nil {
		return ""
	}
	return s.identities.Name()
}

// BeginIdentity begins a sign-in by the provider: where the browser goes, and what
// it keeps meanwhile, sealed. back is the address the provider sends it to.
//
// Faults: NotFound "auth.no_provider", TooMany, Unavailable "auth.provider_down",
// Denied "auth.provider_issuer".
func (s *Service) BeginIdentity(ctx context.Context, back string, from Client) (to, begun string, err error) {
	if err := tooMany(s.byBegins.take("net:" + network(from.Addr))); err != nil {
		return "", "", err
	}
	return s.ask(ctx, "", back)
}

// BeginIdentityLink begins to link by's own account to an identity of the provider,
// who is asked to make sure anew who it is: a machine on which a colleague is still
// signed in there must not link the colleague.
//
// Faults: as BeginIdentity; Denied, Conflict "auth.identity_linked".
func (s *Service) BeginIdentityLink(ctx context.Context, by Principal, back string) (to, begun string, err error) {
	if by.Zero() || by.Program() || !by.Role.Office() {
		return "", "", denied()
	}
	if err := tooMany(s.byChange.take("identity:" + by.ID)); err != nil {
		return "", "", err
	}
	if has, err := s.IdentityOf(ctx, by); err != nil || has.Subject != "" {
		return "", "", linkedAlready(err)
	}
	return s.ask(ctx, by.ID, back)
}

func linkedAlready(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "auth.identity_linked")
}

// Office is whether accounts of the role may be opened by the district's provider:
// those who work for the district itself.
func (r Role) Office() bool {
	return r == Officer || r == SecondOfficer || r == Auditor || r == Commander
}

func (s *Service) ask(ctx context.Context, account, back string) (to, begun string, err error) {
	if s.identities == nil {
		return "", "", fault.New(fault.NotFound, "auth.no_provider")
	}
	// Three chances of 130 bits and more; the verifier has 43 characters at least
	// (RFC 7636, 4.1).
	c := Challenge{State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(), Back: back, Fresh: account != ""}
	if to, err = s.identities.Ask(ctx, c); err != nil {
		return "", "", err
	}
	begun, err = s.carry(identityKind, ceremony{Account: account, Asked: &c})
	return to, begun, err
}

const identityKind = "identity"

// LinksIdentity says whether what the browser kept was begun by BeginIdentityLink.
func (s *Service) LinksIdentity(begun string) bool {
	c, err := s.carried(identityKind, begun)
	return err == nil && c.Account != ""
}

// answered opens what was begun, makes sure that this is the answer to it, and asks
// the provider whose code it is.
//
// Faults: Denied "auth.provider_again" for an answer to nothing that this browser
// asked within five minutes, "auth.provider_declined", "auth.provider_issuer", and
// as Identities has them.
func (s *Service) answered(ctx context.Context, begun string, r Returned) (c ceremony, who Identity, session string, err error) {
	if s.identities == nil {
		return ceremony{}, who, "", fault.New(fault.NotFound, "auth.no_provider")
	}
	c, err = s.carried(identityKind, begun)
	if err != nil || c.Asked == nil || subtle.ConstantTimeCompare([]byte(c.Asked.State), []byte(r.State)) != 1 {
		return ceremony{}, who, "", askAgain()
	}
	switch {
	case r.Issuer != "" && r.Issuer != s.identities.Identifier():
		return c, who, "", fault.New(fault.Denied, "auth.provider_issuer")
	case r.Trouble == "access_denied":
		return c, who, "", fault.New(fault.Denied, "auth.provider_declined")
	case r.Trouble != "" || r.Code == "":
		return c, who, "", fault.New(fault.Denied, "auth.provider_code")
	}
	who, session, err = s.identities.Answer(ctx, r.Code, *c.Asked)
	return c, who, session, err
}

func askAgain() error { return fault.New(fault.Denied, "auth.provider_again") }

// SignInByIdentity begins the session of the account that is linked to whom the
// provider names. Nobody is made an account of by signing in.
//
// Faults: Denied "auth.provider_unknown" with the subject, so that the person can
// tell it to whoever links accounts, also for an account that was stopped; as
// answered; TooMany.
func (s *Service) SignInByIdentity(ctx context.Context, begun string, r Returned, from Client) (Session, error) {
	net := "net:" + network(from.Addr)
	if err := tooMany(s.byNetwork.take(net)); err != nil {
		return Session{}, err
	}
	c, who, sid, err := s.answered(ctx, begun, r)
	if err == nil && c.Account != "" {
		err = askAgain() // begun to link, not to sign in
	}
	if err != nil {
		return Session{}, err
	}
	var b Session
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		b = Session{}
		if err := spend(tx, c, askAgain()); err != nil {
			return err
		}
		l, found, err := linkBy(tx, who)
		if err != nil {
			return err
		}
		a, known, err := accountBy(tx, "id", l.account)
		if err == nil && (!found || l.ended || !known || a.Disabled || !a.Role.Office()) {
			err = fault.New(fault.Denied, "auth.provider_unknown", "subject", who.Subject)
		}
		if err != nil {
			return err
		}
		now := clock.Micros(s.now())
		if _, err := tx.Exec(`update auth_identity set used = $1, proven = 1 where issuer = $2 and subject = $3`, now, who.Issuer, who.Subject); err != nil {
			return err
		}
		if b, err = s.begin(tx, a, from.Device, "provider", false); err != nil {
			return err
		}
		if err := keepProvider(tx, b, who, sid); err != nil {
			return err
		}
		if a.Login != "" {
			b.Proof = s.prove(from.Proof, "name:"+a.Login)
		}
		return nil
	})
	if err != nil {
		return Session{}, err
	}
	s.byNetwork.give(net)
	s.byBegins.give(net)
	return b, nil
}

// Linked is the identity of an account. Used is zero while nobody came by it.
type Linked struct {
	Identity
	Since, Used time.Time
}

// IdentityOf is the identity by's own account is linked to; none is a zero.
func (s *Service) IdentityOf(ctx context.Context, by Principal) (l Linked, err error) {
	err = s.db.Read(ctx, func(r storage.Reader) (err error) {
		l, _, err = linkOf(r, by.ID)
		return err
	})
	return l, err
}

// LinkIdentity links by's own account to whom the provider names, who thereby stood
// at this browser while by was signed in.
//
// Faults: Denied; Conflict "auth.identity_linked", "auth.identity_taken" or
// "auth.identity_one_person"; as answered.
func (s *Service) LinkIdentity(ctx context.Context, by Principal, begun string, r Returned) error {
	c, who, _, err := s.answered(ctx, begun, r)
	if err != nil {
		return err
	}
	if by.Zero() || by.Program() || c.Account != by.ID {
		return askAgain() // another signed in meanwhile
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := spend(tx, c, askAgain()); err != nil {
			return err
		}
		return s.link(tx, by.ID, by.ID, who, true)
	})
	if err == nil {
		s.byChange.give("identity:" + by.ID)
	}
	return err
}

// BindIdentity links an account to a subject of the provider by an operator's act,
// who has seen both; the first sign-in proves it. by is the machine's operator.
//
// Faults: Denied, NotFound, Invalid with field subject; Conflict as LinkIdentity.
func (s *Service) BindIdentity(ctx context.Context, by Principal, login string, who Identity) error {
	if by.Role != System {
		return denied()
	}
	who.Subject = strings.TrimSpace(who.Subject)
	if who.Subject == "" || len(who.Subject) > 255 { // 255 is the most there is (Core, 2)
		return fault.New(fault.Invalid, "auth.invalid").With("subject", "auth.identity_subject")
	}
	if who.Issuer == "" {
		return fault.New(fault.Invalid, "auth.invalid").With("issuer", "auth.identity_issuer")
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "login", normal(login))
		if err == nil && (!found || seated(normal(login))) {
			err = noAccount()
		}
		if err != nil {
			return err
		}
		return s.link(tx, by.ID, a.ID, who, false)
	})
}
