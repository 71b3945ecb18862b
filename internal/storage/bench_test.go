package storage_test

import (
	"fmt"
	"testing"

	"breakwater/internal/storage"
)

// BenchmarkExec is one small insert inside a batch: what the writer does most.
func BenchmarkExec(b *testing.B) {
	db, err := storage.Open(b.Context(), "sqlite:"+b.TempDir()+"/x.db", storage.WithLogger(quiet()))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context(), notes); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	if err := db.Write(b.Context(), func(tx *storage.Tx) error {
		for i := range b.N {
			if _, err := tx.Exec(`insert into note (id, body, stars) values ($1, $2, $3)`, fmt.Sprintf("note_%020d", i), "a short body", int64(i)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRead is one look-up by key in a Read of its own.
func BenchmarkRead(b *testing.B) {
	db, err := storage.Open(b.Context(), "sqlite:"+b.TempDir()+"/x.db", storage.WithLogger(quiet()))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context(), notes); err != nil {
		b.Fatal(err)
	}
	if err := db.Write(b.Context(), func(tx *storage.Tx) error { return add(tx, "a", "x") }); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			var body string
			if err := db.Read(b.Context(), func(r storage.Reader) error {
				return r.Row(`select body from note where id = $1`, "a").Scan(&body)
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
