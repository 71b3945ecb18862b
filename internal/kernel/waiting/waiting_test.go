package waiting_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/waiting"
)

var start = time.Date(2020, 2, 12, 20, 0, 0, 0, time.UTC)

func tickets(n int) []waiting.Ticket {
	out := make([]waiting.Ticket, n)
	for i := range out {
		sum := sha256.Sum256([]byte(strconv.Itoa(i)))
		out[i] = waiting.Ticket(sum[:16])
	}
	return out
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// The order is what a stranger finds who knows three lines and a sort.
func TestShuffle(t *testing.T) {
	list := tickets(200)
	digest := waiting.Digest(list)
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.String()
	}
	sorted := slices.Sorted(slices.Values(texts))
	if want := hash(strings.Join(sorted, "\n") + "\n"); digest != want {
		t.Errorf("digest %s, want %s", digest, want)
	}
	if waiting.Commit("seed") != hash("seed") {
		t.Error("a commitment is SHA-256 of the seed's text")
	}
	want := slices.Clone(texts)
	slices.SortFunc(want, func(a, b string) int {
		return strings.Compare(hash("seed\n"+digest+"\n"+a+"\n"), hash("seed\n"+digest+"\n"+b+"\n"))
	})
	var got []string
	for _, n := range waiting.Shuffle("seed", digest, list) {
		got = append(got, texts[n])
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, x := range list {
		if y, ok := waiting.ParseTicket(x.String()); !ok || y != x {
			t.Fatalf("%v is read as %v", x, y)
		}
	}
}

// Whoever came first has no better place for it: over many seeds each of ten arrivals has
// each of ten places about as often (chi squared, 81 degrees of freedom; 140 is one in
// twenty thousand).
func TestShuffleIsFair(t *testing.T) {
	list := tickets(10)
	digest := waiting.Digest(list)
	const draws = 5000
	var at [10][10]float64
	for i := range draws {
		for place, n := range waiting.Shuffle(strconv.Itoa(i), digest, list) {
			at[n][place]++
		}
	}
	sum := 0.0
	for _, row := range at {
		for _, n := range row {
			sum += (n - draws/10) * (n - draws/10) / (draws / 10)
		}
	}
	if sum > 140 {
		t.Errorf("chi squared is %.0f: %v", sum, at)
	}
}

// code makes every second pair of tickets meet in one code.
func code(x waiting.Ticket, try int) uint64 { return uint64(x[0]/2) + uint64(try)*1000 }

func TestRoom(t *testing.T) {
	r := waiting.NewRoom(code)
	list := tickets(300)
	for i, x := range list[:200] {
		r.Add(waiting.Arrival{Ticket: x, At: start.Add(time.Duration(i))})
		r.Add(waiting.Arrival{Ticket: x, At: start}) // again: the same place
	}
	if s, found := r.Find(list[0]); !found || s.Drawn || s.Waiting != 200 {
		t.Errorf("%v %+v", found, s)
	}
	if got := r.Between(0, 10); got != nil {
		t.Errorf("an order before lots were drawn: %v", got)
	}
	digest := r.Draw("seed")
	if r.Draw("another") != digest {
		t.Error("drawn twice")
	}
	for _, x := range list[200:] {
		r.Add(waiting.Arrival{Ticket: x, At: start})
	}
	for place, n := range waiting.Shuffle("seed", digest, list[:200]) {
		if s, _ := r.Find(list[n]); s.Place != int64(place) {
			t.Fatalf("%d is at %d, not %d", n, s.Place, place)
		}
	}
	for i, x := range list[200:] {
		if s, _ := r.Find(x); s.Place != int64(200+i) {
			t.Errorf("late %d is at %d", i, s.Place)
		}
	}
	codes := map[string]bool{}
	for _, x := range list {
		c := r.CodeOf(x)
		s, found := r.ByCode(strings.ToLower(c))
		if !found || s.Ticket != x || codes[c] {
			t.Errorf("%s of %v leads to %v", c, x, s.Ticket)
		}
		codes[c] = true
	}
	for _, c := range []string{"", "K7M2-9QXE", ident.NewAloud(987654321)} {
		if _, found := r.ByCode(c); found {
			t.Errorf("%q leads somewhere", c)
		}
	}
	all, early, _ := r.Count()
	var file bytes.Buffer
	if err := (waiting.List{Room: "x", Commit: waiting.Commit("seed"), Seed: "seed", Early: early, Digest: digest}).Write(&file, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(file.String()), "\n")
	if all != 300 || early != 200 || len(lines) != 7+300 || lines[6] != "" || lines[0] != "breakwater waiting room 1" {
		t.Errorf("%d, %d early, %d lines", all, early, len(lines))
	}
	r.Look(7, start)
	if !r.Looked(7).Equal(start) || !r.Looked(8).Equal(time.Unix(0, 0)) {
		t.Errorf("looked at %v", r.Looked(7))
	}
}

// Days of all sorts: ceilings from one a minute to two thousand a second, people who
// sleep, shares that end, a machine that is full for a while, steps that come late. Never
// are more let in than the pace allows, never more than shares are left beside those on
// their way, and as long as there are people and shares the turn moves.
func TestPaceHoldsAlways(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		ceiling := []float64{1.0 / 60, 0.5, 3, 100, 2000}[rnd.IntN(5)]
		waits, shares := int64(rnd.IntN(3000)), int64(rnd.IntN(3000))
		awake := rnd.Float64()
		full := rnd.Float64() * 0.8
		var p waiting.Pace
		var m waiting.Marks
		p.Moved = start
		now, turn, given, last := start, int64(0), int64(0), start
		for range 4000 {
			now = now.Add(time.Duration(50+rnd.IntN(400)) * time.Millisecond)
			m.Note(now, turn, given, waits == turn)
			coming := m.Coming(now, turn, given)
			var n int64
			p, n = p.Step(waiting.Seen{Now: now, Ceiling: ceiling, Waiting: waits - turn, Coming: coming, Left: shares - given, Full: rnd.Float64() < full})
			switch {
			case n < 0, turn+n > waits:
				t.Fatalf("seed %d: %d let in of %d", seed, n, waits-turn)
			case n > 0 && n+coming > shares-given:
				t.Fatalf("seed %d: %d let in, %d on their way, %d shares", seed, n, coming, shares-given)
			case p.PerSecond > ceiling || p.PerSecond < ceiling*0.019:
				t.Fatalf("seed %d: a pace of %v under %v", seed, p.PerSecond, ceiling)
			}
			turn += n
			if most := ceiling*(now.Sub(start).Seconds()+1) + 1; float64(turn) > most+1e-6 {
				t.Fatalf("seed %d: %d let in after %v at %v a second", seed, turn, now.Sub(start), ceiling)
			}
			// A pace at its lowest takes 50 ceilings for one; those on their way, a minute.
			if stall := waiting.Patience + time.Duration(55/ceiling*float64(time.Second)); n > 0 || waits == turn || given >= shares {
				last = now
			} else if now.Sub(last) > stall {
				t.Fatalf("seed %d: nobody let in for %v, %d wait, %d shares, %d on their way", seed, stall, waits-turn, shares-given, coming)
			}
			if given < min(turn, shares) && rnd.Float64() < awake {
				given++
			}
		}
	}
}

