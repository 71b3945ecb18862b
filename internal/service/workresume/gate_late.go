package workresume

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Said is what a phone at a gate answered by itself while it had no network.
type Said string

// What a phone can say. It lets in whose code holds; whom it cannot check the guard may
// let in by the paper, and whoever leaves may always leave.
const (
	SaidHolds   Said = "holds"   // signed by us and not withdrawn, as far as the phone knew
	SaidEnded   Said = "ended"   // withdrawn or suspended: turned away
	SaidExpired Said = "expired" // turned away
	SaidForged  Said = "forged"  // no code of ours: turned away
	SaidUnknown Said = "unknown" // could not be checked; let in by the guard's own look
	SaidTurned  Said = "turned"  // could not be checked; turned away
)

// Late is a check that a phone made without the server: when, by the server's clock as
// the phone knew it, and what it answered.
type Late struct {
	At   time.Time
	Said Said
}

// LateMost is how old a check may be when it comes; lateAhead is how far ahead of us a
// phone's clock may be, which is then taken for now.
const (
	LateMost  = 24 * time.Hour
	lateAhead = 2 * time.Minute
)

// code is what is recorded of somebody who was turned away, "" for who was let in.
func (s Said) code() (code CheckCode, known bool) {
	switch s {
	case SaidHolds, SaidUnknown:
		return "", true
	case SaidEnded:
		return CheckStopped, true
	case SaidExpired:
		return CheckExpired, true
	case SaidForged, SaidTurned:
		return CheckUnreadable, true
	}
	return "", false
}

// late records a check that was made without us. What the phone answered has happened
// and stands; what would be answered now is said beside it. It counts where the person
// has not been checked since: the later check says better where they are. The key is
// that of the check itself: if the server did decide it and only the answer was lost,
// the answer of then is given and nothing else happens.
func (s *Service) late(ctx context.Context, by auth.Principal, g Gate, in CheckInput) (out Check, err error) {
	if _, known := in.Late.Said.code(); !known {
		return out, fault.New(fault.Invalid, "fault.fields").With("said", "workresume.said_unknown")
	}
	now := s.Clock()
	at := in.Late.At
	if at.After(now) && at.Sub(now) <= lateAhead {
		at = now
	}
	t := &tap{by: by, gate: g, dir: in.Direction}
	if t.seen, err = s.readAt(ctx, in, at); err != nil {
		return out, err
	}
	if t.seen.person != "" {
		if t.st, err = s.standing(ctx, t.seen.person); err != nil {
			return out, err
		}
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, now, func() (Check, error) {
			switch { // after the key: what was taken in time is answered for longer
			case at.After(now):
				return Check{}, fault.New(fault.Invalid, "fault.fields").With("made_at", "workresume.late_ahead")
			case now.Sub(at) > LateMost:
				return Check{}, fault.New(fault.Invalid, "fault.fields").With("made_at", "workresume.late_old", "hours", int64(LateMost.Hours()))
			}
			return s.takeLate(tx, t, in.Late.Said, at, now)
		})
		return err
	})
	return out, err
}

// takeLate counts and stores a late check.
func (s *Service) takeLate(tx *storage.Tx, t *tap, said Said, at, now time.Time) (Check, error) {
	person := t.seen.person
	code, _ := said.code()
	admit, then := code == "", t.seen.fail
	t.counted, t.was = 0, whereabout{}
	if person != "" {
		then = judgeGate(t.st, t.gate, t.dir, t.dir == Out, t.seen.fail)
	}
	switch {
	case !admit:
	case person == "":
		code = CheckUnreadable // somebody passed whom nobody can name, so nobody is counted
	default:
		where, err := s.whereabouts(tx, []*tap{t})
		if err != nil {
			return Check{}, err
		}
		is := where[person]
		if code = CheckRepeat; clock.Micros(at) > is.seen {
			t.was = is
			where[person], t.counted = is.step(t.dir, t.gate.Place, at)
			if t.counted != 0 {
				code = CheckOK
			}
			if err := s.storeMoves(tx, where, map[string]bool{person: true}); err != nil {
				return Check{}, err
			}
			if err := s.countMove(tx, is.to(where[person]), clock.Micros(at)); err != nil {
				return Check{}, err
			}
		}
	}
	inside, err := s.count(tx, t.gate.Place, 0)
	if err != nil {
		return Check{}, err
	}
	c := Check{
		Admit: admit, Code: code, Reason: "workresume.gate_" + string(code), Inside: inside, Reference: aloud(),
		Direction: t.dir, At: at, Said: said, Now: then,
	}
	t.check = c
	if _, err := tx.Exec(`insert into workresume_check
		(check_id, reference, gate, place, person, direction, admit, counted, code, account, at, undone, left_place, seen_before, said)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14)`,
		ident.New("chk", now), c.Reference, t.gate.ID, t.gate.Place, person, string(t.dir), bit(admit), t.counted, string(code), t.by.ID, clock.Micros(at),
		t.was.place, t.was.seen, string(said)); err != nil {
		return Check{}, err
	}
	s.sightings(tx, []*tap{t})
	return c, s.recordPerson(tx, t.by, factChecked, "gate:"+t.gate.ID, person, checkedBody{
		Gate: t.gate.ID, Direction: t.dir, Admit: admit, Code: code, Reference: c.Reference, Colour: t.colour(), Said: said, Now: then, Made: at,
	})
}

// lateSince are a person's late checks between two moments, folded from where they were:
// what stands once the check after them is taken back.
func (s *Service) lateSince(tx *storage.Tx, person string, was whereabout, before int64) (whereabout, error) {
	type one struct {
		id, place string
		dir       Direction
		at        int64
	}
	list, err := storage.All(tx, func(rows *storage.Rows) (c one, err error) {
		return c, rows.Scan(&c.id, &c.place, &c.dir, &c.at)
	}, `select check_id, place, direction, at from workresume_check
		where person = $1 and said <> '' and at > $2 and at < $3 and admit = 1 and undone = 0 order by at, check_id`, person, was.seen, before)
	if err != nil {
		return was, err
	}
	for _, c := range list {
		if _, err := tx.Exec(`update workresume_check set left_place = $1, seen_before = $2 where check_id = $3`, was.place, was.seen, c.id); err != nil {
			return was, err
		}
		was, _ = was.step(c.dir, c.place, clock.FromMicros(c.at))
	}
	return was, nil
}
