package draw

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// List is who takes part in what, frozen before anybody can know the seed.
type List struct {
	ID     string // the draw's; an entry's alphabet
	Title  string
	Frozen time.Time // to the second
	Seed   Seed
	Pots   []Pot
}

// Pot is drawn by itself: the places of one town, one day, one kind of goods.
type Pot struct {
	Name    string
	Places  int      // how many win
	Reserve int      // how many more are drawn, to follow in this order where a winner falls out
	Entries []string // in ascending order of their bytes, each once: no order is anybody's choice
}

// What a draw holds at most.
const (
	MostEntries = 20_000_000 // of all pots
	MostPots    = 10_000
	mostTicket  = 40 // bytes of an entry
	mostWords   = 80 // characters of a title or name
)

// Freeze writes the list and returns the hash that is to be published with it.
//
// Faults: Invalid, with the code saying what is wrong with the list; and w's errors.
func (l *List) Freeze(w io.Writer) (hash [sha256.Size]byte, err error) {
	if err := l.Check(); err != nil {
		return hash, err
	}
	h := sha256.New()
	b := bufio.NewWriterSize(io.MultiWriter(w, h), 64<<10)
	l.write(b)
	err = b.Flush()
	return [sha256.Size]byte(h.Sum(nil)), err
}

// write is the list's text. Errors stay with b until it is flushed.
func (l *List) write(b *bufio.Writer) {
	fmt.Fprintf(b, "%s\nid: %s\ntitle: %s\nfrozen: %s\n", magic, l.ID, l.Title, l.Frozen.UTC().Format(time.RFC3339))
	if l.Seed.Round > 0 {
		fmt.Fprintf(b, "seed: drand %s %d\n", Chain, l.Seed.Round)
	} else {
		fmt.Fprintf(b, "seed: witnesses %d\n", len(l.Seed.Witnesses))
	}
	for _, w := range l.Seed.Witnesses {
		fmt.Fprintf(b, "witness: %x %s\n", w.Commitment, w.Name)
	}
	for _, p := range l.Pots {
		fmt.Fprintf(b, "pot: %d %d %d %s\n", len(p.Entries), p.Places, p.Reserve, p.Name)
		for _, e := range p.Entries {
			_, _ = b.WriteString(e)
			_ = b.WriteByte('\n')
		}
	}
	_, _ = b.WriteString("end\n")
}

// Check is whether the list may be frozen.
func (l *List) Check() error {
	switch {
	case !ticket(l.ID):
		return fault.New(fault.Invalid, "draw.id")
	case !words(l.Title):
		return fault.New(fault.Invalid, "draw.title", "most", mostWords)
	case !l.Frozen.Equal(l.Frozen.Truncate(time.Second)) || l.Frozen.Year() < 2020 || l.Frozen.Year() > 4000:
		return fault.New(fault.Invalid, "draw.frozen")
	case len(l.Pots) == 0 || len(l.Pots) > MostPots:
		return fault.New(fault.Invalid, "draw.pots", "most", MostPots)
	}
	if err := l.checkSeed(); err != nil {
		return err
	}
	all, names := 0, map[string]bool{}
	for _, p := range l.Pots {
		if !words(p.Name) || names[p.Name] {
			return fault.New(fault.Invalid, "draw.pot_name", "name", p.Name)
		}
		names[p.Name] = true
		if p.Places < 1 || p.Reserve < 0 || p.Places > MostEntries || p.Reserve > MostEntries {
			return fault.New(fault.Invalid, "draw.places", "name", p.Name)
		}
		if all += len(p.Entries); all > MostEntries {
			return fault.New(fault.Invalid, "draw.entries", "most", MostEntries)
		}
		last := ""
		for _, e := range p.Entries {
			if !ticket(e) {
				return fault.New(fault.Invalid, "draw.entry", "name", p.Name, "entry", e)
			}
			if e <= last {
				return fault.New(fault.Invalid, "draw.order", "name", p.Name, "entry", e)
			}
			last = e
		}
	}
	return nil
}

func (l *List) checkSeed() error {
	s := l.Seed
	if s.Round > 0 {
		switch {
		case len(s.Witnesses) > 0:
			return fault.New(fault.Invalid, "draw.seed_both")
		case s.Round > mostRounds || !l.Frozen.Before(RoundTime(s.Round)):
			return fault.New(fault.Invalid, "draw.seed_known", "round", s.Round)
		}
		return nil
	}
	if len(s.Witnesses) < leastWitnesses || len(s.Witnesses) > mostWitnesses {
		return fault.New(fault.Invalid, "draw.witnesses", "least", leastWitnesses, "most", mostWitnesses)
	}
	names := map[string]bool{}
	for _, w := range s.Witnesses {
		if !words(w.Name) || names[w.Name] {
			return fault.New(fault.Invalid, "draw.witness_name", "name", w.Name)
		}
		names[w.Name] = true
	}
	return nil
}

// Draw proves the values and draws. hash is what Freeze returned.
//
// Faults: Invalid, where the list is wrong or the values are not those announced.
func (l *List) Draw(hash [sha256.Size]byte, values ...[]byte) (*Transcript, error) {
	t := &Transcript{List: l, Hash: hash, Values: values}
	if err := l.Check(); err != nil {
		return nil, err
	}
	if err := l.prove(values); err != nil {
		return nil, err
	}
	t.Drawn = t.reckon()
	return t, nil
}

// reckon is what each pot's numbers pick: the winners, then the reserve.
func (t *Transcript) reckon() [][]string {
	out := make([][]string, len(t.List.Pots))
	for n, p := range t.List.Pots {
		for _, i := range picks(len(p.Entries), p.Places+p.Reserve, numbers(key(t.Hash, t.Values, n+1))) {
			out[n] = append(out[n], p.Entries[i])
		}
	}
	return out
}

// numbers are those of a key: the i-th is SHA-256 of the key between two copies of i, in
// 8 bytes where the RFC has 2. Each is good until the next is asked for.
func numbers(key []byte) func(i int) []byte {
	mixed := make([]byte, 8+len(key)+8)
	copy(mixed[8:], key)
	var sum [sha256.Size]byte
	return func(i int) []byte {
		binary.BigEndian.PutUint64(mixed, uint64(i))
		binary.BigEndian.PutUint64(mixed[8+len(key):], uint64(i))
		sum = sha256.Sum256(mixed)
		return sum[:]
	}
}

// ticket is whether s can be an entry: letters, digits and ". _ -" of ASCII.
func ticket(s string) bool {
	if len(s) == 0 || len(s) > mostTicket {
		return false
	}
	for _, c := range []byte(s) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// words is whether s can be a title or a name: on one line, and to be seen.
func words(s string) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > mostWords || s == "" || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// hexOf is a hash as people compare it.
func hexOf(h [sha256.Size]byte) string { return hex.EncodeToString(h[:]) }
