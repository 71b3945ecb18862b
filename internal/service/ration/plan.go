package ration

import (
	"context"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Offer is so many pieces at a point in a round.
type Offer struct {
	ID       string `json:"offer"`
	Campaign string `json:"campaign"`
	Day      Day    `json:"-"` // of the round
	Point    string `json:"point"`
	Part     int64  `json:"part"`   // the window's number, from 0; 0 where there are none
	Pieces   int64  `json:"pieces"` // at the beginning; what is left the ledger knows

	account ledger.AccountID
}

// From and To are the first and the last day on which it can be fetched.
func (c *Campaign) From(d Day) Day { return d + Day(c.Give.Ahead) }

// Last is the last day of a round's vouchers.
func (c *Campaign) Last(d Day) Day { return c.From(d) + Day(c.Hand.Days) - 1 }

// Supply says that so many pieces more may be offered in a campaign. Whoever says it
// has them, or has them in writing.
//
// Faults: Denied, NotFound; Conflict "ration.closed"; Invalid "ration.pieces".
func (s *Service) Supply(ctx context.Context, by auth.Principal, campaign string, pieces int64, reason string, key once.Key) error {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return err
	}
	if pieces < 1 || pieces > supplyMost {
		return fault.New(fault.Invalid, "fault.fields").With("pieces", "ration.pieces", "most", supplyMost)
	}
	if !ident.Reasoned(reason, 2, 200) {
		return fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	c, err := s.openOne(ctx, campaign)
	if err != nil {
		return err
	}
	_, err = s.Ledger.Admit(ctx, c.book, []ledger.Transfer{{
		ID: s.ticket("supply", key), Kind: ledger.Plain, Debit: c.source, Credit: c.supply, Amount: pieces,
	}}, func(tx *storage.Tx) error {
		return s.record(tx, by, factSupplied, streamOf(c.ID), map[string]any{"pieces": pieces, "reason": reason})
	})
	return err
}

const supplyMost = 1_000_000_000

// ticket is the ledger's id of a command: the client's key makes it, so that the same
// command again is the same transfer. A command without one is always new. Of a key that
// is one of our own tickets (once.Ticket) the time comes first, so that what is stored
// by it ascends; of any other nothing but its hash is known.
func (s *Service) ticket(act string, key once.Key) ledger.TransferID {
	if key.Key == "" {
		return ledger.Ticket(s.Clock())
	}
	id := ledger.IDFor("ration."+act, key.Principal, key.Key)
	if own, ok := ident.Pack("key", key.Key); ok {
		copy(id[:timeBytes], own[:timeBytes])
	}
	return id
}

// timeBytes is how much of a ticket is its time.
const timeBytes = 6

// openOne is a campaign that is not closed.
func (s *Service) openOne(ctx context.Context, id string) (c *opened, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		c, err = s.campaign(r, id)
		return err
	})
	if err == nil && c.state != "open" {
		err = fault.New(fault.Conflict, "ration.closed")
	}
	return c, err
}

// PlanInput offers pieces of a campaign's supply on one day.
type PlanInput struct {
	Campaign string
	Day      Day
	Offers   []OfferInput
	Key      once.Key
}

// OfferInput is one offer: Part is a window's number, where the campaign has windows.
type OfferInput struct {
	Point  string
	Part   int64
	Pieces int64
}

const (
	// offersMost is how many offers one plan holds: transfers and rows of one commit, so
	// that a plan stands whole or not at all.
	offersMost = 1000
	// offersChunk is how many offers' accounts are opened at once, while others wait.
	offersChunk = 100
)

// Plan opens offers of a day, each with an account of its own that gets its pieces from
// the campaign's supply: all or none, in one commit. A point may be planned once for a
// day and window; what stands with as many pieces already is left as it is, so that the
// same plan again is harmless.
//
// Faults: Denied, NotFound; Conflict "ration.closed"; Exhausted
// "ration.supply_short"; Invalid with a field "offer.<n>" for each that is wrong.
func (s *Service) Plan(ctx context.Context, by auth.Principal, in PlanInput) ([]Offer, error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return nil, err
	}
	c, err := s.openOne(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	if err := s.checkPlan(ctx, c, in); err != nil {
		return nil, err
	}
	offers, err := s.offerAccounts(ctx, c, in)
	if err != nil {
		return nil, err
	}
	var fresh []Offer // what stands as it was asked for before stays as it is
	for _, o := range offers {
		if !o.there {
			fresh = append(fresh, o.Offer)
		}
	}
	if len(fresh) > 0 {
		err = s.supplyOffers(ctx, by, c, in.Day, fresh)
	}
	out := make([]Offer, len(offers))
	for i, o := range offers {
		out[i] = o.Offer
	}
	return out, err
}

