package workresume_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/workresume"
)

func TestDryRunChangesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		people := w.make(5)
		w.upload(office, f.ID, roll(people[:2]...))
		im, err := w.StartImport(ctx, office, workresume.ImportInput{Firm: f.ID, Name: "a.csv", Body: bytes.NewReader(roll(people...)), DryRun: true})
		must(t, err)
		w.Await(ctx, im.ID, waitMost)
		im, err = w.Import(ctx, office, im.ID)
		must(t, err)
		if im.State != workresume.ImportDone || im.Accepted != 3 || im.Unchanged != 2 {
			t.Fatalf("%+v", im)
		}
		if f, err = w.Firm(ctx, office, f.ID); err != nil || f.Roster != 2 {
			t.Errorf("%v roster %d after a dry run", err, f.Roster)
		}
	})
}

func TestCancelSaysWhatWasDoneAndAgainFinishes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		people := w.make(3000)
		im, err := w.StartImport(ctx, office, workresume.ImportInput{Firm: f.ID, Name: "a.csv", Body: bytes.NewReader(roll(people...))})
		must(t, err)
		im, err = w.CancelImport(ctx, office, im.ID)
		must(t, err)
		f, err = w.Firm(ctx, office, f.ID)
		must(t, err)
		if im.State == workresume.ImportRunning || f.Roster != im.Accepted {
			t.Fatalf("%s, said %d, on the roster %d", im.State, im.Accepted, f.Roster)
		}
		again := w.upload(office, f.ID, roll(people...))
		if again.Accepted+again.Unchanged != 3000 || again.Unchanged != im.Accepted {
			t.Errorf("again %+v after %d", again, im.Accepted)
		}
	})
}

// Beside a crowd a file goes in by small parts, and whole.
func TestImportBesideACrowd(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Waited = func() time.Duration { return time.Millisecond }
		f, office := w.firm(w.park)
		im, err := w.StartImport(ctx, office, workresume.ImportInput{Firm: f.ID, Name: "a.csv", Body: bytes.NewReader(roll(w.make(2000)...))})
		small := false
		for im.State == workresume.ImportRunning {
			must(t, err)
			small = small || im.Rows%500 != 0
			im, err = w.Import(ctx, office, im.ID)
		}
		if err != nil || im.State != workresume.ImportDone || im.Accepted != 2000 || !small {
			t.Errorf("small parts %v, %+v, %v", small, im, err)
		}
	})
}

// Files beyond what memory bears wait for their turn, and can be called off meanwhile.
func TestFilesWaitForTheirTurn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, office := w.firm(w.park)
		b, other := w.firm(w.park)
		again := w.ReadNothing(ctx)
		start := func(by auth.Principal, firm string) workresume.Import {
			im, err := w.StartImport(ctx, by, workresume.ImportInput{Firm: firm, Name: "a.csv", Body: bytes.NewReader(roll(w.make(3)...))})
			must(t, err)
			w.Await(ctx, im.ID, 200*time.Millisecond)
			im, err = w.Import(ctx, by, im.ID)
			must(t, err)
			if im.State != workresume.ImportRunning || im.Rows != 0 {
				t.Fatalf("not its turn yet: %+v", im)
			}
			return im
		}
		stays, off := start(office, a.ID), start(other, b.ID)
		off, err := w.CancelImport(ctx, other, off.ID)
		must(t, err)
		if off.State != workresume.ImportCancelled || off.Rows != 0 {
			t.Errorf("called off: %+v", off)
		}
		again()
		w.Await(ctx, stays.ID, waitMost)
		if stays, err = w.Import(ctx, office, stays.ID); err != nil || stays.State != workresume.ImportDone || stays.Accepted != 3 {
			t.Errorf("%v %+v", err, stays)
		}
	})
}

func TestRefusedFileChangesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		im := w.upload(office, f.ID, []byte("PK\x03\x04 not a workbook"))
		if im.State != workresume.ImportRefused || im.Refused == nil || im.Rows != 0 {
			t.Fatalf("%+v", im)
		}
		im = w.upload(office, f.ID, []byte("部门,岗位\n生产,质检\n"))
		if im.State != workresume.ImportRefused || im.Refused.Code != "roster.columns_missing" {
			t.Fatalf("%+v %+v", im, im.Refused)
		}
	})
}

