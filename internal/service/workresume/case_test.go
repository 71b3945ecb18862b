package workresume_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// colleague is another officer of the same district.
func (w *world) colleague(n int) auth.Principal {
	by := w.officer
	by.ID, by.Name = fmt.Sprintf("acc_officer_%d", n), fmt.Sprintf("审核员 %d 号", n)
	return by
}

func (w *world) cases(by auth.Principal, view casework.View) []casework.Case {
	w.t.Helper()
	list, _, err := w.CaseList(w.t.Context(), by, casework.Filter{View: view})
	must(w.t, err)
	return list
}

// bad is a filing with too few masks, which the firm can mend.
func bad(declared int64) workresume.Filing {
	f := goodFiling(declared)
	f.Masks = 0
	return f
}

// refused is a filing of a line of business that may not open.
func refused(declared int64) workresume.Filing {
	f := goodFiling(declared)
	f.Industry = "cinema"
	return f
}

func (w *world) file(office auth.Principal, firm string, f workresume.Filing) workresume.Firm {
	w.t.Helper()
	out, err := w.File(w.t.Context(), office, workresume.FileInput{Firm: firm, Filing: f})
	must(w.t, err)
	return out
}

func TestCleanFilesNeedNobody(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		w.file(office, f.ID, goodFiling(3)) // nobody on the roster yet: returned
		if got := w.cases(w.officer, casework.OnApplicant); len(got) != 1 || got[0].Title != f.Name || len(got[0].Missing) == 0 {
			t.Fatalf("waiting %+v", got)
		}
		w.upload(office, f.ID, roll(w.make(3)...))
		got, err := w.FirmCases(t.Context(), office, f.ID)
		must(t, err)
		if len(got) != 1 || got[0].State != casework.Closed || got[0].Outcome != "certified" {
			t.Errorf("cases %+v", got)
		}
		if n := len(w.cases(w.officer, casework.All)) + len(w.cases(w.officer, casework.OnApplicant)); n != 0 {
			t.Errorf("%d cases left for a clean file", n)
		}
	})
}

func TestTheDeskWorksACase(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		w.file(office, f.ID, bad(3))
		w.upload(office, f.ID, roll(w.make(3)...))
		if n := len(w.cases(w.officer, casework.All)); n != 0 {
			t.Fatal("the officer's clock runs while the firm has to mend")
		}
		w.file(office, f.ID, bad(3)) // comes back as it was: somebody has to look
		list := w.cases(w.officer, casework.Unassigned)
		if len(list) != 1 {
			t.Fatalf("%d cases", len(list))
		}
		id := list[0].ID
		_, err := w.TakeCase(t.Context(), office, id, once.Key{})
		want(t, err, "auth.denied")
		v, err := w.TakeCase(t.Context(), w.officer, id, key("take"))
		must(t, err)
		if v.Firm.ID != f.ID || v.Assignee != w.officer.ID {
			t.Errorf("%+v", v.Case)
		}
		_, err = w.TakeCase(t.Context(), w.officer, id, key("take")) // the same again
		must(t, err)
		v, err = w.AskCase(t.Context(), w.officer, id, []string{"消毒记录"}, once.Key{})
		must(t, err)
		if v.State != casework.Waiting || len(v.Missing) != 2 {
			t.Errorf("%s %+v", v.State, v.Missing)
		}
		_, err = w.AskCase(t.Context(), w.officer, id, []string{"还有一项"}, once.Key{})
		want(t, err, "casework.told")
		told, err := w.Notices(t.Context(), office, f.ID)
		must(t, err)
		if told[0].Code != "workresume.told_missing" {
			t.Errorf("told %+v", told[0])
		}
		_, err = w.AnswerCase(t.Context(), office, f.ID, once.Key{})
		must(t, err)
		_, err = w.AnswerCase(t.Context(), office, f.ID, once.Key{})
		want(t, err, "workresume.no_case")
		_, err = w.CheckCase(t.Context(), w.officer, id, casework.Check{How: casework.ByVideo, Passed: true, Note: "口罩已到货"}, once.Key{})
		must(t, err)
		got, err := w.Decide(t.Context(), w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Certified, Reason: "视频核查合格"})
		must(t, err)
		if got.State != workresume.Certified || got.Override.Case != id {
			t.Errorf("%s %+v", got.State, got.Override)
		}
		mine, err := w.FirmCases(t.Context(), office, f.ID)
		must(t, err)
		if c := mine[0]; c.State != casework.Closed || c.Outcome != "certified" || c.Reason != "视频核查合格" || c.Decider.Account != "" || c.Checks[0].By != "" {
			t.Errorf("the firm sees %+v", c)
		}
	})
}

