package ration

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// lapseMost is how many vouchers of an offer are ended before others have their turn.
const lapseMost = 500

// Sweep ends the vouchers whose time is over, and brings what is free of offers nobody
// can claim of any more back to the campaign's supply.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Clock()
	var due []Offer
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		due, err = storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
			`select o.offer, o.campaign, o.day, o.point, o.part, o.pieces, o.account from ration_offer o
			join ration_round r on r.campaign = o.campaign and r.day = o.day and r.state <> 'swept'
			where o.pieces > 0 and o.day < $1 order by o.offer limit 5000`, int64(s.today()))
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range due {
		if err := s.sweepOffer(ctx, o, now); err != nil {
			return err
		}
	}
	return s.swept(ctx, due)
}

func (s *Service) sweepOffer(ctx context.Context, o Offer, now time.Time) error {
	for {
		var list []Allotment
		err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
			list, err = storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) },
				allotmentColumns+`where offer = $1 and state = 'held' and until <= $2 order by transfer limit $3`, o.ID, clock.Micros(now), lapseMost)
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range list {
			if _, err := s.release(ctx, auth.Operator(), a, Lapsed); err != nil {
				return err
			}
		}
		if len(list) < lapseMost {
			return s.bringBack(ctx, o)
		}
	}
}

// bringBack moves what is free of an offer whose round is over to the supply, from
// where it can be offered again.
func (s *Service) bringBack(ctx context.Context, o Offer) error {
	var c *opened
	var b ledger.Balance
	wait := false
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if c, err = s.campaign(r, o.Campaign); err != nil {
			return err
		}
		if wait, err = s.toBeDrawn(r, c, o); err != nil || wait {
			return err
		}
		b, err = ledger.BalanceOf(r, o.account)
		return err
	})
	if err != nil || wait || b.Free() == 0 {
		return err
	}
	_, err = s.Ledger.Admit(ctx, c.book, []ledger.Transfer{{ID: ledger.Ticket(s.Clock()), Kind: ledger.Plain, Debit: o.account, Credit: c.supply, Amount: b.Free()}},
		func(tx *storage.Tx) error {
			return s.record(tx, auth.Operator(), factBroughtBack, streamOf(c.ID), map[string]any{"offer": o.ID, "pieces": b.Free()})
		})
	return err
}

// toBeDrawn is whether an offer's pieces still wait for the winners of its round's draw,
// which comes about after the round is over.
func (s *Service) toBeDrawn(r storage.Reader, c *opened, o Offer) (bool, error) {
	if c.Give.By != ByLot || s.today() > o.Day+lateDraws {
		return false, nil
	}
	d, err := s.drawOf(r, c.ID, o.Day)
	if fault.Is(err, "ration.no_draw") {
		return true, nil
	}
	return d.State != "placed", err
}

// swept marks rounds of which nothing is held any more.
func (s *Service) swept(ctx context.Context, due []Offer) error {
	last := map[string]Day{}
	for _, o := range due {
		last[o.Campaign] = max(last[o.Campaign], o.Day)
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		for id := range last {
			c, err := s.campaign(tx, id)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`update ration_round set state = 'swept' where campaign = $1 and day < $2 and state <> 'swept'`,
				id, int64(s.today())-c.heldFor()); err != nil {
				return err
			}
		}
		return nil
	})
}

// heldFor is after how many days nothing of a round is held any more.
func (c *Campaign) heldFor() int64 {
	days := c.Give.Ahead + c.Hand.Days
	if c.sends() {
		days += lateSending
	}
	return days
}
