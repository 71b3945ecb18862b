package workresume

import (
	"context"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Rehearse checks a filing as File does and says what the rules would answer with
// the roster as it is now; nothing is stored. It lets an office see the whole list
// before it files.
//
// Faults: Invalid with fields, Denied, NotFound.
func (s *Service) Rehearse(ctx context.Context, by auth.Principal, in FileInput) (rule.Decision, error) {
	if err := s.validate(&in); err != nil {
		return rule.Decision{}, err
	}
	var d rule.Decision
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		f, err := s.permitFirm(r, by, MayFile, in.Firm)
		if err != nil {
			return err
		}
		if err := s.starts(r, f, &in.Filing); err != nil {
			return err
		}
		p, err := s.inForce(r)
		if err != nil {
			return err
		}
		facts, err := s.facts(r, p.Pack, f.ID, in.Filing, f.Roster)
		if err == nil {
			d = p.Pack.Decide(facts)
		}
		return err
	})
	return d, err
}

// MembersOf are the named people of a firm's roster, masked, here or gone, in the
// order asked.
//
// Faults: Denied, NotFound when one of them was never on this roster.
func (s *Service) MembersOf(ctx context.Context, by auth.Principal, firm string, people []string) (list []Member, err error) {
	if len(people) == 0 {
		return nil, nil
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		f, err := s.permitFirm(r, by, MaySee, firm)
		if err != nil {
			return err
		}
		rows := make([]memberRow, 0, len(people))
		for _, id := range people {
			found, err := storage.All(r, scanMember, `select person, joined, departed, details from workresume_member where person = $1 and firm = $2`, id, f.ID)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return s.belongs(r, f.ID, id, factLeft)
			}
			rows = append(rows, found[0])
		}
		list, err = s.dress(r, rows)
		return err
	})
	return list, err
}
