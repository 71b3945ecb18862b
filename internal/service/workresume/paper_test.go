package workresume_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
)

// printed is one printing of a firm's sheets, from yesterday on.
func (w *world) printed(firm string, days int64) []workresume.Sheet {
	w.t.Helper()
	first := w.hand.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	id, err := w.PrintPaper(w.t.Context(), w.officer, workresume.PrintInput{Firm: firm, First: first, Days: days})
	must(w.t, err)
	list, err := w.Printing(w.t.Context(), w.officer, id)
	must(w.t, err)
	return list
}

func (w *world) typed(number string, rows ...workresume.PaperRow) workresume.Typed {
	w.t.Helper()
	out, err := w.TypePaper(w.t.Context(), w.officer, workresume.TypeInput{Number: number, Rows: rows})
	must(w.t, err)
	return out
}

// What is typed in counts as reported, keeps the good rows and says what is wrong with
// the others; the person's own word stands; the same sheet again changes nothing.
func TestTypePaper(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(w.park, 3)
		me, two := w.workerOf(office, 0), w.workerOf(office, 1)
		w.report(me, workresume.ReportInput{})
		list := w.printed(f.ID, 3)
		if len(list) != 1 || len(list[0].Lines) != 3 || list[0].FirmName != f.Name {
			t.Fatalf("%+v", list)
		}
		x, line := list[0], map[string]int64{}
		for _, l := range x.Lines {
			line[l.ID] = l.Line
		}
		a, b := line[me.Person], line[two.Person]
		yesterday, today, tomorrow := x.First, x.Lines[0].Days[1].Day, x.Last
		rows := []workresume.PaperRow{
			{Line: a, Day: today, Symptoms: []workresume.Symptom{"fever"}},
			{Line: a, Day: yesterday, Well: true},
			{Line: b, Day: yesterday, Tenths: 382, Symptoms: []workresume.Symptom{"fever", "cough"}},
			{Line: b, Day: today, Tenths: 366},
			{Line: b, Day: tomorrow, Well: true},
			{Line: 9, Day: today, Well: true},
			{Line: 3, Day: "2020-01-01", Well: true},
			{Line: 3, Day: yesterday, Well: true, Contact: true},
			{Line: 3, Day: today},
		}
		want := workresume.Typed{
			Kept:     3,
			Standing: []workresume.PaperFault{{Line: a, Day: today, Code: "workresume.paper_own"}},
			Faults: []workresume.PaperFault{
				{Line: b, Day: tomorrow, Code: "workresume.paper_future"},
				{Line: 9, Day: today, Code: "workresume.paper_line"},
				{Line: 3, Day: "2020-01-01", Code: "workresume.paper_line"},
				{Line: 3, Day: yesterday, Code: "workresume.paper_both"},
			},
		}
		if d := cmp.Diff(want, w.typed(x.Number, rows...)); d != "" {
			t.Error(d)
		}
		if c, err := w.HealthOf(t.Context(), two); err != nil || c.Level != workresume.Yellow || c.Reports[0].Way != workresume.ByPaper || c.Reports[0].Tenths != 366 {
			t.Errorf("%+v, %v", c, err)
		}
		if h, err := w.HealthOf(t.Context(), me); err != nil || h.Level != workresume.Green || h.Reports[0].Way != workresume.ByOneself || len(h.Reports) != 2 {
			t.Errorf("the person's own word: %+v, %v", h, err)
		}
		if r, err := w.MissingReports(t.Context(), office, f.ID, ""); err != nil || r.Reported != 2 {
			t.Errorf("%+v, %v", r, err)
		}

		again := w.typed(x.Number, rows[:4]...)
		if again.Kept != 0 || again.Unchanged != 3 {
			t.Errorf("again: %+v", again)
		}
		if mended := w.typed(x.Number, workresume.PaperRow{Line: b, Day: yesterday, Well: true}); mended.Kept != 1 {
			t.Errorf("a slip of the typist: %+v", mended)
		}
		if h, err := w.HealthOf(t.Context(), two); err != nil || h.Level != workresume.Green || len(h.Reports) != 3 {
			t.Errorf("%+v, %v", h, err)
		}
		w.report(two, workresume.ReportInput{Tenths: 384}) // the person's own word comes last
		if last := w.typed(x.Number, rows[3]); len(last.Standing) != 1 {
			t.Errorf("%+v", last)
		}
	})
}

