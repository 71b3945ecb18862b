package workresume

import (
	"context"
	"io"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// AddRestrictionPhoto keeps a person's photo as evidence with their own open appeal
// against a restriction: a test result, a ticket, a paper of the hospital.
//
// Faults: Denied, NotFound, TooLarge, Busy; Invalid at "photo"; Conflict
// "casework.closed", "casework.photo_many".
func (s *Service) AddRestrictionPhoto(ctx context.Context, by auth.Principal, id string, file io.Reader, key once.Key) (casework.Photo, error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return casework.Photo{}, err
	}
	own := func(r storage.Reader) error {
		x, err := s.appealed(r, id)
		if err == nil {
			err = s.ownRestriction(r, by, x)
		}
		return err
	}
	if err := s.Store.Read(ctx, own); err != nil { // before anything is drawn
		return casework.Photo{}, err
	}
	return s.addPhoto(ctx, by, id, casework.FromApplicant, file, key, func(tx *storage.Tx) error { return own(tx) })
}

// RestrictionPhoto is one photo of an appeal against a restriction as JPEG, small or
// whole: for the person who sent it, and for an officer in whose reach they are.
//
// Faults: NotFound, also for what is not for by.
func (s *Service) RestrictionPhoto(ctx context.Context, by auth.Principal, id, photo string, small bool) ([]byte, error) {
	var sealed []byte
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		x, err := s.appealed(r, id)
		if err != nil {
			return err
		}
		if by.Permit(MayReport, Grants, auth.Person(by.Person)) == nil {
			err = s.ownRestriction(r, by, x)
		} else if _, unseen := s.permitRestrict(r, by, x.Person); unseen != nil {
			err = noCase()
		}
		if err != nil {
			return err
		}
		sealed, err = s.Cases.PhotoSealed(r, id, photo, small)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Cases.Unseal(photo, sealed)
}

// appealed is the restriction that a case appeals against. It permits nobody.
func (s *Service) appealed(r storage.Reader, id string) (Restriction, error) {
	var of string
	err := r.Row(`select restriction from workresume_restriction where appeal = $1`, id).Scan(&of)
	if id == "" || storage.NoRows(err) {
		return Restriction{}, noCase()
	}
	if err != nil {
		return Restriction{}, err
	}
	return s.restriction(r, of)
}

// ownRestriction is whether a restriction holds by's own code, by any of their records.
func (s *Service) ownRestriction(r storage.Reader, by auth.Principal, x Restriction) error {
	one, err := s.onePerson(r, by.Person, x.Person)
	if err == nil && !one {
		err = fault.New(fault.NotFound, "casework.unknown")
	}
	return err
}
