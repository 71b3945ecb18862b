package ration

import (
	"context"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Paper is who somebody says another is: what stands on the paper they show.
type Paper struct{ Name, IDKind, IDNumber string }

// person is a paper's person, as they are put on record.
//
// Faults: Invalid with fields number and name.
func (in Paper) person(today time.Time) (party.Person, error) {
	p := party.Person{Name: ident.Fold(in.Name), IDKind: in.IDKind}
	bad := fault.New(fault.Invalid, "fault.fields")
	number, err := ident.Document(in.IDKind, in.IDNumber, today)
	if err != nil {
		bad.With("number", fault.As(err).Code)
	}
	if n := len([]rune(p.Name)); n < 1 || n > 60 {
		bad.With("name", "ration.length", "least", 1, "most", 60)
	}
	p.IDNumber = number
	return p, bad.OrNil()
}

// known is the person of a paper shown at a desk, who is known from then on. Name and
// number must be of one person, as for whoever asks for their family.
//
// Faults: Invalid with fields; Conflict "ration.tries".
func (s *Service) known(ctx context.Context, by auth.Principal, in Paper) (id party.ID, err error) {
	now := s.Clock()
	p, err := in.person(now.In(s.Zone))
	if err != nil {
		return "", err
	}
	ready, err := s.Parties.Prepare([]party.Person{p}, now)
	if err != nil {
		return "", err
	}
	var missed bool
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		if missed, err = s.misnamed(tx, "desk:"+by.ID, counterTries, p); err != nil || missed {
			return err
		}
		ids, _, err := s.Parties.EnsureAll(tx, ready, now)
		if err == nil {
			id = ids[0]
		}
		return err
	})
	if err == nil && missed {
		err = otherName()
	}
	return id, err
}

func otherName() error {
	return fault.New(fault.Invalid, "fault.fields").With("number", "ration.family_name")
}

// misnamed is whether the number is of somebody of another name, which counts as a wrong
// try of subject's: whoever is asked for is known by both.
func (s *Service) misnamed(tx *storage.Tx, subject string, most int64, p party.Person) (bool, error) {
	if err := s.mayTry(tx, subject, most); err != nil {
		return false, err
	}
	id, found, err := s.Parties.FindNumber(tx, p.IDKind, p.IDNumber)
	if err != nil || !found {
		return false, err
	}
	who, err := s.Parties.Get(tx, id)
	if err != nil || party.SameName(who.Name, p.Name) {
		return false, err
	}
	return true, s.tried(tx, subject)
}
