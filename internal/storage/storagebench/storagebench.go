// Package storagebench measures what a Write costs beside its baseline, one
// commit per request, on the same file in the same run. A request is what a
// verb writes at the least: one row, one fact and one key for exactly-once.
//
// It refuses to print a speed that the store does not bear out: after each run
// the rows are counted, and an answer that is not in the store is an error.
package storagebench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Setup says what to measure.
type Setup struct {
	Target  string        // the store's address; "" is an SQLite file in Dir
	Dir     string        // where to make that file; "" is a temporary folder
	Callers int           // requests under way at once, 1,024 if 0
	Present int           // rows of each table there before, 2,000,000 if 0
	For     time.Duration // of each run, 5 s if 0
	Rounds  int           // the two ways take turns this often, 3 if 0
	Log     io.Writer     // progress; nil for none
}

// Run is one measurement.
type Run struct {
	Writes        int64
	PerSecond     float64
	P50, P99, Max time.Duration
	Batch         float64 // Writes per commit
}

// Result is a measurement beside its baseline.
type Result struct {
	Present     int
	Group, Base []Run // in the order they were run
}

// Ratio is the median group run over the median baseline run.
func (r Result) Ratio() float64 { return Median(r.Group).PerSecond / Median(r.Base).PerSecond }

// Median returns the run with the median speed.
func Median(runs []Run) Run {
	s := slices.Clone(runs)
	slices.SortFunc(s, func(a, b Run) int { return int(a.PerSecond - b.PerSecond) })
	return s[len(s)/2]
}

