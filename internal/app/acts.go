package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/ration/rationweb"
	"breakwater/internal/service/workresume"
	"breakwater/internal/service/workresume/workresumeweb"
	"breakwater/internal/storage"
	"breakwater/internal/web/calendar"
	"breakwater/internal/web/keys"
	"breakwater/internal/web/second"
)

// Acts that need two people. A service that has some declares their kinds, the
// door by which each is confirmed, and the words for its page; all three are
// gathered here and nowhere else.

// wireDesk opens the desk of acts and the cases; a service's doors are added once
// it is there.
func (a *App) wireDesk() (err error) {
	a.Acts = &dual.Desk{
		DB:    a.DB,
		Acts:  dual.New(dual.Deps{Log: a.Log, Ring: a.Ring, Now: a.Config.Clock}, slices.Concat(workresume.ActKinds(), ration.ActKinds(), []dual.Kind{keys.Kind()})...),
		Doors: map[string]dual.Door{},
	}
	a.Cases, err = casework.New(casework.Deps{
		Log: a.Log, Ring: a.Ring, Now: a.Config.Clock, Zone: a.Home.Location(), District: a.Home.ID,
	}, workresume.CaseKinds()...)
	a.Calendar = calendar.New(calendar.Deps{DB: a.DB, Cases: a.Cases, Now: a.Config.Clock, Zone: a.Home.Location(), District: a.Home.ID})
	return err
}

// told puts acts into words for the desk's page.
func (a *App) told() map[string]second.Teller {
	out := workresumeweb.Tellers()
	out[workresume.ActPolicy] = workresumeweb.TellPolicy(a.Resume)
	out[keys.Act] = tellKeys
	out[ration.ActOpen] = rationweb.TellOpen
	out[workresume.ActRestrict] = workresumeweb.TellRestriction(a.Resume)
	out[workresume.ActMerge] = workresumeweb.TellMerge(a.Resume)
	return out
}

// expireEvery is how often acts nobody answered are ended. An act counts as run
// out from its minute on, swept or not.
const expireEvery = time.Minute

// expire ends acts that nobody answered in time.
func (a *App) expire(ctx context.Context) error {
	t := time.NewTicker(expireEvery)
	defer t.Stop()
	for {
		if err := a.DB.WriteLow(ctx, func(tx *storage.Tx) error {
			_, err := a.Acts.Acts.Expire(tx)
			return err
		}); err != nil && ctx.Err() == nil {
			slog.Error("end acts nobody answered", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
