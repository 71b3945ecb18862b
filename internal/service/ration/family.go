package ration

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
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

// countsStill is how long whoever left a family still counts with its household, and is
// in no other: as long as the longest of periods in which there is one share.
const countsStill = 31 * 24 * time.Hour

// AddFamily puts somebody into one's family: from then on one may ask for them where a
// campaign lets one account ask for several, and where shares count by the household
// all of the family have one. Nobody is in two families. Number and name must be of one
// person; who can speak for themself is asked first, and until they agree asked is true
// and nothing is told of them.
//
// Faults: Denied; Invalid with fields; Conflict "ration.family_other",
// "ration.family_recent", "ration.family_head", "ration.family_full", "ration.tries".
func (s *Service) AddFamily(ctx context.Context, by auth.Principal, in FamilyInput) (person string, asked bool, err error) {
	if err := by.Permit(MayClaim, Grants, auth.Person(by.Person)); err != nil {
		return "", false, err
	}
	now := s.Clock()
	p, err := Paper{in.Name, in.IDKind, in.IDNumber}.person(now.In(s.Zone))
	if err != nil {
		return "", false, err
	}
	ready, err := s.Parties.Prepare([]party.Person{p}, now)
	if err != nil {
		return "", false, err
	}
	var missed bool
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		if missed, err = s.misnamed(tx, "family:"+by.ID, nameTries, p); err != nil || missed {
			return err
		}
		person, err = once.Do(tx, in.Key, now, func() (string, error) {
			ids, _, err := s.Parties.EnsureAll(tx, ready, now)
			if err != nil {
				return "", err
			}
			speaker, err := s.speaker(tx, ids[0])
			if err != nil || speaker == "" {
				return ids[0], orThen(err, func() error { return s.joinFamily(tx, by, by.Person, ids[0]) })
			}
			return "", s.askFamily(tx, by, speaker)
		})
		return err
	})
	if missed {
		return "", false, otherName()
	}
	return person, err == nil && person == "", err
}

// speaker is which of somebody's records can speak for themself; none is "".
func (s *Service) speaker(r storage.Reader, person string) (string, error) {
	mine, err := s.recordsOf(r, person)
	for _, x := range mine {
		if speaks, err := s.Applicants.Speaks(r, x); err != nil || speaks {
			return x, err
		}
	}
	return "", err
}

// askFamily asks somebody who can speak for themself. What would keep them out of the
// family is said when they agree: it is theirs.
func (s *Service) askFamily(tx *storage.Tx, by auth.Principal, person string) error {
	if person == by.Person {
		return orFault(nil, "ration.family_head")
	}
	var n int64
	if err := tx.Row(`select count(*) from ration_family_ask where head = $1`, by.Person).Scan(&n); err != nil || n >= peopleMost {
		return orFault(err, "ration.family_full")
	}
	added, err := tx.Exec(`insert into ration_family_ask (person, head, at) values ($1, $2, $3) on conflict do nothing`, person, by.Person, clock.Micros(s.Clock()))
	if err != nil || added == 0 {
		return err // asked already
	}
	subject := askingSubject(by.Person, person)
	if err := s.mayTry(tx, subject, askTries); fault.Is(err, "ration.tries") {
		return orFault(nil, "ration.family_asked_often")
	} else if err != nil {
		return err
	}
	if err := s.tried(tx, subject); err != nil {
		return err
	}
	return s.recordFamily(tx, by, factFamilyAsked, person, by.Person)
}

// askingSubject is under what it is counted how often one asked another today: nobody is
// asked without end.
func askingSubject(head, person string) string { return "asking:" + head + ":" + person }

// AnswerFamily agrees that head asks for by from now on, or declines.
//
// Faults: Denied; NotFound "ration.family_unasked"; Conflict as AddFamily.
func (s *Service) AnswerFamily(ctx context.Context, by auth.Principal, head string, yes bool) error {
	if err := by.Permit(MayClaim, Grants, auth.Person(by.Person)); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		mine, err := s.recordsOf(tx, by.Person)
		if err != nil {
			return err
		}
		asked, n := by.Person, int64(0)
		for _, x := range mine {
			if n == 0 && err == nil {
				asked = x
				n, err = tx.Exec(`delete from ration_family_ask where person = $1 and head = $2`, x, head)
			}
		}
		if err == nil && n == 0 {
			if h, e := s.asker(tx, by.Person); e != nil || yes && h == head {
				return e // agreed already
			}
			err = fault.New(fault.NotFound, "ration.family_unasked")
		}
		if err != nil || yes {
			return orThen(err, func() error { return s.joinFamily(tx, by, head, asked) })
		}
		if err := s.spent(tx, askingSubject(head, asked), askTries); err != nil {
			return err
		}
		return s.recordFamily(tx, by, factFamilyDeclined, asked, head)
	})
}

