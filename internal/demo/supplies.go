package demo

import (
	"context"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// supplies opens campaigns, with yesterday's draws among residents and the first firms.
func (b *builder) supplies(ctx context.Context) error {
	cast := ration.Cast{Opens: b.opens()}
	var err error
	if cast.Officer, err = b.one(ctx, auth.Officer); err != nil {
		return err
	}
	if cast.Second, err = b.one(ctx, auth.SecondOfficer); err != nil {
		return err
	}
	if cast.People, err = b.some(ctx, auth.Resident, residents); err != nil {
		return err
	}
	if cast.Firms, err = b.employers(ctx); err != nil {
		return err
	}
	var towns []string
	for _, s := range streetNames {
		towns = append(towns, s.zh)
	}
	return b.Ration().SeedDemo(ctx, cast, towns)
}

// opens is when the waiting room does: at a full minute, and before midnight.
func (b *builder) opens() time.Time {
	wait := b.plan.Room
	if wait == 0 {
		wait = 5 * time.Minute
	}
	at := b.Clock().In(b.Home().Location()).Add(wait + time.Minute - 1).Truncate(time.Minute)
	if at.Day() != b.today.Day() {
		return b.today // so late in the evening it is open already
	}
	return at
}

// employers are the firm a visitor is and a few after it.
func (b *builder) employers(ctx context.Context) (out []auth.Principal, err error) {
	err = b.DB.Write(ctx, func(tx *storage.Tx) error {
		out = nil
		people, err := b.Resume().People(tx, auth.Scope{}, 200)
		if err != nil {
			return err
		}
		seen := map[party.ID]bool{}
		for i := 0; i < len(people) && len(out) < 4; i += 20 {
			firms, err := b.Resume().FirmOf(tx, people[i])
			if err != nil {
				return err
			}
			for _, f := range firms {
				if seen[f.ID] {
					continue
				}
				seen[f.ID] = true
				a, err := b.Auth().EnsureSeat(tx, auth.Operator().ID, auth.Seat{Role: auth.Firm, Scope: auth.OfFirm(f.ID), Name: f.Name})
				if err != nil {
					return err
				}
				out = append(out, principal(a))
			}
		}
		return nil
	})
	return out, err
}

func (st Stage) some(ctx context.Context, role auth.Role, most int) (out []auth.Principal, err error) {
	list, _, err := st.Auth().Accounts(ctx, auth.Operator(), role, "", most)
	for _, a := range list {
		out = append(out, principal(a))
	}
	return out, err
}

func (st Stage) one(ctx context.Context, role auth.Role) (auth.Principal, error) {
	list, err := st.some(ctx, role, 1)
	if err != nil || len(list) == 0 {
		return auth.Principal{}, err
	}
	return list[0], nil
}

func principal(a auth.Account) auth.Principal {
	return auth.Principal{ID: a.ID, Role: a.Role, Name: a.Name, Scope: a.Scope, Person: a.Person}
}

// offered keeps something to book for today and tomorrow.
func offered(ctx context.Context, st Stage) error {
	officer, err := st.one(ctx, auth.Officer)
	if err != nil || officer.Zero() {
		return err
	}
	return st.Ration().DemoDays(ctx, officer)
}
