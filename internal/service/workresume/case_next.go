package workresume

import (
	"context"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

// NextCase is the case to be worked after another: the next deadline of those by has,
// then of those nobody has; "" when nothing waits. It assigns nothing.
//
// Faults: Denied.
func (s *Service) NextCase(ctx context.Context, by auth.Principal, after string) (id string, err error) {
	if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
		return "", err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		id = ""
		for _, view := range []casework.View{casework.Mine, casework.Unassigned} {
			list, _, err := s.Cases.List(r, by, casework.Filter{View: view, Kinds: []string{CaseFiling, CaseAppeal}, Limit: 2})
			if err != nil {
				return err
			}
			for _, c := range list {
				if c.ID != after && id == "" {
					id = c.ID
				}
			}
		}
		return nil
	})
	return id, err
}
