package casework

import (
	"context"
	"log/slog"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

const (
	lateMost = 200         // cases escalated in one transaction
	longest  = time.Minute // how long the timer sleeps at most: another node may open a case
)

// Escalate records every case that has just become late and tells whoever has it,
// and tells the chief of those that have stayed late for a working day: each step
// once. Call it again while it says lateMost or more. Two who escalate at once share
// the work: the row says who was first.
func (s *Store) Escalate(tx *storage.Tx) (n int, err error) {
	now := s.Now()
	list, err := storage.All(tx, func(rows *storage.Rows) (Case, error) { return s.scan(rows) },
		`select `+caseColumns+` from casework_case where escalated = 0 and state = 'open' and due <= $1 order by due, id limit $2`, clock.Micros(now), lateMost)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		did, err := tx.Exec(`update casework_case set escalated = $1 where id = $2 and escalated = 0 and state = 'open'`, clock.Micros(now), c.ID)
		if err != nil {
			return 0, err
		}
		if did == 0 {
			continue
		}
		n++
		if _, err := notice(tx, c, ToOfficer, now); err != nil {
			return 0, err
		}
		if err := s.record(tx, FactEscalated, "system", c, FactBody{Due: &c.Clock.Due, Assignee: c.Assignee}); err != nil {
			return 0, err
		}
	}
	further, err := s.escalateFurther(tx, now)
	return n + further, err
}

// Next is when the next case becomes late; found is false when none will.
func (s *Store) Next(r storage.Reader) (due time.Time, found bool, err error) {
	var us int64
	err = r.Row(`select due from casework_case where escalated = 0 and state = 'open' order by due limit 1`).Scan(&us)
	if storage.NoRows(err) {
		return time.Time{}, false, nil
	}
	return clock.FromMicros(us), err == nil, err
}

// Run escalates as deadlines pass, until ctx ends. It sleeps until the next one,
// a minute at most, so that a case opened meanwhile is seen in time.
func (s *Store) Run(ctx context.Context, db storage.Store) error {
	for {
		wait, err := s.round(ctx, db)
		if err != nil && ctx.Err() == nil {
			if k := fault.KindOf(err); k != fault.Busy && k != fault.Unavailable {
				return err
			}
			slog.WarnContext(ctx, "casework.late", "err", err)
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

// round escalates what is late and says how long there is nothing to do.
func (s *Store) round(ctx context.Context, db storage.Store) (time.Duration, error) {
	for {
		n := 0
		if err := db.Write(ctx, func(tx *storage.Tx) (err error) {
			n, err = s.Escalate(tx)
			return err
		}); err != nil {
			return longest, err
		}
		if n < lateMost {
			break
		}
	}
	wait := longest
	err := db.Read(ctx, func(r storage.Reader) error {
		due, found, err := s.Next(r)
		if found {
			wait = min(longest, max(due.Sub(s.Now()), 0)+time.Millisecond)
		}
		return err
	})
	return wait, err
}
