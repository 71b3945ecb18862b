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

// Checks at gates are independent of one another and many at eight in the morning:
// those that wait are judged one after the other in memory and stored by a few
// statements in one transaction. Each caller gets an own answer, once it is durable.

// tapBatch is how many checks one transaction takes.
const tapBatch = 200

// tapPace is how often checks are stored at most: a person at a gate does not notice
// it, and on a morning each commit is shared by four times as many.
const tapPace = 20 * time.Millisecond

// tap is one check on its way through.
type tap struct {
	by   auth.Principal
	gate Gate
	key  once.Key
	dir  Direction
	seen sighting
	st   standing // of seen.person, if anybody

	crowd bool // of a demonstration: one fact for the batch

	check   Check
	counted int64
	was     whereabout // the person's before it, if admitted
	id      string
	err     error
	done    chan struct{}
}

// colour is the person's at this moment, "" for green.
func (t *tap) colour() string {
	if l, _ := colourOf(t.st.colour, t.st.now); l != Green {
		return l.String()
	}
	return ""
}

// tapsWaiting bounds the taps that wait; beyond it a check is told to come again.
const tapsWaiting = 5000

// tapped waits for the tap's own answer.
func (s *Service) tapped(ctx context.Context, t *tap) (Check, error) {
	apart := context.WithoutCancel(ctx)
	if !s.turnstile.add(t, tapsWaiting, tapBatch, func(taps []*tap) {
		err := s.admit(apart, taps)
		for _, t := range taps {
			if err != nil {
				t.check, t.err = Check{}, err
			}
			close(t.done)
		}
	}) {
		return Check{}, fault.New(fault.Busy, "fault.busy")
	}
	select {
	case <-t.done:
		return t.check, t.err
	case <-ctx.Done():
		return Check{}, ctx.Err() // it may still happen; the key finds out
	}
}

// admit judges and stores the taps in one transaction. A fault of one tap (a key
// used for another body) is its own; an error is everybody's.
func (s *Service) admit(ctx context.Context, taps []*tap) error {
	keys := make([]once.Key, len(taps))
	for i, t := range taps {
		keys[i] = t.key
	}
	for try := 0; ; try++ {
		err := s.Store.Write(ctx, func(tx *storage.Tx) error {
			answers, faults, err := once.Recall[Check](tx, keys)
			if err != nil {
				return err
			}
			var fresh []*tap
			var claims []once.Key
			var twins []int // the same key twice in this batch
			first := map[once.Key]*tap{}
			for i, t := range taps {
				t.err = faults[i]
				switch {
				case t.err != nil:
				case answers[i] != nil:
					t.check = *answers[i]
				case t.key.Key != "" && first[t.key.Name()] != nil:
					twins = append(twins, i)
				default:
					first[t.key.Name()] = t
					fresh, claims = append(fresh, t), append(claims, t.key)
				}
			}
			if len(fresh) > 0 {
				if err := s.passAll(tx, fresh); err != nil {
					return err
				}
				if err := once.Remember(tx, claims, func(i int) any { return fresh[i].check }, s.Clock()); err != nil {
					return err
				}
			}
			for _, i := range twins {
				t, f := taps[i], first[taps[i].key.Name()]
				if t.check = f.check; t.key.Digest != f.key.Digest {
					t.check, t.err = Check{}, once.OtherBody()
				}
			}
			return nil
		})
		if !fault.Is(err, "once.raced") || try == 3 {
			return err
		}
	}
}

