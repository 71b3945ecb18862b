package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// desk serves one book: one goroutine while anybody waits, one batch after another.
type desk struct {
	books *Books
	book  BookID

	mu      sync.Mutex
	queue   []*request
	serving bool

	// Only whoever serves touches what follows.
	state   *state
	stale   bool     // the journal may be longer than the state
	draft   draft    // kept for its memory
	running *request // whose part is running
	thrown  *thrown  // what it threw
	packed  []byte   // kept for its memory

	anchored int64 // when the journal was last anchored from here, in microseconds
	anchors  bool  // this batch anchors it
}

var (
	// errBehind says that the journal is longer than the state: another process, or
	// a commit of our own of which we did not hear.
	errBehind = errors.New("ledger: the journal has grown")
	// errWary says that a part failed while others' stand beside it without savepoints.
	errWary = errors.New("ledger: a part failed")
	// errThrown says that a part panicked, or ended its goroutine.
	errThrown = errors.New("ledger: a part threw")
	// errNothing undoes a transaction in which nobody was admitted.
	errNothing = errors.New("ledger: nobody was admitted")
)

// rounds bounds how often a batch begins again; each round another process was
// faster, or a part of it failed for good.
const rounds = 16

// batch serves the requests to their answers.
func (d *desk) batch(requests []*request) {
	defer func() { go answer(requests) }()
	open := make([]*request, 0, len(requests))
	for _, r := range requests {
		switch {
		case r.ctx.Err() != nil:
			r.err = r.ctx.Err()
		case r.look != nil:
			d.stale = true
			if r.err = d.catchUp(nil); r.err == nil {
				r.look(d.state)
			}
		default:
			open = append(open, r)
		}
	}
	careful := false
	var doubt error // a commit of which nobody knows
	for range rounds {
		err := d.round(&open, careful)
		switch {
		case len(open) == 0:
			return
		case errors.Is(err, errThrown):
			d.running.thrown, d.running.err = d.thrown, errThrown
			open = slices.DeleteFunc(open, func(r *request) bool { return r == d.running })
		case errors.Is(err, errBehind):
			d.stale = true
		case fault.Is(err, "storage.unknown"):
			// The journal knows: what was committed is recalled by its ids.
			d.stale, doubt = true, err
		case errors.Is(err, errWary), err != nil && !careful && accompanied(open) && fault.KindOf(err) == fault.Internal:
			careful = true
		default:
			if storage.Violated(err) != "" {
				// The database knows better than memory, which is made anew.
				d.state = nil
				err = fault.Wrap(err, fault.Internal, "ledger.damaged")
			}
			if doubt != nil {
				err = doubt
			}
			if fault.Is(err, "ledger.no_book") {
				d.books.forget(d)
			}
			refuse(open, err)
			return
		}
	}
	if doubt == nil {
		doubt = errBusy()
	}
	refuse(open, doubt)
}

// forget lets go of the desk of a book that is not there. Whoever is on the way to it
// is still served; two desks of one book are no worse than two processes.
func (b *Books) forget(d *desk) {
	b.mu.Lock()
	delete(b.desks, d.book)
	b.mu.Unlock()
}

func refuse(requests []*request, err error) {
	for _, r := range requests {
		r.err = err
	}
}

// accompanied is whether any of the callers brings a part of their own.
func accompanied(requests []*request) bool {
	return slices.ContainsFunc(requests, func(r *request) bool { return r.then != nil })
}

// round is one try to answer those who are open; it takes out whom it answered.
func (d *desk) round(open *[]*request, careful bool) error {
	if len(*open) == 0 {
		return nil
	}
	if err := d.catchUp(*open); err != nil {
		return err
	}
	var err error
	if *open, err = d.recall(*open); err != nil || len(*open) == 0 {
		return err
	}
	if err := d.attempt(*open, careful); err != nil {
		return err
	}
	*open = nil
	return nil
}

// attempt decides the requests and commits what was admitted. Without care it decides
// all and then runs their parts; if one fails, it is for another attempt with care,
// in which each part is behind a savepoint of its own.
func (d *desk) attempt(requests []*request, careful bool) error {
	d.running = nil
	at := max(clock.Micros(d.books.now()), d.state.at)
	d.draft.unguarded = d.books.unguarded
	if !careful {
		d.decide(requests, at)
		if len(d.draft.records) == 0 {
			return d.unmoved()
		}
	}
	var admitted batch
	t, err := caught(func() error {
		return d.books.write(context.Background(), func(tx *storage.Tx) error {
			moved, err := tx.Exec(`update ledger_head set n = n + 1 where book = $1 and n = $2`, string(d.book), d.state.n)
			if err != nil {
				return err
			}
			if moved == 0 {
				return errBehind
			}
			if careful {
				err = d.decideWithParts(tx, requests, at)
			} else {
				err = d.parts(tx, requests)
			}
			if err != nil {
				return err
			}
			if len(d.draft.records) == 0 {
				return errNothing
			}
			admitted, err = d.store(tx)
			return err
		})
	})
	switch {
	case t != nil && d.running != nil:
		d.thrown = t
		return errThrown
	case t != nil:
		return fmt.Errorf("ledger: panic in a batch: %v", t.value)
	case errors.Is(err, errNothing):
		return nil
	case err != nil:
		return err
	}
	for i, r := range d.draft.records {
		if err := d.state.apply(admitted.first+int64(i), r); err != nil {
			return err // cannot be: it was decided on this state
		}
	}
	d.state.n, d.state.at, d.state.digest = admitted.n, admitted.at, admitted.digest
	if d.anchors {
		d.anchored = admitted.at
	}
	return nil
}

