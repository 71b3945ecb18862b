package rationweb_test

import (
	"net/http"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/service/ration"
	"breakwater/internal/service/ration/rationweb"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
	"breakwater/internal/web"
	"breakwater/internal/web/webtest"
)

// town is a district with two shops, a depot and a campaign, behind its pages.
type town struct {
	*ration.Service
	t     *testing.T
	hand  *clock.Hand
	texts *i18n.Bundle
	site  http.Handler
	as    func(auth.Principal) func(*http.Request)

	db      *storage.DB
	parties *party.Store

	officer, second, keeper, other auth.Principal
	shop, next, depot              ration.Point
}

type nobody struct{}

func (nobody) Speaks(storage.Reader, string) (bool, error)                { return false, nil }
func (nobody) PersonFacts(storage.Reader, string) (map[string]any, error) { return nil, nil }
func (nobody) FirmFacts(storage.Reader, string) (map[string]any, error)   { return nil, nil }
func (nobody) Returned(storage.Reader, string) ([]string, error)          { return nil, nil }

// every day from midnight, fetched the same day or the next, paid on pick-up.
const campaign = `
id = "masks"
title = { en = "Masks", zh-Hans = "口罩供应" }
summary = { en = "Two each, a day.", zh-Hans = "每人每天两只。" }
source = { en = "Notice 1", zh-Hans = "一号通告" }
[item]
name = { en = "Mask", zh-Hans = "口罩" }
piece = { en = "mask", zh-Hans = "只" }
fen = 90
[who]
asks = "person"
counts = "person"
[share]
pieces = 2
[give]
by = "arrival"
opens = "00:00"
[again]
days = 1
[hand]
how = "point"
days = 2
proxy = true
`

func inTown(t *testing.T, fn func(t *testing.T, w *town)) {
	mods := []storage.Module{eventlog.Module(), once.Module(), party.Module(), ledger.Module(), dual.Module(), ration.Module()}
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		w := newTown(t, db)
		fn(t, w)
		if missing := w.texts.Missing(); len(missing) > 0 {
			t.Errorf("texts missing: %v", missing)
		}
	})
}

func newTown(t *testing.T, db *storage.DB) *town {
	t.Helper()
	hand := clock.NewHand(time.Date(2020, 2, 12, 2, 0, 0, 0, time.UTC))
	zone := time.FixedZone("", 8*3600)
	ring := got(keyring.New())(t)
	log := got(eventlog.New(db, ring, hand.Now, "test"))(t)
	w := &town{t: t, hand: hand, db: db, texts: got(i18n.Load())(t), parties: party.New(ring)}
	books := ledger.New(db, log, hand.Now)
	w.Service = ration.New(ration.Deps{
		Store: db, Log: log, Ledger: books, Parties: w.parties, Ring: ring, Applicants: nobody{},
		Acts:  dual.New(dual.Deps{Log: log, Ring: ring, Now: hand.Now}, ration.ActKinds()...),
		Clock: hand.Now, District: "pla_d", Zone: zone,
	})
	w.officer = auth.Principal{ID: "acc_o", Name: "审核员", Role: auth.Officer, Scope: auth.District("pla_d")}
	w.second = auth.Principal{ID: "acc_s", Name: "复核员", Role: auth.SecondOfficer, Scope: auth.District("pla_d")}
	w.shop = w.point(t, ration.Shop, "康宁大药房")
	w.next = w.point(t, ration.Shop, "四明药店")
	w.depot = w.point(t, ration.Depot, "区物资仓库")
	w.keeper = auth.Principal{ID: "acc_k", Role: auth.Storekeeper, Scope: auth.Point(w.shop.ID)}
	w.other = auth.Principal{ID: "acc_n", Role: auth.Storekeeper, Scope: auth.Point(w.next.ID)}
	act := got(w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: []byte(campaign), Reason: "按通知启动"}))(t)
	ok(t, w.ConfirmOpen(t.Context(), w.second, act.ID, once.Key{}))
	ok(t, w.Supply(t.Context(), w.officer, "masks", 1000, "市里调拨", once.Key{}))
	as, who := webtest.Identify()
	w.as = as
	w.site = got(web.New(web.Deps{
		Texts: w.texts, Now: hand.Now, Grants: ration.Grants, Who: who,
		Routes: rationweb.Routes(w.Service, rationweb.Deps{Now: hand.Now, Zone: zone}),
	}))(t)
	return w
}

func (w *town) point(t *testing.T, kind, name string) ration.Point {
	t.Helper()
	return got(w.OpenPoint(t.Context(), w.officer, ration.PointInput{Kind: kind, Name: name, Address: "聚贤路1号", Town: "梅墟街道", Lat: 29.9, Lon: 121.6}))(t)
}

// offer offers pieces at the shop today.
func (w *town) offer(t *testing.T, pieces int64) ration.Offer {
	t.Helper()
	return got(w.Plan(t.Context(), w.officer, ration.PlanInput{
		Campaign: "masks", Day: ration.DayOf(w.hand.Now().In(w.Zone)), Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: pieces}},
	}))(t)[0]
}

// booked is a person with a voucher, and the last four of their number.
func (w *town) booked(t *testing.T, o ration.Offer, n int) (ration.Allotment, string) {
	t.Helper()
	number := ident.MakeMainlandID("330212", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), n)
	var id string
	ok(t, w.db.Write(t.Context(), func(tx *storage.Tx) (err error) {
		id, _, err = w.parties.Ensure(tx, party.Person{Name: "李小娜", IDKind: ident.KindMainland, IDNumber: number}, w.hand.Now())
		return err
	}))
	by := auth.Principal{ID: "acc_" + id, Role: auth.Resident, Person: id, Scope: auth.Person(id)}
	return got(w.Claim(t.Context(), by, ration.ClaimInput{Offer: o.ID}))(t), number[14:]
}

// caller speaks as a principal, in Chinese.
func (w *town) caller(p auth.Principal) *webtest.Caller {
	return &webtest.Caller{T: w.t, Site: w.site, As: w.as(p), Lang: "zh-CN"}
}

func got[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
