package statuslist

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"breakwater/internal/kernel/credential"
	"breakwater/internal/storage"
)

// putBack is the store as an archive has it, which is how it was before.
func (w *world) putBack(lists [][]any) {
	w.t.Helper()
	ok(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.Exec(`delete from statuslist_list`); err != nil {
			return err
		}
		for _, l := range lists {
			if _, err := tx.Exec(`insert into statuslist_list (list, lent, until, opened) values ($1, $2, $3, $4)`, l...); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w *world) lists() (out [][]any) {
	w.t.Helper()
	ok(w.t, w.db.Read(w.t.Context(), func(r storage.Reader) (err error) {
		out, err = storage.All(r, func(rows *storage.Rows) ([]any, error) {
			var list, lent, until, opened int64
			err := rows.Scan(&list, &lent, &until, &opened)
			return []any{list, lent, until, opened}, err
		}, `select list, lent, until, opened from statuslist_list order by list`)
		return err
	}))
	return out
}

// lendBlocks gives out places until so many blocks are begun.
func (w *world) lendBlocks(n int, seen map[Ref]bool) {
	w.t.Helper()
	for range n*Block - Block/2 {
		r := w.allot()
		if seen[r] {
			w.t.Fatalf("%v was given before", r)
		}
		seen[r] = true
	}
}

// A backup, codes after it, the backup restored, codes after that: no two share a
// bit, however often.
func TestRestoredStoresLendApart(t *testing.T) {
	both(t, func(w *world) {
		seen := map[Ref]bool{}
		w.lendBlocks(1, seen)
		var archive bytes.Buffer
		ok(w.t, w.db.Dump(w.t.Context(), &archive, nil))
		w.lendBlocks(2, seen)
		for range 2 {
			w.hand.Add(time.Minute)
			ok(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(`delete from statuslist_list`)
				return err
			}))
			ok(w.t, w.db.Load(w.t.Context(), bytes.NewReader(archive.Bytes()), int64(archive.Len()), nil, func(tx *storage.Tx) error {
				return Apart(tx, w.hand.Now())
			}))
			w.reopen()
			w.lendBlocks(2, seen)
			if l := w.lists(); len(l) != 2 || l[0][0] != int64(1) || l[1][0] != w.hand.Now().Unix() {
				w.t.Errorf("lists %v", l)
			}
		}
		w.set(Invalid, Ref{1, 5}) // what the first list says is still said
		if got := w.states(w.current(1), Ref{1, 5}); got[0] != Invalid {
			w.t.Error(got)
		}
	})
}

// An old copy of the database put back by hand is found out by the file beside it,
// by the process that lent, and by a code that was issued in between.
func TestAnOlderStoreIsFoundOut(t *testing.T) {
	for name, x := range map[string]struct {
		beside, restart, meet bool
	}{
		"by the file":          {beside: true, restart: true},
		"by the same process":  {},
		"by a code at a gate":  {restart: true, meet: true},
		"by both, and at once": {beside: true, restart: true, meet: true},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(w *world) {
				path, ctx := filepath.Join(w.t.TempDir(), "lent.json"), w.t.Context()
				if x.beside {
					w.Beside(path, "a")
				}
				seen := map[Ref]bool{}
				w.lendBlocks(1, seen)
				was := w.lists()
				w.lendBlocks(2, seen)
				late := w.allot()
				for range Block { // into the last block, whatever chance gave
					if late.Place > 2*Block {
						break
					}
					late = w.allot()
				}
				seen[late] = true
				w.putBack(was)
				w.hand.Add(time.Hour)
				if x.restart {
					w.reopen()
				}
				if x.beside && x.restart {
					w.Beside(path, "a")
				}
				if x.meet {
					ok(w.t, w.Publish(ctx))
					c, err := w.Checker(ctx)
					ok(w.t, err)
					c.Status(credential.Claims{Status: &credential.StatusRef{URI: w.URI(late.List), Index: uint64(late.Place)}})
				}
				ok(w.t, w.Publish(ctx))
				if l := w.lists(); len(l) != 2 || l[1][0] != w.hand.Now().Unix() || l[1][1] != int64(0) {
					w.t.Fatalf("lists %v", l)
				}
				w.lendBlocks(2, seen)
				ok(w.t, w.Publish(ctx)) // and it is found out once
				if l := w.lists(); len(l) != 2 {
					w.t.Errorf("lists %v", l)
				}
			})
		})
	}
}

// Nothing is opened apart without a cause: another process lends beside this one,
// the program starts again, and the file is another store's or damaged.
func TestAStoreThatIsNotOlder(t *testing.T) {
	both(t, func(w *world) {
		ctx, dir := w.t.Context(), w.t.TempDir()
		path := filepath.Join(dir, "lent.json")
		w.Beside(path, "a")
		seen := map[Ref]bool{}
		w.lendBlocks(2, seen)
		first := w.Store
		for _, store := range []string{"a", "b", "a"} {
			w.reopen()
			w.Beside(filepath.Join(dir, "lent.json"), store)
			r := w.allot()
			if seen[r] || r.List != 1 {
				w.t.Errorf("%v", r)
			}
			c, err := first.Checker(ctx) // the first process meets what the second lent
			ok(w.t, err)
			c.Status(credential.Claims{Status: &credential.StatusRef{URI: w.URI(r.List), Index: uint64(r.Place)}})
			ok(w.t, first.Publish(ctx))
			ok(w.t, w.Publish(ctx))
		}
		if l := w.lists(); len(l) != 1 {
			w.t.Errorf("lists %v", l)
		}
		w.Beside(filepath.Join(dir, "nowhere", "lent.json"), "a")
		if _, err := w.Allot(context.Background(), w.hand.Now()); err != nil {
			w.t.Error("no place without the file:", err)
		}
		if err := w.Publish(ctx); err == nil {
			w.t.Error("a file that cannot be written is not said")
		}
	})
}
