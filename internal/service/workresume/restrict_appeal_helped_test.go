package workresume_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
)

func third(w *world, id, name string) auth.Principal {
	by := w.officer
	by.ID, by.Name = id, name
	return by
}

func photo(t *testing.T, side int) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, 30)), nil))
	return bytes.NewReader(b.Bytes())
}

// A helper appeals in somebody's name, knowing no reason; the person reads it and puts
// their own words in its place, under the same clock and with the same evidence.
func TestHelperAppeals(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 3)
		old, child, other := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2)
		h, also := w.helpedBy(old, child), w.helpedBy(old, other)
		in := workresume.HelpedAppealInput{Reason: "母亲那天没有出门，有社区登记", Key: key("a")}
		refuse := func(code string) {
			t.Helper()
			if _, err := w.AppealHelped(ctx, child, h.ID, in); !fault.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		refuse("workresume.helped_unreported")
		h, err := w.ReportHelped(ctx, child, h.ID, workresume.ReportInput{Key: key("r")})
		must(t, err)
		refuse("workresume.restriction_none")
		w.hold(old.Person, "close-contact", 14)
		for name, by := range map[string]auth.Principal{"a stranger": other, "the helped": old, "an officer": w.officer} {
			if _, err := w.AppealHelped(ctx, by, h.ID, in); !fault.Is(err, "workresume.help_unknown") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.AppealHelped(ctx, child, h.ID, workresume.HelpedAppealInput{Reason: "不对"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("too short: %v", err)
		}
		if _, err := w.AddHelpedPhoto(ctx, child, h.ID, photo(t, 40), key("early")); !fault.Is(err, "workresume.no_appeal") {
			t.Errorf("a photo of no appeal: %v", err)
		}
		var got workresume.HelpedAppeal
		for range 2 { // sent twice, said once
			got, err = w.AppealHelped(ctx, child, h.ID, in)
			must(t, err)
		}
		if got.Appeal == nil || got.Appeal.Note != in.Reason || got.Appeal.Due.IsZero() || got.Appeal.Outcome != "" {
			t.Fatalf("%+v", got.Appeal)
		}
		in.Key = key("b")
		refuse("workresume.appealed")
		_, err = w.AddHelpedPhoto(ctx, child, h.ID, photo(t, 40), key("p"))
		must(t, err)
		if mine, err := w.HelpedAppealOf(ctx, other, also.ID); err != nil || mine.Appeal != nil {
			t.Errorf("another helper sees %+v, %v", mine.Appeal, err)
		}

		own, err := w.HealthOf(ctx, old)
		must(t, err)
		a := own.Restriction.Appeal
		if a == nil || !a.ByHelper || a.Helper == "" || a.Note != in.Reason || len(a.Photos) != 1 {
			t.Fatalf("the person reads %+v", a)
		}
		if _, err = w.AddRestrictionPhoto(ctx, old, a.Case, photo(t, 50), key("own")); err != nil {
			t.Fatal(err)
		}
		seen, err := w.HelpedAppealOf(ctx, child, h.ID)
		must(t, err)
		if len(seen.Appeal.Photos) != 1 {
			t.Errorf("a helper sees %d photos", len(seen.Appeal.Photos))
		}
		if _, err := w.HelpedPhoto(ctx, child, h.ID, seen.Appeal.Photos[0].ID, true); err != nil {
			t.Error(err)
		}
		own, err = w.HealthOf(ctx, old)
		must(t, err)
		for _, p := range own.Restriction.Appeal.Photos {
			if _, err := w.HelpedPhoto(ctx, child, h.ID, p.ID, true); p.Account == old.ID && fault.KindOf(err) != fault.NotFound {
				t.Errorf("a helper sees the person's photo: %v", err)
			}
		}

		mine := workresume.RestrictionAppeal{Restriction: own.Restriction.ID, Reason: "我当天在家，社区有登记，附照片", Key: key("mine")}
		for range 2 {
			own, err = w.AppealRestriction(ctx, old, mine)
			must(t, err)
		}
		b := own.Restriction.Appeal
		if b.Case != a.Case || b.ByHelper || b.Note != mine.Reason || !b.Due.Equal(a.Due) || len(b.Photos) != 2 {
			t.Errorf("in the person's own words: %+v", b)
		}
		mine.Key = key("again")
		if _, err := w.AppealRestriction(ctx, old, mine); !fault.Is(err, "workresume.appealed") {
			t.Errorf("twice in one's own words: %v", err)
		}
		if seen, err := w.HelpedAppealOf(ctx, child, h.ID); err != nil || seen.Appeal != nil {
			t.Errorf("the helper sees the person's words: %+v, %v", seen.Appeal, err)
		}
		facts, err := w.log.Stream(ctx, "person:"+old.Person, 30)
		must(t, err)
		var appealed, told int
		for _, f := range facts {
			switch {
			case f.Name == "workresume.restriction_appealed":
				appealed++
			case f.Name == party.Revealed && f.Actor == child.ID && strings.Contains(string(f.Body), in.Reason):
				told++
			}
		}
		if appealed != 2 || told != 1 {
			t.Errorf("%d appeals and %d looks in the person's story", appealed, told)
		}
	})
}

