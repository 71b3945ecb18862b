package app

import (
	"context"
	"crypto/ecdsa"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/place"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/keyring"
	"breakwater/internal/outside/drand"
	"breakwater/internal/outside/oidc"
	"breakwater/internal/outside/sms"
	"breakwater/internal/service/privacy"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/web/places"
)

// wire makes the services and hands them to one another.
//
// Faults: NotFound "place.no_district" while nobody has named the district.
func (a *App) wire(ctx context.Context) error {
	if err := a.DB.Read(ctx, func(r storage.Reader) (err error) {
		a.Home, err = place.District(r)
		return err
	}); err != nil {
		return err
	}
	pack, err := workresume.Pack()
	if err != nil {
		return err
	}
	uploads, err := newUploads(filepath.Join(a.Config.Data, "uploads"))
	if err != nil {
		return err
	}
	regimes, err := workresume.Regimes()
	if err != nil {
		return err
	}
	promise, err := workresume.PromisePack()
	if err != nil {
		return err
	}
	if err := a.wireDesk(); err != nil {
		return err
	}
	a.Status = statuslist.New(a.DB, a.signingKey, a.Config.Clock, func() string { return a.Resume.PublicURL })
	a.Status.Issuer = a.Home.Name
	store, err := a.DB.StoreID(ctx)
	if err != nil {
		return err
	}
	a.Status.Beside(filepath.Join(a.Config.Data, "lent.json"), store)
	a.Resume = workresume.New(workresume.Deps{
		Cases: a.Cases, Acts: a.Acts.Acts, Staff: answers{a}, Accounts: answers{a}, Streets: gates{},
		Store: a.DB, Log: a.Log, Parties: a.Parties, Ring: a.Ring, Places: gates{}, Uploads: uploads,
		Signer: signer(func(c credential.Claims) (string, error) {
			kid, key := a.signingKey()
			return credential.Sign(key, kid, c)
		}),
		Trust: a.Trust, Status: a.Status, Waited: a.Door.Waited,
		Pack: pack, Regimes: regimes, Promise: promise, Clock: a.Config.Clock, District: a.Home.ID, Issuer: a.Home.Name,
		PublicURL: strings.TrimRight(a.Config.URL(a.Config.Addr), "/"), Zone: a.Home.Location(),
	})
	// Nobody else has the folder, and nothing is being read yet.
	unread, err := a.Resume.Unread(ctx)
	if err != nil {
		return err
	}
	if err := uploads.clear(func(id string) bool { return slices.Contains(unread, id) }); err != nil {
		slog.Warn("files of ended imports stay in the folder", "err", err)
	}
	maps.Copy(a.Acts.Doors, a.Resume.Doors())
	a.Books = ledger.New(a.DB, a.Log, a.Config.Clock)
	a.Ration = ration.New(ration.Deps{
		Store: a.DB, Log: a.Log, Ledger: a.Books, Parties: a.Parties, Ring: a.Ring, Acts: a.Acts.Acts, Applicants: applicants{a},
		Beacon: a.beacon(), Clock: a.Config.Clock, District: a.Home.ID, Zone: a.Home.Location(),
		Waited: a.Door.Waited, Messages: turns{a},
		Audit: func(ctx context.Context, tell func(done, total int64)) (ledger.Report, error) {
			return ledger.AuditTelling(ctx, a.DB, a.Log, tell)
		},
	})
	maps.Copy(a.Acts.Doors, a.Ration.Doors())
	a.wireKeys()
	if err := a.Resume.Refresh(ctx); err != nil {
		return err
	}
	a.Places = places.New(places.Deps{DB: a.DB, Log: a.Log, Now: a.Config.Clock, District: a.Home.ID})
	answers := answers{a}
	a.Auth = auth.New(auth.Deps{
		Alone: a.DB.Engine() == storage.SQLite,
		DB:    a.DB, Ring: a.Ring, Log: a.Log, Names: a.Parties, Now: a.Config.Clock,
		Firms: answers, Residents: answers, Scopes: answers, Seats: answers,
		Identities: a.identities(),
		Sender:     a.sender(), CodesOnly: a.Config.SMSURL != "" && !a.Config.Demo,
	})
	a.Privacy = privacy.New(privacy.Deps{
		Store: a.DB, Log: a.Log, Parties: a.Parties, Ring: a.Ring, Clock: a.Config.Clock, District: a.Home.ID, Actors: answers,
		Holders: []privacy.Holder{a.Resume, a.Auth, a.Acts.Acts, a.Cases, a.Ration}, Tellers: []privacy.Teller{a.Resume, a.Ration}, Records: a.Resume,
	})
	return nil
}

// signingKey is the key that signs credentials and their lists now.
func (a *App) signingKey() ([]byte, *ecdsa.PrivateKey) {
	return a.Ring.Signer(keyring.Credential, a.Config.Clock())
}

// sender carries messages to phones, or in a demonstration to its own page.
func (a *App) sender() auth.Sender {
	switch {
	case a.Config.Demo:
		a.messages = &sms.Shown{Now: a.Config.Clock}
		return a.messages
	case a.Config.SMSURL != "":
		return &sms.Gateway{URL: a.Config.SMSURL, Token: a.Config.SMSToken}
	}
	return nil
}

// beacon is where draws learn their public value, if anywhere.
func (a *App) beacon() ration.Beacon {
	if a.Config.BeaconURL == "" {
		return nil
	}
	return &drand.Mirror{URL: a.Config.BeaconURL, Client: &http.Client{Timeout: 10 * time.Second}}
}

// identities is the district's identity provider, if it has one. It is asked nothing
// before somebody wants to sign in by it.
func (a *App) identities() auth.Identities {
	o := a.Config.OIDC
	if o.Issuer == "" {
		return nil
	}
	return oidc.New(oidc.Config{Issuer: o.Issuer, ClientID: o.ClientID, Secret: o.Secret, Label: o.Name, Now: a.Config.Clock})
}

type signer func(credential.Claims) (string, error)

func (s signer) Sign(c credential.Claims) (string, error) { return s(c) }

// trustOf trusts the store's own keys, old ones included, but for those that were lost.
func trustOf(r *keyring.Ring, now time.Time) (*credential.Trust, error) {
	t := credential.NewTrust()
	for _, k := range r.PublicKeys(now) {
		if k.Purpose != keyring.Credential || k.State == keyring.Revoked {
			continue
		}
		if err := t.AddOwnUntil(k.Kid, k.Key, k.Until); err != nil {
			return nil, err
		}
	}
	return t, nil
}
