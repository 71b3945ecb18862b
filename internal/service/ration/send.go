package ration

import (
	"context"
	"strconv"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// SendInput is one parcel that leaves a point: Lot "" is the oldest of which there is
// enough, Tracking the post's number if it has one.
type SendInput struct {
	Point, Offer, Allotment string
	Lot, Tracking           string
}

// Send marks a share as handed to the post, or as brought to the door: the promise ends
// and the pieces leave the shelf, in one commit, as over a counter. What came back is
// sent again by the same verb. The same again is told the same.
//
// Faults: Denied, NotFound; Invalid for the number; Conflict "ration.fetched_here",
// "ration.too_early", "ration.given_back", "ration.lapsed", "ration.recalled_lot",
// "ration.point_closed", "ration.point_instead_at";
// Exhausted "ration.shelf_empty".
func (s *Service) Send(ctx context.Context, by auth.Principal, in SendInput) (Allotment, error) {
	if err := by.Permit(MayHand, Grants, s.at(in.Point)...); err != nil {
		return Allotment{}, err
	}
	in.Tracking = ident.Fold(in.Tracking)
	if utf8.RuneCountInString(in.Tracking) > 40 {
		return Allotment{}, fault.New(fault.Invalid, "fault.fields").With("tracking", "ration.length", "least", 0, "most", 40)
	}
	var a Allotment
	var c *opened
	var shelf Shelf
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		a, c, shelf, err = s.sendable(r, in)
		return err
	})
	if err != nil || a.Parcel != nil && a.Parcel.State == ParcelSent {
		return a, err
	}
	now := clock.FromMicros(clock.Micros(s.Clock()))
	p := Parcel{State: ParcelSent, Times: 1, Tracking: in.Tracking, Sent: now, by: by.ID}
	want := []ledger.Transfer{}
	if a.Parcel != nil {
		p.Times = a.Parcel.Times + 1
	} else if want, err = c.kept(a); err != nil {
		return a, err
	}
	want = append(want, ledger.Transfer{
		ID: ledger.IDFor("ration.send", a.ID, shelf.Lot, strconv.FormatInt(p.Times, 10)), Kind: ledger.Plain, Debit: shelf.account, Credit: c.handed, Amount: a.Pieces,
	})
	_, err = s.Ledger.Admit(ctx, c.book, want, func(tx *storage.Tx) error {
		if err := s.leave(tx, a, p, shelf.Lot); err != nil {
			return err
		}
		if err := handOut(tx, c.ID, in.Point, shelf.Lot, a.Pieces); err != nil {
			return err
		}
		return s.record(tx, by, factSent, streamOf(c.ID), sentBody{a.ID, in.Point, shelf.Lot, a.Pieces, p.Times})
	})
	switch {
	case fault.Is(err, "ledger.exhausted"):
		return a, fault.New(fault.Exhausted, "ration.shelf_empty")
	case endedMeanwhile(err):
		return s.sentMeanwhile(ctx, a)
	case err != nil:
		return a, err
	}
	a.State, a.Ended, a.Lot, a.Parcel = Collected, now, shelf.Lot, &p
	return a, nil
}

type sentBody struct {
	Allotment string `json:"allotment"`
	Point     string `json:"point"`
	Lot       string `json:"lot"`
	Pieces    int64  `json:"pieces"`
	Times     int64  `json:"times"`
}

// kept are the transfers by which a promise that is held is kept.
func (c *opened) kept(a Allotment) ([]ledger.Transfer, error) {
	hold, err := ledger.ParseTransferID(a.ID)
	if err != nil {
		return nil, err
	}
	want := []ledger.Transfer{{ID: ledger.IDFor("ration.collect", a.ID), Kind: ledger.Post, Hold: hold, Amount: a.Pieces}}
	if !c.fixed() {
		want = append(want, ledger.Transfer{ID: ledger.IDFor("ration.collect.turn", a.ID), Kind: ledger.Post, Hold: turnOf(hold), Amount: 1})
	}
	return want, nil
}

