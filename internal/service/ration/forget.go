package ration

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Holds never holds a person back: what they have not fetched is given back, and what
// they have stays counted as pieces.
func (s *Service) Holds(storage.Reader, string) error { return nil }

// Forget cuts a person from everything that was promised or handed to them, in the
// caller's transaction. Their vouchers are given back at once, so that no counter hands
// them over; the ledger follows within the minute (settleOwed), since its books are
// moved by nobody else's transaction. Entries that were not drawn yet are gone; the
// published list of a draw stays, for its tickets name nobody, and a share that such a
// ticket wins stays with the supply.
//
// The family of a head falls apart: each of them asks for themself from then on.
func (s *Service) Forget(tx *storage.Tx, person string) error {
	if err := s.forgetAllotments(tx, person); err != nil {
		return err
	}
	for _, text := range [...]string{
		// What one of a household entered stays the household's.
		`update ration_entry set person = holder where person = $1 and person <> '' and holder <> person and holder not like 'door:%'`,
		// A household's entry made for another of them is theirs alone from here on.
		`update ration_entry set holder = person where holder = $1 and holder <> person and person <> ''
			and not exists (select 1 from ration_entry e where e.campaign = ration_entry.campaign and e.day = ration_entry.day and e.holder = ration_entry.person)`,
		`delete from ration_entry where holder = $1 and holder <> person`,
		`delete from ration_entry where person = $1 and person <> ''`,
		`delete from ration_won where holder = $1 and campaign in (select campaign from ration_campaign)`,
		// Looked for among all places: an index would cost every rush what this costs once.
		`update ration_place set person = '', account = '' where person = $1 and person <> ''`,
		`delete from ration_address where whose = $1 and campaign in (select campaign from ration_campaign)`,
		`delete from ration_family where person = $1 or head = $1`,
		`delete from ration_family_ask where person = $1 or head = $1`,
	} {
		if _, err := tx.Exec(text, person); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) forgetAllotments(tx *storage.Tx, person string) error {
	scan := func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) }
	list, err := storage.All(tx, scan, everyRun+`a.person = $1`, person)
	if err != nil {
		return err
	}
	now := clock.Micros(s.Clock())
	for _, a := range list {
		if _, err := tx.Exec(`update ration_allotment set holder = '', person = '', account = '' where offer = $1 and transfer = $2`, a.Offer, a.ID); err != nil {
			return err
		}
		if a.State != Held {
			continue
		}
		if _, err := tx.Exec(`update ration_allotment set state = 'given_back', ended = $1 where offer = $2 and transfer = $3 and state = 'held'`, now, a.Offer, a.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into ration_owed (offer, transfer) values ($1, $2)`, a.Offer, a.ID); err != nil {
			return err
		}
	}
	// A firm's share for an employee, or one that counted for a whole household, is kept
	// by whoever has it; for whom it counted is not.
	if _, err := tx.Exec(`update ration_allotment set holder = '' where holder = $1 and holder <> person`, person); err != nil {
		return err
	}
	tx.OnCommit(s.owe)
	return nil
}

// owe wakes Run. Whoever misses it is found by the next minute's round.
func (s *Service) owe() {
	select {
	case s.owed <- struct{}{}:
	default:
	}
}

// settleOwed frees in the ledger what forgotten people held.
func (s *Service) settleOwed(ctx context.Context) error {
	var list []Allotment
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) },
			`select a.offer, a.transfer, a.campaign, a.holder, a.person, a.firm, a.account, a.pieces, a.until, a.state, a.at, a.ended, a.lot
			from ration_owed w join ration_allotment a on a.offer = w.offer and a.transfer = w.transfer order by w.offer, w.transfer limit 1000`)
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := s.settleOne(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) settleOne(ctx context.Context, a Allotment) error {
	var c *opened
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		c, err = s.campaign(r, a.Campaign)
		return err
	}); err != nil {
		return err
	}
	want, err := c.ending(a, GivenBack)
	if err != nil {
		return err
	}
	paid := func(tx *storage.Tx) error {
		_, err := tx.Exec(`delete from ration_owed where offer = $1 and transfer = $2`, a.Offer, a.ID)
		return err
	}
	receipt, err := s.Ledger.Admit(ctx, c.book, want, func(tx *storage.Tx) error {
		if err := paid(tx); err != nil {
			return err
		}
		return s.record(tx, auth.Operator(), factGivenBack, streamOf(c.ID), promisedBody{a.ID, a.Offer, a.Pieces})
	})
	s.stir(a.Offer)
	if err == nil && receipt.Again || endedMeanwhile(err) {
		return s.Store.Write(ctx, paid)
	}
	return err
}

// ending are the transfers that free what an allotment holds.
func (c *opened) ending(a Allotment, as State) ([]ledger.Transfer, error) {
	hold, err := ledger.ParseTransferID(a.ID)
	if err != nil {
		return nil, err
	}
	kind := ledger.Void
	if as == Lapsed {
		kind = ledger.Expire
	}
	want := []ledger.Transfer{{ID: ledger.IDFor("ration."+string(as), a.ID), Kind: kind, Hold: hold}}
	if !c.fixed() {
		want = append(want, ledger.Transfer{ID: ledger.IDFor("ration."+string(as)+".turn", a.ID), Kind: kind, Hold: turnOf(hold)})
	}
	return want, nil
}

// standsStill fails where a winner's entry is gone, forgotten since the list was read.
// It touches the row, so that of a forgetting and a placing at once the later sees the
// earlier on either engine.
func standsStill(tx *storage.Tx, e Entry) error {
	n, err := tx.Exec(`update ration_entry set at = at where campaign = $1 and day = $2 and holder = $3 and ticket = $4`, e.Campaign, int64(e.Day), e.holder, e.Ticket)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "ration.no_entry")
	}
	return err
}