func TestPace(t *testing.T) {
	p := waiting.Pace{Moved: start}
	seen := waiting.Seen{Now: start, Ceiling: 30, Waiting: 1000, Left: -1}
	p, n := p.Step(seen)
	if p.PerSecond != 15 || n != 0 {
		t.Errorf("it begins at %v with %d", p.PerSecond, n)
	}
	seen.Now = start.Add(time.Second)
	p, n = p.Step(seen)
	if p.PerSecond != 16 || n != 16 {
		t.Errorf("after a second %v, %d", p.PerSecond, n)
	}
	seen.Full = true
	for i := range 4 { // several steps within a second: one fall
		seen.Now = start.Add(time.Second + time.Duration(1+i)*200*time.Millisecond)
		p, _ = p.Step(seen)
	}
	if d := p.PerSecond - 16*0.7; d > 1e-9 || d < -1e-9 {
		t.Errorf("full: %v", p.PerSecond)
	}
	idle := waiting.Pace{Moved: start}
	idle, _ = idle.Step(waiting.Seen{Now: start, Ceiling: 10, Left: -1})
	if _, n := idle.Step(waiting.Seen{Now: start.Add(time.Hour), Ceiling: 10, Waiting: 1000, Left: -1}); n > 11 {
		t.Errorf("an hour that nobody used was saved up: %d", n)
	}
}

