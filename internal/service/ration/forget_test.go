package ration_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// forget erases a person as package privacy does.
func (w *world) forget(person string) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
		if err := w.Holds(tx, person); err != nil {
			return err
		}
		if err := w.Forget(tx, person); err != nil {
			return err
		}
		return w.people.Erase(tx, w.log, "acc_o", person, "", w.hand.Now())
	}))
}

// tell is what is kept about a person, one a line.
func (w *world) tell(person string) (lines []string) {
	w.t.Helper()
	var list []party.Told
	w.must(w.db.Read(w.t.Context(), func(r storage.Reader) (err error) {
		list, err = w.Tell(r, person, "en")
		return err
	}))
	for _, x := range list {
		line := strings.TrimPrefix(x.What, "ration.told_")
		for _, v := range x.Values {
			if v.Name != "ration.told_campaign" && v.Name != "ration.told_code" && v.Name != "ration.told_ticket" {
				line += " " + v.Text + strings.TrimPrefix(v.Say, "ration.told_")
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// promised is what holds set aside in the ledger.
func (w *world) promised(name string) int64 {
	w.t.Helper()
	sum, err := w.Overview(w.t.Context(), w.officer, name+"-2020")
	w.must(err)
	return sum.Reserved
}

// naming counts the rows that still name a person.
func (w *world) naming(person string) (n int64) {
	w.t.Helper()
	w.must(w.db.Read(w.t.Context(), func(r storage.Reader) error {
		return r.Row(`select (select count(*) from ration_allotment where person = $1 or holder = $1)
			+ (select count(*) from ration_entry where person = $1 or holder = $1)
			+ (select count(*) from ration_place where person = $1) + (select count(*) from ration_address where whose = $1)
			+ (select count(*) from ration_won where holder = $1) + (select count(*) from ration_family where person = $1 or head = $1)`, person).Scan(&n)
	}))
	return n
}

// Somebody who is erased leaves pieces behind and no name: what was handed over stays
// counted, what was not is free for others, at once at the counter and in the ledger.
func TestForget(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 10)
		w.receive("guangzhou", 10)
		a := w.person()
		four := number(w.n)[14:]
		b := w.person()
		w.at(0, 20, 0)
		fetched, err := w.claim(a, o, "1")
		w.must(err)
		open, err := w.claim(b, o, "1")
		w.must(err)
		w.n++
		child, err := w.addFamily(t.Context(), b, ration.FamilyInput{Name: "李小宝", IDKind: "mainland", IDNumber: number(w.n)})
		w.must(err)
		w.at(1, 9, 0)
		_, err = w.Collect(t.Context(), w.keeper, ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: fetched.ID, LastFour: four})
		w.must(err)
		if got := fmt.Sprint(w.tell(a.Person), w.tell(b.Person), w.tell(child)); got != "[allotment 5 康宁大药房 collected 2020-02-13 09:00] [family 李*宝 3302**********0032 allotment 5 康宁大药房 held] [head 李*娜 3302**********0024]" {
			t.Error(got)
		}

		w.forget(a.Person)
		w.forget(b.Person)
		if n := w.promised("guangzhou"); n != 5 { // the ledger follows
			t.Errorf("%d promised", n)
		}
		v, err := w.FindVoucher(t.Context(), w.keeper, w.shop.ID, open.Code)
		w.must(err)
		if v.State != ration.GivenBack || v.Name != "" || v.Paper {
			t.Errorf("%+v", v)
		}
		_, err = w.Collect(t.Context(), w.keeper, ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: open.ID})
		w.fails(err, "ration.given_back")

		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = w.Run(ctx, func(err error) { t.Error(err) }) }()
		for w.promised("guangzhou") != 0 && ctx.Err() == nil {
		}
		end()
		<-done
		d, err := w.AtCounter(t.Context(), w.officer, w.shop.ID)
		w.must(err)
		if d.ToHand.Bookings != 0 || d.Handed.Pieces != 5 || d.Shelves[0].Pieces != 5 {
			t.Errorf("%+v", d)
		}
		for _, id := range []string{a.Person, b.Person} {
			if n := w.naming(id); n != 0 {
				t.Errorf("%d rows name somebody who was erased", n)
			}
		}
		if got := w.tell(child); len(got) != 0 {
			t.Errorf("%q of a child whose family is gone", got)
		}
	})
}

