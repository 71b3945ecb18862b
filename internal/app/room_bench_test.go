package app

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"breakwater/internal/drill"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// BenchmarkRoom is a waiting room over HTTP with the load generator beside it: everybody
// takes a place, each answered once it is durable; then everybody asks where they stand.
func BenchmarkRoom(b *testing.B) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	const people = 6000
	for _, kind := range []string{"join", "place"} {
		b.Run(kind, func(b *testing.B) {
			a, addr := served(b, people)
			tokens, err := a.Auth.TokensFor(b.Context(), auth.Worker, people, auth.Scope{})
			if err != nil {
				b.Fatal(err)
			}
			rooms := 1
			if kind == "join" {
				rooms = b.N/len(tokens) + 1
			}
			offers := openMany(b, a, rooms, func(file []byte) []byte { // it opens at the end of the day
				return bytes.Replace(file, []byte(`"20:00"`), []byte(`"23:59"`), 1)
			})
			if err := a.Ration.TurnRooms(b.Context()); err != nil {
				b.Fatal(err)
			}
			if kind == "place" {
				for i, t := range tokens {
					by, err := a.Auth.Authenticate(b.Context(), t, "")
					if err == nil {
						_, err = a.Ration.JoinQueue(b.Context(), by, ration.QueueInput{Campaign: offers[0].Campaign})
					}
					if err != nil {
						b.Fatal(i, err)
					}
				}
			}
			for _, o := range offers {
				if _, err := a.Ration.CampaignView(b.Context(), o.Campaign); err != nil {
					b.Fatal(err)
				}
			}
			run := drill.Load{
				Addr: addr, Lines: 96, Kinds: []drill.Kind{{Name: kind}},
				Ask: func(i int64, r []byte) ([]byte, int) {
					if i >= int64(b.N) {
						return r, 0
					}
					token, campaign := tokens[i%int64(len(tokens))], offers[i/int64(len(tokens))%int64(len(offers))].Campaign
					if kind == "place" {
						return fmt.Appendf(r, "GET /api/v1/ration/queue?campaign=%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", campaign, token), 0
					}
					return fmt.Appendf(r, "POST /api/v1/ration/queue HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n{\"campaign\":%q}",
						token, once.Ticket(time.Now()), len(campaign)+15, campaign), 0
				},
			}
			b.ResetTimer()
			got, err := run.Drive(b.Context(), drill.Phase{Name: kind, For: 10 * time.Minute})
			b.StopTimer()
			if err != nil {
				b.Fatal(err)
			}
			all := got.Phases[0].All()
			b.ReportMetric(float64(all.OK)/b.Elapsed().Seconds(), kind+"s/s")
			b.ReportMetric(float64(all.Latency.Quantile(0.99).Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(all.Refused), "refused")
			if all.Errors() > 0 {
				b.Errorf("%d errors: %v", all.Errors(), got.Odd)
			}
		})
	}
}
