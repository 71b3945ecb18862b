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
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Voucher is an allotment as a counter sees it: whose, masked, and whether it may be
// handed over here and now.
type Voucher struct {
	Allotment
	Item rule.Text `json:"item"` // by language
	Name string    `json:"name"` // masked, or the firm's
	Due  int64     `json:"due"`  // fen to be paid at the counter
	Lots []Shelf   `json:"lots"` // from which it can be handed over, the oldest first

	// What the counter has to know before it asks for a paper.
	From  time.Time `json:"from"`  // before, it is not handed over
	Proxy bool      `json:"proxy"` // somebody else may fetch it
	Paper bool      `json:"paper"` // the last four characters of a paper are asked for

	Closed  bool   `json:"closed,omitempty"`  // this counter is: nothing is handed over
	Instead string `json:"instead,omitempty"` // the name of the point where it is handed over
}

// FindVoucher finds what a code at a counter stands for: the spoken code or the text of
// the voucher's picture. The person it is of finds the look under who looked at them.
//
// Faults: Denied; Invalid for a code misread; NotFound "ration.no_voucher" for one of
// another counter too.
func (s *Service) FindVoucher(ctx context.Context, by auth.Principal, point, code string) (v Voucher, err error) {
	if err := by.Permit(MayHand, Grants, s.at(point)...); err != nil {
		return v, err
	}
	if code, err = ident.CheckAloud(code); err != nil {
		return v, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		v = Voucher{}
		a, err := s.byCode(r, point, code)
		if err != nil {
			return err
		}
		v.Allotment = a
		return s.fill(r, &v, point)
	})
	if err != nil || v.Person == "" {
		return v, err
	}
	return v, s.lookOnce(ctx, by, v.Person, party.VoucherSeen, v.ID)
}

// byCode looks through what the point has promised for days that are not over long.
func (s *Service) byCode(r storage.Reader, point, code string) (Allotment, error) {
	points, err := s.handsFor(r, point)
	if err != nil {
		return Allotment{}, err
	}
	in, args := storage.In(2, append(points, point)) // of its own it tells where they are handed over
	offers, err := storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
		offerColumns+`where day >= $1 and point in (`+in+`) and pieces > 0 order by day desc limit 500`, append([]any{int64(s.today()) - 2*keepMost}, args...)...)
	if err != nil {
		return Allotment{}, err
	}
	for _, o := range offers {
		list, err := storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) }, allotmentColumns+`where offer = $1`, o.ID)
		if err != nil {
			return Allotment{}, err
		}
		for _, a := range list {
			if a.Code == code {
				return a, nil
			}
		}
	}
	return Allotment{}, fault.New(fault.NotFound, "ration.no_voucher")
}

func (s *Service) fill(r storage.Reader, v *Voucher, point string) error {
	c, err := s.campaign(r, v.Campaign)
	if err != nil {
		return err
	}
	o, err := s.offer(r, v.Offer)
	if err != nil {
		return err
	}
	v.Item, v.Due = c.Item.Name, c.Item.Fen*v.Pieces
	v.From, v.Proxy, v.Paper = s.fetch(c.Campaign, o), c.Hand.Proxy, v.Person != ""
	at, err := s.handedAt(r, o.Point)
	if err != nil {
		return err
	}
	if v.Closed = !at.Closed.IsZero() || at.ID != point; at.ID != point {
		v.Instead = at.Name
	}
	if v.Firm != "" {
		firm, err := s.Parties.Organisation(r, v.Firm)
		if err != nil {
			return err
		}
		v.Name = firm.Name
	} else {
		who, err := s.Parties.Masked(r, v.Person)
		if err != nil {
			return err
		}
		v.Name = who[v.Person].Name
	}
	v.Lots, err = s.shelves(r, `where s.campaign = $1 and s.point = $2 and l.recalled = 0 order by l.best_before, l.lot`, c.ID, point)
	v.Lots = slices.DeleteFunc(v.Lots, func(f Shelf) bool { return s.good(f) != nil })
	return err
}

