package workresume_test

import (
	"fmt"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// helpedBy lets the second report for the first.
func (w *world) helpedBy(helped, helper auth.Principal) workresume.Help {
	w.t.Helper()
	code, err := w.OfferHelp(w.t.Context(), helped, 1, once.Key{})
	must(w.t, err)
	h, err := w.AcceptHelp(w.t.Context(), helper, code.Code, key("accept"+code.Code))
	must(w.t, err)
	return h
}

// A helper reports and sees today's answer; not the reasons, and nothing afterwards.
func TestHelperReports(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 3)
		old, child, other := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2)
		h := w.helpedBy(old, child)
		if h.Person != old.Person || h.Reported || h.Level != workresume.Green {
			t.Fatalf("%+v", h)
		}
		h, err := w.ReportHelped(ctx, child, h.ID, workresume.ReportInput{Tenths: 382, Key: key("r")})
		must(t, err)
		if !h.Reported || h.Level != workresume.Yellow || h.Ends.IsZero() {
			t.Errorf("%+v", h)
		}
		own, err := w.HealthOf(ctx, old)
		must(t, err)
		if r := own.Reports[0]; r.Way != workresume.ByHelper || r.Helper == "" || r.Tenths != 382 {
			t.Errorf("%+v", r)
		}
		list, err := w.Helping(ctx, child)
		must(t, err)
		if len(list.Helped) != 1 || !list.Helped[0].Reported || len(list.Helpers) != 0 || list.Most != 6 {
			t.Errorf("%+v", list)
		}
		back, err := w.Helping(ctx, old)
		must(t, err)
		if len(back.Helpers) != 1 || back.Helpers[0].Helper == "" || len(back.Helped) != 0 {
			t.Errorf("%+v", back)
		}
		for name, by := range map[string]auth.Principal{"a stranger": other, "the helped": old, "an officer": w.officer} {
			if _, err := w.ReportHelped(ctx, by, h.ID, workresume.ReportInput{}); !fault.Is(err, "workresume.help_unknown") {
				t.Errorf("%s reports: %v", name, err)
			}
		}
		if _, err := w.EndHelp(ctx, other, h.ID, "", key("e")); !fault.Is(err, "workresume.help_unknown") {
			t.Errorf("a stranger ends it: %v", err)
		}
		_, err = w.EndHelp(ctx, old, h.ID, "", key("e1"))
		must(t, err)
		_, err = w.EndHelp(ctx, child, h.ID, "", key("e2"))
		must(t, err)
		if list, err := w.Helping(ctx, child); err != nil || len(list.Helped) != 0 {
			t.Errorf("after its end: %+v, %v", list, err)
		}
		if _, err := w.ReportHelped(ctx, child, h.ID, workresume.ReportInput{}); !fault.Is(err, "workresume.help_unknown") {
			t.Errorf("reports after the end: %v", err)
		}
		h = w.helpedBy(old, other) // and begins with another
		if _, err := w.ReportHelped(ctx, child, h.ID, workresume.ReportInput{}); !fault.Is(err, "workresume.help_unknown") {
			t.Errorf("the one before reports: %v", err)
		}
	})
}

// A code is used once, by somebody else, and an account has few guesses.
func TestHelpCode(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 9)
		me := w.workerOf(office, 8)
		for i := range 6 {
			w.helpedBy(w.workerOf(office, i), me)
		}
		code, err := w.OfferHelp(ctx, w.workerOf(office, 6), 1, once.Key{})
		must(t, err)
		if _, err := w.AcceptHelp(ctx, me, code.Code, key("seventh")); !fault.Is(err, "workresume.help_full") {
			t.Errorf("a seventh: %v", err)
		}
		if _, err := w.AcceptHelp(ctx, w.workerOf(office, 6), code.Code, key("self")); !fault.Is(err, "workresume.help_oneself") {
			t.Errorf("oneself: %v", err)
		}
		if _, err := w.AcceptHelp(ctx, w.workerOf(office, 7), code.Code, key("x")); err != nil {
			t.Errorf("refusals used the code up: %v", err)
		}
		var last error
		for i := range 21 {
			_, last = w.AcceptHelp(ctx, me, code.Code, key(fmt.Sprint("again", i)))
			if i == 0 && fault.KindOf(last) != fault.Invalid {
				t.Errorf("a used code: %v", last)
			}
		}
		if !fault.Is(last, "workresume.help_tries") {
			t.Errorf("after many guesses: %v", last)
		}
	})
}

// An officer says who helps somebody without an account, and nobody else.
func TestArrangeHelp(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 1)
		in := workresume.ArrangeInput{
			Helped: workresume.Paper{Name: "Maria Silva", Kind: ident.KindPassport, Number: "AB1234567"}, Reason: "无手机，不识中文", Key: key("a"),
		}
		h, err := w.ArrangeHelp(ctx, w.officer, in)
		must(t, err)
		if !h.Office || h.Name == "" {
			t.Errorf("%+v", h)
		}
		colleague := w.officer
		colleague.ID = "acc_colleague"
		if h, err = w.ReportHelped(ctx, colleague, h.ID, workresume.ReportInput{}); err != nil || !h.Reported {
			t.Errorf("the office reports: %+v, %v", h, err)
		}
		own, others, err := w.HelpDesk(ctx, w.officer)
		must(t, err)
		if len(own) != 1 || len(others) != 0 {
			t.Errorf("%+v %+v", own, others)
		}
		west := auth.Principal{ID: "acc_west", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		if own, others, err := w.HelpDesk(ctx, west); err != nil || len(own)+len(others) != 0 {
			t.Errorf("another park: %+v %+v %v", own, others, err)
		}
		if _, err := w.EndHelp(ctx, west, h.ID, "不再需要代报", key("w")); !fault.Is(err, "workresume.help_unknown") {
			t.Errorf("another park ends it: %v", err)
		}
		wrong := in
		wrong.Helped.Name, wrong.Key = "Ana Souza", key("b")
		if _, err := w.ArrangeHelp(ctx, w.officer, wrong); fault.KindOf(err) != fault.Invalid {
			t.Errorf("another name: %v", err)
		}
		if _, err := w.ArrangeHelp(ctx, office, in); fault.KindOf(err) != fault.Denied {
			t.Errorf("as a firm: %v", err)
		}
	})
}
