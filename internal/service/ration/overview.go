package ration

import (
	"context"
	"sync"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Overview is how a campaign stands, in pieces.
type Overview struct {
	Supply    int64 `json:"supply"`    // may be offered still
	Offered   int64 `json:"offered"`   // offered and booked by nobody
	Promised  int64 `json:"promised"`  // held for vouchers
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
	o.Handed, o.Spoiled, o.Promised = balances[c.handed].Free(), balances[c.spoiled].Free(), balances[c.given].Expected
	accounts, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select account from ration_offer where campaign = $1 and pieces > 0`, c.ID)
	if err != nil {
		return o, err
	}
	for _, id := range accounts {
		o.Offered += balances[ledger.AccountID(id)].Free()
	}
	for state, into := range map[State]*int64{Lapsed: &o.Lapsed, GivenBack: &o.GivenBack} {
		if err := r.Row(`select cast(coalesce(sum(a.pieces), 0) as bigint) from ration_offer o join ration_allotment a on a.offer = o.offer and a.state = $1 where o.campaign = $2`,
			string(state), c.ID).Scan(into); err != nil {
			return o, err
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

// Audited is the last proof of the ledger.
type Audited struct {
	At     time.Time     `json:"at"`
	Report ledger.Report `json:"report"`
}

// auditFor is how long a proof is given out before it is made again: it reads every
// journal from its first transfer.
const auditFor = time.Minute

// audits is the last audit, for all who ask.
type audits struct {
	mu   sync.Mutex
	last *Audited
}

// AuditLedger proves every book of the ledger from its first transfer, at most once a
// minute for all who ask. A broken ledger is a report, not a fault.
//
// Faults: Denied; Unavailable.
func (s *Service) AuditLedger(ctx context.Context, by auth.Principal) (Audited, error) {
	if err := by.Permit(MayReview, Grants, s.district()); err != nil {
		return Audited{}, err
	}
	if s.Audit == nil {
		return Audited{}, fault.New(fault.Unavailable, "fault.unavailable")
	}
	s.audited.mu.Lock()
	defer s.audited.mu.Unlock()
	now := s.Clock()
	if a := s.audited.last; a != nil && now.Sub(a.At) < auditFor && !now.Before(a.At) {
		return *a, nil
	}
	rep, err := s.Audit(ctx)
	if err != nil {
		return Audited{}, err
	}
	s.audited.last = &Audited{now, rep}
	return *s.audited.last, nil
}
