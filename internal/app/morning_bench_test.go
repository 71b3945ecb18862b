package app

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"breakwater/internal/demo"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
)

// BenchmarkMorning is what one code show and one check at a gate cost the program,
// shell and routes included, without a network.
func BenchmarkMorning(b *testing.B) {
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	b.Cleanup(func() { slog.SetDefault(was) })
	a, err := Open(b.Context(), Config{Data: b.TempDir(), Demo: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() })
	if err := demo.Build(b.Context(), a.DemoStage(), demo.Plan{People: 3000, Seed: 1, Progress: func(int64, int64) {}}); err != nil {
		b.Fatal(err)
	}
	site, err := a.handler("test")
	if err != nil {
		b.Fatal(err)
	}
	tokens, err := a.Auth.TokensFor(b.Context(), auth.Worker, 500, auth.Scope{})
	if err != nil {
		b.Fatal(err)
	}
	guards, err := a.Auth.TokensFor(b.Context(), auth.Guard, 1, auth.Scope{})
	if err != nil {
		b.Fatal(err)
	}
	call := func(method, path, token, key, body string) *httptest.ResponseRecorder {
		var r *http.Request
		if body == "" {
			r = httptest.NewRequest(method, path, nil)
		} else {
			r = httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", key)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
		return w
	}
	var checks []string
	for _, t := range tokens {
		text := call("GET", "/api/v1/me/code", t, "", "").Body.String()
		if _, rest, ok := strings.Cut(text, `"credential":"BW1:`); ok {
			code, _, _ := strings.Cut(rest, `"`)
			checks = append(checks, `{"text":"BW1:`+code+`","direction":"in"}`)
		}
	}
	b.Run("show", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			call("GET", "/api/v1/me/code", tokens[i%len(tokens)], "", "")
		}
	})
	b.Run("check", func(b *testing.B) {
		b.SetParallelism(64)
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				call("POST", "/api/v1/gate/checks", guards[0], ident.New("key", a.Config.Clock()), checks[i%len(checks)])
			}
		})
	})
}
