package draw

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/fault"
)

// Transcript is a draw as anybody can read and replay it: a text of lines, the frozen
// list first, then the list's hash, the values, and what each pot drew in its order.
// docs/draws.md shows one.
type Transcript struct {
	List   *List
	Hash   [sha256.Size]byte
	Values [][]byte   // none: frozen, not drawn yet
	Drawn  [][]string // per pot: the winners in their order, then the reserve
}

const (
	magic    = "breakwater draw 1"
	longest  = 1024    // bytes of a line
	bufBytes = 1 << 16 // read and written at once
)

// Write writes the whole text.
func (t *Transcript) Write(w io.Writer) error {
	b := bufio.NewWriterSize(w, bufBytes)
	t.List.write(b)
	fmt.Fprintf(b, "list: %x\n", t.Hash)
	for _, v := range t.Values {
		fmt.Fprintf(b, "value: %x\n", v)
	}
	for n, d := range t.Drawn {
		fmt.Fprintf(b, "drawn: %d %s\n", len(d), t.List.Pots[n].Name)
		for _, e := range d {
			_, _ = b.WriteString(e)
			_ = b.WriteByte('\n')
		}
	}
	_, _ = b.WriteString("done\n")
	return b.Flush()
}

// Read reads a transcript, or a frozen list alone: then Values and Drawn are empty, and
// Hash is the list's. It believes nothing beyond the form: Replay proves it.
//
// Faults: Invalid draw.not_a_draw, draw.line (with the number of the line that cannot be
// read), draw.cut_off, or what Check finds.
func Read(r io.Reader) (*Transcript, error) {
	in := &lines{b: bufio.NewReaderSize(r, bufBytes), hash: sha256.New()}
	t := &Transcript{List: &List{}}
	err := t.read(in)
	if err != nil {
		return nil, err
	}
	return t, t.List.Check()
}

func (t *Transcript) read(in *lines) error {
	if l, err := in.next(); err != nil || l != magic {
		if err != nil && !errors.Is(err, io.EOF) && !errors.As(err, new(*fault.Error)) {
			return err
		}
		return fault.New(fault.Invalid, "draw.not_a_draw")
	}
	if err := t.readList(in); err != nil {
		return err
	}
	t.Hash = [sha256.Size]byte(in.hash.Sum(nil))
	in.hash = nil
	line, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil // frozen
	}
	if err != nil {
		return err
	}
	said, ok := strings.CutPrefix(line, "list: ")
	if sum := fromHex(said); !ok || len(sum) != len(t.Hash) {
		return in.bad()
	} else if !bytes.Equal(sum, t.Hash[:]) {
		return fault.New(fault.Invalid, "draw.list_altered", "said", said, "is", hexOf(t.Hash))
	}
	return t.readDrawn(in)
}

func (t *Transcript) readList(in *lines) (err error) {
	l := t.List
	if l.ID, err = in.after("id: "); err != nil {
		return err
	}
	if l.Title, err = in.after("title: "); err != nil {
		return err
	}
	at, err := in.after("frozen: ")
	if err != nil {
		return err
	}
	if l.Frozen, err = time.Parse(time.RFC3339, at); err != nil || l.Frozen.UTC().Format(time.RFC3339) != at {
		return in.bad()
	}
	seed, err := in.after("seed: ")
	if err != nil {
		return err
	}
	if round, ok := strings.CutPrefix(seed, "drand "+Chain+" "); ok {
		n, ok := numeral(round)
		if l.Seed.Round = n; !ok || n == 0 {
			return in.bad()
		}
	} else if count, ok := strings.CutPrefix(seed, "witnesses "); ok {
		if err := l.readWitnesses(in, count); err != nil {
			return err
		}
	} else {
		return in.bad()
	}
	for all := 0; ; {
		line, err := in.whole()
		if err != nil {
			return err
		}
		if line == "end" {
			return nil
		}
		p, n, ok := potLine(line)
		if all += n; !ok || all > MostEntries || len(l.Pots) == MostPots {
			return in.bad()
		}
		if p.Entries, err = in.some(n); err != nil {
			return err
		}
		l.Pots = append(l.Pots, p)
	}
}

func (l *List) readWitnesses(in *lines, count string) error {
	n, ok := numeral(count)
	if !ok || n > mostWitnesses {
		return in.bad()
	}
	for range n {
		line, err := in.after("witness: ")
		if err != nil {
			return err
		}
		sum, name, _ := strings.Cut(line, " ")
		b := fromHex(sum)
		if len(b) != sha256.Size {
			return in.bad()
		}
		l.Seed.Witnesses = append(l.Seed.Witnesses, Witness{Name: name, Commitment: [sha256.Size]byte(b)})
	}
	return nil
}

// potLine reads "pot: entries places reserve name".
func potLine(line string) (p Pot, entries int, ok bool) {
	rest, ok := strings.CutPrefix(line, "pot: ")
	part := strings.SplitN(rest, " ", 4)
	if !ok || len(part) != 4 {
		return p, 0, false
	}
	n, ok1 := numeral(part[0])
	places, ok2 := numeral(part[1])
	reserve, ok3 := numeral(part[2])
	if !ok1 || !ok2 || !ok3 || max(n, places, reserve) > MostEntries {
		return p, 0, false
	}
	return Pot{Name: part[3], Places: int(places), Reserve: int(reserve)}, int(n), true
}

