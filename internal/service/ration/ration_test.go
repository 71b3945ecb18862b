package ration_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

func (w *world) claim(by auth.Principal, o ration.Offer, key string) (ration.Allotment, error) {
	return w.Claim(w.t.Context(), by, ration.ClaimInput{Offer: o.ID, Key: once.Key{Principal: by.ID, Operation: "claimRation", Key: key}})
}

// Guangzhou: at eight in the evening, five each, for the morrow, once in three days.
func TestFirstCome(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 12)
		a, b, c := w.person(), w.person(), w.person()
		_, err := w.claim(a, o, "1")
		w.fails(err, "ration.not_open")

		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		if got.Pieces != 5 || got.State != ration.Held || len(got.Code) != 9 || got.Person != a.Person {
			t.Fatalf("%+v", got)
		}
		again, err := w.claim(a, o, "1")
		w.must(err)
		if d := cmp.Diff(got, again, cmp.AllowUnexported(ration.Allotment{})); d != "" {
			t.Error(d)
		}
		_, err = w.claim(a, o, "2")
		w.fails(err, "ration.had_days")
		_, err = w.claim(b, o, "1")
		w.must(err)
		_, err = w.claim(c, o, "1")
		w.fails(err, "ration.gone")
		if left := w.left(o); left != 2 {
			t.Errorf("%d left", left)
		}

		w.at(1, 0, 0)
		_, err = w.claim(c, o, "1")
		w.fails(err, "ration.over")
		late, err := w.claim(a, o, "1") // the same as before, after the hours
		w.must(err)
		if late.ID != got.ID {
			t.Errorf("%s, then %s", got.ID, late.ID)
		}

		// Three days in a row hold one share.
		for i, code := range []string{"ration.had_days", "ration.had_days", ""} {
			p := w.plan("guangzhou", ration.Day(i+1), 10)
			w.at(i+1, 21, 0)
			if _, err = w.claim(a, p, "day"+strconv.Itoa(i)); code == "" {
				w.must(err)
			} else {
				w.fails(err, code)
			}
		}
	})
}

// A voucher is handed over once, against the right paper, from a shelf that has it.
func TestCollect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 50)
		a := w.person()
		four := number(w.n)[14:]
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		in := ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, LastFour: four, Key: w.key("hand")}
		collect := func(by auth.Principal, in ration.CollectInput) error {
			_, err := w.Collect(t.Context(), by, in)
			return err
		}
		w.fails(collect(w.keeper, in), "ration.too_early")
		w.at(1, 9, 0)
		w.fails(collect(w.keeper, in), "ration.shelf_empty")
		shelf := w.receive("guangzhou", 7)
		w.fails(collect(w.other, in), "auth.denied")
		wrong := in
		wrong.LastFour = "0000"
		w.fails(collect(w.keeper, wrong), "fault.fields")
		elsewhere := in
		elsewhere.Point = w.next.ID
		w.fails(collect(w.other, elsewhere), "ration.no_allotment")

		v, err := w.FindVoucher(t.Context(), w.keeper, w.shop.ID, got.Code)
		w.must(err)
		if v.ID != got.ID || v.Name != "李*娜" || len(v.Lots) != 1 || v.Lots[0].Pieces != 7 {
			t.Errorf("%+v", v)
		}
		w.must(collect(w.keeper, in))
		w.must(collect(w.keeper, in)) // the same again
		till := in
		till.Key, till.LastFour = w.key("another-till"), ""
		w.fails(collect(w.keeper, till), "ration.collected")
		list, err := w.Mine(t.Context(), a)
		w.must(err)
		if len(list) != 1 || list[0].State != ration.Collected || list[0].Lot != shelf.Lot {
			t.Errorf("%+v", list)
		}
		v, err = w.FindVoucher(t.Context(), w.keeper, w.shop.ID, got.Code)
		w.must(err)
		if v.State != ration.Collected || v.Lots[0].Pieces != 2 {
			t.Errorf("%+v", v)
		}
		_, err = w.GiveBack(t.Context(), a, o.ID, got.ID)
		w.fails(err, "ration.collected")

		// What is left is moved, written off, taken back; never below nothing.
		move := ration.MoveInput{Campaign: "guangzhou-2020", Lot: shelf.Lot, From: w.shop.ID, To: w.next.ID, Pieces: 3, Reason: "受潮"}
		_, err = w.Move(t.Context(), w.keeper, move)
		w.fails(err, "ration.shelf_empty")
		move.Pieces = 1
		_, err = w.Move(t.Context(), w.other, move)
		w.fails(err, "auth.denied")
		for _, to := range []string{"", w.shop.ID} { // nowhere, or where they are
			nowhere := move
			nowhere.To = to
			_, err = w.Move(t.Context(), w.keeper, nowhere)
			w.fails(err, "fault.fields")
		}
		_, err = w.Move(t.Context(), w.keeper, move)
		w.must(err)
		f, err := w.Spoil(t.Context(), w.keeper, move)
		w.must(err)
		if f.Pieces != 0 {
			t.Errorf("%+v", f)
		}
		move.Pieces = 5
		f, err = w.TakeBack(t.Context(), w.keeper, move)
		w.must(err)
		if f.Pieces != 5 {
			t.Errorf("%+v", f)
		}
		_, err = w.TakeBack(t.Context(), w.keeper, move)
		w.fails(err, "ration.returned_most")
		// The shop to which a piece was moved has handed out none.
		back := move
		back.From, back.Pieces = w.next.ID, 1
		_, err = w.TakeBack(t.Context(), w.other, back)
		w.fails(err, "ration.returned_most")
		w.at(1, 20, 0)
		other := w.person()
		held, err := w.claim(other, w.plan("guangzhou", 1, 5), "r")
		w.must(err)
		w.must(w.Recall(t.Context(), w.officer, shelf.Lot, "抽检不合格", once.Key{}))
		w.at(2, 9, 0)
		for lot, code := range map[string]string{shelf.Lot: "ration.recalled_lot", "": "ration.shelf_empty"} {
			_, err = w.Collect(t.Context(), w.keeper, ration.CollectInput{Point: w.shop.ID, Offer: held.Offer, Allotment: held.ID, Lot: lot, LastFour: number(w.n)[14:]})
			w.fails(err, code)
		}
	})
}

