package ration

import (
	"context"
	"sync"
	"time"

	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// freshFor is how long what is left of offers is given out before it is read again: a
// campaign's page is looked at by thousands in the second in which it opens. A claim is
// decided on the ledger itself.
const freshFor = time.Second

// shown is what was left of a campaign's offers, for all who look.
type shown struct {
	mu   sync.Mutex
	at   time.Time
	free map[ledger.AccountID]int64
	days map[Day][]Offer // whose offers were asked for
}

// freeOf is what is free of each account of a campaign, a second old at most, and the
// offers of a day.
func (s *Service) freeOf(ctx context.Context, c *opened, day Day) (free map[ledger.AccountID]int64, offers []Offer, err error) {
	kept, _ := s.shown.LoadOrStore(c.ID, &shown{})
	x := kept.(*shown)
	x.mu.Lock()
	defer x.mu.Unlock()
	now := s.Clock()
	if x.free == nil || now.Sub(x.at) >= freshFor || now.Before(x.at) {
		x.free, x.days = nil, map[Day][]Offer{}
	}
	if _, read := x.days[day]; read && x.free != nil {
		return x.free, x.days[day], nil
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if x.free == nil {
			free, err := freeIn(r, c.book)
			if err != nil {
				return err
			}
			x.free, x.at = free, now
		}
		list, err := storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
			offerColumns+`where campaign = $1 and day = $2 and pieces > 0`, c.ID, int64(day))
		x.days[day] = list
		return err
	})
	return x.free, x.days[day], err
}

func freeIn(r storage.Reader, book ledger.BookID) (map[ledger.AccountID]int64, error) {
	all, err := ledger.Balances(r, book)
	if err != nil {
		return nil, err
	}
	free := make(map[ledger.AccountID]int64, len(all))
	for _, b := range all {
		free[b.ID] = b.Free()
	}
	return free, nil
}
