package workresume_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
)

// The three regimes of 2020 follow one another without a gap, and the same firm
// is answered as each had it.
func TestRegimesOf2020(t *testing.T) {
	l, err := workresume.Regimes()
	must(t, err)
	ready := map[string]any{
		"industry": "cinema", "class": "other", "promise_signed": true, "declared_headcount": 10, "roster_count": 10,
		"masks": 30, "thermometers": 1, "disinfectant_litres": 1, "isolation_rooms": 0,
	}
	with := func(pairs ...any) map[string]any {
		out := map[string]any{}
		for k, v := range ready {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i].(string)] = pairs[i+1]
		}
		return out
	}
	for _, c := range []struct {
		at    string
		facts map[string]any
		pack  string
		want  rule.Verdict
		rule  string // the gravest that spoke
	}{
		{"2020-02-03T23:59:59+08:00", nil, "", "", ""},
		{"2020-02-04T00:00:00+08:00", with(), "work-resumption.four-classes", rule.Returned, "not-before"},
		{"2020-02-08T12:00:00+08:00", with("township_check", true, "district_approval", true), "work-resumption.four-classes", rule.Returned, "not-before"},
		{"2020-02-08T12:00:00+08:00", with("class", "priority", "township_check", true, "district_approval", true), "work-resumption.four-classes", rule.Certified, ""},
		{"2020-02-10T00:00:00+08:00", with("township_check", true, "district_approval", true), "work-resumption.four-classes", rule.Certified, ""},
		{"2020-02-10T00:00:00+08:00", with("township_check", false), "work-resumption.four-classes", rule.Returned, "township-check"},
		{"2020-02-10T00:00:00+08:00", with("township_check", true, "district_approval", false), "work-resumption.four-classes", rule.Refused, "district-approval"},
		{"2020-02-11T00:00:00+08:00", with(), "work-resumption.file-and-promise", rule.Refused, "negative-list"},
		{"2020-03-20T23:59:59+08:00", with("industry", "software"), "work-resumption.file-and-promise", rule.Certified, ""},
		{"2020-03-21T00:00:00+08:00", with(), "work-resumption.lifted", rule.Certified, "own-notice"},
		{"2020-03-21T00:00:00+08:00", map[string]any{}, "work-resumption.lifted", rule.Certified, "own-notice"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		must(t, err)
		p, ok := l.At(at)
		if !ok || c.pack == "" {
			if ok != (c.pack != "") {
				t.Errorf("%s: %v", c.at, p)
			}
			continue
		}
		if c.facts["industry"] != nil {
			c.facts["decided_at"] = at
		}
		d := p.Decide(c.facts)
		said := ""
		if len(d.Findings) > 0 {
			said = d.Findings[0].Rule
		}
		if p.ID != c.pack || d.Outcome != c.want || said != c.rule {
			t.Errorf("%s: %s %s %q, want %s %s %q", c.at, p.ID, d.Outcome, said, c.pack, c.want, c.rule)
		}
	}
}

// policyFile is the pack in force with changes, under a version of its own.
func policyFile(t testing.TB, version string, swaps ...string) []byte {
	t.Helper()
	data, err := os.ReadFile("pack/file-and-promise.toml")
	must(t, err)
	text := strings.Replace(string(data), `version = "2020-02-11"`, fmt.Sprintf("version = %q", version), 1)
	for i := 0; i < len(swaps); i += 2 {
		if !strings.Contains(text, swaps[i]) {
			t.Fatalf("no %q", swaps[i])
		}
		text = strings.Replace(text, swaps[i], swaps[i+1], 1)
	}
	return []byte(text)
}

