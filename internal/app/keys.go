package app

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/keys"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

// wireKeys makes the page of the signing keys; the desk of acts is there already.
func (a *App) wireKeys() {
	a.Keys = keys.New(keys.Deps{
		DB: a.DB, Ring: a.Ring, Log: a.Log, Acts: a.Acts.Acts, Now: a.Config.Clock, District: a.Home.ID, Issuer: a.Home.Name,
		Algorithm: a.Config.algorithm(), Life: workresume.CertificateLife + 24*time.Hour, After: a.turned,
	})
	a.Acts.Doors[keys.Act] = a.Keys.Confirm
}

// owedKeys is what a change of keys asks for and is not done yet.
type owedKeys struct {
	mu        sync.Mutex // one does it
	due, lost bool
}

// turned lets a change of keys reach those who verify here and those who fetch the
// lists. After a loss everything is signed anew when it is next shown. What fails of it
// is owed, and keepKeys does it again.
func (a *App) turned(ctx context.Context, lost bool) error {
	o := &a.owed
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due, o.lost = true, o.lost || lost
	if err := a.reach(ctx, o.lost); err != nil {
		return err
	}
	o.due, o.lost = false, false
	return nil
}

func (o *owedKeys) any() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.due
}

func (a *App) reach(ctx context.Context, lost bool) error {
	trust, err := trustOf(a.Ring, a.Config.Clock())
	if err != nil {
		return err
	}
	a.Trust.Become(trust)
	if lost {
		if err := a.Resume.SignAnew(ctx); err != nil {
			return err
		}
	}
	return a.Status.Publish(ctx)
}

// tellKeys puts the act into words for the second officer.
func tellKeys(_ context.Context, p *ui.Page, _ auth.Principal, act dual.Act) (second.Told, error) {
	facts, err := keys.Words(p, act)
	return second.Told{Facts: facts, Href: keys.Desk}, err
}

// turnBody is the JSON twin's body.
type turnBody struct{ Body keys.TurnInput }

// asked is an act that waits for a second officer.
type asked struct {
	Act string `json:"act" doc:"The act's id; confirmAct carries it out."`
}

// keysAPI adds the JSON twins of the page.
func (a *App) keysAPI(door *api.API) {
	api.Add(door, api.Op{ID: "listKeys", Method: http.MethodGet, Path: "/keys", Group: "credentials", Access: web.Public, Class: admission.Result},
		func(context.Context, api.Call, *struct{}) (credential.List, error) { return a.Keys.List() })
	api.Add(door, api.Op{ID: "turnKey", Method: http.MethodPost, Path: "/keys/turns", Group: "credentials", Access: web.Needs(keys.MayTurn)},
		func(ctx context.Context, c api.Call, in *turnBody) (asked, error) {
			id, err := a.Keys.Ask(ctx, c.By, in.Body, c.Key)
			return asked{id}, err
		})
}

// Another node's new key is known here long before it begins to sign, and a lost one
// is given up.
const (
	rereadKeys = 10 * time.Second
	tidyKeys   = time.Hour
)

// keepKeys follows what other nodes write into the key file, does again what a turn of
// our own could not, and hourly destroys
// private halves whose time has passed.
func (a *App) keepKeys(ctx context.Context) error {
	t := time.NewTicker(a.reread)
	defer t.Stop()
	tidied := time.Time{}
	for {
		if now := a.Config.Clock(); now.Sub(tidied) >= tidyKeys {
			tidied = now
			if err := a.Ring.Tidy(now); err != nil {
				slog.Error("destroy old private keys", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		changed, gone, err := a.Ring.Reread()
		if err != nil {
			slog.Error("read the keys again", "err", err)
		}
		if !changed && !a.owed.any() {
			continue
		}
		if err := a.turned(ctx, gone); err != nil {
			slog.Error("let changed keys reach everybody; it is tried again", "err", err)
		}
	}
}
