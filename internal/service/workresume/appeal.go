package workresume

import (
	"context"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// appealLife is how long after a decision a firm may appeal, as for an
// administrative review: 60 days.
const appealLife = 60 * 24 * time.Hour

// What becomes of an appeal.
const (
	Upheld  = "upheld"  // the decision stands
	Changed = "changed" // another takes its place
)

// AppealInput is a firm that does not agree with what was decided.
type AppealInput struct {
	Firm   string
	Reason string // with what shows it
	Key    once.Key
}

// Appeal asks that somebody else look at a decision again. One decision is
// appealed once; until the appeal is decided the decision stands.
//
// Faults: Invalid, Denied, NotFound; Conflict "workresume.nothing_to_appeal",
// "workresume.appealed", "workresume.appeal_late".
func (s *Service) Appeal(ctx context.Context, by auth.Principal, in AppealInput) (c casework.Case, err error) {
	in.Reason = strings.TrimSpace(in.Reason)
	if !reasoned(in.Reason, 10, 1000) {
		return c, fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", 10, "most", 1000)
	}
	var id string
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.permitFirm(tx, by, MayFile, in.Firm)
		if err != nil {
			return err
		}
		id, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			c, err := s.appeal(tx, by, f, in.Reason)
			return c.ID, err
		})
		return err
	})
	if err != nil {
		return c, err
	}
	return s.firmCase(ctx, by, in.Firm, id)
}

// appealable says whether a firm's decision can be appealed now, what it is, and
// who made it. about is the closed case of an officer's word, or the rules'
// decision by its moment.
func (s *Service) appealable(r storage.Reader, f row) (about string, before []casework.Decider, err error) {
	at := f.Since
	switch {
	case f.State != Returned && f.State != Refused:
		return "", nil, fault.New(fault.Conflict, "workresume.nothing_to_appeal")
	case f.Override != nil:
		at = f.Override.At
		before = []casework.Decider{{Account: f.Override.By}}
	}
	about = "rules:" + at.UTC().Format(time.RFC3339Nano)
	if s.Clock().Sub(at) > appealLife {
		return "", nil, fault.New(fault.Conflict, "workresume.appeal_late", "days", int(appealLife/(24*time.Hour)))
	}
	list, err := s.Cases.Of(r, f.ID, casesShown)
	if err != nil {
		return "", nil, err
	}
	for _, c := range list {
		if f.Override != nil && c.ID == f.Override.Case {
			about, before = c.ID, append(append(before, c.Decider), c.Also...)
		}
	}
	for _, c := range list { // what an appeal decided is not appealed again
		if c.Kind == CaseAppeal && (c.State != casework.Closed || c.About == about || c.ID == about) {
			return "", nil, fault.New(fault.Conflict, "workresume.appealed")
		}
	}
	return about, before, nil
}

func (s *Service) appeal(tx *storage.Tx, by auth.Principal, f row, reason string) (casework.Case, error) {
	about, before, err := s.appealable(tx, f)
	if err != nil {
		return casework.Case{}, err
	}
	c, err := s.Cases.Open(tx, by, casework.Opening{
		Kind: CaseAppeal, Subject: f.ID, Title: f.Name, Scope: s.chain(f.ID, f.Park), Note: reason, About: about, Before: before,
	})
	if err != nil {
		return c, err
	}
	return c, s.record(tx, by, factAppealed, f.ID, appealedBody{Case: c.ID, About: about, Reason: reason, State: f.State})
}

// MayAppeal says whether the firm can appeal now; false says nothing of why.
//
// Faults: Denied, NotFound.
func (s *Service) MayAppeal(ctx context.Context, by auth.Principal, firm string) (may bool, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		f, err := s.permitFirm(r, by, MayFile, firm)
		if err != nil {
			return err
		}
		_, _, err = s.appealable(r, f)
		may = err == nil
		if err != nil && fault.KindOf(err) == fault.Conflict {
			err = nil
		}
		return err
	})
	return may, err
}

// AppealDecision is an officer's answer to an appeal. State, for Changed, is as in
// DecideInput.
type AppealDecision struct {
	Case    string
	Outcome string
	State   State
	Reason  string
	Key     once.Key
}

// DecideAppeal lets the decision stand or puts another in its place. Whoever
// decided before cannot.
//
// Faults: Invalid, Denied "casework.first_decider", NotFound, Conflict.
func (s *Service) DecideAppeal(ctx context.Context, by auth.Principal, in AppealDecision) (Firm, error) {
	want := DecideInput{State: in.State, Reason: strings.TrimSpace(in.Reason)}
	bad := fault.New(fault.Invalid, "fault.fields")
	switch in.Outcome {
	case Upheld, Changed:
	default:
		bad.With("outcome", "workresume.outcome_unknown")
	}
	want.valid(bad)
	if err := bad.OrNil(); err != nil {
		return Firm{}, err
	}
	var out Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		c, err := s.Cases.Get(tx, by, in.Case)
		if err != nil {
			return err
		}
		if c.Kind != CaseAppeal {
			return noCase()
		}
		f, err := s.permitFirm(tx, by, MayDecide, c.Subject)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Firm, error) {
			err := s.answerAppeal(tx, by, &f, in.Case, in.Outcome, want)
			return f.Firm, err
		})
		return err
	})
	if err != nil {
		return Firm{}, err
	}
	return s.signed(ctx, out)
}

func (s *Service) answerAppeal(tx *storage.Tx, by auth.Principal, f *row, id, outcome string, want DecideInput) error {
	if _, err := s.Cases.Decide(tx, by, id, outcome, want.Reason); err != nil {
		return err
	}
	if err := s.record(tx, by, factAppealEnded, f.ID, appealedBody{Case: id, Outcome: outcome, Reason: want.Reason, State: want.State}); err != nil {
		return err
	}
	if outcome == Upheld {
		return s.tell(tx, f.ID, "workresume.told_upheld", map[string]any{"reason": want.Reason})
	}
	return s.override(tx, by, f, want, id)
}