// What nobody fetched is free again: for its holder to ask anew, for the officers to
// offer anew.
func TestLapse(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 20)
		o := w.plan("guangzhou", 0, 20)
		a, b := w.person(), w.person()
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		back, err := w.claim(b, o, "1")
		w.must(err)
		back, err = w.GiveBack(t.Context(), b, o.ID, back.ID)
		w.must(err)
		if back.State != ration.GivenBack || w.left(o) != 15 {
			t.Errorf("%+v, %d left", back, w.left(o))
		}
		_, err = w.GiveBack(t.Context(), a, o.ID, back.ID)
		w.fails(err, "ration.no_allotment")
		_, err = w.claim(b, o, "2")
		w.must(err)
		w.must(w.Sweep(t.Context()))

		w.at(2, 0, 0) // its day of collecting is over
		w.must(w.Sweep(t.Context()))
		w.must(w.Sweep(t.Context()))
		list, err := w.Mine(t.Context(), a)
		w.must(err)
		if len(list) != 1 || list[0].ID != got.ID || list[0].State != ration.Lapsed {
			t.Errorf("%+v", list)
		}
		p := w.plan("guangzhou", 2, 20) // all twenty, once more
		w.at(2, 20, 0)
		_, err = w.claim(a, p, "9")
		w.must(err)
		_, err = w.Plan(t.Context(), w.officer, ration.PlanInput{Campaign: "guangzhou-2020", Day: o.Day + 3, Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 1}}})
		w.fails(err, "ration.supply_short")
	})
}

// One's own are found whichever run they are in.
func TestMineInEveryRun(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		a, b := w.person(), w.person()
		for day := range 3 {
			o := w.plan("guangzhou", ration.Day(4*day), 30)
			w.at(4*day, 20, day)
			for _, by := range []auth.Principal{a, b} {
				_, err := w.claim(by, o, strconv.Itoa(day))
				w.must(err)
			}
			w.must(w.db.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(`update ration_allotment set run = $1 where offer = $2`, day+1, o.ID)
				return err
			}))
		}
		for _, by := range []auth.Principal{a, b} {
			list, err := w.Mine(t.Context(), by)
			w.must(err)
			if len(list) != 3 || list[0].At.Before(list[2].At) || list[1].Person != by.Person {
				t.Errorf("%+v", list)
			}
		}
	})
}

