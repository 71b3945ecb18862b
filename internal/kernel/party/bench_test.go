package party_test

import (
	"slices"
	"testing"

	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A roster of 140,000 must not be slow because of the people in it. The rate
// is reported as people/s; seals and hashes are made outside the Write.
func BenchmarkEnsureAll(b *testing.B) {
	for _, e := range []storage.Engine{storage.SQLite, storage.Postgres} {
		b.Run(string(e), func(b *testing.B) {
			db := storagetest.Open(b, e, party.Module())
			s := party.New(ring(b))
			from := 0
			for b.Loop() {
				batch := make([]party.Person, 500)
				for i := range batch {
					batch[i] = worker(from + i)
				}
				from += len(batch)
				sealed, err := s.Prepare(batch, now)
				if err != nil {
					b.Fatal(err)
				}
				if err := db.Write(b.Context(), func(tx *storage.Tx) error {
					_, _, err := s.EnsureAll(tx, sealed, now)
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(from)/b.Elapsed().Seconds(), "people/s")
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	s := party.New(ring(b))
	batch := make([]party.Person, 500)
	for i := range batch {
		batch[i] = worker(i)
	}
	n := 0
	for b.Loop() {
		if _, err := s.Prepare(batch, now); err != nil {
			b.Fatal(err)
		}
		n += len(batch)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "people/s")
}

// A partial name in a scope of 20,000 people.
func BenchmarkScan(b *testing.B) {
	db := storagetest.Open(b, storage.SQLite, party.Module())
	s := party.New(ring(b))
	var ids []party.ID
	for from := 0; from < 20000; from += 500 {
		batch := make([]party.Person, 500)
		for i := range batch {
			batch[i] = worker(from + i)
		}
		sealed, err := s.Prepare(batch, now)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Write(b.Context(), func(tx *storage.Tx) error {
			some, _, err := s.EnsureAll(tx, sealed, now)
			ids = append(ids, some...)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		if err := db.Read(b.Context(), func(r storage.Reader) error {
			_, err := s.Scan(r, slices.Values(ids), func(p party.Person) bool { return p.Name == "" })
			return err
		}); err != nil {
			b.Fatal(err)
		}
		n += len(ids)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "people/s")
}
