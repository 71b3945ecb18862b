package storage

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxBatch bounds the closures of one commit, maxRun the time they may
	// take together: those behind them wait for both.
	maxBatch = 1000
	maxRun   = 25 * time.Millisecond
	// maxLow bounds the waiting low-priority Writes: each is a chunk of an import.
	maxLow = 256
	// patience is how many full batches may pass before one low-priority Write
	// gets its turn, so that it is late but never starved.
	patience = 8
)

// writer is SQLite's one writer. Its loop takes all waiting Writes, runs them
// in one transaction and commits once, which makes full durability nearly free.
// A second goroutine gives the answers, in the order of the commits, so that
// waking a thousand callers does not hold up the next batch.
type writer struct {
	lite  *lite
	log   *slog.Logger
	hook  *atomic.Pointer[hookFunc]
	limit int // waiting Writes
	batch int // closures per commit
	run   time.Duration

	mu      sync.Mutex
	high    []*request
	low     []*request
	skipped int // full batches since the last low-priority Write
	closed  bool
	wake    chan struct{}

	session    *session // the writer's connection; nil until needed, or dropped
	cautious   int      // batches that still run with savepoints
	answers    chan answer
	slow       int // slow closures since the last complaint in the log
	complained time.Time
	stopped    chan struct{}

	busy    atomic.Int32 // closures and callbacks running now; see inside
	writes  atomic.Int64
	commits atomic.Int64
	failed  atomic.Int64
	again   atomic.Int64
	waited  least
}

// request is one Write on its way through the writer.
type request struct {
	ctx   context.Context
	fn    WriteFunc
	place atomic.Uint32 // waiting, taken or left
	done  chan struct{} // closed when answered
	since time.Time     // when it began to wait; zero for a low-priority Write, which may

	tx      *Tx // of the latest run
	settled bool
	blamed  bool // the engine ended the transaction in its closure
	err     error
	thrown  *thrown
}

const (
	waiting uint32 = iota
	taken
	left
)

// answer is one commit's outcome: the callbacks of the hook and the requests.
type answer struct {
	after    []func()
	requests []*request
}

func newWriter(l *lite, o options, hook *atomic.Pointer[hookFunc]) *writer {
	w := &writer{
		lite: l, log: o.log, hook: hook, limit: o.queue, batch: maxBatch, run: o.run,
		wake: make(chan struct{}, 1), answers: make(chan answer, 16), stopped: make(chan struct{}),
	}
	if o.singly {
		w.batch = 1
	}
	go w.loop()
	go w.answer()
	return w
}

func (w *writer) write(ctx context.Context, fn WriteFunc, low bool) error {
	if w.busy.Load() > 0 && inside(writing) {
		return errNested()
	}
	r := &request{ctx: ctx, fn: fn, done: make(chan struct{})}
	if !low {
		r.since = time.Now()
	}
	if err := w.enqueue(r, low); err != nil {
		return err
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		// Not begun: leave the queue. Begun: wait, for the closure may be
		// touching the caller's variables this moment.
		if r.place.CompareAndSwap(waiting, left) {
			return ctx.Err()
		}
		<-r.done
	}
	if r.thrown != nil {
		r.thrown.raise()
	}
	return r.err
}

func (w *writer) enqueue(r *request, low bool) error {
	w.mu.Lock()
	switch {
	case w.closed:
		w.mu.Unlock()
		return errClosed()
	case low && len(w.low) >= maxLow, !low && len(w.high) >= w.limit:
		w.mu.Unlock()
		return errBusy()
	case low:
		w.low = append(w.low, r)
	default:
		w.high = append(w.high, r)
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return nil
}

// take removes one batch from the queues, and at most one low-priority Write,
// which runs after the batch in a commit of its own.
func (w *writer) take() (high []*request, low *request, open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.high), w.batch)
	high = w.high[:n:n]
	if w.high = w.high[n:]; len(w.high) == 0 {
		w.high = nil
	}
	if len(w.low) > 0 {
		if len(w.high) < w.batch || w.skipped >= patience {
			low, w.low, w.skipped = w.low[0], w.low[1:], 0
		} else {
			w.skipped++
		}
	}
	return high, low, !w.closed
}

func (w *writer) loop() {
	defer close(w.stopped)
	defer close(w.answers)
	defer func() { w.drop(w.session) }()
	for {
		// Let those about to write get into the queue. Without this a single
		// processor goes from the first of them straight into the commit, and
		// every batch is one Write.
		runtime.Gosched()
		high, low, open := w.take()
		if len(high) == 0 && low == nil {
			if !open {
				return
			}
			<-w.wake
			continue
		}
		w.serve(high)
		if low != nil {
			w.serve([]*request{low})
		}
	}
}

// answer tells the callers. The hook's callbacks run first, then those without
// callbacks get their answer, then the rest: all in the order of the commits.
func (w *writer) answer() {
	for a := range w.answers {
		for _, f := range a.after {
			_ = w.notify(f) // the hook's own; a panic there has been logged
		}
		for _, r := range a.requests {
			if r.tx == nil || len(r.tx.after) == 0 || r.err != nil || r.thrown != nil {
				close(r.done)
			}
		}
		for _, r := range a.requests {
			if r.tx == nil || len(r.tx.after) == 0 || r.err != nil || r.thrown != nil {
				continue
			}
			for _, f := range r.tx.after {
				if t := w.notify(f); t != nil {
					r.thrown = t
				}
			}
			close(r.done)
		}
	}
}

// notify runs one OnCommit function on a goroutine of its own, which it may end.
func (w *writer) notify(fn func()) (t *thrown) {
	w.busy.Add(1)
	defer w.busy.Add(-1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t = guard(w.log, func() { notify(fn) })
	}()
	<-done
	return t
}

func (w *writer) stats() Stats {
	w.mu.Lock()
	n := len(w.high) + len(w.low)
	w.mu.Unlock()
	return Stats{Writes: w.writes.Load(), Commits: w.commits.Load(), Failed: w.failed.Load(), Again: w.again.Load(), Waiting: n}
}

// close serves what was accepted and stops.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	<-w.stopped
}
