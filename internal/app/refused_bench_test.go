package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"breakwater/internal/drill"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
)

// BenchmarkRefused is a rush on what is not to be had, over HTTP with the load generator
// beside it: on what is gone, and by people who have their share. Every request has a key
// of its own, as a person who tries again has.
func BenchmarkRefused(b *testing.B) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	const people = 2000
	for name, pieces := range map[string]int64{"gone": 5, "had": 100 * people} {
		b.Run(name, func(b *testing.B) {
			a, addr := served(b, people)
			tokens, err := a.Auth.TokensFor(b.Context(), auth.Worker, people, auth.Scope{})
			if err != nil {
				b.Fatal(err)
			}
			o := openAllDay(b, a, pieces)
			var asked int64 // how many there are of a phase
			run := drill.Load{
				Addr: addr, Lines: 96, Kinds: []drill.Kind{{Name: "claim", No: []int{http.StatusConflict, http.StatusGone}}},
				Ask: func(i int64, r []byte) ([]byte, int) {
					if i >= asked {
						return r, 0
					}
					r = append(r, "POST /api/v1/ration/claims HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
					r = append(append(r, tokens[i%int64(len(tokens))]...), "\r\nIdempotency-Key: "...)
					r = append(r, once.Ticket(time.Now())...)
					return fmt.Appendf(r, "\r\nContent-Length: %d\r\n\r\n{\"offer\":%q}", len(o.ID)+12, o.ID), 0
				},
			}
			drive := func(n int64) *drill.Measured {
				asked = n
				got, err := run.Drive(b.Context(), drill.Phase{Name: "refused", For: 10 * time.Minute})
				if err != nil {
					b.Fatal(err)
				}
				return &got.Phases[0]
			}
			drive(int64(len(tokens))) // whoever gets something
			b.ResetTimer()
			all := drive(int64(b.N)).All()
			b.StopTimer()
			b.ReportMetric(float64(all.No)/b.Elapsed().Seconds(), "refusals/s")
			if all.Errors() > 0 || all.No != int64(b.N) {
				b.Errorf("%d of %d, %d errors", all.No, b.N, all.Errors())
			}
		})
	}
}
