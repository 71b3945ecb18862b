package workresume_test

import (
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// day moves to the next morning and reports nothing new.
func (w *world) day(me auth.Principal) workresume.Health {
	w.t.Helper()
	w.hand.Add(24 * time.Hour)
	return w.report(me, workresume.ReportInput{})
}

func (w *world) report(me auth.Principal, in workresume.ReportInput) workresume.Health {
	w.t.Helper()
	h, err := w.ReportHealth(w.t.Context(), me, in)
	must(w.t, err)
	return h
}

// One report a person and day; a further one corrects it, and both are kept.
func TestOneReportADay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		key := once.Key{Principal: me.ID, Operation: "report", Key: once.Ticket(w.hand.Now())}
		h := w.report(me, workresume.ReportInput{Key: key})
		if !h.Reported || h.Level != workresume.Green || len(h.Reports) != 1 || h.Run != 1 {
			t.Fatalf("%+v", h)
		}
		w.report(me, workresume.ReportInput{Key: key})
		if h = w.report(me, workresume.ReportInput{}); len(h.Reports) != 1 {
			t.Errorf("the same again: %d reports", len(h.Reports))
		}
		h = w.report(me, workresume.ReportInput{Tenths: 381, Symptoms: []workresume.Symptom{"cough", "cough"}})
		if len(h.Reports) != 2 || h.Reports[0].Turn != 2 || len(h.Reports[0].Symptoms) != 1 || h.Level != workresume.Yellow {
			t.Errorf("%+v", h)
		}
		for _, bad := range []workresume.ReportInput{{Tenths: 200}, {Tenths: 500}, {Symptoms: []workresume.Symptom{"<b>"}}} {
			if _, err := w.ReportHealth(ctx, me, bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := w.ReportHealth(ctx, office, workresume.ReportInput{}); fault.KindOf(err) != fault.Denied {
			t.Errorf("as a firm: %v", err)
		}
		if h, err := w.HealthOf(ctx, other); err != nil || len(h.Reports) != 0 || h.Reported {
			t.Errorf("the other's: %+v, %v", h, err)
		}
	})
}

// Symptoms stop the code at once, in memory too; seven clean days in a row give it
// back, and a day missed begins them again.
func TestSevenCleanDays(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 1)
		me := w.workerOf(office, 0)
		code, err := w.ShowCode(ctx, me)
		must(t, err)
		shown := code.Credential
		h := w.report(me, workresume.ReportInput{Symptoms: []workresume.Symptom{"fever"}})
		if h.Level != workresume.Yellow || len(h.Findings) != 1 || h.Findings[0].Rule != "symptoms" || h.Turns != "2020-02-25" {
			t.Fatalf("%+v", h)
		}
		if code, err = w.ShowCode(ctx, me); err != nil || code.State != workresume.CodeStopped || code.Reason != "workresume.code_yellow" || code.Credential != "" {
			t.Errorf("%+v, %v", code, err)
		}
		for _, in := range []workresume.CheckInput{{Gate: w.gate.ID, Text: shown, Direction: workresume.In}, {Gate: w.gate.ID, Text: shown, Direction: workresume.In}} {
			if c, err := w.CheckAtGate(ctx, w.guard, in); err != nil || c.Admit || c.Code != workresume.CheckAsk {
				t.Errorf("%+v, %v", c, err)
			}
		}
		for range 3 {
			h = w.day(me)
		}
		w.hand.Add(24 * time.Hour) // missed
		if h = w.day(me); h.Run != 1 || h.Level != workresume.Yellow {
			t.Errorf("after a day missed: %+v", h)
		}
		for range 5 {
			h = w.day(me)
		}
		if h.Level != workresume.Yellow || h.Run != 6 {
			t.Errorf("after six: %+v", h)
		}
		if h = w.day(me); h.Level != workresume.Green || len(h.Findings) != 0 {
			t.Errorf("after seven: %+v", h)
		}
		if stored, err := w.Stored(ctx, me.Person); err != nil || stored.Reason == "workresume.code_yellow" {
			t.Errorf("%+v, %v", stored, err)
		}
		w.hand.Add(48 * time.Hour) // what is done stays done
		if h = w.day(me); h.Level != workresume.Green {
			t.Errorf("after a later gap: %+v", h)
		}
	})
}

