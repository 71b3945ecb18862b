package storage_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

func self(t *testing.T, name, dir string, before ...string) *exec.Cmd {
	t.Helper()
	me, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(before, me)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "STORAGE_CHILD="+name, "STORAGE_DIR="+dir, "STORAGE_SYNC=full")
	cmd.Stderr = os.Stderr
	return cmd
}

// An answer is given only after the write-ahead log was written and synced; and
// the same test finds it out when the syncing is switched off.
func TestDurableBeforeSpoken(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("REQUIRE_STRACE") != "" {
			t.Fatal("strace is required and cannot be had")
		}
		t.Skip("NO STRACE: that answers follow the sync is not tested")
	}
	trace := func(t *testing.T, sync string) string {
		dir := t.TempDir()
		file := filepath.Join(dir, "trace")
		cmd := self(t, "answer", dir, strace, "-f", "-y", "-s", "32", "-e", "trace=fsync,fdatasync,write,pwrite64,pwritev", "-o", file)
		cmd.Env = append(cmd.Env, "STORAGE_SYNC="+sync)
		if err := cmd.Run(); err != nil {
			t.Skipf("STRACE CANNOT TRACE HERE: %v", err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	t.Run("full", func(t *testing.T) {
		if err := promised(trace(t, "full")); err != nil {
			t.Error(err)
		}
	})
	t.Run("negative control", func(t *testing.T) {
		if err := promised(trace(t, "off")); err == nil {
			t.Error("nothing was synced, and the check did not notice")
		}
	})
}

var (
	requestLine = regexp.MustCompile(`write\(.*"request (\d+)`)
	answerLine  = regexp.MustCompile(`write\(.*"answer (\d+)`)
	logWritten  = regexp.MustCompile(`pwritev?(64)?\(\d+<[^>]*-wal>`)
	syncBegun   = regexp.MustCompile(`^(\d+) +f(data)?sync\(\d+<[^>]*-wal>(\)\s+= 0| <unfinished)`)
	syncEnded   = regexp.MustCompile(`^(\d+) +<\.\.\. f(data)?sync resumed.*= 0`)
)

// promised checks that in a trace every answer comes after a finished sync of a
// log that was written after the request.
func promised(trace string) error {
	var asked, answered int
	var written, synced bool
	begun := map[string]bool{} // threads inside a sync that began after the write
	for line := range strings.Lines(trace) {
		switch {
		case requestLine.MatchString(line):
			asked++
			written, synced = false, false
			clear(begun)
		case logWritten.MatchString(line):
			written, synced = true, false
		case syncBegun.MatchString(line):
			m := syncBegun.FindStringSubmatch(line)
			if strings.Contains(m[3], "unfinished") {
				begun[m[1]] = written
			} else {
				synced = written
			}
		case syncEnded.MatchString(line):
			m := syncEnded.FindStringSubmatch(line)
			synced = synced || begun[m[1]]
		case answerLine.MatchString(line):
			answered++
			if !synced {
				return fmt.Errorf("answer %s before the sync", answerLine.FindStringSubmatch(line)[1])
			}
		}
	}
	if asked != answers || answered != answers {
		return fmt.Errorf("the trace shows %d requests and %d answers of %d", asked, answered, answers)
	}
	return nil
}

// A killed process loses nothing it had promised, and nothing is there by half.
func TestKilledInMidWrite(t *testing.T) {
	dir := t.TempDir()
	promised := map[string]bool{}
	for round := range 3 {
		cmd := self(t, "flood", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, n := bufio.NewScanner(out), 0
		for lines.Scan() {
			if len(lines.Text()) == 28 { // a line cut short by the kill promised nothing
				promised[lines.Text()] = true
			}
			if n++; n == 1000+round*777 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		db, err := storage.Open(t.Context(), "sqlite:"+dir+"/x.db")
		if err != nil {
			t.Fatal(err)
		}
		have := map[string]map[string]bool{}
		if err := db.Read(context.Background(), func(r storage.Reader) error {
			for _, table := range []string{"twin_a", "twin_b"} {
				have[table] = map[string]bool{}
				if _, err := storage.All(r, func(rows *sql.Rows) (s string, err error) {
					err = rows.Scan(&s)
					have[table][s] = true
					return s, err
				}, `select id from `+table); err != nil {
					return err
				}
			}
			var ok string
			if err := r.Row(`pragma integrity_check`).Scan(&ok); err != nil || ok != "ok" {
				return errors.Join(err, errors.New(ok))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		db.Close()
		lost := 0
		for id := range promised {
			if !have["twin_a"][id] || !have["twin_b"][id] {
				lost++
			}
		}
		if lost > 0 || len(promised) < 1000 {
			t.Errorf("round %d: %d of %d promised are not there", round, lost, len(promised))
		}
		if len(have["twin_a"]) != len(have["twin_b"]) {
			t.Errorf("round %d: %d of one and %d of the other", round, len(have["twin_a"]), len(have["twin_b"]))
		}
	}
}

// The disk runs out in the middle: callers are told, nothing promised is lost,
// and with room again the same store goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	out, err := self(t, "full", dir).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var promised []string
	faults := ""
	for line := range strings.Lines(string(out)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "promised "); ok {
			promised = append(promised, id)
		} else if f, ok := strings.CutPrefix(strings.TrimSpace(line), "fault "); ok {
			faults += f
		}
	}
	if faults != "storage.unknown unavailable" && faults != "storage.full unavailable" && faults != "storage.unavailable unavailable" {
		t.Errorf("fault %q", faults)
	}
	db, err := storage.Open(t.Context(), "sqlite:"+dir+"/x.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	have := " " + ids(t, db) + " "
	for _, id := range promised {
		if !strings.Contains(have, " "+id+" ") {
			t.Errorf("%s was promised and is not there", id)
		}
	}
	if len(promised) < 101 {
		t.Errorf("only %d promised", len(promised))
	}
}

// A disk that is full at the commit itself: the engine says that nothing was
// kept, the store says that it has no room until a write succeeds, and goes on.
func TestFullAtCommit(t *testing.T) {
	cmd := self(t, "small", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.Output()
	if errors.Is(err, syscall.EPERM) || strings.HasPrefix(string(out), "no disk") {
		t.Skipf("NO SMALL DISK: a commit without room is not tested: %v %s", err, out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := "room before: \ncommit: storage.full\nroom: storage.full\nroom again: \nopened without room: storage.full\nkept: all\n"
	if string(out) != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
}

func TestOneProcessOwnsAFolder(t *testing.T) {
	dir := t.TempDir()
	cmd := self(t, "lock", dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("the other process said %q", line)
	}
	if _, err := storage.Lock(dir); !fault.Is(err, "storage.locked") || fault.KindOf(err) != fault.Conflict {
		t.Errorf("beside another process: %v", err)
	}
	// Killed, not stopped: the lock goes with the process.
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	in.Close()
	release, err := storage.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Lock(dir); !fault.Is(err, "storage.locked") {
		t.Errorf("twice in one process: %v", err)
	}
	release()
	release, err = storage.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	release()
}
