package storage

import (
	"reflect"
	"runtime"
	"time"

	"breakwater/internal/fault"
)

// slow is how long a closure may hold the writer without being named in the log.
const slow = 5 * time.Millisecond

// wary is how many batches run with savepoints after one had to be run again.
const wary = 64

// verdict says what is to become of a batch after its closures ran.
type verdict uint8

const (
	commit  verdict = iota
	careful         // a closure that had written failed: once more, with savepoints
	apart           // the engine or the hook ended it: each by itself
	over            // everything is settled already
)

// batch is one transaction in the making. Closures run without savepoints,
// which would cost as much as their statements, until one fails that had
// written after others had: then the batch is rolled back and run again with
// savepoints, and so are the next few.
type batch struct {
	w          *writer
	s          *session
	requests   []*request
	next       int
	savepoints bool
	deadline   time.Time
	wrote      bool // a closure that succeeded had written
	good       []*request
	verdict    verdict
	stop       bool
	staged     bool
	after      []func() // the hook's callbacks
}

// serve runs the requests to their answers.
func (w *writer) serve(requests []*request) {
	mine := requests[:0:len(requests)]
	for _, r := range requests {
		if r.place.CompareAndSwap(waiting, taken) {
			mine = append(mine, r)
		}
	}
	for len(mine) > 0 {
		n, after := w.round(mine)
		for _, r := range mine[:n] {
			if r.err != nil || r.thrown != nil {
				w.failed.Add(1)
			} else {
				w.writes.Add(1)
			}
		}
		w.answers <- answer{after, mine[:n:n]}
		mine = mine[n:]
	}
}

// round settles the first n of the requests: all of them, unless they took too
// long together.
func (w *writer) round(requests []*request) (n int, after []func()) {
	cautious := w.cautious > 0 && len(requests) > 1
	if cautious {
		w.cautious--
	}
	n, v, after := w.attempt(requests, cautious)
	if v == careful {
		w.again.Add(1)
		w.cautious = wary
		again(requests)
		n, v, after = w.attempt(requests, true)
	}
	if v == apart {
		w.again.Add(1)
		again(requests)
		for i, r := range requests[:n] {
			if !r.settled {
				_, _, more := w.attempt(requests[i:i+1], false)
				after = append(after, more...)
			}
			if !r.settled {
				r.settle(fault.New(fault.Internal, "storage.ended"))
			}
		}
	}
	return n, after
}

// again forgets what the closures decided in a transaction that is gone. Only
// a panic, and the blame for ending the transaction, stay.
func again(requests []*request) {
	for _, r := range requests {
		if r.thrown == nil && !r.blamed {
			r.settled, r.err = false, nil
		}
	}
}

// attempt runs one transaction. When it says careful or apart the transaction
// has been rolled back and the requests that are not settled must run again.
func (w *writer) attempt(requests []*request, savepoints bool) (int, verdict, []func()) {
	s, err := w.open()
	if err == nil {
		err = s.begin()
	}
	if err != nil {
		w.drop(s)
		settle(requests, explain(err))
		return len(requests), over, nil
	}
	b := &batch{w: w, s: s, requests: requests, savepoints: savepoints, deadline: time.Now().Add(w.run)}
	b.spawn(b.run)
	if b.verdict == commit {
		b.spawn(b.stage)
	}
	if b.verdict == commit {
		if err := s.commit(); err != nil {
			w.log.Error("commit failed", "error", err, "writes", len(b.good))
			w.drop(s)
			settle(requests[:b.next], uncommitted(err))
			return b.next, over, nil
		}
		w.commits.Add(1)
		if c := w.lite.folding.Load(); c != nil {
			c.committed()
		}
		for _, r := range b.good {
			r.settled = true
		}
		return b.next, over, b.after
	}
	if err := s.rollback(); err != nil {
		w.drop(s)
	}
	return b.next, b.verdict, nil
}

// spawn runs fn on a goroutine, and again for as long as closures end theirs.
func (b *batch) spawn(fn func()) {
	for finished := false; !finished; {
		done := make(chan struct{})
		go func() {
			defer close(done)
			fn()
			finished = true
		}()
		<-done
	}
}

func (b *batch) run() {
	for b.next < len(b.requests) && !b.stop {
		r := b.requests[b.next]
		b.next++
		b.one(r)
		if b.next < len(b.requests) && time.Now().After(b.deadline) {
			b.stop = true
		}
	}
}

