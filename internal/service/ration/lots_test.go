package ration_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/draw"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// secrets are three witnesses' for a draw.
func witnesses(id string) (list []draw.Witness, secrets [][]byte) {
	for _, name := range []string{"公证员甲", "居民乙", "记者丙"} {
		secret := []byte("sixteen bytes or more of " + name)[:24]
		list, secrets = append(list, draw.Witness{Name: name, Commitment: draw.Commit(id, name, secret)}), append(secrets, secret)
	}
	return list, secrets
}

func (w *world) enter(by auth.Principal, name string, point ration.Point, answers map[string]string) []ration.Entry {
	w.t.Helper()
	list, err := w.EnterDraw(w.t.Context(), by, ration.EnterInput{Campaign: name + "-2020", Point: point.ID, Answers: answers})
	w.must(err)
	return list
}

// run freezes and draws a day's list.
func (w *world) run(name string, day ration.Day) (ration.Draw, [][]byte) {
	w.t.Helper()
	d := ration.DayOf(start) + day
	who, secrets := witnesses(fmt.Sprintf("%s-2020.%s", name, d))
	_, err := w.Freeze(w.t.Context(), w.officer, ration.FreezeInput{Campaign: name + "-2020", Day: d, Witnesses: who})
	w.must(err)
	got, err := w.RunDraw(w.t.Context(), w.officer, name+"-2020", d, secrets...)
	w.must(err)
	return got, secrets
}

func (w *world) won(by auth.Principal) int {
	w.t.Helper()
	list, err := w.Mine(w.t.Context(), by)
	w.must(err)
	return len(list)
}

// Dongguan: a draw a town; who loses stands in the next, who wins waits five days.
func TestDraw(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("dongguan", 1000)
		far, err := w.OpenPoint(t.Context(), w.officer, ration.PointInput{Kind: ration.Shop, Name: "新明药房", Address: "江南路2号", Town: "新明街道"})
		w.must(err)
		w.plan("dongguan", 0, 10) // two places
		_, err = w.Plan(t.Context(), w.officer, ration.PlanInput{Campaign: "dongguan-2020", Day: ration.DayOf(start), Offers: []ration.OfferInput{{Point: w.next.ID, Pieces: 5}, {Point: far.ID, Pieces: 5}}})
		w.must(err)
		var near []auth.Principal
		for range 5 {
			p := w.person()
			w.enter(p, "dongguan", w.shop, nil)
			near = append(near, p)
		}
		alone := w.person()
		w.enter(alone, "dongguan", w.shop, nil)
		w.enter(alone, "dongguan", far, nil) // the last word counts
		_, err = w.claim(alone, w.plan("dongguan", 1, 15), "1")
		w.fails(err, "ration.lot")
		_, err = w.Freeze(t.Context(), w.officer, ration.FreezeInput{Campaign: "dongguan-2020", Day: ration.DayOf(start)})
		w.fails(err, "ration.draw_early")

		w.at(0, 17, 0)
		got, secrets := w.run("dongguan", 0)
		if got.State != "placed" || got.Entries != 6 || got.Places != 4 {
			t.Fatalf("%+v", got)
		}
		again, err := w.RunDraw(t.Context(), w.officer, "dongguan-2020", ration.DayOf(start), secrets...)
		w.must(err)
		if again != got {
			t.Errorf("%+v, then %+v", got, again)
		}
		text, _, err := w.DrawText(t.Context(), "dongguan-2020", ration.DayOf(start))
		w.must(err)
		back, err := draw.Read(bytes.NewReader(text))
		w.must(err)
		w.must(back.Replay())
		if bytes.Contains(text, []byte("per_")) || bytes.Contains(text, []byte("acc_")) {
			t.Error("the open file names people")
		}
		if w.won(alone) != 1 {
			t.Error("the only entry of its town did not win")
		}
		// The town's three places over two shops: all three got theirs.
		winners := slices.DeleteFunc(slices.Clone(near), func(p auth.Principal) bool { return w.won(p) == 0 })
		losers := slices.DeleteFunc(slices.Clone(near), func(p auth.Principal) bool { return w.won(p) > 0 })
		if len(winners) != 3 || len(losers) != 2 {
			t.Fatalf("%d won, %d did not", len(winners), len(losers))
		}

		// The next day those who did not win stand again, and alone.
		for _, p := range winners {
			w.enter(p, "dongguan", w.shop, nil)
		}
		w.at(1, 17, 0)
		if got, _ := w.run("dongguan", 1); got.Entries != 2 || got.Places != 2 {
			t.Errorf("%+v", got)
		}
		for _, p := range losers {
			if w.won(p) != 1 {
				t.Error("stood alone, and did not win")
			}
		}
		w.plan("dongguan", 5, 15)
		w.at(5, 17, 0) // five days after the first
		if got, _ := w.run("dongguan", 5); got.Entries != 3 {
			t.Errorf("%+v", got)
		}
	})
}

