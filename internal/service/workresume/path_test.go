package workresume_test

import (
	"fmt"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// The path: a firm files, uploads, is certified; its worker shows a code; the guard
// admits, counts, and lets out.
func TestFromFileToGate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		got, err := w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: goodFiling(3)})
		must(t, err)
		if got.State != workresume.Returned || len(got.Decision.Findings) != 1 {
			t.Fatalf("without a roster: %s %+v", got.State, got.Decision)
		}
		im := w.upload(office, f.ID, roll(w.make(3)...))
		if im.Rows != 3 || im.Accepted != 3 || im.State != workresume.ImportDone {
			t.Fatalf("import %+v", im)
		}
		got, err = w.Firm(ctx, office, f.ID)
		must(t, err)
		if got.State != workresume.Certified || got.Roster != 3 || got.Certificate == nil || got.Certificate.Text == "" {
			t.Fatalf("after the roster: %+v", got)
		}
		pub, err := w.ByCertificate(ctx, got.Certificate.Code)
		must(t, err)
		if pub.State != workresume.Certified || pub.Name != f.Name {
			t.Fatalf("public page %+v", pub)
		}

		worker := w.workerOf(office, 0)
		code, err := w.ShowCode(ctx, worker)
		must(t, err)
		if code.State != workresume.CodeValid || code.Credential == "" || code.ShortCode == "" {
			t.Fatalf("code %+v", code)
		}
		again, err := w.ShowCode(ctx, worker)
		must(t, err)
		if again.Credential != code.Credential {
			t.Error("a code is signed afresh at every show")
		}

		check := func(in workresume.CheckInput) workresume.Check {
			t.Helper()
			in.Gate = w.gate.ID
			c, err := w.CheckAtGate(ctx, w.guard, in)
			must(t, err)
			return c
		}
		in := check(workresume.CheckInput{Text: code.Credential, Direction: workresume.In, Key: key("1")})
		if !in.Admit || in.Inside != 1 || in.Code != workresume.CheckOK {
			t.Fatalf("in %+v", in)
		}
		if replay := check(workresume.CheckInput{Text: code.Credential, Direction: workresume.In, Key: key("1")}); replay != in {
			t.Errorf("replay %+v, first %+v", replay, in)
		}
		if c := check(workresume.CheckInput{ShortCode: code.ShortCode, Direction: workresume.In}); !c.Admit || c.Code != workresume.CheckRepeat || c.Inside != 1 {
			t.Errorf("in twice %+v", c)
		}
		if c := check(workresume.CheckInput{ShortCode: code.ShortCode, Direction: workresume.Out}); !c.Admit || c.Inside != 0 {
			t.Errorf("out %+v", c)
		}
		if c := check(workresume.CheckInput{Text: "BW1:NONSENSE", Direction: workresume.In}); c.Admit || c.Code != workresume.CheckUnreadable {
			t.Errorf("nonsense %+v", c)
		}
		if c := check(workresume.CheckInput{Text: got.Certificate.Text, Direction: workresume.In}); c.Admit {
			t.Errorf("a firm's certificate is no person's code: %+v", c)
		}
		rep, err := w.log.Verify(ctx, nil)
		must(t, err)
		if !rep.OK {
			t.Errorf("log %+v", rep)
		}
	})
}

func TestOneCompleteList(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		bad := goodFiling(10)
		bad.Promise, bad.Masks, bad.Thermometers = false, 5, 0
		got, err := w.File(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: bad})
		must(t, err)
		if got.State != workresume.Returned || len(got.Decision.Findings) < 4 {
			t.Fatalf("%s with %d findings, want promise, roster, masks and thermometers", got.State, len(got.Decision.Findings))
		}
		bad.Industry = "cinema"
		got, err = w.File(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: bad})
		must(t, err)
		if got.State != workresume.Refused {
			t.Fatalf("negative list: %s", got.State)
		}
		notices, err := w.Notices(t.Context(), office, f.ID)
		must(t, err)
		if len(notices) != 2 {
			t.Errorf("notices %+v", notices)
		}
		must(t, w.MarkSeen(t.Context(), office, f.ID, notices[0].ID))
		if notices, err = w.Notices(t.Context(), office, f.ID); err != nil || len(notices) != 0 {
			t.Errorf("after reading: %v %+v", err, notices)
		}
	})
}

