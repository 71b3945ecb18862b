package workresume

import (
	"container/heap"
	"context"
	"log/slog"
	"sync"
	"time"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// watcher holds what is known of every firm in memory and asks again about a firm
// when a fact names it or when its moment comes: supplies run out and days end
// though nothing happens. Nothing reads the whole store but the start.
//
// Marks and sightings come from commits (record, passAll) of this process, on a
// shared store from the log. One goroutine, watching, does all the work.
type watcher struct {
	inbox  sync.Mutex      // never held for long: whoever commits stands here
	marks  map[string]bool // firms to read again; true: with their people
	sights []sighted
	all    bool // read everything
	bell   chan struct{}

	mu      sync.Mutex // held while a roster of thousands is read
	enacted string     // the change of the promise that is being applied, "" for none
	asking  *rule.Pack
	clerk   *rule.Clerk    // of the one goroutine, as is facts
	facts   map[string]any // of the firm that is asked about
	watched struct {       // of the one goroutine; pages look under mu
		firms  map[string]*watched
		people map[personKey]attendance
		reds   map[personKey]int64 // whom two officers hold red, and until when, in µs
		due    dueHeap
		day    time.Time // of which "today" is
		taken  map[string]time.Time
	}
}

// watched is one firm.
type watched struct {
	measured
	id       string
	flags    []Flag
	wake     time.Time
	place    int           // in the heap
	standing rule.Standing // what the promise found of it last
}

// attendance is one person's day: where they belong, whether they are inside, and
// how often they came in and were turned away.
type attendance struct {
	firm          *watched // nil: on no roster
	inside, red   bool
	reported      bool // on their health, today
	entered, sent uint16
	asked         uint16
}

// sighted is one check at a gate, or one taken back; or a report, or a new colour.
type sighted struct {
	person string
	firm   string // whose gate it is, "" for a park's
	key    string // gate and reference
	dir    Direction
	code   CheckCode
	count  int64 // what it counts: -1, 0, 1
	at     time.Time
	undone bool

	report   time.Time // the day of a health report
	coloured bool      // the store says which colour
}

func newWatcher() *watcher {
	w := &watcher{marks: map[string]bool{}, all: true, bell: make(chan struct{}, 1)}
	w.forget()
	return w
}

func (w *watcher) forget() {
	w.watched.firms, w.watched.people, w.watched.reds = map[string]*watched{}, map[personKey]attendance{}, map[personKey]int64{}
	w.watched.due, w.watched.taken = nil, map[string]time.Time{}
}

func (w *watcher) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// mark has a firm read again, with its people or without; "demo" is the chunk of an
// invented district.
func (w *watcher) mark(firm string, people bool) {
	w.inbox.Lock()
	if firm == "demo" {
		w.all = true
	} else {
		w.marks[firm] = w.marks[firm] || people
	}
	w.inbox.Unlock()
	w.ring()
}

func (w *watcher) sight(list ...sighted) {
	w.inbox.Lock()
	w.sights = append(w.sights, list...)
	w.inbox.Unlock()
	w.ring()
}

// marked is called for every fact about a firm, in the transaction that records it.
func (s *Service) marked(tx *storage.Tx, firm, name string) {
	if s.Promise != nil && !s.roll.others { // what others commit comes by the log, and ours with it
		tx.OnCommit(func() { s.watch.mark(firm, peopleMove(name)) })
	}
}

// peopleMove says whether a fact may change who is on a firm's roster.
func peopleMove(name string) bool {
	switch name {
	case factImported, factLeft, factReturned, factReviewEnded:
		return true
	}
	return false
}

// sightings are the taps of a batch, told once it is durable.
func (s *Service) sightings(tx *storage.Tx, taps []*tap) {
	if s.Promise == nil || s.roll.others {
		return
	}
	list := make([]sighted, 0, len(taps))
	for _, t := range taps {
		list = append(list, sighted{
			person: t.seen.person, firm: t.gate.Firm, key: t.gate.ID + "/" + t.check.Reference, dir: t.dir, code: t.check.Code, count: t.counted, at: t.check.At,
		})
	}
	tx.OnCommit(func() { s.watch.sight(list...) })
}

// sightedBack is a check that was taken back.
func (s *Service) sightedBack(tx *storage.Tx, t sighted) {
	if s.Promise != nil && !s.roll.others {
		tx.OnCommit(func() { s.watch.sight(t) })
	}
}

// watchPause gathers what happens at once; with the evaluation it stays well within
// the two seconds in which a fact is to change a firm's state.
const watchPause = 200 * time.Millisecond

// watching holds every firm against its promise until ctx ends.
func (s *Service) watching(ctx context.Context) error {
	if s.Promise == nil {
		return nil
	}
	var failed chan error // nil: nobody else writes here
	if s.roll.others {
		failed = make(chan error, 1)
		if err := s.patiently(ctx, func(ctx context.Context) error {
			at, _, err := s.Log.Head(ctx)
			if err == nil {
				go func() { failed <- s.followLog(ctx, at) }()
			}
			return err
		}); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		wait := time.Minute
		if err := s.patiently(ctx, func(ctx context.Context) error { _, err := s.watchOnce(ctx); return err }); err != nil {
			slog.ErrorContext(ctx, "promises are not compared; it is tried again", "err", err)
			wait = 5 * time.Second
			s.watch.mark("demo", true) // from the beginning
		} else if next := s.watch.next(); !next.IsZero() {
			wait = min(max(next.Sub(s.Clock()), watchPause), time.Minute)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case err := <-failed:
			return err // deaf to others is worse than to stop
		case <-s.watch.bell:
		case <-timer.C:
		}
		timer.Stop()
		select { // gather
		case <-ctx.Done():
		case <-time.After(watchPause):
		}
	}
	return nil
}

// next is the earliest moment at which a firm is due, or a colour lapses.
func (w *watcher) next() (at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.watched.due) > 0 {
		at = w.watched.due[0].wake
	}
	for _, ends := range w.watched.reds {
		if t := time.UnixMicro(ends); at.IsZero() || t.Before(at) {
			at = t
		}
	}
	return at
}

