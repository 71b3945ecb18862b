package workresumeweb_test

import (
	"net/http"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/service/workresume/workresumeweb"
	"breakwater/internal/web"
	"breakwater/internal/web/webtest"
)

// Every route of the firm's office and the officer's desk bears nobody, the wrong
// role, another firm's ids, another site's form, and text without end.
func TestFirmSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("walks every route with every role")
	}
	inTown(t, func(t *testing.T, w *town) {
		theirs, other := w.open(t, 1)
		_, by := w.open(t, 1)
		im := got(w.Imports(t.Context(), other, theirs.ID))(t)[0].ID
		who := map[auth.Role]auth.Principal{auth.Firm: by, auth.Officer: w.officer}
		var mine web.Routes
		for _, r := range workresumeweb.Routes(w.Service, workresumeweb.Deps{}) {
			if strings.HasPrefix(r.Path, "/firm") || strings.HasPrefix(r.Path, "/desk") {
				mine = append(mine, r)
			}
		}
		if len(mine) < 30 {
			t.Fatalf("%d routes", len(mine))
		}
		webtest.Sweep{
			Site: w.site, Routes: mine, Grants: workresume.Grants,
			As: func(r *http.Request, role auth.Role) {
				p, known := who[role]
				if !known {
					p = auth.Principal{ID: "acc_" + string(role), Role: role, Person: "per_x", Scope: w.officer.Scope}
				}
				w.as(p)(r)
			},
			Foreign: map[string]string{"firm": theirs.ID, "person": w.members(t, other)[0], "import": im},
		}.Run(t)
	})
}