// The operator's file names each row's firm; an unknown one is registered.
func TestManyFirmsInOneFile(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, _ := w.firm(w.park)
		people := w.make(3)
		fresh := "919902010000099992" // filled below with a valid check character
		fresh = valid(fresh[:17])
		file := "姓名,身份证号,统一社会信用代码\n" +
			people[0].name + "," + people[0].number + "," + a.CreditCode + "\n" +
			people[1].name + "," + people[1].number + "," + fresh + "\n" +
			people[2].name + "," + people[2].number + ",\n"
		im := w.upload(auth.Operator(), "", []byte(file))
		if im.Accepted != 2 || im.Rejected != 1 || im.Errors[0].Code != "workresume.row_no_firm" {
			t.Fatalf("%+v", im)
		}
		f, err := w.FirmByCode(ctx, w.officer, fresh)
		must(t, err)
		if f.Roster != 1 || f.Name != fresh {
			t.Fatalf("%+v", f)
		}
		f, err = w.Register(ctx, w.officer, workresume.RegisterInput{CreditCode: fresh, Name: "新名", Park: w.park.ID})
		must(t, err)
		if f.Name != "新名" || f.Park != w.park.ID {
			t.Errorf("naming a firm known by its code: %+v", f)
		}
		_, err = w.Register(ctx, w.officer, workresume.RegisterInput{CreditCode: fresh, Park: "pla_nowhere"})
		want(t, err, "fault.fields")
	})
}

func TestMarkedCopyComesBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		people := w.make(4)
		broken := people[2]
		broken.number = broken.number[:17] + "?"
		im := w.upload(office, f.ID, roll(people[0], people[1], broken, people[3]))
		texts, err := i18n.Load()
		must(t, err)
		var book bytes.Buffer
		must(t, w.MarkedCopy(t.Context(), office, im.ID, texts.Printer("zh-Hans"), &book))
		file, err := roster.Open(bytes.NewReader(book.Bytes()), int64(book.Len()), "marked.xlsx", roster.Options{Today: w.hand.Now()})
		must(t, err)
		defer file.Close()
		row, err := file.Next()
		must(t, err)
		if file.Expected() != 1 || row.Person.Name != broken.name || len(row.Faults) == 0 {
			t.Errorf("%d rows, first %+v", file.Expected(), row)
		}
		_, stranger := w.firm(w.park)
		want(t, w.MarkedCopy(t.Context(), stranger, im.ID, texts.Printer("en"), &book), "workresume.import_unknown")
	})
}

func TestListsAndPaper(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, office := w.certified(w.park, 2)
		b, _ := w.firm(w.other)
		list, _, err := w.Firms(ctx, w.officer, workresume.FirmFilter{})
		must(t, err)
		if len(list) != 2 || list[0].ID != b.ID {
			t.Fatalf("who waits stands first: %+v", list)
		}
		list, _, err = w.Firms(ctx, w.officer, workresume.FirmFilter{Query: strings.ToLower(a.CreditCode[:17])})
		must(t, err)
		if len(list) != 1 && len(list) != 2 {
			t.Fatalf("by code: %+v", list)
		}
		list, _, err = w.Firms(ctx, auth.Principal{ID: "o", Role: auth.Officer, Scope: auth.Park(w.other.ID)}, workresume.FirmFilter{Park: w.park.ID})
		must(t, err)
		if len(list) != 1 || list[0].ID != b.ID {
			t.Fatalf("an officer of one park: %+v", list)
		}
		open, next, err := w.Open(ctx, "", 10)
		must(t, err)
		if len(open) != 1 || next != "" || open[0].Name != a.Name {
			t.Fatalf("%+v %q", open, next)
		}
		who := w.workerOf(office, 1)
		codes, err := w.PrintCodes(ctx, office, a.ID, []string{who.Person})
		must(t, err)
		if len(codes) != 1 || !codes[0].Until.Equal(a.Certificate.Until) || codes[0].Credential == "" {
			t.Fatalf("%+v until %s", codes, a.Certificate.Until)
		}
		must(t, w.Recount(ctx))
		sum, err := w.DistrictSummary(ctx, w.officer)
		must(t, err)
		if sum.Firms != 2 || sum.Workers != 2 || sum.Certified != 1 || sum.Back != 2 || sum.Filed != 1 {
			t.Errorf("%+v", sum)
		}
		p, err := w.Reveal(ctx, office, a.ID, who.Person, "核对身份证")
		must(t, err)
		if !strings.HasPrefix(p.IDNumber, "330299") {
			t.Errorf("%+v", p)
		}
		if _, err := w.Reveal(ctx, office, a.ID, who.Person, ""); err == nil {
			t.Error("revealed without a reason")
		}
	})
}
