package workresume_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
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
		for i := range 20 {
			if _, err := w.AcceptHelp(ctx, me, code.Code, key("again")); fault.KindOf(err) != fault.Invalid {
				t.Fatalf("a used code, time %d: %v", i+1, err)
			}
		}
		if _, err := w.AcceptHelp(ctx, me, code.Code, key("again")); !fault.Is(err, "workresume.help_tries") {
			t.Errorf("after many guesses: %v", err)
		}
	})
}

// After too many wrong codes the right one is refused too, and is not used up; the next
// day begins anew. Guesses sent all at once get no more tries than one after the other.
func TestHelpCodeGuessed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 3)
		old, child, guesser := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2)
		used, err := w.OfferHelp(ctx, old, 1, once.Key{})
		must(t, err)
		right, err := w.OfferHelp(ctx, old, 24, once.Key{}) // in place of the one before
		must(t, err)
		got := make(chan error, 60)
		for i := range cap(got) {
			go func() {
				_, err := w.AcceptHelp(ctx, guesser, used.Code, key(fmt.Sprint("at-once", i)))
				got <- err
			}()
		}
		looked := 0
		for range cap(got) {
			switch err := <-got; {
			case fault.KindOf(err) == fault.Invalid:
				looked++
			case !fault.Is(err, "workresume.help_tries") && fault.KindOf(err) != fault.Busy:
				t.Errorf("%v", err)
			}
		}
		if looked > 20 {
			t.Errorf("%d guesses were looked up, want at most 20", looked)
		}
		for range max(0, 20-looked) { // what a busy store turned away
			_, err = w.AcceptHelp(ctx, guesser, used.Code, once.Key{})
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
		}
		if _, err := w.AcceptHelp(ctx, guesser, right.Code, key("right")); !fault.Is(err, "workresume.help_tries") {
			t.Errorf("the right one, after too many: %v", err)
		}
		if list, err := w.Helping(ctx, guesser); err != nil || len(list.Helped) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		w.hand.Add(23 * time.Hour)
		if _, err := w.AcceptHelp(ctx, guesser, used.Code, key("tomorrow")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the next day: %v", err)
		}
		if _, err := w.AcceptHelp(ctx, child, right.Code, key("right")); err != nil {
			t.Errorf("another account: %v", err)
		}
	})
}

// What a person said themself no helper replaces, and no helper's corrections use up
// the person's own.
func TestHelperReplacesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 3)
		old, child, other := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2)
		h, second := w.helpedBy(old, child), w.helpedBy(old, other)
		helped := func(by auth.Principal, h workresume.Help, tenths int64) error {
			_, err := w.ReportHelped(ctx, by, h.ID, workresume.ReportInput{Tenths: tenths})
			return err
		}
		for i := range int64(5) {
			must(t, helped(child, h, 360+i))
		}
		if err := helped(child, h, 370); !fault.Is(err, "workresume.helped_most") {
			t.Errorf("a helper's sixth: %v", err)
		}
		must(t, helped(child, h, 364)) // the same again is no correction
		must(t, helped(other, second, 371))
		for i := range int64(20) {
			w.report(old, workresume.ReportInput{Tenths: 380 + i})
		}
		if _, err := w.ReportHealth(ctx, old, workresume.ReportInput{}); !fault.Is(err, "workresume.reports_most") {
			t.Errorf("one's own twenty-first: %v", err)
		}
		for name, tenths := range map[string]int64{"another": 0, "the same": 399} { // neither says which it was
			if err := helped(other, second, tenths); !fault.Is(err, "workresume.helped_own") {
				t.Errorf("%s after the person's own: %v", name, err)
			}
		}
		if list, err := w.Helping(ctx, other); err != nil || !list.Helped[0].Own {
			t.Errorf("what the helper reads: %+v, %v", list, err)
		}
		if list, err := w.Helping(ctx, old); err != nil || list.Helpers[0].Own {
			t.Errorf("what the other side reads: %+v, %v", list, err)
		}
		if c, err := w.HealthOf(ctx, old); err != nil || c.Level != workresume.Yellow || c.Reports[0].Way != workresume.ByOneself || c.Reports[0].Tenths != 399 {
			t.Errorf("%+v, %v", c, err)
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

// Who may not reach a person learns no name by guessing, and whoever may has few
// guesses: the right name is refused after them too.
func TestArrangeHelpGuessed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		me := w.workerOf(office, 0)
		mine := w.paperOf(me)
		west := auth.Principal{ID: "acc_west", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
		stranger := mine
		stranger.Name = "Ana Souza"
		nobody := workresume.Paper{Name: "Ana Souza", Kind: ident.KindPassport, Number: "ZZ7654321"}
		arrange := func(by auth.Principal, helped, helper workresume.Paper) error {
			_, err := w.ArrangeHelp(ctx, by, workresume.ArrangeInput{Helped: helped, Helper: helper, Reason: "无手机，不识中文"})
			return err
		}
		for name, helped := range map[string]workresume.Paper{"the right name": mine, "another name": stranger} {
			if err := arrange(west, helped, workresume.Paper{}); !fault.Is(err, "workresume.member_unknown") {
				t.Errorf("%s, out of reach: %v", name, err)
			}
		}
		child := workresume.Paper{Name: "Maria Silva", Kind: ident.KindPassport, Number: "AB1234567"}
		differs, unknown := arrange(w.officer, child, stranger), arrange(w.officer, child, nobody)
		if !fault.Is(differs, "fault.fields") || !cmp.Equal(fault.As(differs).Fields, fault.As(unknown).Fields) {
			t.Errorf("a helper's other name: %v; no such helper: %v", differs, unknown)
		}
		if _, others, err := w.HelpDesk(ctx, w.officer); err != nil || len(others) != 0 {
			t.Errorf("a miss left something behind: %+v, %v", others, err)
		}
		for i := range 18 {
			if err := arrange(w.officer, stranger, workresume.Paper{}); !fault.Is(err, "fault.fields") {
				t.Fatalf("guess %d: %v", i+3, err)
			}
		}
		for name, helped := range map[string]workresume.Paper{"another name": stranger, "the right one": mine, "somebody new": child} {
			if err := arrange(w.officer, helped, workresume.Paper{}); !fault.Is(err, "workresume.help_tries") {
				t.Errorf("after twenty, %s: %v", name, err)
			}
		}
		w.hand.Add(24 * time.Hour)
		must(t, arrange(w.officer, mine, workresume.Paper{}))
	})
}

// paperOf is somebody as their document has them.
func (w *world) paperOf(by auth.Principal) workresume.Paper {
	w.t.Helper()
	var out workresume.Paper
	must(w.t, w.db.Read(w.t.Context(), func(r storage.Reader) error {
		p, err := w.Parties.Get(r, by.Person)
		out = workresume.Paper{Name: p.Name, Kind: p.IDKind, Number: p.IDNumber}
		return err
	}))
	return out
}
