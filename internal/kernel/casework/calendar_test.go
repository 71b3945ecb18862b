package casework_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/casework"
)

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func published(t testing.TB) *casework.Calendar {
	t.Helper()
	years, err := casework.Published()
	if err != nil {
		t.Fatal(err)
	}
	return casework.NewCalendar(zone(t), years...)
}

func day(text string) casework.Day {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return casework.DayOf(at, time.UTC)
}

// Days people remember, against the notices named in the files.
func TestDaysThatWereWorked(t *testing.T) {
	c := published(t)
	for text, want := range map[string]bool{
		"2020-01-19": true, "2020-01-23": true, "2020-01-24": false, "2020-02-01": false, "2020-02-02": false, "2020-02-03": true, "2020-02-10": true,
		"2020-04-06": false, "2020-06-28": true, "2020-10-08": false, "2020-10-10": true, "2020-10-11": false,
		"2026-01-04": true, "2026-02-14": true, "2026-02-16": false, "2026-02-23": false, "2026-02-24": true, "2026-09-20": true, "2026-09-25": false,
		"2026-10-07": false, "2026-10-08": true, "2026-11-23": true, "2026-11-22": false,
	} {
		if got := c.Working(day(text)); got != want {
			t.Errorf("%s worked: %v", text, got)
		}
	}
	if !c.Known(2020) || !c.Known(2026) || c.Known(2027) {
		t.Error("known years")
	}
}

func TestDue(t *testing.T) {
	c, z := published(t), zone(t)
	at := func(text string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", text, z)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, x := range []struct {
		from string
		days int
		want string
	}{
		{"2020-02-10 08:30", 3, "2020-02-14 00:00"}, // Monday: due at the end of Thursday
		{"2020-02-13 23:59", 3, "2020-02-19 00:00"}, // over a weekend
		{"2020-01-22 10:00", 3, "2020-02-05 00:00"}, // over the long spring festival
		{"2020-02-15 10:00", 0, "2020-02-18 00:00"}, // a Saturday's own day is the Monday
		{"2026-02-13 17:00", 3, "2026-02-26 00:00"}, // Saturday the 14th is worked
	} {
		if got := c.Start(at(x.from), x.days).Due.In(z).Format("2006-01-02 15:04"); got != x.want {
			t.Errorf("%s + %d: due %s, want %s", x.from, x.days, got, x.want)
		}
	}
}

var (
	days  = rapid.IntRange(int(day("2019-11-01")), int(day("2027-03-01")))
	spans = rapid.IntRange(0, 40)
)

// brute counts a day at a time, from what the files say.
func brute(c *casework.Calendar, from casework.Day, n int) casework.Day {
	for d := from; ; d++ {
		if c.Left(from, d) >= n && c.Working(d) && (n > 0 || d >= from) {
			return d
		}
	}
}

func TestDaysAddUp(t *testing.T) {
	c := published(t)
	rapid.Check(t, func(t *rapid.T) {
		d, n, m := casework.Day(days.Draw(t, "day")), spans.Draw(t, "n"), spans.Draw(t, "m")
		end := c.After(d, n)
		if !c.Working(end) {
			t.Fatalf("%s is not worked", end)
		}
		if n > 0 && c.Left(d, end) != n {
			t.Fatalf("%d days after %s is %s, %d days away", n, d, end, c.Left(d, end))
		}
		if want := brute(c, d, n); end != want {
			t.Fatalf("%d days after %s is %s, brute force %s", n, d, end, want)
		}
		if n > 0 && m > 0 && c.After(c.After(d, n), m) != c.After(d, n+m) {
			t.Fatal("two steps are not one")
		}
		if c.After(d+1, n) < end {
			t.Fatal("a later start ends earlier")
		}
		e := d + casework.Day(m)
		if c.Left(d, end+casework.Day(m)) != c.Left(d, end)+c.Left(end, end+casework.Day(m)) || c.Left(e, d) != 0 && m > 0 {
			t.Fatal("what is left does not add up")
		}
	})
}

// A pause takes nothing from the officer and gives nothing: the days left before
// are the days left after.
func TestPause(t *testing.T) {
	c, z := published(t), zone(t)
	rapid.Check(t, func(t *rapid.T) {
		start := casework.Day(days.Draw(t, "day")).Begin(z).Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
		k := c.Start(start, rapid.IntRange(1, 10).Draw(t, "days"))
		pause := start.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "to pause")) * time.Minute)
		resume := pause.Add(time.Duration(rapid.IntRange(0, 40*24*60).Draw(t, "paused")) * time.Minute)
		late := k.Late(pause)
		stopped := c.Pause(k, pause)
		if stopped.Late(k.Due.AddDate(1, 0, 0)) {
			t.Fatal("late while it stands")
		}
		if again := c.Pause(stopped, resume); !again.Due.Equal(stopped.Due) || !again.Paused.Equal(pause) {
			t.Fatal("a second pause changed it")
		}
		on := c.Resume(stopped, resume)
		if on.Due.Before(k.Due) {
			t.Fatal("a pause took time away")
		}
		if late != on.Late(resume) {
			t.Fatalf("late before the pause %v, after it %v", late, on.Late(resume))
		}
		if casework.DayOf(pause, z) == casework.DayOf(resume, z) && c.Working(casework.DayOf(pause, z)) && !on.Due.Equal(k.Due) {
			t.Fatalf("paused and resumed on one day: %v, then %v", k.Due, on.Due)
		}
		if !late {
			last := func(k casework.Clock) casework.Day { return casework.DayOf(k.Due.Add(-time.Second), z) }
			before, after := c.Left(casework.DayOf(pause, z), last(k)), c.Left(casework.DayOf(resume, z), last(on))
			// On the last day nothing is left; resumed on a free day, the next is given.
			given := before == 0 && after == 1 && !c.Working(casework.DayOf(resume, z))
			if before != after && !given {
				t.Fatalf("%d days left before, %d after", before, after)
			}
		}
	})
}

func TestYearsThatAreRefused(t *testing.T) {
	good := "year = 2021\nsource = \"notice\"\nwork = [\"2021-02-07\"]\n[[holiday]]\nname = {en = \"Spring\", zh-Hans = \"春节\"}\nfrom = \"2021-02-11\"\nto = \"2021-02-17\"\n"
	if y, err := casework.ParseYear([]byte(good)); err != nil || len(y.Holidays) != 1 || y.Work[0] != day("2021-02-07") {
		t.Fatal(y, err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"year = 2021", "year = 20", "casework.calendar_year"},
		{`"notice"`, `" "`, "casework.calendar_source"},
		{`"2021-02-07"`, `"2021-02-08"`, "casework.calendar_weekday"},
		{`"2021-02-07"`, `"2020-02-08"`, "casework.calendar_day"},
		{`to = "2021-02-17"`, `to = "2021-02-10"`, "casework.calendar_holiday"},
		{`, zh-Hans = "春节"`, ``, "casework.calendar_holiday"},
		{`en = "Spring", `, ``, "casework.calendar_holiday"},
		{`source`, `sources`, "casework.calendar_word casework.calendar_source"},
		{`year = 2021`, `year = `, "casework.calendar_toml"},
	} {
		_, err := casework.ParseYear([]byte(strings.Replace(good, c.from, c.to, 1)))
		var got []string
		var f *fault.Error
		if errors.As(err, &f) {
			for _, field := range f.Fields {
				got = append(got, field.Code)
			}
		}
		if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s → %s: %s", c.from, c.to, d)
		}
	}
}
