package app_test

import (
	"testing"
	"time"

	"breakwater/internal/app"
	"breakwater/internal/clock"
	"breakwater/internal/demo"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

func build(t testing.TB, people int, seed int64) (*app.App, workresume.Summary) {
	t.Helper()
	a := buildAt(t, clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC)), people, seed)
	s, err := a.Resume.DistrictSummary(t.Context(), auth.Operator())
	if err != nil {
		t.Fatal(err)
	}
	return a, s
}

func buildAt(t testing.TB, hand *clock.Hand, people int, seed int64) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir(), Demo: true, Clock: hand.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: people, Seed: seed, Progress: func(int64, int64) {}}); err != nil {
		t.Fatal(err)
	}
	return a
}

// The same seed and date make the same district; another seed makes another.
func TestDemoIsTheSameEveryTime(t *testing.T) {
	_, first := build(t, 3000, 1)
	_, again := build(t, 3000, 1)
	_, other := build(t, 3000, 2)
	if first != again {
		t.Errorf("seed 1 made %+v and %+v", first, again)
	}
	if first == other {
		t.Errorf("seeds 1 and 2 made the same: %+v", first)
	}
	if first.Workers != 3000 {
		t.Errorf("workers %d, want 3000", first.Workers)
	}
	if first.Certified < first.Firms*6/10 || first.Certified == first.Firms || first.Refused == 0 {
		t.Errorf("not believable: %+v", first)
	}
}

