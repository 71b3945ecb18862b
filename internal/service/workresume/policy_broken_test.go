package workresume_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// brokenRule fails for every firm without isolation rooms, which is most of them: it
// divides by their number.
const brokenRule = `# --- The rules

[[rule]]
id = "rooms-enough"
require = "declared_headcount / isolation_rooms <= 1000"
outcome = "refuse"
reason = { en = "Too few rooms.", zh-Hans = "房间不足。" }
mend = { en = "Add rooms.", zh-Hans = "请增加。" }
basis = { en = "A rule with a mistake", zh-Hans = "有误的规则" }

# --- The rules`

// A rule that cannot be worked out takes nobody's certificate and gives nobody one: who
// is certified stays so, who files anew comes to an officer, nobody reads that a fact is
// missing, and the policy's pages count it.
func TestBrokenRuleIsNobodysFault(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 2)
		p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: policyFile(t, "broken", "# --- The rules", brokenRule)})
		must(t, err)
		trial, err := w.WhatIf(ctx, w.officer, p.ID)
		must(t, err)
		if len(trial.Turning) != 0 || len(trial.Broken) != 1 || trial.Broken[0].Rule != "rooms-enough" || trial.Broken[0].Firms != 1 {
			t.Errorf("%+v %+v", trial.Turning, trial.Broken)
		}
		act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "演练"})
		must(t, err)
		must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
		must(t, w.Enact(ctx))
		now, err := w.Firm(ctx, office, f.ID)
		must(t, err)
		said := now.Decision.Findings[0]
		if now.State != workresume.Certified || now.Certificate == nil || now.Certificate.ID != f.Certificate.ID || !now.Decision.OnlyBroken() {
			t.Errorf("%s %+v", now.State, now.Decision)
		}
		if said.Missing != nil || said.Failed == "" || said.Outcome != "return" ||
			said.Reason["zh-Hans"] != "有一条规则无法得出结果：除数为零。问题在规则本身，与填报内容无关。" {
			t.Errorf("%+v", said)
		}
		list, err := w.Activations(ctx, w.officer)
		must(t, err)
		if list[0].Broken != 1 || list[0].Turned != 0 {
			t.Errorf("%+v", list[0])
		}
		members, _, err := w.Members(ctx, office, f.ID, workresume.MemberFilter{})
		must(t, err)
		_, err = w.Leave(ctx, office, f.ID, []string{members[0].ID}, key("leave"))
		must(t, err)
		if now, _ = w.Firm(ctx, office, f.ID); now.State != workresume.Certified {
			t.Errorf("%s after somebody left", now.State)
		}
		// What another rule finds counts as ever.
		bare := goodFiling(1)
		bare.Masks = 0
		now, err = w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: bare})
		must(t, err)
		if now.State != workresume.Returned {
			t.Errorf("%s without masks", now.State)
		}
		// A first filing comes to an officer, whose clock runs, and is certified by nobody else.
		fresh, freshOffice := w.firm(w.park)
		w.upload(freshOffice, fresh.ID, roll(w.make(2)...))
		now, err = w.File(ctx, freshOffice, workresume.FileInput{Firm: fresh.ID, Filing: goodFiling(2)})
		must(t, err)
		cases, err := w.FirmCases(ctx, freshOffice, fresh.ID)
		must(t, err)
		if now.State != workresume.Returned || len(cases) != 1 || cases[0].State != casework.Open {
			t.Errorf("%s %+v", now.State, cases)
		}
		_, err = w.Decide(ctx, w.officer, workresume.DecideInput{Firm: fresh.ID, State: workresume.Certified, Reason: "人工核对无误"})
		must(t, err)
	})
}

// A policy whose rule gives nobody an answer, or everybody the same, is refused with its
// line.
func TestUselessRuleIsRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for condition, code := range map[string]string{"1 / 0 == 1": "rule.always_fails", "int(class) > 1": "rule.always_fails", "mask_days_required == 3": "rule.same_for_all"} {
			data := policyFile(t, "useless", "# --- The rules", brokenRule, "declared_headcount / isolation_rooms <= 1000", condition)
			_, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: data})
			var got []string
			for _, f := range fault.As(err).Fields {
				got = append(got, fmt.Sprint(f.Name, " ", f.Code, " ", f.Args["line"] != 1))
			}
			if d := cmp.Diff([]string{"rule.rooms-enough.require " + code + " true"}, got); d != "" {
				t.Errorf("%s: %s", condition, d)
			}
		}
	})
}
