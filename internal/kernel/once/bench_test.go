package once_test

import (
	"testing"

	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// What being exact costs a command, in a batch as full as a morning's: claim,
// answer and nothing else. Reported as keys/s.
func BenchmarkDo(b *testing.B) {
	for _, e := range []storage.Engine{storage.SQLite, storage.Postgres} {
		b.Run(string(e), func(b *testing.B) {
			db := storagetest.Open(b, e, once.Module())
			n := 0
			for b.Loop() {
				if err := db.Write(b.Context(), func(tx *storage.Tx) error {
					for range 500 {
						key := once.Key{Principal: "acc_1", Operation: "checkAtGate", Key: once.Ticket(now)}
						if _, err := once.Do(tx, key, now, func() (receipt, error) { return receipt{"r", 1}, nil }); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
				n += 500
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "keys/s")
		})
	}
}
