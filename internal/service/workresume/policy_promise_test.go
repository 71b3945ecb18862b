package workresume_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// promiseFile is the program's promise with another version and other figures.
func promiseFile(t testing.TB, version string, pairs ...string) []byte {
	t.Helper()
	data, err := os.ReadFile("pack/dynamic.toml")
	must(t, err)
	text := string(data)
	for i, p := range append([]string{`version = "2020-02-19"`, `version = "` + version + `"`}, pairs...) {
		if i%2 == 0 && !strings.Contains(text, p) {
			t.Fatalf("no %q in the promise", p)
		}
	}
	return []byte(strings.NewReplacer(append([]string{`version = "2020-02-19"`, `version = "` + version + `"`}, pairs...)...).Replace(text))
}

// A district's own promise is tried, asked for by one, confirmed by another, and then
// every firm is held against it; which version speaks is said with what it says.
func TestPromiseComesIntoForce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 2) // five masks a head
		must(t, w.Heed(ctx))
		strict := promiseFile(t, "strict", "masks_per_person_per_day = 1", "masks_per_person_per_day = 6", "warn_minutes = 10 ", "warn_minutes = 0 ")
		p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: strict})
		must(t, err)

		trial, err := w.WhatIf(ctx, w.officer, p.ID)
		must(t, err)
		if d := cmp.Diff([]workresume.Move{{From: "kept", To: "suspended", Firms: 1}}, trial.Moves); d != "" || len(trial.Turning) != 1 || trial.Turning[0].Rule != "supplies-out" {
			t.Fatalf("%+v %s", trial.Turning, d)
		}
		act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "口罩标准提高"})
		must(t, err)
		if err := w.ConfirmPolicy(ctx, w.officer, act.ID, once.Key{}); !fault.Is(err, "dual.same_person") {
			t.Error(err)
		}
		must(t, w.Enact(ctx))
		must(t, w.Heed(ctx))
		if got := w.watchOf(office); got != workresume.PromiseKept {
			t.Fatalf("%q by one person alone", got)
		}
		if err := w.ConfirmMany(ctx, w.second, act.ID, once.Key{}); !fault.Is(err, "dual.unknown") {
			t.Errorf("by another act's door: %v", err)
		}
		must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
		must(t, w.Enact(ctx))
		must(t, w.Heed(ctx))
		c, err := w.Compare(ctx, office, f.ID)
		must(t, err)
		if c.Firm.Watch != workresume.Warned || c.Version != "strict" || len(c.Flags) != 1 {
			t.Fatalf("%q by %s, %+v", c.Firm.Watch, c.Version, c.Flags)
		}
		if c.Flags[0].Version != "strict" {
			t.Errorf("the flag speaks by %q", c.Flags[0].Version)
		}
		account, err := w.Explain(ctx, office, f.ID)
		must(t, err)
		if d := cmp.Diff(c.Flags, account.Flags); d != "" {
			t.Errorf("the explanation has other flags: %s", d)
		}
		list, err := w.Activations(ctx, w.officer)
		must(t, err)
		if len(list) != 1 || list[0].State != workresume.ActivationDone || list[0].Done != 1 || list[0].Turned != 1 {
			t.Fatalf("%+v", list)
		}
		if w.Rules().Version == "strict" {
			t.Error("filings are decided by a promise")
		}
		inForce := map[string]string{}
		all, err := w.Policies(ctx, w.officer)
		must(t, err)
		for _, one := range all {
			if one.InForce {
				inForce[one.Pack.ID] = one.Pack.Version
			}
		}
		if d := cmp.Diff(map[string]string{"work-resumption.dynamic": "strict", "work-resumption.file-and-promise": w.Rules().Version}, inForce); d != "" {
			t.Error(d)
		}
		w.WatchAfresh() // as after a restart
		must(t, w.Heed(ctx))
		if got := w.watchOf(office); got != workresume.Warned {
			t.Errorf("%q read again", got)
		}
	})
}

// A promise that this service cannot keep its word on is refused with its line.
func TestPromiseRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, c := range [][]string{
			{"suspend_minutes = 240 ", "suspend_minutes = -1 "},
			{"reports_hour = 10 ", "reports_hour = 25 "},
			{`name = "stock_days"`, `name = "stock_weeks"`, "stock_days ?", "stock_weeks ?", "- stock_days", "- stock_weeks", "{stock_days}", "{stock_weeks}"},
		} {
			if _, err := w.AddPolicy(t.Context(), w.officer, workresume.AddPolicyInput{Source: promiseFile(t, "odd", c...)}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", c[1], err)
			}
		}
	})
}

// A flag keeps the version it was found by, and takes the next one's words with its
// number when that one speaks; one of before versions were kept has none until then.
func TestFlagsKeepTheirVersion(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		versions := func() (out []string) {
			must(t, w.Heed(ctx))
			list, _, err := w.Flags(ctx, w.officer, workresume.FlagFilter{})
			must(t, err)
			for _, g := range list {
				out = append(out, g.Rule+" "+g.Version)
			}
			return out
		}
		begin := func(version string, pairs ...string) {
			p, err := w.AddPolicy(ctx, w.officer, workresume.AddPolicyInput{Source: promiseFile(t, version, append(pairs, "warn_minutes = 10 ", "warn_minutes = 0 ")...)})
			must(t, err)
			act, err := w.Activate(ctx, w.officer, workresume.ActivateInput{Dated: true, Policy: p.ID, Reason: "口罩标准提高"})
			must(t, err)
			must(t, w.ConfirmPolicy(ctx, w.second, act.ID, once.Key{}))
			must(t, w.Enact(ctx))
		}
		begin("six", "masks_per_person_per_day = 1", "masks_per_person_per_day = 6")
		if d := cmp.Diff([]string{"supplies-out six"}, versions()); d != "" {
			t.Fatal(d)
		}
		begin("seven", "masks_per_person_per_day = 1", "masks_per_person_per_day = 7")
		if d := cmp.Diff([]string{"supplies-out seven"}, versions()); d != "" {
			t.Error(d)
		}
		begin("one") // the facts are right by it: the flag is on its way out, in the words it was raised by
		if d := cmp.Diff([]string{"supplies-out seven"}, versions()); d != "" {
			t.Error(d)
		}
		must(t, w.Store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.Exec(`update workresume_flag set version = ''`)
			return err
		}))
		w.WatchAfresh()
		if d := cmp.Diff([]string{"supplies-out "}, versions()); d != "" {
			t.Error(d)
		}
		begin("eight", "masks_per_person_per_day = 1", "masks_per_person_per_day = 8")
		if d := cmp.Diff([]string{"supplies-out eight"}, versions()); d != "" || w.watchOf(office) == workresume.PromiseKept {
			t.Error(d, w.watchOf(office))
		}
	})
}
