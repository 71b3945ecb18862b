package workresume

import (
	"context"
	"slices"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// CaseRestriction is a person's appeal against a restriction, with a short clock:
// somebody cannot go to work meanwhile.
const (
	CaseRestriction = "workresume.restriction"

	restrictionDays = 1
)

// Lifted is the outcome of an appeal that ended a restriction.
const Lifted = "lifted"

// RestrictionAppeal is a person who says that a restriction is wrong.
type RestrictionAppeal struct {
	Restriction string
	Reason      string // with what shows it
	Key         once.Key
}

// AppealRestriction asks that a third officer look at a restriction. Each is
// appealed once; until it is decided the restriction holds. What a helper said in the
// caller's name makes way for the caller's own words: while it is undecided they take
// its place, under the same clock and with the same evidence; afterwards they are
// looked at anew.
//
// Faults: Invalid, Denied, NotFound; Conflict "workresume.appealed" or
// "workresume.restriction_ended".
func (s *Service) AppealRestriction(ctx context.Context, by auth.Principal, in RestrictionAppeal) (Health, error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return Health{}, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if !reasoned(in.Reason, 10, 1000) {
		return Health{}, fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", 10, "most", 1000)
	}
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		x, err := s.restriction(tx, in.Restriction)
		if err != nil {
			return err
		}
		if one, err := s.onePerson(tx, by.Person, x.Person); err != nil {
			return err
		} else if !one {
			return fault.New(fault.NotFound, "workresume.restriction_unknown")
		}
		_, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			switch {
			case x.appeal != "" && x.appellant == "":
				return "", fault.New(fault.Conflict, "workresume.appealed")
			case !x.holds(s.Clock()):
				return "", fault.New(fault.Conflict, "workresume.restriction_ended")
			case x.appeal != "" && x.Appeal != nil && x.Appeal.Outcome == "":
				if err := s.Cases.Restate(tx, by, x.appeal, in.Reason); err != nil {
					return "", err
				}
				return x.appeal, s.keepAppeal(tx, by, x, appealing{x.appeal, ""})
			}
			return s.openAppeal(tx, by, x, in.Reason, "")
		})
		return err
	})
	if err != nil {
		return Health{}, err
	}
	return s.HealthOf(ctx, by)
}

// openAppeal makes the case of an appeal, by the person or, where helper is not "", by
// a helper. Who took part in what came before does not decide it: the two officers,
// whoever turned down a helper's appeal, and a helper, who is no judge of their own word.
func (s *Service) openAppeal(tx *storage.Tx, by auth.Principal, x Restriction, note, helper string) (string, error) {
	scope, err := s.restrictScope(tx, x.Person)
	if err != nil {
		return "", err
	}
	before := slices.Clone(x.by)
	if x.Appeal != nil {
		before = append(before, x.Appeal.by...)
	}
	if helper != "" {
		before = append(before, casework.DeciderOf(by))
	}
	c, err := s.Cases.Open(tx, by, casework.Opening{
		Kind: CaseRestriction, Subject: x.ID, Person: x.Person, Scope: scope, Note: note, About: x.ID, Before: before,
	})
	if err != nil {
		return "", err
	}
	return c.ID, s.keepAppeal(tx, by, x, appealing{c.ID, helper})
}

// appealing is an appeal as it is kept with its restriction, and its fact.
type appealing struct {
	Case   string `json:"case"`
	Helper string `json:"helper,omitempty"` // as in workresume_help; "" for the person
}

// keepAppeal says with the restriction, and in the person's story, who appealed.
func (s *Service) keepAppeal(tx *storage.Tx, by auth.Principal, x Restriction, a appealing) error {
	if _, err := tx.Exec(`update workresume_restriction set appeal = $1, appellant = $2 where restriction = $3`, a.Case, a.Helper, x.ID); err != nil {
		return err
	}
	return s.recordPerson(tx, by, factRestrictionAppealed, party.Stream(x.Person), x.Person, a)
}

// dressAppeal adds what became of a restriction's appeal, and by whom it is.
func (s *Service) dressAppeal(r storage.Reader, x *Restriction) error {
	if x.appeal == "" {
		return nil
	}
	list, err := s.Cases.Of(r, x.ID, 1)
	if err != nil || len(list) == 0 {
		return err
	}
	c := list[0]
	x.Appeal = &Appealed{Case: c.ID, At: c.Opened, Due: c.Clock.Due, Note: c.Note, Outcome: c.Outcome, Answer: c.Reason, ByHelper: x.appellant != ""}
	x.Appeal.by = c.Before
	if c.Outcome != "" {
		x.Appeal.by = append(slices.Clone(c.Before), c.Decider)
	}
	if x.Appeal.Photos, err = s.Cases.Photos(r, c.ID); err != nil || !x.Appeal.ByHelper || office(x.appellant) {
		return err
	}
	names, err := s.Parties.Masked(r, x.appellant)
	x.Appeal.Helper = names[x.appellant].Name
	return err
}

