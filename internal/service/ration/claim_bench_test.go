package ration_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// BenchmarkClaim is one claim of many at once, through the service: the ledger's batch,
// the allotment and the fact in one commit.
func BenchmarkClaim(b *testing.B) {
	timed(b, func(b *testing.B, w *world) {
		w.open("guangzhou", 1_000_000_000)
		o := w.plan("guangzhou", 0, 900_000_000)
		w.at(0, 20, 0)
		var n atomic.Int64
		b.SetParallelism(256)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				id := fmt.Sprintf("per_%012d", n.Add(1)*7919%10_000_000)
				by := auth.Principal{ID: "acc_" + id, Role: auth.Resident, Person: id, Scope: auth.Person(id)}
				if _, err := w.Claim(b.Context(), by, ration.ClaimInput{Offer: o.ID, Key: once.Key{Principal: by.ID, Operation: "claimRation", Key: once.Ticket(time.Now())}}); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
	})
}