// CollectInput hands an allotment over, of a lot that stands at the point. Under the same
// Key the same till is told the same; anybody else, that it was handed over, and when: a
// voucher shown at two tills is given once. LastFour are
// the last four characters of the paper that whoever fetches it shows: the person's own
// or, where a campaign lets another fetch it, both are looked at and Proxy says so.
type CollectInput struct {
	Point, Offer, Allotment string
	Lot                     string
	LastFour                string
	Proxy                   bool
	Key                     once.Key
}

// Collect hands an allotment over: the promise ends, the pieces leave the shelf, and
// both are one commit.
//
// Faults: Denied, NotFound; Invalid "ration.paper_differs"; Conflict
// "ration.collected", "ration.lapsed", "ration.given_back", "ration.too_early",
// "ration.no_proxy", "ration.recalled_lot", "ration.lot_past", "ration.tries",
// "ration.point_closed", "ration.point_instead_at", "ration.not_fetched" for what is sent; Exhausted "ration.shelf_empty".
func (s *Service) Collect(ctx context.Context, by auth.Principal, in CollectInput) (Allotment, error) {
	if err := by.Permit(MayHand, Grants, s.at(in.Point)...); err != nil {
		return Allotment{}, err
	}
	var a Allotment
	var c *opened
	var shelf Shelf
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		a, c, shelf, err = s.ready(r, by, in)
		return err
	})
	if err != nil && differs(err) {
		if e := s.missed(ctx, by, in, c); e != nil {
			return a, e
		}
	}
	if err == nil && a.State == Collected {
		err = s.handedBy(ctx, in.Key, a)
	}
	if err != nil || a.State == Collected {
		return a, err
	}
	want, err := c.kept(a)
	if err != nil {
		return a, err
	}
	want = append(want, ledger.Transfer{ID: ledger.IDFor("ration.hand", a.ID, shelf.Lot), Kind: ledger.Plain, Debit: shelf.account, Credit: c.handed, Amount: a.Pieces})
	now := s.Clock()
	receipt, err := s.Ledger.Admit(ctx, c.book, want, func(tx *storage.Tx) error {
		_, err := once.Do(tx, in.Key, now, func() (struct{}, error) {
			return struct{}{}, s.handOver(tx, by, a, shelf.Lot, in, now)
		})
		return err
	})
	switch {
	case err == nil && receipt.Again: // another till did, this very moment
		err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
			a, err = s.allotment(r, in.Offer, in.Allotment)
			return err
		})
		return a, orThen(err, func() error { return s.handedBy(ctx, in.Key, a) })
	case fault.Is(err, "ledger.exhausted"):
		return a, fault.New(fault.Exhausted, "ration.shelf_empty")
	case endedMeanwhile(err):
		return a, s.ended(ctx, a)
	case err != nil:
		return a, err
	}
	a.State, a.Ended, a.Lot = Collected, now, shelf.Lot
	return a, nil
}

// handOver is what Collect stores in the commit of its transfers.
func (s *Service) handOver(tx *storage.Tx, by auth.Principal, a Allotment, lot string, in CollectInput, now time.Time) error {
	if err := s.mayHand(tx, by, a.ID); err != nil {
		return err // a right guess among many sent at once
	}
	if err := s.end(tx, a, Collected, lot, now); err != nil {
		return err
	}
	if err := handOut(tx, a.Campaign, in.Point, lot, a.Pieces); err != nil {
		return err
	}
	return s.record(tx, by, factCollected, streamOf(a.Campaign), collectedBody{a.ID, in.Point, lot, a.Pieces, in.Proxy})
}

// handedBy passes for the very command that handed an allotment over, known by its key.
func (s *Service) handedBy(ctx context.Context, key once.Key, a Allotment) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (struct{}, error) { return struct{}{}, endedAs(a) })
		return err
	})
}

// differs is whether a paper was not the one an allotment is of.
func differs(err error) bool {
	return slices.ContainsFunc(fault.As(err).Fields, func(x fault.Field) bool { return x.Code == "ration.paper_differs" })
}

// mayHand refuses to look at one more paper, for one voucher or of one counter's account,
// after too many wrong ones today.
func (s *Service) mayHand(r storage.Reader, by auth.Principal, allotment string) error {
	if err := s.mayTry(r, "paper:"+allotment, paperTries); err != nil {
		return err
	}
	return s.mayTry(r, "counter:"+by.ID, counterTries)
}