func TestPolicyIsRefusedWithItsLines(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		fields := func(err error) (out []string) {
			for _, f := range fault.As(err).Fields {
				out = append(out, fmt.Sprintf("%s %s %v", f.Name, f.Code, f.Args["line"]))
			}
			return out
		}
		line := func(data []byte, has string) int {
			return strings.Count(string(data)[:strings.Index(string(data), has)], "\n") + 1
		}
		for _, c := range []struct{ old, new, field, code, at string }{
			{"masks >= 0 &&", "mask >= 0 &&", "rule.masks.require", "rule.expression_unknown", "mask >= 0 &&"},
			{`zh-Hans = "消毒液（升）"`, ``, "fact.disinfectant_litres.title.zh-Hans", "rule.text_missing", `en = "Disinfectant (litres)"`},
		} {
			data := policyFile(t, "wrong", c.old, c.new)
			_, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: data})
			want := fmt.Sprintf("%s %s %d", c.field, c.code, line(data, c.at))
			if got := strings.Join(fields(err), "\n"); !strings.Contains(got, want) {
				t.Errorf("%s\nwant %s", got, want)
			}
		}
		extra := policyFile(t, "extra", "# --- The rules", "[[fact]]\nname = \"mood\"\ntype = \"int\"\ntitle = { en = \"Mood\", zh-Hans = \"心情\" }\n\n# --- The rules")
		_, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: extra})
		if diff := cmp.Diff([]string{fmt.Sprintf("fact.mood workresume.policy_fact_unknown %d", line(extra, `name = "mood"`)-1)}, fields(err)); diff != "" {
			t.Error(diff)
		}
		if _, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: []byte("id = ")}); !fault.Is(err, "rule.not_toml") {
			t.Error(err)
		}
		// A version names one text, and the same text is the same policy.
		if _, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: policyFile(t, "2020-02-11", "masks_per_person_per_day = 1", "masks_per_person_per_day = 2")}); !fault.Is(err, "workresume.policy_version") {
			t.Error(err)
		}
		one, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: policyFile(t, "a")})
		must(t, err)
		again, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: policyFile(t, "a"), Key: once.Key{Principal: "p", Operation: "o", Key: "k"}})
		if err != nil || again.ID != one.ID {
			t.Errorf("%v %v", again.ID, err)
		}
		if _, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: policyFile(t, "a", "masks_per_person_per_day = 1", "masks_per_person_per_day = 2")}); !fault.Is(err, "workresume.policy_version") {
			t.Error(err)
		}
		park := auth.Principal{ID: "acc_park", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		if _, err := w.AddPolicy(t.Context(), park, workresume.AddPolicyInput{Source: policyFile(t, "b")}); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		list, err := w.Policies(t.Context(), w.second)
		must(t, err)
		var names []string
		for _, p := range list {
			names = append(names, fmt.Sprintf("%s %v", p.Pack.Version, p.InForce))
		}
		if diff := cmp.Diff([]string{"2020-03-21 false", "2020-02-19 true", "a false", "2020-02-11 true", "2020-02-04 false"}, names); diff != "" {
			t.Error(diff)
		}
	})
}

// A policy is tried, asked for by one, confirmed by another, and then every firm is
// asked again; who decided by which text stays readable.
func TestPolicyComesIntoForce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		certified, office := w.certified(w.park, 2) // five masks a head
		spoken, _ := w.certified(w.other, 1)
		_, err := w.Decide(ctx, w.officer, workresume.DecideInput{Firm: spoken.ID, State: workresume.Refused, Reason: "现场不符"})
		must(t, err)
		w.firm(w.park)
		p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: policyFile(t, "strict", "mask_days_required = 3", "mask_days_required = 7")})
		must(t, err)

		trial, err := w.WhatIf(ctx, w.officer, p.ID)
		must(t, err)
		want := []workresume.Move{{From: "certified", To: "returned", Firms: 1}, {From: "refused", To: "refused", Firms: 1}}
		if diff := cmp.Diff(want, trial.Moves); diff != "" || trial.Firms != 2 || trial.Kept != 1 || len(trial.Turning) != 1 || trial.Turning[0].Firm != certified.ID || trial.Turning[0].Rule != "masks" {
			t.Errorf("%+v\n%s", trial, diff)
		}
		if f, _ := w.Firm(ctx, office, certified.ID); f.State != workresume.Certified {
			t.Error("trying changed something")
		}

		act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "口罩供应恢复"})
		must(t, err)
		if _, err := w.Activate(ctx, w.second, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "再来一次"}); !fault.Is(err, "dual.waiting") {
			t.Error(err)
		}
		if err := w.ConfirmPolicy(ctx, w.officer, act.ID, once.Key{}); !fault.Is(err, "dual.same_person") {
			t.Error(err)
		}
		must(t, w.Enact(ctx))
		if f, _ := w.Firm(ctx, office, certified.ID); f.State != workresume.Certified {
			t.Error("one person alone changed the policy")
		}
		must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
		must(t, w.Enact(ctx))
		f, err := w.Firm(ctx, office, certified.ID)
		must(t, err)
		if f.State != workresume.Returned || f.Decision.Version != "strict" || f.Certificate != nil {
			t.Errorf("%s %s %+v", f.State, f.Decision.Version, f.Certificate)
		}
		if o, _ := w.Firm(ctx, w.officer, spoken.ID); o.State != workresume.Refused || o.Decision.Version != "strict" {
			t.Errorf("the officer's word: %s %s", o.State, o.Decision.Version)
		}
		list, err := w.Activations(ctx, w.officer)
		must(t, err)
		if len(list) != 1 || list[0].State != workresume.ActivationDone || list[0].Done != 2 || list[0].Total != 2 || list[0].Turned != 1 {
			t.Errorf("%+v", list)
		}
		if diff := cmp.Diff(want, list[0].Moves); diff != "" {
			t.Error("the trial said otherwise: " + diff)
		}
		if w.Rules().Version != "strict" {
			t.Error(w.Rules().Version)
		}
		// A new filing is decided by it.
		g, goffice := w.firm(w.park)
		g, err = w.File(ctx, goffice, workresume.FileInput{Firm: g.ID, Filing: goodFiling(1)})
		if err != nil || g.Decision.Version != "strict" {
			t.Errorf("%v %v", g.Decision, err)
		}
		if _, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "再次启用"}); !fault.Is(err, "workresume.policy_in_force") {
			t.Error(err)
		}
	})
}

