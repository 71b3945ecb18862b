package workresume_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

// A place makes yellow for the days it was listed, and clean days after it make green;
// taking the line back gives the colour back at once.
func TestPlacesOfRisk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		came := workresume.Travel{
			Origin: "河南省郑州市", Arrived: "2020-02-16", Lodging: "东园 3 号宿舍", Route: "G1234 次 5 车 12F",
			Visits: []workresume.Visit{{Place: "湖北 武汉 江汉区", From: "2020-02-05", Until: "2020-02-14"}},
		}
		_, err := w.SaveTravel(ctx, me, workresume.TravelInput{Travel: came, Key: key("t")})
		must(t, err)
		elsewhere := came
		elsewhere.Visits = nil
		_, err = w.SaveTravel(ctx, other, workresume.TravelInput{Travel: elsewhere, Key: key("u")})
		must(t, err)
		w.report(me, workresume.ReportInput{})
		level := func() workresume.Health {
			t.Helper()
			h, err := w.HealthOf(ctx, me)
			must(t, err)
			return h
		}
		if h := level(); h.Level != workresume.Green || !h.Travelled {
			t.Fatalf("before any list: %+v", h)
		}
		lines := []workresume.RiskLine{
			{Line: 1, Place: "湖北省武汉市", Level: "medium", From: "2020-02-01", Until: "2020-02-10", Source: "省指挥部 1 号通告"},
			{Line: 2, Place: "武汉", Level: "high", From: "2020-02-01", Source: "省指挥部 1 号通告"},
			{Line: 3, Place: "湖北省", Level: "red", From: "2020-02-01", Source: "省指挥部 1 号通告"},
			{Line: 4, Place: "河南省郑州市", Level: "high", From: "2020-02-17", Source: "省指挥部 2 号通告"}, // after they left it
		}
		out, err := w.AddRisks(ctx, w.officer, workresume.RiskInput{Lines: lines, Key: key("a")})
		must(t, err)
		if out.Taken != 2 || len(out.Faults) != 2 || out.Faults[0].Line != 2 {
			t.Errorf("%+v", out)
		}
		if out, err = w.AddRisks(ctx, w.officer, workresume.RiskInput{Lines: lines, Key: key("b")}); err != nil || out.Unchanged != 2 || out.Taken != 0 {
			t.Errorf("the same list again: %+v, %v", out, err)
		}
		must(t, w.Weigh(ctx))
		h := level()
		if h.Level != workresume.Yellow || len(h.Findings) != 1 || h.Findings[0].Rule != "medium-risk-place" || h.Turns == "" {
			t.Fatalf("%+v", h)
		}
		if h, err := w.HealthOf(ctx, other); err != nil || h.Level != workresume.Green {
			t.Errorf("whoever was not there: %+v, %v", h, err)
		}
		list, run, err := w.Risks(ctx)
		must(t, err)
		if len(list) != 2 || run == nil || run.Done != 2 || run.Turned != 1 || run.Ended.IsZero() {
			t.Errorf("%+v %+v", list, run)
		}
		for range 6 {
			h = w.day(me)
		}
		if h.Level != workresume.Green {
			t.Errorf("after seven clean days: %+v", h)
		}
		// A high place of the same days asks for fourteen.
		_, err = w.AddRisks(ctx, w.officer, workresume.RiskInput{Lines: []workresume.RiskLine{{Line: 1, Place: "湖北", Level: "high", From: "2020-01-23", Source: "省指挥部 3 号通告"}}, Key: key("c")})
		must(t, err)
		must(t, w.Weigh(ctx))
		if h = level(); h.Level != workresume.Yellow || h.Findings[0].Rule != "high-risk-place" {
			t.Errorf("%+v", h)
		}
		list, _, err = w.Risks(ctx)
		must(t, err)
		must(t, w.EndRisk(ctx, w.officer, list[0].ID, "通告已撤销", key("e")))
		must(t, w.Weigh(ctx))
		if h = level(); h.Level != workresume.Green {
			t.Errorf("after the line was taken back: %+v", h)
		}
		if _, err := w.AddRisks(ctx, office, workresume.RiskInput{Lines: lines}); fault.KindOf(err) != fault.Denied {
			t.Errorf("a firm: %v", err)
		}
		bad := came
		bad.Origin, bad.Arrived = "老家", w.hand.Now().Add(48*time.Hour).Format(time.DateOnly)
		if _, err := w.SaveTravel(ctx, me, workresume.TravelInput{Travel: bad}); fault.KindOf(err) != fault.Invalid || len(fault.As(err).Fields) != 2 {
			t.Errorf("%v", err)
		}
	})
}

