package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// Every test here runs the program as a process of its own, on real files: the
// test binary starts itself again and, told so by its environment, is the program.
const isProgram = "BREAKWATER_TEST_IS_PROGRAM"

// longest is how long anything may take before a test gives up on it: a watchdog
// for what hangs, far above what a crowded machine needs.
const longest = 4 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(isProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// site is where one test's commands run: a working folder, and the flags that
// name its store.
type site struct {
	t     *testing.T
	dir   string
	store []string
	env   []string
	db    *storage.DB // the store seen past the program, once a test looked
}

// newSite is an empty store of the embedded database.
func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	return &site{t: t, dir: dir, store: []string{"--data", "data"}}
}

var databases atomic.Int64

// newPostgres is an empty store of PostgreSQL, a database of its own.
func newPostgres(t *testing.T) *site {
	t.Helper()
	base, err := storagetest.Server()
	if err != nil {
		if os.Getenv("REQUIRE_POSTGRES") != "" {
			t.Fatalf("PostgreSQL is required and cannot be had: %v", err)
		}
		t.Skipf("NO POSTGRESQL, this half is not tested: %v", err)
	}
	name := fmt.Sprintf("program_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), databases.Add(1))
	sql := func(text string) error {
		ctx, stop := context.WithTimeout(context.Background(), longest)
		defer stop()
		c, err := pgx.Connect(ctx, base)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		_, err = c.Exec(ctx, text)
		return err
	}
	if err := sql("create database " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sql("drop database " + name + " with (force)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	s := newSite(t)
	s.store = append(s.store, "--database", u.String())
	return s
}

// engines runs a test on an empty store of each engine.
func engines(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) *site{"sqlite": newSite, "postgres": newPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, open(t))
		})
	}
}

// path is a file of the site, seen from the test.
func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// command prepares the program with exactly these words. Nothing of the
// surrounding environment reaches it that could change its answers.
func (s *site) command(words ...string) *exec.Cmd {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), longest)
	s.t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, os.Args[0], words...)
	cmd.Dir = s.dir
	cmd.Env = append([]string{isProgram + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LANG=C"}, s.env...)
	return cmd
}

// said is what a finished command left.
type said struct {
	t        *testing.T
	line     string
	code     int
	out, err string
}

// run runs a command on the site's store and waits for its end.
func (s *site) run(words ...string) said {
	s.t.Helper()
	return s.feed("", append(words, s.store...)...)
}

// feed runs exactly these words with something on standard input.
func (s *site) feed(stdin string, words ...string) said {
	s.t.Helper()
	cmd := s.command(words...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return said{s.t, strings.Join(words, " "), cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// exit fails the test unless the command ended with this code.
func (r said) exit(code int) said {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("%s\nexit %d, want %d\nout: %s\nerr: %s", r.line, r.code, code, r.out, r.err)
	}
	return r
}

// has fails the test unless the command's words, on either stream, hold text.
func (r said) has(text string) said {
	r.t.Helper()
	if !strings.Contains(r.out+r.err, text) {
		r.t.Errorf("%s\ndoes not say %q\nout: %s\nerr: %s", r.line, text, r.out, r.err)
	}
	return r
}

// json reads the one JSON value on standard output, strictly: a field the shape
// does not have is a failure.
func (r said) json(into any) said {
	r.t.Helper()
	d := json.NewDecoder(strings.NewReader(r.out))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		r.t.Fatalf("%s\n%v in %s\nerr: %s", r.line, err, r.out, r.err)
	}
	return r
}

// running is the program as a server.
type running struct {
	*site
	cmd *exec.Cmd
	url string
	err *bytes.Buffer
}

// start starts a server and returns when it says where it listens.
func (s *site) start(words ...string) *running {
	s.t.Helper()
	cmd := s.command(append(append(words, "--addr", "127.0.0.1:0"), s.store...)...)
	r := &running{site: s, cmd: cmd, err: &bytes.Buffer{}}
	cmd.Stderr = r.err
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			r.url = at
			return r
		}
	}
	_ = cmd.Wait()
	s.t.Fatalf("no server: %s", r.err)
	return nil
}

// kill ends the server without a word, as a power cut would end the process.
func (r *running) kill() {
	r.t.Helper()
	if err := r.cmd.Process.Kill(); err != nil {
		r.t.Fatal(err)
	}
	_ = r.cmd.Wait()
}

// stop asks the server to end and fails the test unless it does so, well and soon.
func (r *running) stop() {
	r.t.Helper()
	began := time.Now()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	err := r.cmd.Wait()
	if err != nil {
		r.t.Fatalf("the server ended with %v: %s", err, r.err)
	}
	if took := time.Since(began); took > 8*time.Second {
		r.t.Errorf("the server took %v to end", took)
	}
}
