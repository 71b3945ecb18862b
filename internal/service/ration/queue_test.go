package ration_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

func (w *world) join(by auth.Principal, name string) (ration.Place, error) {
	return w.JoinQueue(w.t.Context(), by, ration.QueueInput{Campaign: name + "-2020"})
}

func (w *world) place(by auth.Principal, name string) ration.Place {
	w.t.Helper()
	p, err := w.QueuePlace(w.t.Context(), by, ration.QueueInput{Campaign: name + "-2020"})
	w.must(err)
	return p
}

// steps lets the rooms work for so long, a quarter of a second at a time.
func (w *world) steps(d time.Duration) {
	w.t.Helper()
	for ; d > 0; d -= 250 * time.Millisecond {
		w.hand.Set(w.hand.Now().Add(250 * time.Millisecond))
		w.must(w.TurnRooms(w.t.Context()))
	}
}

// again is the same service as another process would have it: its own memory, one store.
func (w *world) anew() *world {
	other := *w
	other.Service = ration.New(w.Deps)
	return &other
}

// Two who came early and one who came late: places, turns, and claims in turn.
func TestQueue(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("guangzhou", 100, "queue = true", "queue = true\npace = 60")
		a, b, late := w.person(), w.person(), w.person()
		_, err := w.join(a, "guangzhou")
		w.fails(err, "ration.not_planned")
		o := w.plan("guangzhou", 0, 100)
		w.must(w.TurnRooms(t.Context()))
		room, found, err := w.WaitingRoom(t.Context(), "guangzhou-2020")
		w.must(err)
		if !found || len(room.Commit) != 64 || room.Seed != "" {
			t.Errorf("announced: %v %+v", found, room)
		}
		first, err := w.join(a, "guangzhou")
		w.must(err)
		if first.State != ration.PlaceBefore || first.Place != 0 || first.Waiting != 1 || len(first.Code) != 9 {
			t.Errorf("%+v", first)
		}
		same, err := w.join(a, "guangzhou")
		w.must(err)
		if same.Ticket != first.Ticket || same.Waiting != 1 {
			t.Errorf("asked again: %+v", same)
		}
		_, err = w.join(b, "guangzhou")
		w.must(err)
		_, err = w.claim(a, o, "1")
		w.fails(err, "ration.not_open")

		w.at(0, 20, 0)
		w.must(w.TurnRooms(t.Context())) // lots are drawn, nobody's second has passed
		_, err = w.claim(a, o, "1")
		w.fails(err, "ration.not_your_turn")
		_, err = w.claim(late, o, "1")
		w.fails(err, "ration.join_first")
		third, err := w.join(late, "guangzhou")
		w.must(err)
		if third.State != ration.PlaceWaiting || third.Place != 3 || third.Ahead != 2 {
			t.Errorf("late: %+v", third)
		}
		w.steps(4 * time.Second)
		places := []int64{w.place(a, "guangzhou").Place, w.place(b, "guangzhou").Place}
		if places[0]+places[1] != 3 {
			t.Errorf("places %v", places)
		}
		w.steps(4 * time.Second)
		for i, by := range []auth.Principal{a, b, late} {
			if p := w.place(by, "guangzhou"); p.State != ration.PlaceTurn {
				t.Errorf("%d: %+v", i, p)
			}
			_, err := w.claim(by, o, "1")
			w.must(err)
		}
		// The turn stays for whoever slept, and the round's end is the end.
		sleeper := w.person()
		_, err = w.join(sleeper, "guangzhou")
		w.must(err)
		w.steps(3 * time.Second)
		w.at(0, 23, 59)
		if p := w.place(sleeper, "guangzhou"); p.State != ration.PlaceTurn {
			t.Errorf("%+v", p)
		}
		w.at(1, 0, 0)
		_, err = w.claim(sleeper, o, "2")
		w.fails(err, "ration.over")
	})
}

