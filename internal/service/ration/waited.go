package ration

import (
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/waiting"
	"breakwater/internal/storage"
)

// Waited is a round's waiting room as the store has it: what was published, the ledger's
// journal, and the rows that say whose a place is.
type Waited struct {
	Commit, Seed, Digest string
	Early, Let           int64    // recorded when the room was drawn; places that have had their turn
	Arrivals             []string // tickets in the journal's order
	Before               int      // so many of them stand before the drawing; -1: none was
	Whose                []WaitedPlace
}

// WaitedPlace is a ticket with whose it is; Person is "" of a firm's.
type WaitedPlace struct{ Ticket, Person, Firm string }

// WaitedOf reads a campaign's waiting rooms whole, by their days. It is for rehearsals
// and repairs, which hold them against what people were told.
//
// Faults: Internal "ledger.damaged", those of the reader.
func WaitedOf(r storage.Reader, campaign string) (map[string]Waited, error) {
	type row struct {
		Waited
		day  int64
		book string
	}
	rooms, err := storage.All(r, func(rows *storage.Rows) (x row, err error) {
		return x, rows.Scan(&x.day, &x.book, &x.Commit, &x.Seed, &x.Digest, &x.Early, &x.Let)
	}, `select day, book, hash, seed, digest, early, let from ration_room where campaign = $1`, campaign)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Waited, len(rooms))
	for _, x := range rooms {
		x.Before = -1
		drawing := ledger.IDFor("ration.room", x.book)
		if _, err := ledger.Entries(r, ledger.BookID(x.book), 0, func(e ledger.Entry) {
			if e.ID == drawing {
				x.Before = len(x.Arrivals)
				return
			}
			x.Arrivals = append(x.Arrivals, waiting.Ticket(e.ID).String())
		}); err != nil {
			return nil, err
		}
		if x.Whose, err = storage.All(r, func(rows *storage.Rows) (p WaitedPlace, err error) {
			return p, rows.Scan(&p.Ticket, &p.Person, &p.Firm)
		}, `select ticket, person, firm from ration_place where campaign = $1 and day = $2`, campaign, x.day); err != nil {
			return nil, err
		}
		out[Day(x.day).String()] = x.Waited
	}
	return out, nil
}
