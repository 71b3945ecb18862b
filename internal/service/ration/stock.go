package ration

import (
	"context"
	"time"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Lot is goods of one delivery.
type Lot struct {
	ID         string    `json:"id"`
	Campaign   string    `json:"campaign"`
	Maker      string    `json:"maker"`
	Number     string    `json:"number"`
	BestBefore string    `json:"best_before,omitempty"` // "2021-03-31"
	Recalled   time.Time `json:"recalled,omitzero"`
	Received   time.Time `json:"received"`
}

// Shelf is the pieces of a lot at a point.
type Shelf struct {
	Lot        string `json:"lot"`
	Maker      string `json:"maker"`
	Number     string `json:"number"`
	BestBefore string `json:"best_before,omitempty"`
	Point      string `json:"point"`
	Campaign   string `json:"campaign"`
	Pieces     int64  `json:"pieces"`
	Recalled   bool   `json:"recalled"`

	account ledger.AccountID
}

// past is whether goods are past their date: they are written off, not handed over.
func (f Shelf) past(today Day) bool { return f.BestBefore != "" && f.BestBefore < today.String() }

// deliveryMost bounds one movement of goods, in pieces: some lorries of them. More is a
// slip of the hand, which would stand on the shelf until somebody wrote it off.
const deliveryMost = 10_000_000

// ReceiveInput is a delivery at a point.
type ReceiveInput struct {
	Campaign, Point           string
	Maker, Number, BestBefore string
	Pieces                    int64
	Key                       once.Key
}

// Receive puts a delivery on a point's shelf. The same maker and number is the same lot
// wherever it arrives.
//
// Faults: Denied, NotFound; Invalid with fields; Conflict "ration.closed".
func (s *Service) Receive(ctx context.Context, by auth.Principal, in ReceiveInput) (Shelf, error) {
	if err := by.Permit(MayStock, Grants, s.at(in.Point)...); err != nil {
		return Shelf{}, err
	}
	in.Maker, in.Number = ident.Fold(in.Maker), ident.Fold(in.Number)
	bad := fault.New(fault.Invalid, "fault.fields")
	for _, f := range [...]struct{ name, text string }{{"maker", in.Maker}, {"number", in.Number}} {
		if n := utf8.RuneCountInString(f.text); n < 1 || n > 60 {
			bad.With(f.name, "ration."+f.name+"_length", "least", 1, "most", 60)
		}
	}
	if _, err := time.Parse(time.DateOnly, in.BestBefore); in.BestBefore != "" && err != nil {
		bad.With("best_before", "ration.date")
	} else if (Shelf{BestBefore: in.BestBefore}).past(s.today()) {
		bad.With("best_before", "ration.date_past")
	}
	if in.Pieces < 1 || in.Pieces > deliveryMost {
		bad.With("pieces", "ration.pieces", "most", deliveryMost)
	}
	if err := bad.OrNil(); err != nil {
		return Shelf{}, err
	}
	c, err := s.openOne(ctx, in.Campaign)
	if err != nil {
		return Shelf{}, err
	}
	var lot string
	if err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := s.point(tx, in.Point); err != nil {
			return err
		}
		now := s.Clock()
		if _, err := tx.Exec(`insert into ration_lot (lot, campaign, maker, number, best_before, recalled, received) values ($1, $2, $3, $4, $5, 0, $6)
			on conflict (campaign, maker, number) do nothing`, ident.New("lot", now), c.ID, in.Maker, in.Number, in.BestBefore, clock.Micros(now)); err != nil {
			return err
		}
		var date string
		if err := tx.Row(`select lot, best_before from ration_lot where campaign = $1 and maker = $2 and number = $3`, c.ID, in.Maker, in.Number).Scan(&lot, &date); err != nil {
			return err
		}
		if date == "" && in.BestBefore != "" { // nobody said it until now
			if _, err := tx.Exec(`update ration_lot set best_before = $1 where lot = $2`, in.BestBefore, lot); err != nil {
				return err
			}
			date = in.BestBefore
		}
		if in.BestBefore != "" && in.BestBefore != date {
			return fault.New(fault.Invalid, "fault.fields").With("best_before", "ration.date_other", "date", date)
		}
		return s.ensureShelf(tx, c, in.Point, lot)
	}); err != nil {
		return Shelf{}, err
	}
	return s.shift(ctx, by, c, shifting{act: "receive", name: factReceived, lot: lot, to: in.Point, pieces: in.Pieces, key: in.Key})
}