// Whoever has no phone takes a place at the desk, early or late, and is booked for when
// their turn has come.
func TestQueueAtTheDesk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("guangzhou", 100, "queue = true", "queue = true\npace = 60")
		o := w.plan("guangzhou", 0, 100)
		w.must(w.TurnRooms(t.Context()))
		w.n++
		in := ration.DeskInput{Paper: ration.Paper{Name: "李奶奶", IDKind: "mainland", IDNumber: number(w.n)}, ClaimInput: ration.ClaimInput{Offer: o.ID}}
		for range 2 {
			_, err := w.ClaimAtDesk(t.Context(), w.officer, in)
			w.fails(err, "ration.place_taken")
			p, e := w.PlaceByCode(t.Context(), fault.As(err).Args["code"].(string))
			w.must(e)
			if p.State != ration.PlaceBefore || p.Waiting != 1 {
				t.Errorf("%+v", p)
			}
		}
		w.at(0, 20, 0)
		w.must(w.TurnRooms(t.Context()))
		w.steps(4 * time.Second)
		a, err := w.ClaimAtDesk(t.Context(), w.officer, in)
		w.must(err)
		if a.Pieces != 5 {
			t.Errorf("%+v", a)
		}
		w.n++
		in.IDNumber = number(w.n)
		_, err = w.ClaimAtDesk(t.Context(), w.officer, in)
		w.fails(err, "ration.place_taken")
	})
}

// What was told stays so: another process, or the same after it was killed, knows every
// place and every turn.
func TestQueueAnew(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("guangzhou", 1000, "queue = true", "queue = true\npace = 120")
		w.plan("guangzhou", 0, 1000)
		var people []auth.Principal
		for range 20 {
			people = append(people, w.person())
			_, err := w.join(people[len(people)-1], "guangzhou")
			w.must(err)
		}
		w.at(0, 20, 0)
		w.steps(5 * time.Second)
		late := w.person()
		_, err := w.join(late, "guangzhou")
		w.must(err)
		v := w.anew() // on SQLite one at a time: the old one asks nothing of the store any more
		v.must(v.TurnRooms(t.Context()))
		turns := 0
		for i, by := range append(people, late) {
			had, has := w.place(by, "guangzhou"), v.place(by, "guangzhou")
			if had.State == ration.PlaceTurn {
				turns++
				if has.State != ration.PlaceTurn {
					t.Errorf("%d was let in, and is not", i)
				}
			}
			if had.Place != has.Place || had.Code != has.Code || had.Ticket != has.Ticket {
				t.Errorf("%d: %+v, then %+v", i, had, has)
			}
			byCode, err := v.PlaceByCode(t.Context(), had.Code)
			w.must(err)
			if d := cmp.Diff(has.Ticket, byCode.Ticket); d != "" {
				t.Error(d)
			}
		}
		if turns < 5 || turns > 12 {
			t.Errorf("%d turns of twenty in five seconds at two a second", turns)
		}
		// Who came to the one is known to the other at once.
		x := w.person()
		_, err = v.join(x, "guangzhou")
		w.must(err)
		if w.db.Engine() == storage.SQLite {
			return
		}
		if p := w.place(x, "guangzhou"); p.Place != v.place(x, "guangzhou").Place {
			t.Errorf("%+v", p)
		}
	})
}

// A hundred devices of ten people join at once: ten places, each one.
func TestQueueOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("guangzhou", 100)
		w.plan("guangzhou", 0, 100)
		var people []auth.Principal
		for range 10 {
			people = append(people, w.person())
		}
		services := []*world{w, w.anew()}
		if w.db.Engine() == storage.SQLite {
			services = services[:1] // one process owns the folder
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		tickets := map[string]string{}
		for i := range 100 {
			all.Go(func() {
				by, v := people[i%10], services[i%len(services)]
				p, err := v.join(by, "guangzhou")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if was := tickets[by.ID]; was != "" && was != p.Ticket {
					t.Errorf("%s has %s and %s", by.ID, was, p.Ticket)
				}
				tickets[by.ID] = p.Ticket
			})
		}
		all.Wait()
		var rows int64
		w.must(w.db.Read(t.Context(), func(r storage.Reader) error {
			return r.Row(`select count(*) from ration_place`).Scan(&rows)
		}))
		if len(tickets) != 10 || rows != 10 {
			t.Errorf("%d tickets, %d rows", len(tickets), rows)
		}
	})
}