// one runs one closure.
func (b *batch) one(r *request) {
	if r.settled {
		return
	}
	if r.ctx.Err() != nil {
		r.settle(r.ctx.Err())
		return
	}
	if b.savepoints {
		if err := b.s.do("savepoint closure"); err != nil {
			b.end(r, err)
			return
		}
	}
	r.tx = &Tx{engine: SQLite, ctx: r.ctx, lite: b.s}
	b.s.current = r.tx
	start := time.Now()
	if !r.since.IsZero() {
		b.w.waited.note(start.Sub(r.since))
	}
	var err error
	b.w.busy.Add(1)
	guard(b.w.log, func() { err = call(r.fn, r.tx) }, func(t *thrown) {
		b.w.busy.Add(-1)
		b.s.current = nil
		if took := time.Since(start); took > slow {
			b.w.complain(r.fn, took)
		}
		b.finish(r, err, t)
	})
}

// finish decides what a closure's end means for the batch.
func (b *batch) finish(r *request, err error, t *thrown) {
	if n := r.tx.close(); n > 0 {
		b.w.log.Warn("a closure left result sets open", "sets", n, "closure", name(r.fn))
	}
	if err == nil {
		err = r.tx.failed // a failed statement fails its Write even if ignored
	}
	switch {
	case b.s.gone:
		if err == nil {
			err = fault.New(fault.Internal, "storage.ended")
		}
		r.thrown = t
		b.end(r, err)
	case err == nil && t == nil:
		b.good = append(b.good, r)
		b.wrote = b.wrote || r.tx.wrote
		if b.savepoints {
			b.must("release closure")
		}
	case !r.tx.wrote || b.savepoints:
		r.throw(t)
		r.settle(err)
		if b.savepoints {
			if r.tx.wrote {
				b.must("rollback to closure")
			}
			b.must("release closure")
		}
	case !b.wrote:
		// Nothing else is in the transaction yet: a fresh one is cheap.
		r.throw(t)
		r.settle(err)
		if b.s.rollback() != nil || b.s.begin() != nil {
			b.stop, b.verdict = true, apart
		}
	default:
		r.throw(t)
		r.settle(err)
		b.stop, b.verdict = true, careful
	}
}

// end takes note that the engine has ended the transaction, in r's closure.
func (b *batch) end(r *request, err error) {
	r.blamed = true
	r.settle(explain(err))
	b.stop, b.verdict = true, apart
}

func (b *batch) must(text string) {
	if b.stop {
		return
	}
	if err := b.s.do(text); err != nil {
		b.w.log.Error("savepoint", "statement", text, "error", err)
		b.stop, b.verdict = true, apart
	}
}

// stage runs the BeforeCommit hook over what the good closures staged.
func (b *batch) stage() {
	h := b.w.hook.Load()
	if h == nil || b.staged {
		return
	}
	b.staged = true // a Goexit in the hook brings us here again
	var staged []any
	for _, r := range b.good {
		staged = append(staged, r.tx.staged...)
	}
	if len(staged) == 0 {
		return
	}
	tx := &Tx{engine: SQLite, lite: b.s}
	b.s.current = tx
	var err error
	b.w.busy.Add(1)
	guard(b.w.log, func() {
		err = call(func(tx *Tx) error { return (*h)(tx, staged) }, tx)
	}, func(t *thrown) {
		b.w.busy.Add(-1)
		b.s.current = nil
		tx.close()
		if err == nil {
			err = tx.failed
		}
		if err == nil && t == nil && !b.s.gone {
			b.after = tx.after
			return
		}
		b.verdict = apart
		if len(b.good) == 1 {
			// By itself: the failure is its own.
			b.good[0].throw(t)
			b.good[0].settle(explain(err))
			b.verdict = over
		}
	})
}

func settle(requests []*request, err error) {
	for _, r := range requests {
		if r.thrown == nil {
			r.settle(err)
		}
	}
}

func (r *request) settle(err error) { r.settled, r.err = true, err }

func (r *request) throw(t *thrown) {
	if t != nil {
		r.thrown = t
	}
}

// complain names a closure that held the writer too long, at most one a second:
// on a machine with too much to do every closure is slow.
func (w *writer) complain(fn WriteFunc, took time.Duration) {
	w.slow++
	if now := time.Now(); now.Sub(w.complained) > time.Second {
		w.log.Warn("a closure held the writer", "took", took, "closure", name(fn), "slow_since_last", w.slow)
		w.complained, w.slow = now, 0
	}
}

// name is a closure's function, for the log.
func name(fn WriteFunc) string { return runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name() }
