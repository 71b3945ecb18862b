// Package app puts the house together: it opens the store and the keys, makes
// each service and hands it what it asked for, mounts the routes and starts the
// workers. It is the only place that knows everybody.
//
// It refuses to decide anything about the district: a rule that lives here is in
// the wrong room.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/demo"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/place"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/keyring"
	"breakwater/internal/outside/sms"
	"breakwater/internal/service/privacy"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/web/calendar"
	"breakwater/internal/web/keys"
	"breakwater/internal/web/places"
	"breakwater/internal/web/status"
)

// App is the open program.
type App struct {
	Config  Config
	DB      *storage.DB
	Ring    *keyring.Ring
	Log     *eventlog.Log
	Parties *party.Store
	Texts   *i18n.Bundle
	Trust   *credential.Trust
	Status  *statuslist.Store
	Door    *admission.Door // who is let in while there is too much to do
	Watch   *status.Watch   // what works now, for everybody to see

	// What follows is there once the district has a name; see Named.
	Home   place.Home
	Auth   *auth.Service
	Resume *workresume.Service
	Places *places.Places
	Keys   *keys.Keys
	Acts   *dual.Desk
	Cases  *casework.Store

	Calendar *calendar.Calendar

	Privacy *privacy.Service
	Ration  *ration.Service
	Books   *ledger.Books

	messages *sms.Shown // of a demonstration
	owed     owedKeys
	reread   time.Duration
	release  func()
}

// Modules are the schemas of the whole house, in the order they are applied.
func Modules() []storage.Module {
	return []storage.Module{
		eventlog.Module(), once.Module(), party.Module(), place.Module(), statuslist.Module(), auth.Module(), ledger.Module(), dual.Module(), casework.Module(), workresume.Module(), privacy.Module(), ration.Module(),
	}
}

// Open takes the data folder, opens the store and brings its schema up to date.
//
// Faults: Invalid for the configuration, Conflict "storage.locked" when another
// process has the folder, NotFound "keyring.missing".
func Open(ctx context.Context, c Config) (_ *App, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := keepShut(c); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	a := &App{Config: c, reread: rereadKeys, release: func() {}}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if a.release, err = storage.Lock(c.Data); err != nil {
		a.release = func() {}
		return nil, err
	}
	if a.DB, err = storage.Open(ctx, c.Target()); err != nil {
		return nil, err
	}
	if err := a.DB.Migrate(ctx, Modules()...); err != nil {
		return nil, err
	}
	if err := a.openKeys(ctx); err != nil {
		return nil, err
	}
	if a.Texts, err = i18n.Load(); err != nil {
		return nil, err
	}
	if a.Log, err = a.openLog(ctx); err != nil {
		return nil, err
	}
	a.Parties = party.New(a.Ring)
	a.Door = a.newDoor()
	a.Watch = status.New(status.Deps{Door: a.Door, Store: a.usable, Head: a.sealed, Now: a.Config.Clock})
	if err := a.wire(ctx); err != nil && !fault.Is(err, "place.no_district") {
		return nil, err
	}
	return a, nil
}

// openKeys opens the store's key ring; only an empty store gets a new one.
func (a *App) openKeys(ctx context.Context) error {
	id, err := a.DB.StoreID(ctx)
	if err != nil {
		return err
	}
	empty, err := a.DB.Empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		a.Ring, err = keyring.OpenFor(a.Config.Keys(), id, a.Config.algorithm())
	} else {
		a.Ring, err = keyring.Load(a.Config.Keys(), id)
	}
	if err != nil {
		return err
	}
	a.Trust, err = trustOf(a.Ring, a.Config.Clock())
	return err
}

// openLog opens the log under a name of its own, so that two districts' checkpoints
// are never taken for one another's; a restored store keeps the name it had.
func (a *App) openLog(ctx context.Context) (*eventlog.Log, error) {
	id, err := a.DB.StoreID(ctx)
	if err != nil {
		return nil, err
	}
	return eventlog.New(a.DB, a.Ring, a.Config.Clock, "breakwater/"+strings.ToLower(id[:min(len(id), 12)]))
}

// Named reports whether the district has a name, so that services are there.
func (a *App) Named() bool { return a.Resume != nil }

// Close lets go of everything, in the reverse order.
func (a *App) Close() error {
	var err error
	if a.DB != nil {
		err = a.DB.Close()
	}
	a.release()
	return err
}

// Run starts the workers and returns when ctx ends or one fails.
func (a *App) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := []struct {
		name string
		run  func(context.Context) error
	}{
		{"log", a.Log.Run},
		{"admission", a.Door.Run},
		{"status", a.Watch.Run},
		{"sessions", func(ctx context.Context) error {
			return a.Auth.Run(ctx, func(err error) { slog.Error("sessions", "err", err) })
		}},
		{"work resumption", a.Resume.Run},
		{"rationed supplies", func(ctx context.Context) error {
			return a.Ration.Run(ctx, func(err error) { slog.Error("rationed supplies", "err", err) })
		}},
		{"status lists", func(ctx context.Context) error {
			return a.Status.Run(ctx, a.DB.Engine() != storage.SQLite, func(err error) { slog.Error("status lists", "err", err) })
		}},
		{"answers kept", a.sweep},
		{"signing keys", a.keepKeys},
		{"acts of two", a.expire},
		{"late cases", func(ctx context.Context) error { return a.Cases.Run(ctx, a.DB) }},
	}
	if a.Config.Demo {
		workers = append(workers, struct {
			name string
			run  func(context.Context) error
		}{"demonstration", func(ctx context.Context) error { return demo.Live(ctx, a.DemoStage()) }})
	}
	errs := make(chan error, len(workers))
	for _, w := range workers {
		go func() {
			if err := w.run(ctx); err != nil && ctx.Err() == nil {
				errs <- fmt.Errorf("%s: %w", w.name, err)
				return
			}
			errs <- nil
		}()
	}
	var first error
	for range workers {
		if err := <-errs; err != nil {
			first = errors.Join(first, err)
			cancel()
		}
	}
	return first
}

// sweep forgets old answers of repeated requests, hourly.
func (a *App) sweep(ctx context.Context) error {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		if err := a.DB.WriteLow(ctx, func(tx *storage.Tx) error {
			_, err := once.Sweep(tx, a.Config.Clock())
			return err
		}); err != nil && ctx.Err() == nil {
			slog.Error("forget old answers", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
