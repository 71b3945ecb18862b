package app

import (
	"context"
	"slices"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// answers are what auth asks of the other rooms.
type answers struct{ *App }

// ByCode finds a firm by its credit code. One that a roster entered and nobody has
// named yet counts as unknown: its claim gives the name, and Register takes it.
func (a answers) ByCode(ctx context.Context, code string) (auth.FirmFile, bool, error) {
	var f auth.FirmFile
	var found bool
	err := a.DB.Read(ctx, func(r storage.Reader) error {
		o, ok, err := a.Parties.FindCode(r, code)
		if ok && o.Name != o.CreditCode {
			f, found = auth.FirmFile{ID: o.ID, Name: o.Name}, true
		}
		return err
	})
	return f, found, err
}

// Register enters a firm the district did not know, or puts one it knows into the
// park it lacks.
func (a answers) Register(tx *storage.Tx, code, name, park string, _ time.Time) (auth.FirmFile, error) {
	f, err := a.Resume.Enter(tx, auth.Operator(), workresume.RegisterInput{CreditCode: code, Name: name, Park: park})
	return auth.FirmFile{ID: f.ID, Name: f.Name}, err
}

// IsPark reports whether id is a park.
func (a answers) IsPark(ctx context.Context, id string) (ok bool, err error) {
	err = a.DB.Read(ctx, func(r storage.Reader) error {
		ok, err = gates{}.IsPark(r, id)
		return err
	})
	return ok, err
}

// ByPhone finds the people with this phone, on a roster or not.
func (a answers) ByPhone(ctx context.Context, phone string) ([]auth.Candidate, error) {
	var out []auth.Candidate
	err := a.DB.Read(ctx, func(r storage.Reader) error {
		out = nil
		ids, err := a.Parties.FindPhone(r, phone)
		if err != nil {
			return err
		}
		on, err := a.Resume.OnRoster(r, ids)
		if err != nil {
			return err
		}
		people, err := a.Parties.Open(r, ids...)
		if err != nil {
			return err
		}
		for id, p := range people {
			role := auth.Resident
			if slices.Contains(on, id) {
				role = auth.Worker
			}
			out = append(out, auth.Candidate{Person: id, IDNumber: p.IDNumber, Role: role})
		}
		return nil
	})
	return out, err
}

// Chain is the scopes a scope lies in, itself first.
func (a answers) Chain(ctx context.Context, s auth.Scope) ([]auth.Scope, error) {
	chain := []auth.Scope{s}
	err := a.DB.Read(ctx, func(r storage.Reader) error {
		switch s.Kind {
		case auth.AtFirm:
			o, err := a.Parties.Organisation(r, s.ID)
			if err != nil {
				return err
			}
			if o.Place != "" {
				chain = append(chain, auth.Park(o.Place))
			}
		case auth.AtGate:
			g, err := gates{}.Gate(r, s.ID)
			if err != nil {
				return err
			}
			if g.Firm != "" {
				chain = append(chain, auth.OfFirm(g.Firm))
			}
			if g.Park != "" {
				chain = append(chain, auth.Park(g.Park))
			}
		case auth.AtPoint:
			return a.Ration.HasPoint(r, s.ID)
		case auth.AtPark:
			if p, err := place.Get(r, s.ID); err != nil || p.Kind != place.Park {
				return noScope(err)
			}
		case auth.AtDistrict:
			if s.ID != a.Home.ID {
				return noScope(nil)
			}
		}
		return nil
	})
	if s.Kind != auth.AtDistrict {
		chain = append(chain, auth.District(a.Home.ID))
	}
	return chain, err
}

func noScope(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, "app.scope_unknown")
}

// Seats are who may hold an account of a role.
func (a answers) Seats(ctx context.Context, role auth.Role, at auth.Scope, n int) ([]auth.Seat, error) {
	var out []auth.Seat
	err := a.DB.Read(ctx, func(r storage.Reader) (err error) {
		out = nil
		switch role {
		case auth.Worker:
			people, err := a.Resume.People(r, at, n)
			for _, p := range people {
				out = append(out, auth.Seat{Role: role, Scope: auth.Person(p), Person: p})
			}
			return err
		case auth.Resident:
			return nil // they come of themselves, by their phone
		case auth.Firm:
			firms, err := a.Resume.FirmsIn(r, at, n)
			for _, f := range firms {
				out = append(out, auth.Seat{Role: role, Scope: auth.OfFirm(f.ID), Name: f.Name})
			}
			return err
		case auth.Guard:
			all, err := place.All(r, place.Gate)
			for _, g := range all {
				if len(out) < n && (at.ID == "" || g.ID == at.ID || g.Within(at.ID)) {
					out = append(out, auth.Seat{Role: role, Scope: auth.Gate(g.ID), Name: g.Name})
				}
			}
			return err
		case auth.Storekeeper:
			points, err := a.Ration.PointsIn(r)
			for _, one := range points {
				if len(out) < n && (at.ID == "" || at.Kind == auth.AtDistrict || one.ID == at.ID) {
					out = append(out, auth.Seat{Role: role, Scope: auth.Point(one.ID), Name: one.Name})
				}
			}
			return err
		default:
			// An office for the whole district, and one for each park for officers and
			// those who second them.
			if at.ID == "" || at.Kind == auth.AtDistrict {
				out = append(out, auth.Seat{Role: role, Scope: auth.District(a.Home.ID), Name: string(role)})
			}
			if role == auth.Officer || role == auth.SecondOfficer {
				parks, err := place.All(r, place.Park)
				for _, p := range parks {
					if len(out) < n && (at.ID == "" || at.Kind == auth.AtDistrict || p.ID == at.ID) {
						out = append(out, auth.Seat{Role: role, Scope: auth.Park(p.ID), Name: p.Name})
					}
				}
				return err
			}
			return nil
		}
	})
	return out, err
}