// leave stores that a parcel left; of two who send it, one does.
func (s *Service) leave(tx *storage.Tx, a Allotment, p Parcel, lot string) error {
	if a.Parcel == nil {
		if err := s.end(tx, a, Collected, lot, p.Sent); err != nil {
			return err
		}
		_, err := tx.Exec(`insert into ration_parcel (offer, transfer, state, n, tracking, reason, sent, sent_by, back, back_by) values ($1, $2, 'sent', 1, $3, '', $4, $5, 0, '')`,
			a.Offer, a.ID, p.Tracking, clock.Micros(p.Sent), p.by)
		return err
	}
	n, err := tx.Exec(`update ration_parcel set state = 'sent', n = $1, tracking = $2, sent = $3, sent_by = $4, back = 0, back_by = '', reason = ''
		where offer = $5 and transfer = $6 and state = 'back' and n = $7`, p.Times, p.Tracking, clock.Micros(p.Sent), p.by, a.Offer, a.ID, a.Parcel.Times)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "ledger.ended")
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update ration_allotment set lot = $1, ended = $2 where offer = $3 and transfer = $4`, lot, clock.Micros(p.Sent), a.Offer, a.ID)
	return err
}

// sentMeanwhile reads what somebody else did with a parcel at the same moment.
func (s *Service) sentMeanwhile(ctx context.Context, a Allotment) (Allotment, error) {
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if a, err = s.allotment(r, a.Offer, a.ID); err != nil {
			return err
		}
		a.Parcel, err = s.parcel(r, a)
		return err
	})
	if err == nil && (a.Parcel == nil || a.Parcel.State != ParcelSent) {
		err = endedAs(a)
	}
	return a, err
}

// sendable checks what stands between an allotment and its sending.
func (s *Service) sendable(r storage.Reader, in SendInput) (a Allotment, c *opened, shelf Shelf, err error) {
	a, c, o, err := s.outgoing(r, in.Point, in.Offer, in.Allotment)
	if err != nil {
		return a, c, shelf, err
	}
	now := s.Clock()
	switch first := s.fetch(c.Campaign, o); {
	case a.Parcel != nil && a.Parcel.State == ParcelSent:
		return a, c, shelf, nil // asked again
	case a.Parcel == nil && a.State != Held:
		return a, c, shelf, endedAs(a)
	case a.Parcel == nil && !now.Before(a.Until):
		return a, c, shelf, fault.New(fault.Conflict, "ration.lapsed")
	case now.Before(first):
		return a, c, shelf, fault.New(fault.Conflict, "ration.too_early", "from", first)
	}
	if err := s.handsHere(r, in.Point, o.Point); err != nil {
		return a, c, shelf, err
	}
	shelf, err = s.enough(r, c.ID, in.Point, in.Lot, a.Pieces)
	return a, c, shelf, err
}

// outgoing finds an allotment that is sent from a point.
func (s *Service) outgoing(r storage.Reader, point, offer, id string) (a Allotment, c *opened, o *Offer, err error) {
	if o, err = s.offer(r, offer); err != nil {
		return a, c, o, err
	}
	if err = s.handsHere(r, point, o.Point); err != nil && fault.KindOf(err) != fault.Conflict {
		return a, c, o, err
	}
	if a, err = s.allotment(r, offer, id); err != nil {
		return a, c, o, err
	}
	if c, err = s.campaign(r, a.Campaign); err == nil && !c.sends() {
		err = fault.New(fault.Conflict, "ration.fetched_here")
	}
	if err == nil {
		a.Parcel, err = s.parcel(r, a)
	}
	return a, c, o, err
}

// enough finds a lot at a point of which there are so many pieces: the named one, or
// the oldest good one.
func (s *Service) enough(r storage.Reader, campaign, point, lot string, pieces int64) (Shelf, error) {
	if lot != "" {
		f, err := s.shelf(r, campaign, point, lot)
		if err == nil {
			err = s.good(f)
		}
		return f, err
	}
	list, err := s.shelves(r, `where s.campaign = $1 and s.point = $2 and l.recalled = 0 order by l.best_before, l.lot`, campaign, point)
	if err != nil {
		return Shelf{}, err
	}
	for _, f := range list {
		if f.Pieces >= pieces && s.good(f) == nil {
			return f, nil
		}
	}
	return Shelf{}, fault.New(fault.Exhausted, "ration.shelf_empty")
}

// BackInput is a parcel that could not be delivered, and why.
type BackInput struct {
	Point, Offer, Allotment string
	Reason                  string
}

// CameBack puts what could not be delivered on the shelf again, of the lot it was of.
// It is still its owner's: they mend the address, and it is sent once more.
//
// Faults: Denied, NotFound; Invalid for the reason; Conflict "ration.fetched_here",
// "ration.not_sent".
func (s *Service) CameBack(ctx context.Context, by auth.Principal, in BackInput) (a Allotment, err error) {
	if err := by.Permit(MayHand, Grants, s.at(in.Point)...); err != nil {
		return a, err
	}
	if in.Reason = ident.Fold(in.Reason); !ident.Reasoned(in.Reason, 2, 200) {
		return a, fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	var c *opened
	var shelf Shelf
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if a, c, _, err = s.outgoing(r, in.Point, in.Offer, in.Allotment); err != nil {
			return err
		}
		if a.Parcel == nil {
			return fault.New(fault.Conflict, "ration.not_sent")
		}
		shelf, err = s.shelf(r, c.ID, in.Point, a.Lot)
		return err
	})
	if err != nil || a.Parcel.State == ParcelBack {
		return a, err
	}
	now := clock.FromMicros(clock.Micros(s.Clock()))
	_, err = s.Ledger.Admit(ctx, c.book, []ledger.Transfer{{
		ID: ledger.IDFor("ration.back", a.ID, strconv.FormatInt(a.Parcel.Times, 10)), Kind: ledger.Plain, Debit: c.handed, Credit: shelf.account, Amount: a.Pieces,
	}}, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update ration_parcel set state = 'back', back = $1, back_by = $2, reason = $3 where offer = $4 and transfer = $5 and state = 'sent' and n = $6`,
			clock.Micros(now), by.ID, in.Reason, a.Offer, a.ID, a.Parcel.Times)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "ration.not_sent")
		}
		if err == nil {
			err = handOut(tx, c.ID, in.Point, a.Lot, -a.Pieces)
		}
		if err != nil {
			return err
		}
		return s.record(tx, by, factCameBack, streamOf(c.ID), sentBody{a.ID, in.Point, a.Lot, a.Pieces, a.Parcel.Times})
	})
	if fault.Is(err, "ledger.exhausted") { // they were taken back by hand before
		err = fault.New(fault.Exhausted, "ration.returned_most")
	}
	if err != nil {
		return a, err
	}
	p := *a.Parcel
	p.State, p.Back, p.Reason = ParcelBack, now, in.Reason
	a.Parcel = &p
	return a, nil
}
