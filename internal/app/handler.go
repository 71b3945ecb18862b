package app

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"breakwater/internal/admission"
	"breakwater/internal/demo/demoweb"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/privacy"
	"breakwater/internal/service/privacy/privacyweb"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/ration/rationweb"
	"breakwater/internal/service/workresume"
	"breakwater/internal/service/workresume/workresumeweb"
	"breakwater/internal/storage"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/audit"
	"breakwater/internal/web/keys"
	"breakwater/internal/web/login"
	"breakwater/internal/web/places"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
	"breakwater/internal/web/verify"
)

// handler mounts every route of the program.
func (a *App) handler(version string) (*web.Site, error) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "breakwater_build", Help: "Always 1; the label says which version runs.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	reg.MustRegister(build)
	pages := login.New(login.Deps{Auth: a.Auth, Now: a.Config.Clock, Proxies: a.Config.Proxies, Home: home, Place: a.placeName, Parks: a.parkChoices, Public: a.Config.PublicURL})
	routes := web.Routes{
		{Method: "GET", Path: "/{$}", Handler: a.front, Access: web.Public},
		{Method: "GET", Path: "/healthz", Handler: alive, Access: web.Public, Class: admission.Vital},
		{Method: "GET", Path: "/readyz", Handler: a.ready, Access: web.Public, Class: admission.Vital},
		{Method: "GET", Path: "/metrics", Handler: figures(pages.Addr, a.Config, promhttp.HandlerFor(reg, promhttp.HandlerOpts{})), Access: web.Public, Class: admission.Vital},
	}
	routes = append(routes, pages.Routes()...)
	at := sites{a}
	routes = append(routes, a.Watch.Routes()...)
	routes = append(routes, verify.Routes(verify.Deps{Trust: a.Trust, Status: a.Status, Now: a.Config.Clock})...)
	routes = append(routes, audit.Routes(audit.Deps{Log: a.Log, District: a.Home.ID})...)
	routes = append(routes, workresumeweb.Routes(a.Resume, workresumeweb.Deps{Places: at, Streets: at, Gates: at, Stories: at, Now: a.Config.Clock, Zone: a.Home.Location(), TrustList: keys.ListPath})...)
	routes = append(routes, a.Places.Routes()...)
	routes = append(routes, a.Keys.Routes()...)
	routes = append(routes, a.Calendar.Routes()...)
	routes = append(routes, privacyweb.Routes(a.Privacy)...)
	routes = append(routes, rationweb.Routes(a.Ration, a.rationDeps(pages))...)
	routes = append(routes, second.Routes(second.Deps{Desk: a.Acts, Tell: a.told(), Now: a.Config.Clock})...)
	programs, err := a.programs(version, pages)
	if err != nil {
		return nil, err
	}
	routes = append(routes, programs...)
	if a.Config.Demo {
		routes = append(routes, demoweb.Routes(demoweb.Deps{Accounts: cast{a}, Enter: pages.Enter, Client: pages.Client, Messages: a.messages.Latest})...)
	}
	return web.New(web.Deps{
		Texts: a.Texts, Now: a.Config.Clock, Log: slog.Default(), Routes: routes,
		Grants:   web.Merge(auth.Permits(), workresume.Grants, audit.Grants(), places.Grants(), keys.Grants(), api.Permits(), dual.Grants(), casework.Grants(), privacy.Grants, ration.Grants),
		Identify: pages.Authenticate, Who: login.From, Recall: pages.Recall,
		District: func(l i18n.Lang) string { return a.Home.In(string(l)) },
		Nav:      nav, Desk: workresumeweb.DeskLinks, Sign: a.Ring.Hash, Metrics: reg, Door: a.Door, TLS: a.Config.TLSCert != "",
	})
}

// rationDeps is what the pages of supplies stand on.
func (a *App) rationDeps(pages *login.Pages) rationweb.Deps {
	return rationweb.Deps{
		Now: a.Config.Clock, Zone: a.Home.Location(), Accounts: a.Auth,
		Try: func(r *http.Request) (func(), error) { return a.Auth.Look(pages.Client(r)) },
	}
}

