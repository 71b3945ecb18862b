package casework_test

import (
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

// What was assigned by a slip is taken back by who did it, soon, and only while
// nothing has come of it.
func TestUndo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.open("fir_1")
		undo := func(by auth.Principal) (casework.Case, error) {
			return w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Undo(tx, by, c.ID) })
		}
		refused := func(by auth.Principal, when string) {
			t.Helper()
			if _, err := undo(by); !fault.Is(err, "casework.undo_none") {
				t.Errorf("%s: %v", when, err)
			}
		}
		has := func(want string) {
			t.Helper()
			if got := w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Get(tx, wang, c.ID) }); got.Assignee != want {
				t.Errorf("%q has it, want %q", got.Assignee, want)
			}
		}
		take := func() {
			t.Helper()
			w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Take(tx, wang, c.ID) })
		}
		refused(wang, "nothing was assigned")
		take()
		refused(li, "somebody else's slip")
		if _, err := undo(wang); err != nil {
			t.Fatal(err)
		}
		has("")
		refused(wang, "twice")

		take()
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Give(tx, wang, c.ID, li) })
		has(li.ID)
		if _, err := undo(wang); err != nil {
			t.Fatal(err)
		}
		has(wang.ID) // not nobody: it was theirs before

		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Give(tx, wang, c.ID, li) })
		w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Checked(tx, li, c.ID, casework.Check{How: casework.OnSite, Passed: true, Note: "现场合格"})
		})
		refused(wang, "under a colleague's work")
		has(li.ID)

		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Release(tx, wang, c.ID) })
		w.hand.Add(10 * time.Minute)
		refused(wang, "ten minutes later")
		w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Decide(tx, wang, c.ID, "certified", "材料齐全")
		})
		if _, err := undo(wang); !fault.Is(err, "casework.closed") {
			t.Error(err)
		}
		n := map[string]int{}
		for _, f := range w.facts.all() {
			n[f]++
		}
		if n["assignment_undone "+wang.ID] != 2 {
			t.Errorf("facts %v", n)
		}
	})
}