// passAll judges the taps in their order, against where everybody is.
func (s *Service) passAll(tx *storage.Tx, taps []*tap) error {
	now := s.Clock()
	where, err := s.whereabouts(tx, taps)
	if err != nil {
		return err
	}
	inside, err := s.numbers(tx, taps, where)
	if err != nil {
		return err
	}
	moved, counted := map[string]bool{}, map[string]bool{}
	for _, t := range taps {
		code, person := t.seen.fail, t.seen.person
		if person != "" { // of a code that ran out too: its bearer may have to be asked
			code = judgeGate(t.st, t.gate, t.dir, where[person].place == t.gate.Place, code)
		}
		at, admit := now, code == CheckOK || code == CheckRepeat
		t.counted, t.was = 0, whereabout{}
		if admit {
			t.was = where[person]
			at = t.was.next(now)
			where[person], t.counted = t.was.step(t.dir, t.gate.Place, at)
			moved[person] = true
			for _, x := range t.was.to(where[person]) {
				if x.place != "" {
					inside[x.place] = max(inside[x.place]+x.add, 0)
					counted[x.place] = true
				}
			}
		}
		t.id = ident.New("chk", now)
		t.check = Check{
			Admit: admit, Code: code, Reason: "workresume.gate_" + string(code),
			Direction: t.dir, At: at, Reference: aloud(), Inside: inside[t.gate.Place],
		}
	}
	if err := s.storeMoves(tx, where, moved); err != nil {
		return err
	}
	if err := s.storeNumbers(tx, inside, counted); err != nil {
		return err
	}
	s.sightings(tx, taps)
	return s.storeChecks(tx, taps)
}

// numbers is how many are inside each place that the taps touch.
func (s *Service) numbers(tx *storage.Tx, taps []*tap, where map[string]whereabout) (map[string]int64, error) {
	out := map[string]int64{}
	for _, t := range taps {
		out[t.gate.Place] = 0
	}
	for _, at := range where {
		if at.place != "" {
			out[at.place] = 0
		}
	}
	return out, lookUp(tx, `select place, number from workresume_inside where place in (`, out)
}

// lookUp fills the values of a map's keys from a query that ends in "in (".
func lookUp[V any](r storage.Reader, query string, into map[string]V) error {
	if len(into) == 0 {
		return nil
	}
	keys := make([]string, 0, len(into))
	for k := range into {
		keys = append(keys, k)
	}
	list, args := storage.In(1, keys)
	_, err := storage.All(r, func(rows *storage.Rows) (struct{}, error) {
		var k string
		var v V
		err := rows.Scan(&k, &v)
		into[k] = v
		return struct{}{}, err
	}, query+list+`)`, args...)
	return err
}

func (s *Service) storeNumbers(tx *storage.Tx, inside map[string]int64, counted map[string]bool) error {
	var rows []any
	for at := range counted {
		rows = append(rows, at, inside[at])
	}
	_, err := storage.ExecRows(tx, `insert into workresume_inside (place, number) values `, 2, rows,
		` on conflict (place) do update set number = excluded.number`)
	return err
}

func (s *Service) storeChecks(tx *storage.Tx, taps []*tap) error {
	rows := make([]any, 0, len(taps)*14)
	for _, t := range taps {
		c := t.check
		rows = append(rows, t.id, c.Reference, t.gate.ID, t.gate.Place, t.seen.person, string(t.dir), bit(c.Admit), t.counted, string(c.Code), t.by.ID, clock.Micros(c.At), 0, t.was.place, t.was.seen)
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_check
		(check_id, reference, gate, place, person, direction, admit, counted, code, account, at, undone, left_place, seen_before) values `, 14, rows, ""); err != nil {
		return err
	}
	var crowd int
	for _, t := range taps {
		if t.crowd {
			crowd++
			continue
		}
		if err := s.recordPerson(tx, t.by, factChecked, "gate:"+t.gate.ID, t.seen.person, checkedBody{
			Gate: t.gate.ID, Direction: t.dir, Admit: t.check.Admit, Code: t.check.Code, Reference: t.check.Reference, Colour: t.colour(),
		}); err != nil {
			return err
		}
	}
	if crowd == 0 {
		return nil
	}
	return s.record(tx, auth.Operator(), factSeeded, "demo", map[string]any{"checks": crowd})
}