// A name that is shown in another order than it is compared in is not taken.
func TestRiskUnseen(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		line := func(n int, place, source string) workresume.RiskLine {
			return workresume.RiskLine{Line: n, Place: place, Level: "high", From: "2020-02-01", Source: source}
		}
		out, err := w.AddRisks(t.Context(), w.officer, workresume.RiskInput{Key: key("a"), Lines: []workresume.RiskLine{
			line(1, "湖北\u202e北河", "省指挥部 1 号通告"),
			line(2, "湖北\u2066武汉\u2069", "省指挥部 1 号通告"),
			line(3, "湖北\x07武汉", "省指挥部 1 号通告"),
			line(4, "湖北武汉", "省指挥部\n1 号通告"),
			line(5, "湖北武汉", "\u3164\u3164\u3164\u3164\u3164"),
			line(6, " 湖北省武汉市\t", "省指挥部 1 号通告"),
		}})
		must(t, err)
		want := workresume.RiskResult{Taken: 1}
		for i := range 4 {
			want.Faults = append(want.Faults, workresume.RiskFault{Line: i + 1, Code: "workresume.risk_unseen"})
		}
		want.Faults = append(want.Faults, workresume.RiskFault{Line: 5, Code: "workresume.risk_source"})
		if diff := cmp.Diff(want, out); diff != "" {
			t.Error(diff)
		}
	})
}

// A file of places changes nothing before two officers; the first is shown whom it
// would turn, and that is who turns.
func TestRiskFile(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 3)
		for i, visits := range [][]workresume.Visit{
			{{Place: "湖北 武汉 江汉区", From: "2020-02-05", Until: "2020-02-14"}},
			{{Place: "湖北省武汉市", From: "2020-01-10", Until: "2020-01-12"}}, // before the list looks
			nil,
		} {
			_, err := w.SaveTravel(ctx, w.workerOf(office, i), workresume.TravelInput{
				Travel: workresume.Travel{Origin: "河南省郑州市", Arrived: "2020-02-16", Lodging: "东园 3 号宿舍", Visits: visits}, Key: key("travel" + strconv.Itoa(i)),
			})
			must(t, err)
		}
		lines := []workresume.RiskLine{
			{Line: 2, Place: "湖北省武汉市", Level: "high", From: "2020-02-01", Source: "省指挥部 1 号通告"},
			{Line: 3, Place: "武汉", Level: "high", From: "2020-02-01", Source: "省指挥部 1 号通告"},
			{Line: 4, Place: "湖北省 武汉市", Level: "high", From: "2020-02-01", Source: "同上一行，写法不同"},
			{Line: 5, Place: "浙江省温州市", Level: "medium", From: "2020-02-01", Source: "省指挥部 1 号通告", Unread: "roster.formula"},
		}
		trial, err := w.TryRisks(ctx, w.officer, lines)
		must(t, err)
		want := workresume.RiskTrial{
			RiskResult: workresume.RiskResult{Taken: 1, Unchanged: 1, Faults: []workresume.RiskFault{{Line: 3, Code: "workresume.place_province"}, {Line: 5, Code: "roster.formula"}}},
			Looked:     3, Turning: 1, Lines: lines[:1],
		}
		if d := cmp.Diff(want, trial); d != "" {
			t.Error(d)
		}
		in := workresume.RisksInput{Lines: lines, Reason: "省指挥部今日名单", Key: key("ask")}
		act, err := w.ProposeRisks(ctx, w.officer, in)
		must(t, err)
		if again, err := w.ProposeRisks(ctx, w.officer, in); err != nil || again.ID != act.ID {
			t.Errorf("sent again: %v, %v", again.ID, err)
		}
		if list, _, err := w.Risks(ctx); err != nil || len(list) != 0 {
			t.Errorf("by one officer: %+v, %v", list, err)
		}
		if err := w.ConfirmRisks(ctx, w.officer, act.ID, key("own")); !fault.Is(err, "dual.same_person") {
			t.Errorf("the same officer: %v", err)
		}
		second := w.colleague(2)
		second.Role = auth.SecondOfficer
		if err := w.ConfirmMany(ctx, second, act.ID, key("door")); !fault.Is(err, "dual.unknown") {
			t.Errorf("by another door: %v", err)
		}
		must(t, w.ConfirmRisks(ctx, second, act.ID, key("yes")))
		must(t, w.ConfirmRisks(ctx, second, act.ID, key("yes")))
		must(t, w.Weigh(ctx))
		list, run, err := w.Risks(ctx)
		must(t, err)
		if len(list) != 1 || run == nil || run.Turned != trial.Turning {
			t.Errorf("%+v %+v", list, run)
		}
		if _, err := w.ProposeRisks(ctx, w.officer, workresume.RisksInput{Lines: lines, Reason: "省指挥部今日名单"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("nothing new: %v", err)
		}
		if trial, err := w.TryRisks(ctx, w.officer, lines); err != nil || trial.Turning != 0 || trial.Unchanged != 2 {
			t.Errorf("tried afterwards: %+v, %v", trial, err)
		}
		if _, err := w.ProposeRisks(ctx, second, in); fault.KindOf(err) != fault.Denied {
			t.Errorf("asked by a second officer: %v", err)
		}
		in.Reason, in.Key = "……", key("reason")
		if _, err := w.ProposeRisks(ctx, w.officer, in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
	})
}
