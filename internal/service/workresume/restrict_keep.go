package workresume

import (
	"context"
	"encoding/json"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

const restrictionColumns = `select restriction, person, reason, level, content, since, until, ended, appeal, appellant from workresume_restriction`

func (s *Service) scanRestriction(rows *storage.Rows) (Restriction, error) {
	var x Restriction
	var level, since, until, ended int64
	var sealed []byte
	if err := rows.Scan(&x.ID, &x.Person, &x.Reason, &level, &sealed, &since, &until, &ended, &x.appeal, &x.appellant); err != nil {
		return x, err
	}
	x.Level, x.Since, x.Until, x.Ended = Level(level).String(), clock.FromMicros(since), clock.FromMicros(until), instant(ended)
	plain, err := s.Ring.Open(sealed, []byte(x.ID))
	if err != nil {
		return x, err
	}
	var c restrictContent
	if err := json.Unmarshal(plain, &c); err != nil {
		return x, err
	}
	x.Note, x.by, x.Lifted, x.Why = c.Note, c.By, c.Lifted, c.Why
	if len(c.By) == 2 {
		x.Asked, x.Confirmed = c.By[0].Name, c.By[1].Name
	}
	return x, nil
}

// restrictions are a person's latest, whatever record they were said of, newest first,
// with their appeals.
func (s *Service) restrictions(r storage.Reader, person string) ([]Restriction, error) {
	in, args, err := s.ofSame(r, person)
	if err != nil {
		return nil, err
	}
	list, err := storage.All(r, s.scanRestriction, restrictionColumns+` where person in (`+in+`) order by restriction desc limit 20`, args...)
	for i := range list {
		if err == nil {
			err = s.dressAppeal(r, &list[i])
		}
	}
	return list, err
}

// standingRestriction is the one that holds for a person now, if one does.
func (s *Service) standingRestriction(r storage.Reader, person string) (x Restriction, found bool, err error) {
	list, err := storage.All(r, s.scanRestriction, restrictionColumns+` where person = $1 and ended = 0 and until > $2 order by restriction desc limit 1`,
		person, clock.Micros(s.Clock()))
	if err != nil || len(list) == 0 {
		return x, false, err
	}
	return list[0], true, nil
}

func (s *Service) restriction(r storage.Reader, id string) (x Restriction, err error) {
	list, err := storage.All(r, s.scanRestriction, restrictionColumns+` where restriction = $1`, id)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "workresume.restriction_unknown")
	}
	if err != nil {
		return x, err
	}
	return list[0], s.dressAppeal(r, &list[0])
}

// RestrictionsOf is one person as the desk of restrictions sees them: masked, with
// what was restricted, newest first.
//
// Faults: Denied, NotFound.
func (s *Service) RestrictionsOf(ctx context.Context, by auth.Principal, person string) (m party.MaskedPerson, list []Restriction, err error) {
	if err := by.Permit(MayRestrict, Grants, by.Scope); err != nil {
		return m, nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.permitRestrict(r, by, person); err != nil {
			return err
		}
		names, err := s.Parties.Masked(r, person)
		if err != nil {
			return err
		}
		m = names[person]
		list, err = s.restrictions(r, person)
		return err
	})
	return m, list, err
}

// RestrictionByID is one restriction on the desk.
//
// Faults: Denied, NotFound.
func (s *Service) RestrictionByID(ctx context.Context, by auth.Principal, id string) (v RestrictionView, err error) {
	if err := by.Permit(MayRestrict, Grants, by.Scope); err != nil {
		return v, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if v.Restriction, err = s.reachRestriction(r, by, id); err != nil {
			return err
		}
		names, err := s.Parties.Masked(r, v.Person)
		v.Name = names[v.Person].Name
		return err
	})
	return v, err
}
