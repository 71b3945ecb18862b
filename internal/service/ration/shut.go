package ration

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// A closed point gives nothing out and takes no booking. What was booked there stays
// booked, under the same code: it is handed over at the point named instead, by rule and
// without a row moved, or at the closed one once it is open again.

// CloseInput closes a point. Reason is public; Instead is where its bookings are handed
// over meanwhile, "" for nowhere.
type CloseInput struct {
	Point, Reason, Instead string
	Key                    once.Key
}

// ClosePoint closes a point, or says another reason or another place instead of one that
// is closed. Points whose bookings were handed over here follow to the same place; where
// there is none they wait for this one to open again.
//
// Faults: Denied; NotFound "ration.no_point"; Invalid for the reason, and with field
// instead for a point that cannot stand in.
func (s *Service) ClosePoint(ctx context.Context, by auth.Principal, in CloseInput) (Point, error) {
	if in.Reason = ident.Fold(in.Reason); !ident.Reasoned(in.Reason, 2, 200) {
		return Point{}, fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	return s.alterPoint(ctx, by, in.Key, func(tx *storage.Tx) (Point, error) {
		p, err := s.point(tx, in.Point)
		if err == nil {
			err = s.standsIn(tx, p, in.Instead)
		}
		if err != nil || !p.Closed.IsZero() && p.Why == in.Reason && p.Instead == in.Instead {
			return p, err
		}
		if p.Closed.IsZero() {
			p.Closed = clock.FromMicros(clock.Micros(s.Clock()))
		}
		p.Why, p.Instead = in.Reason, in.Instead
		if _, err := tx.Exec(`update ration_point set closed = $1, why = $2, instead = $3 where point = $4`, clock.Micros(p.Closed), p.Why, p.Instead, p.ID); err != nil {
			return p, err
		}
		if err := s.record(tx, by, factPointClosed, "point:"+p.ID, map[string]string{"reason": p.Why, "instead": p.Instead}); err != nil {
			return p, err
		}
		return p, s.follows(tx, by, p)
	})
}

// follows sends those whose bookings were handed over at a point that closed to where its
// own are.
func (s *Service) follows(tx *storage.Tx, by auth.Principal, p Point) error {
	if p.Instead == "" {
		return nil
	}
	list, err := storage.All(tx, func(rows *storage.Rows) (Point, error) { return scanPoint(rows) }, pointColumns+`where instead = $1 and closed > 0 order by point`, p.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		to := p.Instead
		if to == x.ID {
			to = ""
		}
		if _, err := tx.Exec(`update ration_point set instead = $1 where point = $2`, to, x.ID); err != nil {
			return err
		}
		if err := s.record(tx, by, factPointClosed, "point:"+x.ID, map[string]string{"reason": x.Why, "instead": to}); err != nil {
			return err
		}
	}
	return nil
}

// ReopenPoint opens a closed point: what is booked there is handed over there again. One
// that is open stays so.
//
// Faults: Denied; NotFound "ration.no_point"; Invalid for the reason.
func (s *Service) ReopenPoint(ctx context.Context, by auth.Principal, point, reason string, key once.Key) (Point, error) {
	if reason = ident.Fold(reason); !ident.Reasoned(reason, 2, 200) {
		return Point{}, fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	return s.alterPoint(ctx, by, key, func(tx *storage.Tx) (Point, error) {
		p, err := s.point(tx, point)
		if err != nil || p.Closed.IsZero() {
			return p, err
		}
		p.Closed, p.Why, p.Instead = time.Time{}, "", ""
		if _, err := tx.Exec(`update ration_point set closed = 0, why = '', instead = '' where point = $1`, p.ID); err != nil {
			return p, err
		}
		return p, s.record(tx, by, factPointReopened, "point:"+p.ID, map[string]string{"reason": reason})
	})
}

// alterPoint runs a change of a point once, and forgets what memory has of closed ones.
func (s *Service) alterPoint(ctx context.Context, by auth.Principal, key once.Key, change func(tx *storage.Tx) (Point, error)) (p Point, err error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return p, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		tx.OnCommit(func() {
			s.shut.changes.Add(1)
			s.fed.outdated()
		})
		p, err = once.Do(tx, key, s.Clock(), func() (Point, error) { return change(tx) })
		return err
	})
	return p, err
}

// standsIn refuses what cannot hand over a point's bookings: itself, one that is closed,
// or a depot where people fetch.
func (s *Service) standsIn(r storage.Reader, p Point, instead string) error {
	if instead == "" {
		return nil
	}
	x, err := s.point(r, instead)
	if err != nil && !fault.Is(err, "ration.no_point") {
		return err
	}
	if err != nil || x.ID == p.ID || !x.Closed.IsZero() || p.Kind == Shop && x.Kind != Shop {
		return fault.New(fault.Invalid, "fault.fields").With("instead", "ration.point_instead")
	}
	return nil
}

// shut are the points that are closed now, for all who ask: few among all.
type shut struct {
	mu      sync.Mutex // one reads
	changes atomic.Uint64
	last    atomic.Pointer[shutRead]
}

type shutRead struct {
	changes uint64 // before it was read
	at      time.Time
	alone   bool // no other process closes any
	of      map[string]Point
}

// shutFor is how long it is believed where another process may have closed one.
const shutFor = time.Second

func (s *Service) shutNow() *shutRead {
	x := s.shut.last.Load()
	if x == nil || x.changes != s.shut.changes.Load() || !x.alone && s.Clock().Sub(x.at).Abs() >= shutFor {
		return nil
	}
	return x
}

