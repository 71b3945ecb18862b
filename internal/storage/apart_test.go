package storage_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// A part that fails undoes itself, whichever way it fails, and its neighbours stand.
func TestApart(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		var told []string
		db.BeforeCommit(func(_ *storage.Tx, staged []any) error {
			told = append(told, fmt.Sprint(staged))
			return nil
		})
		var errs []error
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			told, errs = nil, nil
			part := func(id string, end func() error) {
				errs = append(errs, tx.Apart(func() error {
					if err := add(tx, id, "x"); err != nil {
						return err
					}
					tx.Stage(id)
					tx.OnCommit(func() { told = append(told, id) })
					return end()
				}))
			}
			if err := add(tx, "a", "before"); err != nil {
				return err
			}
			part("b", func() error { return nil })
			part("c", func() error { return errMine })
			part("d", func() error { _ = add(tx, "a", "again"); return nil }) // hides its failed statement
			part("e", func() error { return tx.Apart(func() error { return nil }) })
			part("f", func() error { _, err := tx.Query(`select id from note`); return errors.Join(err, errMine) })
			part("g", func() error { return nil })
			return add(tx, "z", "after")
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, ok := range []bool{true, false, false, false, false, true} {
			if (errs[i] == nil) != ok {
				t.Errorf("part %d: %v", i, errs[i])
			}
		}
		if !errors.Is(errs[1], errMine) || storage.Violated(errs[2]) == "" || !fault.Is(errs[3], "storage.nested") {
			t.Errorf("the parts' own errors: %v", errs)
		}
		if d := cmp.Diff([]string{"[b g]", "b", "g"}, told); d != "" {
			t.Error(d)
		}
		want(t, db, "a b g z")
	})
}

// A compare-and-swap is all that a fenced Write needs to be exact, and on
// PostgreSQL it is never run again for what others read or write beside it.
func TestFenced(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return add(tx, "n", "0") }); err != nil {
			t.Fatal(err)
		}
		const callers, each = 8, 25
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for done := 0; done < each; {
					var stars int64
					var moved int64
					err := db.Read(t.Context(), func(r storage.Reader) error {
						return r.Row(`select stars from note where id = 'n'`).Scan(&stars)
					})
					if err == nil {
						err = db.WriteFenced(t.Context(), func(tx *storage.Tx) (err error) {
							moved, err = tx.Exec(`update note set stars = $1 where id = 'n' and stars = $2`, stars+1, stars)
							return err
						})
					}
					if err != nil {
						t.Error(err)
						return
					}
					done += int(moved)
				}
			})
		}
		wg.Wait()
		var stars int64
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			return r.Row(`select stars from note where id = 'n'`).Scan(&stars)
		}); err != nil {
			t.Fatal(err)
		}
		if stars != callers*each {
			t.Errorf("%d of %d steps", stars, callers*each)
		}
		if again := db.Stats().Again; again > 0 {
			t.Errorf("%d Writes ran again", again)
		}
	})
}

// Rows left for later are there when the Write ends, each part's with the part, and
// what is wrong with them fails whoever left them.
func TestLater(t *testing.T) {
	both(t, func(t *testing.T, db *storage.DB) {
		leave := func(tx *storage.Tx, id, body string) {
			tx.Later(`insert into note (id, body) values `, ``, id, body)
		}
		var errs []error
		if err := db.Write(t.Context(), func(tx *storage.Tx) error {
			errs = nil
			for i := range 100 {
				leave(tx, fmt.Sprintf("a%02d", i), "x")
			}
			for id, body := range map[string]string{"good": "x", "long": "far too long for a note", "a07": "there already"} {
				if err := tx.Apart(func() error { leave(tx, id, body); return nil }); err != nil {
					errs = append(errs, err)
				}
			}
			errs = append(errs, tx.Apart(func() error { leave(tx, "gone", "x"); return errMine }))
			leave(tx, "last", "x")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(errs) != 3 {
			t.Errorf("%v", errs)
		}
		var n int
		var there string
		if err := db.Read(t.Context(), func(r storage.Reader) error {
			if err := r.Row(`select count(*) from note where id like 'a%'`).Scan(&n); err != nil {
				return err
			}
			return r.Row(`select min(id) || max(id) || cast(count(*) as text) from note where id not like 'a%'`).Scan(&there)
		}); err != nil {
			t.Fatal(err)
		}
		if n != 100 || there != "goodlast2" {
			t.Errorf("%d, %s", n, there)
		}
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { leave(tx, "last", "again"); return nil }); storage.Violated(err) == "" {
			t.Errorf("a Write that left a row that is there already: %v", err)
		}
	})
}
