package auth

import (
	"context"

	"breakwater/internal/storage"
)

// place is either an account that exists or a seat that may have one.
type place struct {
	account string
	seat    Seat
}

// wide lists the kinds of scope the seat's role can be held at; nil is no role.
func (s Seat) wide() (kinds []string) {
	for _, k := range []string{AtDistrict, AtPark, AtFirm, AtGate, AtPerson, AtPoint} {
		if s.Role.sits(k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// seatsFor picks count different holders of a role. Two accounts of the same
// person or the same firm count as one: "each of a different person".
func (s *Service) seatsFor(ctx context.Context, role Role, count int, at Scope) ([]place, error) {
	var list []place
	taken := map[string]bool{}
	add := func(p place, person string, scope Scope) {
		key := person
		switch {
		case key != "":
		case role == Firm || role.Personal():
			key = scope.String()
		default:
			key = p.account + p.seat.Name + p.seat.Scope.String()
		}
		if !taken[key] && len(list) < count {
			taken[key] = true
			list = append(list, p)
		}
	}
	for after := ""; len(list) < count; {
		var page []Account
		err := s.db.Read(ctx, func(r storage.Reader) (err error) {
			page, err = storage.All(r, scanAccounts, `select `+accountColumns+` from auth_account a
				where a.role = $1 and a.disabled = 0 and a.id > $2 order by a.id limit 1000`, string(role), after)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, a := range page {
			in, err := s.inside(ctx, a.Scope, at)
			if err != nil {
				return nil, err
			}
			if in {
				add(place{account: a.ID}, a.Person, a.Scope)
			}
		}
		if len(page) < 1000 {
			break
		}
		after = page[len(page)-1].ID
	}
	if len(list) == count || s.seats == nil {
		return list, nil
	}
	// Some of the seats offered may be taken already; ask for enough to spare.
	offered, err := s.seats.Seats(ctx, role, at, count+len(list))
	if err != nil {
		return nil, err
	}
	for _, seat := range offered {
		add(place{seat: seat}, seat.Person, seat.Scope)
	}
	return list, nil
}

func (s *Service) inside(ctx context.Context, scope, at Scope) (bool, error) {
	if at == (Scope{}) || at == scope {
		return true, nil
	}
	chain, err := s.chain(ctx, scope)
	if err != nil {
		return false, err
	}
	for _, c := range chain {
		if c == at {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) sit(tx *storage.Tx, by Principal, p place) (Account, error) {
	if p.account == "" {
		return s.EnsureSeat(tx, by.ID, p.seat)
	}
	a, _, err := accountBy(tx, "id", p.account)
	return a, err
}
