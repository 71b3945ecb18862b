package ration_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// A winner for whom nothing is left has no share, and the draw does not call itself done.
func TestWinnerWithoutPlace(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.openAs("laibin", 100, "how = \"point\"\ndays = 3", "how = \"point\"\ndays = 20")
		w.plan("laibin", 0, 5)
		a := w.person()
		w.enter(a, "laibin", w.shop, nil)
		w.at(0, 21, 0)
		day := ration.DayOf(start)
		who, secrets := witnesses(fmt.Sprintf("laibin-2020.%s", day))
		_, err := w.Freeze(t.Context(), w.officer, ration.FreezeInput{Campaign: "laibin-2020", Day: day, Witnesses: who})
		w.must(err)
		w.at(9, 9, 0) // drawn so late that what was offered went back to the supply
		w.must(w.Sweep(t.Context()))
		for range 2 { // and again: nothing was done by halves
			_, err = w.RunDraw(t.Context(), w.officer, "laibin-2020", day, secrets...)
			if err == nil {
				err = w.Place(t.Context(), "laibin-2020", day)
			}
			w.fails(err, "ration.gone")
		}
		d, err := w.DrawOf(t.Context(), "laibin-2020", day)
		w.must(err)
		if d.State != "drawn" || !d.Placed.IsZero() || w.won(a) != 0 {
			t.Errorf("%+v, %d won", d, w.won(a))
		}
	})
}

// gone is a store that does not answer.
type gone struct{ ration.Store }

var errAway = errors.New("the disk is away")

func (gone) Read(context.Context, storage.ReadFunc) error { return errAway }

// The feed is made anew after seconds; while the store is away the last is given, and
// past thirty seconds it says itself that it is late.
func TestFeedAge(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("guangzhou", 100)
		o := w.plan("guangzhou", 0, 10)
		w.at(0, 20, 0)
		available := func() int64 {
			t.Helper()
			f, err := w.Feed(t.Context())
			w.must(err)
			for _, x := range f.Stock {
				if x.Point == o.Point {
					return x.Available
				}
			}
			return -1
		}
		if n := available(); n != 10 {
			t.Fatalf("%d", n)
		}
		made := w.hand.Now()
		_, err := w.claim(w.person(), o, "1")
		w.must(err)
		if n := available(); n != 10 {
			t.Errorf("%d at the same moment: it was made for each who asks", n)
		}
		w.hand.Set(made.Add(6 * time.Second))
		if n := available(); n != 5 {
			t.Errorf("%d six seconds later", n)
		}
		whole := w.Store
		w.Store = gone{whole}
		for after, late := range map[time.Duration]bool{20 * time.Second: false, 30 * time.Second: false, 31 * time.Second: true} {
			w.hand.Set(made.Add(6*time.Second + after))
			f, err := w.Feed(t.Context())
			w.must(err)
			if !f.Updated.Equal(made.Add(6*time.Second)) || f.Late(w.hand.Now()) != late {
				t.Errorf("%s: made at %s, late %v", after, f.Updated, f.Late(w.hand.Now()))
			}
		}
		w.Store = whole
		if f, err := w.Feed(t.Context()); err != nil || f.Late(w.hand.Now()) {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

// What a voucher says is its holder's alone, and an offer's page counts what is left.
func TestKept(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("ningde", 1000)
		o := w.plan("ningde", 0, 100)
		w.at(0, 9, 0)
		a, b := w.person(), w.person()
		got, err := w.claim(a, o, "1")
		w.must(err)
		list, err := w.Vouchers(t.Context(), a)
		w.must(err)
		one, err := w.VoucherOf(t.Context(), a, o.ID, got.ID)
		w.must(err)
		if len(list) != 1 || list[0].ID != one.ID || one.Due != 600 || one.At.ID != w.shop.ID || one.Whose != "李*娜" || !one.Own {
			t.Errorf("%+v", one)
		}
		if want := time.Date(2020, 2, 13, 9, 0, 0, 0, zone); !one.Fetch.Equal(want) {
			t.Errorf("fetched from %s", one.Fetch)
		}
		_, err = w.VoucherOf(t.Context(), b, o.ID, got.ID)
		w.fails(err, "ration.no_allotment")
		_, err = w.Vouchers(t.Context(), w.officer)
		w.fails(err, "auth.denied")
		if list, err := w.Vouchers(t.Context(), b); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		open, view, err := w.OfferView(t.Context(), o.ID)
		w.must(err)
		if open.Left != 90 || view.ID != "ningde-2020" || !open.Fetch.Equal(one.Fetch) {
			t.Errorf("%+v", open)
		}
		_, _, err = w.OfferView(t.Context(), "off_none")
		w.fails(err, "ration.no_offer")
	})
}

// Each rule that is given out to begin from can be opened as it is, under its own name.
func TestFixtures(t *testing.T) {
	list := ration.Fixtures()
	if len(list) != 12 {
		t.Fatalf("%d cities", len(list))
	}
	for _, f := range list {
		c, err := ration.ReadCampaign(f.File)
		if err != nil || c.ID != f.Name+"-2020" || len(c.Source) < 2 {
			t.Errorf("%s: %+v, %v", f.Name, c, fault.As(err))
		}
	}
}
