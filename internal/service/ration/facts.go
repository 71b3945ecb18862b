package ration

import (
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// The facts this service records, each named "ration.<name>". They hold ids and
// numbers of pieces, never who somebody is: the row a fact names does.
const (
	factPointOpened     = "point_opened"      // point:…
	factPointClosed     = "point_closed"      // point:…
	factPointReopened   = "point_reopened"    // point:…
	factOpened          = "opened"            // campaign:… by the second person
	factClosed          = "closed"            // campaign:…
	factSupplied        = "supplied"          // campaign:… pieces that may be offered
	factPlanned         = "planned"           // campaign:… a round's offers
	factPromised        = "promised"          // campaign:… an allotment
	factGivenBack       = "given_back"        // campaign:…
	factLapsed          = "lapsed"            // campaign:…
	factBroughtBack     = "brought_back"      // campaign:… what nobody claimed, to the supply
	factCollected       = "collected"         // campaign:… and of which lot
	factReceived        = "received"          // lot:… at a point
	factMoved           = "moved"             // lot:… from a point to another
	factSpoiled         = "spoiled"           // lot:… at a point, and why
	factReturned        = "returned"          // lot:… from somebody who had collected it
	factRecalled        = "recalled"          // lot:…
	factEntered         = "entered"           // campaign:… somebody, or a firm for its people
	factWithdrawn       = "withdrawn"         // campaign:… before the draw
	factFrozen          = "frozen"            // campaign:… a round's list, by its hash
	factDrawn           = "drawn"             // campaign:… by which values
	factRoom            = "room_announced"    // campaign:… a round's waiting room, with the hash of its seed
	factRoomDrawn       = "room_drawn"        // campaign:… the seed; who is in the journal before it was early
	factRoomListed      = "room_listed"       // campaign:… the digest of those tickets
	factTurn            = "room_turned"       // campaign:… so many have had their turn, at most four times a second
	factSent            = "sent"              // campaign:… to somebody's address, and of which lot
	factCameBack        = "came_back"         // campaign:… what could not be delivered
	factRedirected      = "redirected"        // campaign:… to another address, which is not said
	factFamily          = "family"            // person:…, sealed: who asks for them
	factMissed          = "paper_missed"      // campaign:… a wrong paper for an allotment, at a point
	factFamilyAsked     = "family_asked"      // person:…, sealed: who wants to
	factFamilyLeft      = "family_left"       // person:…, sealed
	factFamilyDeclined  = "family_declined"   // person:…, sealed
	factFamilyTakenBack = "family_taken_back" // person:…, sealed: who does not want to any more
)

func (s *Service) record(tx *storage.Tx, by auth.Principal, name, stream string, body any) error {
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: stream, Name: "ration." + name, Actor: by.ID, At: s.Clock(), Body: body})
	return err
}

func streamOf(campaign string) string { return "campaign:" + campaign }