func (t *Transcript) readDrawn(in *lines) error {
	for {
		line, err := in.whole()
		if err != nil {
			return err
		}
		text, ok := strings.CutPrefix(line, "value: ")
		if !ok {
			break
		}
		v := fromHex(text)
		if len(v) == 0 || len(t.Values) == mostWitnesses {
			return in.bad()
		}
		t.Values = append(t.Values, v)
	}
	for _, p := range t.List.Pots {
		said, ok := strings.CutPrefix(in.line, "drawn: ")
		count, name, _ := strings.Cut(said, " ")
		n, whole := numeral(count)
		if !ok || !whole || name != p.Name || n > uint64(len(p.Entries)) {
			return in.bad()
		}
		d, err := in.some(int(n))
		if err != nil {
			return err
		}
		t.Drawn = append(t.Drawn, d)
		if _, err := in.whole(); err != nil {
			return err
		}
	}
	if in.line != "done" {
		return in.bad()
	}
	if _, err := in.next(); !errors.Is(err, io.EOF) {
		return in.bad()
	}
	return nil
}

// Replay proves a transcript: the list, the values, and everything drawn.
//
// Faults: Invalid draw.not_drawn for a list that is only frozen; what Draw says of list
// and values; draw.differs with the first place that another entry stands on.
func (t *Transcript) Replay() error {
	if t.Values == nil {
		return fault.New(fault.Invalid, "draw.not_drawn")
	}
	again, err := t.List.Draw(t.Hash, t.Values...)
	if err != nil {
		return err
	}
	for n, p := range t.List.Pots {
		for i, e := range again.Drawn[n] {
			said := ""
			if i < len(t.Drawn[n]) {
				said = t.Drawn[n][i]
			}
			if said != e {
				return fault.New(fault.Invalid, "draw.differs", "pot", p.Name, "place", i+1, "said", said, "is", e)
			}
		}
		if more := len(again.Drawn[n]); more < len(t.Drawn[n]) {
			return fault.New(fault.Invalid, "draw.differs", "pot", p.Name, "place", more+1, "said", t.Drawn[n][more], "is", "")
		}
	}
	return nil
}

// Place is where an entry was drawn, as the transcript says it, from 1, and the pot that
// holds it; place 0 for one that was not, and no pot for one that took no part.
func (t *Transcript) Place(entry string) (pot string, place int) {
	for n, p := range t.List.Pots {
		if _, there := slices.BinarySearch(p.Entries, entry); !there {
			continue
		}
		if n < len(t.Drawn) {
			place = slices.Index(t.Drawn[n], entry) + 1
		}
		return p.Name, place
	}
	return "", 0
}

// lines reads the text line by line and hashes it while it is the list's.
type lines struct {
	b    *bufio.Reader
	hash hash.Hash // nil: no more
	n    int       // the line's number
	line string
}

// next is the next line, without its end; io.EOF behind the last.
func (in *lines) next() (string, error) {
	raw, err := in.b.ReadSlice('\n')
	in.n++
	switch {
	case errors.Is(err, io.EOF) && len(raw) == 0:
		return "", io.EOF
	case errors.Is(err, io.EOF):
		return "", fault.New(fault.Invalid, "draw.cut_off", "line", in.n)
	case errors.Is(err, bufio.ErrBufferFull) || err == nil && len(raw) > longest:
		return "", in.bad()
	case err != nil:
		return "", err
	}
	if in.hash != nil {
		in.hash.Write(raw)
	}
	in.line = string(raw[:len(raw)-1])
	return in.line, nil
}

// whole is the next line of a text that is not over yet.
func (in *lines) whole() (string, error) {
	l, err := in.next()
	if errors.Is(err, io.EOF) {
		err = fault.New(fault.Invalid, "draw.cut_off", "line", in.n)
	}
	return l, err
}

// after is the rest of the next line, which must begin so.
func (in *lines) after(what string) (string, error) {
	l, err := in.whole()
	if err != nil {
		return "", err
	}
	rest, ok := strings.CutPrefix(l, what)
	if !ok {
		return "", in.bad()
	}
	return rest, nil
}

// some are the next n lines, each an entry.
func (in *lines) some(n int) ([]string, error) {
	out := make([]string, 0, min(n, 1<<16)) // not more than was sent, for a text that only says so
	for range n {
		l, err := in.whole()
		if err != nil {
			return nil, err
		}
		if !ticket(l) {
			return nil, in.bad()
		}
		out = append(out, l)
	}
	return out, nil
}

// fromHex reads lower-case hex, the only spelling there is; nil when it is not.
func fromHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil || hex.EncodeToString(b) != s {
		return nil
	}
	return b
}

// numeral reads a number in its only spelling.
func numeral(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && strconv.FormatUint(n, 10) == s
}

func (in *lines) bad() error { return fault.New(fault.Invalid, "draw.line", "line", in.n) }