// A page holds what a pencil can fill in; every page has a number of its own.
func TestPrintPaper(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 9)
		list := w.printed(f.ID, 7)
		if len(list) != 3 || len(list[0].Lines) != 4 || len(list[2].Lines) != 1 || list[1].Page != 2 || list[1].Pages != 3 || list[0].Number == list[1].Number {
			t.Fatalf("%+v", list)
		}
		typed, err := w.SheetByNumber(ctx, w.officer, " "+list[0].Number[:4]+list[0].Number[5:])
		if err != nil || typed.Number != list[0].Number || !typed.Lines[0].Days[0].Open() || typed.Lines[0].Days[6].Closed == "" {
			t.Errorf("%+v, %v", typed, err)
		}
		east := auth.Principal{ID: "acc_east", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		west := auth.Principal{ID: "acc_west", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		if got, err := w.Sheets(ctx, east); err != nil || len(got) != 3 {
			t.Errorf("%d sheets, %v", len(got), err)
		}
		if got, err := w.Sheets(ctx, west); err != nil || len(got) != 0 {
			t.Errorf("%d sheets of another park, %v", len(got), err)
		}
		first := w.hand.Now().Format(time.DateOnly)
		print := func(by auth.Principal, in workresume.PrintInput) error {
			_, err := w.PrintPaper(ctx, by, in)
			return err
		}
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
		}{
			"the firm prints":      {print(office, workresume.PrintInput{Firm: f.ID, First: first, Days: 1}), fault.Denied},
			"another park prints":  {print(west, workresume.PrintInput{Firm: f.ID, First: first, Days: 1}), fault.NotFound},
			"nobody is helped":     {print(east, workresume.PrintInput{First: first, Days: 1}), fault.Invalid},
			"no days":              {print(east, workresume.PrintInput{Firm: f.ID, First: first}), fault.Invalid},
			"long ago":             {print(east, workresume.PrintInput{Firm: f.ID, First: "2020-01-01", Days: 1}), fault.Invalid},
			"another park reads":   {second(w.SheetByNumber(ctx, west, list[0].Number)), fault.NotFound},
			"a wrong number":       {second(w.SheetByNumber(ctx, east, "K7M2-9QXE")), fault.Invalid},
			"no such sheet":        {second(w.SheetByNumber(ctx, east, ident.NewAloud(7))), fault.NotFound},
			"another park types":   {second(w.TypePaper(ctx, west, workresume.TypeInput{Number: list[0].Number, Rows: make([]workresume.PaperRow, 1)})), fault.NotFound},
			"the firm types":       {second(w.TypePaper(ctx, office, workresume.TypeInput{Number: list[0].Number, Rows: make([]workresume.PaperRow, 1)})), fault.Denied},
			"too many rows":        {second(w.TypePaper(ctx, east, workresume.TypeInput{Number: list[0].Number, Rows: make([]workresume.PaperRow, 29)})), fault.Invalid},
			"another park's print": {second(w.Printing(ctx, west, list[0].Printing)), fault.NotFound},
		} {
			if fault.KindOf(c.err) != c.kind {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		w.hand.Add(20 * 24 * time.Hour)
		if out := w.typed(list[0].Number, workresume.PaperRow{Line: 1, Day: list[0].First, Well: true}); len(out.Faults) != 1 || out.Faults[0].Code != "workresume.paper_old" {
			t.Errorf("three weeks later: %+v", out)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// Those whom an office helps stand on its sheets, and only as long as it helps them.
func TestPaperOfAnOffice(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		east := auth.Principal{ID: "acc_east", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		old := workresume.Paper{Name: "Maria Silva", Kind: "passport", Number: "AB1234567"}
		h, err := w.ArrangeHelp(ctx, east, workresume.ArrangeInput{Helped: old, Reason: "没有手机，请社区代报"})
		must(t, err)
		today := w.hand.Now().Format(time.DateOnly)
		id, err := w.PrintPaper(ctx, east, workresume.PrintInput{First: today, Days: 1})
		must(t, err)
		list, err := w.Printing(ctx, east, id)
		must(t, err)
		row := workresume.PaperRow{Line: 1, Day: today, Well: true}
		out, err := w.TypePaper(ctx, east, workresume.TypeInput{Number: list[0].Number, Rows: []workresume.PaperRow{row}})
		if err != nil || out.Kept != 1 {
			t.Errorf("%+v, %v", out, err)
		}
		facts, err := w.log.Stream(ctx, party.Stream(h.Person), 9)
		must(t, err)
		if facts[0].Actor != east.ID || facts[0].Name != "workresume.reported" {
			t.Errorf("%s by %s", facts[0].Name, facts[0].Actor)
		}
		_, err = w.EndHelp(ctx, east, h.ID, "搬到外地居住", key("end"))
		must(t, err)
		out, err = w.TypePaper(ctx, east, workresume.TypeInput{Number: list[0].Number, Rows: []workresume.PaperRow{{Line: 1, Day: today, Contact: true}}})
		if err != nil || len(out.Faults) != 1 || out.Faults[0].Code != "workresume.paper_reach" {
			t.Errorf("after it ended: %+v, %v", out, err)
		}
	})
}

func TestReadMarks(t *testing.T) {
	for text, want := range map[string]workresume.PaperRow{
		"":      {},
		" 0 ":   {Well: true},
		"１，2":   {Symptoms: []workresume.Symptom{"fever", "cough"}},
		"3 5.6": {Symptoms: []workresume.Symptom{"breath", "diarrhoea"}, Contact: true},
	} {
		if got, err := workresume.ReadMarks(text); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"7", "x", "fever", "-1", "√"} {
		if _, err := workresume.ReadMarks(text); !fault.Is(err, "workresume.paper_marks") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