// TryPlan says what is wrong with a plan, and plans nothing.
//
// Faults: as Plan.
func (s *Service) TryPlan(ctx context.Context, by auth.Principal, in PlanInput) error {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return err
	}
	c, err := s.openOne(ctx, in.Campaign)
	if err != nil {
		return err
	}
	return s.checkPlan(ctx, c, in)
}

// supplyOffers gives offers their pieces, in one commit: from then on they are there.
func (s *Service) supplyOffers(ctx context.Context, by auth.Principal, c *opened, day Day, offers []Offer) error {
	want := make([]ledger.Transfer, len(offers))
	rows := make([]any, 0, 7*len(offers))
	for i, o := range offers {
		want[i] = ledger.Transfer{ID: ledger.IDFor("ration.offer", o.ID), Kind: ledger.Plain, Debit: c.supply, Credit: o.account, Amount: o.Pieces}
		rows = append(rows, o.ID, o.Campaign, int64(o.Day), o.Point, o.Part, o.Pieces, string(o.account))
	}
	_, err := s.Ledger.Admit(ctx, c.book, want, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`insert into ration_round (campaign, day, state, planned_by, planned) values ($1, $2, 'planned', $3, $4)
			on conflict (campaign, day) do nothing`, c.ID, int64(day), by.ID, clock.Micros(s.Clock())); err != nil {
			return err
		}
		n, err := storage.ExecRows(tx, `insert into ration_offer (offer, campaign, day, point, part, pieces, account) values `, 7, rows,
			` on conflict (offer) do update set pieces = excluded.pieces where ration_offer.pieces = 0`)
		if err == nil && n != int64(len(offers)) {
			err = fault.New(fault.Conflict, "ration.planned")
		}
		if err != nil {
			return err
		}
		return s.record(tx, by, factPlanned, streamOf(c.ID), map[string]any{"day": day.String(), "offers": offers})
	})
	switch {
	case fault.Is(err, "ledger.exhausted"):
		return s.supplyShort(ctx, c, offers)
	case fault.Is(err, "ledger.other_content"): // somebody else planned one of them just now, otherwise
		return fault.New(fault.Conflict, "ration.planned")
	}
	return err
}

// supplyShort says how much a plan needs and how much there is: what the ledger calls free
// is what was left at the offer for which it did not do.
func (s *Service) supplyShort(ctx context.Context, c *opened, offers []Offer) error {
	asked := int64(0)
	for _, o := range offers {
		asked += o.Pieces
	}
	var b ledger.Balance
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		b, err = ledger.BalanceOf(r, c.supply)
		return err
	})
	if err == nil {
		err = fault.New(fault.Exhausted, "ration.supply_short", "free", b.Free(), "asked", asked)
	}
	return err
}

func (s *Service) checkPlan(ctx context.Context, c *opened, in PlanInput) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Day < s.today() || in.Day > s.today()+daysMost {
		bad.With("day", "ration.plan_day", "most", daysMost)
	}
	if len(in.Offers) == 0 || len(in.Offers) > offersMost {
		bad.With("offers", "ration.plan_offers", "most", offersMost)
		return bad
	}
	seen := map[OfferInput]int{}
	points := map[string]Point{}
	day := slices.Clip(bad.Fields)
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		bad.Fields = day
		clear(seen)
		clear(points)
		there, err := s.offersOf(r, c.ID, in.Day)
		if err != nil {
			return err
		}
		planned := map[OfferInput]int64{}
		for _, o := range there {
			planned[OfferInput{Point: o.Point, Part: o.Part}] = o.Pieces
		}
		all, err := s.PointsIn(r)
		if err != nil {
			return err
		}
		for _, p := range all {
			points[p.ID] = p
		}
		for i, o := range in.Offers {
			at := OfferInput{Point: o.Point, Part: o.Part}
			name := fieldOf("offer", i)
			had := planned[at]
			switch {
			case !c.serves(points[o.Point]):
				bad.With(name, "ration.no_point")
			case o.Part < 0 || o.Part >= int64(max(len(c.Hand.Windows), 1)):
				bad.With(name, "ration.no_window")
			case o.Pieces < 1 || o.Pieces > supplyMost:
				bad.With(name, "ration.pieces", "most", supplyMost)
			case seen[at] > 0:
				bad.With(name, "ration.planned_twice")
			case had > 0 && had != o.Pieces:
				bad.With(name, "ration.planned_as", "pieces", had)
			}
			seen[at]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	return bad.OrNil()
}

