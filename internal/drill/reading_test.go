package drill

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/service/ration"
)

// given is a reading of three shares of five pieces, of an offer of fifteen.
func given() *reading {
	r := &reading{Facts: map[string]int64{}}
	r.Given = map[string]int64{}
	r.Offers = []ration.Offered{{Offer: "off", Pieces: 15, Given: 15}}
	for _, id := range []string{"a", "b", "c"} {
		r.Rows = append(r.Rows, ration.PromisedRow{ID: id, Offer: "off", Holder: "per_" + id, Person: "per_" + id, Pieces: 5})
		r.Given[id], r.Facts[id] = 5, 1
	}
	return r
}

// The negative control of the drills: a store that lost, doubled or oversold something
// is found out, whichever of its three witnesses was tampered with.
func TestHoldAgainst(t *testing.T) {
	told := []string{"a", "b", "c"}
	for name, c := range map[string]struct {
		told   []string
		asked  int64
		tamper func(*reading)
		want   found
	}{
		"sound":                      {told, 3, func(*reading) {}, found{}},
		"one not heard of":           {told[:2], 3, func(*reading) {}, found{}},
		"a row removed":              {told, 3, func(r *reading) { r.Rows = r.Rows[1:] }, found{Lost: 1, Odds: 2}},
		"a claim the ledger forgot":  {told, 3, func(r *reading) { delete(r.Given, "b") }, found{Lost: 1, Odds: 1}},
		"a fact missing":             {told, 3, func(r *reading) { delete(r.Facts, "b") }, found{Lost: 1, Odds: 1}},
		"a fact written twice":       {told, 3, func(r *reading) { r.Facts["b"] = 2 }, found{Odds: 1}},
		"two people told the same":   {[]string{"a", "b", "b"}, 3, func(*reading) {}, found{Lost: 1}},
		"one person twice":           {told, 3, func(r *reading) { r.Rows[1].Holder = "per_a" }, found{Duplicated: 1}},
		"one that nobody asked for":  {told[:2], 2, func(*reading) {}, found{Duplicated: 1}},
		"more than there was":        {told, 3, func(r *reading) { r.Offers[0].Pieces = 10 }, found{Oversold: 5}},
		"fewer pieces than promised": {told, 3, func(r *reading) { r.Given["c"] = 4 }, found{Odds: 1}},
	} {
		r := given()
		c.tamper(r)
		got := holdAgainst(c.told, c.asked, r)
		got.Told, got.Promised, got.Pieces = 0, 0, 0
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// A rush passes only when its reading is sound, the ledger proved, nobody was told two
// things, everybody was answered and the program came back as often as it was killed.
func TestRushVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(*play, *reading)
		fails  string
	}{
		"sound":           {func(*play, *reading) {}, ""},
		"lost":            {func(_ *play, r *reading) { delete(r.Given, "b") }, "lost"},
		"doubled":         {func(_ *play, r *reading) { r.Rows[1].Holder = "per_a" }, "duplicated"},
		"oversold":        {func(_ *play, r *reading) { r.Offers[0].Pieces = 10 }, "oversold"},
		"told otherwise":  {func(p *play, _ *reading) { p.rushes[0].crowd.differs = 1 }, "same_answer"},
		"nobody retried":  {func(p *play, _ *reading) { p.rushes[0].crowd.retried = 0 }, "same_answer"},
		"never answered":  {func(p *play, _ *reading) { p.rushes[0].crowd.who[3].key = "asked" }, "all_answered"},
		"not all given":   {func(p *play, _ *reading) { p.rushes[0].shares = 4 }, "all_given"},
		"did not come":    {func(p *play, _ *reading) { p.rushes[0].crowd.back = nil }, "back"},
		"a broken ledger": {nil, "audit"},
	} {
		p := &play{out: &Outcome{}, rushes: []rushAct{{id: "x", shares: 3, kills: 1, crowd: &claimants{
			asked: 3, told: 3, declined: 1, retried: 2, back: make([]time.Duration, 1),
			who: []claimant{{id: "a", state: answered}, {id: "b", state: answered}, {id: "c", state: answered}, {}},
		}}}}
		r, audit := given(), "ok"
		if c.tamper == nil {
			audit = "batch_altered"
		} else {
			c.tamper(p, r)
		}
		if err := p.verdict(map[string]*reading{"campaign:x": r}, audit); err != nil {
			t.Fatal(err)
		}
		missed := map[string]bool{}
		for _, g := range p.out.Goals {
			if g.Verdict == Failed {
				missed[g.What] = true
			}
		}
		if p.out.Passed() != (c.fails == "") || c.fails != "" && !missed[c.fails] {
			t.Errorf("%s: %s, missed %v", name, p.out.Verdict, missed)
		}
	}
	if err := (&play{out: &Outcome{}, rushes: []rushAct{{id: "x"}}}).verdict(nil, "ok"); err == nil {
		t.Error("a store that does not know the campaign was judged")
	}
}

// A goal of speed is not judged in the short form, and nothing judged is no pass.
func TestShortIsNotFast(t *testing.T) {
	o := &Outcome{Short: true}
	o.speed("act", "p99", false, "< 100 ms", "%d ms", 900)
	if o.close(); o.Passed() || o.Goals[0].Verdict != Unjudged {
		t.Errorf("%+v", o)
	}
	o.none("lost", 0)
	if o.close(); !o.Passed() {
		t.Errorf("%+v", o)
	}
	o.Short = false
	o.speed("act", "p99", false, "< 100 ms", "%d ms", 900)
	if o.close(); o.Passed() {
		t.Error("too slow, and passed")
	}
}
