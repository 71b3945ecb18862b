package casework_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

const (
	yearCSV = "\ufeff类型,开始,结束,英文名,中文名\r\n依据,,,,某通知\r\nholiday,2027-01-01,2027-01-03,New Year,元旦\r\n放假,2027-02-05,2027-02-11,Spring Festival,春节\r\n\r\n上班,2027-01-30,,,\r\n"
	// kept in step with the one above
	yearJSON = `{"year": 2027, "source": "某通知", "work": ["2027-01-30"], "holidays": [
		{"name": {"en": "New Year", "zh-Hans": "元旦"}, "from": "2027-01-01", "to": "2027-01-03"},
		{"name": {"en": "Spring Festival", "zh-Hans": "春节"}, "from": "2027-02-05", "to": "2027-02-11"}]}`
	yearTOML = "year = 2027\nsource = \"某通知\"\nwork = [\"2027-01-30\"]\n" +
		"[[holiday]]\nname = {en = \"New Year\", zh-Hans = \"元旦\"}\nfrom = \"2027-01-01\"\nto = \"2027-01-03\"\n" +
		"[[holiday]]\nname = {en = \"Spring Festival\", zh-Hans = \"春节\"}\nfrom = \"2027-02-05\"\nto = \"2027-02-11\"\n"
)

func TestThreeWaysOfWritingAYear(t *testing.T) {
	want, err := casework.ParseYear([]byte(yearTOML))
	if err != nil || want.Year != 2027 || len(want.Holidays) != 2 || len(want.Work) != 1 {
		t.Fatal(want, err)
	}
	for name, text := range map[string]string{"csv": yearCSV, "json": yearJSON, "own csv": string(want.CSV())} {
		got, err := casework.ParseYear([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	years, err := casework.Published()
	if err != nil {
		t.Fatal(err)
	}
	var known []int
	for _, y := range years {
		known = append(known, y.Year)
		if again, err := casework.ParseYear(y.CSV()); err != nil || !cmp.Equal(y, again) {
			t.Errorf("%d: %v", y.Year, err)
		}
		if !strings.Contains(y.Source, "国务院办公厅") {
			t.Errorf("%d names no notice", y.Year)
		}
	}
	if d := cmp.Diff([]int{2020, 2021, 2022, 2023, 2024, 2025, 2026}, known); d != "" {
		t.Error(d)
	}
}

func TestWrongLines(t *testing.T) {
	for _, c := range []struct{ text, from, to, want string }{
		{yearCSV, "2027-02-05", "2027-02-30", "casework.calendar_day 4"},
		{yearCSV, "2027-02-05,2027-02-11", "2027-02-11,2027-02-05", "casework.calendar_holiday 4"},
		{yearCSV, "春节", "", "casework.calendar_holiday 4"},
		{yearCSV, "2027-01-30", "2027-01-29", "casework.calendar_weekday 6"},
		{yearCSV, "2027-02-05", "2027-01-02", "casework.calendar_twice 4"}, // over New Year
		{yearCSV, "2027-01-30", "2027-02-06", "casework.calendar_twice 6"}, // free and worked
		{yearCSV, "放假", "休息日", "casework.calendar_kind 4"},
		{yearCSV, "依据,,,,某通知\r\n", "", "casework.calendar_source <nil>"},
		{yearCSV, "结束", "至", "casework.calendar_csv 1"},
		{yearCSV, "Spring", `"Spring`, "casework.calendar_csv 4"},
		{yearCSV, "春节", "\xb4\xba", "casework.calendar_utf8 <nil>"},
		{yearJSON, `"to": "2027-01-03"}`, `"to": "2027-01-03"`, "casework.calendar_json 3"},
		{yearJSON, `"work"`, `"worked"`, "casework.calendar_word 1"},
		{yearJSON, `2027-02-11`, `2028-02-11`, "casework.calendar_day 3"},
		{yearJSON, `2027,`, `"2027",`, "casework.calendar_json 1"},
		{yearTOML, "2027-02-11", "11.2.", "casework.calendar_day 10"},
		{yearTOML, "", "]", "casework.calendar_toml 1"},
	} {
		_, err := casework.ParseYear([]byte(strings.Replace(c.text, c.from, c.to, 1)))
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) == 0 {
			t.Errorf("%q → %q: %v", c.from, c.to, err)
			continue
		}
		if got := fmt.Sprint(f.Fields[0].Code, " ", f.Fields[0].Args["line"]); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q → %q: %s, want %s", c.from, c.to, got, c.want)
		}
	}
	for _, huge := range []string{strings.Repeat("holiday,", 10_000), "kind,from,to,en,zh\n" + strings.Repeat("work,2027-01-30,,,\n", 2000), "", "{", "\x00"} {
		if _, err := casework.ParseYear([]byte(huge)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.20q: %v", huge, err)
		}
	}
}

func FuzzYear(f *testing.F) {
	for _, seed := range []string{yearCSV, yearJSON, yearTOML} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		y, err := casework.ParseYear(text)
		if err != nil {
			return
		}
		if again, err := casework.ParseYear(y.CSV()); err == nil && again.Year != y.Year {
			t.Errorf("%d became %d", y.Year, again.Year)
		}
	})
}

