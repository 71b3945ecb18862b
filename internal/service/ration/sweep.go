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

// sweepAgain is how long a round in which nothing is due is left alone at most: what
// another process freed meanwhile comes back by then.
const sweepAgain = time.Hour

// Sweep ends the vouchers whose time is over, and brings what is free of offers nobody
// can claim of any more back to the campaign's supply. A round that was swept is left
// alone until its next vouchers are over or something of it is given back.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Clock()
	var rounds []roomKey
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		rounds, err = storage.All(r, func(rows *storage.Rows) (k roomKey, err error) {
			var day int64
			err = rows.Scan(&k.campaign, &day)
			k.day = Day(day)
			return k, err
		}, `select campaign, day from ration_round where state <> 'swept' and day < $1 order by day, campaign`, int64(s.today()))
		return err
	}); err != nil {
		return err
	}
	for _, k := range rounds {
		if until, ok := s.calm.Load(k); ok && now.Before(until.(time.Time)) {
			continue
		}
		if err := s.sweepRound(ctx, k, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepRound(ctx context.Context, k roomKey, now time.Time) error {
	var c *opened
	var offers []Offer
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if c, err = s.campaign(r, k.campaign); err != nil {
			return err
		}
		offers, err = s.offersOf(r, k.campaign, k.day)
		return err
	}); err != nil {
		return err
	}
	next, calm := now.Add(sweepAgain), true
	for _, o := range offers {
		wait, err := s.sweepOffer(ctx, o, now)
		if err != nil {
			return err
		}
		if until := s.until(c.Campaign, &o); now.Before(until) && until.Before(next) {
			next = until
		}
		calm = calm && !wait
	}
	if calm {
		s.calm.Store(k, next)
	}
	if int64(k.day) >= int64(s.today())-c.heldFor() {
		return nil
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`update ration_round set state = 'swept' where campaign = $1 and day = $2`, k.campaign, int64(k.day))
		return err
	})
}

// stir lets the next sweep look at an offer's round, of which something was freed.
func (s *Service) stir(offer string) {
	if o, ok := s.offers.Load(offer); ok {
		s.calm.Delete(roomKey{o.(*Offer).Campaign, o.(*Offer).Day})
		return
	}
	s.calm.Clear()
}

// sweepOffer sweeps one; wait is whether its pieces are still to be drawn for.
func (s *Service) sweepOffer(ctx context.Context, o Offer, now time.Time) (wait bool, err error) {
	for {
		var list []Allotment
		err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
			list, err = storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) },
				allotmentColumns+`where offer = $1 and state = 'held' and until <= $2 order by transfer limit $3`, o.ID, clock.Micros(now), lapseMost)
			return err
		})
		if err != nil {
			return false, err
		}
		for _, a := range list {
			if _, err := s.release(ctx, auth.Operator(), a, Lapsed); err != nil {
				return false, err
			}
		}
		if len(list) < lapseMost {
			return s.bringBack(ctx, o)
		}
	}
}

// bringBack moves what is free of an offer whose round is over to the supply, from
// where it can be offered again.
func (s *Service) bringBack(ctx context.Context, o Offer) (wait bool, err error) {
	var c *opened
	var b ledger.Balance
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
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
		return wait, err
	}
	_, err = s.Ledger.Admit(ctx, c.book, []ledger.Transfer{{ID: ledger.Ticket(s.Clock()), Kind: ledger.Plain, Debit: o.account, Credit: c.supply, Amount: b.Free()}},
		func(tx *storage.Tx) error {
			return s.record(tx, auth.Operator(), factBroughtBack, streamOf(c.ID), map[string]any{"offer": o.ID, "pieces": b.Free()})
		})
	return false, err
}

// toBeDrawn is whether an offer's pieces still wait for the winners of its round's draw,
// which comes about after the round is over.
func (s *Service) toBeDrawn(r storage.Reader, c *opened, o Offer) (bool, error) {
	if c.Give.By != ByLot || !s.Clock().Before(s.drawnBy(c.Campaign, o.Day)) {
		return false, nil
	}
	d, err := s.drawOf(r, c.ID, o.Day)
	if fault.Is(err, "ration.no_draw") {
		return true, nil
	}
	return d.State != "placed", err
}

// drawnBy is until when a round's list can be frozen and its winners given their shares:
// after that the first vouchers would have run out, and the pieces are the supply's again.
func (s *Service) drawnBy(c *Campaign, d Day) time.Time {
	late, out := (d + lateDraws + 1).In(s.Zone), s.until(c, &Offer{Day: d})
	if out.Before(late) {
		return out
	}
	return late
}

// heldFor is after how many days nothing of a round is held any more.
func (c *Campaign) heldFor() int64 {
	days := c.Give.Ahead + c.Hand.Days
	if c.sends() {
		days += lateSending
	}
	return days
}
