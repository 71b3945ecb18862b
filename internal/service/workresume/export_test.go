package workresume

import (
	"context"

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
