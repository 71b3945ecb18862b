// Package ledgerbench measures admissions to one account for which everybody asks,
// with millions of holdings there already, beside what a service would do without the
// ledger: a transaction for each request that takes the account's row, and writes a
// row for the holding.
//
// It refuses to print a speed that the store does not bear out: after the runs the
// ledger is audited from its first transfer, and what was answered is what is there.
package ledgerbench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Setup says what to measure.
type Setup struct {
	Target  string        // the store's address
	Callers int           // requests under way at once, 1,024 if 0
	Present int           // holdings there before, 5,000,000 if 0
	For     time.Duration // of each run, 3 s if 0
	Rounds  int           // the ways take turns this often, 3 if 0
	Audit   bool          // audit the whole ledger at the end
	Log     io.Writer     // progress; nil for none
}

// Run is one measurement.
type Run struct {
	PerSecond     float64
	P50, P99, Max time.Duration
	Batch         float64 // admissions per commit
}

// Result is what was measured.
type Result struct {
	Engine                    storage.Engine
	Present                   int64
	Ledger, Parts, Row, Alone []Run // Parts: each caller with a row of their own; Alone: on one processor
	Restart                   time.Duration
	Audited                   time.Duration
	Heap                      uint64 // bytes of the book in memory
}

// Median returns the run with the median speed, and the zero Run of none.
func Median(runs []Run) Run {
	if len(runs) == 0 {
		return Run{}
	}
	s := slices.Clone(runs)
	slices.SortFunc(s, func(a, b Run) int { return int(a.PerSecond - b.PerSecond) })
	return s[len(s)/2]
}

// Print writes the rows of the speed table.
func (r Result) Print(w io.Writer) {
	row := func(name string, runs []Run) {
		m := Median(runs)
		fmt.Fprintf(w, "%-40s %9.0f admitted/s   p50 %7.2f ms   p99 %7.2f ms   max %7.1f ms   %6.1f per commit\n",
			string(r.Engine)+", "+name, m.PerSecond, ms(m.P50), ms(m.P99), ms(m.Max), m.Batch)
	}
	row("ledger", r.Ledger)
	row("ledger, a row of the caller's own", r.Parts)
	row("ledger, one processor", r.Alone)
	row("a transaction a request", r.Row)
	fmt.Fprintf(w, "%-40s %9.1f ×   (%d holdings present, medians of %d)\n", string(r.Engine)+", ratio", Median(r.Ledger).PerSecond/Median(r.Row).PerSecond, r.Present, len(r.Ledger))
	fmt.Fprintf(w, "%-40s %9.2f ×\n", string(r.Engine)+", one processor to all", Median(r.Alone).PerSecond/Median(r.Ledger).PerSecond)
	fmt.Fprintf(w, "%-40s %9.2f s   %d transfers, %d MB in memory\n", string(r.Engine)+", restart to the first admission", r.Restart.Seconds(), r.Present, r.Heap>>20)
	if r.Audited > 0 {
		fmt.Fprintf(w, "%-40s %9.2f s   from the first transfer\n", string(r.Engine)+", audit", r.Audited.Seconds())
	}
}

