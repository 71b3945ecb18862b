package waiting

import (
	"bufio"
	"fmt"
	"io"
)

// List is a room's order as it is published: one text file by which anybody checks it.
type List struct {
	Room   string // what it waits for, and when: "tidewater-masks 2020-02-12"
	Commit string // published before anybody came
	Seed   string
	Early  int64 // so many were there before the opening
	Digest string
}

const listHead = "breakwater waiting room 1"

// Write writes the file: a head of words and values, an empty line, and the tickets in
// their order, one a line.
func (l List) Write(w io.Writer, r *Room) error {
	out := bufio.NewWriter(w)
	all, _, _ := r.Count()
	fmt.Fprintf(out, "%s\nroom: %s\ncommitment: %s\nseed: %s\nearly: %d\ndigest: %s\n\n", listHead, l.Room, l.Commit, l.Seed, l.Early, l.Digest)
	const page = 10_000 // so long nobody else is kept waiting
	for from := int64(0); from < all; from += page {
		for _, s := range r.Between(from, min(from+page, all)) {
			fmt.Fprintln(out, s.Ticket)
		}
	}
	return out.Flush()
}
