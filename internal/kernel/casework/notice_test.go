package casework_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

// The officer is told when a case becomes late, the chief a working day later, each
// once; and who may not work it hears nothing.
func TestLateCasesSpeak(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		chief := auth.Principal{ID: "acc_chief", Role: auth.Commander, Scope: auth.District(district)}
		local := officer("acc_local", "孙", auth.Park(park))
		mine, free := w.open("fir_1"), w.open("fir_2")
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Take(tx, local, mine.ID) })
		heard := func(by auth.Principal) (out []string) {
			t.Helper()
			if err := w.db.Read(t.Context(), func(r storage.Reader) error {
				list, err := w.Notices(r, by)
				for _, n := range list {
					out = append(out, n.Step+" "+n.Case.Subject)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		told := func(when string, want map[string][]string) {
			t.Helper()
			for _, by := range []auth.Principal{local, wang, other, chief, firm} {
				if d := cmp.Diff(want[by.ID], heard(by)); d != "" {
					t.Errorf("%s, %s: %s", when, by.ID, d)
				}
			}
		}
		told("before", nil)
		w.hand.Set(mine.Clock.Due) // midnight before Friday the 14th
		for range 3 {
			w.escalated()
		}
		told("late", map[string][]string{
			local.ID: {"officer fir_1", "officer fir_2"}, wang.ID: {"officer fir_2"},
		})
		cal := published(t)
		w.hand.Set(cal.Start(mine.Clock.Due.Add(-1), 1).Due.Add(-1))
		if n := w.escalated(); n != 0 {
			t.Fatalf("the chief was told a moment too early of %d", n)
		}
		w.hand.Set(cal.Start(mine.Clock.Due.Add(-1), 1).Due)
		if n := w.escalated(); n != 2 {
			t.Fatalf("%d further", n)
		}
		if n := w.escalated(); n != 0 {
			t.Fatalf("said again: %d", n)
		}
		// Who answers for the district and works cases hears both of a case nobody has.
		told("a working day later", map[string][]string{
			local.ID: {"officer fir_1", "officer fir_2"}, wang.ID: {"chief fir_1", "chief fir_2", "officer fir_2"}, chief.ID: {"chief fir_1", "chief fir_2"},
		})
		// The officers' notice goes with the case, not with whoever had it once.
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Release(tx, local, mine.ID) })
		told("put back", map[string][]string{
			local.ID: {"officer fir_1", "officer fir_2"}, wang.ID: {"chief fir_1", "chief fir_2", "officer fir_1", "officer fir_2"}, chief.ID: {"chief fir_1", "chief fir_2"},
		})
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Undo(tx, local, mine.ID) })
		seen := func(by auth.Principal, id, step string) error {
			return w.db.Write(t.Context(), func(tx *storage.Tx) error { return w.Seen(tx, by, id, step) })
		}
		want(t, seen(wang, mine.ID, casework.ToOfficer), fault.NotFound, "casework.unknown") // it is another's
		want(t, seen(local, mine.ID, casework.ToChief), fault.NotFound, "casework.unknown")
		want(t, seen(firm, free.ID, casework.ToOfficer), fault.NotFound, "casework.unknown")
		want(t, seen(wang, "cas_none", casework.ToOfficer), fault.NotFound, "casework.unknown")
		for range 2 {
			if err := seen(local, mine.ID, casework.ToOfficer); err != nil {
				t.Fatal(err)
			}
		}
		if err := seen(chief, free.ID, casework.ToChief); err != nil {
			t.Fatal(err)
		}
		told("seen", map[string][]string{
			local.ID: {"officer fir_2"}, wang.ID: {"chief fir_1", "officer fir_2"}, chief.ID: {"chief fir_1"},
		})
		// Who is told at both steps looks after the case once.
		if err := seen(wang, free.ID, casework.ToChief); err != nil {
			t.Fatal(err)
		}
		told("seen at both steps", map[string][]string{wang.ID: {"chief fir_1"}, chief.ID: {"chief fir_1"}})
		w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Decide(tx, wang, mine.ID, "certified", "材料齐全")
		})
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Ask(tx, wang, free.ID, []string{"现场照片"}) })
		told("nothing is late any more", nil)
		n := map[string]int{}
		for _, f := range w.facts.all() {
			n[f]++
		}
		if n["escalated system"] != 2 || n["escalated_chief system"] != 2 || n["notice_seen "+local.ID] != 1 {
			t.Errorf("facts %v", n)
		}
	})
}
