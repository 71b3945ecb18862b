package workresume_test

import (
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

// A helper says where somebody was; the person reads by whom, and their own word, be it
// that none of it is so, stands over any helper's.
func TestHelperTravels(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 3)
		old, child, other := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2)
		_, err := w.AddRisks(ctx, w.officer, workresume.RiskInput{Key: key("risk"), Lines: []workresume.RiskLine{
			{Line: 1, Place: "湖北省武汉市", Level: "high", From: "2020-01-01", Source: "省指挥部 1 号通告"},
		}})
		must(t, err)
		h := w.helpedBy(old, child)
		from := func(place, k string) workresume.TravelInput {
			return workresume.TravelInput{Travel: workresume.Travel{Origin: place, Arrived: "2020-02-16", Lodging: "东园 3 号宿舍", ByHelper: true, Helper: "某人"}, Key: key(k)}
		}
		level := func() workresume.Level {
			t.Helper()
			own, err := w.HealthOf(ctx, old)
			must(t, err)
			return own.Level
		}
		for name, by := range map[string]auth.Principal{"a stranger": other, "the helped": old, "an officer": w.officer} {
			if _, err := w.SaveTravelHelped(ctx, by, h.ID, from("湖北省武汉市", "none")); !fault.Is(err, "workresume.help_unknown") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.SaveTravelHelped(ctx, child, h.ID, from("某地", "bad")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("no place: %v", err)
		}
		for range 2 { // sent twice, said once
			h, err = w.SaveTravelHelped(ctx, child, h.ID, from("湖北省武汉市", "a"))
			must(t, err)
		}
		if h.TravelOwn || h.TravelAt.IsZero() || level() != workresume.Yellow {
			t.Errorf("%+v, %v", h, level())
		}
		own, err := w.TravelOf(ctx, old)
		must(t, err)
		if !own.ByHelper || own.Helper == "" || own.Helper == "某人" || own.Origin != "湖北省武汉市" {
			t.Errorf("the person reads %+v", own)
		}

		if _, err := w.TakeBackTravel(ctx, other, key("not")); !fault.Is(err, "workresume.travel_not_helped") {
			t.Errorf("nothing to take back: %v", err)
		}
		for range 2 {
			own, err = w.TakeBackTravel(ctx, old, key("back"))
			must(t, err)
		}
		if !own.At.IsZero() || own.ByHelper || level() != workresume.Green {
			t.Errorf("taken back: %+v, %v", own, level())
		}
		if _, err := w.SaveTravelHelped(ctx, child, h.ID, from("湖北省武汉市", "b")); !fault.Is(err, "workresume.travel_own") {
			t.Errorf("over what was taken back: %v", err)
		}
		own, err = w.SaveTravel(ctx, old, from("河南省郑州市", "own"))
		must(t, err)
		if own.ByHelper || own.Helper != "" {
			t.Errorf("one's own: %+v", own)
		}
		if _, err := w.SaveTravelHelped(ctx, child, h.ID, from("湖北省武汉市", "c")); !fault.Is(err, "workresume.travel_own") {
			t.Errorf("over the person's own: %v", err)
		}
		if _, err := w.TakeBackTravel(ctx, old, key("ownback")); !fault.Is(err, "workresume.travel_not_helped") {
			t.Errorf("one's own taken back: %v", err)
		}
		list, err := w.Helping(ctx, old)
		must(t, err)
		if len(list.Helpers) != 1 || !list.Helpers[0].TravelAt.IsZero() {
			t.Errorf("the helped sees %+v", list.Helpers)
		}
	})
}