// Whoever appeals for an office does not decide it, and a helper's appeal that was
// turned down leaves the person their own, before others.
func TestOfficeAppeals(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		h, err := w.ArrangeHelp(ctx, w.officer, workresume.ArrangeInput{
			Helped: workresume.Paper{Name: "Maria Silva", Kind: ident.KindPassport, Number: "AB1234567"}, Reason: "无手机，不识中文", Key: key("a"),
		})
		must(t, err)
		wrote, judge, fifth := third(w, "acc_wrote", "孙警官"), third(w, "acc_judge", "郑科长"), third(w, "acc_fifth", "冯科员")
		h, err = w.ReportHelped(ctx, wrote, h.ID, workresume.ReportInput{})
		must(t, err)
		w.hold(h.Person, "test-awaited", 5)
		_, err = w.AppealHelped(ctx, wrote, h.ID, workresume.HelpedAppealInput{Reason: "已出核酸阴性报告，见照片", Key: key("o")})
		must(t, err)
		me := auth.Principal{ID: "acc_silva", Role: auth.Worker, Person: h.Person, Scope: auth.Person(h.Person)}
		own, err := w.HealthOf(ctx, me)
		must(t, err)
		if a := own.Restriction.Appeal; !a.ByHelper || a.Helper != "" {
			t.Errorf("by an office: %+v", a)
		}
		answer := workresume.RestrictionAnswer{Restriction: own.Restriction.ID, Outcome: workresume.Upheld, Reason: "报告日期早于采样，不能采信"}
		wide := func(by auth.Principal) auth.Principal { by.Scope = auth.District(w.District); return by }
		for _, by := range []auth.Principal{wide(wrote), wide(w.officer), w.second} {
			if _, err := w.AnswerRestriction(ctx, by, answer); !fault.Is(err, "casework.first_decider") {
				t.Errorf("%s decides: %v", by.ID, err)
			}
		}
		_, err = w.AnswerRestriction(ctx, wide(judge), answer)
		must(t, err)
		done, err := w.HelpedAppealOf(ctx, wrote, h.ID)
		must(t, err)
		if done.Appeal == nil || done.Appeal.Outcome != workresume.Upheld {
			t.Errorf("the office reads %+v", done.Appeal)
		}
		if _, err := w.AppealHelped(ctx, wrote, h.ID, workresume.HelpedAppealInput{Reason: "再次代为申诉，见照片附件", Key: key("o2")}); !fault.Is(err, "workresume.appealed") {
			t.Errorf("an office twice: %v", err)
		}
		own, err = w.AppealRestriction(ctx, me, workresume.RestrictionAppeal{Restriction: own.Restriction.ID, Reason: "报告日期写错了，医院可以证明", Key: key("own")})
		must(t, err)
		if a := own.Restriction.Appeal; a.ByHelper || a.Outcome != "" {
			t.Fatalf("%+v", a)
		}
		answer.Outcome, answer.Reason = workresume.Lifted, "医院已更正报告日期"
		if _, err := w.AnswerRestriction(ctx, wide(judge), answer); !fault.Is(err, "casework.first_decider") {
			t.Errorf("whoever turned the helper's down: %v", err)
		}
		x, err := w.AnswerRestriction(ctx, wide(fifth), answer)
		must(t, err)
		if x.Lifted != fifth.Name {
			t.Errorf("%+v", x)
		}
	})
}

// Whoever reports themself today appeals themself.
func TestHelperAppealsForNobodyWhoReports(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, office := w.certified(w.park, 2)
		old, child := w.workerOf(office, 0), w.workerOf(office, 1)
		h := w.helpedBy(old, child)
		w.hold(old.Person, "close-contact", 14)
		_, err := w.ReportHealth(t.Context(), old, workresume.ReportInput{})
		must(t, err)
		if _, err := w.AppealHelped(t.Context(), child, h.ID, workresume.HelpedAppealInput{Reason: "母亲那天没有出门，有社区登记"}); !fault.Is(err, "workresume.helped_appeal_own") {
			t.Error(err)
		}
	})
}
