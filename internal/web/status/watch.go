// Package status says in public what works now: who is let in, how long work
// waits, whether the store answers and keeps what it is told, up to where the
// log is sealed, and when that last changed. It looks once a second and answers
// from memory, so that asking costs little on the day when everybody asks.
//
// It refuses to call something well that it has not seen to be well, to tell
// anything of a person, a firm or a cause, and to remember beyond the process.
package status

import (
	"context"
	"errors"
	"sync"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/clock"
)

// State is the program in one word.
type State string

// The states, from the best. Unknown is before the first look.
const (
	Well    State = "well"
	Busy    State = "busy" // somebody was refused in the last ten seconds
	Ill     State = "ill"  // the store does not answer, or keeps nothing
	Unknown State = "unknown"
)

const (
	every    = time.Second
	patience = 800 * time.Millisecond // a store that needs longer does not answer
	stale    = 10 * time.Second       // a look this old says nothing of now
	calm     = 10 * time.Second       // without refusing, until it is called well again
	changes  = 20                     // of state that are remembered
)

// Deps is what is looked at.
type Deps struct {
	Door  *admission.Door
	Store func(context.Context) error          // whether the store answers and has room
	Head  func(context.Context) (int64, error) // facts sealed
	Now   clock.Clock
}

// Change is a moment at which the state became another.
type Change struct {
	State State     `json:"state" enum:"well,busy,ill,unknown"`
	At    time.Time `json:"at"`
}

// Watch looks and remembers.
type Watch struct {
	Deps
	begun time.Time

	mu      sync.Mutex
	looked  time.Time
	store   bool
	usable  time.Time // the store last answered
	since   time.Time // the store is as it is
	sealed  int64
	headAt  time.Time
	changes []Change // oldest first
	refused int64    // in all, at the last look
	busyAt  time.Time
}

// New returns a watch that has seen nothing yet.
func New(d Deps) *Watch { return &Watch{Deps: d, begun: d.Now()} }

// Run looks once a second until ctx ends. What it sees to be ill is no failure
// of its own.
func (w *Watch) Run(ctx context.Context) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		w.Look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// Look asks the store and the log once.
func (w *Watch) Look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	failed := w.Store(ctx)
	late := errors.Is(failed, context.DeadlineExceeded)
	head, err := w.Head(ctx)
	refused := int64(0)
	for _, c := range w.Door.Load().Classes {
		refused += c.AllRefused
	}
	now := w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if failed == nil {
		w.usable = now
	}
	// In a crowd our own question waits too: late once is not gone.
	store := failed == nil || late && now.Sub(w.usable) < stale
	if w.looked.IsZero() || store != w.store {
		w.store, w.since = store, now
	}
	if err == nil {
		w.sealed, w.headAt = head, now
	}
	if refused > w.refused {
		w.busyAt = now
	}
	w.refused, w.looked = refused, now
	if s := w.state(now); len(w.changes) == 0 || w.changes[len(w.changes)-1].State != s {
		if w.changes = append(w.changes, Change{s, now}); len(w.changes) > changes {
			w.changes = w.changes[1:]
		}
	}
}

func (w *Watch) state(now time.Time) State {
	switch {
	case w.looked.IsZero() || now.Sub(w.looked) > stale:
		return Unknown
	case !w.store:
		return Ill
	case !w.busyAt.IsZero() && now.Sub(w.busyAt) < calm:
		return Busy
	}
	return Well
}