// Watch does all that is due: it reads the firms that facts named, holds them and
// those whose moment has come against the promise, and stores what follows. It is
// not for two callers at once.
func (s *Service) Watch(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = s.watchOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) watchOnce(ctx context.Context) (more bool, err error) {
	w := s.watch
	w.inbox.Lock()
	all, marks, sights := w.all, w.marks, w.sights
	w.all, w.marks, w.sights = false, map[string]bool{}, nil
	w.inbox.Unlock()
	defer func() {
		if err != nil { // what was taken out is read again, with everything
			w.mark("demo", true)
		}
	}()
	now := s.Clock()
	touched := map[*watched]bool{}
	if all {
		if err = s.readAll(ctx, now, touched); err != nil {
			return false, err
		}
	} else if day := dayOf(now, s.Zone); !day.Equal(w.watched.day) {
		w.newDay(day)
	}
	if err = s.readMarked(ctx, marks, touched); err != nil {
		return false, err
	}
	if err = s.takeSights(ctx, append(sights, w.lapsed(now)...), touched); err != nil {
		return false, err
	}
	w.collect(now, touched)
	turned, err := s.holdAgainst(ctx, touched, now)
	if err != nil {
		return false, err
	}
	return len(touched) > 0, s.promiseEnacted(ctx, len(touched), turned)
}

// newDay begins a day of which nothing has been seen yet.
func (w *watcher) newDay(day time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watched.day = day
	for k, a := range w.watched.people {
		if a.entered, a.sent, a.asked, a.reported = 0, 0, 0, false; !a.inside {
			delete(w.watched.people, k)
			continue
		}
		w.watched.people[k] = a
	}
	for _, f := range w.watched.firms {
		f.today, f.strangers, f.turned, f.asked, f.reported = 0, 0, 0, 0, 0
		f.wake = day // every firm's facts have changed
	}
	heap.Init(&w.watched.due)
}

// collect adds the firms whose moment has come.
func (w *watcher) collect(now time.Time, touched map[*watched]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.watched.due) > 0 && !w.watched.due[0].wake.After(now) {
		touched[heap.Pop(&w.watched.due).(*watched)] = true
	}
}

// dueHeap is the firms by the moment at which they are asked again.
type dueHeap []*watched

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].wake.Before(h[j].wake) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].place, h[j].place = i, j }

// Push adds a firm.
func (h *dueHeap) Push(x any) {
	f := x.(*watched)
	f.place = len(*h)
	*h = append(*h, f)
}

// Pop takes the last.
func (h *dueHeap) Pop() any {
	old := *h
	f := old[len(old)-1]
	old[len(old)-1], *h = nil, old[:len(old)-1]
	f.place = -1
	return f
}

// await puts a firm at its moment.
func (w *watcher) await(f *watched, at time.Time) {
	f.wake = at
	if f.place >= 0 {
		heap.Fix(&w.watched.due, f.place)
	} else {
		heap.Push(&w.watched.due, f)
	}
}
