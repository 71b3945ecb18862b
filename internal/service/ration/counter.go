package ration

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// PointToday is a shop or a depot as whoever works there sees it.
type PointToday struct {
	Point   Point   `json:"point"`
	Shelves []Shelf `json:"shelves"` // every lot that was ever there, recalled ones too; the oldest first
	ToHand  Pile    `json:"to_hand"` // bookings that can be fetched today and were not
	ToSend  Pile    `json:"to_send"` // what is held and may leave today
	Handed  Pile    `json:"handed"`  // today, what was sent too
}

// Pile is a number of bookings and the pieces of them.
type Pile struct {
	Bookings int64 `json:"bookings"`
	Pieces   int64 `json:"pieces"`
}

// AtCounter says what stands at a point and what there is to do there today.
//
// Faults: Denied, NotFound.
func (s *Service) AtCounter(ctx context.Context, by auth.Principal, point string) (out PointToday, err error) {
	if err := s.maySee(by, point); err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		out = PointToday{}
		if out.Point, err = s.point(r, point); err != nil {
			return err
		}
		if out.Shelves, err = s.shelves(r, `where s.point = $1 order by s.campaign, l.best_before, l.lot`, point); err != nil {
			return err
		}
		offers, err := s.fetchedNow(r, point)
		if err != nil {
			return err
		}
		for _, o := range offers {
			if err := s.pile(r, o, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// maySee permits whoever works at a point, and whoever looks over all of them.
func (s *Service) maySee(by auth.Principal, point string) error {
	if by.Permit(MayStock, Grants, s.at(point)...) == nil {
		return nil
	}
	return by.Permit(MayReview, Grants, s.district())
}

// fetchedNow lists a point's offers of which today is a day of fetching.
func (s *Service) fetchedNow(r storage.Reader, point string) (list []Offer, err error) {
	today := s.today()
	points, err := s.handsFor(r, point)
	if err != nil {
		return nil, err
	}
	in, args := storage.In(3, append(points, ""))
	all, err := storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
		offerColumns+`where day >= $1 and day <= $2 and point in (`+in+`) and pieces > 0 order by day, part limit 500`, append([]any{int64(today) - 2*keepMost, int64(today)}, args...)...)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		c, err := s.campaign(r, o.Campaign)
		if err != nil {
			return nil, err
		}
		if c.From(o.Day) <= today && today < o.Day+Day(c.heldFor()) {
			list = append(list, o)
		}
	}
	return list, nil
}

// pile adds an offer's bookings. One point has some hundreds of them a day.
func (s *Service) pile(r storage.Reader, o Offer, out *PointToday) error {
	var todo, done Pile
	now := s.Clock()
	if err := r.Row(`select count(*), cast(coalesce(sum(pieces), 0) as bigint) from ration_allotment where offer = $1 and state = 'held' and until > $2`,
		o.ID, clock.Micros(now)).Scan(&todo.Bookings, &todo.Pieces); err != nil {
		return err
	}
	if err := r.Row(`select count(*), cast(coalesce(sum(pieces), 0) as bigint) from ration_allotment where offer = $1 and state = 'collected' and ended >= $2`,
		o.ID, clock.Micros(s.today().In(s.Zone))).Scan(&done.Bookings, &done.Pieces); err != nil {
		return err
	}
	c, err := s.campaign(r, o.Campaign)
	if err != nil {
		return err
	}
	into := &out.ToHand
	if c.sends() {
		into = &out.ToSend
	}
	*into = Pile{into.Bookings + todo.Bookings, into.Pieces + todo.Pieces}
	out.Handed = Pile{out.Handed.Bookings + done.Bookings, out.Handed.Pieces + done.Pieces}
	return nil
}

// VoucherAt is a voucher that was found before, as it stands now.
//
// Faults: Denied; NotFound, for one of another counter too.
func (s *Service) VoucherAt(ctx context.Context, by auth.Principal, point, offer, id string) (v Voucher, err error) {
	if err := by.Permit(MayHand, Grants, s.at(point)...); err != nil {
		return v, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		v = Voucher{}
		o, err := s.offer(r, offer)
		if err != nil {
			return err
		}
		if err := s.handsHere(r, point, o.Point); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
		if v.Allotment, err = s.allotment(r, offer, id); err != nil {
			return err
		}
		return s.fill(r, &v, point)
	})
	return v, err
}

// Shelf says how many pieces of an item can be handed over here at most, of one lot.
func (v Voucher) Shelf() (most int64) {
	for _, f := range v.Lots {
		most = max(most, f.Pieces)
	}
	return most
}
