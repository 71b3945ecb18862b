// Package waiting is a room in which people wait for something that is given in the
// order of their arrival, so that nobody gains by being quicker than others were able
// to be: who is there before the opening is put in an order by lot, who comes later
// stands behind. A turn moves along that order by a pace, and who had it keeps it.
//
// A place is a Ticket that names nobody. The order follows from the tickets and from a
// seed that was promised by its hash before anybody came (Shuffle); anybody can put the
// tickets in order again (List). Where somebody stands is read from memory (Room), how
// many are let in is a pure step (Pace), and how long it will take is said as a range
// from what was measured, or not at all (Marks).
//
// It refuses to store anything, to know people, to tell the time, and to promise: a
// Room is what its owner's journal adds up to, and whoever owns the journal says so.
package waiting
