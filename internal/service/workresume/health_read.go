package workresume

import (
	"context"
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// ReadHealth opens one person's reports and colour to an officer in whose reach the
// person is. Reason and reader become a fact in the same transaction, and the person
// reads both under "who looked at me". Looking twice is two looks.
//
// Faults: Invalid for the reason, Denied, NotFound.
func (s *Service) ReadHealth(ctx context.Context, by auth.Principal, person, reason string) (h Health, err error) {
	if err := by.Permit(MayReadHealth, Grants, by.Scope); err != nil {
		return h, err
	}
	reason = strings.TrimSpace(reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	switch {
	case utf8.RuneCountInString(reason) > reasonMost:
		bad.With("reason", "party.reason_long", "max", reasonMost)
	case !reasoned(reason, reasonLeast, reasonMost):
		bad.With("reason", "party.reason", "min", reasonLeast)
	}
	if err := bad.OrNil(); err != nil {
		return h, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := s.reachPerson(tx, by, MayReadHealth, person); err != nil {
			return err
		}
		_, err := s.Log.Append(tx, eventlog.Fact{
			Stream: party.Stream(person), Name: party.Revealed, Actor: by.ID, Subject: person, At: s.Clock(),
			Body: party.RevealedBody{Reason: reason, What: party.HealthSeen},
		})
		return err
	})
	if err != nil {
		return h, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		h, err = s.health(r, person)
		return err
	})
	return h, err
}

// PersonInReach is a person as an officer may see them without a reason: masked.
//
// Faults: Denied, NotFound.
func (s *Service) PersonInReach(ctx context.Context, by auth.Principal, person string) (m party.MaskedPerson, err error) {
	if err := by.Permit(MayReadHealth, Grants, by.Scope); err != nil {
		return m, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		m, err = s.reachPerson(r, by, MayReadHealth, person)
		return err
	})
	return m, err
}

// reachPerson is a person whom by may do perm to. Whoever is out of reach is answered
// like one who does not exist.
func (s *Service) reachPerson(r storage.Reader, by auth.Principal, perm auth.Permission, person string) (m party.MaskedPerson, err error) {
	unknown := fault.New(fault.NotFound, "workresume.member_unknown")
	names, err := s.Parties.Masked(r, person)
	if err != nil {
		return m, err
	}
	m, ok := names[person]
	if !ok {
		return m, unknown
	}
	scope, err := s.restrictScope(r, person)
	if err != nil {
		return m, err
	}
	if by.Permit(perm, Grants, scope...) != nil {
		return m, unknown
	}
	return m, nil
}