func TestAnOfficersWordStands(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 2)
		worker := w.workerOf(office, 0)
		code, err := w.ShowCode(ctx, worker)
		must(t, err)
		_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "x"})
		want(t, err, "fault.fields")
		_, err = w.Decide(ctx, office, workresume.DecideInput{Firm: f.ID, State: workresume.Certified, Reason: "we say so"})
		want(t, err, "auth.denied")
		got, err := w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Returned, Reason: "现场检查发现消毒记录缺失"})
		must(t, err)
		if got.State != workresume.Returned || got.Certificate != nil {
			t.Fatalf("%+v", got)
		}
		pub, err := w.ByCertificate(ctx, f.Certificate.Code)
		must(t, err)
		if pub.State != workresume.Returned || pub.Certificate.Standing(w.hand.Now()) {
			t.Errorf("the old print still looks valid: %+v", pub)
		}
		if c, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: code.Credential, Direction: workresume.In}); err != nil || c.Code != workresume.CheckStopped {
			t.Errorf("%v %+v", err, c)
		}
		w.upload(office, f.ID, roll(w.make(1)...)) // the rules would certify
		got, err = w.Firm(ctx, office, f.ID)
		must(t, err)
		if got.State != workresume.Returned || got.Decision.Outcome != "certified" {
			t.Errorf("the rules undid an officer: %s", got.State)
		}
		got, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: f.ID, Reason: "已整改"})
		must(t, err)
		if got.State != workresume.Certified || got.Override != nil || got.Certificate.ID == f.Certificate.ID {
			t.Errorf("handed back: %+v", got)
		}
	})
}

func TestSameFileAgainChangesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		people := w.make(1200) // three chunks
		people[7].number = people[7].number[:17] + "?"
		first := w.upload(office, f.ID, roll(people...))
		if first.Accepted != 1199 || first.Rejected != 1 || len(first.Errors) != 1 || first.Errors[0].Row != 9 {
			t.Fatalf("%+v", first)
		}
		second := w.upload(office, f.ID, roll(people...))
		if second.Unchanged != 1199 || second.Accepted != 0 || second.Rejected != 1 {
			t.Fatalf("%+v", second)
		}
		people[3].phone = "13911112222"
		third := w.upload(office, f.ID, roll(people[:100]...))
		if third.Accepted != 1 || third.Unchanged != 98 {
			t.Fatalf("%+v", third)
		}
		got, err := w.Firm(t.Context(), office, f.ID)
		must(t, err)
		if got.Roster != 1199 {
			t.Errorf("absence from a later file is not leaving: roster %d", got.Roster)
		}
	})
}

func TestLeavingAndComingBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 3)
		who := w.workerOf(office, 1)
		n, err := w.Leave(ctx, office, f.ID, []string{who.Person}, key("a"))
		must(t, err)
		again, err := w.Leave(ctx, office, f.ID, []string{who.Person}, key("a"))
		must(t, err)
		if n != 1 || again != 1 {
			t.Errorf("left %d, replay %d", n, again)
		}
		got, err := w.Firm(ctx, office, f.ID)
		must(t, err)
		if got.Roster != 2 || got.State != workresume.Certified {
			t.Errorf("%d %s", got.Roster, got.State)
		}
		if c, err := w.ShowCode(ctx, who); err != nil || c.State != workresume.CodeStopped || c.Credential != "" {
			t.Errorf("%v %+v", err, c)
		}
		_, err = w.Return(ctx, office, f.ID, []string{who.Person}, key("b"))
		must(t, err)
		if got, err = w.Firm(ctx, office, f.ID); err != nil || got.Roster != 3 || got.State != workresume.Certified {
			t.Errorf("%v %d %s", err, got.Roster, got.State)
		}
		_, stranger := w.firm(w.park)
		_, err = w.Leave(ctx, stranger, stranger.Scope.ID, []string{who.Person}, key("c"))
		want(t, err, "workresume.member_unknown")
		// A firm that never had them is not told that another has.
		_, err = w.Return(ctx, stranger, stranger.Scope.ID, []string{who.Person}, key("d"))
		want(t, err, "workresume.member_unknown")
	})
}