func TestAppeal(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		ask := func(reason string) (casework.Case, error) {
			return w.Appeal(t.Context(), office, workresume.AppealInput{Firm: f.ID, Reason: reason})
		}
		const why = "我们是医用物资企业，附许可证"
		_, err := ask(why)
		want(t, err, "workresume.nothing_to_appeal")
		w.file(office, f.ID, goodFiling(2))
		w.upload(office, f.ID, roll(w.make(2)...))
		first, second := w.colleague(1), w.colleague(2)
		_, err = w.Decide(t.Context(), first, workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "属于负面清单"})
		must(t, err)
		_, err = ask("不服")
		want(t, err, "fault.fields")
		_, err = w.Appeal(t.Context(), w.guard, workresume.AppealInput{Firm: f.ID, Reason: why})
		want(t, err, "auth.denied")
		c, err := ask(why)
		must(t, err)
		if c.Note != why || c.Clock.Days != 5 || len(c.Before) != 0 {
			t.Errorf("%+v", c)
		}
		_, err = ask(why)
		want(t, err, "workresume.appealed")
		// Nobody decides past an open appeal, and the first officer not at all.
		_, err = w.Decide(t.Context(), second, workresume.DecideInput{Firm: f.ID, State: workresume.Certified, Reason: "可以复工"})
		want(t, err, "workresume.appeal_open")
		in := workresume.AppealDecision{Case: c.ID, Outcome: workresume.Changed, State: workresume.Certified, Reason: "许可证属实"}
		_, err = w.DecideAppeal(t.Context(), first, in)
		want(t, err, "casework.first_decider")
		in.Outcome = "maybe"
		_, err = w.DecideAppeal(t.Context(), second, in)
		want(t, err, "fault.fields")
		in.Outcome = workresume.Changed
		got, err := w.DecideAppeal(t.Context(), second, in)
		must(t, err)
		if got.State != workresume.Certified || got.Certificate == nil || got.Certificate.Text == "" {
			t.Errorf("%+v", got)
		}
		_, err = w.DecideAppeal(t.Context(), second, in)
		want(t, err, "casework.closed")
		// What an appeal decided is not appealed again, and not for ever.
		_, err = w.Decide(t.Context(), first, workresume.DecideInput{Firm: f.ID, State: workresume.Returned, Reason: "许可证过期"})
		must(t, err)
		w.hand.Add(61 * 24 * time.Hour)
		_, err = ask(why)
		want(t, err, "workresume.appeal_late")
		w.hand.Add(-61 * 24 * time.Hour)
		c, err = ask(why)
		must(t, err)
		_, err = w.DecideAppeal(t.Context(), second, workresume.AppealDecision{Case: c.ID, Outcome: workresume.Changed, State: workresume.Refused, Reason: "确已过期"})
		must(t, err)
		_, err = ask(why)
		want(t, err, "workresume.appealed")
	})
}