// LeaveFamily ends that head asks for person: either of the two says so. With no person
// the head takes back whatever was asked and not answered.
//
// Faults: Denied; NotFound "ration.not_family".
func (s *Service) LeaveFamily(ctx context.Context, by auth.Principal, head, person string) error {
	if err := by.Permit(MayClaim, Grants, auth.Person(by.Person)); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		mine, err := s.recordsOf(tx, by.Person)
		if err != nil {
			return err
		}
		own := slices.Contains(mine, person)
		if !own && !slices.Contains(mine, head) {
			return fault.New(fault.NotFound, "ration.not_family")
		}
		if person == "" {
			return s.takeBack(tx, by, head)
		}
		whom := []string{person}
		if own {
			whom = mine // whichever of them was put there
		}
		known := false
		for _, x := range whom {
			n, err := tx.Exec(`update ration_family set left_at = $1 where person = $2 and head = $3 and left_at = 0`, clock.Micros(s.Clock()), x, head)
			if err == nil && n > 0 {
				return s.recordFamily(tx, by, factFamilyLeft, x, head)
			}
			was, _, left, e := s.familyRow(tx, x)
			if err = errors.Join(err, e); err != nil {
				return err
			}
			known = known || was == head && !left.IsZero() // has left already
		}
		if !known {
			return fault.New(fault.NotFound, "ration.not_family")
		}
		return nil
	})
}

// takeBack withdraws whatever a head asked and nobody answered. Whoever was asked finds
// that too.
func (s *Service) takeBack(tx *storage.Tx, by auth.Principal, head string) error {
	asked, err := storage.All(tx, scanText, `select person from ration_family_ask where head = $1 order by person`, head)
	if err != nil {
		return err
	}
	for _, x := range asked {
		if err := s.recordFamily(tx, by, factFamilyTakenBack, x, head); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`delete from ration_family_ask where head = $1`, head)
	return err
}

func (s *Service) joinFamily(tx *storage.Tx, by auth.Principal, head, person string) error {
	now := s.Clock()
	if h, err := s.asker(tx, head); err != nil || h != head {
		return orFault(err, "ration.family_other")
	}
	w, err := s.wholeOf(tx, person)
	if err == nil {
		err = s.freeOfFamilies(tx, w, head, person)
	}
	if err != nil {
		return err
	}
	was, n, left, err := s.familyRow(tx, person)
	switch {
	case err != nil:
		return err
	case was == head && left.IsZero():
		return nil
	case was != "" && left.IsZero():
		return orFault(nil, "ration.family_other")
	case was != "" && was != head && now.Sub(left) < countsStill:
		return fault.New(fault.Conflict, "ration.family_recent", "until", left.Add(countsStill))
	}
	var others int64
	if err := tx.Row(`select count(*) from ration_family where head = $1 and left_at = 0`, person).Scan(&others); err != nil || others > 0 || person == head {
		return orFault(err, "ration.family_head")
	}
	if was != head {
		if err := tx.Row(`select coalesce(max(n), 0) + 1 from ration_family where head = $1`, head).Scan(&n); err != nil || n > peopleMost {
			return orFault(err, "ration.family_full")
		}
	}
	if _, err := tx.Exec(`insert into ration_family (person, head, n, at, left_at) values ($1, $2, $3, $4, 0)
		on conflict (person) do update set head = excluded.head, n = excluded.n, at = excluded.at, left_at = 0`, person, head, n, clock.Micros(now)); err != nil {
		return err
	}
	return s.recordFamily(tx, by, factFamily, person, head)
}

// freeOfFamilies refuses to put somebody into a second family by another of their records.
func (s *Service) freeOfFamilies(r storage.Reader, w whole, head, person string) error {
	for _, x := range w.ids {
		was, _, left, err := s.familyRow(r, x)
		switch {
		case err != nil:
			return err
		case x == head:
			return orFault(nil, "ration.family_head")
		case x == person || was == "":
		case left.IsZero():
			return orFault(nil, "ration.family_other")
		case was != head && s.Clock().Sub(left) < countsStill:
			return fault.New(fault.Conflict, "ration.family_recent", "until", left.Add(countsStill))
		}
	}
	return nil
}

// recordFamily notes what happened to somebody, sealed under their own key.
func (s *Service) recordFamily(tx *storage.Tx, by auth.Principal, name, person, head string) error {
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: party.Stream(person), Name: "ration." + name, Actor: by.ID, Subject: person, At: s.Clock(), Body: map[string]string{"head": head}})
	return err
}

func orThen(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

func orFault(err error, code string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "fault.fields").With("number", code)
}

// familyRow is whose family somebody was put into last, as the how manieth, and when they
// left; head "" is none.
func (s *Service) familyRow(r storage.Reader, person string) (head string, n int64, left time.Time, err error) {
	var at int64
	err = r.Row(`select head, n, left_at from ration_family where person = $1`, person).Scan(&head, &n, &at)
	if storage.NoRows(err) {
		return "", 0, time.Time{}, nil
	}
	if at > 0 {
		left = clock.FromMicros(at)
	}
	return head, n, left, err
}

