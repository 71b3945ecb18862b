package eventlog_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
)

// TestKilled kills the program in mid-write, twice, and goes on with the same
// log: every fact that was promised is there, the tree continues and verifies.
func TestKilled(t *testing.T) {
	dir := os.Getenv("EVENTLOG_KILLED_DIR")
	if dir != "" {
		writeForEver(t, dir)
		return
	}
	dir = t.TempDir()
	promised := map[string]bool{}
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "EVENTLOG_KILLED_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			promised[lines.Text()] = true
			if n == 500 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
	}
	db, l := reopen(t, dir)
	defer db.Close()
	record(t, db, l, filed("a", 1))
	rep, err := l.Verify(t.Context(), seal(t, l))
	if err != nil || !rep.OK || rep.Facts <= int64(len(promised)) || len(promised) < 1000 {
		t.Fatalf("%+v, %d promised, %v", rep, len(promised), err)
	}
	for after := int64(0); ; {
		recs := since(t, l, after)
		if len(recs) == 0 {
			break
		}
		for _, r := range recs {
			delete(promised, r.ID)
		}
		after = recs[len(recs)-1].Seq
	}
	if len(promised) > 0 {
		t.Errorf("%d promised facts are lost", len(promised))
	}
}

func reopen(t *testing.T, dir string) (*storage.DB, *eventlog.Log) {
	t.Helper()
	ring, err := keyring.Open(dir, "store")
	if err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), mods...); err != nil {
		t.Fatal(err)
	}
	l, err := eventlog.New(db, ring, clock.Wall, origin)
	if err != nil {
		t.Fatal(err)
	}
	return db, l
}

// writeForEver is the child: it says each fact's id after its Write returned.
func writeForEver(t *testing.T, dir string) {
	db, l := reopen(t, dir)
	background(t, l.Run)
	var out sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				var id string
				if err := db.Write(context.Background(), func(tx *storage.Tx) (err error) {
					id, err = l.Append(tx, about(fmt.Sprint("per_", w, i), i))
					return err
				}); err != nil {
					return // our reader is gone
				}
				out.Lock()
				_, err := fmt.Println(id)
				out.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}
