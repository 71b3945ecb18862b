package workresume

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// RegisterInput enters a firm. Name may be empty: the credit code stands for it
// until somebody knows better.
type RegisterInput struct {
	CreditCode string
	Name       string
	Park       string // place id
	Key        once.Key
}

// Register enters a firm by its credit code; a firm already there is returned
// as it is.
//
// Faults: Invalid, Denied.
func (s *Service) Register(ctx context.Context, by auth.Principal, in RegisterInput) (Firm, error) {
	if err := by.Permit(MayRegister, Grants, auth.Park(in.Park), auth.District(s.District)); err != nil {
		return Firm{}, err
	}
	bad := fault.New(fault.Invalid, "fault.fields")
	code, err := ident.CreditCode(in.CreditCode)
	if err != nil {
		bad.With("credit_code", fault.As(err).Code)
	}
	if err := bad.OrNil(); err != nil {
		return Firm{}, err
	}
	in.CreditCode = code
	var out Firm
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Firm, error) { return s.Enter(tx, by, in) })
		return err
	})
	return out, err
}

// Enter enters the organisation and its file, or finds both. A firm known by its
// credit code only takes the name and park that are now given.
func (s *Service) Enter(tx *storage.Tx, by auth.Principal, in RegisterInput) (Firm, error) {
	if in.Park != "" {
		if ok, err := s.Places.IsPark(tx, in.Park); err != nil {
			return Firm{}, err
		} else if !ok {
			return Firm{}, fault.New(fault.Invalid, "fault.fields").With("park", "workresume.park_unknown")
		}
	}
	name := in.Name
	if name == "" {
		name = in.CreditCode
	}
	o, created, err := s.Parties.AddOrganisation(tx, party.Organisation{Name: name, CreditCode: in.CreditCode, Place: in.Park}, s.Clock())
	if err != nil {
		return Firm{}, err
	}
	if nameless, homeless := o.Name == o.CreditCode && in.Name != "", o.Place == "" && in.Park != ""; !created && (nameless || homeless) {
		if nameless {
			o.Name = in.Name
		}
		if homeless {
			o.Place = in.Park
		}
		if err := s.introduce(tx, by, o); err != nil {
			return Firm{}, err
		}
	}
	n, err := tx.Exec(`insert into workresume_firm
		(firm, name, credit_code, park, state, attention, since, class, declared, roster, refusals, reviews, filing, decision, override, certificate)
		values ($1, $2, $3, $4, 'unfiled', 100, $5, '', 0, 0, 0, 0, '', '', '', '')
		on conflict (firm) do nothing`, o.ID, o.Name, o.CreditCode, o.Place, clock.Micros(s.Clock()))
	if err != nil {
		return Firm{}, err
	}
	if n > 0 {
		if err := s.record(tx, by, factRegistered, o.ID, map[string]string{"credit_code": o.CreditCode, "name": o.Name, "park": o.Place}); err != nil {
			return Firm{}, err
		}
	}
	f, err := s.load(tx, o.ID)
	return f.Firm, err
}

// introduce gives a firm that was known by its credit code only its name and park.
func (s *Service) introduce(tx *storage.Tx, by auth.Principal, o party.Organisation) error {
	if err := s.Parties.UpdateOrganisation(tx, o, s.Clock()); err != nil {
		return err
	}
	if _, err := tx.Exec(`update workresume_firm set name = $1, park = $2 where firm = $3`, o.Name, o.Place, o.ID); err != nil {
		return err
	}
	s.changed(tx, o.ID)
	if err := s.Cases.Move(tx, o.ID, s.chain(o.ID, o.Place)); err != nil {
		return err
	}
	return s.record(tx, by, factNamed, o.ID, map[string]string{"name": o.Name, "park": o.Place})
}

// ParkInput says in which park a firm lies; Park is empty for none.
type ParkInput struct {
	Firm string
	Park string // place id
	Key  once.Key
}

// Park puts a firm into a park, or into another one, for the whole district's
// officer to say: a firm that claimed its own file does not know the park's id.
// Lists, the board and the gates follow at once.
//
// Faults: Invalid, Denied, NotFound.
func (s *Service) Park(ctx context.Context, by auth.Principal, in ParkInput) (Firm, error) {
	if err := by.Permit(MayPark, Grants, auth.District(s.District)); err != nil {
		return Firm{}, err
	}
	var out Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Firm, error) { return s.park(tx, by, in) })
		return err
	})
	return out, err
}

func (s *Service) park(tx *storage.Tx, by auth.Principal, in ParkInput) (Firm, error) {
	f, err := s.load(tx, in.Firm)
	if err != nil || f.Park == in.Park {
		return f.Firm, err
	}
	if in.Park != "" {
		if ok, err := s.Places.IsPark(tx, in.Park); err != nil {
			return Firm{}, err
		} else if !ok {
			return Firm{}, fault.New(fault.Invalid, "fault.fields").With("park", "workresume.park_unknown")
		}
	}
	o, err := s.Parties.Organisation(tx, f.ID)
	if err != nil {
		return Firm{}, err
	}
	was := f.Park
	o.Place, f.Park = in.Park, in.Park
	if err := s.Parties.UpdateOrganisation(tx, o, s.Clock()); err != nil {
		return Firm{}, err
	}
	if _, err := tx.Exec(`update workresume_firm set park = $1 where firm = $2`, f.Park, f.ID); err != nil {
		return Firm{}, err
	}
	s.changed(tx, f.ID)
	if err := s.Cases.Move(tx, f.ID, s.chain(f.ID, f.Park)); err != nil {
		return Firm{}, err
	}
	return f.Firm, s.record(tx, by, factParked, f.ID, map[string]string{"park": f.Park, "was": was})
}
