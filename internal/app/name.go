package app

import (
	"context"
	"crypto/rand"
	"strings"

	"breakwater/internal/demo"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// Name gives an empty store its district; the services are there afterwards.
//
// Faults: Invalid, Conflict "place.district_exists".
func (a *App) Name(ctx context.Context, home place.Home) error {
	if err := a.DB.Write(ctx, func(tx *storage.Tx) error {
		h, err := place.AddDistrict(tx, home, a.Config.Clock())
		if err != nil {
			return err
		}
		_, err = a.Log.Append(tx, eventlog.Fact{
			Stream: "place:" + h.ID, Name: "place.district_named", Actor: auth.Operator().ID, At: a.Config.Clock(),
			Body: map[string]string{"name": h.Name, "zone": h.Zone},
		})
		return err
	}); err != nil {
		return err
	}
	return a.wire(ctx)
}

// AddStaff adds an account; without a password one is made and returned, to be
// told to its holder and changed by them.
//
// Faults: NotFound for a scope that is nowhere in the district; those of
// auth.Service.AddAccount.
func (a *App) AddStaff(ctx context.Context, in auth.NewAccount) (auth.Account, string, error) {
	if in.Password == "" {
		in.Password = strings.ToLower(rand.Text()[:16])
	}
	if _, err := (answers{a}).Chain(ctx, in.Scope); err != nil {
		return auth.Account{}, "", err
	}
	acc, err := a.Auth.AddAccount(ctx, auth.Operator(), in)
	return acc, in.Password, err
}

// DemoStage is the program as package demo builds on it.
func (a *App) DemoStage() demo.Stage {
	return demo.Stage{
		DB: a.DB, Clock: a.Config.Clock, Name: a.Name,
		Home:   func() place.Home { return a.Home },
		Resume: func() *workresume.Service { return a.Resume },
		Ration: func() *ration.Service { return a.Ration },
		People: a.Parties,
		Auth:   func() *auth.Service { return a.Auth },
	}
}
