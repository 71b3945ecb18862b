package auth

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"slices"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Client is where a sign-in comes from. Device is a few words a person knows
// the machine by ("Chrome on Windows"); the address is counted, never kept. Proof
// is what the last session begun at this machine gave it; see Session.
type Client struct {
	Addr   netip.Addr
	Device string
	Proof  string
}

// SignIn begins a session by user name and password. A firm's user name is its
// credit code, and, until an officer has released its claim, the reference of
// the claim; whoever knows that claim's password is told how it stands.
//
// An unknown name, a wrong password, a disabled account and an account without
// a password get the same answer after the same work.
//
// Faults: Unauthenticated "auth.sign_in", TooMany, Busy, and Denied
// "auth.claim_waiting" or "auth.claim_turned_down" for a claimant.
func (s *Service) SignIn(ctx context.Context, login, password string, from Client) (Session, error) {
	login = normal(login)
	name := "name:" + login[:min(len(login), 64)]
	try, err := s.charge(s.names, name, from)
	if err != nil {
		return Session{}, err
	}
	who, err := s.find(ctx, login)
	if err != nil {
		try.undo()
		return Session{}, err
	}
	right, err := s.passwords.verify(ctx, who.password(), password)
	if err != nil {
		try.undo()
		return Session{}, err
	}
	if !right || who.account.Disabled {
		return Session{}, wrong()
	}
	try.undo()
	switch who.claim.State {
	case Waiting:
		return Session{}, fault.New(fault.Denied, "auth.claim_waiting", "reference", who.claim.Reference)
	case Refused:
		return Session{}, fault.New(fault.Denied, "auth.claim_turned_down", "reference", who.claim.Reference, "reason", who.claim.Reason)
	}
	var begun Session
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		// Read again: it may have been disabled or changed while we hashed.
		a, found, err := accountBy(tx, "id", who.account.ID)
		if err == nil && (!found || a.Disabled || a.password != who.account.password) {
			err = wrong()
		}
		if err != nil {
			return err
		}
		begun, err = s.begin(tx, a, from.Device, "password", false)
		begun.Proof = s.prove(from.Proof, name)
		return err
	})
	return begun, err
}

// holder is what a typed user name stands for: an account, or a claim that is
// not one yet, or nothing.
type holder struct {
	account Account
	claim   Claim
}

func (h holder) password() string {
	if h.claim.State != "" {
		return h.claim.password
	}
	return h.account.password
}

// find asks the same three questions whatever the answers are.
func (s *Service) find(ctx context.Context, login string) (h holder, err error) {
	code, _ := ident.CreditCode(login)
	reference, _ := ident.CheckAloud(login)
	err = s.db.Read(ctx, func(r storage.Reader) error {
		h = holder{}
		account, found, err := accountBy(r, "login", login)
		if err != nil {
			return err
		}
		byReference, err := newestClaim(r, "reference", reference)
		if err != nil {
			return err
		}
		byCode, err := newestClaim(r, "credit_code", code)
		if err != nil {
			return err
		}
		released, _, err := accountBy(r, "id", byReference.Account)
		if err != nil {
			return err
		}
		switch {
		case found && !seated(login):
			h.account = account
		case byReference.State == Released:
			h.account = released
		case byReference.ID != "":
			h.claim = byReference
		case byCode.State != Released:
			h.claim = byCode
		}
		return nil
	})
	return h, err
}

// SignInWorker begins a session by the phone on the roster and the last six
// characters of the ID number; see the package's word on what that proves. The
// account is made on the first sign-in.
// Faults: Unauthenticated "auth.sign_in_worker", TooMany, Busy, NotFound
// "auth.codes_only" where messages are sent instead.
func (s *Service) SignInWorker(ctx context.Context, phone, lastSix string, from Client) (Session, error) {
	if s.codesOnly {
		return Session{}, fault.New(fault.NotFound, "auth.codes_only")
	}
	number, err := ident.Phone(phone)
	lastSix = tidySix(lastSix)
	if err != nil || len(lastSix) != 6 || s.residents == nil {
		number, lastSix = "", "" // no such phone; the same path
	}
	key := "phone:" + number
	try, err := s.charge(s.phones, key, from)
	if err != nil {
		return Session{}, err
	}
	var people []Candidate
	if s.residents != nil {
		if people, err = s.residents.ByPhone(ctx, number); err != nil {
			try.undo()
			return Session{}, err
		}
	}
	people = slices.DeleteFunc(people, func(c Candidate) bool { return c.Role != Worker })
	who, matches := matching(people, lastSix)
	person := who.Person
	if matches != 1 || number == "" { // two who cannot be told apart are nobody
		return Session{}, fault.New(fault.Unauthenticated, "auth.sign_in_worker")
	}
	try.undo()
	var begun Session
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		a, err := s.EnsureSeat(tx, "system", Seat{Role: Worker, Scope: Person(person), Person: person})
		if err == nil && a.Disabled {
			err = fault.New(fault.Unauthenticated, "auth.sign_in_worker")
		}
		if err != nil {
			return err
		}
		begun, err = s.begin(tx, a, from.Device, "phone", false)
		begun.Proof = s.prove(from.Proof, key)
		return err
	})
	return begun, err
}

// tidySix is the six characters in their one spelling.
func tidySix(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(ident.Fold(text)), ""))
}

// matching finds who has these last six characters, and how many have.
func matching(people []Candidate, lastSix string) (who Candidate, matches int) {
	for _, c := range people {
		id := strings.ToUpper(c.IDNumber)
		tail := id[max(0, len(id)-6):]
		if len(tail) == 6 && subtle.ConstantTimeCompare([]byte(tail), []byte(lastSix)) == 1 {
			who, matches = c, matches+1
		}
	}
	return who, matches
}

func wrong() error { return fault.New(fault.Unauthenticated, "auth.sign_in") }
