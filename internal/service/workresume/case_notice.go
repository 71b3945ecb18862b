package workresume

import (
	"context"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// LateNotices are what by is told of late cases and has not marked as seen, the
// latest first.
//
// Faults: Denied.
func (s *Service) LateNotices(ctx context.Context, by auth.Principal) (list []casework.Notice, err error) {
	if err := by.Permit(MayHearLate, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, err = s.Cases.Notices(r, by)
		return err
	})
	return list, err
}

// SeenLate marks one notice as seen: by looks after it. The case stays late.
//
// Faults: Denied, NotFound.
func (s *Service) SeenLate(ctx context.Context, by auth.Principal, id, step string, key once.Key) error {
	if err := by.Permit(MayHearLate, Grants, by.Scope); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) { return id, s.Cases.Seen(tx, by, id, step) })
		return err
	})
}
