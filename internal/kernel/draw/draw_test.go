package draw

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"breakwater/internal/fault"
)

// The example of RFC 3797, section 6, with its own MD5 and its 16-bit counters, through
// the picks that every draw goes through.
func TestExampleOfTheRFC(t *testing.T) {
	const key = "9319./2.5.8.10.12./9.18.26.34.41.45./"
	number := func(i int) []byte {
		at := binary.BigEndian.AppendUint16(nil, uint16(i))
		sum := md5.Sum(slices.Concat(at, []byte(key), at))
		return sum[:]
	}
	if got, want := hex.EncodeToString(number(0)), "990dd0a5692a029a98b5e01aa28f3459"; got != want {
		t.Errorf("the first number is %s, the RFC has %s", got, want)
	}
	var got []int
	for _, i := range picks(25, 10, number) {
		got = append(got, i+1)
	}
	if d := cmp.Diff([]int{17, 7, 2, 16, 25, 23, 8, 24, 19, 13}, got); d != "" {
		t.Errorf("picks (-RFC +ours):\n%s", d)
	}
}

// A value that the beacon has published, and the moment of its round.
func TestBeacon(t *testing.T) {
	if !genuine(1000, beacon1000) {
		t.Error("a published value is not taken for genuine")
	}
	for name, bad := range map[string][]byte{
		"of another round": beacon1000, "cut": beacon1000[:47], "none": nil,
		"altered": slices.Concat(beacon1000[:20], []byte{beacon1000[20] ^ 1}, beacon1000[21:]),
	} {
		round := uint64(1000)
		if name == "of another round" {
			round = 1001
		}
		if genuine(round, bad) {
			t.Errorf("%s: taken for genuine", name)
		}
	}
	for _, at := range []time.Time{RoundTime(1), RoundTime(1000), RoundTime(1000).Add(time.Second), RoundTime(1000).Add(-time.Second)} {
		r := RoundAfter(at)
		if !RoundTime(r).After(at) || RoundTime(r-1).After(at) {
			t.Errorf("the first round after %s is said to be %d, of %s", at, r, RoundTime(r))
		}
	}
	if r := RoundAfter(time.Unix(0, 0)); r != 1 {
		t.Errorf("before the beacon began, the next round is said to be %d", r)
	}
}

// beacon1000 is the signature of round 1000 of quicknet, as its keepers publish it.
var beacon1000, _ = hex.DecodeString("b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39")

func byBeacon(pots ...Pot) *List {
	return &List{ID: "drw_1", Title: "口罩 masks", Frozen: RoundTime(999), Seed: Seed{Round: 1000}, Pots: pots}
}

func byWitnesses(pots ...Pot) (*List, [][]byte) {
	l := &List{ID: "drw_1", Title: "口罩", Frozen: time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC), Pots: pots}
	var secrets [][]byte
	for n, name := range []string{"王明", "Li Na", "公证处"} {
		secrets = append(secrets, bytes.Repeat([]byte{byte(n + 1)}, 16))
		l.Seed.Witnesses = append(l.Seed.Witnesses, Witness{name, Commit(l.ID, name, secrets[n])})
	}
	return l, secrets
}

func entries(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("E%08d", i))
	}
	return out
}

func drawn(t *testing.T, l *List, values ...[]byte) (*Transcript, string) {
	t.Helper()
	var list, text bytes.Buffer
	hash, err := l.Freeze(&list)
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Draw(hash, values...)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), list.String()) {
		t.Fatal("a transcript does not begin with the frozen list")
	}
	return d, text.String()
}

