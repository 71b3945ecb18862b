package ration

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Overview is how a campaign stands, in pieces.
type Overview struct {
	Supply    int64 `json:"supply"`    // may be offered still
	Offered   int64 `json:"offered"`   // offered and booked by nobody
	Reserved  int64 `json:"reserved"`  // held for vouchers that were not fetched yet
	Collected int64 `json:"collected"` // promises that were kept
	Lapsed    int64 `json:"lapsed"`    // of vouchers nobody brought
	GivenBack int64 `json:"given_back"`
	Shelves   int64 `json:"shelves"` // on all shelves, without recalled lots
	Recalled  int64 `json:"recalled"`
	Handed    int64 `json:"handed"` // left shelves over a counter
	Spoiled   int64 `json:"spoiled"`

	Lots []LotStock `json:"lots"`
}

// LotStock is a lot wherever it stands.
type LotStock struct {
	Lot
	Pieces int64 `json:"pieces"`
	Places int64 `json:"places"` // with some of it
}

// Overview adds a campaign up: by the ledger what there is, by its bookings what became
// of promises.
//
// Faults: Denied, NotFound.
func (s *Service) Overview(ctx context.Context, by auth.Principal, campaign string) (o Overview, err error) {
	if err := by.Permit(MayReview, Grants, s.district()); err != nil {
		return o, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		c, err := s.campaign(r, campaign)
		if err == nil {
			o, err = s.overview(r, c)
		}
		return err
	})
	return o, err
}

func (s *Service) overview(r storage.Reader, c *opened) (o Overview, err error) {
	all, err := ledger.Balances(r, c.book)
	if err != nil {
		return o, err
	}
	balances := make(map[ledger.AccountID]ledger.Balance, len(all))
	for _, b := range all {
		balances[b.ID] = b
	}
	o.Supply, o.Collected = balances[c.supply].Free(), balances[c.given].Posted
	o.Handed, o.Spoiled, o.Reserved = balances[c.handed].Free(), balances[c.spoiled].Free(), balances[c.given].Expected
	accounts, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select account from ration_offer where campaign = $1 and pieces > 0`, c.ID)
	if err != nil {
		return o, err
	}
	for _, id := range accounts {
		o.Offered += balances[ledger.AccountID(id)].Free()
	}
	// Only what came to nothing is looked at, by an index of its own: nearly all bookings
	// are fetched.
	type ended struct {
		state  State
		pieces int64
	}
	over, err := storage.All(r, func(rows *storage.Rows) (x ended, err error) { return x, rows.Scan(&x.state, &x.pieces) },
		`select state, cast(sum(pieces) as bigint) from ration_allotment where campaign = $1 and state in ('lapsed', 'given_back') group by state`, c.ID)
	if err != nil {
		return o, err
	}
	for _, x := range over {
		if x.state == Lapsed {
			o.Lapsed = x.pieces
		} else {
			o.GivenBack = x.pieces
		}
	}
	return o, s.lotsOf(r, c, balances, &o)
}

// lotsOf adds the lots, the newest first.
func (s *Service) lotsOf(r storage.Reader, c *opened, balances map[ledger.AccountID]ledger.Balance, o *Overview) error {
	lots, err := storage.All(r, func(rows *storage.Rows) (x LotStock, err error) {
		var recalled, received int64
		err = rows.Scan(&x.ID, &x.Campaign, &x.Maker, &x.Number, &x.BestBefore, &recalled, &received)
		x.Recalled, x.Received = instant(recalled), instant(received)
		return x, err
	}, `select lot, campaign, maker, number, best_before, recalled, received from ration_lot where campaign = $1 order by received desc, lot limit 1000`, c.ID)
	if err != nil {
		return err
	}
	at := map[string]*LotStock{}
	for i := range lots {
		at[lots[i].ID] = &lots[i]
	}
	shelves, err := s.shelfAccounts(r, c.ID)
	if err != nil {
		return err
	}
	for _, f := range shelves {
		n := balances[f.account].Free()
		if x := at[f.Lot]; x != nil && n > 0 {
			x.Pieces, x.Places = x.Pieces+n, x.Places+1
		}
		if f.Recalled {
			o.Recalled += n
		} else {
			o.Shelves += n
		}
	}
	o.Lots = lots
	return nil
}

// LotPlaces lists where a lot stands, for whoever recalls it.
//
// Faults: Denied, NotFound "ration.no_lot".
func (s *Service) LotPlaces(ctx context.Context, by auth.Principal, lot string) (list []Shelf, err error) {
	if err := by.Permit(MayReview, Grants, s.district()); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err = s.shelves(r, `where l.lot = $1 order by s.point`, lot)
		return err
	})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "ration.no_lot")
	}
	return list, err
}
