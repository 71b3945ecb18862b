package workresume

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// onCase runs one of casework's verbs exactly once and answers with the case.
func (s *Service) onCase(ctx context.Context, by auth.Principal, id string, key once.Key, verb func(*storage.Tx) (casework.Case, error)) (CaseView, error) {
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
			return err
		}
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			c, err := verb(tx)
			return c.ID, err
		})
		return err
	})
	if err != nil {
		return CaseView{}, err
	}
	return s.CaseOf(ctx, by, id)
}

// TakeCase makes by the one who works the case.
//
// Faults: Denied, NotFound, Conflict when somebody else has it.
func (s *Service) TakeCase(ctx context.Context, by auth.Principal, id string, key once.Key) (CaseView, error) {
	return s.onCase(ctx, by, id, key, func(tx *storage.Tx) (casework.Case, error) { return s.Cases.Take(tx, by, id) })
}

// ReleaseCase puts the case back for anybody to take.
//
// Faults: Denied, NotFound, Conflict.
func (s *Service) ReleaseCase(ctx context.Context, by auth.Principal, id string, key once.Key) (CaseView, error) {
	return s.onCase(ctx, by, id, key, func(tx *storage.Tx) (casework.Case, error) { return s.Cases.Release(tx, by, id) })
}

// UndoCase takes back what by assigned last, within ten minutes and before anything
// else has happened to the case.
//
// Faults: Denied, NotFound; Conflict "casework.undo_none", "casework.closed".
func (s *Service) UndoCase(ctx context.Context, by auth.Principal, id string, key once.Key) (CaseView, error) {
	return s.onCase(ctx, by, id, key, func(tx *storage.Tx) (casework.Case, error) { return s.Cases.Undo(tx, by, id) })
}

// GiveCase hands the case to a colleague, by account.
//
// Faults: Denied, NotFound, Conflict; Invalid at "to" for who cannot work it.
func (s *Service) GiveCase(ctx context.Context, by auth.Principal, id, to string, key once.Key) (CaseView, error) {
	colleagues, err := s.Colleagues(ctx, by)
	if err != nil {
		return CaseView{}, err
	}
	var colleague auth.Principal
	for _, c := range colleagues {
		if c.ID == to {
			colleague = c
		}
	}
	return s.onCase(ctx, by, id, key, func(tx *storage.Tx) (casework.Case, error) { return s.Cases.Give(tx, by, id, colleague) })
}

// Colleagues are who may be given a case.
//
// Faults: Denied.
func (s *Service) Colleagues(ctx context.Context, by auth.Principal) ([]auth.Principal, error) {
	if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
		return nil, err
	}
	if s.Staff == nil {
		return nil, nil
	}
	return s.Staff.Colleagues(ctx)
}

// AskCase tells the firm everything that is missing beside what the rules found,
// once; the clock stands until the firm files again or says that this is all.
//
// Faults: Denied, NotFound, Conflict "casework.told", Invalid.
func (s *Service) AskCase(ctx context.Context, by auth.Principal, id string, points []string, key once.Key) (CaseView, error) {
	return s.onCase(ctx, by, id, key, func(tx *storage.Tx) (casework.Case, error) {
		c, err := s.Cases.Ask(tx, by, id, points)
		if err == nil {
			err = s.tell(tx, c.Subject, "workresume.told_missing", map[string]any{"n": len(c.Missing)})
		}
		return c, err
	})
}

// CheckCase records a look at the place, in person or by video, and its result.
//
// Faults: Denied, NotFound, Conflict, Invalid.
func (s *Service) CheckCase(ctx context.Context, by auth.Principal, id string, check casework.Check, key once.Key) (CaseView, error) {
	return s.onCase(ctx, by, id, key, func(tx *storage.Tx) (casework.Case, error) { return s.Cases.Checked(tx, by, id, check) })
}

// AnswerCase is the firm saying that it has nothing to add, or has answered by
// other ways: an officer looks at what there is, and the clock runs.
//
// Faults: Denied, NotFound; Conflict "workresume.no_case" when nothing waits for it.
func (s *Service) AnswerCase(ctx context.Context, by auth.Principal, firm string, key once.Key) (casework.Case, error) {
	var id string
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.permitFirm(tx, by, MayFile, firm)
		if err != nil {
			return err
		}
		id, err = once.Do(tx, key, s.Clock(), func() (string, error) {
			c, stands, err := s.Cases.Standing(tx, CaseFiling, firm)
			if err == nil && (!stands || c.State != casework.Waiting) {
				err = fault.New(fault.Conflict, "workresume.no_case")
			}
			if err != nil {
				return "", err
			}
			_, err = s.Cases.Answered(tx, by, c.ID, points(f.Decision))
			return c.ID, err
		})
		return err
	})
	if err != nil {
		return casework.Case{}, err
	}
	return s.firmCase(ctx, by, firm, id)
}

// firmCase is one of a firm's cases as the firm sees it.
func (s *Service) firmCase(ctx context.Context, by auth.Principal, firm, id string) (casework.Case, error) {
	list, err := s.FirmCases(ctx, by, firm)
	for _, one := range list {
		if one.ID == id {
			return one, err
		}
	}
	if err == nil {
		err = noCase()
	}
	return casework.Case{}, err
}

// guessAhead is how far a clock that starts now may reach, in days.
const guessAhead = 40

// Guessed are the years that a clock started now may reach and whose holidays nobody
// has entered: of these only weekends count.
func (s *Service) Guessed(ctx context.Context) (years []int, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		cal, err := s.Cases.Calendar(r)
		if err == nil {
			today := casework.DayOf(s.Clock(), s.Zone)
			years = cal.Unknown(today, today+guessAhead)
		}
		return err
	})
	return years, err
}

// CaseCounts are the cases that run, wait and are late, in by's reach.
func (s *Service) CaseCounts(ctx context.Context, by auth.Principal) (n casework.Count, err error) {
	if err := by.Permit(MayOversee, Grants, by.Scope); err != nil {
		return n, err
	}
	b, err := s.counted(ctx)
	if err != nil {
		return n, err
	}
	for park, c := range b.Cases {
		if by.Scope.Kind != auth.AtPark || by.Scope.ID == park {
			n.Open, n.Late, n.Waiting = n.Open+c.Open, n.Late+c.Late, n.Waiting+c.Waiting
		}
	}
	return n, nil
}