// A calendar that changes nothing moves no clock, and one that does keeps the
// working days that are left.
func TestRefit(t *testing.T) {
	old, z := published(t), zone(t)
	extra, err := casework.ParseYear([]byte(yearCSV))
	if err != nil {
		t.Fatal(err)
	}
	years, err := casework.Published()
	if err != nil {
		t.Fatal(err)
	}
	fresh := casework.NewCalendar(z, append(years, extra)...)
	rapid.Check(t, func(t *rapid.T) {
		at := casework.Day(days.Draw(t, "day")).Begin(z).Add(9 * time.Hour)
		k := old.Start(at, rapid.IntRange(1, 15).Draw(t, "days"))
		now := at.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "hours")) * time.Hour)
		if same := old.Refit(k, old, now); !same.Due.Equal(k.Due) {
			t.Fatalf("moved to %v by its own calendar", same.Due)
		}
		got := fresh.Refit(k, old, now)
		last := func(k casework.Clock) casework.Day { return casework.DayOf(k.Due.Add(-time.Second), z) }
		today := casework.DayOf(now, z)
		switch left := old.Left(today, last(k)); {
		case left == 0 && !got.Due.Equal(k.Due):
			t.Fatal("one that ends today, or has ended, was moved")
		case left > 0 && fresh.Left(today, last(got)) != left:
			t.Fatalf("%d days left, now %d", left, fresh.Left(today, last(got)))
		}
	})
}

func TestAYearMovesClocks(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		now := time.Date(2026, 12, 30, 2, 0, 0, 0, time.UTC) // a Wednesday; three days end on 4 January by weekends alone
		w.hand.Set(now)
		soon, far := w.open("fir_1"), w.open("fir_2")
		stands := w.open("fir_3")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(w.db.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := w.Ask(tx, wang, stands.ID, []string{"现场照片"})
			return err
		}))
		see := func() (c casework.Change) {
			must(w.db.Read(t.Context(), func(r storage.Reader) (err error) {
				c, err = w.Preview(r, wang, yearCSV)
				return err
			}))
			return c
		}
		ch := see()
		if ch.Known || len(ch.Moved) != 2 || len(ch.Days) == 0 || ch.Days[0] != day("2027-01-01") || ch.Worked[0] {
			t.Fatalf("%+v", ch)
		}
		due := func(id string) (out string) {
			must(w.db.Read(t.Context(), func(r storage.Reader) error {
				c, err := w.Get(r, wang, id)
				out = c.Clock.Due.In(w.Zone).Format(time.DateTime)
				return err
			}))
			return out
		}
		if got := due(soon.ID); got != "2027-01-05 00:00:00" {
			t.Fatal("a preview moved a clock", got)
		}
		for range 2 {
			must(w.db.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := w.SetYear(tx, wang, yearCSV)
				return err
			}))
		}
		if a, b := due(soon.ID), due(far.ID); a != "2027-01-06 00:00:00" || b != a {
			t.Error("due", a, b)
		}
		if got := see(); len(got.Moved) != 0 || len(got.Days) != 0 || !got.Known {
			t.Errorf("again %+v", got)
		}
		moved := 0
		for _, f := range w.facts.all() {
			if f == "due_moved "+wang.ID {
				moved++
			}
		}
		if got := w.facts.all(); moved != 2 || got[len(got)-1] != "calendar_set "+wang.ID {
			t.Errorf("facts %v", got)
		}
		must(w.db.Read(t.Context(), func(r storage.Reader) error {
			lines, err := w.Years(r)
			if len(lines) != 8 || !lines[0].Own || lines[0].By != wang.ID || lines[1].Own || lines[0].Year.Year != 2027 {
				t.Errorf("%+v", lines)
			}
			_, denied := w.Preview(r, other, yearCSV)
			want(t, denied, fault.Denied, "auth.denied")
			_, denied = w.Preview(r, auth.Principal{}, yearCSV)
			want(t, denied, fault.Unauthenticated, "auth.unauthenticated")
			return err
		}))
	})
}