// missed counts a wrong paper and records it.
func (s *Service) missed(ctx context.Context, by auth.Principal, in CollectInput, c *opened) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		for _, subject := range []string{"paper:" + in.Allotment, "counter:" + by.ID} {
			if err := s.tried(tx, subject); err != nil {
				return err
			}
		}
		return s.record(tx, by, factMissed, streamOf(c.ID), missedBody{in.Allotment, in.Point})
	})
}

type missedBody struct {
	Allotment string `json:"allotment"`
	Point     string `json:"point"`
}

type collectedBody struct {
	Allotment string `json:"allotment"`
	Point     string `json:"point"`
	Lot       string `json:"lot"`
	Pieces    int64  `json:"pieces"`
	Proxy     bool   `json:"proxy,omitempty"`
}

// ready checks what stands between an allotment and its handing over.
func (s *Service) ready(r storage.Reader, by auth.Principal, in CollectInput) (a Allotment, c *opened, shelf Shelf, err error) {
	o, err := s.offer(r, in.Offer)
	if err != nil {
		return a, c, shelf, err
	}
	here := s.handsHere(r, in.Point, o.Point)
	if fault.Is(here, "ration.no_allotment") {
		return a, c, shelf, here
	}
	if a, err = s.allotment(r, in.Offer, in.Allotment); err != nil {
		return a, c, shelf, err
	}
	if c, err = s.campaign(r, a.Campaign); err != nil {
		return a, c, shelf, err
	}
	if a.State == Collected && !c.sends() {
		return a, c, shelf, nil // by this till or another
	}
	if a.State != Held {
		return a, c, shelf, endedAs(a)
	}
	if here != nil {
		return a, c, shelf, here
	}
	now := s.Clock()
	first := s.fetch(c.Campaign, o)
	switch {
	case c.sends():
		return a, c, shelf, fault.New(fault.Conflict, "ration.not_fetched")
	case now.Before(first):
		return a, c, shelf, fault.New(fault.Conflict, "ration.too_early", "from", first)
	case !now.Before(a.Until):
		return a, c, shelf, fault.New(fault.Conflict, "ration.lapsed")
	case in.Proxy && !c.Hand.Proxy:
		return a, c, shelf, fault.New(fault.Conflict, "ration.no_proxy")
	}
	if err := s.mayHand(r, by, a.ID); err != nil {
		return a, c, shelf, err
	}
	if a.Person != "" {
		p, err := s.Parties.Get(r, a.Person)
		if err != nil {
			return a, c, shelf, err
		}
		if n := len(p.IDNumber); n < 4 || p.IDNumber[n-4:] != ident.Fold(in.LastFour) {
			return a, c, shelf, fault.New(fault.Invalid, "fault.fields").With("last_four", "ration.paper_differs")
		}
	}
	if shelf, err = s.shelf(r, c.ID, in.Point, in.Lot); err == nil {
		err = s.good(shelf)
	}
	return a, c, shelf, err
}

// end moves an allotment that is held to its end; of two who try, one does.
func (s *Service) end(tx *storage.Tx, a Allotment, state State, lot string, now time.Time) error {
	n, err := tx.Exec(`update ration_allotment set state = $1, ended = $2, lot = $3 where offer = $4 and transfer = $5 and state = 'held'`,
		string(state), clock.Micros(now), lot, a.Offer, a.ID)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "ledger.ended")
	}
	return err
}

// endedMeanwhile is the ledger's word that a hold is not open any more.
func endedMeanwhile(err error) bool {
	return fault.Is(err, "ledger.ended") || fault.Is(err, "ledger.lapsed") || fault.Is(err, "ledger.other_content")
}

// ended reads what became of an allotment that somebody else ended meanwhile.
func (s *Service) ended(ctx context.Context, a Allotment) error {
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		a, err = s.allotment(r, a.Offer, a.ID)
		return err
	})
	if err != nil {
		return err
	}
	return endedAs(a)
}

func endedAs(a Allotment) error {
	switch a.State {
	case Collected:
		return fault.New(fault.Conflict, "ration.collected", "at", a.Ended)
	case GivenBack:
		return fault.New(fault.Conflict, "ration.given_back", "at", a.Ended)
	case Held, Lapsed:
	}
	return fault.New(fault.Conflict, "ration.lapsed")
}