func TestEstimate(t *testing.T) {
	var m waiting.Marks
	for i := range 71 {
		m.Note(start.Add(time.Duration(i)*time.Second), int64(i*10), 0, i < 5)
	}
	now := start.Add(70 * time.Second)
	if rate, ok := m.Rate(now, 700); !ok || rate != 10 {
		t.Errorf("%v %v", rate, ok)
	}
	if _, ok := m.Rate(start.Add(60*time.Second), 600); ok {
		t.Error("less than a minute of waiting says something")
	}
	if got := m.Coming(now, 700, 0); got != 600 {
		t.Errorf("%d on their way", got)
	}
	if got := m.Coming(now, 700, 450); got != 150 {
		t.Errorf("%d on their way beside 450 who asked", got)
	}
	for _, x := range []struct {
		ahead       int64
		now, lately float64
		known, ok   bool
		from, to    time.Duration
	}{
		{6000, 10, 10, true, true, 8 * time.Minute, 13 * time.Minute},
		{6000, 10, 5, true, true, 8 * time.Minute, 25 * time.Minute},
		{6000, 10, 0, false, true, 8 * time.Minute, 25 * time.Minute},
		{0, 10, 10, true, true, 0, 0},
		{6000, 10, 0, true, false, 0, 0}, // it stands still: nobody knows
		{6000, 0, 0, false, false, 0, 0},
	} {
		from, to, ok := waiting.Range(x.ahead, x.now, x.lately, x.known)
		if from != x.from || to != x.to || ok != x.ok {
			t.Errorf("%+v: %v to %v, %v", x, from, to, ok)
		}
	}
}

// All together ask some thousand times a second at most; nobody misses the opening by
// more than their share of that.
func TestAgain(t *testing.T) {
	const people = 1_000_000
	for _, left := range []time.Duration{0, time.Minute, time.Hour, 10 * time.Hour} {
		perSecond := 0.0
		for _, x := range tickets(1000) {
			perSecond += people / 1000 / waiting.Again(left, people, x, false).Seconds()
		}
		if perSecond > 11_000 {
			t.Errorf("%v to go: %.0f a second", left, perSecond)
		}
	}
	for _, x := range tickets(100) {
		for left := 3 * time.Hour; left > 0; {
			next := waiting.Again(left, 5000, x, true)
			if next < time.Second || next > left+10*time.Second {
				t.Fatalf("%v before the opening: again in %v", left, next)
			}
			left -= next
		}
	}
}

// BenchmarkRoom is a million who come, and their order: its time, and memory for each.
func BenchmarkRoom(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := waiting.NewRoom(func(x waiting.Ticket, try int) uint64 {
			return uint64(x[0])<<32 | uint64(x[1])<<24 | uint64(x[2])<<16 | uint64(x[3])<<8 | uint64(x[4]) + uint64(try)
		})
		for _, x := range tickets(1_000_000) {
			r.Add(waiting.Arrival{Ticket: x, At: start})
		}
		r.Draw("seed")
		runtime.GC()
		runtime.ReadMemStats(&after)
		all, _, _ := r.Count()
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(all), "B/place")
	}
}