// Zhuhai: a firm enters once for all who are back, each one lot.
func TestFirmDraw(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("zhuhai-firms", 1000)
		w.plan("zhuhai-firms", 0, 50)
		firm := auth.Principal{ID: "acc_f", Role: auth.Firm, Scope: auth.OfFirm("fir_1")}
		key := auth.Principal{ID: "acc_g", Role: auth.Firm, Scope: auth.OfFirm("fir_2")}
		people := make([]string, 1203)
		for i := range people {
			people[i] = fmt.Sprintf("per_%05d", i)
		}
		w.known["fir_1"] = map[string]any{"returned": int64(1203), "key_firm": false, "people": people}
		w.known["fir_2"] = map[string]any{"returned": int64(9), "key_firm": true}
		if list := w.enter(firm, "zhuhai-firms", w.shop, nil); len(list) != 1203 {
			t.Errorf("%d entries", len(list))
		}
		if list := w.enter(firm, "zhuhai-firms", w.next, nil); len(list) != 1203 || list[0].Point != w.next.ID {
			t.Errorf("%d entries after the second", len(list))
		}
		_, err := w.EnterDraw(t.Context(), key, ration.EnterInput{Campaign: "zhuhai-firms-2020", Point: w.shop.ID})
		w.fails(err, "ration.not_entitled")
		w.at(1, 15, 0)
		w.must(w.Sweep(t.Context())) // takes nothing from winners who are still to come
		got, _ := w.run("zhuhai-firms", 0)
		if got.Entries != 1203 || got.Places != 10 || w.won(firm) != 10 {
			t.Errorf("%+v, %d won", got, w.won(firm))
		}
		// Nobody who won is in the list again for ten days.
		w.plan("zhuhai-firms", 1, 50)
		w.enter(firm, "zhuhai-firms", w.shop, nil)
		w.at(2, 0, 0)
		if got, _ := w.run("zhuhai-firms", 1); got.Entries != 1193 {
			t.Errorf("%+v", got)
		}
	})
}

// beacon knows one round.
type beacon map[uint64][]byte

func (b beacon) Value(_ context.Context, round uint64) ([]byte, error) {
	if v, ok := b[round]; ok {
		return v, nil
	}
	return nil, errors.New("not known yet")
}

// With a beacon nobody has to be there: the list is frozen at its hour and drawn when
// the value is known, which is proved; a value of another round draws nothing.
func TestDrawByItself(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		known := draw.RoundTime(1000) // just before midnight of 23 August 2023, here
		w.hand.Set(known.Add(-24 * time.Hour))
		w.open("laibin", 100)
		day := ration.DayOf(known.In(zone)) - ration.DayOf(start)
		a := w.person()
		o := w.plan("laibin", day, 10)
		w.enter(a, "laibin", w.shop, nil)
		signature, err := hex.DecodeString("b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39")
		w.must(err)
		w.Beacon = beacon{1000: signature}
		w.hand.Set(known.Add(-2*time.Minute - time.Second))
		w.must(w.DrawDue(t.Context()))
		list, err := w.Draws(t.Context(), "laibin-2020")
		w.must(err)
		if len(list) != 1 || list[0].Day != o.Day || list[0].State != "frozen" || list[0].Round != 1000 || !list[0].Known.Equal(known) {
			t.Fatalf("%+v", list)
		}
		w.must(w.DrawDue(t.Context())) // too early: nothing
		if w.won(a) != 0 {
			t.Error("drawn before the value was known")
		}
		w.hand.Set(known)
		w.Beacon = beacon{1000: append([]byte{signature[0] ^ 1}, signature[1:]...)}
		w.fails(w.DrawDue(t.Context()), "draw.beacon_false")
		w.Beacon = beacon{1000: signature}
		w.must(w.DrawDue(t.Context()))
		w.must(w.DrawDue(t.Context()))
		list, err = w.Draws(t.Context(), "laibin-2020")
		w.must(err)
		if list[0].State != "placed" || w.won(a) != 1 {
			t.Errorf("%+v, %d won", list, w.won(a))
		}
	})
}

// What is not wanted any more is taken out before the list is frozen, and not after.
func TestWithdraw(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("laibin", 100)
		w.plan("laibin", 0, 5)
		a, b := w.person(), w.person()
		w.enter(a, "laibin", w.shop, nil)
		w.enter(b, "laibin", w.shop, nil)
		w.must(w.Withdraw(t.Context(), a, "laibin-2020"))
		w.fails(w.Withdraw(t.Context(), a, "laibin-2020"), "ration.no_entry")
		w.at(0, 20, 0)
		_, err := w.EnterDraw(t.Context(), a, ration.EnterInput{Campaign: "laibin-2020", Point: w.shop.ID, Key: once.Key{}})
		w.must(err) // of the next day's
		got, _ := w.run("laibin", 0)
		w.fails(w.Withdraw(t.Context(), b, "laibin-2020"), "ration.no_entry")
		if got.Entries != 1 || w.won(b) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// A list whose winners' vouchers would have run out is not frozen: nobody is drawn for
// what cannot be given.
func TestDrawTooLate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.open("dongguan", 100)
		w.plan("dongguan", 0, 10)
		w.at(0, 9, 0)
		w.enter(w.person(), "dongguan", w.shop, nil)
		w.at(6, 0, 0) // five days from the morrow on
		who, _ := witnesses("dongguan-2020." + ration.DayOf(start).String())
		in := ration.FreezeInput{Campaign: "dongguan-2020", Day: ration.DayOf(start), Witnesses: who}
		_, err := w.Freeze(t.Context(), w.officer, in)
		w.fails(err, "ration.draw_late")
		w.at(5, 23, 59)
		_, err = w.Freeze(t.Context(), w.officer, in)
		w.must(err)
	})
}
