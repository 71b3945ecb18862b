package ration

import (
	"context"
	"errors"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/waiting"
	"breakwater/internal/storage"
)

// Rooms are looked after so often. Whoever is told "your turn" is told what is durable.
const (
	roomEvery  = 250 * time.Millisecond
	roomsEvery = 5 * time.Second // for rounds that were planned since
)

// fullAt is from which wait for a processor the machine counts as full; see admission.
const fullAt = 20 * time.Millisecond

// paceUsual is the ceiling of a campaign that says none, in people a minute.
const paceUsual = 6000

// ceiling is how many a second have their turn at most.
func (c *Campaign) ceiling() float64 {
	n := c.Give.Pace
	if n == 0 {
		n = paceUsual
	}
	return float64(n) / 60
}

// keepRooms looks after the rooms until ctx ends.
func (s *Service) keepRooms(ctx context.Context, report func(error)) {
	t := time.NewTicker(roomEvery)
	defer t.Stop()
	for {
		if err := s.TurnRooms(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// TurnRooms makes the rooms of rounds that are planned, draws lots where a round begins,
// and moves each turn on by its pace: one step.
func (s *Service) TurnRooms(ctx context.Context) error {
	now := s.Clock()
	if due := s.roomsDue.Load(); due == nil || now.Before(due.at) || now.Sub(due.at) >= roomsEvery {
		list, err := s.rounds(ctx)
		if err != nil {
			return err
		}
		s.roomsDue.Store(&roomsDue{now, list})
	}
	var failed []error
	for _, k := range s.roomsDue.Load().list {
		failed = append(failed, s.turnRoom(ctx, k))
	}
	return errors.Join(failed...)
}

// roomsDue are the rounds whose rooms are looked after.
type roomsDue struct {
	at   time.Time
	list []roomKey
}

// rounds are those of today and tomorrow of campaigns with a waiting room.
func (s *Service) rounds(ctx context.Context) (out []roomKey, err error) {
	today := s.today()
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err := storage.All(r, func(rows *storage.Rows) (k roomKey, err error) {
			var day int64
			err = rows.Scan(&k.campaign, &day)
			k.day = Day(day)
			return k, err
		}, `select r.campaign, r.day from ration_round r join ration_campaign c on c.campaign = r.campaign and c.state = 'open'
			where r.day >= $1 and r.day <= $2 order by r.campaign, r.day`, int64(today), int64(today)+1)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, k := range list {
			c, err := s.campaign(r, k.campaign)
			if err != nil {
				return err
			}
			if c.Give.Queue {
				out = append(out, k)
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) turnRoom(ctx context.Context, k roomKey) error {
	c, err := s.openOne(ctx, k.campaign)
	if fault.Is(err, "ration.closed") {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := s.announce(ctx, c, k.day)
	if err != nil {
		return err
	}
	if err := s.follow(ctx, m); err != nil {
		return err
	}
	now := s.Clock()
	from, until := s.hours(c.Campaign, k.day)
	if now.Before(from) || !now.Before(until) {
		return nil
	}
	if m.turn.Load().seed == "" {
		if err := s.drawRoom(ctx, m); err != nil {
			return err
		}
	}
	if m.turn.Load().digest == "" {
		if err := s.listRoom(ctx, m); err != nil {
			return err
		}
	}
	if err := s.moveTurn(ctx, c, m, now); err != nil {
		return err
	}
	return s.tellTurns(ctx, c, m, now)
}

// moveTurn lets in whoever's turn has come, by the pace.
func (s *Service) moveTurn(ctx context.Context, c *opened, m *room, now time.Time) error {
	left, given, err := s.shares(ctx, c, m.day)
	if err != nil {
		return err
	}
	t := m.turn.Load()
	all, _, _ := m.Count()
	m.marks.Note(now, t.let, given, all <= t.let)
	seen := waiting.Seen{
		Now: now, Ceiling: c.ceiling(), Waiting: all - t.let, Left: left,
		Coming: m.marks.Coming(now, t.let, given), Full: s.Waited != nil && s.Waited() > fullAt,
	}
	m.pace.Moved = t.moved
	pace, n := m.pace.Step(seen)
	m.pace = pace
	lately, known := m.marks.Rate(now, t.let)
	m.stand.Store(&stand{left: left, pace: pace.PerSecond, lately: lately, known: known, coming: seen.Coming, full: seen.Full, checked: now})
	if n == 0 {
		return nil
	}
	next := *t
	next.let, next.moved = t.let+n, clock.FromMicros(clock.Micros(pace.Moved))
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		moved, err := tx.Exec(`update ration_room set let = $1, moved = $2 where campaign = $3 and day = $4 and let = $5`,
			next.let, clock.Micros(next.moved), m.campaign, int64(m.day), t.let)
		if err == nil && moved == 0 {
			err = errMoved
		}
		if err != nil {
			return err
		}
		// By these facts anybody finds that nobody was promised a share before their turn.
		return s.record(tx, auth.Operator(), factTurn, streamOf(m.campaign), map[string]any{"day": m.day.String(), "let": next.let})
	})
	if errors.Is(err, errMoved) {
		return nil // the next step reads how far it is
	}
	if err != nil {
		return err
	}
	return s.follow(ctx, m)
}

// shares is how many shares of a round can still be had, and how many were given; left
// is negative where a share follows facts and nobody can say.
func (s *Service) shares(ctx context.Context, c *opened, day Day) (left, given int64, err error) {
	var offers []Offer
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		offers, err = storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
			offerColumns+`where campaign = $1 and day = $2 and pieces > 0`, c.ID, int64(day))
		return err
	}); err != nil {
		return 0, 0, err
	}
	free, err := s.freeOf(ctx, c, offers)
	if err != nil {
		return 0, 0, err
	}
	closed, err := s.closedPoints(ctx)
	if err != nil {
		return 0, 0, err
	}
	each := max(c.Share.Pieces, 1)
	for _, o := range offers {
		n := free[o.account]
		if _, shut := closed[o.Point]; !shut {
			left += n / each
		}
		given += (o.Pieces - n) / each
	}
	if !c.fixed() && left > 0 {
		left = -1
	}
	return left, given, nil
}
