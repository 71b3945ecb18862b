package workresume

import (
	"context"
	"encoding/json"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// manyMost is how many firms one act decides: about a tenth of a second of writing.
const manyMost = 200

// ManyInput is one decision for several firms, which a second officer confirms.
type ManyInput struct {
	Firms  []string
	State  State
	Reason string
	Key    once.Key
}

// ManyBody is what is asked for, with each firm's state at that moment: one that
// has moved on meanwhile is left out when it is done.
type ManyBody struct {
	State State      `json:"state"`
	Firms []ManyFirm `json:"firms"`
}

// ManyFirm is one of them.
type ManyFirm struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	State State  `json:"state"`
}

// ProposeMany asks for one decision about several firms. Nothing changes until
// another officer confirms it.
//
// Faults: Invalid, Denied, NotFound; Conflict "workresume.not_filed".
func (s *Service) ProposeMany(ctx context.Context, by auth.Principal, in ManyInput) (act dual.Act, err error) {
	bad := fault.New(fault.Invalid, "fault.fields")
	slices.Sort(in.Firms)
	in.Firms = slices.Compact(in.Firms)
	if n := len(in.Firms); n < 1 || n > manyMost {
		bad.With("firms", "workresume.many_firms", "most", manyMost)
	}
	want := DecideInput{State: in.State, Reason: in.Reason}
	want.valid(bad)
	if err := bad.OrNil(); err != nil {
		return act, err
	}
	var id string
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
			return err
		}
		id, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			body := ManyBody{State: in.State}
			park := ""
			for i, firm := range in.Firms {
				f, err := s.permitFirm(tx, by, MayDecide, firm)
				if err != nil {
					return "", err
				}
				if f.Filing == nil {
					return "", fault.New(fault.Conflict, "workresume.not_filed")
				}
				if i == 0 {
					park = f.Park
				} else if park != f.Park {
					park = ""
				}
				body.Firms = append(body.Firms, ManyFirm{f.ID, f.Name, f.State})
			}
			scope := []auth.Scope{auth.District(s.District)}
			if park != "" {
				scope = []auth.Scope{auth.Park(park), auth.District(s.District)}
			}
			a, err := s.Acts.Propose(tx, by, dual.Proposal{Kind: ActMany, Subject: ident.New("many", s.Clock()), Scope: scope, Body: body, Reason: in.Reason})
			return a.ID, err
		})
		return err
	})
	if err != nil {
		return act, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		act, err = s.Acts.Get(r, by, id)
		return err
	})
	return act, err
}

// ConfirmMany is the second officer's yes: every firm that stands as it stood when
// this was asked is decided, all in one transaction.
//
// Faults: as dual.Store.Confirm.
func (s *Service) ConfirmMany(ctx context.Context, by auth.Principal, id string, key once.Key) error {
	var touched []Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		touched = nil
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			_, err := s.Acts.Confirm(tx, by, ActMany, id, func(a dual.Act) (err error) {
				touched, err = s.decideMany(tx, by, a)
				return err
			})
			return id, err
		})
		return err
	})
	for _, f := range touched {
		if err == nil {
			_, err = s.signed(ctx, f)
		}
	}
	return err
}

func (s *Service) decideMany(tx *storage.Tx, by auth.Principal, a dual.Act) ([]Firm, error) {
	var body ManyBody
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return nil, err
	}
	asked := casework.Decider{Account: a.Proposer, Name: a.ProposerName}
	var touched []Firm
	for _, one := range body.Firms {
		f, err := s.load(tx, one.ID)
		if err != nil {
			return nil, err
		}
		_, appealed, err := s.Cases.Standing(tx, CaseAppeal, f.ID)
		if err != nil {
			return nil, err
		}
		if f.State != one.State || f.Filing == nil || appealed {
			continue // it has moved on, and its own officer knows more
		}
		in := DecideInput{Firm: f.ID, State: body.State, Reason: a.Reason}
		decided, err := s.caseDecided(tx, by, f, in, asked)
		if err != nil {
			return nil, err
		}
		if err := s.override(tx, by, &f, in, decided); err != nil {
			return nil, err
		}
		touched = append(touched, f.Firm)
	}
	return touched, nil
}

// Doors are how the desk of acts confirms this service's.
func (s *Service) Doors() map[string]dual.Door {
	return map[string]dual.Door{ActMany: s.ConfirmMany, ActPolicy: s.ConfirmPolicy, ActRestrict: s.ConfirmRestriction, ActMerge: s.ConfirmMerge, ActRisks: s.ConfirmRisks}
}
