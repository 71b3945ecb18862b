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
// person if nobody knows them yet. Somebody who signs in decides alone.
//
// Faults: Invalid, Denied, NotFound "workresume.member_unknown" for somebody out of
// reach; Conflict "workresume.help_own_account", "workresume.help_full",
// "workresume.help_oneself".
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
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		id, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			helper := by.Scope.String()
			if in.Helper.Number != "" {
				if helper, err = s.known(tx, in.Helper, "helper_"); err != nil {
					return "", err
				}
			}
			helped, err := s.enterHelped(tx, by, in.Helped, sealed)
			if err != nil {
				return "", err
			}
			return s.help(tx, by, helped, helper, by.Scope.String(), in.Reason)
		})
		if err != nil {
			return err
		}
		h, err = s.helpByID(tx, id)
		return err
	})
	return h.Closed(), err
}

// enterHelped finds or enters the helped person, who must be in reach, have no
// account and be named as on record.
func (s *Service) enterHelped(tx *storage.Tx, by auth.Principal, p Paper, sealed []party.Sealed) (string, error) {
	ids, created, err := s.Parties.EnsureAll(tx, sealed, s.Clock())
	if err != nil {
		return "", err
	}
	if created[0] {
		return ids[0], nil
	}
	if _, err := s.known(tx, p, ""); err != nil {
		return "", err
	}
	firms, err := s.FirmOf(tx, ids[0])
	if err != nil {
		return "", err
	}
	if len(firms) > 0 && by.Permit(MayArrange, Grants, s.chain(firms[0].ID, firms[0].Park)...) != nil {
		return "", fault.New(fault.NotFound, "workresume.member_unknown")
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

// known finds a person by number and name together; prefix begins the fields' names.
func (s *Service) known(r storage.Reader, p Paper, prefix string) (string, error) {
	id, ok, err := s.Parties.FindNumber(r, p.Kind, p.Number)
	if err != nil {
		return "", err
	}
	bad := fault.New(fault.Invalid, "fault.fields")
	if !ok {
		return "", bad.With(prefix+"number", "workresume.help_helper_unknown")
	}
	people, err := s.Parties.Open(r, id)
	if err == nil && !party.SameName(people[id].Name, p.Name) {
		err = bad.With(prefix+"name", "workresume.help_name")
	}
	return id, err
}
