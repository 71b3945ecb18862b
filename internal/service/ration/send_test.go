package ration_test

import (
	"fmt"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
)

const home = "聚贤路 587 号 2 单元 301 室"

// away claims a share that is sent, and is where it goes.
func (w *world) away(by auth.Principal, o ration.Offer) ration.Allotment {
	w.t.Helper()
	a, err := w.Claim(w.t.Context(), by, ration.ClaimInput{Offer: o.ID, Address: home})
	w.must(err)
	return a
}

// list is what is to be sent today, one a line.
func (w *world) list(day ration.Day) (lines []string) {
	w.t.Helper()
	list, err := w.ToSend(w.t.Context(), w.keeper, w.shop.ID, ration.DayOf(start)+day)
	w.must(err)
	for _, x := range list {
		line := fmt.Sprint(x.Name, x.Pieces, x.State)
		if x.Parcel != nil {
			line += fmt.Sprint(" ", x.Parcel.State, x.Parcel.Times, x.Parcel.Tracking)
		}
		if x.Late {
			line += " late"
		}
		lines = append(lines, line)
	}
	return lines
}

// Heyuan: five by post. Whoever asks says where to; the shop opens the addresses on the
// record, sends, and what comes back is on its shelf and still theirs.
func TestPost(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("heyuan", 100)
		depot := w.point(ration.Depot, "区物资仓库")
		_, err := w.Plan(t.Context(), w.officer, ration.PlanInput{Campaign: "heyuan-2020", Day: ration.DayOf(start), Offers: []ration.OfferInput{{Point: depot.ID, Pieces: 10}}})
		w.must(err) // what is sent leaves from a depot too
		o := w.plan("heyuan", 0, 20)
		a, b := w.person(), w.person()
		w.at(0, 19, 0)
		_, err = w.claim(a, o, "1")
		w.fails(err, "fault.fields") // nobody knows where to
		got := w.away(a, o)
		gone := w.away(b, o)
		_, err = w.GiveBack(t.Context(), b, o.ID, gone.ID)
		w.must(err)

		in := ration.SendInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, Tracking: "EA 1234"}
		send := func(by auth.Principal, in ration.SendInput) error { _, err := w.Send(t.Context(), by, in); return err }
		w.fails(send(w.keeper, in), "ration.shelf_empty")
		w.receive("heyuan", 8)
		_, err = w.Collect(t.Context(), w.keeper, ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID})
		w.fails(err, "ration.not_fetched")
		w.fails(send(w.other, in), "auth.denied")
		_, err = w.ToSend(t.Context(), w.other, w.shop.ID, ration.DayOf(start))
		w.fails(err, "auth.denied")
		if got := fmt.Sprint(w.list(0)); got != "[李*娜5held]" {
			t.Error(got)
		}

		sheet, err := w.OpenSheet(t.Context(), w.keeper, w.shop.ID, ration.DayOf(start))
		w.must(err)
		if len(sheet.Lines) != 1 || sheet.Lines[0].Name != "李小娜" || sheet.Lines[0].Address != home || sheet.Lines[0].Fen != 750 {
			t.Errorf("%+v", sheet)
		}
		_, err = w.SheetOf(t.Context(), auth.Principal{ID: "acc_k2", Role: auth.Storekeeper, Scope: auth.Point(w.shop.ID)}, w.shop.ID, sheet.ID)
		w.fails(err, "ration.no_sheet")
		facts, err := w.log.Stream(t.Context(), party.Stream(a.Person), 10)
		w.must(err)
		if len(facts) != 1 || !strings.Contains(string(facts[0].Body), party.AddressSeen) {
			t.Errorf("%+v", facts)
		}

		_, err = w.Redirect(t.Context(), b, o.ID, got.ID, "灯塔路 1 号")
		w.fails(err, "ration.no_allotment")
		_, err = w.Redirect(t.Context(), a, o.ID, got.ID, "灯塔路 1 号")
		w.must(err)
		if v, err := w.VoucherOf(t.Context(), a, o.ID, got.ID); err != nil || v.Address != "灯塔路 1 号" {
			t.Errorf("%+v, %v", v, err)
		}

		w.must(send(w.keeper, in))
		w.must(send(w.keeper, in)) // the same again
		list, err := w.Mine(t.Context(), a)
		w.must(err)
		if p := list[0].Parcel; list[0].State != ration.Collected || p == nil || p.Tracking != "EA 1234" || !p.Sent.Equal(w.hand.Now()) {
			t.Errorf("%+v", list[0])
		}
		_, err = w.Redirect(t.Context(), a, o.ID, got.ID, home)
		w.fails(err, "ration.sent")
		if got := fmt.Sprint(w.list(0)); got != "[李*娜5collected sent1EA 1234]" {
			t.Error(got)
		}

		w.at(3, 9, 0)
		back := ration.BackInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID}
		_, err = w.CameBack(t.Context(), w.keeper, back)
		w.fails(err, "fault.fields")
		back.Reason = "地址不详"
		_, err = w.CameBack(t.Context(), w.keeper, back)
		w.must(err)
		_, err = w.CameBack(t.Context(), w.keeper, back)
		w.must(err)
		if d, err := w.AtCounter(t.Context(), w.keeper, w.shop.ID); err != nil || d.Shelves[0].Pieces != 8 {
			t.Errorf("%+v, %v", d, err)
		}
		if got := fmt.Sprint(w.list(3)); got != "[李*娜5collected back1EA 1234]" {
			t.Error(got)
		}
		_, err = w.Redirect(t.Context(), a, o.ID, got.ID, home)
		w.must(err)
		in.Tracking = ""
		w.must(send(w.keeper, in))
		if d, err := w.AtCounter(t.Context(), w.keeper, w.shop.ID); err != nil || d.Shelves[0].Pieces != 3 {
			t.Errorf("%+v, %v", d, err)
		}
		back.Allotment = gone.ID
		_, err = w.CameBack(t.Context(), w.keeper, back)
		w.fails(err, "ration.not_sent")
	})
}

// Baoying: brought by whoever looks after the neighbourhood. One who is late takes
// nothing from anybody: the share stands, and the list says how long it should have left.
func TestBrought(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("baoying", 100)
		o := w.plan("baoying", 0, 20)
		w.receive("baoying", 20)
		a := w.person()
		got := w.away(a, o)
		w.at(20, 9, 0)
		w.must(w.Sweep(t.Context()))
		if got := fmt.Sprint(w.list(20)); got != "[李*娜2held late]" {
			t.Error(got)
		}
		w.forget(a.Person)
		if got := fmt.Sprint(w.list(20)); got != "[]" {
			t.Error(got)
		}
		_, err := w.Send(t.Context(), w.keeper, ration.SendInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID})
		w.fails(err, "ration.given_back")
		b := w.person()
		later := w.plan("baoying", 20, 20)
		mine := w.away(b, later)
		_, err = w.Send(t.Context(), w.keeper, ration.SendInput{Point: w.shop.ID, Offer: later.ID, Allotment: mine.ID})
		w.must(err)
		w.at(60, 0, 0)
		w.must(w.Sweep(t.Context()))
		list, err := w.Mine(t.Context(), b)
		w.must(err)
		if list[0].State != ration.Collected {
			t.Errorf("%+v", list[0])
		}
	})
}
