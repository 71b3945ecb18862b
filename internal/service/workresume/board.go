package workresume

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

// Summary is the district, or one park, in seven numbers. Filed counts firms that
// ever filed; Certified is those that may work now, the suspended left out; Back
// counts people on their rosters.
type Summary struct {
	Firms     int64     `json:"firms"`
	Workers   int64     `json:"workers"`
	Filed     int64     `json:"filed"`
	Certified int64     `json:"certified"`
	Refused   int64     `json:"refused"`
	Back      int64     `json:"back"`
	AsOf      time.Time `json:"as_of"`
}

// Board is the district in total and by park.
type Board struct {
	Total Summary
	Parks []ParkSummary
	Cases map[string]casework.Count // by park, "" for firms in none
	About []casework.CountOf        // the same by what they are about
	Power map[string]Power          // likewise; none where no meters are read
}

// ParkSummary is one park's line; Park is "" for firms in none.
type ParkSummary struct {
	Park string
	Summary
}

// board keeps the latest count: reading it costs nothing, however many look.
type board struct{ latest atomic.Pointer[Board] }

// Recount counts the district afresh. Run calls it when something happened, at
// most once a second.
func (s *Service) Recount(ctx context.Context) error {
	b := &Board{Power: s.power()}
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		b.Total = Summary{AsOf: s.Clock()}
		if b.About, err = s.Cases.Counts(r); err != nil {
			return err
		}
		b.Cases = map[string]casework.Count{}
		for _, c := range b.About {
			b.Cases[c.Park] = b.Cases[c.Park].Add(c.Count)
		}
		b.Parks, err = storage.All(r, func(rows *storage.Rows) (ParkSummary, error) {
			p := ParkSummary{Summary: Summary{AsOf: b.Total.AsOf}}
			return p, rows.Scan(&p.Park, &p.Firms, &p.Workers, &p.Filed, &p.Certified, &p.Refused, &p.Back)
		}, `select park, count(*), cast(sum(roster) as bigint), cast(sum(case when filing <> '' then 1 else 0 end) as bigint),
			cast(sum(case when state = 'certified' and watch <> 'suspended' then 1 else 0 end) as bigint), cast(sum(case when state = 'refused' then 1 else 0 end) as bigint),
			cast(sum(case when state = 'certified' and watch <> 'suspended' then roster else 0 end) as bigint)
			from workresume_firm group by park order by park`)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range b.Parks {
		b.Total.Firms += p.Firms
		b.Total.Workers += p.Workers
		b.Total.Filed += p.Filed
		b.Total.Certified += p.Certified
		b.Total.Refused += p.Refused
		b.Total.Back += p.Back
	}
	s.board.latest.Store(b)
	return nil
}

// counted returns the latest count, counting first if nobody has.
func (s *Service) counted(ctx context.Context) (*Board, error) {
	if b := s.board.latest.Load(); b != nil {
		return b, nil
	}
	if err := s.Recount(ctx); err != nil {
		return nil, err
	}
	return s.board.latest.Load(), nil
}

// DistrictSummary is the district in seven numbers, as last counted: a second ago, or longer beside a crowd.
//
// Faults: Unauthenticated.
func (s *Service) DistrictSummary(ctx context.Context, by auth.Principal) (Summary, error) {
	if err := by.Permit(MaySummary, Grants, by.Scope); err != nil {
		return Summary{}, err
	}
	b, err := s.counted(ctx)
	if err != nil {
		return Summary{}, err
	}
	return b.Total, nil
}

// Overview is the board.
//
// Faults: Denied.
func (s *Service) Overview(ctx context.Context, by auth.Principal) (Board, error) {
	if err := by.Permit(MayOversee, Grants, by.Scope); err != nil {
		return Board{}, err
	}
	b, err := s.counted(ctx)
	if err != nil {
		return Board{}, err
	}
	return *b, nil
}

// Run works in the background until ctx ends: it takes up interrupted files,
// recounts the board after something happened, closes each day's figures and has each
// hour's published.
func (s *Service) Run(ctx context.Context) error {
	if err := s.patiently(ctx, s.Resume); err != nil {
		return err
	}
	defer s.halt()
	enacted := make(chan struct{})
	go func() {
		defer close(enacted)
		s.enacting(ctx)
	}()
	defer func() { <-enacted }()
	beside, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 3)
	if s.roll.others {
		s.roll.clear()
		if err := s.patiently(ctx, func(ctx context.Context) error {
			at, _, err := s.Log.Head(ctx)
			if err == nil {
				go func() { failed <- s.hear(beside, at) }()
			}
			return err
		}); err != nil {
			return err
		}
	}
	go func() { failed <- s.aheadLoop(beside) }()
	go func() { failed <- s.watching(beside) }()
	for {
		woken, began := s.Log.Wait(), s.Clock()
		if err := s.patiently(ctx, s.Recount); err != nil {
			return err
		}
		if err := s.patiently(ctx, s.closeDay); err != nil {
			return err
		}
		if err := s.patiently(ctx, s.publishHour); err != nil {
			return err
		}
		took := s.Clock().Sub(began)
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-woken:
		case <-time.After(min(time.Minute, began.Truncate(time.Hour).Add(time.Hour).Sub(began))):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(min(max(countRest, countShare*took), countMost)):
		}
	}
}

// The board is counted afresh a second after it was, and later where counting takes
// long: beside a crowd it may take a twentieth of the time.
const (
	countRest  = time.Second
	countShare = 20
	countMost  = 15 * time.Second
)

// patiently does work again until it succeeds, while the store is only busy or
// away: a database that restarts or a full disk must not end the program. It
// returns nil when ctx ends.
func (s *Service) patiently(ctx context.Context, work func(context.Context) error) error {
	for {
		err := work(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if !away(err) {
			return err
		}
		slog.WarnContext(ctx, "the store is away; work resumption waits", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(awayPause):
		}
	}
}

// away reports whether err says that the store will be back.
func away(err error) bool {
	if err == nil {
		return false
	}
	k := fault.KindOf(err)
	return k == fault.Busy || k == fault.Unavailable
}
