package workresume

import (
	"context"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Walker is somebody of a demonstration whose firm works.
type Walker struct{ Person, Park string }

// Walkers are the people of firms that work, but for the worker whom a visitor is.
func (s *Service) Walkers(ctx context.Context) (list []Walker, err error) {
	err = s.Store.Export(ctx, func(r storage.Reader) error {
		visitor, err := s.People(r, auth.Scope{}, 1)
		if err != nil || len(visitor) == 0 {
			list = nil
			return err
		}
		list, err = storage.All(r, func(rows *storage.Rows) (w Walker, err error) { return w, rows.Scan(&w.Person, &w.Park) },
			`select m.person, f.park from workresume_firm f join workresume_member m on m.firm = f.firm and m.departed = 0
			where f.state = $1 and f.watch in ($2, $3) and f.park <> '' and m.person <> $4`,
			string(Certified), string(PromiseKept), string(Warned), visitor[0])
		return err
	})
	return list, err
}

// Walked is when somebody of them was let in last, and since when those asked about are
// inside; who is not there is not.
func (s *Service) Walked(ctx context.Context, people []string) (last time.Time, inside map[string]time.Time, err error) {
	err = s.Store.Export(ctx, func(r storage.Reader) error {
		var at int64
		err := r.Row(`select at from workresume_check where account = $1 and direction = $2 order by check_id desc limit 1`, invented, string(In)).Scan(&at)
		if err != nil && !storage.NoRows(err) {
			return err
		}
		last, inside = instant(at), map[string]time.Time{}
		since := map[string]int64{}
		if err := lookUpSome(r, `select person, since from workresume_presence where place <> '' and person in (`, people, since); err != nil {
			return err
		}
		for p, at := range since {
			inside[p] = instant(at)
		}
		return nil
	})
	return last, inside, err
}

// Step is one of them at a gate.
type Step struct {
	Person, Gate string
	Direction    Direction
}

// Walk lets people of a demonstration come and go, judged as at any gate: whose code
// would not hold stays at home. A batch is one fact, for a district's mornings would
// soon weigh more than all its visitors do. It returns how many passed.
func (s *Service) Walk(ctx context.Context, steps []Step) (n int, err error) {
	gates := map[string]Gate{}
	if err := s.Store.Export(ctx, func(r storage.Reader) (err error) {
		for _, x := range steps {
			if _, known := gates[x.Gate]; known {
				continue
			}
			if gates[x.Gate], err = s.Places.Gate(r, x.Gate); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(steps, walkBatch) {
		var taps []*tap
		for _, x := range part {
			st := standing{now: s.Clock()} // whoever is inside may leave
			if x.Direction == In {
				if st, err = s.standing(ctx, x.Person); err != nil {
					return n, err
				}
				if st.judge().State != CodeValid {
					continue
				}
			}
			taps = append(taps, &tap{
				by: auth.Principal{ID: invented, Role: auth.Guard, Demo: true}, gate: gates[x.Gate], dir: x.Direction,
				seen: sighting{person: x.Person}, st: st, crowd: !s.roll.others,
			})
		}
		if len(taps) == 0 {
			continue
		}
		if err := s.admit(ctx, taps); err != nil {
			return n, err
		}
		n += len(taps)
	}
	return n, nil
}

// walkBatch keeps a transaction of a crowd short: visitors' checks wait behind it.
const walkBatch = 50

// Metered is a meter of a demonstration as it was read last.
type Metered struct {
	CreditCode string
	Day        time.Time
	KWh        float64 // of that day
}

// Meters are the meters that are read by the day.
func (s *Service) Meters(ctx context.Context) (list []Metered, err error) {
	err = s.Store.Export(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, func(rows *storage.Rows) (m Metered, err error) {
			var day, energy int64
			err = rows.Scan(&m.CreditCode, &day, &energy)
			m.Day, m.KWh = clock.FromMicros(day), float64(energy)/1000
			return m, err
		}, `select f.credit_code, m.day, m.watt_hours from workresume_normal n
			join workresume_firm f on f.firm = n.firm
			join workresume_meter m on m.firm = n.firm and m.hours = 24
			where m.day = (select max(x.day) from workresume_meter x where x.firm = n.firm)
			order by f.credit_code`)
		return err
	})
	return list, err
}