// Contact asks for fourteen days; nothing that a person or a scan says is red, and a
// colour nobody renews lapses by itself.
func TestNoReportAndNoScanIsRed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		h := w.report(me, workresume.ReportInput{Tenths: 395, Symptoms: workresume.Symptoms(), Contact: true})
		if h.Level != workresume.Yellow || h.Turns != "2020-03-03" {
			t.Errorf("the worst report: %+v", h)
		}
		// A code forwarded to a hundred gates and read by hundred guards.
		theirs, err := w.ShowCode(ctx, other)
		must(t, err)
		for range 20 {
			for _, text := range []string{theirs.Credential, "https://example.test/v/forwarded"} {
				_, err := w.CheckAtGate(ctx, w.guard, workresume.CheckInput{Gate: w.gate.ID, Text: text, Direction: workresume.In})
				must(t, err)
			}
		}
		if h, err := w.HealthOf(ctx, other); err != nil || h.Level != workresume.Green {
			t.Errorf("who was scanned: %+v, %v", h, err)
		}
		must(t, w.db.Read(ctx, func(r storage.Reader) error {
			var n int64
			err := r.Row(`select count(*) from workresume_colour where person <> $1`, me.Person).Scan(&n)
			if n != 0 {
				t.Errorf("%d colours by scanning", n)
			}
			return err
		}))
		w.hand.Add(28 * 24 * time.Hour)
		if h, err := w.HealthOf(ctx, me); err != nil || h.Level != workresume.Green {
			t.Errorf("after 28 days: %+v, %v", h, err)
		}
	})
}

// Red takes two officers, a reason of the list and an end; the person reads who and
// why; a third lifts it on appeal.
func TestRestrictionByTwo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 1)
		me := w.workerOf(office, 0)
		first, second, third := w.officer, w.second, w.officer
		first.Name, second.Name = "周警官", "吴主任"
		third.ID, third.Name = "acc_third", "郑科长"
		want := workresume.RestrictInput{Person: me.Person, Reason: "close-contact", Days: 14, Note: "疾控协查函 2020-117 号，同乘列车"}
		for _, bad := range []workresume.RestrictInput{
			{Person: me.Person, Reason: "petition", Days: 14, Note: want.Note},
			{Person: me.Person, Reason: "none", Days: 14, Note: want.Note},
			{Person: me.Person, Reason: "close-contact", Days: 15, Note: want.Note},
			{Person: me.Person, Reason: "close-contact", Days: 14, Note: "因故"},
		} {
			if _, err := w.RestrictPerson(ctx, first, bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		act, err := w.RestrictPerson(ctx, first, want)
		must(t, err)
		level := func() workresume.Level {
			h, err := w.HealthOf(ctx, me)
			must(t, err)
			return h.Level
		}
		if err := w.ConfirmRestriction(ctx, first, act.ID, once.Key{}); fault.KindOf(err) != fault.Denied || level() != workresume.Green {
			t.Errorf("alone: %v, %v", err, level())
		}
		must(t, w.ConfirmRestriction(ctx, second, act.ID, once.Key{}))
		h, err := w.HealthOf(ctx, me)
		must(t, err)
		if h.Level != workresume.Red || h.Restriction == nil || h.Restriction.Asked != first.Name || h.Restriction.Confirmed != second.Name ||
			h.Restriction.Note != want.Note || !h.Ends.Equal(w.hand.Now().AddDate(0, 0, 14)) {
			t.Fatalf("%+v %+v", h, h.Restriction)
		}
		if code, err := w.ShowCode(ctx, me); err != nil || code.Reason != "workresume.code_red" {
			t.Errorf("%+v, %v", code, err)
		}
		h, err = w.AppealRestriction(ctx, me, workresume.RestrictionAppeal{Restriction: h.Restriction.ID, Reason: "我没有乘过这趟车，当天在单位打卡"})
		must(t, err)
		if h.Restriction.Appeal == nil || h.Restriction.Appeal.Due.IsZero() || h.Level != workresume.Red {
			t.Fatalf("%+v", h.Restriction)
		}
		if _, err := w.AppealRestriction(ctx, me, workresume.RestrictionAppeal{Restriction: h.Restriction.ID, Reason: "我没有乘过这趟车，当天在单位打卡"}); !fault.Is(err, "workresume.appealed") {
			t.Errorf("twice: %v", err)
		}
		answer := workresume.RestrictionAnswer{Restriction: h.Restriction.ID, Outcome: workresume.Lifted, Reason: "打卡记录核实无误"}
		for _, one := range []auth.Principal{first, second} {
			if _, err := w.AnswerRestriction(ctx, one, answer); !fault.Is(err, "casework.first_decider") {
				t.Errorf("by one of the two: %v", err)
			}
		}
		x, err := w.AnswerRestriction(ctx, third, answer)
		must(t, err)
		if x.Lifted != third.Name || x.Appeal.Outcome != workresume.Lifted || level() != workresume.Green {
			t.Errorf("%+v, %v", x, level())
		}
		if code, err := w.ShowCode(ctx, me); err != nil || code.State != workresume.CodeValid {
			t.Errorf("%+v, %v", code, err)
		}
		facts, err := w.log.Stream(ctx, "person:"+me.Person, 20)
		must(t, err)
		if len(facts) < 4 {
			t.Errorf("%d facts", len(facts))
		}
	})
}

