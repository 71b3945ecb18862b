package ration

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// FamilyInput names somebody for whom one asks: a child, a parent without a phone.
type FamilyInput struct {
	Name, IDKind, IDNumber string
	Key                    once.Key
}

// AddFamily puts somebody into one's family: from then on one may ask for them where a
// campaign lets one account ask for several, and where shares count by the household
// all of the family have one. Nobody is in two families.
//
// Faults: Denied; Invalid with fields; Conflict "ration.family_other",
// "ration.family_head", "ration.family_full".
func (s *Service) AddFamily(ctx context.Context, by auth.Principal, in FamilyInput) (string, error) {
	if err := by.Permit(MayClaim, Grants, auth.Person(by.Person)); err != nil {
		return "", err
	}
	now := s.Clock()
	p := party.Person{Name: ident.Fold(in.Name), IDKind: in.IDKind, IDNumber: in.IDNumber}
	bad := fault.New(fault.Invalid, "fault.fields")
	number, err := ident.Document(in.IDKind, in.IDNumber, now.In(s.Zone))
	if err != nil {
		bad.With("number", fault.As(err).Code)
	}
	if n := len([]rune(p.Name)); n < 1 || n > 60 {
		bad.With("name", "ration.length", "least", 1, "most", 60)
	}
	if err := bad.OrNil(); err != nil {
		return "", err
	}
	p.IDNumber = number
	ready, err := s.Parties.Prepare([]party.Person{p}, now)
	if err != nil {
		return "", err
	}
	var out string
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, now, func() (string, error) {
			ids, _, err := s.Parties.EnsureAll(tx, ready, now)
			if err != nil {
				return "", err
			}
			return ids[0], s.joinFamily(tx, by, ids[0])
		})
		return err
	})
	return out, err
}

func (s *Service) joinFamily(tx *storage.Tx, by auth.Principal, person string) error {
	if head, err := s.head(tx, by.Person); err != nil || head != by.Person {
		return orFault(err, "ration.family_other")
	}
	if head, err := s.head(tx, person); err != nil || head != person {
		if err == nil && head == by.Person {
			return nil
		}
		return orFault(err, "ration.family_other")
	}
	var n int64
	if err := tx.Row(`select count(*) from ration_family where head = $1`, person).Scan(&n); err != nil || n > 0 || person == by.Person {
		return orFault(err, "ration.family_head")
	}
	if err := tx.Row(`select coalesce(max(n), 0) from ration_family where head = $1`, by.Person).Scan(&n); err != nil || n >= peopleMost {
		return orFault(err, "ration.family_full")
	}
	if _, err := tx.Exec(`insert into ration_family (person, head, n, at) values ($1, $2, $3, $4)`, person, by.Person, n+1, clock.Micros(s.Clock())); err != nil {
		return err
	}
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: party.Stream(person), Name: "ration." + factFamily, Actor: by.ID, Subject: person, At: s.Clock(), Body: map[string]string{"head": by.Person}})
	return err
}

func orFault(err error, code string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "fault.fields").With("number", code)
}

// head is who asks for somebody: the head of their family, or themself.
func (s *Service) head(r storage.Reader, person string) (string, error) {
	var head string
	err := r.Row(`select head from ration_family where person = $1`, person).Scan(&head)
	if storage.NoRows(err) {
		return person, nil
	}
	return head, err
}

// placeInFamily is the how manieth of head's family somebody is, head being the 0th.
func (s *Service) placeInFamily(r storage.Reader, head, person string) (n int64, err error) {
	err = r.Row(`select n from ration_family where person = $1 and head = $2`, person, head).Scan(&n)
	if storage.NoRows(err) {
		err = fault.New(fault.NotFound, "ration.not_family")
	}
	return n, err
}

// familyOf are the people a head asks for, in the order in which they came.
func (s *Service) familyOf(r storage.Reader, head string) ([]string, error) {
	return storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select person from ration_family where head = $1 order by n`, head)
}

// Family lists by's family, masked, in the order in which they were put there.
func (s *Service) Family(ctx context.Context, by auth.Principal) (list []party.MaskedPerson, err error) {
	if err := by.Permit(MayClaim, Grants, auth.Person(by.Person)); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		ids, err := s.familyOf(r, by.Person)
		if err != nil {
			return err
		}
		who, err := s.Parties.Masked(r, ids...)
		list = list[:0]
		for _, id := range ids {
			list = append(list, who[id])
		}
		return err
	})
	return list, err
}