// Somebody is erased between the list and the winners' shares: the published list stands
// and can be done again, nobody gets the share, and its pieces are not lost.
func TestForgetInADraw(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("dongguan", 15)
		w.plan("dongguan", 0, 15) // three places
		var all []auth.Principal
		for range 3 {
			p := w.person()
			w.enter(p, "dongguan", w.shop, nil)
			all = append(all, p)
		}
		w.at(0, 17, 0)
		who, secrets := witnesses("dongguan-2020.2020-02-12")
		frozen, err := w.Freeze(t.Context(), w.officer, ration.FreezeInput{Campaign: "dongguan-2020", Day: ration.DayOf(start), Witnesses: who})
		w.must(err)
		w.forget(all[1].Person)
		got, err := w.RunDraw(t.Context(), w.officer, "dongguan-2020", ration.DayOf(start), secrets...)
		w.must(err)
		if got.State != "placed" || got.Entries != 3 || got.Hash != frozen.Hash {
			t.Errorf("%+v", got)
		}
		tr, _, err := w.Transcript(t.Context(), "dongguan-2020", ration.DayOf(start))
		w.must(err)
		w.must(tr.Replay())
		if w.won(all[0]) != 1 || w.won(all[2]) != 1 || w.naming(all[1].Person) != 0 {
			t.Errorf("%d and %d won, %d rows", w.won(all[0]), w.won(all[2]), w.naming(all[1].Person))
		}
		w.at(9, 0, 0)
		w.must(w.Sweep(t.Context()))
		sum, err := w.Overview(t.Context(), w.officer, "dongguan-2020")
		w.must(err)
		if sum.Supply != 15 { // ten lapsed, five were nobody's
			t.Errorf("%+v", sum)
		}
	})
}

// Erased while winners are being given their shares: a list of entries read before does
// not bring the person back.
func TestForgetBetweenReadAndShare(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("laibin", 100)
		w.plan("laibin", 0, 5)
		a := w.person()
		w.enter(a, "laibin", w.shop, nil)
		w.at(0, 20, 0)
		books := w.Ledger
		w.Ledger = between{books, func() { w.forget(a.Person) }}
		w.run("laibin", 0)
		w.Ledger = books
		if w.naming(a.Person) != 0 {
			t.Error("a share was given to somebody who was erased")
		}
	})
}

// between does something before each admission.
type between struct {
	ration.Ledger
	do func()
}

func (b between) Admit(ctx context.Context, book ledger.BookID, want []ledger.Transfer, then ledger.Then) (ledger.Receipt, error) {
	b.do()
	return b.Ledger.Admit(ctx, book, want, then)
}

// A firm keeps what was won for somebody of its roster; who that was is forgotten. What a
// household entered stays the others'.
func TestForgetOfAnother(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("zhuhai-firms", 100)
		w.plan("zhuhai-firms", 0, 50)
		a, b := w.person(), w.person()
		firm := auth.Principal{ID: "acc_f", Role: auth.Firm, Scope: auth.OfFirm("fir_1")}
		w.known["fir_1"] = map[string]any{"returned": int64(2), "key_firm": false, "people": []string{a.Person, b.Person}}
		w.enter(firm, "zhuhai-firms", w.shop, nil)
		w.at(1, 0, 0)
		w.run("zhuhai-firms", 0)
		if w.naming(a.Person) == 0 || w.won(firm) != 2 {
			t.Errorf("%d rows, %d won", w.naming(a.Person), w.won(firm))
		}
		w.forget(a.Person)
		if w.naming(a.Person) != 0 || w.won(firm) != 2 {
			t.Errorf("%d rows, %d won", w.naming(a.Person), w.won(firm))
		}
	})
}

// Whose voucher was opened at a counter finds it among those who looked.
func TestVoucherSeen(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 10)
		a := w.person()
		w.at(0, 20, 0)
		got, err := w.claim(a, o, "1")
		w.must(err)
		_, err = w.FindVoucher(t.Context(), w.keeper, w.shop.ID, got.Code)
		w.must(err)
		facts, err := w.log.Stream(t.Context(), party.Stream(a.Person), 10)
		w.must(err)
		if len(facts) != 1 || facts[0].Name != party.Revealed || facts[0].Actor != w.keeper.ID || !strings.Contains(string(facts[0].Body), party.VoucherSeen) {
			t.Errorf("%+v", facts)
		}
	})
}

// A waiting room is joined without saying where something is to be sent, and whose a
// place was is forgotten with them; the place stays counted.
func TestForgetInARoom(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("heyuan", 100, "queue = true", "queue = true\npace = 60")
		w.plan("heyuan", 0, 100)
		w.must(w.TurnRooms(t.Context()))
		a := w.person()
		_, err := w.join(a, "heyuan")
		w.must(err)
		if w.naming(a.Person) != 1 || w.place(a, "heyuan").Waiting != 1 {
			t.Error("nobody waits")
		}
		w.forget(a.Person)
		room, _, err := w.WaitingRoom(t.Context(), "heyuan-2020")
		w.must(err)
		if n := w.naming(a.Person); n != 0 {
			t.Errorf("%d rows, %+v", n, room)
		}
	})
}
