package workresume

import (
	"context"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// decide asks the rules and lets their answer stand, unless an officer's does.
// The firm must have filed; the caller's transaction stores and records it.
func (s *Service) decide(tx *storage.Tx, by auth.Principal, f *row) error {
	p, err := s.inForce(tx)
	if err != nil {
		return err
	}
	_, err = s.decideAll(tx, by, []*row{f}, p.Pack, "", nil) // the one is asked always
	return err
}

func stateOf(d rule.Decision) State {
	switch d.Outcome {
	case rule.Refused:
		return Refused
	case rule.Returned:
		return Returned
	}
	return Certified
}

// stateAfter is where a decision leads a firm: a rule that could not be worked out takes
// from nobody what they have, and gives nobody what they have not.
// What was filed just now is judged as new.
func (f *row) stateAfter(d rule.Decision) State {
	if f.State == Certified && !f.afresh && d.OnlyBroken() {
		return Certified
	}
	return stateOf(d)
}

// enter moves one firm to a state; see enterAll.
func (s *Service) enter(tx *storage.Tx, f *row, to State) error {
	return s.enterAll(tx, []entering{{f, to}})
}

// DecideInput is an officer's word. State is certified, returned or refused; empty
// hands the file back to the rules.
type DecideInput struct {
	Firm   string
	State  State
	Reason string
	Key    once.Key
}

// Decide lets an officer's word stand instead of the rules', with a reason the
// firm is told.
//
// Faults: Invalid, Denied, NotFound, Conflict when the firm has not filed.
func (s *Service) Decide(ctx context.Context, by auth.Principal, in DecideInput) (Firm, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	in.valid(bad)
	if err := bad.OrNil(); err != nil {
		return Firm{}, err
	}
	var out Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		f, err := s.permitFirm(tx, by, MayDecide, in.Firm)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Firm, error) {
			err := s.speak(tx, by, &f, in)
			return f.Firm, err
		})
		return err
	})
	if err != nil {
		return Firm{}, err
	}
	return s.signed(ctx, out)
}

// valid adds what is wrong with an officer's word, as far as it shows by itself.
func (in DecideInput) valid(bad *fault.Error) {
	switch in.State {
	case Certified, Returned, Refused, "":
	default:
		bad.With("state", "workresume.state_unknown")
	}
	if !reasoned(in.Reason, 2, 1000) {
		bad.With("reason", "workresume.reason_length", "least", 2, "most", 1000)
	}
}

// speak is an officer's word outside an appeal: it closes the filing's case. While
// an appeal is open nobody decides past it.
func (s *Service) speak(tx *storage.Tx, by auth.Principal, f *row, in DecideInput) error {
	_, appealed, err := s.Cases.Standing(tx, CaseAppeal, f.ID)
	switch {
	case err != nil:
		return err
	case appealed:
		return fault.New(fault.Conflict, "workresume.appeal_open")
	case f.Filing == nil:
		return fault.New(fault.Conflict, "workresume.not_filed")
	case in.State == "" && f.Override == nil:
		return fault.New(fault.Conflict, "workresume.no_override")
	}
	decided, err := s.caseDecided(tx, by, *f, in)
	if err != nil {
		return err
	}
	return s.override(tx, by, f, in, decided)
}

// override lets an officer's word stand; decided is the case that it closed.
func (s *Service) override(tx *storage.Tx, by auth.Principal, f *row, in DecideInput, decided string) error {
	if f.Filing == nil {
		return fault.New(fault.Conflict, "workresume.not_filed")
	}
	if in.State == "" {
		if f.Override == nil {
			return fault.New(fault.Conflict, "workresume.no_override")
		}
		f.Override = nil
		if err := s.record(tx, by, factOverridden, f.ID, overriddenBody{Reason: in.Reason}); err != nil {
			return err
		}
		return s.decide(tx, by, f)
	}
	if f.Watch != PromiseKept { // the word stands over what was measured
		if err := s.setWatch(tx, []*row{f}, PromiseKept, s.Clock()); err != nil {
			return err
		}
	}
	f.Override = &Override{State: in.State, Reason: in.Reason, By: by.ID, At: s.Clock(), Case: decided}
	if err := s.enter(tx, f, in.State); err != nil {
		return err
	}
	if err := s.store(tx, *f); err != nil {
		return err
	}
	if err := s.tell(tx, f.ID, "workresume.told_officer", map[string]any{"reason": in.Reason}); err != nil {
		return err
	}
	return s.record(tx, by, factOverridden, f.ID, overriddenBody{State: in.State, Reason: in.Reason, Certificate: f.certificate})
}