// asker is who asks for somebody by any of their records: the head of their family, or
// themself.
func (s *Service) asker(r storage.Reader, person string) (string, error) {
	mine, err := s.recordsOf(r, person)
	for _, x := range mine {
		if head, _, left, err := s.familyRow(r, x); err != nil || head != "" && left.IsZero() {
			return head, err
		}
	}
	return person, err
}

// head is the household somebody counts with, by its head. Of several records the one
// that stands in a family says so.
func (s *Service) head(r storage.Reader, person string) (string, error) {
	w, err := s.wholeOf(r, person)
	if err != nil {
		return "", err
	}
	lately := ""
	for _, x := range w.records(person) {
		head, _, left, err := s.familyRow(r, x)
		switch {
		case err != nil:
			return "", err
		case head != "" && left.IsZero():
			return head, nil
		case head != "" && s.Clock().Sub(left) < countsStill:
			lately = cmp.Or(lately, head)
		}
	}
	return cmp.Or(lately, person), nil
}

// household refuses a share for a household of which somebody else had one as a
// household of their own, before they came together; head are the records of its head.
func (s *Service) household(r storage.Reader, c *opened, in ClaimInput, head whole) error {
	var others []string
	for _, h := range head.ids {
		list, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
			`select person from ration_family where head = $1 and (left_at = 0 or left_at > $2) order by n`, h, clock.Micros(s.Clock().Add(-countsStill)))
		if err != nil {
			return err
		}
		for _, x := range list {
			w, err := s.wholeOf(r, x)
			if err != nil {
				return err
			}
			others = append(others, w.ids...)
		}
	}
	if head.several {
		if err := s.hadOtherwise(r, c, in, append(slices.Clone(others), head.ids...), head.ids, "ration.had_record"); err != nil {
			return err
		}
	}
	return s.hadOtherwise(r, c, in, others, others, "ration.had_household")
}

// placeInFamily is the how manieth of head's family somebody is, head being the 0th. Who
// left lately is counted: nobody asks for more by turns.
func (s *Service) placeInFamily(r storage.Reader, head, person string) (n int64, err error) {
	was, n, left, err := s.familyRow(r, person)
	if err == nil && (was != head || !left.IsZero()) {
		err = fault.New(fault.NotFound, "ration.not_family")
	}
	if err != nil {
		return 0, err
	}
	return n, r.Row(`select count(*) from ration_family where head = $1 and n <= $2 and (left_at = 0 or left_at > $3)`,
		head, n, clock.Micros(s.Clock().Add(-countsStill))).Scan(&n)
}

// familyOf are the people a head asks for, in the order in which they came.
func (s *Service) familyOf(r storage.Reader, head string) ([]string, error) {
	return storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`select person from ration_family where head = $1 and left_at = 0 order by n`, head)
}

// Kin is a family as one of it sees it, each masked.
type Kin struct {
	Mine   []party.MaskedPerson `json:"family"`         // for whom one asks, in the order in which they came
	Asking []party.MaskedPerson `json:"asking"`         // who want to ask for one, and wait for an answer
	Asked  int64                `json:"asked"`          // how many one has asked who did not answer
	Head   *party.MaskedPerson  `json:"head,omitempty"` // who asks for one
}

// Family lists by's family. Nobody's phone is told.
func (s *Service) Family(ctx context.Context, by auth.Principal) (k Kin, err error) {
	if err := by.Permit(MayClaim, Grants, auth.Person(by.Person)); err != nil {
		return k, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		k = Kin{}
		mine, err := s.familyOf(r, by.Person)
		if err != nil {
			return err
		}
		own, err := s.recordsOf(r, by.Person)
		if err != nil {
			return err
		}
		in, args := storage.In(1, own)
		asking, err := storage.All(r, scanText, `select head from ration_family_ask where person in (`+in+`) group by head order by max(at) desc, head limit 20`, args...)
		if err != nil {
			return err
		}
		head, err := s.asker(r, by.Person)
		if err != nil {
			return err
		}
		who, err := s.Parties.Masked(r, append(append([]string{head}, mine...), asking...)...)
		if err != nil {
			return err
		}
		known := func(ids []string) []party.MaskedPerson {
			out := make([]party.MaskedPerson, 0, len(ids))
			for _, id := range ids {
				x := who[id]
				x.Phone = ""
				out = append(out, x)
			}
			return out
		}
		k.Mine, k.Asking = known(mine), known(asking)
		if head != by.Person {
			k.Head = &known([]string{head})[0]
		}
		return r.Row(`select count(*) from ration_family_ask where head = $1`, by.Person).Scan(&k.Asked)
	})
	return k, err
}