// A policy for a later day waits for it; of two that run, the later one ends the
// other, and firms are asked by the later one only.
func TestPolicyWaitsForItsDay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 1)
		bring := func(version, days string, begins time.Time) {
			t.Helper()
			p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: policyFile(t, version, "mask_days_required = 3", "mask_days_required = "+days)})
			must(t, err)
			act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Begins: begins, Reason: "按日启用"})
			must(t, err)
			must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
		}
		tomorrow := w.hand.Now().Add(24 * time.Hour)
		bring("tomorrow", "7", tomorrow)
		p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: policyFile(t, "too")})
		must(t, err)
		_, err = w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Begins: tomorrow, Reason: "同日启用"})
		if fault.KindOf(err) != fault.Conflict || len(fault.As(err).Fields) != 1 || fault.As(err).Fields[0].Code != "workresume.policy_day_taken" {
			t.Errorf("two policies for one moment: %v", err)
		}
		must(t, w.Enact(ctx))
		if f, _ = w.Firm(ctx, office, f.ID); f.State != workresume.Certified {
			t.Error("a day early")
		}
		bring("now", "6", time.Time{})
		w.hand.Add(25 * time.Hour)
		must(t, w.Enact(ctx)) // "now" was not applied yet when "tomorrow" came
		f, err = w.Firm(ctx, office, f.ID)
		must(t, err)
		if f.Decision.Version != "tomorrow" || f.State != workresume.Returned {
			t.Errorf("%s %s", f.Decision.Version, f.State)
		}
		list, err := w.Activations(ctx, w.officer)
		must(t, err)
		states := map[workresume.ActivationState]int{}
		for _, a := range list {
			states[a.State]++
		}
		if diff := cmp.Diff(map[workresume.ActivationState]int{workresume.ActivationDone: 1, workresume.ActivationOvertaken: 1}, states); diff != "" {
			t.Error(diff)
		}
	})
}

// While the district is asked again, firms go on filing: whoever files decides by
// the new policy, and nobody is left with the old one.
func TestPolicyChangesUnderLoad(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		type one struct {
			firm   workresume.Firm
			office auth.Principal
		}
		var firms []one
		for range 20 {
			f, office := w.firm(w.park)
			_, err := w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: goodFiling(1)})
			must(t, err)
			firms = append(firms, one{f, office})
		}
		p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: policyFile(t, "new")})
		must(t, err)
		act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "换版"})
		must(t, err)
		var all sync.WaitGroup
		for _, o := range firms[:10] {
			all.Add(1)
			go func() {
				defer all.Done()
				if _, err := w.File(ctx, o.office, workresume.FileInput{Firm: o.firm.ID, Filing: goodFiling(2)}); err != nil {
					t.Error(err)
				}
			}()
		}
		must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
		must(t, w.Enact(ctx))
		all.Wait()
		for _, o := range firms {
			f, err := w.Firm(ctx, o.office, o.firm.ID)
			must(t, err)
			if f.Decision.Version != "new" {
				t.Errorf("%s was left with %s", f.ID, f.Decision.Version)
			}
		}
	})
}

