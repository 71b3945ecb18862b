package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// model is the ledger as one would explain it: plain maps, one step at a time.
type model struct {
	posted, held, expected map[ledger.AccountID]int64
	holds                  map[ledger.TransferID]ledger.Transfer // open ones
	ended                  map[ledger.TransferID]bool
	told                   map[ledger.TransferID]ledger.Transfer
	used                   map[ledger.Claim]int64
}

func newModel() *model {
	return &model{
		posted: map[ledger.AccountID]int64{}, held: map[ledger.AccountID]int64{}, expected: map[ledger.AccountID]int64{},
		holds: map[ledger.TransferID]ledger.Transfer{}, ended: map[ledger.TransferID]bool{}, told: map[ledger.TransferID]ledger.Transfer{}, used: map[ledger.Claim]int64{},
	}
}

func (m *model) clone() *model {
	n := newModel()
	for k, v := range m.posted {
		n.posted[k] = v
	}
	for k, v := range m.held {
		n.held[k] = v
	}
	for k, v := range m.expected {
		n.expected[k] = v
	}
	for k, v := range m.holds {
		n.holds[k] = v
	}
	for k, v := range m.ended {
		n.ended[k] = v
	}
	for k, v := range m.told {
		n.told[k] = v
	}
	for k, v := range m.used {
		n.used[k] = v
	}
	return n
}

// do is what must come of a set of transfers: a code, or "" and a new model.
func (m *model) do(w *world, set []ledger.Transfer) (*model, string, bool) {
	known := 0
	for _, t := range set {
		if was, ok := m.told[t.ID]; ok {
			if was != t {
				return m, "ledger.other_content", false
			}
			known++
		}
	}
	if known == len(set) {
		return m, "", true
	}
	if known > 0 {
		return m, "ledger.other_content", false
	}
	n := m.clone()
	for _, t := range set {
		if code := n.step(w, t); code != "" {
			return m, code, false
		}
		n.told[t.ID] = t
	}
	return n, "", false
}

// near is what a holder has in the periods that count together with a claim's.
func (m *model) near(c ledger.Claim, w *world) (sum int64) {
	apart := 1
	if c.Quota == w.wait.ID {
		apart = 3
	}
	for have, n := range m.used {
		if d := int(have.Period) - int(c.Period); have.Quota == c.Quota && have.Holder == c.Holder && max(d, -d) < apart {
			sum += n
		}
	}
	return sum
}

func (m *model) step(w *world, t ledger.Transfer) string {
	now := w.hand.Now()
	if _, twice := m.told[t.ID]; twice {
		return "ledger.other_content"
	}
	if t.Kind == ledger.Plain || t.Kind == ledger.Hold {
		switch {
		case !t.Until.IsZero() && !t.Until.After(now):
			return "ledger.lapsed"
		case t.Debit != w.out && m.posted[t.Debit]-m.held[t.Debit] < t.Amount:
			return "ledger.exhausted"
		case t.Claim.Holder != "" && m.near(t.Claim, w)+t.Amount > 5:
			return "ledger.quota"
		}
		if t.Claim.Holder != "" {
			m.used[t.Claim] += t.Amount
		}
		if t.Kind == ledger.Plain {
			m.posted[t.Debit] -= t.Amount
			m.posted[t.Credit] += t.Amount
		} else {
			m.held[t.Debit] += t.Amount
			m.expected[t.Credit] += t.Amount
			m.holds[t.ID] = t
		}
		return ""
	}
	h, open := m.holds[t.Hold]
	over := open && !h.Until.IsZero() && !now.Before(h.Until)
	switch _, any := m.told[t.Hold]; {
	case !open && any:
		return "ledger.ended"
	case !open:
		return "ledger.no_hold"
	case t.Kind == ledger.Post && over:
		return "ledger.lapsed"
	case t.Kind == ledger.Post && t.Amount > h.Amount:
		return "ledger.more_than_held"
	case t.Kind == ledger.Expire && !over:
		return "ledger.not_lapsed"
	}
	delete(m.holds, t.Hold)
	m.held[h.Debit] -= h.Amount
	m.expected[h.Credit] -= h.Amount
	m.posted[h.Debit] -= t.Amount // 0 but for a post
	m.posted[h.Credit] += t.Amount
	if h.Claim.Holder != "" {
		m.used[h.Claim] -= h.Amount - t.Amount
	}
	return ""
}

func (m *model) state(w *world) (s string) {
	for i, a := range []ledger.AccountID{w.out, w.shelf, w.people, w.slots} {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%d/%d/%d", m.posted[a], m.held[a], m.expected[a])
	}
	return s
}

