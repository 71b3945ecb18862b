package ration_test

import (
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
)

func (w *world) shutShop(instead string) {
	w.t.Helper()
	p, err := w.ClosePoint(w.t.Context(), w.officer, ration.CloseInput{Point: w.shop.ID, Reason: "停电", Instead: instead})
	w.must(err)
	if p.Closed.IsZero() || p.Why != "停电" || p.Instead != instead {
		w.t.Fatalf("%+v", p)
	}
}

// bookedOne is who booked at the shop on the first day, with the last four of their number.
func (w *world) bookedOne() (by auth.Principal, four string, o ration.Offer, got ration.Allotment) {
	w.t.Helper()
	w.open("guangzhou", 1000)
	o = w.plan("guangzhou", 0, 50)
	w.at(0, 20, 0)
	by = w.person()
	got, err := w.claim(by, o, "1")
	w.must(err)
	return by, number(w.n)[14:], o, got
}

// stock is a point's line in the feed, as whoever asks now reads it.
func (w *world) stock(point string) (x ration.Stock) {
	w.t.Helper()
	f, err := w.Feed(w.t.Context())
	w.must(err)
	for _, line := range f.Stock {
		if line.Point == point {
			x = line
		}
	}
	return x
}

// What is booked at a point that closes is kept under its code, and handed over where
// the officer says; nothing more is booked there, and the feed says so at once. Opened
// again, all is as before.
func TestClosedPoint(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, four, o, got := w.bookedOne()
		if x := w.stock(w.shop.ID); x.Available != 45 || x.Reserved != 5 {
			t.Fatalf("before: %+v", x)
		}

		w.shutShop("")
		if x := w.stock(w.shop.ID); x.Available != 0 || x.Reserved != 5 {
			t.Errorf("closed: %+v", x)
		}
		again, err := w.claim(a, o, "1")
		w.must(err) // what was promised stands
		if again.ID != got.ID {
			t.Errorf("%s, then %s", got.ID, again.ID)
		}
		b := w.person()
		_, err = w.claim(b, o, "1")
		w.fails(err, "ration.point_closed")
		if left := w.left(o); left != 0 {
			t.Errorf("%d can be booked at a closed point", left)
		}
		v, err := w.VoucherOf(ctx, a, o.ID, got.ID)
		w.must(err)
		if v.State != ration.Held || v.Shut == nil || v.At.ID != w.shop.ID || v.Shut.Why != "停电" {
			t.Errorf("%+v", v)
		}
		n, err := w.BookedAt(ctx, w.officer, w.shop.ID)
		w.must(err)
		if n.Bookings != 1 || n.Pieces != 5 {
			t.Errorf("%+v", n)
		}

		w.at(1, 9, 0)
		w.receive("guangzhou", 10)
		in := ration.CollectInput{Point: w.shop.ID, Offer: o.ID, Allotment: got.ID, LastFour: four, Key: w.key("hand")}
		_, err = w.Collect(ctx, w.keeper, in)
		w.fails(err, "ration.point_closed")

		w.shutShop(w.next.ID)
		if x := w.stock(w.next.ID); x.Reserved != 5 {
			t.Errorf("what is booked does not count where it is handed over: %+v", x)
		}
		_, err = w.Collect(ctx, w.keeper, in)
		w.fails(err, "ration.point_instead_at")
		if v, err = w.VoucherOf(ctx, a, o.ID, got.ID); err != nil || v.At.ID != w.next.ID || v.Shut == nil {
			t.Errorf("%+v, %v", v, err)
		}
		if _, err := w.Move(ctx, w.keeper, ration.MoveInput{Campaign: "guangzhou-2020", From: w.shop.ID, To: w.next.ID, Lot: w.lot(w.shop.ID), Pieces: 10, Reason: "停电"}); err != nil {
			t.Fatal(err)
		}
		there, err := w.FindVoucher(ctx, w.other, w.next.ID, got.Code)
		w.must(err)
		if there.ID != got.ID || there.Closed || len(there.Lots) != 1 {
			t.Errorf("%+v", there)
		}
		if here, err := w.FindVoucher(ctx, w.keeper, w.shop.ID, got.Code); err != nil || !here.Closed || here.Instead != w.next.Name {
			t.Errorf("%+v, %v", here, err)
		}
		today, err := w.AtCounter(ctx, w.other, w.next.ID)
		w.must(err)
		if today.ToHand.Bookings != 1 {
			t.Errorf("%+v", today.ToHand)
		}
		in.Point = w.next.ID
		if done, err := w.Collect(ctx, w.other, in); err != nil || done.State != ration.Collected {
			t.Fatalf("%+v, %v", done, err)
		}

		if _, err := w.ReopenPoint(ctx, w.officer, w.shop.ID, "来电", w.key("open")); err != nil {
			t.Fatal(err)
		}
		p := w.plan("guangzhou", 1, 20)
		w.at(1, 20, 0)
		_, err = w.claim(b, p, "2")
		w.must(err)
		if x := w.stock(w.shop.ID); x.Available != 15 || x.Reserved != 5 {
			t.Errorf("open again: %+v", x)
		}
	})
}