// The regime of 4 February: nothing known is never a no; the township and the
// district speak, and the firm is certified when both have.
func TestFourClasses(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 1)
		old, ok := w.Regime(time.Date(2020, 2, 5, 0, 0, 0, 0, time.UTC))
		if !ok {
			t.Fatal("no regime")
		}
		attest := func(by auth.Principal, fact string, yes bool) error {
			_, err := w.Attest(ctx, by, workresume.AttestInput{Firm: f.ID, Fact: fact, Value: yes, Reason: "现场核查"})
			return err
		}
		if err := attest(w.officer, "township_check", true); !fault.Is(err, "workresume.attest_unasked") {
			t.Error(err)
		}
		act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: "pol_" + old.Digest[:24], Reason: "演练"})
		must(t, err)
		must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
		must(t, w.Enact(ctx))
		state := func(want workresume.State, rules ...string) {
			t.Helper()
			f, err := w.Firm(ctx, office, f.ID)
			must(t, err)
			var said []string
			for _, x := range f.Decision.Findings {
				said = append(said, x.Rule)
			}
			if diff := cmp.Diff(rules, said); diff != "" || f.State != want {
				t.Errorf("%s\n%s", f.State, diff)
			}
		}
		state(workresume.Returned, "township-check", "district-approval")
		park := auth.Principal{ID: "acc_park", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		must(t, attest(park, "township_check", true))
		state(workresume.Returned, "district-approval")
		if err := attest(park, "district_approval", true); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		must(t, attest(w.officer, "district_approval", false))
		state(workresume.Refused, "district-approval")
		must(t, attest(w.officer, "district_approval", true))
		state(workresume.Certified)
		if trial, err := w.WhatIf(ctx, w.officer, "pol_"+old.Digest[:24]); err != nil || len(trial.Turning) != 0 {
			t.Errorf("%+v %v", trial, err)
		}
		said, err := w.Statements(ctx, office, f.ID)
		if err != nil || len(said) != 2 || said[0].Fact != "township_check" || !said[0].Value {
			t.Errorf("%+v %v", said, err)
		}
		f, err = w.Firm(ctx, office, f.ID)
		must(t, err)
		if other, _ := w.ForeseeFor(f, f.Roster); other != workresume.Returned {
			t.Error(other)
		}
	})
}

func TestExplain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		a, err := w.Explain(ctx, office, f.ID)
		if err != nil || a.Decision != nil || a.Turn != nil {
			t.Errorf("%+v %v", a, err)
		}
		filing := goodFiling(4)
		filing.Masks = 5
		_, err = w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: filing})
		must(t, err)
		a, err = w.Explain(ctx, office, f.ID)
		must(t, err)
		var steps []string
		for _, s := range a.Turn.Ways[0].Steps {
			steps = append(steps, fmt.Sprint(s.Fact, " ", s.From, "→", s.To))
		}
		if diff := cmp.Diff([]string{"roster_count 0→4", "masks 5→12"}, steps); diff != "" || !a.InForce || a.Pack == nil {
			t.Errorf("%s", diff)
		}
		_, stranger := w.firm(w.park)
		if _, err := w.Explain(ctx, stranger, f.ID); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		// A decision by a pack this program never had reads all the same.
		w.Service.Pack = mustPack(t, policyFile(t, "elsewhere"))
		a, err = w.Explain(ctx, office, f.ID)
		must(t, err)
		if a.Pack == nil || a.InForce { // the program's own regimes still have it
			t.Errorf("%+v", a.Pack)
		}
		_, err = w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: filing})
		must(t, err)
		w.Service.Pack = mustPack(t, policyFile(t, "elsewhere-again"))
		a, err = w.Explain(ctx, office, f.ID)
		if err != nil || a.Pack != nil || a.Turn != nil || len(a.Decision.Explain("zh-Hans").Points) != 2 {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func mustPack(t *testing.T, data []byte) *rule.Pack {
	t.Helper()
	p, err := rule.Load(data)
	must(t, err)
	return p
}

// A trial is read in pages: nobody twice, nobody left out, one move by itself.
func TestTrialPages(t *testing.T) {
	var trial workresume.Trial
	for i := range 7 {
		one := workresume.Turned{Firm: fmt.Sprint("fir_", i), From: workresume.Certified, To: workresume.Returned}
		if i%3 == 0 {
			one.To = workresume.Refused
		}
		trial.Turning = append(trial.Turning, one)
	}
	pages := func(c workresume.TrialCut) (out []string) {
		for n := 0; n < 9; n++ {
			list, next := trial.Page(c)
			said := ""
			for _, one := range list {
				said += one.Firm[4:]
			}
			out = append(out, said)
			if c.After = next; next == "" {
				break
			}
		}
		return out
	}
	for _, c := range []struct {
		cut  workresume.TrialCut
		want []string
	}{
		{workresume.TrialCut{Limit: 3}, []string{"012", "345", "6"}},
		{workresume.TrialCut{Limit: 7}, []string{"0123456"}},
		{workresume.TrialCut{Limit: 2, To: workresume.Refused}, []string{"03", "6"}},
		{workresume.TrialCut{Limit: 4, From: workresume.Certified, To: workresume.Returned}, []string{"1245"}},
		{workresume.TrialCut{Limit: 4, From: workresume.Refused}, []string{""}},
		{workresume.TrialCut{Limit: 4, After: "fir_6"}, []string{""}},
	} {
		if d := cmp.Diff(c.want, pages(c.cut)); d != "" {
			t.Errorf("%+v: %s", c.cut, d)
		}
	}
}
