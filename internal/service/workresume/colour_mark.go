package workresume

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// A person's codes, a printed one too, stand suspended in the public status list
// while the person is not green, and hold again afterwards: whoever has no phone
// need not have paper printed anew. A firm that may not work keeps them suspended,
// see markPasses.

// markPerson makes the status list say of a person's codes what they say now.
func (s *Service) markPerson(tx *storage.Tx, person string) error {
	places, err := storage.All(tx, scanPlace, `select status from workresume_pass where person = $1 and status <> ''`, person)
	if err != nil {
		return err
	}
	st, err := s.standingIn(tx, person)
	if err != nil {
		return err
	}
	state := statuslist.Suspended
	if st.footing != nil && st.judge().State == CodeValid {
		state = statuslist.Valid
	}
	c, _, err := storedColour(tx, person) // of whoever is on no roster, too
	if err != nil {
		return err
	}
	level, _ := colourOf(c, s.Clock())
	if _, err := tx.Exec(`update workresume_colour set marked = $1 where person = $2`, bit(level != Green), person); err != nil {
		return err
	}
	return s.Status.Set(tx, state, places...)
}

// lapsePage is how many people one transaction of lapse frees.
const lapsePage = 200

// lapse gives the codes back of those whose colour ended by its own time. Nobody
// does anything at that moment, so that it is looked for.
func (s *Service) lapse(ctx context.Context) error {
	for {
		var due []string
		err := s.Store.WriteLow(ctx, func(tx *storage.Tx) (err error) {
			now := clock.Micros(s.Clock())
			due, err = storage.All(tx, scanText, `select person from workresume_colour where marked = 1
				and (own = 0 or own_ends <= $1) and (held = 0 or held_ends <= $1) order by person limit $2`, now, lapsePage)
			if err != nil {
				return err
			}
			for _, person := range due {
				c, _, err := storedColour(tx, person)
				if err != nil {
					return err
				}
				if err := s.markPerson(tx, person); err != nil {
					return err
				}
				if err := s.recordPerson(tx, auth.Operator(), factColoured, party.Stream(person), person,
					colouredBody{Was: max(c.own, c.held).String(), Now: Green.String(), Rules: []string{"lapsed"}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(due) < lapsePage {
			return err
		}
	}
}