// offerRow is an offer of a plan; there says that it stood already, with as many pieces.
type offerRow struct {
	Offer
	there bool
}

// offerAccounts opens the offers' rows and accounts, empty: they count once they have
// pieces. A plan that came to nothing leaves them for the next.
func (s *Service) offerAccounts(ctx context.Context, c *opened, in PlanInput) (out []offerRow, err error) {
	for part := range slices.Chunk(in.Offers, offersChunk) {
		var rows []offerRow
		err := s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
			rows = make([]offerRow, 0, len(part))
			for _, o := range part {
				row, err := s.offerAccount(tx, c, in.Day, o)
				if err != nil {
					return err
				}
				rows = append(rows, row)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func (s *Service) offerAccount(tx *storage.Tx, c *opened, day Day, in OfferInput) (row offerRow, err error) {
	row.Offer, err = scanOffer(tx.Row(offerColumns+`where campaign = $1 and day = $2 and point = $3 and part = $4`, c.ID, int64(day), in.Point, in.Part))
	switch {
	case err == nil && row.Pieces > 0 && row.Pieces != in.Pieces:
		return row, fault.New(fault.Conflict, "ration.planned")
	case err == nil:
		row.there, row.Pieces = row.Pieces > 0, in.Pieces
		return row, nil
	case !storage.NoRows(err):
		return row, err
	}
	f := Offer{ID: ident.New("off", s.Clock()), Campaign: c.ID, Day: day, Point: in.Point, Part: in.Part}
	a, err := s.Ledger.OpenAccount(tx, ledger.Account{Book: c.book, Unit: "promise", Purpose: "offer:" + f.ID})
	if err != nil {
		return row, err
	}
	f.account = a.ID
	_, err = tx.Exec(`insert into ration_offer (offer, campaign, day, point, part, pieces, account) values ($1, $2, $3, $4, $5, 0, $6)`,
		f.ID, f.Campaign, int64(f.Day), f.Point, f.Part, string(f.account))
	f.Pieces = in.Pieces
	return offerRow{Offer: f}, err
}

const offerColumns = `select offer, campaign, day, point, part, pieces, account from ration_offer `

func scanOffer(from interface{ Scan(...any) error }) (o Offer, err error) {
	var day int64
	var account string
	err = from.Scan(&o.ID, &o.Campaign, &day, &o.Point, &o.Part, &o.Pieces, &account)
	o.Day, o.account = Day(day), ledger.AccountID(account)
	return o, err
}

// offer finds an offer that has pieces. Such a one never changes.
func (s *Service) offer(r storage.Reader, id string) (*Offer, error) {
	if kept, ok := s.offers.Load(id); ok {
		return kept.(*Offer), nil
	}
	o, err := scanOffer(r.Row(offerColumns+`where offer = $1 and pieces > 0`, id))
	if storage.NoRows(err) {
		return nil, noOffer()
	}
	if err != nil {
		return nil, err
	}
	s.offers.Store(id, &o)
	return &o, nil
}

// hours is when a round is open.
func (s *Service) hours(c *Campaign, d Day) (from, until time.Time) {
	day := d.In(s.Zone)
	return c.Give.Opens.On(day), c.Give.Closes.On(day)
}

// last is the end of an offer's last day or window: until then it is fetched, or sent.
func (s *Service) last(c *Campaign, o *Offer) time.Time {
	if c.sends() {
		return (c.Last(o.Day) + 1).In(s.Zone)
	}
	return s.until(c, o)
}

// until is the moment at which an offer's vouchers lapse: the end of their last day's
// window; where they are sent a month later, for a sender who is late.
func (s *Service) until(c *Campaign, o *Offer) time.Time {
	end := Clock(24 * 60)
	if len(c.Hand.Windows) > 0 {
		end = c.Hand.Windows[o.Part].To
	}
	last := c.Last(o.Day)
	if c.sends() {
		last += lateSending
	}
	return end.On(last.In(s.Zone))
}