// Rows writes the rows of the table of promises, tabs between: what, here, baseline,
// ratio, promise.
func (r Result) Rows(w io.Writer) {
	l, base, alone, parts := Median(r.Ledger), Median(r.Row), Median(r.Alone), Median(r.Parts)
	least, times := "50,000", 10
	if r.Engine == storage.Postgres {
		least, times = "40,000", 50
	}
	fmt.Fprintf(w, "row\tledger, one hot account, %.1f M held, %s\t%.0f/s, p99 %.1f ms\t%.0f/s, p99 %.0f ms (a transaction a request)\t%.0f × as many\t≥ %s/s, p99 < 50 ms, ≥ %d ×\n",
		float64(r.Present)/1e6, r.Engine, l.PerSecond, ms(l.P99), base.PerSecond, ms(base.P99), l.PerSecond/base.PerSecond, least, times)
	fmt.Fprintf(w, "row\tledger, a row of the caller's own, %s\t%.0f/s, p99 %.1f ms\t%.0f/s (the same)\t%.0f × as many\t\n",
		r.Engine, parts.PerSecond, ms(parts.P99), base.PerSecond, parts.PerSecond/base.PerSecond)
	fmt.Fprintf(w, "row\tledger, one processor, %s\t%.0f/s\t%.0f/s (all of them)\t%.2f of it\t≥ 0.6\n", r.Engine, alone.PerSecond, l.PerSecond, alone.PerSecond/l.PerSecond)
	fmt.Fprintf(w, "row\tledger, restart to first answer, %s\t%.1f s\t10 s (the promise)\t%.2f of it\t≤ 10 s with 5 M\n", r.Engine, r.Restart.Seconds(), r.Restart.Seconds()/10)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// rows is what a service would keep without the ledger, and the row of its own that a
// caller brings to an admission.
func rows() storage.Module {
	return storage.Module{Name: "bench", Files: fstest.MapFS{"schema/0001_bench.sql": {Data: []byte(`
create table bench_stock (id text not null primary key, taken bigint not null, total bigint not null, constraint bench_stock_floor check (taken <= total)) FLAT;
create table bench_holding (id text not null primary key, who bigint not null, at bigint not null) FLAT;
create table bench_allotment (id text not null primary key, who bigint not null, at bigint not null) FLAT;
insert into bench_stock (id, taken, total) values ('hot', 0, 1000000000);
`)}}}
}

// bench is a store being measured.
type bench struct {
	Setup
	db     *storage.DB
	books  *ledger.Books
	book   ledger.BookID
	shelf  ledger.AccountID
	people ledger.AccountID
	quota  ledger.QuotaID
	who    atomic.Int64
}

// Measure runs the benchmark on an empty store. It needs about a gigabyte of disk at
// the full size.
func Measure(ctx context.Context, s Setup) (res Result, err error) {
	s.Callers, s.Present, s.Rounds = or(s.Callers, 1024), or(s.Present, 5_000_000), or(s.Rounds, 3)
	if s.For == 0 {
		s.For = 3 * time.Second
	}
	if s.Log == nil {
		s.Log = io.Discard
	}
	b := &bench{Setup: s}
	if err := b.open(ctx); err != nil {
		return res, err
	}
	defer func() { b.db.Close() }()
	if err := b.db.Migrate(ctx, ledger.Module(), rows()); err != nil {
		return res, err
	}
	if err := b.furnish(ctx); err != nil {
		return res, err
	}
	res.Engine = b.db.Engine()
	if res.Restart, res.Heap, err = b.restart(ctx); err != nil {
		return res, err
	}
	res.Present = b.who.Load()
	for range s.Rounds {
		for _, m := range []struct {
			into *[]Run
			run  func() (Run, error)
		}{
			{&res.Ledger, func() (Run, error) { return b.measure(s.Callers, b.admit(ctx, false)) }},
			{&res.Alone, func() (Run, error) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
				return b.measure(s.Callers, b.admit(ctx, false))
			}},
			{&res.Parts, func() (Run, error) { return b.measure(s.Callers, b.admit(ctx, true)) }},
			{&res.Row, func() (Run, error) { return b.rowLock(ctx) }},
		} {
			run, err := m.run()
			if err != nil {
				return res, err
			}
			*m.into = append(*m.into, run)
			fmt.Fprintf(s.Log, "%.0f/s p50 %v p99 %v max %v, %.0f per commit\n", run.PerSecond, run.P50, run.P99, run.Max, run.Batch)
		}
	}
	return res, b.settle(ctx, &res)
}

func or(n, d int) int {
	if n == 0 {
		return d
	}
	return n
}

func (b *bench) open(ctx context.Context, opts ...storage.Option) (err error) {
	b.db, err = storage.Open(ctx, b.Target, append(opts, storage.WithLogger(slog.New(slog.DiscardHandler)))...)
	if err == nil {
		b.books = ledger.New(b.db, nil, clock.Wall)
	}
	return err
}

// furnish opens the book and fills it.
func (b *bench) furnish(ctx context.Context) error {
	var out ledger.AccountID
	if err := b.db.Write(ctx, func(tx *storage.Tx) (err error) {
		if b.book, err = b.books.OpenBook(tx); err != nil {
			return err
		}
		for _, a := range []struct {
			id *ledger.AccountID
			ledger.Account
		}{{&out, ledger.Account{Unit: "mask", Outside: true}}, {&b.shelf, ledger.Account{Unit: "mask"}}, {&b.people, ledger.Account{Unit: "mask"}}} {
			a.Book = b.book
			made, err := b.books.OpenAccount(tx, a.Account)
			if err != nil {
				return err
			}
			*a.id = made.ID
		}
		q, err := b.books.OpenQuota(tx, ledger.Quota{Book: b.book, Most: 5})
		b.quota = q.ID
		return err
	}); err != nil {
		return err
	}
	if _, err := b.books.Admit(ctx, b.book, []ledger.Transfer{{ID: ledger.Ticket(time.Now()), Kind: ledger.Plain, Debit: out, Credit: b.shelf, Amount: 1_000_000_000}}, nil); err != nil {
		return err
	}
	begun := time.Now()
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			set := make([]ledger.Transfer, 0, 64)
			for failed.Load() == nil {
				set = set[:0]
				for range min(64, b.Present) {
					set = append(set, b.hold())
				}
				if b.who.Load() > int64(b.Present)+64*64 {
					return
				}
				if _, err := b.books.Admit(ctx, b.book, set, nil); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	group.Wait()
	fmt.Fprintf(b.Log, "%d holdings in %.1f s\n", b.Present, time.Since(begun).Seconds())
	if e := failed.Load(); e != nil {
		return *e
	}
	return nil
}

// hold is the next person's, for half a day.
func (b *bench) hold() ledger.Transfer {
	now := time.Now()
	return ledger.Transfer{
		ID: ledger.Ticket(now), Kind: ledger.Hold, Debit: b.shelf, Credit: b.people, Amount: 1, Until: now.Add(12 * time.Hour),
		Claim: ledger.Claim{Quota: b.quota, Period: 1, Holder: fmt.Sprintf("per_%d", b.who.Add(1))},
	}
}

// restart closes the store, opens it and times the first admission.
func (b *bench) restart(ctx context.Context) (took time.Duration, heap uint64, err error) {
	b.db.Close()
	b.books = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begun := time.Now()
	if err := b.open(ctx); err != nil {
		return 0, 0, err
	}
	if _, err := b.books.Admit(ctx, b.book, []ledger.Transfer{b.hold()}, nil); err != nil {
		return 0, 0, err
	}
	took = time.Since(begun)
	runtime.GC()
	runtime.ReadMemStats(&after)
	return took, after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc), nil
}