// What is stored by a ticket of ours ascends with its time, whoever comes with it; the
// same ticket of two people is two commands.
func TestTicketsAscend(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 50)
		w.at(0, 20, 0)
		first, second := ident.Packed{0, 1, 0, 0, 0, 1}.Unpack("key"), ident.Packed{0, 1, 0, 0, 0, 2}.Unpack("key")
		late, err := w.claim(w.person(), o, second)
		w.must(err)
		same, err := w.claim(w.person(), o, second)
		w.must(err)
		early, err := w.claim(w.person(), o, first)
		w.must(err)
		if early.ID >= late.ID || early.ID >= same.ID || late.ID == same.ID {
			t.Errorf("%s, %s, %s", early.ID, late.ID, same.ID)
		}
	})
}

// Who asks for whom, and what counts together, differs by the city.
func TestWhoAsks(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		// Baoying: two each for six of a family, once.
		w.open("baoying", 1000)
		o := w.plan("baoying", 0, 100)
		a := w.person()
		var family []string
		for range 6 {
			w.n++
			id, err := w.addFamily(t.Context(), a, ration.FamilyInput{Name: "李小宝", IDKind: "mainland", IDNumber: number(w.n)})
			w.must(err)
			family = append(family, id)
		}
		for i, id := range family {
			_, err := w.Claim(t.Context(), a, ration.ClaimInput{Offer: o.ID, For: id, Address: home})
			if i < 5 {
				w.must(err)
			} else {
				w.fails(err, "ration.people_most")
			}
		}
		_, err := w.Claim(t.Context(), a, ration.ClaimInput{Offer: o.ID, For: family[0], Address: home})
		w.fails(err, "ration.had_once")
		// One key is one request: for another of the family, and for nobody's, it is refused.
		key := once.Key{Principal: a.ID, Operation: "ration.claim", Key: "k"}
		b := w.person()
		w.n++
		child, err := w.addFamily(t.Context(), b, ration.FamilyInput{Name: "李小宝", IDKind: "mainland", IDNumber: number(w.n)})
		w.must(err)
		first, err := w.Claim(t.Context(), b, ration.ClaimInput{Offer: o.ID, Address: home, Key: key})
		w.must(err)
		for _, whose := range []string{child, family[0], "per_x"} {
			_, err = w.Claim(t.Context(), b, ration.ClaimInput{Offer: o.ID, For: whose, Address: home, Key: key})
			w.fails(err, "once.other_body")
		}
		if again, err := w.Claim(t.Context(), b, ration.ClaimInput{Offer: o.ID, For: b.Person, Address: home, Key: key}); err != nil || again.ID != first.ID {
			t.Errorf("%+v, %v", again, err)
		}
		_, err = w.Claim(t.Context(), w.person(), ration.ClaimInput{Offer: o.ID, For: family[0], Address: home})
		w.fails(err, "ration.not_family")
		if list, err := w.Mine(t.Context(), a); err != nil || len(list) != 5 {
			t.Errorf("%d of mine, %v", len(list), err)
		}

		// Shanghai: at the desk, one share for a door.
		w.open("shanghai", 100)
		o = w.plan("shanghai", 0, 100)
		_, err = w.Claim(t.Context(), a, ration.ClaimInput{Offer: o.ID, Address: "聚贤路 587 号 2 单元 301 室"})
		w.fails(err, "ration.at_desk")
		b = w.person()
		for _, c := range []struct{ who, address, code string }{
			{a.Person, "", "fault.fields"},
			{a.Person, "聚贤路 587 号 2 单元 301 室", ""},
			{b.Person, "聚贤路５８７号2单元301", "ration.had_once"},
			{b.Person, "聚贤路 587 号 2 单元 302 室", ""},
		} {
			if _, err = w.Claim(t.Context(), w.officer, ration.ClaimInput{Offer: o.ID, For: c.who, Address: c.address}); c.code == "" {
				w.must(err)
			} else {
				w.fails(err, c.code)
			}
		}

		// Nanhai: the least of two multiples; a turn every third day.
		w.open("nanhai-firms", 1000)
		o = w.plan("nanhai-firms", 0, 500)
		firm := auth.Principal{ID: "acc_f", Role: auth.Firm, Scope: auth.OfFirm("fir_1")}
		w.known["fir_1"] = map[string]any{"returned": int64(40)}
		_, err = w.Claim(t.Context(), a, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"insured": "30", "wanted": "100"}})
		w.fails(err, "ration.firms_only")
		_, err = w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"insured": "many", "wanted": "100"}})
		w.fails(err, "fault.fields")
		k := w.key("n")
		got, err := w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"insured": "30", "wanted": "100"}, Key: k})
		w.must(err)
		w.known["fir_1"]["returned"] = int64(10)
		again, err := w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"insured": "30", "wanted": "100"}, Key: k})
		w.must(err)
		if got.Pieces != 90 || again.ID != got.ID || again.Pieces != 90 {
			t.Errorf("%+v, then %+v", got, again)
		}
		_, err = w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"insured": "30", "wanted": "100"}})
		w.fails(err, "ration.had_days")

		// Chancheng: whoever has not tried is told by which rule.
		w.open("chancheng-firms", 1000)
		o = w.plan("chancheng-firms", 0, 500)
		_, err = w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"sourcing_failed": "no"}})
		w.fails(err, "ration.not_entitled")
		var no ration.NotEntitled
		if !asNotEntitled(err, &no) || len(no.Decision.Findings) != 1 || no.Decision.Findings[0].Rule != "tried" {
			t.Errorf("%v", err)
		}
		got, err = w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"sourcing_failed": "yes"}})
		w.must(err)
		if got.Pieces != 30 {
			t.Errorf("%+v", got)
		}

		// Quanzhou: once a calendar week, from Monday.
		w.open("quanzhou-firms", 1000)
		o = w.plan("quanzhou-firms", 0, 100)
		later := w.plan("quanzhou-firms", 5, 100) // Monday
		book := func(o ration.Offer) error {
			_, err := w.Claim(t.Context(), firm, ration.ClaimInput{Offer: o.ID, Answers: map[string]string{"planned": "20"}})
			return err
		}
		w.must(book(o))
		err = book(o)
		w.fails(err, "ration.had_week")
		if d := cmp.Diff(fault.Args{"from": time.Date(2020, 2, 17, 8, 0, 0, 0, w.Zone)}, fault.As(err).Args); d != "" {
			t.Errorf("from when again: %s", d)
		}
		w.at(5, 9, 0)
		w.must(book(later))
	})
}

