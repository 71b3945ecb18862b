package ration

import (
	"cmp"
	"context"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Outgoing is one share that is to be sent, or was: masked.
type Outgoing struct {
	Allotment
	Name string    `json:"name"`
	How  Handing   `json:"how" enum:"post,brought"`
	By   time.Time `json:"by"` // it should have left
	Late bool      `json:"late"`
}

// outgoingMost is how many shares a list holds, the ones to send first.
const outgoingMost = 1000

// ToSend lists what leaves a point on a day: what is held and may leave then, what came
// back, and what left in the last days. The eldest promise comes first.
//
// Faults: Denied, NotFound.
func (s *Service) ToSend(ctx context.Context, by auth.Principal, point string, day Day) (list []Outgoing, err error) {
	if err := by.Permit(MayHand, Grants, s.at(point)...); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.point(r, point); err != nil {
			return err
		}
		list, err = s.toSend(r, point, day)
		return err
	})
	return list, err
}

func (s *Service) toSend(r storage.Reader, point string, day Day) (list []Outgoing, err error) {
	points, err := s.handsFor(r, point)
	if err != nil {
		return nil, err
	}
	in, args := storage.In(3, append(points, ""))
	offers, err := storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
		offerColumns+`where day >= $1 and day <= $2 and point in (`+in+`) and pieces > 0 order by day, part limit 500`, append([]any{int64(day) - 2*keepMost - lateSending, int64(day)}, args...)...)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, o := range offers {
		c, err := s.campaign(r, o.Campaign)
		if err != nil {
			return nil, err
		}
		if !c.sends() || day < c.From(o.Day) {
			continue
		}
		mine, err := storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) },
			allotmentColumns+`where offer = $1 and (state = 'held' and until > $2 or state = 'collected') order by transfer limit $3`, o.ID, clock.Micros(s.Clock()), outgoingMost)
		if err != nil {
			return nil, err
		}
		by := (c.Last(o.Day) + 1).In(s.Zone)
		for _, a := range mine {
			if a.Parcel, err = s.parcel(r, a); err != nil {
				return nil, err
			}
			x := Outgoing{Allotment: a, How: c.Hand.How, By: by, Late: a.waits() && !s.Clock().Before(by)}
			if !a.waits() && DayOf(a.Parcel.Sent.In(s.Zone)) != day {
				continue
			}
			if a.Firm != "" {
				firm, err := s.Parties.Organisation(r, a.Firm)
				if err != nil {
					return nil, err
				}
				x.Name = firm.Name
			}
			people, list = append(people, a.Person), append(list, x)
		}
	}
	who, err := s.Parties.Masked(r, people...)
	for i, x := range list {
		if x.Person != "" {
			list[i].Name = who[x.Person].Name
		}
	}
	slices.SortStableFunc(list, func(a, b Outgoing) int {
		return cmp.Or(btoi(b.waits())-btoi(a.waits()), a.At.Compare(b.At))
	})
	return list[:min(len(list), outgoingMost)], err
}

// waits is whether an allotment is still to leave: it is held, or it came back.
func (a Allotment) waits() bool {
	return a.Parcel == nil && a.State == Held || a.Parcel != nil && a.Parcel.State == ParcelBack
}

// Waits is whether it is still to be sent.
func (x Outgoing) Waits() bool { return x.waits() }

// Sheet is a list of addresses to send by.
type Sheet struct {
	ID    string    `json:"sheet"`
	Point string    `json:"point"`
	Day   Day       `json:"-"`
	At    time.Time `json:"at"`
	Lines []Label   `json:"lines"`

	account string
}

// Label is what stands on one parcel: open, for whoever packs it.
type Label struct {
	Code    string `json:"code"`
	Item    string `json:"item"` // its campaign's id
	Pieces  int64  `json:"pieces"`
	Fen     int64  `json:"fen"` // to be paid at the door
	Name    string `json:"name"`
	Phone   string `json:"phone,omitempty"`
	Address string `json:"address"` // "" where nobody said: it cannot be sent

	Offer     string `json:"offer"`
	Allotment string `json:"allotment"`
}