// decide fills the draft, and every request's answer as it is once the batch stands.
func (d *desk) decide(requests []*request, at int64) {
	d.draft.reset(d.state, at)
	for _, r := range requests {
		r.decide(&d.draft)
	}
}

func (r *request) decide(draft *draft) {
	r.receipt = Receipt{At: clock.FromMicros(draft.at)}
	if r.receipt.Again, r.err = draft.decide(r.want); r.err != nil {
		r.receipt = Receipt{}
	}
}

// accompanies is whether a request that was admitted just now has a part to run.
func (r *request) accompanies() bool { return r.err == nil && r.then != nil && !r.receipt.Again }

// parts runs the parts of all that were admitted.
func (d *desk) parts(tx *storage.Tx, requests []*request) error {
	for _, r := range requests {
		if r.accompanies() && d.part(tx, r) != nil {
			return errWary
		}
	}
	return nil
}

func (d *desk) part(tx *storage.Tx, r *request) error {
	d.running = r
	err := r.then(tx)
	d.running = nil
	return err
}

// decideWithParts decides one request after the other and runs its part at once; what
// failed is undone before the next is decided.
func (d *desk) decideWithParts(tx *storage.Tx, requests []*request, at int64) error {
	d.draft.reset(d.state, at)
	for _, r := range requests {
		before := len(d.draft.records)
		if r.decide(&d.draft); !r.accompanies() {
			continue
		}
		if r.err = tx.Apart(func() error { return d.part(tx, r) }); r.err != nil {
			d.draft.cut(before)
			r.receipt = Receipt{}
		}
	}
	return nil
}

// unmoved makes sure that refusals were decided on the whole journal.
func (d *desk) unmoved() error {
	return d.books.db.Read(context.Background(), func(r storage.Reader) error {
		var n int64
		err := r.Row(`select n from ledger_head where book = $1`, string(d.book)).Scan(&n)
		if err == nil && n != d.state.n {
			return errBehind
		}
		return err
	})
}

// answer tells the callers.
func answer(requests []*request) {
	for _, r := range requests {
		close(r.done)
	}
}

// recall answers those whose transfers the journal holds already and returns the rest.
func (d *desk) recall(requests []*request) (open []*request, err error) {
	if !slices.ContainsFunc(requests, d.mayKnow) {
		return requests, nil
	}
	d.draft.reset(d.state, 0)
	err = d.books.db.Read(context.Background(), func(rd storage.Reader) error {
		open = make([]*request, 0, len(requests)) // in the order of asking
		for _, r := range requests {
			if !d.mayKnow(r) {
				open = append(open, r)
				continue
			}
			at, found, err := d.recorded(rd, r.want)
			var f *fault.Error
			switch {
			case err != nil && !errors.As(err, &f):
				return err
			case err != nil && f.Kind != fault.Conflict:
				return err
			case err != nil:
				r.err = err
			case found:
				r.receipt, r.err = Receipt{At: at, Again: true}, nil // a round before may have refused
			default:
				open = append(open, r)
			}
		}
		return nil
	})
	return open, err
}

func (d *desk) mayKnow(r *request) bool {
	for _, t := range r.want {
		if _, found := d.state.ids.at(idKey(t.ID)); found {
			return true
		}
	}
	return false
}

// recorded looks want up in the journal: all of it, as it is asked now, or nothing.
func (d *desk) recorded(rd storage.Reader, want []Transfer) (at time.Time, found bool, err error) {
	hits := 0
	for _, t := range want {
		var bad error
		d.state.ids.each(idKey(t.ID), func(n uint32) bool {
			var x batch
			var r record
			if x, r, bad = recordAt(rd, d.book, int64(n)); bad != nil || r.id != t.ID {
				return bad != nil
			}
			hits++
			if !d.draft.matches(t, r, func(seq uint32) (id TransferID) {
				var h record
				if _, h, bad = recordAt(rd, d.book, int64(seq)); bad == nil {
					id = h.id
				}
				return id
			}) && bad == nil {
				bad = errOther()
			}
			at = clock.FromMicros(x.at)
			return true
		})
		if bad != nil {
			return at, false, bad
		}
	}
	if hits > 0 && hits < len(want) {
		return at, false, errOther()
	}
	return at, hits > 0, nil
}
