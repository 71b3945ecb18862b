package ledger

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Receipt is the answer to an admission.
type Receipt struct {
	At    time.Time // of the batch
	Again bool      // it was admitted before: then was not run now, its effect is there
}

// Then is a caller's own part of the commit in which the transfers are admitted: a
// row, a fact. It may run again, like every closure of a Write, and an error undoes it
// and the caller's transfers, nobody else's. On PostgreSQL the transaction is READ
// COMMITTED (storage.WriteFenced): what a part must rely on is held by keys, not by
// having looked.
type Then func(tx *storage.Tx) error

// Admit carries out want, all or nothing, and then in the same commit, and returns
// once that is durable. Whoever comes with the same ids and content again is told the
// same; a refusal is not remembered. Callers wait for one another by the batch, never
// one by one. It is not called inside a Write.
//
// Faults: Exhausted "ledger.exhausted"; Conflict "ledger.quota", "ledger.ended",
// "ledger.lapsed", "ledger.not_lapsed", "ledger.more_than_held", "ledger.too_much",
// "ledger.other_content"; NotFound "ledger.no_book", "ledger.no_account",
// "ledger.no_hold"; Invalid "ledger.amount"; Busy "ledger.busy" when too many wait;
// those of storage.Write and of then.
func (b *Books) Admit(ctx context.Context, book BookID, want []Transfer, then Then) (Receipt, error) {
	return b.admit(ctx, book, want, &request{then: then})
}

func (b *Books) admit(ctx context.Context, book BookID, want []Transfer, r *request) (Receipt, error) {
	if len(want) == 0 || len(want) > linkMost {
		return Receipt{}, fault.New(fault.Internal, "ledger.malformed", "what", "number of transfers")
	}
	for _, t := range want {
		if err := t.check(); err != nil {
			return Receipt{}, err
		}
	}
	if err := b.db.Nested(); err != nil {
		return Receipt{}, err
	}
	r.ctx, r.want, r.done = ctx, want, make(chan struct{})
	d := b.at(book)
	if err := d.enter(r); err != nil {
		return Receipt{}, err
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		// Not begun: leave the queue. Begun: the outcome is worth waiting for.
		if r.place.CompareAndSwap(waiting, left) {
			return Receipt{}, ctx.Err()
		}
		<-r.done
	}
	if r.thrown != nil {
		r.thrown.raise()
	}
	return r.receipt, r.err
}

// AdmitAt is Admit with a part that is told the moment of its batch, which is the
// moment the journal has for these transfers.
func (b *Books) AdmitAt(ctx context.Context, book BookID, want []Transfer, then func(tx *storage.Tx, at time.Time) error) (Receipt, error) {
	r := new(request)
	r.then = func(tx *storage.Tx) error { return then(tx, r.receipt.At) }
	return b.admit(ctx, book, want, r)
}

// linkMost bounds the transfers that stand or fall together: a day's plan for every
// shop of a city is one set, and holds the store's writer for some ten milliseconds.
const linkMost = 1024

// request is one caller on the way through a desk.
type request struct {
	ctx   context.Context
	want  []Transfer
	then  Then
	look  func(s *state) // instead of want: runs between two batches
	place atomic.Uint32  // waiting, taken or left
	done  chan struct{}

	receipt Receipt
	err     error
	thrown  *thrown
}

const (
	waiting uint32 = iota
	taken
	left
)

// at is the desk of a book.
func (b *Books) at(book BookID) *desk {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.desks[book]
	if d == nil {
		d = &desk{books: b, book: book}
		b.desks[book] = d
	}
	return d
}

// enter puts a request into the queue; somebody serves while there are any.
func (d *desk) enter(r *request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) >= d.books.queue {
		d.queue = slices.DeleteFunc(d.queue, func(r *request) bool { return r.place.Load() == left })
	}
	if len(d.queue) >= d.books.queue {
		return errBusy()
	}
	d.queue = append(d.queue, r)
	if !d.serving {
		d.serving = true
		go d.serve()
	}
	return nil
}

// serve runs while anybody waits.
func (d *desk) serve() {
	for {
		// Let those about to ask get into the queue: on a single processor every
		// batch would be one request.
		runtime.Gosched()
		batch := d.take()
		if batch == nil {
			return
		}
		d.batch(batch)
	}
}

// The most of one batch: transfers, with those counted more whose caller brings a part
// of its own, which holds the store's writer for some tens of microseconds.
const (
	batchMost  = 1024
	thenWeight = 4
)

// take removes the next batch from the queue; nil when there is nobody, and then the
// desk no longer serves.
func (d *desk) take() []*request {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, weight := 0, 0
	for n < len(d.queue) && weight < batchMost {
		weight += len(d.queue[n].want)
		if d.queue[n].then != nil {
			weight += thenWeight
		}
		n++
	}
	if n == 0 {
		d.serving, d.queue = false, nil
		return nil
	}
	out := make([]*request, 0, n)
	for _, r := range d.queue[:n] {
		if r.place.CompareAndSwap(waiting, taken) {
			out = append(out, r)
		}
	}
	clear(d.queue[:n])
	if d.queue = d.queue[n:]; len(d.queue) == 0 {
		d.queue = nil
	}
	return out
}

func errBusy() error { return fault.New(fault.Busy, "ledger.busy") }

// thrown is a part's panic, or its Goexit, on the way to its caller.
type thrown struct{ value any }

func (t *thrown) raise() {
	if t.value == nil {
		runtime.Goexit()
	}
	panic(t.value)
}

// caught runs fn, which may panic or end its goroutine.
func caught(fn func() error) (t *thrown, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		normal := false
		defer func() {
			if !normal {
				t = &thrown{recover()}
			}
		}()
		err = fn()
		normal = true
	}()
	<-done
	return t, err
}
