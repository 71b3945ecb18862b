package app

import (
	"context"
	"net/http"
	"time"

	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/login"
)

// passkey is one of the caller's own, as the API shows it.
type passkey struct {
	ID      string     `json:"id"`
	Label   string     `json:"label"`
	Created time.Time  `json:"created"`
	Used    *time.Time `json:"used,omitempty"`
}

type passkeyList struct {
	Passkeys []passkey `json:"passkeys"`
}

type addPasskeyBody struct {
	Body struct {
		Ceremony string `json:"ceremony" max:"8000" doc:"What beginPasskey answered."`
		Response string `json:"response" max:"20000" doc:"The browser's PublicKeyCredential, as JSON text."`
		Label    string `json:"label" max:"60" doc:"What the holder knows it by."`
	}
}

type removePasskeyInput struct {
	Passkey string `path:"passkey" doc:"The passkey's id."`
}

// passkeysAPI adds the JSON twins of the account's page. A token makes no passkeys:
// these are for our own pages' session.
func (a *App) passkeysAPI(door *api.API, pages *login.Pages) {
	op := func(id, method, path string) api.Op {
		return api.Op{ID: id, Method: method, Path: path, Group: "account", Access: web.SignedIn}
	}
	api.Add(door, op("listPasskeys", http.MethodGet, "/me/passkeys"), func(ctx context.Context, c api.Call, _ *struct{}) (passkeyList, error) {
		list, err := a.Auth.Passkeys(ctx, c.By)
		out := passkeyList{make([]passkey, len(list))}
		for i, p := range list {
			out.Passkeys[i] = passkey{ID: p.ID, Label: p.Label, Created: p.Created}
			if !p.Used.IsZero() {
				out.Passkeys[i].Used = &p.Used
			}
		}
		return out, err
	})
	api.Add(door, op("beginPasskey", http.MethodPost, "/me/passkeys/begin"), func(ctx context.Context, c api.Call, _ *struct{}) (login.Ceremony, error) {
		options, begun, err := a.Auth.BeginPasskey(ctx, c.By, pages.Site(c.R))
		return login.Ceremony{Ceremony: begun, Options: options}, err
	})
	api.Add(door, op("addPasskey", http.MethodPost, "/me/passkeys"), func(ctx context.Context, c api.Call, in *addPasskeyBody) (passkey, error) {
		p, err := a.Auth.AddPasskey(ctx, c.By, pages.Site(c.R), in.Body.Ceremony, in.Body.Response, in.Body.Label)
		return passkey{ID: p.ID, Label: p.Label, Created: p.Created}, err
	})
	api.Add(door, op("removePasskey", http.MethodPost, "/me/passkeys/{passkey}/remove"), func(ctx context.Context, c api.Call, in *removePasskeyInput) (struct{}, error) {
		return struct{}{}, a.Auth.RemovePasskey(ctx, c.By, in.Passkey)
	})
}
