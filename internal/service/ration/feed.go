package ration

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Stock is how it stands with an item of a campaign at a point, in pieces.
type Stock struct {
	Point    string `json:"point"`
	Campaign string `json:"campaign"`

	OnHand    int64 `json:"on_hand"`   // on the shelf; of recalled lots nothing counts
	Reserved  int64 `json:"reserved"`  // held for vouchers that were not fetched yet
	Available int64 `json:"available"` // can be booked at this moment
	Promised  int64 `json:"promised"`  // of offers that open later, not booked yet
}

// Feed is the stock of the whole district at one moment.
type Feed struct {
	Updated   time.Time
	Points    []Point
	Campaigns []View // that are open
	Stock     []Stock
}

// feedFor is how long a feed is given out: with as much again on its way to whoever
// reads it, nobody sees one older than half a minute.
const feedFor = 15 * time.Second

// feed is the last feed that was made, for all who ask.
type feed struct {
	mu   sync.Mutex
	last *Feed
}

// Feed is the district's stock, at most fifteen seconds old and one for all who ask
// meanwhile; nobody alters it. It is public.
func (s *Service) Feed(ctx context.Context) (*Feed, error) {
	s.fed.mu.Lock()
	defer s.fed.mu.Unlock()
	now := s.Clock()
	if f := s.fed.last; f != nil && now.Sub(f.Updated) < feedFor && !now.Before(f.Updated) {
		return f, nil
	}
	f := &Feed{Updated: now}
	if err := s.Store.Read(ctx, func(r storage.Reader) error { return s.readFeed(r, f) }); err != nil {
		return nil, err
	}
	s.fed.last = f
	return f, nil
}

func (s *Service) readFeed(r storage.Reader, f *Feed) error {
	*f = Feed{Updated: f.Updated}
	var err error
	if f.Points, err = s.PointsIn(r); err != nil {
		return err
	}
	ids, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select campaign from ration_campaign where state = 'open' order by campaign`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c, err := s.campaign(r, id)
		if err != nil {
			return err
		}
		list, err := s.stockOf(r, c)
		if err != nil {
			return err
		}
		f.Campaigns, f.Stock = append(f.Campaigns, c.view()), append(f.Stock, list...)
	}
	return nil
}

// stockOf adds up a campaign's accounts by point.
func (s *Service) stockOf(r storage.Reader, c *opened) ([]Stock, error) {
	all, err := ledger.Balances(r, c.book)
	if err != nil {
		return nil, err
	}
	balances := make(map[ledger.AccountID]ledger.Balance, len(all))
	for _, b := range all {
		balances[b.ID] = b
	}
	at := map[string]*Stock{}
	of := func(point string) *Stock {
		if at[point] == nil {
			at[point] = &Stock{Point: point, Campaign: c.ID}
		}
		return at[point]
	}
	shelves, err := s.shelfAccounts(r, c.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range shelves {
		if !f.Recalled {
			of(f.Point).OnHand += balances[f.account].Free()
		}
	}
	offers, err := storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
		offerColumns+`where campaign = $1 and pieces > 0 and day >= $2 order by day, point, part limit 50000`, c.ID, int64(s.today())-2*keepMost)
	if err != nil {
		return nil, err
	}
	now := s.Clock()
	for _, o := range offers {
		b, x := balances[o.account], of(o.Point)
		x.Reserved += b.Held
		switch from, until := s.hours(c.Campaign, o.Day); {
		case now.Before(from):
			x.Promised += b.Free()
		case now.Before(until) && c.Give.By == ByArrival:
			x.Available += b.Free()
		case now.Before(until):
			x.Promised += b.Free() // whoever wins it has it
		}
	}
	out := make([]Stock, 0, len(at))
	for _, x := range at {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Stock) int { return strings.Compare(a.Point, b.Point) })
	return out, nil
}

// shelfAccounts lists the lots of a campaign wherever they are, without what is left of
// each: whoever asks has the balances.
func (s *Service) shelfAccounts(r storage.Reader, campaign string) ([]Shelf, error) {
	return storage.All(r, scanShelf, shelfColumns+`where s.campaign = $1 order by l.best_before, l.lot, s.point`, campaign)
}
