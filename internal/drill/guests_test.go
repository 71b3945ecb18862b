package drill

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/service/ration"
)

// waited is a room of three who were early and one who came later, each with what they
// were told; two have had their turn at once, the others a second later each.
func waited() (who []guest, room ration.Waited, r *reading) {
	hash := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	room = ration.Waited{Seed: "seed", Commit: hash("seed"), Digest: hash("ta\ntb\ntc\n"), Early: 3, Let: 4, Before: 3, Arrivals: []string{"tc", "ta", "tb", "td"}}
	r = &reading{Facts: map[string]int64{}}
	order := []string{"ta", "tb", "tc"}
	slices.SortFunc(order, func(a, b string) int {
		return slices.Compare([]byte(hash("seed\n"+room.Digest+"\n"+a+"\n")), []byte(hash("seed\n"+room.Digest+"\n"+b+"\n")))
	})
	at := time.Unix(1e9, 0)
	for i, t := range append(order, "td") {
		room.Whose = append(room.Whose, ration.WaitedPlace{Ticket: t, Person: "per_" + t})
		who = append(who, guest{ticket: t, place: int64(i + 1), id: "trf_" + t})
		r.Rows = append(r.Rows, ration.PromisedRow{ID: "trf_" + t, Holder: "per_" + t})
		if i > 0 {
			at = at.Add(time.Second)
			r.Course = append(r.Course, step{let: int64(i + 1), at: at}, step{allotment: "trf_" + t, at: at})
		}
	}
	r.Course = append(r.Course, step{allotment: "trf_" + order[0], at: at}) // a turn that came stays
	return who, room, r
}

// The negative control of the waiting room: whatever is tampered with is found.
func TestHoldRoom(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func([]guest, *ration.Waited, *reading)
		want   roomFound
	}{
		"sound":                    {func([]guest, *ration.Waited, *reading) {}, roomFound{}},
		"not heard of it":          {func(g []guest, _ *ration.Waited, _ *reading) { g[0] = guest{} }, roomFound{}},
		"a place the rows lack":    {func(_ []guest, w *ration.Waited, _ *reading) { w.Whose = w.Whose[:3] }, roomFound{Lost: 2, Early: 1}},
		"a place the journal lost": {func(_ []guest, w *ration.Waited, _ *reading) { w.Arrivals = w.Arrivals[:3] }, roomFound{Lost: 2, Early: 1}},
		"a person twice":           {func(_ []guest, w *ration.Waited, _ *reading) { w.Whose[3].Person = w.Whose[2].Person }, roomFound{Double: 1, Early: 1}},
		"a ticket twice":           {func(_ []guest, w *ration.Waited, _ *reading) { w.Arrivals = append(w.Arrivals, "td") }, roomFound{Double: 1}},
		"two told one ticket":      {func(g []guest, _ *ration.Waited, _ *reading) { g[1].ticket, g[1].place = g[0].ticket, g[0].place }, roomFound{Double: 1}},
		"told another place":       {func(g []guest, _ *ration.Waited, _ *reading) { g[1].place = 1 }, roomFound{Order: 1}},
		"another seed":             {func(_ []guest, w *ration.Waited, _ *reading) { w.Commit = "" }, roomFound{Order: 1}},
		"one more was early":       {func(_ []guest, w *ration.Waited, _ *reading) { w.Early = 4 }, roomFound{Order: 1}},
		"before the turn":          {func(_ []guest, _ *ration.Waited, r *reading) { r.Course[4], r.Course[5] = r.Course[5], r.Course[4] }, roomFound{Early: 1}},
		"without a place":          {func(_ []guest, _ *ration.Waited, r *reading) { r.Rows[0].Holder = "per_x" }, roomFound{Early: 1}},
		"too many at once":         {func(_ []guest, _ *ration.Waited, r *reading) { r.Course[0].let = 4 }, roomFound{Beyond: 2}},
		"moved back":               {func(_ []guest, _ *ration.Waited, r *reading) { r.Course[2].let = 1 }, roomFound{Early: 1, Beyond: 1}},
	} {
		who, room, r := waited()
		c.tamper(who, &room, r)
		got := holdRoom(who, 1, room, r)
		got.Places = 0
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	_, room, _ := waited()
	room.Before = -1
	if _, sound := drawnOrder(room); sound {
		t.Error("a room that was never drawn has an order")
	}
}

// A load that keeps its own schedule asks when it says, and ends when nobody is left.
func TestNext(t *testing.T) {
	addr := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	l := get(addr, "/")
	moments := []time.Duration{0, 20 * time.Millisecond, 60 * time.Millisecond}
	left := len(moments)
	var came []time.Duration
	began := time.Now()
	l.Next = func(time.Duration) (time.Duration, bool) {
		if left == 0 {
			return 0, false
		}
		return moments[len(moments)-left], true
	}
	ask := l.Ask
	l.Ask = func(i int64, b []byte) ([]byte, int) { left--; return ask(i, b) }
	l.Hear = func(int64, int, *Answer) {
		if came = append(came, time.Since(began)); len(came) == 3 {
			moments = append(moments, moments[2]) // an answer brings somebody back
			left++
		}
	}
	run, err := l.Drive(t.Context(), Phase{"own", 0, time.Minute})
	if err != nil || run.Phases[0].Kinds[0].OK != 4 || len(came) != 4 || came[2] < moments[2] || time.Since(began) > 30*time.Second {
		t.Errorf("%v %v %v", err, came, run.Phases[0].Kinds[0])
	}
}
