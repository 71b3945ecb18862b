package ration

import (
	"context"
	"slices"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// GiveBack gives a share back that is not wanted: its pieces are free for others, and
// whoever had it may ask again.
//
// Faults: Denied, NotFound; Conflict when it has ended already.
func (s *Service) GiveBack(ctx context.Context, by auth.Principal, offer, id string) (Allotment, error) {
	var a Allotment
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		a, err = s.ownAllotment(r, by, offer, id)
		return err
	})
	if err != nil || a.State == GivenBack {
		return a, err
	}
	return s.release(ctx, by, a, GivenBack)
}

// ownAllotment finds an allotment that is by's to act on: of this person, of somebody they
// ask for, or of this firm. What was asked for somebody who has left the family since is
// theirs alone.
//
// Faults: NotFound "ration.no_allotment" for one of somebody else too.
func (s *Service) ownAllotment(r storage.Reader, by auth.Principal, offer, id string) (Allotment, error) {
	a, err := s.allotment(r, offer, id)
	if err != nil {
		return a, err
	}
	own := a.Firm != "" && by.Role == auth.Firm && a.Firm == by.Scope.ID
	if !own && a.Person != "" && by.Person != "" {
		mine, err := s.recordsOf(r, by.Person)
		if err != nil {
			return a, err
		}
		own = slices.Contains(mine, a.Person)
		if !own && a.account == by.ID {
			head, err := s.asker(r, a.Person)
			if err != nil {
				return a, err
			}
			own = slices.Contains(mine, head)
		}
	}
	if !own {
		return Allotment{}, noAllotment()
	}
	return a, nil
}

// release ends an allotment without its pieces being handed over.
func (s *Service) release(ctx context.Context, by auth.Principal, a Allotment, as State) (Allotment, error) {
	var c *opened
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		c, err = s.campaign(r, a.Campaign)
		return err
	})
	if err != nil {
		return a, err
	}
	want, err := c.ending(a, as)
	if err != nil {
		return a, err
	}
	name := factGivenBack
	if as == Lapsed {
		name = factLapsed
	}
	now := s.Clock()
	receipt, err := s.Ledger.Admit(ctx, c.book, want, func(tx *storage.Tx) error {
		if err := s.end(tx, a, as, "", now); err != nil {
			return err
		}
		return s.record(tx, by, name, streamOf(c.ID), promisedBody{a.ID, a.Offer, a.Pieces})
	})
	if endedMeanwhile(err) {
		return a, s.ended(ctx, a)
	}
	if err != nil {
		return a, err
	}
	s.stir(a.Offer)
	if a.State, a.Ended = as, now; receipt.Again {
		a.Ended = receipt.At
	}
	return a, nil
}
