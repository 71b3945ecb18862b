package ledger_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// TestKilled kills the program in the midst of a rush, twice, and goes on with the same
// store: everything that was promised is there once, nothing is there too often, and
// the ledger adds up.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("LEDGER_KILLED_DIR"); dir != "" {
		rushForEver(t, dir)
		return
	}
	dir := t.TempDir()
	db, w := reopen(t, dir)
	w.must(w.receive(1_000_000))
	db.Close()
	promised := map[string]bool{}
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "LEDGER_KILLED_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if strings.HasPrefix(lines.Text(), "trf_") && len(lines.Text()) == 30 {
				promised[lines.Text()] = true
			}
			if n == 1000 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
	}
	db, w = reopen(t, dir)
	defer db.Close()
	w.sound()
	if len(promised) < 2000 {
		t.Errorf("only %d promised", len(promised))
	}
	var notes, held int64
	if err := db.Read(t.Context(), func(r storage.Reader) error {
		b, err := ledger.BalanceOf(r, w.shelf)
		held = b.Held
		if err != nil {
			return err
		}
		return r.Row(`select count(*) from note`).Scan(&notes)
	}); err != nil {
		t.Fatal(err)
	}
	if notes != held || held < int64(len(promised)) {
		t.Errorf("%d promised, %d held, %d notes", len(promised), held, notes)
	}
	for text := range promised {
		id, err := ledger.ParseTransferID(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.admit(ledger.Transfer{ID: w.ticket(), Kind: ledger.Void, Hold: id}); err != nil {
			t.Fatalf("%s was promised: %v", text, err)
		}
		if held--; held < notes-100 {
			break // a hundred of them will do
		}
	}
	w.sound()
}

// reopen opens the store of a folder, and its only book, made if there is none.
func reopen(t *testing.T, dir string) (*storage.DB, *world) {
	t.Helper()
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), mods...); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "book")); err != nil {
		w := newWorld(t, db, 0)
		text := fmt.Sprintln(w.book, w.out, w.shelf, w.people)
		if err := os.WriteFile(filepath.Join(dir, "book"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return db, w
	}
	text, err := os.ReadFile(filepath.Join(dir, "book"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, hand: clock.NewHand(clock.Wall())}
	w.again()
	if _, err := fmt.Sscan(string(text), &w.book, &w.out, &w.shelf, &w.people); err != nil {
		t.Fatal(err)
	}
	return db, w
}

// rushForEver is the child: it says each id after Admit returned.
func rushForEver(t *testing.T, dir string) {
	_, w := reopen(t, dir)
	var out sync.Mutex
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for {
				h := w.hold(1)
				_, err := w.books.Admit(context.Background(), w.book, []ledger.Transfer{h}, func(tx *storage.Tx) error {
					_, err := tx.Exec(`insert into note (id, body) values ($1, 'x')`, h.ID.String())
					return err
				})
				if err != nil {
					if !fault.Is(err, "ledger.busy") {
						return
					}
					continue
				}
				out.Lock()
				_, err = fmt.Println(h.ID)
				out.Unlock()
				if err != nil {
					return // our reader is gone
				}
			}
		})
	}
	wg.Wait()
}
