package workresume

import (
	"context"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Paper is a person as an officer reads them off a document.
type Paper struct {
	Name   string
	Kind   ident.Kind
	Number string
}

// ArrangeInput says who helps somebody who cannot say it themself. Helper without a
// number is the officer's own office.
type ArrangeInput struct {
	Helped Paper
	Helper Paper
	Reason string // why the person does not sign in: their words, a child, no phone
	Key    once.Key
}

// ArrangeHelp makes a relation for a person without an account, and enters that
// person if nobody knows them yet. Somebody who signs in decides alone. A name is
// compared only of somebody in reach, and who is not known under number and name
// together is not told which of the two is wrong; such misses are counted with wrong
// codes, so that nobody finds out names by guessing.
//
// Faults: Invalid, Denied, NotFound "workresume.member_unknown" for somebody out of
// reach; Conflict "workresume.help_own_account", "workresume.help_full",
// "workresume.help_oneself", "workresume.help_tries".
func (s *Service) ArrangeHelp(ctx context.Context, by auth.Principal, in ArrangeInput) (h Help, err error) {
	if err := by.Permit(MayArrange, Grants, by.Scope); err != nil {
		return h, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	if !reasoned(in.Reason, reasonLeast, reasonMost) {
		bad.With("reason", "workresume.reason_length", "least", reasonLeast, "most", reasonMost)
	}
	if strings.TrimSpace(in.Helped.Name) == "" {
		bad.With("name", "party.name")
	}
	if _, err := ident.Document(in.Helped.Kind, in.Helped.Number, s.Clock()); err != nil {
		bad.With("number", fault.As(err).Code)
	}
	if err := bad.OrNil(); err != nil {
		return h, err
	}
	sealed, err := s.Parties.Prepare([]party.Person{{Name: in.Helped.Name, IDKind: in.Helped.Kind, IDNumber: in.Helped.Number}}, s.Clock())
	if err != nil {
		return h, err
	}
	var missed bool
	var wrong error
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		var id string
		missed = false
		err := tx.Apart(func() (err error) { // a miss leaves its count behind and nothing else
			id, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) { return s.arrange(tx, by, in, sealed, &missed) })
			return err
		})
		if missed {
			wrong = err
			return s.triedHelp(tx, by)
		}
		if err != nil {
			return err
		}
		h, err = s.helpByID(tx, id)
		return err
	})
	if err == nil && missed {
		err = wrong
	}
	return h.Closed(), err
}

// arrange finds or enters both; missed says that a number and a name did not go
// together, or that somebody is out of reach.
func (s *Service) arrange(tx *storage.Tx, by auth.Principal, in ArrangeInput, sealed []party.Sealed, missed *bool) (string, error) {
	if err := s.mayTry(tx, by); err != nil {
		return "", err
	}
	helper := by.Scope.String()
	if in.Helper.Number != "" {
		id, ok, err := s.known(tx, in.Helper)
		if err != nil {
			return "", err
		}
		if *missed = !ok; !ok {
			return "", fault.New(fault.Invalid, "fault.fields").With("helper_number", "workresume.help_helper_unknown")
		}
		helper = id
	}
	helped, err := s.enterHelped(tx, by, in.Helped, sealed, missed)
	if err != nil {
		return "", err
	}
	return s.help(tx, by, helped, helper, by.Scope.String(), in.Reason)
}

// enterHelped finds or enters the helped person, who must be in reach, have no
// account and be named as on record; asked in this order, so that a name out of reach
// is compared with nothing.
func (s *Service) enterHelped(tx *storage.Tx, by auth.Principal, p Paper, sealed []party.Sealed, missed *bool) (string, error) {
	ids, created, err := s.Parties.EnsureAll(tx, sealed, s.Clock())
	if err != nil {
		return "", err
	}
	if created[0] {
		return ids[0], nil
	}
	firms, err := s.FirmOf(tx, ids[0])
	if err != nil {
		return "", err
	}
	if len(firms) > 0 && by.Permit(MayArrange, Grants, s.chain(firms[0].ID, firms[0].Park)...) != nil {
		*missed = true
		return "", fault.New(fault.NotFound, "workresume.member_unknown")
	}
	_, ok, err := s.known(tx, p)
	if err != nil {
		return "", err
	}
	if *missed = !ok; !ok {
		return "", fault.New(fault.Invalid, "fault.fields").With("number", "workresume.help_name")
	}
	if s.Accounts != nil {
		own, err := s.Accounts.Personal(tx, ids[0])
		if err != nil {
			return "", err
		}
		if own {
			return "", fault.New(fault.Conflict, "workresume.help_own_account")
		}
	}
	return ids[0], nil
}

// known finds a person by number and name together; ok is false for whoever is not
// there and for another name alike.
func (s *Service) known(r storage.Reader, p Paper) (id string, ok bool, err error) {
	id, found, err := s.Parties.FindNumber(r, p.Kind, p.Number)
	if err != nil || !found {
		return "", false, err
	}
	people, err := s.Parties.Open(r, id)
	return id, err == nil && party.SameName(people[id].Name, p.Name), err
}
