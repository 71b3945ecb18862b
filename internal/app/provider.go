package app

import (
	"context"
	"net/http"
	"time"

	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/login"
)

// providerLink is the caller's link to the district's identity provider.
type providerLink struct {
	Provider string     `json:"provider" doc:"What people here call it; empty where the district has none."`
	Linked   bool       `json:"linked"`
	Issuer   string     `json:"issuer,omitempty"`
	Subject  string     `json:"subject,omitempty" doc:"Who the caller is there."`
	Since    *time.Time `json:"since,omitempty"`
	Used     *time.Time `json:"used,omitempty" doc:"When somebody last signed in by it."`
}

// providerAPI adds the JSON twins of the account's page: a token links nothing, these
// are for the holder's own browser.
func (a *App) providerAPI(door *api.API, pages *login.Pages) {
	op := func(id, method, path string) api.Op {
		return api.Op{ID: id, Method: method, Path: path, Group: "account", Access: web.SignedIn}
	}
	api.Add(door, op("getProviderLink", http.MethodGet, "/me/provider"), func(ctx context.Context, c api.Call, _ *struct{}) (providerLink, error) {
		l, err := a.Auth.IdentityOf(ctx, c.By)
		out := providerLink{Provider: a.Auth.Provider(), Linked: l.Subject != "", Issuer: l.Issuer, Subject: l.Subject}
		if out.Linked {
			out.Since = &l.Since
		}
		if !l.Used.IsZero() {
			out.Used = &l.Used
		}
		return out, err
	})
	api.Add(door, op("beginProviderLink", http.MethodPost, "/me/provider/begin"), func(_ context.Context, c api.Call, _ *struct{}) (login.ProviderAddress, error) {
		return pages.BeginProviderLink(c.R)
	})
	api.Add(door, op("unlinkProvider", http.MethodPost, "/me/provider/unlink"), func(ctx context.Context, c api.Call, _ *struct{}) (struct{}, error) {
		return struct{}{}, a.Auth.UnlinkIdentity(ctx, c.By)
	})
}