// Colleagues are the officers of the district.
func (a answers) Colleagues(ctx context.Context) ([]auth.Principal, error) {
	var out []auth.Principal
	for after := ""; ; {
		page, next, err := a.Auth.Accounts(ctx, auth.Operator(), auth.Officer, after, 200)
		if err != nil {
			return nil, err
		}
		for _, one := range page {
			if !one.Disabled {
				out = append(out, auth.Principal{ID: one.ID, Role: one.Role, Person: one.Person, Name: one.Name, Scope: one.Scope})
			}
		}
		if after = next; next == "" {
			return out, nil
		}
	}
}

// Personal reports whether a person signs in by themself.
func (a answers) Personal(r storage.Reader, person string) (bool, error) {
	return a.Auth.Personal(r, person)
}

// gates answers what lies behind a gate: the park, or one firm's site.
type gates struct{}

func (gates) Gate(r storage.Reader, id string) (workresume.Gate, error) {
	unknown := fault.New(fault.NotFound, "workresume.gate_unknown")
	g, err := place.Get(r, id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return workresume.Gate{}, unknown
		}
		return workresume.Gate{}, err
	}
	if g.Kind != place.Gate {
		return workresume.Gate{}, unknown
	}
	out := workresume.Gate{ID: g.ID, Name: g.Name, Place: g.Parent, Firm: g.Organisation}
	chain, err := place.Chain(r, id)
	if err != nil {
		return out, err
	}
	for _, p := range chain {
		if p.Kind == place.Park && out.Park == "" {
			out.Park = p.ID
		}
		if p.Organisation != "" && out.Firm == "" {
			out.Firm = p.Organisation
		}
	}
	return out, nil
}

// name is what a scope is called.
func (a answers) name(ctx context.Context, s auth.Scope) (name string, err error) {
	err = a.DB.Read(ctx, func(r storage.Reader) error {
		switch s.Kind {
		case auth.AtFirm:
			o, err := a.Parties.Organisation(r, s.ID)
			name = o.Name
			return err
		case auth.AtPerson:
			people, err := a.Parties.Masked(r, s.ID)
			name = people[s.ID].Name
			return err
		case auth.AtPoint:
			name, err = a.Ration.PointName(r, s.ID)
			return err
		}
		p, err := place.Get(r, s.ID)
		name = p.Name
		return err
	})
	return name, err
}

// Streets is the street in which each park lies.
func (gates) Streets(r storage.Reader) (map[string]string, error) {
	streets, err := place.All(r, place.Street)
	if err != nil {
		return nil, err
	}
	parks, err := place.All(r, place.Park)
	out := map[string]string{}
	for _, p := range parks {
		for _, s := range streets {
			if p.Within(s.ID) {
				out[p.ID] = s.ID
			}
		}
	}
	return out, err
}

// IsPark reports whether id is a park.
func (gates) IsPark(r storage.Reader, id string) (bool, error) { return isKind(r, id, place.Park) }

// IsStreet reports whether id is a street.
func (gates) IsStreet(r storage.Reader, id string) (bool, error) { return isKind(r, id, place.Street) }

func isKind(r storage.Reader, id string, kind place.Kind) (bool, error) {
	p, err := place.Get(r, id)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return p.Kind == kind, err
}

// Actor is an account's role and place, for a person to read; never its name.
func (a answers) Actor(ctx context.Context, id string) (auth.Role, string, error) {
	if id == auth.Operator().ID {
		return auth.System, "", nil
	}
	acc, err := a.Auth.Account(ctx, auth.Operator(), id)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return auth.System, "", nil // a service's own act
	}
	if err != nil {
		return "", "", err
	}
	place, err := a.name(ctx, acc.Scope)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return acc.Role, "", nil // it has gone since
	}
	return acc.Role, place, err
}
