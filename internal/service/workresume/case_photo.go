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

// AddCasePhoto keeps an officer's photo of the place, or of a video, with a case.
// Sent again after a line that broke, it is the photo that is there already.
//
// Faults: Denied, NotFound, TooLarge, Busy; Invalid at "photo"; Conflict
// "casework.closed", "casework.photo_many".
func (s *Service) AddCasePhoto(ctx context.Context, by auth.Principal, id string, file io.Reader, key once.Key) (casework.Photo, error) {
	if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
		return casework.Photo{}, err
	}
	if _, err := s.CaseOf(ctx, by, id); err != nil { // before anything is drawn
		return casework.Photo{}, err
	}
	return s.addPhoto(ctx, by, id, casework.FromOfficer, file, key, func(tx *storage.Tx) error {
		_, err := s.Cases.Get(tx, by, id)
		return err
	})
}

// AddAppealPhoto keeps a firm's photo as evidence with its open appeal.
//
// Faults: as AddCasePhoto; Conflict "workresume.no_appeal" when none is open.
func (s *Service) AddAppealPhoto(ctx context.Context, by auth.Principal, firm string, file io.Reader, key once.Key) (casework.Photo, error) {
	var id string
	open := func(r storage.Reader) error {
		if _, err := s.permitFirm(r, by, MayFile, firm); err != nil {
			return err
		}
		c, stands, err := s.Cases.Standing(r, CaseAppeal, firm)
		if err == nil && !stands {
			err = fault.New(fault.Conflict, "workresume.no_appeal")
		}
		id = c.ID
		return err
	}
	if err := s.Store.Read(ctx, open); err != nil {
		return casework.Photo{}, err
	}
	return s.addPhoto(ctx, by, id, casework.FromApplicant, file, key, func(tx *storage.Tx) error { return open(tx) })
}

func (s *Service) addPhoto(ctx context.Context, by auth.Principal, id, from string, file io.Reader, key once.Key, permit func(*storage.Tx) error) (p casework.Photo, err error) {
	picture, err := s.Cases.Redraw(ctx, file)
	if err != nil {
		return p, err
	}
	key.Digest = once.Digest([]byte(id), picture.Full) // a key is for one photo
	sealed, err := s.Cases.PreparePhoto(id, picture, by, from)
	if err != nil {
		return p, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := permit(tx); err != nil {
			return err
		}
		p, err = once.Do(tx, key, s.Clock(), func() (casework.Photo, error) { return s.Cases.AddPhoto(tx, by, sealed) })
		return err
	})
	return p, err
}

// seesCase is whether by may see a case and its photos: an officer who works it, or
// the office of the firm it is about.
func (s *Service) seesCase(r storage.Reader, by auth.Principal, id string) error {
	if by.Role != auth.Firm {
		_, err := s.Cases.Get(r, by, id)
		return err
	}
	list, err := s.Cases.Of(r, by.Scope.ID, casesShown)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.ID == id && (c.Kind == CaseFiling || c.Kind == CaseAppeal) {
			return nil
		}
	}
	return noCase()
}

// CasePhotos are a case's photos in the order they came. A firm sees its own; the
// officers' looks at the place are the district's.
//
// Faults: NotFound.
func (s *Service) CasePhotos(ctx context.Context, by auth.Principal, id string) (list []casework.Photo, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if err := s.seesCase(r, by, id); err != nil {
			return err
		}
		all, err := s.Cases.Photos(r, id)
		for _, p := range all {
			if by.Role != auth.Firm || p.From == casework.FromApplicant {
				list = append(list, p)
			}
		}
		return err
	})
	return list, err
}

// CasePhoto is one photo as JPEG, small or whole.
//
// Faults: NotFound.
func (s *Service) CasePhoto(ctx context.Context, by auth.Principal, id, photo string, small bool) ([]byte, error) {
	list, err := s.CasePhotos(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var sealed []byte
	for _, p := range list {
		if p.ID == photo {
			if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
				sealed, err = s.Cases.PhotoSealed(r, id, photo, small)
				return err
			}); err != nil {
				return nil, err
			}
			return s.Cases.Unseal(photo, sealed)
		}
	}
	return nil, fault.New(fault.NotFound, "casework.photo_unknown")
}
