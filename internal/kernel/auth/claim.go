package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// The states of a claim. Waiting ends in one of the others, once.
const (
	Waiting  = "waiting"
	Released = "released"
	Refused  = "refused"
)

// NoPark is a claim's park when the firm works in a building of its own, in no park.
const NoPark = "none"

// Claim is a firm's wish to hold its own file. Contact and phone are masked;
// an officer opens them with RevealContact.
type Claim struct {
	ID         string
	Reference  string // read aloud, and the user name until released
	Firm       string // organisation id, "" while the code is unknown here
	CreditCode string
	FirmName   string
	Park       string // a park's id, NoPark, or "" of claims from before it was asked
	Contact    string
	Phone      string
	State      string
	Reason     string // of a refusal
	Account    string // once released
	Created    time.Time
	Decided    time.Time
	DecidedBy  string

	password string
	sealed   []byte
}

// ClaimInput is what a firm's office types. FirmName is always asked for, or the
// form would tell known codes from unknown ones; it is used if the district does
// not know the code. Park is where the firm works, or NoPark: the gates of a park open
// to its own firms only. Ticket, if given, makes the claim happen once however often
// the form is sent.
type ClaimInput struct {
	CreditCode string
	FirmName   string
	Park       string
	Contact    string
	Phone      string
	Password   string
	Ticket     string
}

type contact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

// ClaimFirm files a claim, which waits for an officer. It answers alike whether
// or not the firm has an account or other claims: several may wait, one of them
// is released.
// Faults: Invalid, TooMany, Busy.
func (s *Service) ClaimFirm(ctx context.Context, in ClaimInput, from Client) (Claim, error) {
	if s.firms == nil {
		return Claim{}, fault.New(fault.NotFound, "auth.no_claims")
	}
	in, err := in.Mended()
	if err != nil {
		return Claim{}, err
	}
	if err := tooMany(s.byClaims.take(network(from.Addr))); err != nil {
		return Claim{}, err
	}
	if in.Park != NoPark {
		if ok, err := s.firms.IsPark(ctx, in.Park); err != nil {
			return Claim{}, err
		} else if !ok {
			return Claim{}, fault.New(fault.Invalid, "auth.invalid").With("park", "auth.park_unknown")
		}
	}
	firm, known, err := s.firms.ByCode(ctx, in.CreditCode)
	if err != nil {
		return Claim{}, err
	}
	if known {
		in.FirmName = firm.Name
	}
	hash, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return Claim{}, err
	}
	now := s.now()
	c := Claim{
		ID: ident.New("clm", now), Reference: newReference(), Firm: firm.ID, CreditCode: in.CreditCode, FirmName: in.FirmName, Park: in.Park,
		State: Waiting, Created: now, password: hash,
	}
	c.Contact, c.Phone = ident.MaskName(in.Contact), ident.MaskPhone(in.Phone)
	open, err := json.Marshal(contact{in.Contact, in.Phone})
	if err != nil {
		return Claim{}, err
	}
	if c.sealed, err = s.ring.Seal(open, c.aad()); err != nil {
		return Claim{}, err
	}
	if in.Ticket == "" {
		in.Ticket = ident.New("tck", now)
	}
	// Keyed, for a phone number alone would be found again from a plain hash.
	digest := s.ring.Hash("auth.claim", strings.Join([]string{in.CreditCode, in.Contact, in.Phone, in.Park}, "\n"))
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`insert into auth_claim (id, reference, ticket, digest, firm, credit_code, firm_name, park, contact, password, state, reason, account, created, decided, decided_by)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', '', '', $11, 0, '') on conflict (ticket) do nothing`,
			c.ID, c.Reference, in.Ticket, digest, c.Firm, c.CreditCode, c.FirmName, c.Park, c.sealed, hash, clock.Micros(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return s.sameClaim(tx, in.Ticket, digest, &c)
		}
		return s.recordClaim(tx, FactClaimed, c.ID, c, ClaimBody{})
	})
	if err != nil {
		return Claim{}, err
	}
	return c, nil
}

// sameClaim answers a form sent twice with the claim of the first time.
func (s *Service) sameClaim(tx *storage.Tx, ticket string, digest []byte, c *Claim) error {
	var id string
	var was []byte
	if err := tx.Row(`select id, digest from auth_claim where ticket = $1`, ticket).Scan(&id, &was); err != nil {
		return err
	}
	if !bytes.Equal(was, digest) {
		return fault.New(fault.Invalid, "auth.other_claim")
	}
	first, err := newestClaim(tx, "id", id)
	if err == nil {
		err = s.mask(&first)
	}
	*c = first
	return err
}

// Mended returns the input as it will be kept, or every field to mend; a form's
// page of answers to check shows it. Faults: Invalid.
func (in ClaimInput) Mended() (ClaimInput, error) {
	bad := fault.New(fault.Invalid, "auth.invalid")
	code, err := ident.CreditCode(in.CreditCode)
	if err != nil {
		f := fault.As(err)
		bad.Fields = append(bad.Fields, fault.Field{Name: "credit_code", Code: f.Code, Args: f.Args})
	} else {
		in.CreditCode = code
	}
	in.FirmName, in.Contact = ident.Fold(in.FirmName), ident.Fold(in.Contact)
	if n := len([]rune(in.FirmName)); n == 0 || n > 100 {
		bad.With("firm_name", "auth.firm_name_needed")
	}
	if in.Park == "" || len(in.Park) > 60 {
		bad.With("park", "auth.park_needed")
	}
	if n := len([]rune(in.Contact)); n < 2 || n > 60 {
		bad.With("contact", "auth.contact_needed")
	}
	if phone, err := officePhone(in.Phone); err != nil {
		bad.With("phone", "auth.phone_needed")
	} else {
		in.Phone = phone
	}
	if bad2 := goodPassword(in.Password, in.CreditCode, in.Phone); bad2 != "" {
		bad.With("password", bad2, "least", passwordLeast)
	}
	if len(in.Ticket) > 100 {
		bad.With("ticket", "auth.ticket")
	}
	return in, bad.OrNil()
}

// officePhone takes a mobile, or a land line with its area code: somebody has
// to be called before a claim is released.
func officePhone(text string) (string, error) {
	if mobile, err := ident.Phone(text); err == nil {
		return mobile, nil
	}
	line := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, ident.Fold(text))
	if len(line) < 10 || len(line) > 18 || line[0] != '0' || strings.Trim(line, "0123456789") != "" {
		return "", fault.New(fault.Invalid, "auth.phone_needed")
	}
	return line, nil
}

func newReference() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return ident.NewAloud(binary.BigEndian.Uint64(b[:]))
}

func (c Claim) aad() []byte { return []byte("auth_claim:" + c.ID) }

// mask fills in contact and phone as they may be shown.
func (s *Service) mask(c *Claim) error {
	open, err := s.contact(*c)
	c.Contact, c.Phone = ident.MaskName(open.Name), ident.MaskPhone(open.Phone)
	return err
}

func (s *Service) contact(c Claim) (open contact, err error) {
	plain, err := s.ring.Open(c.sealed, c.aad())
	if err != nil {
		return contact{}, err
	}
	return open, json.Unmarshal(plain, &open)
}
