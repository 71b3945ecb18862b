package app

import (
	"context"
	"net/http"

	"breakwater/internal/admission"
	"breakwater/internal/service/privacy/privacyweb"
	"breakwater/internal/service/ration/rationweb"
	"breakwater/internal/service/workresume/workresumeweb"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/login"
	"breakwater/internal/web/status"
)

// programs are the routes for programs: the API, its document and its page.
func (a *App) programs(version string, pages *login.Pages) (web.Routes, error) {
	door := api.New(api.Deps{
		Texts: a.Texts, Version: version, Store: a.DB, Log: a.Log, LogKey: a.Ring.LogVerifierKey(a.Log.Origin()),
		Trust: a.Trust, Status: a.Status, Now: a.Config.Clock, District: a.Home.ID, Acts: a.Acts,
	})
	workresumeweb.RegisterAPI(door, a.Resume)
	api.Add(door, api.Op{ID: "serviceStatus", Method: http.MethodGet, Path: "/service-status", Group: "service", Access: web.Public, Class: admission.Notice},
		func(context.Context, api.Call, *struct{}) (status.Report, error) { return a.Watch.Report(), nil })
	a.keysAPI(door)
	a.passkeysAPI(door, pages)
	a.providerAPI(door, pages)
	privacyweb.RegisterAPI(door, a.Privacy)
	rationweb.RegisterAPI(door, a.Ration, a.rationDeps(pages))
	a.calendarAPI(door)
	return door.Routes()
}
