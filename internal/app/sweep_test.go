package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/demo"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/web/webtest"
)

// The sweep walks every route the program mounts: signed out, wrong role, another
// tenant's id, from another site, over-long, and on a store that fails.
func TestEveryRoute(t *testing.T) {
	was := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(was) })
	hand := clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC))
	a, err := Open(t.Context(), Config{
		Data: t.TempDir(), Demo: true, Clock: hand.Now,
		OIDC: OIDC{Issuer: "http://127.0.0.1:1", ClientID: "nobody is there"}, // its routes are walked too
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: 600, Seed: 1, Progress: func(int64, int64) {}}); err != nil {
		t.Fatal(err)
	}
	h, err := a.handler("test")
	if err != nil {
		t.Fatal(err)
	}
	site := h
	cookies := map[auth.Role]string{}
	for _, role := range []auth.Role{auth.Worker, auth.Firm, auth.Guard, auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander, auth.Resident, auth.Storekeeper} {
		c := webtest.Caller{T: t, Site: site}
		cookies[role] = c.Form("/demo/sign-in", "role", string(role)).Want(t, http.StatusSeeOther).Header.Get("Set-Cookie")
	}
	namesForPrograms(t, site)
	webtest.Sweep{
		Site: site, Routes: site.Routes, Grants: site.Grants, Foreign: foreign(t, a),
		As: func(r *http.Request, role auth.Role) {
			pair, _, _ := strings.Cut(cookies[role], ";")
			r.Header.Add("Cookie", pair)
		},
		Broken: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a.DB.Break(errors.New("the disk is gone"))
			defer a.DB.Break(nil)
			site.ServeHTTP(w, r)
		}),
	}.Run(t)
}

// foreign are things of a firm, gate and import that are not the roles' own.
func foreign(t *testing.T, a *App) map[string]string {
	t.Helper()
	ctx, by := t.Context(), auth.Operator()
	_, mine, err := cast{a}.Token(ctx, auth.Firm)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range firms(t, ctx, a) {
		if f.ID == mine.Scope.ID {
			continue
		}
		imports, err := a.Resume.Imports(ctx, by, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		people, _, err := a.Resume.Members(ctx, by, f.ID, workresume.MemberFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(imports) > 0 && len(people) > 0 {
			out["firm"], out["import"], out["id"], out["person"] = f.ID, imports[0].ID, imports[0].ID, people[0].ID
			break
		}
	}
	if out["firm"] == "" {
		t.Fatal("no other firm with an import")
	}
	return out
}

func firms(t *testing.T, ctx context.Context, a *App) (list []workresume.Listed) {
	t.Helper()
	if err := a.DB.Read(ctx, func(r storage.Reader) (err error) {
		list, err = a.Resume.FirmsIn(r, auth.Scope{}, 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}