// A visitor at nine in the morning finds a district at work: people came in, some firms
// are warned and some suspended with what mends it, and two weeks lie behind it.
func TestDemoIsAtWork(t *testing.T) {
	a, s := build(t, 3000, 1)
	if err := a.Resume.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	pic, err := a.Resume.Picture(t.Context(), auth.Operator(), workresume.BoardFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if now := pic.Total; now.Warned == 0 || now.Suspended == 0 || now.Came < s.Back/4 || now.Came > s.Back || now.Inside == 0 || now.Inside > now.Came {
		t.Errorf("now: %+v", now)
	}
	if len(pic.Days) != 15 {
		t.Fatalf("%d days", len(pic.Days))
	}
	first, last := pic.Days[0], pic.Days[13]
	if before, after := first.Load*100/first.Normal, last.Load*100/last.Normal; before > 25 || after < 35 || after > 60 {
		t.Errorf("electricity went from %d %% to %d %%", before, after)
	}
	if first.Resumed*5 > last.Resumed || last.Came == 0 || last.Firms != s.Firms {
		t.Errorf("the first day %+v, the last %+v", first.Figures, last.Figures)
	}
	flags, _, err := a.Resume.Flags(t.Context(), auth.Operator(), workresume.FlagFilter{Level: workresume.Suspended})
	if err != nil || len(flags) == 0 {
		t.Fatalf("nobody is suspended: %v", err)
	}
	c, err := a.Resume.Compare(t.Context(), auth.Operator(), flags[0].Firm)
	if err != nil || c.Firm.Watch != workresume.Suspended || len(c.Flags) == 0 || c.Flags[0].Finding.Mend.In("zh-Hans") == "" {
		t.Errorf("%+v, %v", c, err)
	}
}

// Two weeks of reports lie behind a visitor, some missing; a few people are yellow, one is
// red by two officers' word and one is not any more; a double waits and places of risk
// are listed.
func TestDemoIsInHealth(t *testing.T) {
	a, _ := build(t, 3000, 1)
	ctx := t.Context()
	count := func(text string) (n int64) {
		t.Helper()
		if err := a.DB.Read(ctx, func(r storage.Reader) error { return r.Row(text).Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	people := count(`select count(distinct person) from workresume_report`)
	said, days := count(`select count(*) from workresume_report`), count(`select count(distinct day) from workresume_report`)
	if people < 400 || days != 15 || said < people*12 || said > people*15*97/100 {
		t.Errorf("%d reports of %d people on %d days", said, people, days)
	}
	officer := auth.Principal{ID: "acc_look", Role: auth.Officer, Scope: auth.District(a.Home.ID)}
	held, err := a.Resume.Restrictions(ctx, officer)
	if err != nil || len(held) == 0 {
		t.Errorf("nobody is held: %v", err)
	}
	if red, yellow, lifted := count(`select count(*) from workresume_colour where held = 2`), count(`select count(*) from workresume_colour where own = 1`),
		count(`select count(*) from workresume_restriction where ended > 0`); red != 1 || yellow < 4 || yellow > 12 || lifted != 1 {
		t.Errorf("%d red, %d yellow, %d not any more", red, yellow, lifted)
	}
	if list, _, err := a.Resume.Risks(ctx); err != nil || len(list) != 4 {
		t.Errorf("risks %+v, %v", list, err)
	}
	d, err := a.Resume.Doubles(ctx, officer)
	if err != nil || len(d.Likely) == 0 || d.Likely[0].Alike != party.AlikeBorn {
		t.Errorf("doubles %+v, %v", d, err)
	}
}

// A demonstration that is left running goes on: its people report every day, come to the
// gates and go home, meters are read, no firm is suspended for want of what nobody makes
// up, and there is always one to mend. One that was stopped for a night makes up for the
// morning.
func TestDemoLives(t *testing.T) {
	hand := clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC)) // nine in the morning
	a := buildAt(t, hand, 1200, 1)
	ctx, zone := t.Context(), a.Home.Location()
	said := func() (n int64) {
		t.Helper()
		if err := a.DB.Read(ctx, func(r storage.Reader) error {
			return r.Row(`select count(*) from workresume_report where day = $1`, hand.Now().In(zone).Format(time.DateOnly)).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	picture := func() workresume.Figures {
		t.Helper()
		pic, err := a.Resume.Picture(ctx, auth.Operator(), workresume.BoardFilter{})
		if err != nil {
			t.Fatal(err)
		}
		return pic.Total
	}
	first := said()
	for hour := 2; hour <= 10*24; hour += 2 {
		hand.Add(2 * time.Hour)
		if at := hand.Now().In(zone); at.Day() == 22 && at.Hour() < 9 {
			continue // it is stopped
		}
		if at := hand.Now().In(zone).Hour(); at > 3 && at < 9 || at == 13 || at == 15 || at == 21 {
			continue // nothing to be seen then that cannot be seen at the next hour
		}
		if err := demo.Present(ctx, a.DemoStage()); err != nil {
			t.Fatal(err)
		}
		if err := a.Resume.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		flags, _, err := a.Resume.Flags(ctx, auth.Operator(), workresume.FlagFilter{Level: workresume.Suspended})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range flags {
			// Masks are for a visitor to find and mend; who was held on the first day while
			// inside goes home in the evening.
			if rule := f.Finding.Rule; rule != "supplies-out" && (rule != "red-inside" || hour >= 24) {
				t.Fatalf("after %d hours %+v", hour, f)
			}
		}
		at := hand.Now().In(zone)
		switch at.Hour() {
		case 11:
			if n := said(); n < first*9/10 || n > first*11/10 {
				t.Errorf("on %s %d reported, on the first day %d", at, n, first)
			}
			least, most := int64(60), int64(95) // of a hundred who are back
			if day := at.Weekday(); day == time.Saturday {
				least, most = 20, 45
			} else if day == time.Sunday {
				least, most = 5, 25
			}
			if f := picture(); f.Inside*100 < f.Back*least || f.Inside*100 > f.Back*most || f.Came < f.Inside {
				t.Errorf("on %s %d of %d are inside, %d came", at, f.Inside, f.Back, f.Came)
			}
		case 3:
			if f := picture(); f.Inside != 0 {
				t.Errorf("at night %d are inside", f.Inside)
			}
		}
	}
	if unread := lateMeters(t, a, hand.Now()); unread > 0 {
		t.Errorf("%d meters were not read for more than five days", unread)
	}
	pic, err := a.Resume.Picture(ctx, auth.Operator(), workresume.BoardFilter{})
	if err != nil || pic.Total.Warned == 0 || pic.Total.Suspended == 0 {
		t.Errorf("%+v, %v", pic.Total, err)
	}
	gone, _, err := a.Resume.Flags(ctx, auth.Operator(), workresume.FlagFilter{Level: workresume.Withdrawn})
	if err != nil || len(gone) > 0 {
		t.Errorf("withdrawn %+v, %v", gone, err)
	}
}

// lateMeters is how many meters were not read for more than five days.
func lateMeters(t *testing.T, a *app.App, now time.Time) (n int) {
	t.Helper()
	list, err := a.Resume.Meters(t.Context())
	if err != nil || len(list) == 0 {
		t.Fatalf("no meters: %v", err)
	}
	for _, m := range list {
		if now.Sub(m.Day) > 6*24*time.Hour { // a reading is of the day before
			n++
		}
	}
	return n
}

// BenchmarkDemo builds the full district: 13,000 firms and 140,000 workers.
func BenchmarkDemo(b *testing.B) {
	for b.Loop() {
		build(b, 140_000, 1)
	}
}
