package workresume

import (
	"context"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// What tests look at from outside.

// Packed is a person's id through its 16 bytes and back.
func Packed(person string) (string, bool) {
	k, ok := keyOf(person)
	return k.id(), ok
}

// Stored is what the store says a person's code is, whatever memory says: its
// state and the class of reason.
func (s *Service) Stored(ctx context.Context, person string) (c Code, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		st, err := s.standingIn(r, person)
		c = st.judge()
		return err
	})
	return c, err
}

// Begin lets a firm's first day of work be the day of the clock: what it would be had it
// filed as long before as the policy asks.
func (s *Service) Begin(ctx context.Context, firm string) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.load(tx, firm)
		if err != nil {
			return err
		}
		f.Filing.Start = s.today().String()
		return s.store(tx, f)
	})
}

// Remembered reports whether a show of the person's code would ask the store.
func (s *Service) Remembered(person string) bool {
	st, kept, ok := s.roll.find(person, s.Clock())
	return ok && (st.judge().State != CodeValid || kept.good(st.now, st.footing, false))
}

// ShareStore lets the service believe that others write to its store.
func (s *Service) ShareStore() { s.roll.others = true }

// Muster and SignAhead are one round of what Run does by itself.
func (s *Service) Muster(ctx context.Context) error    { return s.muster(ctx) }
func (s *Service) SignAhead(ctx context.Context) error { return s.signAhead(ctx) }

// Heed is what the watch does by itself: it hears what others may have committed,
// and holds everybody against the promise.
func (s *Service) Heed(ctx context.Context) error {
	if s.roll.others {
		var heard []eventlog.Record
		if err := s.Log.CatchUp(ctx, "workresume.watch_test", func(_ *storage.Tx, recs []eventlog.Record) error {
			heard = append(heard, recs...)
			return nil
		}); err != nil {
			return err
		}
		if err := s.hearFacts(ctx, heard); err != nil {
			return err
		}
	}
	if err := s.Watch(ctx); err != nil || !s.roll.others {
		return err
	}
	return s.watchAgain(ctx)
}

// watchAgain lets the roll hear what the watch itself committed.
func (s *Service) watchAgain(context.Context) error {
	s.roll.clear()
	return nil
}

// WatchAfresh has everything read anew.
func (s *Service) WatchAfresh() { s.watch.mark("demo", true) }

// Measured is what the promise of a firm is held against.
func (s *Service) Measured(firm string) map[string]any {
	now := s.Clock()
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	return s.watch.watched.firms[firm].facts(now, reportsDue(s.promise(), dayOf(now, s.Zone)))
}

// CloseDay keeps yesterday's figures, as Run does once a day has passed.
func (s *Service) CloseDay(ctx context.Context) error { return s.closeDay(ctx) }

// Open marks what is published of people.
func Open(total Figures, by map[By][]Part, streets map[string]string) (map[By][]OpenPart, bool) {
	return open(total, by, streets)
}

// Lapse gives codes back whose colour ended by its own time, as the loop does.
func (s *Service) Lapse(ctx context.Context) error { return s.lapse(ctx) }

// Weigh looks again at whom a change of the list of places touches, as the loop does.
func (s *Service) Weigh(ctx context.Context) error { return s.weigh(ctx) }

// EnactOnce is one transaction of asking firms again.
func (s *Service) EnactOnce(ctx context.Context, activation string) error {
	_, _, err := s.enactSome(ctx, activation, enactFirst)
	return err
}

// ReadNothing keeps every file waiting until the function returned is called.
func (s *Service) ReadNothing(ctx context.Context) (again func()) {
	_ = s.reading.Acquire(ctx, readingMost)
	return func() { s.reading.Release(readingMost) }
}
