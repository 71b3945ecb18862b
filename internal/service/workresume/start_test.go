package workresume_test

import (
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

func TestStartIsADayAhead(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park) // it is 18 February 2020, 8:30 in the district
		file := func(by auth.Principal, start string) (workresume.Firm, error) {
			in := goodFiling(1)
			in.Start = start
			return w.File(t.Context(), by, workresume.FileInput{Firm: f.ID, Filing: in})
		}
		for start, code := range map[string]string{
			"2020-02-18": "workresume.start_early", // today
			"2019-02-20": "workresume.start_early",
			"2021-03-20": "workresume.start_far",
			"19 Feb":     "workresume.start_unread",
			"2020-02-30": "workresume.start_unread",
		} {
			_, err := file(office, start)
			want(t, err, "fault.fields")
			if !strings.Contains(err.Error(), "[start "+code+"]") {
				t.Errorf("%s: %v", start, err)
			}
			in := goodFiling(1)
			in.Start = start
			_, err = w.Rehearse(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: in})
			want(t, err, "fault.fields")
		}
		if got, err := w.Firm(t.Context(), office, f.ID); err != nil || got.Filing != nil {
			t.Fatalf("%+v %v", got.Filing, err)
		}
		start := func(got workresume.Firm, err error) string {
			t.Helper()
			must(t, err)
			return got.Filing.Start
		}
		if got := start(file(office, "")); got != "2020-02-19" { // the first possible
			t.Error(got)
		}
		if got := start(file(office, "2020-02-21")); got != "2020-02-21" {
			t.Error(got)
		}
		w.hand.Add(10 * 24 * time.Hour)
		for _, same := range []string{"2020-02-21", ""} { // it has begun; a correction moves nothing
			if got := start(file(office, same)); got != "2020-02-21" {
				t.Error(got)
			}
		}
		_, err := file(office, "2020-02-22")
		want(t, err, "fault.fields")
		// The very evening before is ahead enough; the day is the district's.
		w.hand.Set(time.Date(2020, 3, 1, 15, 59, 0, 0, time.UTC))
		if got := start(file(office, "2020-03-02")); got != "2020-03-02" {
			t.Error(got)
		}
		w.hand.Set(time.Date(2020, 3, 1, 16, 0, 0, 0, time.UTC))
		_, err = file(office, "2020-03-02 ")
		want(t, err, "fault.fields")
	})
}

func TestStartFollowsThePolicy(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		if day, n := w.FirstStart(); n != 1 || day.Format(time.DateOnly) != "2020-02-19" {
			t.Error(day, n)
		}
		all, err := workresume.Regimes()
		must(t, err)
		w.Pack = all.Packs()[2] // lifted: no notice
		if day, n := w.FirstStart(); n != 0 || day.Format(time.DateOnly) != "2020-02-18" {
			t.Error(day, n)
		}
		in := goodFiling(1)
		in.Start = "2020-02-18"
		got, err := w.File(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: in})
		if err != nil || got.Filing.Start != "2020-02-18" {
			t.Error(err)
		}
	})
}
