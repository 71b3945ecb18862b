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

// shown is what was left of a campaign's accounts, for all who look.
type shown struct {
	mu   sync.Mutex
	at   time.Time
	free map[ledger.AccountID]int64
}

// freeOf is what is free of each account of a campaign, a second old at most; younger
// where an offer is younger. It reads by itself, so it is not called inside a Read: whoever
// waits here must hold no reader.
func (s *Service) freeOf(ctx context.Context, c *opened, offers []Offer) (map[ledger.AccountID]int64, error) {
	kept, _ := s.shown.LoadOrStore(c.ID, &shown{})
	x := kept.(*shown)
	x.mu.Lock()
	defer x.mu.Unlock()
	now := s.Clock()
	known := x.free != nil && now.Sub(x.at) < freshFor && !now.Before(x.at)
	for i := 0; known && i < len(offers); i++ {
		_, known = x.free[offers[i].account]
	}
	if known {
		return x.free, nil
	}
	var free map[ledger.AccountID]int64
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		all, err := ledger.Balances(r, c.book)
		free = make(map[ledger.AccountID]int64, len(all))
		for _, b := range all {
			free[b.ID] = b.Free()
		}
		return err
	}); err != nil {
		return nil, err
	}
	x.free, x.at = free, now
	return free, nil
}