// admit is one request to the ledger, with or without a row of the caller's own.
func (b *bench) admit(ctx context.Context, part bool) func() error {
	return func() error {
		h := b.hold()
		var then ledger.Then
		if part {
			then = func(tx *storage.Tx) error {
				tx.Later(`insert into bench_allotment (id, who, at) values `, ``, h.ID.String(), h.Amount, h.Until.UnixMicro())
				return nil
			}
		}
		_, err := b.books.Admit(ctx, b.book, []ledger.Transfer{h}, then)
		return err
	}
}

// rowLock is the baseline: on SQLite one commit a request, on PostgreSQL a transaction
// that takes the row's lock, for 64 callers, which is all that its connections serve.
func (b *bench) rowLock(ctx context.Context) (Run, error) {
	db, callers := b.db, 64
	if db.Engine() == storage.SQLite {
		b.db.Close()
		if err := b.open(ctx, storage.OneByOne()); err != nil {
			return Run{}, err
		}
		db, callers = b.db, b.Callers
	}
	run, err := b.measure(callers, func() error {
		id := ident.New("hld", time.Now())
		return db.WriteFenced(ctx, func(tx *storage.Tx) error {
			n, err := tx.Exec(`update bench_stock set taken = taken + 1 where id = 'hot' and taken < total`)
			if err == nil && n == 0 {
				return fault.New(fault.Exhausted, "ledger.exhausted")
			}
			if err != nil {
				return err
			}
			_, err = tx.Exec(`insert into bench_holding (id, who, at) values ($1, $2, $3)`, id, b.who.Add(1), time.Now().UnixMicro())
			return err
		})
	})
	if b.db.Engine() == storage.SQLite && err == nil {
		b.db.Close()
		if err = b.open(ctx); err == nil {
			err = b.admit(ctx, false)() // reads the book
		}
	}
	return run, err
}

// measure runs callers in a closed loop.
func (b *bench) measure(callers int, once func() error) (Run, error) {
	var (
		mu     sync.Mutex
		took   []time.Duration
		failed error
		group  sync.WaitGroup
	)
	before := b.db.Stats()
	begun := time.Now()
	end := begun.Add(b.For)
	for range callers {
		group.Go(func() {
			mine := make([]time.Duration, 0, 1024)
			var err error
			for now := time.Now(); now.Before(end) && err == nil; {
				err = once()
				after := time.Now()
				mine = append(mine, after.Sub(now))
				now = after
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			if err != nil {
				failed = err
			}
		})
	}
	group.Wait()
	span := time.Since(begun)
	if failed != nil {
		return Run{}, failed
	}
	after := b.db.Stats()
	slices.Sort(took)
	n := len(took)
	return Run{
		PerSecond: float64(n) / span.Seconds(), P50: took[n/2], P99: took[n*99/100], Max: took[n-1],
		Batch: float64(n) / float64(max(after.Commits-before.Commits, 1)),
	}, nil
}

// settle compares what is held with what is noted, and audits.
func (b *bench) settle(ctx context.Context, res *Result) error {
	begun := time.Now()
	if !b.Audit {
		return nil
	}
	rep, err := ledger.Audit(ctx, b.db, nil)
	if err != nil {
		return err
	}
	if !rep.OK {
		return fmt.Errorf("ledger: %s at %+v", rep.Reason, *rep.FirstBad)
	}
	res.Audited = time.Since(begun)
	return nil
}
