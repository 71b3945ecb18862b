package workresume

import (
	"context"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// GateDesk is what the guard's page shows: the gate, the number inside, and the
// latest checks here, newest first, without names.
type GateDesk struct {
	Gate   Gate
	Inside int64
	Recent []Check
}

// AtGate is the guard's page. An empty id is the gate the guard stands at.
//
// Faults: Denied, NotFound.
func (s *Service) AtGate(ctx context.Context, by auth.Principal, id string) (GateDesk, error) {
	if id == "" && by.Scope.Kind == auth.AtGate {
		id = by.Scope.ID
	}
	var d GateDesk
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if d.Gate, err = s.permitGate(r, by, id); err != nil {
			return err
		}
		err = r.Row(`select number from workresume_inside where place = $1`, d.Gate.Place).Scan(&d.Inside)
		if err != nil && !storage.NoRows(err) {
			return err
		}
		d.Recent, err = storage.All(r, func(rows *storage.Rows) (Check, error) {
			var c Check
			var admit, at, undone int64
			err := rows.Scan(&c.Reference, &c.Direction, &admit, &c.Code, &at, &undone, &c.Said)
			c.Admit, c.At, c.Undone, c.Reason = admit == 1, clock.FromMicros(at), undone > 0, "workresume.gate_"+string(c.Code)
			return c, err
		}, `select reference, direction, admit, code, at, undone, said from workresume_check where gate = $1 order by check_id desc limit 12`, d.Gate.ID)
		return err
	})
	return d, err
}

// Undo takes a wrong tap back: the count and the person's whereabouts are as
// before. Doing it twice changes nothing more.
//
// Faults: Denied, NotFound, Conflict when too late or when the person has been
// checked again since, here or at another gate.
func (s *Service) Undo(ctx context.Context, by auth.Principal, gate, reference string, key once.Key) (Check, error) {
	reference, err := ident.CheckAloud(reference)
	if err != nil {
		return Check{}, fault.New(fault.NotFound, "workresume.check_unknown")
	}
	var out Check
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		g, err := s.permitGate(tx, by, gate)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, key, s.Clock(), func() (Check, error) { return s.undo(tx, by, g, reference) })
		return err
	})
	return out, err
}

func (s *Service) undo(tx *storage.Tx, by auth.Principal, g Gate, reference string) (Check, error) {
	var (
		c                          Check
		id, person                 string
		admit, counted, at, undone int64
		was                        whereabout
	)
	now := s.Clock()
	err := tx.Row(`select check_id, person, direction, admit, counted, code, at, undone, left_place, seen_before from workresume_check
		where gate = $1 and check_id >= $2 and reference = $3 order by check_id desc limit 1`, g.ID, checksSince(now.Add(-undoKnown)), reference).
		Scan(&id, &person, &c.Direction, &admit, &counted, &c.Code, &at, &undone, &was.place, &was.seen)
	if storage.NoRows(err) {
		return c, fault.New(fault.NotFound, "workresume.check_unknown")
	}
	if err != nil {
		return c, err
	}
	c.Admit = admit == 1
	c.Reference, c.At, c.Undone, c.Reason = reference, clock.FromMicros(at), true, "workresume.gate_undone"
	if now.Sub(c.At) > UndoWithin {
		return c, fault.New(fault.Conflict, "workresume.undo_late", "minutes", int64(UndoWithin.Minutes()))
	}
	if undone == 0 {
		if counted < 0 && was.seen == 0 {
			was.place = g.Place // of a check from before checks kept where somebody was
		}
		if admit == 1 && person != "" {
			if err := s.takeBack(tx, person, at, was); err != nil {
				return c, err
			}
		}
		if _, err := tx.Exec(`update workresume_check set undone = $1 where check_id = $2`, clock.Micros(now), id); err != nil {
			return c, err
		}
		if err := s.recordPerson(tx, by, factUndone, "gate:"+g.ID, person, map[string]string{"reference": reference}); err != nil {
			return c, err
		}
		s.sightedBack(tx, sighted{person: person, firm: g.Firm, key: g.ID + "/" + reference, code: c.Code, count: counted, at: c.At, undone: true})
	}
	c.Inside, err = s.count(tx, g.Place, 0)
	return c, err
}

// takeBack puts a person back where the check at that moment found them, if no other
// check has admitted them since, at whichever gate: what a later one said rests on it.
func (s *Service) takeBack(tx *storage.Tx, person string, at int64, was whereabout) error {
	is := whereabout{seen: at}
	err := tx.Row(`select place, since from workresume_presence where person = $1`, person).Scan(&is.place, &is.seen)
	switch {
	case err != nil && !storage.NoRows(err): // who left before rows were kept of those outside has none
		return err
	case is.seen != at:
		return fault.New(fault.Conflict, "workresume.undo_superseded")
	}
	if was, err = s.lateSince(tx, person, was, at); err != nil {
		return err
	}
	if err := s.storeMoves(tx, map[string]whereabout{person: was}, map[string]bool{person: true}); err != nil {
		return err
	}
	return s.countMove(tx, is.to(was), at)
}

// Correct sets the number inside after a head count, with the reason.
//
// Faults: Invalid, Denied, NotFound.
func (s *Service) Correct(ctx context.Context, by auth.Principal, gate string, number int64, reason string, key once.Key) (int64, error) {
	reason = strings.TrimSpace(reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	if number < 0 || number > 1_000_000 {
		bad.With("number", "workresume.out_of_range", "least", 0, "most", 1_000_000)
	}
	if !reasoned(reason, 2, 500) {
		bad.With("reason", "workresume.reason_length", "least", 2, "most", 500)
	}
	if err := bad.OrNil(); err != nil {
		return 0, err
	}
	var out int64
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		g, err := s.permitGate(tx, by, gate)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, key, s.Clock(), func() (int64, error) {
			was, err := s.count(tx, g.Place, 0)
			if err != nil {
				return 0, err
			}
			if _, err := tx.Exec(`update workresume_inside set number = $1, counted = $2 where place = $3`, number, clock.Micros(s.Clock()), g.Place); err != nil {
				return 0, err
			}
			return number, s.recordPerson(tx, by, factCountCorrect, "place:"+g.Place, "", map[string]any{"was": was, "now": number, "reason": reason})
		})
		return err
	})
	return out, err
}

// count adds to the number inside a place, never below zero, and returns it.
func (s *Service) count(tx *storage.Tx, place string, add int64) (int64, error) {
	if _, err := tx.Exec(`insert into workresume_inside (place, number) values ($1, 0) on conflict (place) do nothing`, place); err != nil {
		return 0, err
	}
	if add != 0 {
		if _, err := tx.Exec(`update workresume_inside set number = case when number + $1 < 0 then 0 else number + $1 end where place = $2`, add, place); err != nil {
			return 0, err
		}
	}
	var n int64
	return n, tx.Row(`select number from workresume_inside where place = $1`, place).Scan(&n)
}