// ensureShelf opens the account of a lot at a point, once.
func (s *Service) ensureShelf(tx *storage.Tx, c *opened, point, lot string) error {
	var had string
	err := tx.Row(`select account from ration_shelf where campaign = $1 and point = $2 and lot = $3`, c.ID, point, lot).Scan(&had)
	if !storage.NoRows(err) {
		return err
	}
	a, err := s.Ledger.OpenAccount(tx, ledger.Account{Book: c.book, Unit: "piece", Purpose: "shelf:" + point + ":" + lot})
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into ration_shelf (campaign, point, lot, account) values ($1, $2, $3, $4)`, c.ID, point, lot, string(a.ID))
	return err
}

// MoveInput is pieces of a lot that leave a point's shelf for another's, or for good, or
// come back onto it; Reason says why they do the last two.
type MoveInput struct {
	Campaign, Lot string
	From, To      string // points
	Pieces        int64
	Reason        string
	Key           once.Key
}

// Move sends pieces from a point to another. Who keeps the first does it.
//
// Faults: Denied, NotFound; Invalid; Exhausted "ration.shelf_empty".
func (s *Service) Move(ctx context.Context, by auth.Principal, in MoveInput) (Shelf, error) {
	if in.To == "" || in.To == in.From {
		return Shelf{}, fault.New(fault.Invalid, "fault.fields").With("to", "ration.other_point")
	}
	return s.stocked(ctx, by, in, shifting{act: "move", name: factMoved, from: in.From, to: in.To})
}

// Spoil writes pieces off, with the reason.
//
// Faults: as Move, and Invalid for the reason.
func (s *Service) Spoil(ctx context.Context, by auth.Principal, in MoveInput) (Shelf, error) {
	in.To = ""
	return s.stocked(ctx, by, in, shifting{act: "spoil", name: factSpoiled, from: in.From, reason: in.Reason})
}

// TakeBack puts pieces that somebody had collected back on the shelf, with the reason.
//
// Faults: as Spoil; Exhausted "ration.returned_most" for more than the point handed out.
func (s *Service) TakeBack(ctx context.Context, by auth.Principal, in MoveInput) (Shelf, error) {
	in.To, in.From = in.From, ""
	return s.stocked(ctx, by, in, shifting{act: "return", name: factReturned, to: in.To, reason: in.Reason})
}

func (s *Service) stocked(ctx context.Context, by auth.Principal, in MoveInput, m shifting) (Shelf, error) {
	at := m.from
	if at == "" {
		at = m.to
	}
	if err := by.Permit(MayStock, Grants, s.at(at)...); err != nil {
		return Shelf{}, err
	}
	if in.Pieces < 1 || in.Pieces > deliveryMost {
		return Shelf{}, fault.New(fault.Invalid, "fault.fields").With("pieces", "ration.pieces", "most", deliveryMost)
	}
	if (m.from == "" || m.to == "") && !ident.Reasoned(in.Reason, 2, 200) {
		return Shelf{}, fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	m.lot, m.pieces, m.key = in.Lot, in.Pieces, in.Key
	var c *opened
	if err := s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		if c, err = s.campaign(tx, in.Campaign); err != nil {
			return err
		}
		if _, err = s.shelf(tx, c.ID, at, in.Lot); err != nil || m.to == "" || m.to == at {
			return err
		}
		if _, err := s.point(tx, m.to); err != nil {
			return err
		}
		return s.ensureShelf(tx, c, m.to, in.Lot)
	}); err != nil {
		return Shelf{}, err
	}
	return s.shift(ctx, by, c, m)
}

// shifting is one movement of goods; from and to are points, "" for outside the shelves.
type shifting struct {
	act, name, lot, from, to, reason string
	pieces                           int64
	key                              once.Key
}

func (s *Service) shift(ctx context.Context, by auth.Principal, c *opened, m shifting) (Shelf, error) {
	x := ledger.Transfer{ID: s.ticket(m.act, m.key), Kind: ledger.Plain, Debit: c.made, Credit: c.spoiled, Amount: m.pieces}
	if m.name == factReturned {
		x.Debit = c.handed
	}
	at := m.to
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		if m.from != "" {
			f, err := s.shelf(r, c.ID, m.from, m.lot)
			if err != nil {
				return err
			}
			x.Debit, at = f.account, m.from
		}
		if m.to != "" {
			f, err := s.shelf(r, c.ID, m.to, m.lot)
			if err != nil {
				return err
			}
			x.Credit = f.account
		}
		return nil
	}); err != nil {
		return Shelf{}, err
	}
	_, err := s.Ledger.Admit(ctx, c.book, []ledger.Transfer{x}, func(tx *storage.Tx) error {
		if m.name == factReturned {
			if err := handOut(tx, c.ID, m.to, m.lot, -m.pieces); err != nil {
				return err
			}
		}
		return s.record(tx, by, m.name, "lot:"+m.lot, movedBody{m.from, m.to, m.pieces, m.reason})
	})
	switch {
	case fault.Is(err, "ledger.exhausted") && m.name == factReturned:
		return Shelf{}, fault.New(fault.Exhausted, "ration.returned_most")
	case fault.Is(err, "ledger.exhausted"):
		return Shelf{}, fault.New(fault.Exhausted, "ration.shelf_empty")
	case fault.Is(err, "ledger.other_content"):
		return Shelf{}, fault.New(fault.Invalid, "once.other_body")
	case err != nil:
		return Shelf{}, err
	}
	var out Shelf
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		out, err = s.shelf(r, c.ID, at, m.lot)
		return err
	})
	return out, err
}

// handOut counts pieces of a lot that a point handed out, or, below zero, that came back.
//
// Faults: Exhausted "ration.returned_most" for more than the point handed out.
func handOut(tx *storage.Tx, campaign, point, lot string, pieces int64) error {
	n, err := tx.Exec(`update ration_shelf set handed = handed + $1 where campaign = $2 and point = $3 and lot = $4 and handed + $1 >= 0`, pieces, campaign, point, lot)
	if err == nil && n == 0 {
		err = fault.New(fault.Exhausted, "ration.returned_most")
	}
	return err
}

type movedBody struct {
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Pieces int64  `json:"pieces"`
	Reason string `json:"reason,omitempty"`
}

// Recall stops a lot: no counter hands pieces of it over from here on.
//
// Faults: Denied, NotFound "ration.no_lot"; Invalid for the reason.
func (s *Service) Recall(ctx context.Context, by auth.Principal, lot, reason string, key once.Key) error {
	if err := by.Permit(MayRecall, Grants, s.district()); err != nil {
		return err
	}
	if !ident.Reasoned(reason, 4, 200) {
		return fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			n, err := tx.Exec(`update ration_lot set recalled = $1 where lot = $2 and recalled = 0`, clock.Micros(s.Clock()), lot)
			if err != nil {
				return lot, err
			}
			if n == 0 {
				return lot, fault.New(fault.NotFound, "ration.no_lot")
			}
			return lot, s.record(tx, by, factRecalled, "lot:"+lot, map[string]string{"reason": reason})
		})
		return err
	})
}

// shelves lists lots at points with what is left of each.
func (s *Service) shelves(r storage.Reader, where string, args ...any) ([]Shelf, error) {
	list, err := storage.All(r, scanShelf, shelfColumns+where, args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		b, err := ledger.BalanceOf(r, list[i].account)
		if err != nil {
			return nil, err
		}
		list[i].Pieces = b.Free()
	}
	return list, nil
}

const shelfColumns = `select l.lot, l.maker, l.number, l.best_before, s.point, s.campaign, l.recalled, s.account
		from ration_shelf s join ration_lot l on l.lot = s.lot `

func scanShelf(rows *storage.Rows) (f Shelf, err error) {
	var recalled int64
	var account string
	err = rows.Scan(&f.Lot, &f.Maker, &f.Number, &f.BestBefore, &f.Point, &f.Campaign, &recalled, &account)
	f.Recalled, f.account = recalled > 0, ledger.AccountID(account)
	return f, err
}

// good refuses goods that nobody may be given: recalled, or past their date.
//
// Faults: Conflict "ration.recalled_lot", "ration.lot_past".
func (s *Service) good(f Shelf) error {
	switch {
	case f.Recalled:
		return fault.New(fault.Conflict, "ration.recalled_lot")
	case f.past(s.today()):
		return fault.New(fault.Conflict, "ration.lot_past", "date", f.BestBefore)
	}
	return nil
}

// shelf finds a lot at a point; "" is the oldest good one of which there is some.
func (s *Service) shelf(r storage.Reader, campaign, point, lot string) (Shelf, error) {
	list, err := s.shelves(r, `where s.campaign = $1 and s.point = $2 order by l.best_before, l.lot`, campaign, point)
	if err != nil {
		return Shelf{}, err
	}
	for _, f := range list {
		switch {
		case lot != "" && f.Lot == lot, lot == "" && s.good(f) == nil && f.Pieces > 0:
			return f, nil
		}
	}
	if lot != "" {
		return Shelf{}, fault.New(fault.NotFound, "ration.no_lot")
	}
	return Shelf{}, fault.New(fault.Exhausted, "ration.shelf_empty")
}
