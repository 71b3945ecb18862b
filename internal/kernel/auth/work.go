package auth

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// How often Run writes what was used, and how often it removes what is over.
const (
	noteEvery  = 5 * time.Second
	sweepEvery = time.Minute
	sweepRows  = 1000
)

// Run writes the last uses of sessions, removes those that are over and sends the
// messages that wait, until ctx ends. Its failures lose comfort only (a session lapses early, a row stays
// longer), so it goes on; report, if not nil, is told of each.
func (s *Service) Run(ctx context.Context, report func(error)) error {
	note, sweep := time.NewTicker(noteEvery), time.NewTicker(sweepEvery)
	defer note.Stop()
	defer sweep.Stop()
	var sending sync.WaitGroup
	defer sending.Wait()
	if s.sender != nil {
		sending.Go(func() { s.send(ctx, report) }) // a slow gateway holds up nothing else
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-note.C:
			err = s.noteUses(ctx)
		case <-sweep.C:
			err = s.Sweep(ctx)
		}
		if err != nil && ctx.Err() == nil && report != nil {
			report(err)
		}
	}
}

// send delivers messages, one after the other.
func (s *Service) send(ctx context.Context, report func(error)) {
	for {
		var m Message
		select {
		case m = <-s.outbox:
		default:
			select {
			case <-ctx.Done():
				return
			case m = <-s.outbox:
			case m = <-s.notes:
			}
		}
		if err := s.deliver(ctx, m); err != nil && ctx.Err() == nil && report != nil {
			report(err)
		}
	}
}

// Note sends a message that nobody waits for at a door: codes go first. It reports false
// where none can be sent, or too many wait; it is lost then, as on its way.
func (s *Service) Note(m Message) bool {
	if s.sender == nil {
		return false
	}
	select {
	case s.notes <- m:
		return true
	default:
		return false
	}
}

func (s *Service) noteUses(ctx context.Context) error {
	used := s.cache.takeUsed()
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(used)), 500) {
		err := s.db.Write(ctx, func(tx *storage.Tx) error {
			for _, id := range chunk {
				at := clock.Micros(used[id])
				if _, err := tx.Exec(`update auth_session set seen = $1 where id = $2 and seen < $1`, at, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep removes a part of the sessions, tokens and codes whose time is over.
func (s *Service) Sweep(ctx context.Context) error {
	now := clock.Micros(s.now())
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`delete from auth_session where id in (select id from auth_session where expires <= $1 order by expires limit $2)`, now, sweepRows); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_provider_session where session in (select session from auth_provider_session where expires <= $1 order by expires limit $2)`, now, sweepRows); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_token where id in (select id from auth_token where expires > 0 and expires <= $1 limit $2)`, now, sweepRows); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_spent where id in (select id from auth_spent where expires <= $1 order by expires limit $2)`, now, sweepRows); err != nil {
			return err
		}
		_, err := tx.Exec(`delete from auth_code where id in (select id from auth_code where created <= $1 order by created limit $2)`,
			clock.Micros(s.now().Add(-24*time.Hour)), sweepRows)
		return err
	})
}
