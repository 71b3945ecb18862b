package app

import (
	"log/slog"
	"strings"
	"testing"

	"breakwater/internal/admission"
	"breakwater/internal/demo"
)

// Every route has a class. Those that people stand in a queue for have theirs by
// name, and nothing long or large may pass for important.
func TestEveryRouteHasItsImportance(t *testing.T) {
	was := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(was) })
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: 40, Seed: 1, Progress: func(int64, int64) {}}); err != nil {
		t.Fatal(err)
	}
	h, err := a.handler("test")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]admission.Class{
		"GET /healthz": admission.Vital, "GET /readyz": admission.Vital, "GET /metrics": admission.Vital, "GET /static/": admission.Vital,
		"GET /me/code": admission.Show, "GET /api/v1/me/code": admission.Show,
		"POST /gate": admission.Gate, "POST /api/v1/gate/checks": admission.Gate,
		"POST /api/v1/ration/claims": admission.Claim,
		"GET /api/v1/status/{list}":  admission.Result, "GET /api/v1/status/{list}/delta": admission.Result,
		"GET /.well-known/breakwater-trust.json": admission.Result, "GET /api/v1/keys": admission.Result,
		"GET /c/{code}": admission.Result, "GET /board": admission.Statistics, "GET /open/resumption": admission.Statistics,
		"GET /open/figures.csv": admission.Statistics, "GET /open/figures.json": admission.Statistics, "GET /api/v1/board": admission.Statistics,
		"POST /firm/roster": admission.Import, "POST /api/v1/imports": admission.Import, "POST /api/v1/firms/{firm}/imports": admission.Import,
	}
	for _, r := range h.Routes {
		name := r.Method + " " + r.Path
		if want := named[name]; want != 0 && r.Class != want {
			t.Errorf("%s is %v, want %v", name, r.Class, want)
		}
		delete(named, name)
		inner := strings.TrimPrefix(r.Path, "/api/v1")
		switch {
		case r.Class == 0:
			t.Errorf("%s has no importance", name)
		case r.Class > admission.Statistics && (r.Slow > 0 || r.MaxBody > 1<<20) && r.Path != "/log/verify":
			t.Errorf("%s takes long or much, and is as important as %v", name, r.Class)
		case (inner == "/gate" || strings.HasPrefix(inner, "/gate/")) && r.Class != admission.Gate:
			t.Errorf("%s is at the gate, and is %v", name, r.Class)
		case r.Class == admission.Vital && r.Method != "GET":
			t.Errorf("%s can never be refused, and changes something", name)
		}
	}
	if len(named) > 0 {
		t.Errorf("no such routes: %v", named)
	}
}