// A closed campaign promises nothing more; what it promised is handed over.
func TestClosing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 50)
		a, b := w.person(), w.person()
		four := number(w.n - 1)[14:]
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		w.receive("guangzhou", 5)
		w.fails(w.CloseCampaign(t.Context(), a, "guangzhou-2020", "供应结束", once.Key{}), "auth.denied")
		w.must(w.CloseCampaign(t.Context(), w.officer, "guangzhou-2020", "供应结束", once.Key{}))
		w.fails(w.CloseCampaign(t.Context(), w.officer, "guangzhou-2020", "供应结束", once.Key{}), "ration.closed")
		_, err = w.claim(b, o, "1")
		w.fails(err, "ration.closed")
		w.at(1, 9, 0)
		got, err = w.Collect(t.Context(), w.keeper, ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, LastFour: four})
		w.must(err)
		if got.State != ration.Collected {
			t.Errorf("%+v", got)
		}
	})
}

// Two officers open a campaign, and who may not see to that is told so.
func TestOpening(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		act, err := w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: city(t, "guangzhou"), Reason: "按市里通知启动"})
		w.must(err)
		w.fails(w.ConfirmOpen(t.Context(), w.officer, act.ID, once.Key{}), "dual.same_person")
		w.fails(w.Supply(t.Context(), w.officer, "guangzhou-2020", 5, "市里调拨", once.Key{}), "ration.no_campaign")
		w.must(w.ConfirmOpen(t.Context(), w.second, act.ID, once.Key{}))
		_, err = w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: city(t, "guangzhou"), Reason: "按市里通知启动"})
		w.fails(err, "ration.campaign_there")
		_, err = w.OpenCampaign(t.Context(), w.person(), ration.OpenInput{File: city(t, "ningde"), Reason: "按市里通知启动"})
		w.fails(err, "auth.denied")
		k := w.key("s")
		w.must(w.Supply(t.Context(), w.officer, "guangzhou-2020", 5, "市里调拨", k))
		w.must(w.Supply(t.Context(), w.officer, "guangzhou-2020", 5, "市里调拨", k))
		_, err = w.Plan(t.Context(), w.officer, ration.PlanInput{Campaign: "guangzhou-2020", Day: ration.DayOf(start), Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 6}}})
		w.fails(err, "ration.supply_short")
		in := ration.PlanInput{Campaign: "guangzhou-2020", Day: ration.DayOf(start), Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 5}}}
		_, err = w.Plan(t.Context(), w.officer, in)
		w.must(err)
		_, err = w.Plan(t.Context(), w.officer, in) // the same plan again
		w.must(err)
		in.Offers[0].Pieces = 4
		_, err = w.Plan(t.Context(), w.officer, in)
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Code != "ration.planned_as" {
			t.Errorf("%v", err)
		}
		in.Offers = []ration.OfferInput{{Point: "poi_none", Pieces: 1}, {Point: w.shop.ID, Part: 1, Pieces: 1}, {Point: w.next.ID, Pieces: 0}}
		_, err = w.Plan(t.Context(), w.officer, in)
		if f := fault.As(err); f == nil || len(f.Fields) != 3 {
			t.Errorf("%v", err)
		}
	})
}