func TestTwoRosters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		people := w.make(2)
		a, officeA := w.firm(w.park)
		b, officeB := w.firm(w.other)
		w.upload(officeA, a.ID, roll(people...))
		im := w.upload(officeB, b.ID, roll(people[:1]...))
		if im.Review != 1 || im.Accepted != 0 {
			t.Fatalf("%+v", im)
		}
		list, err := w.Reviews(ctx, officeB, b.ID)
		must(t, err)
		if len(list) != 1 || list[0].OtherFirm != "" || list[0].OtherName != "" {
			t.Fatalf("a firm sees another firm: %+v", list)
		}
		must(t, w.AskReview(ctx, officeB, list[0].ID, "已入职", key("ask")))
		asked, err := w.Reviews(ctx, w.officer, "")
		must(t, err)
		if len(asked) != 1 || asked[0].OtherName != a.Name {
			t.Fatalf("%+v", asked)
		}
		want(t, w.SettleReview(ctx, officeA, asked[0].ID, true, "no", key("x")), "auth.denied")
		must(t, w.SettleReview(ctx, w.officer, asked[0].ID, true, "核实劳动合同", key("s")))
		must(t, w.SettleReview(ctx, w.officer, asked[0].ID, true, "核实劳动合同", key("s")))
		fa, err := w.Firm(ctx, officeA, a.ID)
		must(t, err)
		fb, err := w.Firm(ctx, officeB, b.ID)
		must(t, err)
		if fa.Roster != 1 || fb.Roster != 1 || fb.Reviews != 0 {
			t.Errorf("rosters %d %d, open %d", fa.Roster, fb.Roster, fb.Reviews)
		}
	})
}

// Who changes firms is as the new firm's file says: the worker signs in by the new
// phone, and what the old firm knew is not the new one's to reveal.
func TestNewFirmNewPhone(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		people := w.make(2)
		a, officeA := w.firm(w.park)
		b, officeB := w.firm(w.park)
		w.upload(officeA, a.ID, roll(people...))
		who := w.workerOf(officeA, 0).Person
		moved := w.workerOf(officeA, 1).Person
		open := func(id string) party.Person {
			t.Helper()
			p, err := w.Reveal(ctx, officeB, b.ID, id, "核对电话")
			must(t, err)
			return p
		}
		_, err := w.Leave(ctx, officeA, a.ID, []string{who}, key("l"))
		must(t, err)
		for i := range people {
			people[i].phone = fmt.Sprintf("1370000%04d", i)
		}
		if im := w.upload(officeB, b.ID, roll(people...)); im.Accepted != 1 || im.Review != 1 {
			t.Fatalf("%+v", im)
		}
		byNumber := map[string]string{people[0].number: people[0].phone, people[1].number: people[1].phone}
		if p := open(who); p.Phone != byNumber[p.IDNumber] {
			t.Errorf("after joining %s", p.Phone)
		}
		_, err = w.Return(ctx, officeA, a.ID, []string{who}, key("r"))
		want(t, err, "workresume.member_elsewhere")
		list, err := w.Reviews(ctx, officeB, b.ID)
		must(t, err)
		must(t, w.SettleReview(ctx, w.officer, list[0].ID, true, "核实劳动合同", key("s")))
		if im := w.upload(officeB, b.ID, roll(people...)); im.Accepted != 1 || im.Unchanged != 1 {
			t.Errorf("%+v", im)
		}
		if p := open(moved); p.Phone != byNumber[p.IDNumber] {
			t.Errorf("after moving %s", p.Phone)
		}
		if im := w.upload(officeB, b.ID, roll(people...)); im.Unchanged != 2 {
			t.Errorf("%+v", im)
		}
	})
}

