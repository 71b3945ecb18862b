package ration

import (
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// Promised is everything a campaign has offered and promised, by two witnesses that must
// agree: the service's rows and the ledger's journal. The log is the third.
type Promised struct {
	Offers []Offered
	Rows   []PromisedRow
	Given  map[string]int64 // by allotment: pieces the ledger holds or held for it
}

// Offered is an offer with what the ledger has ever given of it.
type Offered struct {
	Offer  string
	Pieces int64 // that it has
	Given  int64
}

// PromisedRow is an allotment as the service stored it. Holder is for whom it counts.
type PromisedRow struct {
	ID, Offer, Holder, Person, Firm string
	Pieces                          int64
}

// PromisedOf reads a campaign's promises whole. It is for rehearsals and repairs, which
// hold it against what people were told.
//
// Faults: NotFound "ration.no_campaign"; Internal "ledger.damaged".
func PromisedOf(r storage.Reader, campaign string) (out Promised, err error) {
	var book string
	err = r.Row(`select book from ration_campaign where campaign = $1`, campaign).Scan(&book)
	if storage.NoRows(err) {
		return out, noCampaign()
	}
	if err != nil {
		return out, err
	}
	given, err := ledger.GivenOf(r, ledger.BookID(book))
	if err != nil {
		return out, err
	}
	of := map[ledger.AccountID]int64{}
	out.Given = make(map[string]int64, len(given))
	for _, g := range given {
		of[g.From] += g.Amount
		out.Given[g.ID.String()] += g.Amount
	}
	if out.Offers, err = storage.All(r, func(rows *storage.Rows) (o Offered, err error) {
		var account string
		err = rows.Scan(&o.Offer, &o.Pieces, &account)
		o.Given = of[ledger.AccountID(account)]
		return o, err
	}, `select offer, pieces, account from ration_offer where campaign = $1 order by offer`, campaign); err != nil {
		return out, err
	}
	out.Rows, err = storage.All(r, func(rows *storage.Rows) (p PromisedRow, err error) {
		return p, rows.Scan(&p.ID, &p.Offer, &p.Holder, &p.Person, &p.Firm, &p.Pieces)
	}, `select transfer, offer, holder, person, firm, pieces from ration_allotment where campaign = $1`, campaign)
	return out, err
}