func TestDrawAndReplay(t *testing.T) {
	pots := []Pot{{Name: "鼓楼 Gulou", Places: 3, Reserve: 2, Entries: entries(20)}, {Name: "江北", Places: 5, Entries: entries(2)}, {Name: "empty", Places: 1}}
	witnessed, secrets := byWitnesses(pots...)
	for name, of := range map[string]struct {
		list   *List
		values [][]byte
	}{"beacon": {byBeacon(pots...), [][]byte{beacon1000}}, "witnesses": {witnessed, secrets}} {
		t.Run(name, func(t *testing.T) {
			d, text := drawn(t, of.list, of.values...)
			if got := []int{len(d.Drawn[0]), len(d.Drawn[1]), len(d.Drawn[2])}; !slices.Equal(got, []int{5, 2, 0}) {
				t.Errorf("drawn are %v", got)
			}
			again, err := Read(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(d, again, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("read again (-written +read):\n%s", d)
			}
			if err := again.Replay(); err != nil {
				t.Errorf("replay: %v", err)
			}
			list, _, _ := strings.Cut(text, "list: ")
			frozen, err := Read(strings.NewReader(list))
			if err != nil || frozen.Hash != d.Hash {
				t.Fatalf("the list alone: %v", err)
			}
			if err := frozen.Replay(); !fault.Is(err, "draw.not_drawn") {
				t.Errorf("a list that is only frozen replays: %v", err)
			}
		})
	}
}

// What a draw says is written down here once, so that no later version reckons another
// result from the same file.
func TestDrawStaysTheSame(t *testing.T) {
	d, _ := drawn(t, byBeacon(Pot{Name: "a", Places: 5, Entries: entries(1000)}), beacon1000)
	if got, want := strings.Join(d.Drawn[0], " "), "E00000483 E00000722 E00000389 E00000533 E00000431"; got != want {
		t.Errorf("drawn %s, always was %s", got, want)
	}
}

// Whatever somebody alters in a transcript is found.
func TestEveryAlterationIsFound(t *testing.T) {
	l, secrets := byWitnesses(Pot{Name: "a", Places: 3, Reserve: 2, Entries: entries(9)}, Pot{Name: "b", Places: 1, Entries: entries(4)})
	_, text := drawn(t, l, secrets...)
	found := func(altered string) error {
		d, err := Read(strings.NewReader(altered))
		if err == nil {
			err = d.Replay()
		}
		return err
	}
	if err := found(text); err != nil {
		t.Fatalf("the unaltered text: %v", err)
	}
	for i := range len(text) {
		for _, bit := range []byte{1, 4, 32} {
			b := []byte(text)
			b[i] ^= bit
			if err := found(string(b)); err == nil {
				t.Fatalf("byte %d altered and not found:\n%s", i, b)
			}
		}
		if err := found(text[:i]); err == nil {
			t.Fatalf("cut off at byte %d and not found", i)
		}
	}
	rows := strings.SplitAfter(text, "\n")
	for i := range len(rows) - 2 {
		b := slices.Clone(rows)
		if b[i], b[i+1] = b[i+1], b[i]; b[i] != b[i+1] && found(strings.Join(b, "")) == nil {
			t.Errorf("lines %d and %d changed places and it was not found", i+1, i+2)
		}
		if found(strings.Join(slices.Delete(slices.Clone(rows), i, i+1), "")) == nil {
			t.Errorf("line %d taken away and it was not found", i+1)
		}
	}
}

func TestListsThatAreNotFrozen(t *testing.T) {
	good := func() *List { l, _ := byWitnesses(Pot{Name: "a", Places: 1, Entries: entries(3)}); return l }
	for code, spoil := range map[string]func(l *List){
		"draw.id":           func(l *List) { l.ID = "a b" },
		"draw.title":        func(l *List) { l.Title = "two\nlines" },
		"draw.frozen":       func(l *List) { l.Frozen = l.Frozen.Add(time.Millisecond) },
		"draw.pots":         func(l *List) { l.Pots = nil },
		"draw.pot_name":     func(l *List) { l.Pots = append(l.Pots, l.Pots[0]) },
		"draw.places":       func(l *List) { l.Pots[0].Places = 0 },
		"draw.entry":        func(l *List) { l.Pots[0].Entries[1] = "330203199001011234 王明" },
		"draw.order":        func(l *List) { l.Pots[0].Entries[1] = l.Pots[0].Entries[0] },
		"draw.witnesses":    func(l *List) { l.Seed.Witnesses = l.Seed.Witnesses[:2] },
		"draw.witness_name": func(l *List) { l.Seed.Witnesses[1].Name = l.Seed.Witnesses[0].Name },
		"draw.seed_both":    func(l *List) { l.Seed.Round = RoundAfter(l.Frozen) },
		"draw.seed_known":   func(l *List) { l.Seed = Seed{Round: RoundAfter(l.Frozen) - 1} },
	} {
		l := good()
		spoil(l)
		if _, err := l.Freeze(&bytes.Buffer{}); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
		if _, err := l.Draw([32]byte{}); !fault.Is(err, code) {
			t.Errorf("%s at the draw: %v", code, err)
		}
	}
	if err := good().Check(); err != nil {
		t.Error(err)
	}
}

func TestValuesThatAreNotTheAnnounced(t *testing.T) {
	l, secrets := byWitnesses(Pot{Name: "a", Places: 1, Entries: entries(3)})
	for code, values := range map[string][][]byte{
		"draw.values":       secrets[:2],
		"draw.secret_other": {secrets[1], secrets[0], secrets[2]},
		"draw.secret_size":  {secrets[0][:3], secrets[1], secrets[2]},
	} {
		if _, err := l.Draw([32]byte{}, values...); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	b := byBeacon(l.Pots...)
	for code, values := range map[string][][]byte{"draw.values": nil, "draw.beacon_false": {secrets[0]}} {
		if _, err := b.Draw([32]byte{}, values...); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Picks are those of a row from which each taken one is cut out, whatever the numbers.
func TestPicksAsWithScissors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		pool, want := r.IntN(70), r.IntN(80)
		all := make([][]byte, want+1)
		for i := range all {
			all[i] = make([]byte, 32)
			for j := range all[i] {
				all[i][j] = byte(r.Uint32())
			}
		}
		row := make([]int, pool)
		for i := range row {
			row[i] = i
		}
		var cut []int
		for i := 0; i < want && len(row) > 0; i++ {
			rest := 0
			for _, b := range all[i] {
				rest = (rest<<8 | int(b)) % len(row)
			}
			cut = append(cut, row[rest])
			row = slices.Delete(row, rest, rest+1)
		}
		if got := picks(pool, want, func(i int) []byte { return all[i] }); !slices.Equal(got, cut) {
			t.Fatalf("of %d: picked %v, with scissors %v", pool, got, cut)
		}
	}
}

// Everybody has the same chance: each of 20 entries is drawn about as often over many
// draws (chi-squared of 19 degrees; 43.8 is passed once in a thousand).
func TestChancesAreEven(t *testing.T) {
	const pool, want, rounds = 20, 5, 4000
	var often [pool]int
	for n := range rounds {
		for _, i := range picks(pool, want, numbers(fmt.Appendf(nil, "%d./", n))) {
			often[i]++
		}
	}
	chi, mean := 0.0, float64(rounds*want)/pool
	for _, o := range often {
		d := float64(o) - mean
		chi += d * d / mean
	}
	if chi > 43.8 {
		t.Errorf("chi-squared %.1f: %v", chi, often)
	}
}

func FuzzRead(f *testing.F) {
	l, secrets := byWitnesses(Pot{Name: "a", Places: 1, Reserve: 1, Entries: entries(3)})
	hash, err := l.Freeze(&bytes.Buffer{})
	if err != nil {
		f.Fatal(err)
	}
	d, err := l.Draw(hash, secrets...)
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("breakwater draw 1\nid: a\ntitle: b\nfrozen: 2026-01-01T00:00:00Z\nseed: witnesses 0\npot: 99999999 1 1 a\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		d, err := Read(bytes.NewReader(in))
		if err != nil {
			var bad *fault.Error
			if !errors.As(err, &bad) || bad.Kind != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		if d.Values == nil {
			return
		}
		var out bytes.Buffer
		if err := d.Write(&out); err != nil || !bytes.Equal(out.Bytes(), in) {
			t.Fatalf("written again it is another text:\n%s\n%s", in, out.Bytes())
		}
		_ = d.Replay()
	})
}

// 2 million entries in 200 pots, all of them drawn in order: the goal is 10 s.
func BenchmarkDrawTwoMillion(b *testing.B) {
	var pots []Pot
	for n := range 200 {
		pots = append(pots, Pot{Name: fmt.Sprint("town ", n), Places: 5000, Reserve: 5000, Entries: entries(10_000)})
	}
	l := byBeacon(pots...)
	for b.Loop() {
		var text bytes.Buffer
		hash, err := l.Freeze(&text)
		if err != nil {
			b.Fatal(err)
		}
		d, err := l.Draw(hash, beacon1000)
		if err != nil {
			b.Fatal(err)
		}
		text.Reset()
		if err := d.Write(&text); err != nil {
			b.Fatal(err)
		}
		again, err := Read(&text)
		if err != nil {
			b.Fatal(err)
		}
		if err := again.Replay(); err != nil {
			b.Fatal(err)
		}
	}
}