// Print writes the rows of the speed table.
func (r Result) Print(w io.Writer) {
	row := func(name string, runs []Run) {
		m := Median(runs)
		fmt.Fprintf(w, "%-34s %9.0f writes/s   p50 %7.2f ms   p99 %7.2f ms   max %7.1f ms   %6.1f per commit\n",
			name, m.PerSecond, ms(m.P50), ms(m.P99), ms(m.Max), m.Batch)
	}
	row("write, group commit", r.Group)
	row("write, one commit per request", r.Base)
	fmt.Fprintf(w, "%-34s %9.1f ×   (%d rows of each table present, medians of %d, every answer found in the store)\n", "ratio", r.Ratio(), r.Present, len(r.Group))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func module() storage.Module {
	return storage.Module{Name: "bench", Files: fstest.MapFS{"schema/0001_bench.sql": {Data: []byte(`
create table bench_row (id text not null primary key, firm text not null, name text not null, at bigint not null) FLAT;
create table bench_fact (seq BIGKEY, id text not null, stream text not null, name text not null, at bigint not null, body BLOB not null);
create table bench_key (principal text not null, key text not null, digest BLOB not null, status bigint not null, primary key (key, principal)) FLAT;
`)}}}
}

// Measure runs the benchmark. It needs about 2 GB of disk at the full size.
func Measure(ctx context.Context, s Setup) (Result, error) {
	s.Callers, s.Present, s.Rounds = or(s.Callers, 1024), or(s.Present, 2_000_000), or(s.Rounds, 3)
	if s.For == 0 {
		s.For = 5 * time.Second
	}
	if s.Log == nil {
		s.Log = io.Discard
	}
	if s.Target == "" {
		dir, err := os.MkdirTemp(s.Dir, "breakwater-bench-")
		if err != nil {
			return Result{}, err
		}
		defer os.RemoveAll(dir)
		s.Target = "sqlite:" + filepath.Join(dir, "bench.db")
	}
	res := Result{Present: s.Present}
	var total int64
	var seq numbers
	if err := with(ctx, s.Target, func(db *storage.DB) error {
		if err := db.Migrate(ctx, module()); err != nil {
			return err
		}
		if err := count(ctx, db, &total); err != nil {
			return err
		}
		seq.last.Store(total)
		if missing := s.Present - int(total); missing > 0 {
			return fill(ctx, db, &seq, missing, &total, s.Log)
		}
		return nil
	}); err != nil {
		return res, err
	}
	for range s.Rounds {
		if err := with(ctx, s.Target, func(db *storage.DB) error {
			run, err := measure(ctx, db, &seq, s.Callers, s.For, &total)
			res.Group = append(res.Group, run)
			fmt.Fprintf(s.Log, "group commit: %.0f/s p99 %v batch %.0f\n", run.PerSecond, run.P99, run.Batch)
			return err
		}); err != nil {
			return res, err
		}
		if err := with(ctx, s.Target, func(db *storage.DB) error {
			// One caller at a time is all that one connection can serve.
			run, err := measure(ctx, db, &seq, s.Callers, s.For, &total)
			res.Base = append(res.Base, run)
			fmt.Fprintf(s.Log, "one by one: %.0f/s p99 %v\n", run.PerSecond, run.P99)
			return err
		}, storage.OneByOne()); err != nil {
			return res, err
		}
	}
	return res, nil
}

func or(n, d int) int {
	if n == 0 {
		return d
	}
	return n
}

func with(ctx context.Context, target string, fn func(*storage.DB) error, opts ...storage.Option) error {
	db, err := storage.Open(ctx, target, append(opts, storage.WithLogger(slog.New(slog.DiscardHandler)))...)
	if err != nil {
		return err
	}
	defer db.Close()
	return fn(db)
}

// fill puts the rows there that a store in use would have.
func fill(ctx context.Context, db *storage.DB, seq *numbers, rows int, total *int64, log io.Writer) error {
	const chunk = 2000
	start := time.Now()
	for n := 0; n < rows; n += chunk {
		todo := min(chunk, rows-n)
		if err := db.WriteLow(ctx, func(tx *storage.Tx) error {
			for range todo {
				if err := seq.request(tx, ident.New("b", time.Now())); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		*total += int64(todo)
	}
	fmt.Fprintf(log, "%d rows of each table in %.1f s\n", rows, time.Since(start).Seconds())
	return nil
}

// count compares the tables with each other and, if it is not 0, with want.
func count(ctx context.Context, db *storage.DB, want *int64) error {
	return db.Read(ctx, func(r storage.Reader) error {
		for _, table := range []string{"bench_row", "bench_fact", "bench_key"} {
			var have int64
			if err := r.Row(`select count(*) from ` + table).Scan(&have); err != nil {
				return err
			}
			if *want == 0 {
				*want = have
			}
			if have != *want {
				return fmt.Errorf("%s holds %d rows, answered were %d", table, have, *want)
			}
		}
		return nil
	})
}

// request is the least a verb writes.
func (n *numbers) request(tx *storage.Tx, id string) error {
	at := time.Now().UnixMicro()
	if _, err := tx.Exec(`insert into bench_key (principal, key, digest, status) values ($1, $2, $3, $4) on conflict do nothing`, "acc_01jd0000000000000000000000", id, digest, 200); err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into bench_row (id, firm, name, at) values ($1, $2, $3, $4)`, id, "fir_01jd0000000000000000000000", "宁波高新区第一精密制造有限公司", at); err != nil {
		return err
	}
	_, err := tx.Exec(`insert into bench_fact (seq, id, stream, name, at, body) values ($1, $2, $3, $4, $5, $6)`, n.last.Add(1), id, "firm:fir_01jd0000000000000000000000", "workresume.filed", at, body)
	return err
}

// numbers gives each fact its place, as sealing does.
type numbers struct{ last atomic.Int64 }

var (
	digest = make([]byte, 32)
	body   = make([]byte, 320) // a sealed fact of the usual size
)

// measure runs callers in a closed loop and counts afterwards what is there.
func measure(ctx context.Context, db *storage.DB, seq *numbers, callers int, period time.Duration, total *int64) (Run, error) {
	var (
		mu    sync.Mutex
		took  []time.Duration
		fault error
		group sync.WaitGroup
	)
	before := db.Stats()
	start := time.Now()
	end := start.Add(period)
	for range callers {
		group.Go(func() {
			mine := make([]time.Duration, 0, 1024)
			var err error
			for now := time.Now(); now.Before(end) && err == nil; {
				id := ident.New("b", now)
				err = db.Write(ctx, func(tx *storage.Tx) error { return seq.request(tx, id) })
				after := time.Now()
				if err == nil {
					mine = append(mine, after.Sub(now))
				}
				now = after
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			if err != nil {
				fault = err
			}
		})
	}
	group.Wait()
	span := time.Since(start)
	if fault != nil {
		return Run{}, fault
	}
	after := db.Stats()
	slices.Sort(took)
	n := len(took)
	run := Run{
		Writes: int64(n), PerSecond: float64(n) / span.Seconds(), P50: took[n/2], P99: took[n*99/100], Max: took[n-1],
		Batch: float64(after.Writes-before.Writes) / float64(after.Commits-before.Commits),
	}
	*total += int64(n)
	return run, count(ctx, db, total)
}