// Whatever is asked, in whatever order, again and changed, through two processes and
// over restarts, with parts that fail: the ledger says and holds what the model does.
func TestModel(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		most := 40
		if db.Engine() == storage.Postgres {
			most = 16
		}
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(t, db, 0)
			first := w.receive(60)
			w.must(first)
			other := ledger.New(db, nil, w.hand.Now)
			m, _, _ := newModel().do(w, []ledger.Transfer{first})
			var asked [][]ledger.Transfer
			for range rapid.IntRange(most/2, most).Draw(rt, "steps") {
				set := drawSet(rt, w, m, asked)
				if set == nil {
					w.hand.Add(time.Duration(rapid.SampledFrom([]int{10, 20, 30}).Draw(rt, "seconds")) * time.Second)
					continue
				}
				asked = append(asked, set)
				if rapid.IntRange(0, 9).Draw(rt, "restart") == 0 {
					w.again()
				}
				door := w.books
				if rapid.IntRange(0, 3).Draw(rt, "door") == 0 {
					door = other
				}
				next, code, again := m.do(w, set)
				var then ledger.Then
				fails := rapid.IntRange(0, 5).Draw(rt, "part fails") == 0
				if fails {
					then = func(*storage.Tx) error { return errPart }
				}
				got, err := door.Admit(context.Background(), w.book, set, then)
				switch {
				case code != "":
					if !fault.Is(err, code) {
						rt.Fatalf("%+v: %v, want %s", set, err, code)
					}
				case fails && !again:
					if !errors.Is(err, errPart) {
						rt.Fatalf("%+v: %v, want the part's error", set, err)
					}
				case err != nil || got.Again != again:
					rt.Fatalf("%+v: %+v, %v, want again %t", set, got, err, again)
				default:
					m = next
				}
				if got, want := w.state(), m.state(w); got != want {
					rt.Fatalf("after %+v: %s, want %s", set, got, want)
				}
			}
			if rep := w.audit(); !rep.OK {
				rt.Fatalf("audit: %s at %+v", rep.Reason, *rep.FirstBad)
			}
		})
	})
}

var errPart = errors.New("a part of the caller's own")

// drawSet draws what is asked next: something new, or something asked before, as it
// was or changed; nil lets time pass.
func drawSet(rt *rapid.T, w *world, m *model, asked [][]ledger.Transfer) []ledger.Transfer {
	what := rapid.IntRange(0, 9).Draw(rt, "what")
	switch {
	case what == 0:
		return nil
	case what == 1 && len(asked) > 0:
		return rapid.SampledFrom(asked).Draw(rt, "again")
	case what == 2 && len(asked) > 0:
		set := append([]ledger.Transfer(nil), rapid.SampledFrom(asked).Draw(rt, "changed")...)
		if x := &set[len(set)-1]; x.Amount > 0 {
			x.Amount++
		}
		return set
	}
	// Ends are of holds that are open, mostly, or begun in the same set.
	var ids []ledger.TransferID
	for _, was := range asked {
		for _, x := range was {
			if _, open := m.holds[x.ID]; open || rapid.IntRange(0, 15).Draw(rt, "any") == 0 {
				ids = append(ids, x.ID)
			}
		}
	}
	set := make([]ledger.Transfer, rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(rt, "linked"))
	for i := range set {
		set[i] = drawTransfer(rt, w, ids)
		ids = append(ids, set[i].ID)
	}
	return set
}

func drawTransfer(rt *rapid.T, w *world, ids []ledger.TransferID) ledger.Transfer {
	kinds := []ledger.Kind{ledger.Plain, ledger.Hold, ledger.Hold, ledger.Hold, ledger.Post, ledger.Post, ledger.Post, ledger.Void, ledger.Expire}
	x := ledger.Transfer{ID: w.ticket(), Kind: rapid.SampledFrom(kinds).Draw(rt, "kind")}
	amount := func(most int) int64 { return int64(rapid.IntRange(1, most).Draw(rt, "amount")) }
	switch {
	case x.Kind == ledger.Plain && rapid.Bool().Draw(rt, "receipt"):
		x.Debit, x.Credit, x.Amount = w.out, w.shelf, amount(12)
	case x.Kind == ledger.Plain || x.Kind == ledger.Hold || len(ids) == 0:
		x.Kind = max(x.Kind%3, ledger.Plain)
		x.Debit, x.Credit, x.Amount = w.shelf, w.people, amount(4)
		if x.Kind == ledger.Hold && rapid.Bool().Draw(rt, "ends") {
			x.Until = start.Add(time.Duration(rapid.SampledFrom([]int{10, 20, 30, 60}).Draw(rt, "until")) * time.Second)
		}
		if rapid.Bool().Draw(rt, "claims") {
			quota := rapid.SampledFrom([]ledger.QuotaID{w.weekly.ID, w.wait.ID}).Draw(rt, "quota")
			x.Claim = ledger.Claim{Quota: quota, Period: uint32(rapid.IntRange(0, 4).Draw(rt, "period")), Holder: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "holder")}
		}
	default:
		x.Hold = rapid.SampledFrom(ids).Draw(rt, "hold")
		if x.Kind == ledger.Post {
			x.Amount = amount(5)
		}
	}
	return x
}
