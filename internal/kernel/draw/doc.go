// Package draw decides by lot who gets what is too little for all, so that anybody can
// do it again and find the same.
//
// A draw has three steps that nobody can take in another order. The list of entries is
// frozen and its hash published (List.Freeze); it names where the seed will come from,
// which nobody can know yet: a round of a public beacon that lies in the future, or the
// secrets of named witnesses who have each published a commitment. Then the seed's values
// come (List.Draw proves them). What was drawn follows from list and values alone, and the
// whole is one text file (Transcript) that anyone may replay, with this program or with a
// page of code: the reckoning is that of RFC 3797, with SHA-256 in place of MD5.
//
// It refuses to know people: an entry is a ticket that only its holder and the service
// behind it can tell the name of. It refuses to say who may enter, to fetch a beacon, and
// to draw from a list whose seed could have been known when it was frozen.
package draw
