package ration

import (
	"context"
	"errors"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/waiting"
	"breakwater/internal/storage"
)

// Messages carries a short message to the phone of somebody whose turn has come, if they
// have one.
type Messages interface {
	Turn(ctx context.Context, person string, p Place) error
}

const (
	tellMost = 200         // in one step
	awake    = time.Minute // who looked so lately reads it on the page
)

// tellTurns sends a message to those whose turn has come and who are not looking, once:
// who was told is moved on before anything is sent, so that a message may be lost and
// none comes twice.
func (s *Service) tellTurns(ctx context.Context, c *opened, m *room, now time.Time) error {
	t := m.turn.Load()
	if s.Messages == nil || t.told >= t.let {
		return nil
	}
	next := min(t.let, t.told+tellMost)
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update ration_room set told = $1 where campaign = $2 and day = $3 and told = $4`, next, m.campaign, int64(m.day), t.told)
		if err == nil && n == 0 {
			err = errMoved
		}
		return err
	})
	if errors.Is(err, errMoved) {
		return nil
	}
	if err != nil {
		return err
	}
	told := *t
	told.told = next
	m.turn.Store(&told)
	var asleep []waiting.Spot
	for _, spot := range m.Between(t.told, next) {
		if now.Sub(m.Looked(spot.Arrival)) > awake {
			asleep = append(asleep, spot)
		}
	}
	whose := make([]string, len(asleep))
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		for i, spot := range asleep {
			if err := r.Row(`select person from ration_place where campaign = $1 and day = $2 and at = $3 and ticket = $4`,
				m.campaign, int64(m.day), clock.Micros(spot.At), spot.Ticket.String()).Scan(&whose[i]); err != nil && !storage.NoRows(err) {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	var failed []error
	for i, spot := range asleep {
		if whose[i] != "" {
			p := s.placeIn(c.Campaign, m, spot)
			failed = append(failed, s.Messages.Turn(ctx, whose[i], p))
		}
	}
	return errors.Join(failed...)
}
