package ration

import (
	"context"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Kept is an allotment as whoever has it sees it: of what, where and when it is fetched,
// what it costs there, and for whom it is.
type Kept struct {
	Allotment
	Of    *Campaign
	At    Point     // where it is handed over now
	Shut  *Point    // where it was booked, while that is closed
	Fetch time.Time // the first moment of collecting
	Due   int64     // fen, paid when it is handed over
	Whose string    // masked name; "" of the firm itself
	Own   bool      // by's own, not one of the family's

	SendBy  time.Time // of what is sent: it should have left
	Address string    // and where to, in full: it is the reader's
}

// keptMost is how many allotments are shown, the newest: those of a firm may be many.
const keptMost = 5000

// Vouchers lists what by has been promised, the newest first: as Mine, with everything
// a voucher says. Faults: Denied.
func (s *Service) Vouchers(ctx context.Context, by auth.Principal) (out []Kept, err error) {
	if err := by.Permit(MayClaim, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err := s.mine(r, by, keptMost)
		if err != nil {
			return err
		}
		out, err = s.keep(r, by, list)
		return err
	})
	return out, err
}

// VoucherOf is one of them.
//
// Faults: Denied; NotFound "ration.no_allotment" for one of somebody else too.
func (s *Service) VoucherOf(ctx context.Context, by auth.Principal, offer, id string) (out Kept, err error) {
	if err := by.Permit(MayClaim, Grants, by.Scope); err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		a, err := s.ownAllotment(r, by, offer, id)
		if err != nil {
			return err
		}
		list, err := s.keep(r, by, []Allotment{a})
		if err == nil {
			out = list[0]
		}
		return err
	})
	return out, err
}

// keep adds to allotments what their vouchers say.
func (s *Service) keep(r storage.Reader, by auth.Principal, list []Allotment) ([]Kept, error) {
	out := make([]Kept, 0, len(list))
	points := map[string]Point{}
	var people []party.ID
	for _, a := range list {
		c, err := s.campaign(r, a.Campaign)
		if err != nil {
			return nil, err
		}
		o, err := s.offer(r, a.Offer)
		if err != nil {
			return nil, err
		}
		p, ok := points[o.Point]
		if !ok {
			if p, err = s.point(r, o.Point); err != nil {
				return nil, err
			}
			points[o.Point] = p
		}
		if a.Firm != "" && c.Who.Counts == ByEmployee {
			a.Person = a.holder // whose number won
		}
		if a.Person != "" {
			people = append(people, a.Person)
		}
		var closed *Point
		if !p.Closed.IsZero() {
			was := p
			closed = &was
			if p, err = s.handedAt(r, o.Point); err != nil {
				return nil, err
			}
		}
		k := Kept{Allotment: a, Of: c.Campaign, At: p, Shut: closed, Fetch: s.fetch(c.Campaign, o), Due: c.Item.Fen * a.Pieces, Own: a.Person == by.Person}
		if c.sends() {
			k.SendBy = s.last(c.Campaign, o)
			if k.Parcel, err = s.parcel(r, a); err != nil {
				return nil, err
			}
			if k.Address, err = s.addressOf(r, c.ID, sentTo(a.Person, a.Firm)); err != nil {
				return nil, err
			}
		}
		out = append(out, k)
	}
	who, err := s.Parties.Masked(r, people...)
	for i := range out {
		out[i].Whose = who[out[i].Person].Name
	}
	return out, err
}

// fetch is the first moment at which an offer's vouchers are taken.
func (s *Service) fetch(c *Campaign, o *Offer) time.Time {
	day := c.From(o.Day).In(s.Zone)
	if len(c.Hand.Windows) > 0 {
		return c.Hand.Windows[o.Part].From.On(day)
	}
	return day
}

// OfferView is one offer with what is left of it, and its campaign. It is public.
//
// Faults: NotFound.
func (s *Service) OfferView(ctx context.Context, id string) (o Open, v View, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		f, err := s.offer(r, id)
		if err != nil {
			return err
		}
		c, err := s.campaign(r, f.Campaign)
		if err != nil {
			return err
		}
		b, err := ledger.BalanceOf(r, f.account)
		if err != nil {
			return err
		}
		o, v = Open{Offer: *f, Left: b.Free(), Fetch: s.fetch(c.Campaign, f), Last: s.last(c.Campaign, f)}, c.view()
		o.From, o.Until = s.hours(c.Campaign, f.Day)
		if o.At, err = s.point(r, f.Point); !o.At.Closed.IsZero() {
			o.Left = 0
		}
		return err
	})
	return o, v, err
}

// Next is when a campaign can be asked of: whether it is now, and the round's beginning
// and end; of what is not open, those of the next.
func (s *Service) Next(c *Campaign) (open bool, from, until time.Time) {
	now, today := s.Clock(), s.today()
	if from, until = s.hours(c, today); !now.Before(until) {
		if c.Give.By == ByLot && c.Give.Opens == 0 { // around the clock: the next day's has begun
			_, until = s.hours(c, today+1)
			return true, from, until
		}
		from, until = s.hours(c, today+1)
	}
	return !now.Before(from), from, until
}
