package workresume

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// SeedFirm is one invented firm of a demonstration with its whole roster.
type SeedFirm struct {
	CreditCode, Name, Park string
	Filing                 *Filing // nil: has not filed
	State                  State   // asked of the rules when Filing is there
	Since                  time.Time
	People                 []party.Person
	Posts                  []string // of People
}

// At is the same service on the same store at another time: the invented past of a
// demonstration goes through the verbs that everybody uses. Nobody else may work on
// the store meanwhile.
func (s *Service) At(c clock.Clock) *Service {
	d := s.Deps
	d.Clock = c
	return New(d)
}

// Seed enters invented firms in bulk, at most about 500 people a call: one fact for
// the chunk, no notices, decisions by the same rules as everybody's. It is for a
// demonstration's empty store; a firm already there is an error.
func (s *Service) Seed(ctx context.Context, firms []SeedFirm) error {
	for {
		err := s.seed(ctx, firms)
		switch storage.Violated(err) {
		case "workresume_certificate.code", "workresume_certificate_code":
			continue // two of thirteen thousand fresh codes fell together, as one demonstration in fifty would see
		}
		return err
	}
}

func (s *Service) seed(ctx context.Context, firms []SeedFirm) error {
	ready := make([]seeded, len(firms))
	for i, f := range firms {
		var err error
		if ready[i], err = s.seedReady(f); err != nil {
			return err
		}
	}
	return s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		ids := make([]string, 0, len(ready))
		for _, f := range ready {
			id, err := s.seedFirm(tx, f)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return s.record(tx, auth.Operator(), factSeeded, "demo", map[string]any{"firms": ids})
	})
}

// seeded is a firm with its cryptography done.
type seeded struct {
	SeedFirm
	row     row
	cert    Certificate
	sealed  []party.Sealed
	digests [][]byte
	details [][]byte
}

func (s *Service) seedReady(f SeedFirm) (seeded, error) {
	out := seeded{SeedFirm: f}
	out.row.State, out.row.Since = Unfiled, f.Since
	out.row.Filing = f.Filing
	if f.Filing != nil {
		d := s.Rules().Decide(f.Filing.facts(int64(len(f.People)), f.Since))
		out.row.Decision, out.row.State = &d, stateOf(d)
		if out.row.State == Certified {
			out.cert = Certificate{ID: ident.New("crt", f.Since), Code: aloud(), Issued: f.Since, Until: f.Since.Add(CertificateLife)}
			text, err := s.Signer.Sign(credential.Claims{
				Kind: credential.Firm, ID: out.cert.ID, Issuer: s.Issuer, Subject: f.CreditCode, Issued: out.cert.Issued, Expires: out.cert.Until,
				Name: f.Name, Class: string(f.Filing.Class), Headcount: f.Filing.Declared, Page: s.PageURL(out.cert.Code),
			})
			if err != nil {
				return out, fmt.Errorf("certificate of %s: %w", f.Name, err)
			}
			out.cert.Text, out.row.certificate = text, out.cert.ID
		}
	}
	var err error
	if out.sealed, err = s.Parties.Prepare(f.People, f.Since); err != nil {
		return out, err
	}
	for i, p := range f.People {
		plain, err := json.Marshal(details{Number: fmt.Sprintf("%04d", i+1), Post: f.Posts[i]})
		if err != nil {
			return out, err
		}
		sealed, err := s.Ring.Seal(plain, []byte("workresume.member"))
		if err != nil {
			return out, err
		}
		out.details = append(out.details, sealed)
		out.digests = append(out.digests, s.Ring.Hash("workresume.row", strings.Join([]string{p.Name, p.IDKind, p.IDNumber, p.Phone, string(plain)}, "\x00")))
	}
	return out, nil
}

func (s *Service) seedFirm(tx *storage.Tx, f seeded) (string, error) {
	o, created, err := s.Parties.AddOrganisation(tx, party.Organisation{Name: f.Name, CreditCode: f.CreditCode, Place: f.Park}, f.Since)
	if err != nil {
		return "", err
	}
	if !created {
		return "", fmt.Errorf("seed: %s is there already", f.CreditCode)
	}
	var class Class
	var declared int64
	if f.Filing != nil {
		class, declared = f.Filing.Class, f.Filing.Declared
	}
	if _, err := tx.Exec(`insert into workresume_firm
		(firm, name, credit_code, park, state, attention, since, class, declared, roster, refusals, reviews, filing, decision, override, certificate)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, '', $13)`,
		o.ID, o.Name, o.CreditCode, o.Place, string(f.row.State), f.row.attention(), clock.Micros(f.Since), string(class), declared,
		len(f.People), text(f.row.Filing), text(f.row.Decision), f.row.certificate); err != nil {
		return "", err
	}
	if c := f.cert; c.ID != "" {
		if _, err := tx.Exec(`insert into workresume_certificate (certificate, firm, code, credential, issued, until, ended) values ($1, $2, $3, $4, $5, $6, 0)`,
			c.ID, o.ID, c.Code, c.Text, clock.Micros(c.Issued), clock.Micros(c.Until)); err != nil {
			return "", err
		}
	}
	if err := s.seedPeople(tx, o.ID, f); err != nil {
		return "", err
	}
	if err := s.seedStock(tx, o.ID, f); err != nil {
		return "", err
	}
	return o.ID, nil
}

// seedStock counts the masks of a firm that works today, or the whole district would
// have run out since it filed. One firm in sixty has one more day, so that there is
// a warning to look at, and of one in two hundred they ran out and nobody has said
// that more came: it is suspended, and mended by a count.
func (s *Service) seedStock(tx *storage.Tx, firm string, f seeded) error {
	if f.row.State != Certified {
		return nil
	}
	masks, sum := f.Filing.Masks*8, 0
	for _, c := range f.CreditCode {
		sum = sum*31 + int(c)
	}
	at := s.Clock()
	switch {
	case sum%61 == 0:
		masks = f.Filing.Declared
	case sum%97 == 3:
		masks, at = f.Filing.Declared, at.Add(-32*time.Hour)
	}
	if sum%41 == 7 && masks > f.Filing.Declared {
		at = at.AddDate(0, 0, -8) // has enough, and should have counted again
	}
	_, err := tx.Exec(`insert into workresume_stock (firm, masks, account, at) values ($1, $2, 'demo', $3)`, firm, masks, clock.Micros(at))
	return err
}

func (s *Service) seedPeople(tx *storage.Tx, firm string, f seeded) error {
	if len(f.sealed) == 0 {
		return nil
	}
	people, _, err := s.Parties.EnsureAll(tx, f.sealed, f.Since)
	if err != nil {
		return err
	}
	rows := make([]any, 0, len(people)*6)
	for i, p := range people {
		rows = append(rows, p, firm, clock.Micros(f.Since), 0, f.digests[i], f.details[i])
	}
	_, err = storage.ExecRows(tx, `insert into workresume_member (person, firm, joined, departed, digest, details) values `, 6, rows, "")
	return err
}