// Two gates of one park share a count: what one has counted since, the other's
// undo must not take away again.
func TestUndoAfterAnotherGate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		var back place.Place
		must(t, w.db.Write(ctx, func(tx *storage.Tx) (err error) {
			back, err = place.Add(tx, w.park.ID, place.Gate, "2 号门", w.hand.Now())
			return err
		}))
		there := auth.Principal{ID: "acc_there", Role: auth.Guard, Scope: auth.Gate(back.ID)}
		tap := func(by auth.Principal, n int, d workresume.Direction) workresume.Check {
			t.Helper()
			code, err := w.ShowCode(ctx, w.workerOf(office, n))
			must(t, err)
			w.hand.Add(time.Second)
			c, err := w.CheckAtGate(ctx, by, workresume.CheckInput{Gate: by.Scope.ID, Text: code.Credential, Direction: d})
			must(t, err)
			if c.Code != workresume.CheckOK {
				t.Fatalf("%+v", c)
			}
			return c
		}
		inside := func(want int64) {
			t.Helper()
			d, err := w.AtGate(ctx, there, "")
			must(t, err)
			if d.Inside != want {
				t.Errorf("inside %d, want %d", d.Inside, want)
			}
		}
		tap(w.guard, 1, workresume.In) // so that the count cannot hide behind zero
		first := tap(w.guard, 0, workresume.In)
		out := tap(there, 0, workresume.Out)
		_, err := w.Undo(ctx, w.guard, w.gate.ID, first.Reference, key(""))
		want(t, err, "workresume.undo_superseded")
		inside(1)
		again := tap(there, 0, workresume.In)
		_, err = w.Undo(ctx, w.guard, w.gate.ID, first.Reference, key(""))
		want(t, err, "workresume.undo_superseded")
		inside(2)
		_, err = w.Undo(ctx, there, back.ID, again.Reference, key(""))
		must(t, err)
		_, err = w.Undo(ctx, there, back.ID, out.Reference, key(""))
		must(t, err)
		inside(2)
		_, err = w.Undo(ctx, w.guard, w.gate.ID, first.Reference, key(""))
		must(t, err)
		inside(1)
	})
}

func TestUndoAtTheGate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		code, err := w.ShowCode(ctx, w.workerOf(office, 0))
		must(t, err)
		in, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: code.Credential, Direction: workresume.In})
		must(t, err)
		back, err := w.Undo(ctx, w.guard, w.gate.ID, in.Reference, key("u"))
		must(t, err)
		if back.Inside != 0 || !back.Undone {
			t.Errorf("%+v", back)
		}
		if _, err := w.Undo(ctx, w.guard, w.gate.ID, in.Reference, key("u2")); err != nil {
			t.Errorf("undoing twice: %v", err)
		}
		in, err = w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: code.Credential, Direction: workresume.In})
		must(t, err)
		w.hand.Add(workresume.UndoWithin + time.Second)
		_, err = w.Undo(ctx, w.guard, w.gate.ID, in.Reference, key("u3"))
		want(t, err, "workresume.undo_late")
		n, err := w.Correct(ctx, w.guard, w.gate.ID, 40, "点名", key("k"))
		must(t, err)
		d, err := w.AtGate(ctx, w.guard, "")
		must(t, err)
		if n != 40 || d.Inside != 40 || len(d.Recent) != 2 {
			t.Errorf("%d %+v", n, d)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 1)
		_, stranger := w.firm(w.park)
		elsewhere := auth.Principal{ID: "o2", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		for _, who := range []auth.Principal{stranger, elsewhere} {
			_, err := w.Firm(ctx, who, f.ID)
			want(t, err, "workresume.firm_unknown")
			_, err = w.File(ctx, who, workresume.FileInput{Firm: f.ID, Filing: goodFiling(1)})
			want(t, err, "workresume.firm_unknown")
			_, _, err = w.Members(ctx, who, f.ID, workresume.MemberFilter{})
			want(t, err, "workresume.firm_unknown")
		}
		for _, who := range []auth.Principal{{}, w.guard, w.workerOf(office, 0)} {
			if _, err := w.Firm(ctx, who, f.ID); err == nil {
				t.Errorf("%s sees a firm", who.Role)
			}
		}
		_, err := w.CheckAtGate(ctx, office, workresume.CheckInput{Gate: w.gate.ID, ShortCode: "AAAA-AAAA", Direction: workresume.In})
		want(t, err, "auth.denied")
		away := auth.Principal{ID: "g2", Role: auth.Guard, Scope: auth.Park(w.other.ID)}
		_, err = w.CheckAtGate(ctx, away, workresume.CheckInput{Gate: w.gate.ID, ShortCode: "AAAA-AAAA", Direction: workresume.In})
		want(t, err, "workresume.gate_unknown")
		if fault.KindOf(err) != fault.NotFound {
			t.Error("a gate elsewhere is not found")
		}
	})
}
