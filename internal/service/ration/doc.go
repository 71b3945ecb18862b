// Package ration shares out what is scarce: a campaign says by data what is given, to
// whom, how much, by what way and how it is handed over; nobody is promised what is
// not there, and who was promised something finds it.
//
// Nouns. A Campaign is one file with a city's rule; a Point is a shop or a depot; a
// Round is one day on which a campaign is open; an Offer is so many pieces at a point
// in a round; an Allotment is somebody's promise of some of them; a Lot is goods of
// one delivery, which stand at points to the piece.
//
// A Place is where somebody stands in the waiting room of a round; its ticket names
// nobody.
//
// States of a campaign: proposed → open → closed; two officers open it. Of an
// allotment: held → collected, lapsed or given back, each once. Lapsed and given back
// pieces are free again.
//
// Invariants, held by the ledger and proved by its audit: of an offer never more is
// promised than it has, of supply never more is offered; nobody has more than the
// campaign's rule gives in any of its periods; of a lot never more is handed over
// than stands at the point. Every refusal names its rule.
//
// Who may do what stands in permits.go, what is recorded in facts.go.
//
// It refuses to alter an open campaign (another rule is another campaign), to say who
// else asked or won, to promise on stock that is only hoped for, and to let the time
// at which somebody asked decide where a campaign gives by lot.
package ration