// RestrictionAnswer ends a restriction before its day, or lets an appealed one stand.
type RestrictionAnswer struct {
	Restriction string
	Outcome     string // Lifted, or Upheld where it is appealed
	Reason      string
	Key         once.Key
}

// AnswerRestriction lifts a restriction, which one officer may, since it gives back
// what two had taken; or answers its appeal, which none of the two may.
//
// Faults: Invalid, Denied "casework.first_decider", NotFound; Conflict
// "workresume.restriction_ended", "workresume.not_appealed" or "casework.closed".
func (s *Service) AnswerRestriction(ctx context.Context, by auth.Principal, in RestrictionAnswer) (x Restriction, err error) {
	if err := by.Permit(MayRestrict, Grants, by.Scope); err != nil {
		return x, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Outcome != Lifted && in.Outcome != Upheld {
		bad.With("outcome", "workresume.restrict_outcome")
	}
	if !reasoned(in.Reason, 2, 500) {
		bad.With("reason", "workresume.reason_length", "least", 2, "most", 500)
	}
	if err := bad.OrNil(); err != nil {
		return x, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if x, err = s.reachRestriction(tx, by, in.Restriction); err != nil {
			return err
		}
		if _, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) { return x.ID, s.answerRestriction(tx, by, x, in) }); err != nil {
			return err
		}
		x, err = s.restriction(tx, x.ID)
		return err
	})
	return x, err
}

func (s *Service) answerRestriction(tx *storage.Tx, by auth.Principal, x Restriction, in RestrictionAnswer) error {
	now := s.Clock()
	open := x.Appeal != nil && x.Appeal.Outcome == ""
	switch {
	case !open && in.Outcome == Upheld:
		return fault.New(fault.Conflict, "workresume.not_appealed")
	case !open && !x.holds(now):
		return fault.New(fault.Conflict, "workresume.restriction_ended")
	}
	if open {
		if _, err := s.Cases.Decide(tx, by, x.Appeal.Case, in.Outcome, in.Reason); err != nil {
			return err
		}
	}
	if err := s.recordPerson(tx, by, factRestrictionEnded, party.Stream(x.Person), x.Person,
		map[string]string{"restriction": x.ID, "outcome": in.Outcome, "reason": in.Reason}); err != nil {
		return err
	}
	if in.Outcome == Upheld || !x.holds(now) {
		return nil
	}
	sealed, err := s.sealRestriction(x.ID, restrictContent{Note: x.Note, By: x.by, Lifted: by.Name, Why: in.Reason})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`update workresume_restriction set ended = $1, content = $2 where restriction = $3`, clock.Micros(now), sealed, x.ID); err != nil {
		return err
	}
	return s.recolour(tx, by, x.Person)
}

// reachRestriction loads one for an officer in whose reach the person is.
func (s *Service) reachRestriction(r storage.Reader, by auth.Principal, id string) (Restriction, error) {
	x, err := s.restriction(r, id)
	if err != nil {
		return x, err
	}
	if _, err := s.permitRestrict(r, by, x.Person); err != nil {
		return x, fault.New(fault.NotFound, "workresume.restriction_unknown")
	}
	return x, nil
}

// RestrictionView is a restriction on an officer's desk.
type RestrictionView struct {
	Restriction
	Name string // masked
}

// Restrictions are those that hold now in an officer's reach, appealed ones first;
// at most 200.
//
// Faults: Denied.
func (s *Service) Restrictions(ctx context.Context, by auth.Principal) (list []RestrictionView, err error) {
	if err := by.Permit(MayRestrict, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		found, err := storage.All(r, s.scanRestriction, restrictionColumns+` where ended = 0 and until > $1 order by appeal desc, restriction limit 1000`, clock.Micros(s.Clock()))
		if err != nil {
			return err
		}
		list = nil
		for _, x := range found {
			if _, err := s.permitRestrict(r, by, x.Person); err != nil || len(list) == 200 {
				continue
			}
			if err := s.dressAppeal(r, &x); err != nil {
				return err
			}
			names, err := s.Parties.Masked(r, x.Person)
			if err != nil {
				return err
			}
			list = append(list, RestrictionView{x, names[x.Person].Name})
		}
		return nil
	})
	return list, err
}
