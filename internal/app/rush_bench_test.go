package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"breakwater/internal/demo"
	"breakwater/internal/drill"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/lane"
	"breakwater/internal/service/ration"
)

// BenchmarkRush is a rush on one item over HTTP with the load generator beside it: every
// claim of another person and campaign, each answered once it is durable. Afterwards the
// ledger is audited, and what was answered is held against what is there.
func BenchmarkRush(b *testing.B) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	const people = 6000
	a, addr := served(b, people)
	tokens, err := a.Auth.TokensFor(b.Context(), auth.Worker, people, auth.Scope{})
	must(err)
	offers := openMany(b, a, b.N/len(tokens)+1, allDay)
	for _, o := range offers { // what is open is known before the rush
		_, err := a.Ration.CampaignView(b.Context(), o.Campaign)
		must(err)
		_, err = a.Ration.Offers(b.Context(), o.Campaign, o.Day, 1)
		must(err)
	}
	run := drill.Load{
		Addr: addr, Lines: 96, Kinds: []drill.Kind{{Name: "claim"}},
		Ask: func(i int64, r []byte) ([]byte, int) {
			if i >= int64(b.N) {
				return r, 0
			}
			o := offers[i/int64(len(tokens))]
			r = append(r, "POST /api/v1/ration/claims HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
			r = append(append(r, tokens[i%int64(len(tokens))]...), "\r\nIdempotency-Key: "...)
			r = append(r, once.Ticket(time.Now())...)
			return fmt.Appendf(r, "\r\nContent-Length: %d\r\n\r\n{\"offer\":%q}", len(o.ID)+12, o.ID), 0
		},
	}
	b.ResetTimer()
	got, err := run.Drive(b.Context(), drill.Phase{Name: "rush", For: 10 * time.Minute})
	b.StopTimer()
	must(err)
	all := got.Phases[0].All()
	b.ReportMetric(float64(all.OK)/b.Elapsed().Seconds(), "claims/s")
	b.ReportMetric(float64(all.Latency.Quantile(0.99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(all.Refused), "refused")
	if all.Errors() > 0 {
		b.Errorf("%d errors: %v", all.Errors(), got.Odd)
	}
	rep, err := ledger.Audit(b.Context(), a.DB, a.Log)
	must(err)
	var held int64
	for _, u := range rep.Units {
		if u.Unit == "promise" {
			held = u.Held
		}
	}
	if !rep.OK || held != all.OK*5 {
		b.Errorf("%d answered, %d pieces held, audit %+v", all.OK, held, rep)
	}
}

// served is a demonstration behind a port, with the lane.
func served(b *testing.B, people int) (a *App, addr string) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	a, err := Open(b.Context(), Config{Data: b.TempDir(), Demo: true})
	must(err)
	b.Cleanup(func() { a.Close() })
	must(demo.Build(b.Context(), a.DemoStage(), demo.Plan{People: people, Seed: 1, Progress: func(int64, int64) {}}))
	site, err := a.handler("test")
	must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	srv := &http.Server{Handler: site, ConnState: lane.State}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(lane.Listen(l, site, idle)) }()
	b.Cleanup(func() {
		srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			b.Error(err)
		}
	})
	return a, l.Addr().String()
}

// openMany opens campaigns with one offer each, from a file as edit makes it.
func openMany(b *testing.B, a *App, n int, edit func([]byte) []byte) (out []ration.Offer) {
	file, err := os.ReadFile("../service/ration/campaign/guangzhou.toml")
	if err != nil {
		b.Fatal(err)
	}
	at := auth.District(a.Home.ID)
	officer := auth.Principal{ID: "acc_drill_o", Name: "甲", Role: auth.Officer, Scope: at}
	second := auth.Principal{ID: "acc_drill_s", Name: "乙", Role: auth.SecondOfficer, Scope: at}
	shop, err := a.Ration.OpenPoint(b.Context(), officer, ration.PointInput{Kind: ration.Shop, Name: "演练药房", Address: "聚贤路 1 号"})
	if err != nil {
		b.Fatal(err)
	}
	const pieces = 1_000_000
	for i := range n {
		id := fmt.Sprintf("rush-%d", i)
		text := bytes.Replace(edit(file), []byte("guangzhou-2020"), []byte(id), 1)
		act, err := a.Ration.OpenCampaign(b.Context(), officer, ration.OpenInput{File: text, Reason: "演练用活动"})
		if err == nil {
			err = a.Ration.ConfirmOpen(b.Context(), second, act.ID, once.Key{})
		}
		if err == nil {
			err = a.Ration.Supply(b.Context(), officer, id, pieces, "演练用总量", once.Key{})
		}
		if err != nil {
			b.Fatal(err)
		}
		list, err := a.Ration.Plan(b.Context(), officer, ration.PlanInput{Campaign: id, Day: ration.DayOf(a.Config.Clock().In(a.Home.Location())), Offers: []ration.OfferInput{{Point: shop.ID, Pieces: pieces}}})
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, list...)
	}
	return out
}