// closedPoints are the closed points by their ids, from memory where it is fresh.
func (s *Service) closedPoints(ctx context.Context) (map[string]Point, error) {
	if x := s.shutNow(); x != nil {
		return x.of, nil
	}
	s.shut.mu.Lock()
	defer s.shut.mu.Unlock()
	if x := s.shutNow(); x != nil {
		return x.of, nil
	}
	next := shutRead{changes: s.shut.changes.Load(), at: s.Clock()}
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		next.alone, next.of = r.Engine() == storage.SQLite, map[string]Point{}
		list, err := s.ClosedIn(r)
		for _, p := range list {
			next.of[p.ID] = p
		}
		return err
	}); err != nil {
		return nil, err
	}
	s.shut.last.Store(&next)
	return next.of, nil
}

// ClosedIn lists the closed points, by town and name.
func (s *Service) ClosedIn(r storage.Reader) ([]Point, error) {
	return storage.All(r, func(rows *storage.Rows) (Point, error) { return scanPoint(rows) }, pointColumns+`where closed > 0 order by town, name limit 5000`)
}

// PointsKnown lists the points, the closed ones too, by town and name. It is public.
func (s *Service) PointsKnown(ctx context.Context) (list []Point, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err = storage.All(r, func(rows *storage.Rows) (Point, error) { return scanPoint(rows) }, pointColumns+`order by town, name limit 10000`)
		return err
	})
	return list, err
}

// pointOpen refuses what a closed point would have to hand over.
//
// Faults: Conflict "ration.point_closed".
func (s *Service) pointOpen(ctx context.Context, point string) error {
	closed, err := s.closedPoints(ctx)
	if err != nil {
		return err
	}
	if p, ok := closed[point]; ok {
		return shutFault(p)
	}
	return nil
}

func shutFault(p Point) error {
	return fault.New(fault.Conflict, "ration.point_closed", "name", p.Name, "reason", p.Why, "at", p.Closed)
}

// handedAt is the point at which a point's bookings are handed over now; it is closed
// itself where there is none, or where that one has closed too.
func (s *Service) handedAt(r storage.Reader, point string) (Point, error) {
	p, err := s.point(r, point)
	if err != nil || p.Closed.IsZero() || p.Instead == "" {
		return p, err
	}
	x, err := s.point(r, p.Instead)
	if err == nil && !x.Closed.IsZero() {
		return p, nil
	}
	return x, err
}

// handsHere refuses to hand over at a point what is not handed over there now.
//
// Faults: Conflict "ration.point_closed", "ration.point_instead_at"; NotFound
// "ration.no_allotment" for what was never booked there.
func (s *Service) handsHere(r storage.Reader, here, bookedAt string) error {
	p, err := s.handedAt(r, bookedAt)
	switch {
	case err != nil:
		return err
	case p.ID != here && bookedAt == here:
		return fault.New(fault.Conflict, "ration.point_instead_at", "name", p.Name)
	case p.ID != here:
		return noAllotment()
	case !p.Closed.IsZero():
		return shutFault(p)
	}
	return nil
}

// handsFor are the points whose bookings are handed over at one: its own unless they are
// handed over elsewhere, and those of closed ones that name it.
func (s *Service) handsFor(r storage.Reader, point string) ([]string, error) {
	return storage.All(r, scanText, `select point from ration_point where point = $1 and instead = '' union all select point from ration_point where instead = $1 and instead <> ''`, point)
}

// BookedAt is what is booked at a point and was not handed over, whenever that is.
//
// Faults: Denied, NotFound.
func (s *Service) BookedAt(ctx context.Context, by auth.Principal, point string) (n Pile, err error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return n, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.point(r, point); err != nil {
			return err
		}
		return r.Row(`select count(*), cast(coalesce(sum(a.pieces), 0) as bigint) from ration_offer o join ration_allotment a on a.offer = o.offer and a.state = 'held' and a.until > $1
			where o.point = $2 and o.day >= $3 and o.pieces > 0`, clock.Micros(s.Clock()), point, int64(s.today())-2*keepMost-lateSending).Scan(&n.Bookings, &n.Pieces)
	})
	return n, err
}

// shutLines are a campaign's lines with what is closed taken into account: nothing can be
// booked at a closed point, and what is booked there counts where it is handed over.
func shutLines(list []Stock, closed []Point, campaign string) []Stock {
	shut := map[string]Point{}
	for _, p := range closed {
		shut[p.ID] = p
	}
	moved := map[string]int64{}
	for i, x := range list {
		p, ok := shut[x.Point]
		if !ok {
			continue
		}
		list[i].Available = 0
		if _, too := shut[p.Instead]; p.Instead != "" && !too {
			moved[p.Instead] += x.Reserved
			list[i].Reserved = 0
		}
	}
	for i, x := range list {
		list[i].Reserved += moved[x.Point]
		delete(moved, x.Point)
	}
	for _, point := range slices.Sorted(maps.Keys(moved)) {
		if moved[point] > 0 {
			list = append(list, Stock{Point: point, Campaign: campaign, Reserved: moved[point]})
		}
	}
	slices.SortFunc(list, func(a, b Stock) int { return strings.Compare(a.Point, b.Point) })
	return list
}

// shutShownFor is how long a closed point with nothing in it is shown as closed.
const shutShownFor = 31 * 24 * time.Hour

// shutShown are the closed points that somebody may still look for.
func shutShown(closed []Point, lines []Stock, now time.Time) (out []Point) {
	busy := map[string]bool{}
	for _, x := range lines {
		busy[x.Point] = busy[x.Point] || x.OnHand+x.Reserved+x.Promised > 0
	}
	for _, p := range closed {
		if busy[p.ID] || now.Sub(p.Closed) < shutShownFor {
			out = append(out, p)
		}
	}
	return out
}
