package workresume

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// whereabout is where the gates know a person to be: counted in one place, or, with
// place "", in none. seen is the moment of the last check that admitted them, in µs, 0
// before the first. It is always what the person's admitted checks that were not taken
// back say, read in the order of their moments; no two of one person have the same.
type whereabout struct {
	place string
	seen  int64
}

// next is the moment of a check now: after the last one, whatever two clocks say.
func (w whereabout) next(now time.Time) time.Time {
	return clock.FromMicros(max(clock.Micros(now), w.seen+1))
}

// step is pure: where a check that admits leaves a person, and what it counts at its
// place. Somebody counted elsewhere who enters here has left there unseen; who leaves
// where they were not counted stays where they are.
func (w whereabout) step(dir Direction, place string, at time.Time) (whereabout, int64) {
	out := whereabout{w.place, clock.Micros(at)}
	switch {
	case dir == In && w.place != place:
		out.place = place
		return out, 1
	case dir == Out && w.place == place:
		out.place = ""
		return out, -1
	}
	return out, 0
}

// shift is what a move adds to the number inside one place.
type shift struct {
	place string
	add   int64
}

// to is a move's shifts; of place "", where it is nowhere or no move.
func (w whereabout) to(there whereabout) [2]shift {
	if w.place == there.place {
		return [2]shift{}
	}
	return [2]shift{{w.place, -1}, {there.place, 1}}
}

// whereabouts finds where people are.
func (s *Service) whereabouts(tx *storage.Tx, taps []*tap) (map[string]whereabout, error) {
	out := make(map[string]whereabout, len(taps))
	people := make([]string, 0, len(taps))
	for _, t := range taps {
		p := t.seen.person
		if _, twice := out[p]; p != "" && !twice {
			out[p] = whereabout{}
			people = append(people, p)
		}
	}
	if len(people) == 0 {
		return out, nil
	}
	list, args := storage.In(1, people)
	_, err := storage.All(tx, func(rows *storage.Rows) (none struct{}, err error) {
		var person string
		var at whereabout
		err = rows.Scan(&person, &at.place, &at.seen)
		out[person] = at
		return none, err
	}, `select person, place, since from workresume_presence where person in (`+list+`)`, args...)
	return out, err
}

// storeMoves keeps where the moved people are. Who left keeps the row: the moment of
// the last check tells a check that is taken back, or comes late, what it is too old for.
func (s *Service) storeMoves(tx *storage.Tx, where map[string]whereabout, moved map[string]bool) error {
	rows := make([]any, 0, 3*len(moved))
	for p := range moved {
		rows = append(rows, p, where[p].place, where[p].seen)
	}
	_, err := storage.ExecRows(tx, `insert into workresume_presence (person, place, since) values `, 3, rows,
		` on conflict (person) do update set place = excluded.place, since = excluded.since`)
	return err
}

// countMove moves the numbers inside by what was seen at a moment. A place whose heads
// were counted since keeps its number: the count saw what it was.
func (s *Service) countMove(tx *storage.Tx, shifts [2]shift, at int64) error {
	for _, x := range shifts {
		if x.place == "" {
			continue
		}
		var counted int64
		err := tx.Row(`select counted from workresume_inside where place = $1`, x.place).Scan(&counted)
		if err != nil && !storage.NoRows(err) {
			return err
		}
		if at < counted {
			continue
		}
		if _, err := s.count(tx, x.place, x.add); err != nil {
			return err
		}
	}
	return nil
}