// lot is the lot that stands at a point.
func (w *world) lot(point string) string {
	w.t.Helper()
	x, err := w.AtCounter(w.t.Context(), w.officer, point)
	w.must(err)
	return x.Shelves[0].Lot
}

// Who stands in for a closed point and closes too passes on what it stands in for; nobody
// is sent in a circle, to a closed point or to a depot.
func TestPointInstead(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		third, depot := w.point(ration.Shop, "三江药房"), w.point(ration.Depot, "区物资仓库")
		for _, to := range []string{w.shop.ID, depot.ID, "poi_none"} {
			_, err := w.ClosePoint(ctx, w.officer, ration.CloseInput{Point: w.shop.ID, Reason: "停电", Instead: to})
			w.fails(err, "fault.fields")
		}
		_, err := w.ClosePoint(ctx, w.officer, ration.CloseInput{Point: w.shop.ID, Reason: " "})
		w.fails(err, "fault.fields")
		_, err = w.ClosePoint(ctx, w.keeper, ration.CloseInput{Point: w.shop.ID, Reason: "停电"})
		w.fails(err, "auth.denied")

		w.shutShop(w.next.ID)
		if _, err = w.ClosePoint(ctx, w.officer, ration.CloseInput{Point: w.next.ID, Reason: "停水", Instead: third.ID}); err != nil {
			t.Fatal(err)
		}
		_, err = w.ClosePoint(ctx, w.officer, ration.CloseInput{Point: third.ID, Reason: "停水", Instead: w.shop.ID})
		w.fails(err, "fault.fields")
		all, err := w.PointsKnown(ctx)
		w.must(err)
		for _, p := range all {
			if (p.ID == w.shop.ID || p.ID == w.next.ID) && p.Instead != third.ID {
				t.Errorf("%s is handed over at %s", p.Name, p.Instead)
			}
		}
		if open, err := w.Points(ctx); err != nil || len(open) != 2 {
			t.Errorf("%+v, %v", open, err)
		}
	})
}

// Where the one that stands in closes too, with none in its place, what is booked waits
// for it: opened again, it hands over as people were told.
func TestInsteadOpensAgain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, four, o, got := w.bookedOne()
		w.at(1, 9, 0)
		w.receive("guangzhou", 10)
		if _, err := w.Move(ctx, w.keeper, ration.MoveInput{Campaign: "guangzhou-2020", From: w.shop.ID, To: w.next.ID, Lot: w.lot(w.shop.ID), Pieces: 10, Reason: "停电"}); err != nil {
			t.Fatal(err)
		}
		w.shutShop(w.next.ID)
		if _, err := w.ClosePoint(ctx, w.officer, ration.CloseInput{Point: w.next.ID, Reason: "停水"}); err != nil {
			t.Fatal(err)
		}
		if v, err := w.VoucherOf(ctx, a, o.ID, got.ID); err != nil || v.At.ID != w.shop.ID || v.Shut == nil {
			t.Errorf("while both are closed: %+v, %v", v, err)
		}
		if x := w.stock(w.shop.ID); x.Reserved != 5 {
			t.Errorf("while both are closed: %+v", x)
		}
		in := ration.CollectInput{Point: w.next.ID, Offer: o.ID, Allotment: got.ID, LastFour: four, Key: w.key("hand")}
		if _, err := w.Collect(ctx, w.other, in); err == nil {
			t.Error("handed over at a closed point")
		}
		if _, err := w.ReopenPoint(ctx, w.officer, w.next.ID, "来水", w.key("open")); err != nil {
			t.Fatal(err)
		}
		if v, err := w.VoucherOf(ctx, a, o.ID, got.ID); err != nil || v.At.ID != w.next.ID {
			t.Errorf("open again: %+v, %v", v, err)
		}
		if done, err := w.Collect(ctx, w.other, in); err != nil || done.State != ration.Collected {
			t.Errorf("%+v, %v", done, err)
		}
	})
}
