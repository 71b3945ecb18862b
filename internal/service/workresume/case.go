package workresume

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// The kinds of case of this service, and the days each allows: a filing that the
// rules do not pass, and an appeal against what was decided.
const (
	CaseFiling = "workresume.filing"
	CaseAppeal = "workresume.appeal"

	filingDays = 3
	appealDays = 5
)

// CaseKinds are this service's cases.
func CaseKinds() []casework.Kind {
	return []casework.Kind{
		{Name: CaseFiling, Work: MayDecide, Grants: Grants, Days: filingDays},
		{Name: CaseAppeal, Work: MayDecide, Grants: Grants, Days: appealDays},
		{Name: CaseRestriction, Work: MayRestrict, Grants: Grants, Days: restrictionDays},
	}
}

// ActMany is deciding about many firms at once, which needs two officers.
const ActMany = "workresume.decide_many"

// ActKinds are this service's acts that need two people.
func ActKinds() []dual.Kind {
	return []dual.Kind{PolicyKind(), {Name: ActMany, May: MayDecideMany, Grants: Grants}, {Name: ActRestrict, May: MayRestrict, Grants: Grants}, {Name: ActMerge, May: MayMerge, Grants: Grants}, {Name: ActRisks, May: MayListRisks, Grants: Grants}}
}

// Staff is asked who may be given a case.
type Staff interface {
	// Colleagues are the district's officers, as principals.
	Colleagues(ctx context.Context) ([]auth.Principal, error)
}

// caseFiled opens a case, or lets one run on, when a filing came in that the rules
// do not pass. The rules' list was told with the answer, so a new case waits for
// the firm; one that comes back as it was, or that no rule can mend, or of which a rule
// could not be worked out and nothing else is amiss, is for an officer, and the clock runs.
func (s *Service) caseFiled(tx *storage.Tx, by auth.Principal, f row) error {
	if f.State == Certified {
		return nil // enter has settled the case
	}
	found := points(f.Decision)
	c, stands, err := s.Cases.Standing(tx, CaseFiling, f.ID)
	if err != nil {
		return err
	}
	if stands {
		_, err := s.Cases.Answered(tx, by, c.ID, found)
		return err
	}
	_, err = s.Cases.Open(tx, by, casework.Opening{
		Kind: CaseFiling, Subject: f.ID, Title: f.Name, Scope: s.chain(f.ID, f.Park), Missing: found,
		Waiting: f.State == Returned && f.Override == nil && !f.Decision.OnlyBroken(),
	})
	return err
}

// points are what the rules found, as lines of the one list.
func points(d *rule.Decision) []casework.Point {
	if d == nil {
		return nil
	}
	out := make([]casework.Point, 0, len(d.Findings))
	for _, f := range d.Findings {
		out = append(out, casework.Point{Rule: f.Rule})
	}
	return out
}

// caseDecided makes an officer's word part of the filing's case, and closes it.
// Where none stands it opens one for the record: who decided is what an appeal
// asks first.
func (s *Service) caseDecided(tx *storage.Tx, by auth.Principal, f row, in DecideInput, also ...casework.Decider) (id string, err error) {
	c, stands, err := s.Cases.Standing(tx, CaseFiling, f.ID)
	if err == nil && !stands {
		c, err = s.Cases.Open(tx, by, casework.Opening{
			Kind: CaseFiling, Subject: f.ID, Title: f.Name, Scope: s.chain(f.ID, f.Park), Missing: points(f.Decision),
		})
	}
	if err != nil {
		return "", err
	}
	if len(also) > 0 { // permitted as an act of two
		_, err = s.Cases.Settle(tx, by, c.ID, ended(in.State), in.Reason, also...)
	} else {
		_, err = s.Cases.Decide(tx, by, c.ID, ended(in.State), in.Reason)
	}
	return c.ID, err
}

// ended is a decision as a case keeps it; handing back to the rules is one too.
func ended(s State) string {
	if s == "" {
		return "rules"
	}
	return string(s)
}

// CaseView is a case with the firm it is about.
type CaseView struct {
	casework.Case
	Firm Firm
}

// CaseList is a page of the desk's work, the next deadline first.
//
// Faults: Denied.
func (s *Service) CaseList(ctx context.Context, by auth.Principal, f casework.Filter) (list []casework.Case, next string, err error) {
	if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
		return nil, "", err
	}
	f.Kinds = []string{CaseFiling, CaseAppeal}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, next, err = s.Cases.List(r, by, f)
		return err
	})
	return list, next, err
}

// CaseOf is one case for an officer.
//
// Faults: NotFound.
func (s *Service) CaseOf(ctx context.Context, by auth.Principal, id string) (v CaseView, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if v.Case, err = s.Cases.Get(r, by, id); err != nil {
			return err
		}
		f, err := s.permitFirm(r, by, MaySee, v.Subject)
		v.Firm = f.Firm
		return err
	})
	return v, err
}

// casesShown is how many of a firm's cases are looked at.
const casesShown = 20

// FirmCases are a firm's cases, newest first, as its office and officers see them:
// the list of what is missing and the clock, without the staff's names.
//
// Faults: Denied, NotFound.
func (s *Service) FirmCases(ctx context.Context, by auth.Principal, firm string) (list []casework.Case, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.permitFirm(r, by, MaySee, firm); err != nil {
			return err
		}
		all, err := s.Cases.Of(r, firm, casesShown)
		list = all[:0:0]
		for _, c := range all {
			if c.Kind != CaseFiling && c.Kind != CaseAppeal {
				continue
			}
			if by.Role == auth.Firm {
				c.Assignee, c.AssigneeName, c.Decider, c.Also, c.Before = "", "", casework.Decider{}, nil, nil
				for i := range c.Checks {
					c.Checks[i].By = ""
				}
			}
			list = append(list, c)
		}
		return err
	})
	return list, err
}

func noCase() error { return fault.New(fault.NotFound, "casework.unknown") }