func TestUpheld(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		if got := w.file(office, f.ID, refused(2)); got.State != workresume.Refused {
			t.Fatal(got.State)
		}
		if got := w.cases(w.officer, casework.All); len(got) != 1 { // no rule lets the firm mend this: an officer looks
			t.Fatalf("%d cases", len(got))
		}
		c, err := w.Appeal(t.Context(), office, workresume.AppealInput{Firm: f.ID, Reason: "我们不是娱乐场所，请核实"})
		must(t, err)
		got, err := w.DecideAppeal(t.Context(), w.officer, workresume.AppealDecision{Case: c.ID, Outcome: workresume.Upheld, Reason: "核实为影院"})
		must(t, err)
		if got.State != workresume.Refused || got.Override != nil {
			t.Errorf("%s %+v", got.State, got.Override)
		}
		may, err := w.MayAppeal(t.Context(), office, f.ID)
		if err != nil || may {
			t.Error("appealed twice", err)
		}
	})
}

func TestManyNeedTwo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var ids []string
		for range 3 {
			f, office := w.firm(w.park)
			w.file(office, f.ID, refused(2))
			ids = append(ids, f.ID)
		}
		moved, office := w.firm(w.park)
		w.file(office, moved.ID, bad(2))
		ids = append(ids, moved.ID)
		first, second := w.colleague(1), w.colleague(2)
		second.Role = auth.SecondOfficer
		in := workresume.ManyInput{Firms: ids, State: workresume.Certified, Reason: "保供企业，统一核准", Key: key("many")}
		_, err := w.ProposeMany(t.Context(), second, in)
		want(t, err, "auth.denied")
		empty, _ := w.firm(w.park)
		_, err = w.ProposeMany(t.Context(), first, workresume.ManyInput{Firms: append(ids, empty.ID), State: workresume.Certified, Reason: "统一核准"})
		want(t, err, "workresume.not_filed")
		_, err = w.ProposeMany(t.Context(), first, workresume.ManyInput{State: workresume.Certified, Reason: "统一核准"})
		want(t, err, "fault.fields")
		act, err := w.ProposeMany(t.Context(), first, in)
		must(t, err)
		again, err := w.ProposeMany(t.Context(), first, in)
		if err != nil || again.ID != act.ID {
			t.Error("asked twice", err)
		}
		state := func(id string) workresume.State {
			f, err := w.Firm(t.Context(), w.officer, id)
			must(t, err)
			return f.State
		}
		if state(ids[0]) != workresume.Refused {
			t.Fatal("decided by one")
		}
		want(t, w.ConfirmMany(t.Context(), first, act.ID, once.Key{}), "dual.same_person")
		want(t, w.ConfirmPolicy(t.Context(), second, act.ID, key("policy")), "dual.unknown") // another act's door
		want(t, w.ConfirmRestriction(t.Context(), second, act.ID, key("restrict")), "dual.unknown")
		want(t, w.ConfirmMerge(t.Context(), second, act.ID, key("merge")), "dual.unknown")
		w.file(office, moved.ID, refused(2)) // has moved on meanwhile
		must(t, w.ConfirmMany(t.Context(), second, act.ID, key("yes")))
		must(t, w.ConfirmMany(t.Context(), second, act.ID, key("yes")))
		want(t, w.ConfirmMany(t.Context(), second, act.ID, once.Key{}), "dual.ended")
		var got []workresume.State
		for _, id := range ids {
			got = append(got, state(id))
		}
		if d := cmp.Diff([]workresume.State{"certified", "certified", "certified", "refused"}, got); d != "" {
			t.Error(d)
		}
		// Both who decided are kept from the appeal.
		_, err = w.Decide(t.Context(), w.colleague(3), workresume.DecideInput{Firm: ids[0], State: workresume.Returned, Reason: "再核"})
		must(t, err)
		must(t, w.db.Read(t.Context(), func(r storage.Reader) error {
			list, err := w.Cases.Of(r, ids[1], 5)
			if err == nil && (len(list) != 1 || list[0].Decider.Account != second.ID || len(list[0].Also) != 1 || list[0].Also[0].Account != first.ID) {
				err = fault.New(fault.Internal, "test", "case", list)
			}
			return err
		}))
		_ = dual.Confirmed
	})
}
