package workresume

import (
	"context"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// TakeUp takes up the files left behind by a process that was killed, as Resume
// does, and waits until they are read; it returns what came of them. It is for a
// command that owns the store while no server runs. When ctx ends first the files
// stay for the next start.
func (s *Service) TakeUp(ctx context.Context) (ended []Import, err error) {
	if err := s.Resume(ctx); err != nil {
		return nil, err
	}
	var ids []string
	s.running.Range(func(id, _ any) bool { ids = append(ids, id.(string)); return true })
	for _, id := range ids {
		if v, ok := s.running.Load(id); ok {
			select {
			case <-v.(*progress).done:
			case <-ctx.Done():
				s.halt()
				return ended, ctx.Err()
			}
		}
		im, err := s.Import(ctx, auth.Operator(), id)
		if err != nil {
			return ended, err
		}
		ended = append(ended, im)
	}
	return ended, nil
}

// EveryError lists all bad cells of an import, however many; see MostErrors.
//
// Faults: Denied, NotFound.
func (s *Service) EveryError(ctx context.Context, by auth.Principal, id string) (all []CellError, err error) {
	if _, err := s.Import(ctx, by, id); err != nil {
		return nil, err
	}
	err = s.Store.Export(ctx, func(r storage.Reader) error {
		all = nil
		return s.eachFall(r, id, func(line int64, c refusedCells) bool {
			for _, f := range c.Faults {
				all = append(all, CellError{Row: line, Column: f.Column, Code: f.Code, Value: f.Value, Args: f.Args})
			}
			return true
		})
	})
	return all, err
}
