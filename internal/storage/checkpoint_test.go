package storage

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// TestCheckpointBesideTheWriter: what was committed is folded into the file by the
// connection beside the writer, also while a reader holds on to an older state,
// and a closed store leaves no log behind.
func TestCheckpointBesideTheWriter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fold.db")
	db, err := Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), Module{Name: "fold", Files: fstest.MapFS{"schema/0001_fold.sql": {Data: []byte(
		`create table fold_page (n BIGKEY, body BLOB not null);`)}}}); err != nil {
		t.Fatal(err)
	}
	fill := func(pages int) {
		t.Helper()
		if err := db.Write(t.Context(), func(tx *Tx) error {
			for range pages {
				if _, err := tx.Exec(`insert into fold_page (body) values ($1)`, make([]byte, 8000)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	c := db.back.(*lite).folding.Load()
	left := func(mode string) int64 {
		t.Helper()
		n, err := c.fold(mode)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	const rows = foldPages / 8 // of three pages at most: too little for the loop, which would fold them before we look
	fill(rows)
	if n := left("noop"); n < rows || n >= foldPages {
		t.Fatalf("%d pages wait to be folded, written were %d rows of more than a page", n, rows)
	}
	if n := left("passive"); n != 0 {
		t.Errorf("%d pages were left although nobody reads", n)
	}
	if err := db.Read(t.Context(), func(r Reader) error {
		var n int64
		if err := r.Row(`select count(*) from fold_page`).Scan(&n); err != nil { // holds this state from here
			return err
		}
		fill(10)
		if left("passive") == 0 {
			t.Error("pages were folded that a reader must not see yet")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); !os.IsNotExist(err) {
		t.Errorf("a closed store left its write-ahead log: %v", err)
	}
}
