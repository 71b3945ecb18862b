package app

import (
	"net/http"
	"testing"

	"breakwater/internal/web/api"
	"breakwater/internal/web/webtest"
)

// namesForPrograms holds every operation to small letters with underscores: a Go field
// that was given no name for programs shows here, before anybody has to rely on it.
func namesForPrograms(t *testing.T, site http.Handler) {
	t.Helper()
	c := webtest.Caller{T: t, Site: site}
	bad, err := webtest.DocumentNames([]byte(c.Get(api.Document).Want(t, http.StatusOK, `"openapi"`).Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range bad {
		t.Error(name)
	}
}
