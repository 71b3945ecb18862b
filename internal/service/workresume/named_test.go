package workresume_test

import (
	"bytes"
	"strings"
	"testing"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/place"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/workresume"
)

// phoneOf is whom a phone signs in.
func (w *world) revealed(firm string, office auth.Principal, nth int) (id, name, phone string) {
	w.t.Helper()
	list, _, err := w.Members(w.t.Context(), office, firm, workresume.MemberFilter{})
	must(w.t, err)
	p, err := w.Reveal(w.t.Context(), office, firm, list[nth].ID, "核对名册")
	must(w.t, err)
	return list[nth].ID, p.Name, p.Phone
}

// A row under a known ID number and another name changes nobody: it is refused,
// marked, and after an officer's correction taken.
func TestNoFileRenames(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		p := w.make(1)[0]
		w.upload(office, f.ID, roll(p))
		other := worker{"赵六", p.number, "13900001111"}

		dry, err := w.StartImport(ctx, office, workresume.ImportInput{Firm: f.ID, Name: "a.csv", Body: bytes.NewReader(roll(other)), DryRun: true})
		must(t, err)
		w.Await(ctx, dry.ID, waitMost)
		if dry, err = w.Import(ctx, office, dry.ID); err != nil || dry.Rejected != 1 {
			t.Errorf("a dry run: %v %+v", err, dry)
		}
		im := w.upload(office, f.ID, roll(other))
		if im.Rows != 1 || im.Rejected != 1 || im.Accepted != 0 || len(im.Errors) != 1 {
			t.Fatalf("%+v", im)
		}
		if e := im.Errors[0]; e.Code != "workresume.row_name_differs" || e.Column != "姓名" || e.Value != "赵*" || e.Args["known"] == p.name {
			t.Errorf("%+v", e)
		}
		id, name, phone := w.revealed(f.ID, office, 0)
		if name != p.name || phone != p.phone {
			t.Errorf("the person is now %s %s", name, phone)
		}
		texts, err := i18n.Load()
		must(t, err)
		var book bytes.Buffer
		must(t, w.MarkedCopy(ctx, office, im.ID, texts.Printer("zh-Hans"), &book))
		file, err := roster.Open(bytes.NewReader(book.Bytes()), int64(book.Len()), "m.xlsx", roster.Options{Today: w.hand.Now()})
		must(t, err)
		defer file.Close()
		if row, err := file.Next(); err != nil || row.Person.Name != other.name {
			t.Errorf("the marked copy: %v %+v", err, row)
		}

		// Another spelling is no other name, and its phone is taken.
		spaced := worker{" " + string([]rune(p.name)[:1]) + "　" + string([]rune(p.name)[1:]), p.number, "13900002222"}
		if im := w.upload(office, f.ID, roll(spaced)); im.Accepted != 1 {
			t.Errorf("another spelling: %+v", im)
		}

		_, err = w.Rename(ctx, office, workresume.RenameInput{Firm: f.ID, Person: id, Name: other.name, Reason: "改名"})
		want(t, err, "fault.fields")
		in := workresume.RenameInput{Firm: f.ID, Person: id, Name: other.name, Reason: "户口簿已改名"}
		_, err = w.Rename(ctx, office, in)
		want(t, err, "auth.denied")
		m, err := w.Rename(ctx, w.officer, in)
		must(t, err)
		if !strings.HasPrefix(m.Name, "赵") {
			t.Errorf("renamed to %s", m.Name)
		}
		if im := w.upload(office, f.ID, roll(spaced)); im.Rejected != 1 {
			t.Errorf("the old name again: %+v", im)
		}
		if im := w.upload(office, f.ID, roll(other)); im.Accepted != 1 {
			t.Errorf("the corrected name: %+v", im)
		}
		if _, name, phone := w.revealed(f.ID, office, 0); name != other.name || phone != other.phone {
			t.Errorf("the person is %s %s", name, phone)
		}
	})
}

// Who left another firm is not renamed by the next one's file either, and the name
// on record is not told.
func TestNoFileRenamesWhoComes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, first := w.firm(w.park)
		b, second := w.firm(w.park)
		p := w.make(1)[0]
		w.upload(first, a.ID, roll(p))
		id, _, _ := w.revealed(a.ID, first, 0)
		_, err := w.Leave(ctx, first, a.ID, []string{id}, key("leave"))
		must(t, err)
		im := w.upload(second, b.ID, roll(worker{"赵六", p.number, "13900001111"}))
		if im.Rejected != 1 || im.Errors[0].Code != "workresume.row_name_other" || len(im.Errors[0].Args) != 0 {
			t.Errorf("%+v", im)
		}
		if im := w.upload(second, b.ID, roll(p)); im.Accepted != 1 {
			t.Errorf("under the own name: %+v", im)
		}
	})
}

// A firm that came without a park is put into one, by the district's officer.
func TestPark(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(place.Place{})
		_, err := w.Park(ctx, office, workresume.ParkInput{Firm: f.ID, Park: w.park.ID})
		want(t, err, "auth.denied")
		_, err = w.Park(ctx, w.officer, workresume.ParkInput{Firm: f.ID, Park: "pla_nowhere"})
		want(t, err, "fault.fields")
		_, err = w.Park(ctx, w.officer, workresume.ParkInput{Firm: "fir_nobody", Park: w.park.ID})
		want(t, err, "workresume.firm_unknown")
		g, err := w.Park(ctx, w.officer, workresume.ParkInput{Firm: f.ID, Park: w.park.ID})
		must(t, err)
		w.file(office, f.ID, refused(10)) // a case, which follows
		keeper := auth.Principal{ID: "acc_keeper", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		if _, err := w.Firm(ctx, keeper, f.ID); err != nil || g.Park != w.park.ID {
			t.Errorf("%v %+v", err, g)
		}
		if list := w.cases(keeper, casework.Unassigned); len(list) != 1 {
			t.Errorf("%d cases of the park", len(list))
		}
		g, err = w.Park(ctx, w.officer, workresume.ParkInput{Firm: f.ID})
		must(t, err)
		if _, err := w.Firm(ctx, keeper, f.ID); g.Park != "" || err == nil {
			t.Errorf("in no park: %v %+v", err, g)
		}
		_, err = w.Park(ctx, keeper, workresume.ParkInput{Firm: f.ID, Park: w.park.ID})
		want(t, err, "auth.denied")
	})
}

// A firm in no park opens no park's gate: its people are on a roster, and the place is
// not theirs. Once it is put into the park, they may go in.
func TestNoParkOpensNoGate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(place.Place{}, 1)
		code, err := w.ShowCode(t.Context(), w.workerOf(office, 0))
		must(t, err)
		if c := w.tap(code.Credential, workresume.In); c.Admit || c.Code != workresume.CheckNotListed {
			t.Errorf("in no park: %+v", c)
		}
		_, err = w.Park(t.Context(), w.officer, workresume.ParkInput{Firm: f.ID, Park: w.park.ID})
		must(t, err)
		if c := w.tap(code.Credential, workresume.In); !c.Admit {
			t.Errorf("in its park: %+v", c)
		}
	})
}