// Whoever is on no roster reads first what holds them, which can be appealed, and
// then that no firm names them.
func TestRedOnNoRoster(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.certified(w.park, 1)
		me := w.workerOf(office, 0)
		w.hold(me.Person, "close-contact", 14)
		_, err := w.Leave(t.Context(), office, f.ID, []string{me.Person}, key("left"))
		must(t, err)
		if got := w.codeSays(me); got != "workresume.code_red_no_roster" {
			t.Error(got)
		}
		h, err := w.HealthOf(t.Context(), me)
		must(t, err)
		_, err = w.AppealRestriction(t.Context(), me, workresume.RestrictionAppeal{Restriction: h.Restriction.ID, Reason: "我没有乘过这趟车，当天在单位打卡"})
		must(t, err)
		w.hand.Add(15 * 24 * time.Hour)
		if got := w.codeSays(me); got != "workresume.code_no_roster" {
			t.Error("after it lapsed: " + got)
		}
	})
}

// A restriction ends by itself on its day, in memory and in the store.
func TestRestrictionEnds(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 1)
		me := w.workerOf(office, 0)
		second := w.second
		second.Name = "吴主任"
		act, err := w.RestrictPerson(ctx, w.officer, workresume.RestrictInput{Person: me.Person, Reason: "test-awaited", Days: 2, Note: "等待核酸检测结果，已采样"})
		must(t, err)
		must(t, w.ConfirmRestriction(ctx, second, act.ID, once.Key{}))
		if code, err := w.ShowCode(ctx, me); err != nil || code.Reason != "workresume.code_yellow" {
			t.Errorf("%+v, %v", code, err)
		}
		w.hand.Add(48 * time.Hour)
		if code, err := w.ShowCode(ctx, me); err != nil || code.State != workresume.CodeValid {
			t.Errorf("after its day: %+v, %v", code, err)
		}
		foreign := auth.Principal{ID: "acc_west", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		if _, err := w.RestrictPerson(ctx, foreign, workresume.RestrictInput{Person: me.Person, Reason: "test-awaited", Days: 2, Note: "等待核酸检测结果，已采样"}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("from another park: %v", err)
		}
	})
}
