package workresume_test

import (
	"fmt"
	"testing"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// BenchmarkPolicy tries and activates policies over a district of 13,000 firms:
// once so that every firm is certified, once so that every firm loses it, which
// are the two dearest changes there are. The aim is five seconds each.
func BenchmarkPolicy(b *testing.B) {
	const firms = 13_000
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		b.Run(string(engine), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				w := newWorld(b, storagetest.Open(b, engine, modules...))
				w.districtOf(firms)
				began := time.Now() // asking again ends its transactions by time, so that the clock has to go
				w.Clock = func() time.Time { return w.hand.Now().Add(time.Since(began)) }
				for _, c := range []struct{ name, days string }{{"all_certified", "2"}, {"all_returned", "30"}} {
					p, err := w.AddPolicy(b.Context(), w.officer, workresume.AddPolicyInput{
						Source: policyFile(b, fmt.Sprint("v-", c.days), "mask_days_required = 3", "mask_days_required = "+c.days),
					})
					must(b, err)
					b.StartTimer()
					start := time.Now()
					trial, err := w.WhatIf(b.Context(), w.officer, p.ID)
					must(b, err)
					b.ReportMetric(time.Since(start).Seconds(), c.name+"_trial_s")
					act, err := w.Activate(b.Context(), w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "测速"})
					must(b, err)
					start = time.Now()
					must(b, w.ConfirmPolicy(b.Context(), w.second, act.ID, once.Key{}))
					must(b, w.Enact(b.Context()))
					b.ReportMetric(time.Since(start).Seconds(), c.name+"_s")
					b.StopTimer()
					if len(trial.Turning) != firms {
						b.Fatalf("%d firms turn: %+v", len(trial.Turning), trial.Moves)
					}
				}
			}
		})
	}
}

// districtOf enters firms that filed, each with a roster as long as declared.
func (w *world) districtOf(n int) {
	w.t.Helper()
	var chunk []workresume.SeedFirm
	for i := range n {
		f := goodFiling(int64(10 + i%90))
		chunk = append(chunk, workresume.SeedFirm{
			CreditCode: ident.MakeCreditCode(fmt.Sprintf("91990201%09d", i)), Name: fmt.Sprintf("试验企业 %d", i), Park: w.park.ID,
			Filing: &f, Since: w.hand.Now(), People: []party.Person{}, Posts: []string{},
		})
		if len(chunk) == 500 || i == n-1 {
			must(w.t, w.Seed(w.t.Context(), chunk))
			chunk = nil
		}
	}
	must(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`update workresume_firm set roster = declared`)
		return err
	}))
}
