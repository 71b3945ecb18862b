package ration_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var (
	zone  = time.FixedZone("CST", 8*3600)
	start = time.Date(2020, 2, 12, 10, 0, 0, 0, zone) // a Wednesday
)

// world is a district with a shop, a depot, people and a firm.
type world struct {
	*ration.Service
	t      testing.TB
	db     *storage.DB
	hand   *clock.Hand
	books  *ledger.Books
	log    *eventlog.Log
	people *party.Store
	known  known
	n      int

	officer, second, keeper, other auth.Principal
	shop, next                     ration.Point
}

// known is what the district knows of people and firms.
type known map[string]map[string]any

func (k known) Speaks(_ storage.Reader, id string) (bool, error) {
	speaks, _ := k[id]["speaks"].(bool)
	return speaks, nil
}

func (k known) PersonFacts(_ storage.Reader, id string) (map[string]any, error) { return k[id], nil }

func (k known) FirmFacts(_ storage.Reader, id string) (map[string]any, error) { return k[id], nil }

func (k known) Returned(_ storage.Reader, id string) ([]string, error) {
	list, _ := k[id]["people"].([]string)
	return list, nil
}

var modules = []storage.Module{eventlog.Module(), once.Module(), party.Module(), ledger.Module(), dual.Module(), ration.Module()}

func both(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Run(t, modules, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		fn(t, w)
		w.sound()
	})
}

// timed is both without what makes tests strict and slow.
func timed(b *testing.B, fn func(b *testing.B, w *world)) {
	for _, e := range []storage.Engine{storage.SQLite, storage.Postgres} {
		b.Run(string(e), func(b *testing.B) {
			db, err := storage.Open(b.Context(), storagetest.Target(b, e))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { db.Close() })
			if err := db.Migrate(b.Context(), modules...); err != nil {
				b.Fatal(err)
			}
			w := newWorld(b, db)
			fn(b, w)
			b.StopTimer()
			w.sound()
		})
	}
}

func newWorld(t testing.TB, db *storage.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, hand: clock.NewHand(start), known: known{}}
	ring, err := keyring.New()
	w.must(err)
	w.log, err = eventlog.New(db, ring, w.hand.Now, "test.example/log")
	w.must(err)
	w.people = party.New(ring)
	w.books = ledger.New(db, w.log, w.hand.Now)
	w.Service = ration.New(ration.Deps{
		Store: db, Log: w.log, Ledger: w.books, Parties: w.people, Ring: ring, Applicants: w.known,
		Acts:  dual.New(dual.Deps{Log: w.log, Ring: ring, Now: w.hand.Now}, ration.ActKinds()...),
		Clock: w.hand.Now, District: "pla_d", Zone: zone,
	})
	w.officer = auth.Principal{ID: "acc_o", Name: "审核员", Role: auth.Officer, Scope: auth.District("pla_d")}
	w.second = auth.Principal{ID: "acc_s", Name: "复核员", Role: auth.SecondOfficer, Scope: auth.District("pla_d")}
	w.shop, w.next = w.point(ration.Shop, "康宁大药房"), w.point(ration.Shop, "四明药店")
	w.keeper = auth.Principal{ID: "acc_k", Role: auth.Storekeeper, Scope: auth.Point(w.shop.ID)}
	w.other = auth.Principal{ID: "acc_n", Role: auth.Storekeeper, Scope: auth.Point(w.next.ID)}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) fails(err error, code string) {
	w.t.Helper()
	if !fault.Is(err, code) {
		w.t.Fatalf("%v, want %s", err, code)
	}
}

// sound audits every book.
func (w *world) sound() {
	w.t.Helper()
	rep, err := ledger.Audit(w.t.Context(), w.db, w.log)
	w.must(err)
	if !rep.OK {
		w.t.Fatalf("audit: %+v", rep)
	}
}

func (w *world) key(name string) once.Key {
	return once.Key{Principal: "acc", Operation: "test", Key: name}
}

func (w *world) point(kind, name string) ration.Point {
	w.t.Helper()
	p, err := w.OpenPoint(w.t.Context(), w.officer, ration.PointInput{Kind: kind, Name: name, Address: "聚贤路1号", Town: "梅墟街道"})
	w.must(err)
	return p
}

// addFamily puts somebody who cannot speak for themself into a family.
func (w *world) addFamily(ctx context.Context, by auth.Principal, in ration.FamilyInput) (string, error) {
	id, asked, err := w.AddFamily(ctx, by, in)
	if asked {
		w.t.Errorf("%s was asked", in.Name)
	}
	return id, err
}

// person is a resident with an account.
func (w *world) person() auth.Principal {
	w.t.Helper()
	w.n++
	var id string
	w.must(w.db.Write(w.t.Context(), func(tx *storage.Tx) (err error) {
		id, _, err = w.people.Ensure(tx, party.Person{Name: "李小娜", IDKind: ident.KindMainland, IDNumber: number(w.n)}, w.hand.Now())
		return err
	}))
	return auth.Principal{ID: "acc_" + id, Role: auth.Resident, Person: id, Scope: auth.Person(id)}
}

func number(n int) string {
	return ident.MakeMainlandID("330212", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), n)
}

// open opens a city's campaign, with pieces in its supply, and without its waiting room.
func (w *world) open(name string, pieces int64) {
	w.t.Helper()
	w.openAs(name, pieces, "queue = true", "queue = false")
}

// openAs is open with words of the file replaced by others, in pairs.
func (w *world) openAs(name string, pieces int64, words ...string) {
	w.t.Helper()
	file := []byte(strings.NewReplacer(words...).Replace(string(city(w.t, name))))
	act, err := w.OpenCampaign(w.t.Context(), w.officer, ration.OpenInput{File: file, Reason: "按市里通知启动"})
	w.must(err)
	w.must(w.ConfirmOpen(w.t.Context(), w.second, act.ID, once.Key{}))
	w.must(w.Supply(w.t.Context(), w.officer, name+"-2020", pieces, "市里调拨", once.Key{}))
}

// plan offers pieces at the shop on a day, counted from the first.
func (w *world) plan(name string, day ration.Day, pieces int64) ration.Offer {
	w.t.Helper()
	list, err := w.Plan(w.t.Context(), w.officer, ration.PlanInput{
		Campaign: name + "-2020", Day: ration.DayOf(start) + day, Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: pieces}},
	})
	w.must(err)
	return list[0]
}

// at moves the hand to a time of a day.
func (w *world) at(day int, hour, minute int) {
	w.hand.Set(time.Date(2020, 2, 12+day, hour, minute, 0, 0, zone))
}

func (w *world) left(o ration.Offer) int64 {
	w.t.Helper()
	w.hand.Set(w.hand.Now().Add(time.Second)) // what is shown is a second old at most
	list, err := w.Offers(w.t.Context(), o.Campaign, o.Day, 1)
	w.must(err)
	for _, x := range list {
		if x.ID == o.ID {
			return x.Left
		}
	}
	w.t.Fatal("no such offer")
	return 0
}

func (w *world) receive(name string, pieces int64) ration.Shelf {
	w.t.Helper()
	f, err := w.Receive(w.t.Context(), w.keeper, ration.ReceiveInput{Campaign: name + "-2020", Point: w.shop.ID, Maker: "均普", Number: "L1", BestBefore: "2022-02-01", Pieces: pieces})
	w.must(err)
	return f
}
