package ration

import (
	"context"
	"errors"
	"sync"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Beacon tells a public value that nobody knew before its moment: the signature of a
// round of the beacon that package draw knows.
type Beacon interface {
	// Value is the round's signature, not proved yet. It fails until the round is known.
	Value(ctx context.Context, round uint64) ([]byte, error)
}

// workEvery is how often what is over is ended and what is due is drawn. A voucher
// counts as over from its moment on, ended or not.
const workEvery = time.Minute

// Run ends what is over, and draws what is due, until ctx ends.
func (s *Service) Run(ctx context.Context, report func(error)) error {
	var rooms sync.WaitGroup
	defer rooms.Wait()
	rooms.Go(func() { s.keepRooms(ctx, report) })
	t := time.NewTicker(workEvery)
	defer t.Stop()
	for {
		for _, work := range []func(context.Context) error{s.settleOwed, s.Sweep, s.DrawDue} {
			if err := work(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-s.owed:
		}
	}
}

// lateDraws is for how many days a draw that did not come about is tried again.
const lateDraws = 7

// DrawDue does what a draw needs no person for: where there is a beacon it freezes the
// lists of rounds that are over and draws those whose value is known; and in any case
// it gives winners the shares that an interruption kept from them.
func (s *Service) DrawDue(ctx context.Context) error {
	var due []Draw
	var over []FreezeInput
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		due, err = storage.All(r, func(rows *storage.Rows) (Draw, error) { return scanDraw(rows) }, drawColumns+`where state <> 'placed' and day > $1 order by campaign, day limit 100`, int64(s.today())-lateDraws-1)
		if err == nil && s.Beacon != nil {
			over, err = s.overdue(r)
		}
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, in := range over {
		if _, err := s.Freeze(ctx, auth.Operator(), in); err != nil && !fault.Is(err, "ration.nothing_to_draw") {
			failed = append(failed, err)
		}
	}
	for _, d := range due {
		failed = append(failed, s.drawOne(ctx, d))
	}
	return errors.Join(failed...)
}

// overdue are the rounds by lot that are over and not frozen.
func (s *Service) overdue(r storage.Reader) (out []FreezeInput, err error) {
	today := s.today()
	rounds, err := storage.All(r, func(rows *storage.Rows) (in FreezeInput, err error) {
		var day int64
		err = rows.Scan(&in.Campaign, &day)
		in.Day = Day(day)
		return in, err
	}, `select r.campaign, r.day from ration_round r join ration_campaign c on c.campaign = r.campaign and c.state = 'open'
		left join ration_draw d on d.campaign = r.campaign and d.day = r.day
		where r.day <= $1 and r.day > $2 and d.campaign is null order by r.campaign, r.day`, int64(today), int64(today)-lateDraws)
	if err != nil {
		return nil, err
	}
	for _, in := range rounds {
		c, err := s.campaign(r, in.Campaign)
		if err != nil {
			return nil, err
		}
		if _, until := s.hours(c.Campaign, in.Day); c.Give.By == ByLot && !s.Clock().Before(until) {
			out = append(out, in)
		}
	}
	return out, nil
}

// drawOne takes a draw one step on, if the step is due.
func (s *Service) drawOne(ctx context.Context, d Draw) error {
	switch {
	case d.State == "drawn":
		return s.Place(ctx, d.Campaign, d.Day)
	case d.Round == 0 || s.Beacon == nil || s.Clock().Before(d.Known):
		return nil
	}
	value, err := s.Beacon.Value(ctx, d.Round)
	if err != nil {
		return err
	}
	_, err = s.RunDraw(ctx, auth.Operator(), d.Campaign, d.Day, value)
	return err
}