// What a sheet is held to: so many lines, so long to be opened.
const (
	sheetMost = 300
	sheetFor  = 12 * time.Hour
)

// OpenSheet opens the names and addresses of what is still to be sent from a point on a
// day, the first 300 of them. Each person finds the look under who looked at them.
//
// Faults: Denied, NotFound; Conflict "ration.nothing_to_send".
func (s *Service) OpenSheet(ctx context.Context, by auth.Principal, point string, day Day) (Sheet, error) {
	list, err := s.ToSend(ctx, by, point, day)
	if err != nil {
		return Sheet{}, err
	}
	list = slices.DeleteFunc(list, func(x Outgoing) bool { return !x.Waits() })
	list = list[:min(len(list), sheetMost)]
	if len(list) == 0 {
		return Sheet{}, fault.New(fault.Conflict, "ration.nothing_to_send")
	}
	now := s.Clock()
	id := ident.New("sht", now)
	if err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`insert into ration_sheet (sheet, point, day, account, at) values ($1, $2, $3, $4, $5)`, id, point, int64(day), by.ID, clock.Micros(now)); err != nil {
			return err
		}
		rows := make([]any, 0, len(list)*4)
		for i, x := range list {
			rows = append(rows, id, int64(i), x.Offer, x.ID)
			if x.Person == "" {
				continue
			}
			if err := s.look(tx, by, x.Person, party.AddressSeen, ""); err != nil {
				return err
			}
		}
		_, err := storage.ExecRows(tx, `insert into ration_sheet_line (sheet, n, offer, transfer) values `, 4, rows, "")
		return err
	}); err != nil {
		return Sheet{}, err
	}
	return s.SheetOf(ctx, by, point, id)
}

// SheetOf is a list somebody opened, for the account that did, for twelve hours.
// Whoever was forgotten since is not on it.
//
// Faults: Denied; NotFound "ration.no_sheet".
func (s *Service) SheetOf(ctx context.Context, by auth.Principal, point, id string) (out Sheet, err error) {
	if err := by.Permit(MayHand, Grants, s.at(point)...); err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		out = Sheet{ID: id}
		var day, at int64
		err := r.Row(`select point, day, account, at from ration_sheet where sheet = $1`, id).Scan(&out.Point, &day, &out.account, &at)
		out.Day, out.At = Day(day), clock.FromMicros(at)
		if storage.NoRows(err) || err == nil && (out.account != by.ID || out.Point != point || s.Clock().Sub(out.At) > sheetFor) {
			return fault.New(fault.NotFound, "ration.no_sheet")
		}
		if err != nil {
			return err
		}
		list, err := storage.All(r, func(rows *storage.Rows) (a [2]string, err error) { return a, rows.Scan(&a[0], &a[1]) },
			`select offer, transfer from ration_sheet_line where sheet = $1 order by n`, id)
		for _, x := range list {
			l, err := s.line(r, x[0], x[1])
			if err != nil {
				return err
			}
			if l.Name != "" {
				out.Lines = append(out.Lines, l)
			}
		}
		return err
	})
	return out, err
}

// line is one label; without a name where its person is gone.
func (s *Service) line(r storage.Reader, offer, id string) (l Label, err error) {
	a, err := s.allotment(r, offer, id)
	if err != nil {
		return l, err
	}
	c, err := s.campaign(r, a.Campaign)
	if err != nil {
		return l, err
	}
	l = Label{Code: a.Code, Item: c.ID, Pieces: a.Pieces, Fen: c.Item.Fen * a.Pieces, Offer: offer, Allotment: id}
	switch {
	case a.Person != "":
		p, err := s.Parties.Get(r, a.Person)
		if err != nil {
			return l, err
		}
		l.Name, l.Phone = p.Name, p.Phone
	case a.Firm != "":
		firm, err := s.Parties.Organisation(r, a.Firm)
		if err != nil {
			return l, err
		}
		l.Name = firm.Name
	default:
		return l, nil
	}
	l.Address, err = s.addressOf(r, c.ID, sentTo(a.Person, a.Firm))
	return l, err
}
