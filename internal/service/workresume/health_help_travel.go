package workresume

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// HelpedOne is one relation by which the caller helps now.
//
// Faults: Denied, NotFound "workresume.help_unknown".
func (s *Service) HelpedOne(ctx context.Context, by auth.Principal, help string) (h Help, err error) {
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return h, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		h, err = s.helpingNow(r, by, help)
		return err
	})
	return h, err
}

// SaveTravelHelped keeps what a helper says of where somebody came from and was. The
// helper never reads what was said before; what the person said themself stands, and
// so does that they took a helper's word back.
//
// Faults: as SaveTravel; NotFound "workresume.help_unknown"; Conflict
// "workresume.travel_own".
func (s *Service) SaveTravelHelped(ctx context.Context, by auth.Principal, help string, in TravelInput) (h Help, err error) {
	if h, err = s.HelpedOne(ctx, by, help); err != nil {
		return Help{}, err
	}
	t := in.said()
	if err := t.mend(s.today()); err != nil {
		return Help{}, err
	}
	if err := s.knowStreet(ctx, t.Street); err != nil {
		return Help{}, err
	}
	sealed, err := s.sealTravel(h.Person, t)
	if err != nil {
		return Help{}, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if h, err = s.helpingNow(tx, by, help); err != nil {
			return err
		}
		if _, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			if h.TravelOwn {
				return "", fault.New(fault.Conflict, "workresume.travel_own")
			}
			return h.Person, s.keepTravel(tx, by, travelled{h.Person, h.helper, t.last(), t.Street, len(t.Visits), sealed})
		}); err != nil {
			return err
		}
		h, err = s.helpByID(tx, help)
		return err
	})
	return h, err
}

// TakeBackTravel removes what a helper said of the caller's travel; the colour follows
// at once. From then on it is for the caller alone to say.
//
// Faults: Denied; Conflict "workresume.travel_not_helped" where no helper's word stands.
func (s *Service) TakeBackTravel(ctx context.Context, by auth.Principal, key once.Key) (Travel, error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return Travel{}, err
	}
	sealed, err := s.sealTravel(by.Person, Travel{Visits: []Visit{}})
	if err != nil {
		return Travel{}, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			t, found, err := s.travel(tx, by.Person)
			if err != nil {
				return "", err
			}
			if !found || !t.ByHelper {
				return "", fault.New(fault.Conflict, "workresume.travel_not_helped")
			}
			return by.Person, s.keepTravel(tx, by, travelled{person: by.Person, sealed: sealed})
		})
		return err
	})
	if err != nil {
		return Travel{}, err
	}
	return s.TravelOf(ctx, by)
}