// While thirty claim without rest, nobody has a share whose turn had not come before.
// Without the guard somebody has: so the test would see it.
func TestQueueGuard(t *testing.T) {
	for _, unguarded := range []bool{false, true} {
		t.Run(fmt.Sprintf("unguarded=%v", unguarded), func(t *testing.T) {
			both(t, func(t *testing.T, w *world) {
				w.openAs("guangzhou", 1000, "queue = true", "queue = true\npace = 600")
				o := w.plan("guangzhou", 0, 1000)
				var people []auth.Principal
				for range 30 {
					people = append(people, w.person())
					_, err := w.join(people[len(people)-1], "guangzhou")
					w.must(err)
				}
				if unguarded {
					w.Unguard()
				}
				w.at(0, 20, 0)
				early := 0
				for step := 0; step < 40; step++ {
					w.steps(250 * time.Millisecond)
					var all sync.WaitGroup
					got := make([]error, len(people))
					turn := make([]bool, len(people))
					for i, by := range people {
						turn[i] = w.place(by, "guangzhou").State == ration.PlaceTurn
						all.Go(func() { _, got[i] = w.claim(by, o, "k") })
					}
					all.Wait()
					for i := range people {
						switch {
						case got[i] == nil && !turn[i]:
							early++
						case got[i] != nil && !fault.Is(got[i], "ration.not_your_turn"):
							t.Error(got[i])
						}
					}
				}
				if early > 0 != unguarded {
					t.Errorf("%d had a share before their turn", early)
				}
			})
		})
	}
}

// Whoever cannot have it is told so, instead of being let wait for it.
func TestQueueRefuses(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("guangzhou", 100)
		w.plan("guangzhou", 0, 5)
		firm := auth.Principal{ID: "acc_f", Role: auth.Firm, Scope: auth.OfFirm("org_1")}
		_, err := w.join(firm, "guangzhou")
		w.fails(err, "ration.people_only")
		w.fails(orNil(w.join(w.person(), "ningde")), "ration.no_campaign")
		_, err = w.QueuePlace(t.Context(), w.person(), ration.QueueInput{Campaign: "guangzhou-2020"})
		w.fails(err, "ration.no_place")
		_, err = w.PlaceByCode(t.Context(), "K7M2-9QXD")
		w.fails(err, "ration.no_place")

		a := w.person()
		_, err = w.join(a, "guangzhou")
		w.must(err)
		w.at(0, 20, 0)
		w.steps(2 * time.Second)
		offers, err := w.Offers(t.Context(), "guangzhou-2020", ration.DayOf(start), 1)
		w.must(err)
		_, err = w.claim(a, offers[0].Offer, "1")
		w.must(err)
		w.steps(2 * time.Second)
		_, err = w.join(w.person(), "guangzhou")
		w.fails(err, "ration.gone")

		// At the desk somebody without a phone has a place like everybody.
		id := w.person().Person
		w.at(1, 9, 0)
		w.plan("guangzhou", 1, 5)
		p, err := w.JoinQueue(t.Context(), w.officer, ration.QueueInput{Campaign: "guangzhou-2020", For: id})
		w.must(err)
		if p.State != ration.PlaceBefore || p.Waiting != 1 {
			t.Errorf("%+v", p)
		}
		_, err = w.JoinQueue(t.Context(), w.person(), ration.QueueInput{Campaign: "guangzhou-2020", For: id})
		w.fails(err, "ration.not_family")
	})
}

func orNil(_ ration.Place, err error) error { return err }

// phones notes who was told that their turn has come.
type phones struct{ told []string }

func (p *phones) Turn(_ context.Context, person string, _ ration.Place) error {
	p.told = append(p.told, person)
	return nil
}

// Who sleeps is told by a message, once, whichever process lets them in; who looks at the
// page is not.
func TestQueueTells(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := &phones{}
		w.Messages = p
		w.openAs("guangzhou", 100, "queue = true", "queue = true\npace = 60")
		w.plan("guangzhou", 0, 100)
		a, b := w.person(), w.person()
		for _, by := range []auth.Principal{a, b} {
			_, err := w.join(by, "guangzhou")
			w.must(err)
		}
		told, err := tell(w, a)
		w.must(err)
		if len(told) != 1 || told[0].What != "ration.told_place" {
			t.Errorf("%+v", told)
		}
		w.at(0, 20, 0)
		for range 40 {
			w.place(b, "guangzhou")
			w.steps(250 * time.Millisecond)
		}
		v := w.anew()
		v.must(v.TurnRooms(t.Context()))
		if d := cmp.Diff([]string{a.Person}, p.told); d != "" {
			t.Error(d)
		}
	})
}

func tell(w *world, by auth.Principal) (out []party.Told, err error) {
	err = w.db.Read(w.t.Context(), func(r storage.Reader) error {
		out, err = w.Tell(r, by.Person, "en")
		return err
	})
	return out, err
}
