package waiting

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"breakwater/internal/ident"
)

// Ticket is a place in a room. It names nobody.
type Ticket ident.Packed

// ticketPrefix is that of a ticket's text.
const ticketPrefix = "tkt"

// String is the ticket as lists show it, "tkt_…".
func (t Ticket) String() string { return ident.Packed(t).Unpack(ticketPrefix) }

// ParseTicket reads it; ok is false for any other text.
func ParseTicket(text string) (t Ticket, ok bool) {
	p, ok := ident.Pack(ticketPrefix, text)
	return Ticket(p), ok
}

// NewSeed makes a room's seed: 32 bytes that nobody can guess, in hex.
func NewSeed() string {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		panic(err) // never fails, see crypto/rand
	}
	return hex.EncodeToString(b)
}

// Commit is what is published of a seed before anybody comes: SHA-256 of its text.
func Commit(seed string) string { return sum([]byte(seed)) }

// Digest is the hash of the tickets that were there before the opening: of their texts,
// sorted, each with a line feed.
func Digest(early []Ticket) string {
	sorted := slices.Clone(early)
	slices.SortFunc(sorted, func(a, b Ticket) int { return bytes.Compare(a[:], b[:]) }) // as their texts do
	h := sha256.New()
	line := make([]byte, 0, 40)
	for _, t := range sorted {
		h.Write(append(append(line[:0], t.String()...), '\n'))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Shuffle is the order of the tickets that were there before the opening: ascending by
// SHA-256 of three lines, the seed, their Digest and the ticket. The digest is in it so
// that whoever chose the seed could not choose whom it favours: one more or one less in
// the room, and all of the order is another.
func Shuffle(seed, digest string, early []Ticket) []uint32 {
	type keyed struct {
		key [sha256.Size]byte
		n   uint32
	}
	head := []byte(seed + "\n" + digest + "\n")
	list := make([]keyed, len(early))
	for i, t := range early {
		list[i] = keyed{sha256.Sum256(append(head[:len(head):len(head)], t.String()+"\n"...)), uint32(i)}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		if c := bytes.Compare(a.key[:], b.key[:]); c != 0 {
			return c
		}
		return cmp.Compare(a.n, b.n)
	})
	out := make([]uint32, len(list))
	for i, k := range list {
		out[i] = k.n
	}
	return out
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
