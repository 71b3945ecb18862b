package ration

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Stock is how it stands with an item of a campaign at a point, in pieces. The three are
// of different things and do not add up: what is on hand is goods, what is reserved is
// people's, what is promised is nobody's yet.
type Stock struct {
	Point    string `json:"point"`
	Campaign string `json:"campaign"`

	OnHand    int64 `json:"on_hand"`   // on the shelf; of recalled lots nothing counts
	Reserved  int64 `json:"reserved"`  // held for vouchers that were not fetched yet
	Available int64 `json:"available"` // can be booked at this moment
	Promised  int64 `json:"promised"`  // published for later, or for a draw: booked by nobody yet
}

// Feed is the stock of the whole district at one moment. Nobody alters it.
type Feed struct {
	Updated   time.Time // it holds what was committed by then
	Points    []Point   // that are open
	Closed    []Point   // that are closed, of late or with something there
	Campaigns []View    // that are open, or whose vouchers still are
	Stock     []Stock
}

// FeedPromise is how old what somebody reads may be.
const FeedPromise = 30 * time.Second

const (
	// feedFor is how long a feed is given out before another is made: with what a copy on
	// its way may add, nobody reads one older than FeedPromise.
	feedFor = 5 * time.Second
	// feedWait is how long whoever asks waits for a new one before they are given the last,
	// which says how old it is.
	feedWait = 2 * time.Second
	// feedMost ends the making of a feed on a store that does not answer.
	feedMost = time.Minute
)

// Late is whether a feed is older than was promised: the store did not answer in time.
func (f *Feed) Late(now time.Time) bool { return now.Sub(f.Updated) > FeedPromise }

// feed is the last feed that was made, for all who ask, and the one that is being made.
type feed struct {
	mu     sync.Mutex
	last   *Feed
	making chan struct{} // closed once it is made; nil while nobody makes one
	err    error         // why the last could not be
	old    bool          // a point was closed or opened since
}

// outdated lets the next who ask have a feed made from now on, whatever is being made.
func (f *feed) outdated() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.old, f.making = true, nil
}

// Feed is the district's stock: one for all who ask within a few seconds. While the store
// is slow or away it is the last one, whatever its age, which Updated says. It is public.
//
// Faults: those of the store, where there was no feed yet; Unavailable.
func (s *Service) Feed(ctx context.Context) (*Feed, error) {
	last, making := s.feedNow(ctx)
	if making == nil {
		return last, nil
	}
	wait := time.NewTimer(feedWait)
	defer wait.Stop()
	select {
	case <-making:
	case <-wait.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.fed.mu.Lock()
	defer s.fed.mu.Unlock()
	switch {
	case s.fed.last != nil:
		return s.fed.last, nil
	case s.fed.err != nil:
		return nil, s.fed.err
	}
	return nil, fault.New(fault.Unavailable, "ration.feed_slow")
}

// feedNow is a feed that is young enough, or what is to be waited for.
func (s *Service) feedNow(ctx context.Context) (*Feed, chan struct{}) {
	s.fed.mu.Lock()
	defer s.fed.mu.Unlock()
	now := s.Clock()
	if f := s.fed.last; f != nil && now.Sub(f.Updated) < feedFor && !now.Before(f.Updated) && !s.fed.old {
		return f, nil
	}
	if s.fed.making == nil {
		s.fed.making = make(chan struct{})
		// Whoever asked may leave; the feed is for all.
		go s.makeFeed(context.WithoutCancel(ctx), now, s.fed.making)
	}
	return nil, s.fed.making
}

func (s *Service) makeFeed(ctx context.Context, now time.Time, over chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, feedMost)
	defer cancel()
	f := &Feed{Updated: now}
	err := s.Store.Read(ctx, func(r storage.Reader) error { return s.readFeed(r, f) })
	s.fed.mu.Lock()
	defer s.fed.mu.Unlock()
	defer close(over)
	if s.fed.making != over && s.fed.last != nil {
		return // begun before a point was closed: another is being made
	}
	if s.fed.err = err; err == nil {
		s.fed.last = f
	}
	if s.fed.making == over {
		s.fed.making, s.fed.old = nil, s.fed.old && err != nil
	}
}

// readFeed fills f; it may run again.
func (s *Service) readFeed(r storage.Reader, f *Feed) error {
	*f = Feed{Updated: f.Updated}
	var err error
	if f.Points, err = s.PointsIn(r); err != nil {
		return err
	}
	closed, err := s.ClosedIn(r)
	if err != nil {
		return err
	}
	// What was promised is handed over after a campaign's end too.
	ids, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`select campaign from ration_campaign where state = 'open' or closed > $1 order by campaign`, clock.Micros(f.Updated.AddDate(0, 0, -2*keepMost)))
	if err != nil {
		return err
	}
	for _, id := range ids {
		c, err := s.campaign(r, id)
		if err != nil {
			return err
		}
		list, err := s.stockOf(r, c, f.Updated)
		if err != nil {
			return err
		}
		f.Campaigns, f.Stock = append(f.Campaigns, c.view()), append(f.Stock, shutLines(list, closed, c.ID)...)
	}
	f.Closed = shutShown(closed, f.Stock, f.Updated)
	return nil
}

// stockOf adds up a campaign's accounts by point; a point has a line where anything was
// ever delivered or is offered now.
func (s *Service) stockOf(r storage.Reader, c *opened, now time.Time) ([]Stock, error) {
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
	// Those whose vouchers still hold, or whose draw may still come about.
	since := int64(DayOf(now.In(s.Zone))) - max(c.Give.Ahead+c.Hand.Days, lateDraws)
	offers, err := storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
		offerColumns+`where campaign = $1 and pieces > 0 and day >= $2 order by day, point, part`, c.ID, since)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		b, x := balances[o.account], of(o.Point)
		x.Reserved += b.Held
		switch from, until := s.hours(c.Campaign, o.Day); {
		case c.state != "open": // nothing more is booked
		case now.Before(from):
			x.Promised += b.Free()
		case c.Give.By == ByArrival && now.Before(until):
			x.Available += b.Free()
		case c.Give.By == ByArrival: // what is left goes back to the supply
		default:
			x.Promised += b.Free() // whoever wins it has it: until it is drawn and given
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