func asNotEntitled(err error, into *ration.NotEntitled) bool { return errors.As(err, into) }

// The last four of a paper cannot be found by trying: not by one counter's account, and
// not by many tries at once.
func TestPaperTries(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 50)
		a := w.person()
		four := number(w.n)[14:]
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		w.receive("guangzhou", 50)
		w.at(1, 9, 0)
		try := func(four string) error {
			_, err := w.Collect(t.Context(), w.keeper, ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, LastFour: four})
			return err
		}
		for n := range 5 {
			w.fails(try(fmt.Sprintf("%04d", 9000+n)), "fault.fields")
		}
		w.fails(try(four), "ration.tries")
		facts, err := w.log.Stream(t.Context(), "campaign:guangzhou-2020", 20)
		w.must(err)
		missed := 0
		for _, f := range facts {
			if f.Name == "ration.paper_missed" && f.Actor == w.keeper.ID {
				missed++
			}
		}
		if missed != 5 {
			t.Errorf("%d wrong papers on record", missed)
		}
	})
}

// Goods past their date are handed to nobody, whichever way they are named.
func TestPastTheirDate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 50)
		a := w.person()
		four := number(w.n)[14:]
		receive := func(lot, date string) (ration.Shelf, error) {
			return w.Receive(t.Context(), w.keeper, ration.ReceiveInput{Campaign: "guangzhou-2020", Point: w.shop.ID, Maker: "均普", Number: lot, BestBefore: date, Pieces: 5})
		}
		for _, date := range []string{"0001-01-01", "2020-02-11", "2020-02-30"} {
			_, err := receive("L0", date)
			w.fails(err, "fault.fields")
		}
		soon, err := receive("L1", "2020-02-12")
		w.must(err)
		_, err = receive("L1", "2021-02-12")
		w.fails(err, "fault.fields")
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		w.at(1, 9, 0)
		in := ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, LastFour: four}
		_, err = w.Collect(t.Context(), w.keeper, in)
		w.fails(err, "ration.shelf_empty")
		in.Lot = soon.Lot
		_, err = w.Collect(t.Context(), w.keeper, in)
		w.fails(err, "ration.lot_past")
		v, err := w.FindVoucher(t.Context(), w.keeper, w.shop.ID, got.Code)
		w.must(err)
		if len(v.Lots) != 0 {
			t.Errorf("%+v", v.Lots)
		}
		good, err := receive("L2", "")
		w.must(err)
		in.Lot = ""
		done, err := w.Collect(t.Context(), w.keeper, in)
		w.must(err)
		if done.Lot != good.Lot {
			t.Errorf("%+v", done)
		}
	})
}
