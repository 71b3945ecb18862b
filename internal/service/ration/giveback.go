package ration

import (
	"context"

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
		if a, err = s.allotment(r, offer, id); err == nil && !s.owns(by, a) {
			err = noAllotment()
		}
		return err
	})
	if err != nil || a.State == GivenBack {
		return a, err
	}
	return s.release(ctx, by, a, GivenBack)
}

// owns reports whether an allotment is by's own: asked for by this account, for this
// person or of this firm.
func (s *Service) owns(by auth.Principal, a Allotment) bool {
	return !by.Zero() && (a.account == by.ID || by.Person != "" && a.Person == by.Person || by.Role == auth.Firm && a.Firm == by.Scope.ID)
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