// alive says that the program runs.
func alive(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says that the store answers, and keeps what it is told: a full disk is not
// ready until a write succeeds again.
func (a *App) ready(w http.ResponseWriter, r *http.Request) error {
	if err := a.usable(r.Context()); err != nil {
		return err
	}
	return web.JSON(w, r, http.StatusOK, map[string]string{"status": "ready"})
}

// usable asks the store whether it answers and has room.
//
// Faults: Unavailable.
func (a *App) usable(ctx context.Context) error {
	if err := a.DB.Read(ctx, func(tx storage.Reader) error {
		var one int64
		return tx.Row(`select 1`).Scan(&one)
	}); err != nil {
		return fault.Wrap(err, fault.Unavailable, "fault.unavailable")
	}
	if err := a.DB.Room(ctx); err != nil {
		return fault.Wrap(err, fault.Unavailable, "storage.full")
	}
	return nil
}

// home is where each role begins.
func home(p auth.Principal) string {
	switch p.Role {
	case auth.Worker:
		return "/me/code"
	case auth.Resident:
		return "/me"
	case auth.Firm:
		return "/firm"
	case auth.Guard:
		return "/gate"
	case auth.Storekeeper:
		return "/counter"
	case auth.Officer:
		return "/desk/resumption"
	case auth.SecondOfficer:
		return "/desk/second"
	case auth.Auditor:
		return "/log"
	case auth.Commander:
		return "/board"
	case auth.System:
	}
	return "/"
}

// nav is where a reader may go; what is not built is not there.
func nav(p auth.Principal, page *ui.Page) []ui.Link {
	var out []ui.Link
	add := func(href, key string) {
		if page.Goes(href) {
			out = append(out, ui.Link{Href: href, Text: page.T(key), Now: page.Path == href})
		}
	}
	if to := home(p); to != "/" {
		add(to, "app.nav_"+string(p.Role))
	}
	if p.Role.Personal() {
		add("/me/health", "healthpages.title")
	}
	if p.Role.Personal() || p.Role == auth.Firm {
		add("/supplies", "app.nav_supplies")
	}
	if p.Role == auth.SecondOfficer || p.Role == auth.Auditor {
		add("/desk/resumption", "app.nav_officer")
	}
	if p.Role == auth.SecondOfficer || p.Role == auth.Auditor { // an officer has it beside every page of the desk
		add("/desk/supplies", "app.nav_supplies")
	}
	if p.Role == auth.Storekeeper {
		add("/open/stock", "app.nav_stock")
	}
	if p.Role == auth.Officer {
		add("/desk/second", "app.nav_second_officer")
		add("/desk/reviews", "app.nav_reviews")
		add("/desk/claims", "app.nav_claims")
		add("/desk/privacy", "app.nav_privacy")
		add("/desk/places", "app.nav_places")
		add("/desk/keys", "app.nav_keys")
	}
	if p.Role == auth.Officer || p.Role == auth.SecondOfficer || p.Role == auth.Auditor {
		add("/board", "app.nav_commander")
	}
	if p.Demo {
		add("/demo", "demoweb.nav")
	}
	if p.Zero() {
		add("/demo", "demoweb.nav")
		add("/supplies", "app.nav_supplies")
		add("/open", "app.nav_open")
		add("/verify", "app.nav_verify")
	}
	return out
}

// tile is one way through the front door.
type tile struct{ href, key, icon string }

// tiles are the ways of a role, what it does most first; whoever is nobody yet sees
// what everybody comes for.
func tiles(role auth.Role) []tile {
	list, board := tile{"/open/resumption", "app.tile_list", "list"}, tile{"/board", "app.tile_board", "board"}
	second, supplies := tile{"/desk/second", "app.tile_second", "check"}, tile{"/supplies", "app.tile_supplies", "mask"}
	stock, rations := tile{"/open/stock", "app.tile_stock", "open"}, tile{"/desk/supplies", "app.tile_supply_desk", "mask"}
	switch role {
	case auth.Officer:
		return []tile{{"/desk/cases", "app.tile_cases", "list"}, {"/desk/resumption", "app.tile_desk", "firm"}, rations, second, board, list}
	case auth.SecondOfficer:
		return []tile{second, {"/desk/resumption", "app.tile_desk", "firm"}, rations, board, list}
	case auth.Auditor:
		return []tile{{"/log", "app.tile_log", "log"}, {"/desk/supplies/ledger", "app.tile_ledger", "check"}, {"/desk/resumption", "app.tile_desk", "firm"}, board, list}
	case auth.Commander:
		return []tile{board, {"/desk/late", "app.tile_late", "log"}, list}
	case auth.Worker, auth.Resident:
		return []tile{{"/me/code", "app.tile_code", "code"}, {"/me/health", "app.tile_health", "health"}, supplies, stock, list}
	case auth.Storekeeper:
		return []tile{{"/counter", "app.tile_counter", "mask"}, stock}
	case auth.Firm, auth.Guard, auth.System:
	}
	return []tile{{"/me/code", "app.tile_code", "code"}, {"/firm", "app.tile_firm", "firm"}, {"/gate", "app.tile_gate", "gate"}, supplies, stock, list}
}

// front is the district's front door: only what is built stands there.
func (a *App) front(w http.ResponseWriter, r *http.Request) error {
	p := web.From(r)
	f := ui.FrontPage{Title: a.Home.In(string(p.Lang())), Text: p.T("app.front_text")}
	for _, t := range tiles(auth.Role(p.Viewer.Role)) {
		if p.Goes(t.href) {
			f.Tiles = append(f.Tiles, ui.TileProps{Href: t.href, Title: p.T(t.key), Text: p.T(t.key + "_text"), Icon: t.icon})
		}
	}
	// The door opens whether anything could be counted or not.
	if open, err := a.Resume.OpenPicture(r.Context()); err == nil && open.Total.Firms > 0 {
		now := open.Total
		f.Now = []ui.Fact{
			{Term: p.T("app.now_firms"), Text: p.Number(now.Firms)},
			{Term: p.T("app.now_certified"), Text: p.Number(now.Resumed)},
		}
		if now.People {
			f.Now = append(f.Now, ui.Fact{Term: p.T("app.now_back"), Text: p.Number(now.Back)})
		}
		f.Now = append(f.Now, ui.Fact{Term: p.T("app.now_as_of"), Text: p.DateTime(open.AsOf)})
	}
	return web.Render(w, r, ui.Front(p, f))
}

// placeName names a scope for a person to read.
func (a *App) placeName(ctx context.Context, s auth.Scope) (string, error) {
	return answers{a}.name(ctx, s)
}
