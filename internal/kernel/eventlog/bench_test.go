package eventlog_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// BenchmarkAppend measures what a fact adds to a Write of one row, with 1,024
// callers. "none" is the row alone, "public" and "person" add a fact, "insert"
// adds a bare row of the same size in place of the fact.
func BenchmarkAppend(b *testing.B) {
	for _, kind := range []string{"none", "insert", "public", "person"} {
		b.Run(kind, func(b *testing.B) {
			db := storagetest.Open(b, storage.SQLite, mods...)
			l := open(b, db, ringOf(b))
			if err := db.Write(b.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(`create table bench (id bigint primary key, t text not null)`)
				if err == nil {
					_, err = tx.Exec(`create table bare (seq integer primary key, id text not null unique, stream text, lane bigint, name text, at bigint, bytes blob)`)
				}
				return err
			}); err != nil {
				b.Fatal(err)
			}
			var next atomic.Int64
			payload := make([]byte, 140)
			b.ResetTimer()
			began := cpu(b)
			var wg sync.WaitGroup
			for range 1024 {
				wg.Go(func() {
					for {
						i := next.Add(1)
						if i > int64(b.N) {
							return
						}
						if err := db.Write(context.Background(), func(tx *storage.Tx) error {
							if _, err := tx.Exec(`insert into bench (id, t) values ($1, $2)`, i, "some row of a service"); err != nil {
								return err
							}
							var err error
							switch kind {
							case "insert":
								_, err = tx.Exec(`insert into bare (seq, id, stream, lane, name, at, bytes) values ($1, $2, $3, $4, $5, $6, $7)`,
									i, fmt.Sprintf("fct_%026d", i), "firm:fir_00000000000000000000000001", i, "workresume.filed", i, payload)
							case "public":
								_, err = l.Append(tx, filed(fmt.Sprint(i%13000), int(i)))
							case "person":
								_, err = l.Append(tx, about(fmt.Sprint(i%1000), int(i)))
							}
							return err
						}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(cpu(b)-began)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpu is the processor time this process has used, in nanoseconds: on a shared
// machine it tells more than the clock.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkVerify(b *testing.B) {
	db := storagetest.Open(b, storage.SQLite, mods...)
	l := open(b, db, ringOf(b))
	const facts = 500_000
	for done := 0; done < facts; {
		if err := db.Write(b.Context(), func(tx *storage.Tx) error {
			for i := range 2000 {
				if _, err := l.Append(tx, filed(fmt.Sprint((done+i)%13000), i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		done += 2000
	}
	c := seal(b, l)
	began := cpu(b)
	defer func() { b.ReportMetric(float64(cpu(b)-began)/float64(b.N)/facts, "cpu-ns/fact") }()
	for b.Loop() {
		if rep, err := l.Verify(b.Context(), c); err != nil || !rep.OK || rep.Facts != facts {
			b.Fatal(err, rep)
		}
	}
}

// BenchmarkSeal measures the sealer of PostgreSQL: facts a second from waiting
// to their place, in batches of a thousand.
func BenchmarkSeal(b *testing.B) {
	db := storagetest.Open(b, storage.Postgres, mods...)
	l := open(b, db, ringOf(b))
	b.StopTimer()
	for done := 0; done < b.N; done += 1000 {
		facts := make([]eventlog.Fact, 1000)
		for i := range facts {
			facts[i] = filed(fmt.Sprint(i), done)
		}
		record(b, db, l, facts...)
	}
	b.StartTimer()
	seal(b, l)
}
