package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// report is the answer of log verify --json.
type report struct {
	OK       bool   `json:"ok"`
	Facts    int64  `json:"facts"`
	Unsealed int64  `json:"unsealed"`
	FirstBad *int64 `json:"first_bad"`
	Reason   string `json:"reason"`
}

// verified wants a log that holds, and says how many facts it has.
func (s *site) verified(words ...string) int64 {
	s.t.Helper()
	var r report
	s.run(append([]string{"log", "verify", "--json"}, words...)...).exit(0).json(&r)
	if !r.OK || r.FirstBad != nil || r.Reason != "" {
		s.t.Errorf("the log does not verify: %+v", r)
	}
	return r.Facts + r.Unsealed
}

// While a server runs, the commands act through it.
func TestCommandsThroughAServer(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		named(s)
		s.write("roster.csv", roll(people(0, 5)...))
		srv := s.start("serve")

		if c := s.roster("roster.csv", "--firm", firmCode(1)); c.Accepted != 5 {
			t.Errorf("import: %+v", c)
		}
		if info, err := os.Stat(s.path("data/breakwater.sock")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the socket: %v %v", info, err)
		}
		s.run("serve", "--addr", "127.0.0.1:0").exit(1).has("data")
		s.run("init", "--district", "山区").exit(1).has("海湾区")
		s.run("bogus").exit(2)
		s.refusedFile("absent.csv", "--firm", firmCode(1))
		s.run("restore", "absent.bw").exit(1)

		// The command is its typist's: their environment and their standard input.
		s.env = []string{"BREAKWATER_PASSWORD=a-long-pass-phrase-2020"}
		if told := s.run("officer", "add", "zhao").exit(0); strings.TrimSpace(told.out) != "zhao" {
			t.Errorf("the password was not taken from the environment: %q", told.out)
		}
		s.env = nil
		s.feed("", "log", "verify", "--data", "data", "--database", "postgres://elsewhere/x").exit(1).has("--database")

		officer := srv.as("officer")
		text := officer.certify(firmCode(1), 5)
		s.feed(text, append([]string{"credential", "verify", "-"}, s.store...)...).exit(0)

		workers := strings.Fields(s.run("token", "create", "--role", "worker", "--count", "3").exit(0).out)
		codes := map[string]bool{}
		for _, token := range workers {
			var mine struct{ State, Credential string }
			caller{t: t, url: srv.url, token: token}.do("GET", "/api/v1/me/code", nil, &mine)
			if mine.State != "valid" {
				t.Errorf("a worker's code: %+v", mine)
			}
			codes[mine.Credential] = true
		}
		if len(workers) != 3 || len(codes) != 3 {
			t.Errorf("%d tokens of %d people", len(workers), len(codes))
		}
		s.run("token", "create", "--role", "worker", "--count", "6").exit(1)
		nobody := caller{t: t, url: srv.url, token: "not-a-token"}
		if status, _, err := nobody.try("GET", "/api/v1/me/code", nil); err != nil || status != http.StatusUnauthorized {
			t.Errorf("a false token: %d %v", status, err)
		}
		nobody.token = ""
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/openapi.json", "/"} {
			if status, _, err := nobody.try("GET", path, nil); err != nil || status != http.StatusOK {
				t.Errorf("%s: %d %v", path, status, err)
			}
		}

		until(t, "the seal", func() bool {
			var r report
			s.run("log", "verify", "--json").exit(0).json(&r)
			return r.OK && r.Unsealed == 0
		})
		note := s.run("log", "checkpoint").exit(0).out
		s.write("kept.txt", []byte(note))
		s.verified("--checkpoint", "kept.txt")
		s.run("backup", "whole.bw").exit(0)
		if _, err := os.Stat(s.path("whole.bw")); err != nil {
			t.Error(err)
		}
		srv.stop()
		s.verified("--checkpoint", "kept.txt")
		if n := s.members(); n != 5 {
			t.Errorf("%d members", n)
		}
	})
}

// What a killed server leaves behind hinders nobody, and loses nothing.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	s.write("long.csv", roll(people(0, long)...))
	srv := s.start("serve")
	client, _, errs := s.background("import", "roster", "long.csv", "--firm", firmCode(1))
	s.begun()
	srv.kill()
	if _ = client.Wait(); client.ProcessState.ExitCode() != 1 || !strings.Contains(errs.String(), "again") {
		t.Errorf("the client: %d %s", client.ProcessState.ExitCode(), errs)
	}
	if _, err := os.Stat(s.path("data/breakwater.sock")); err != nil {
		t.Fatalf("this test wants a stale socket: %v", err)
	}
	srv = s.start("serve")
	until(t, "the import taken up", func() bool {
		return s.number(`select count(*) from workresume_import where state = 'done'`) == 1
	})
	if c := s.roster("long.csv", "--firm", firmCode(1)); c.Unchanged != long {
		t.Errorf("%+v", c)
	}
	srv.kill()
	s.verified() // past the stale socket, without a server
	s.start("serve").stop()
}

// Stopping a server while a command is carried out in it ends both soon, and the
// command says that there is more to do.
func TestStopWhileImporting(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	s.write("long.csv", roll(people(0, long)...))
	srv := s.start("serve")
	client, out, errs := s.background("import", "roster", "long.csv", "--firm", firmCode(1))
	s.begun()
	srv.stop()
	_ = client.Wait()
	if client.ProcessState.ExitCode() != 1 || !strings.Contains(out.String()+errs.String(), "again") {
		t.Errorf("exit %d: %s%s", client.ProcessState.ExitCode(), out, errs)
	}
	s.write("one.csv", roll(people(0, 1)...))
	s.roster("one.csv", "--firm", firmCode(1)) // finishes the other first
	if n := s.members(); n != long {
		t.Errorf("%d members", n)
	}
}

// An interrupted command says what it did; the server goes on.
func TestInterruptThroughAServer(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	s.write("long.csv", roll(people(0, long)...))
	srv := s.start("serve")
	client, out, errs := s.background("import", "roster", "long.csv", "--json", "--firm", firmCode(1))
	s.begun()
	if err := client.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = client.Wait()
	if client.ProcessState.ExitCode() != 1 || !strings.Contains(out.String(), `"rows"`) {
		t.Errorf("exit %d, said %s%s", client.ProcessState.ExitCode(), out, errs)
	}
	if n := s.number(`select count(*) from workresume_import where state = 'cancelled'`); n != 1 {
		t.Errorf("%d imports cancelled", n)
	}
	if c := s.roster("long.csv", "--firm", firmCode(1)); c.Accepted+c.Unchanged != long || c.Unchanged == 0 {
		t.Errorf("%+v", c)
	}
	srv.stop()
}

// A folder deeper than a socket's name may be long is no obstacle.
func TestDeepFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store = []string{"--data", strings.Repeat("deep/", 30) + "data"}
	named(s)
	srv := s.start("serve")
	s.verified()
	srv.stop()
}

// A port in use is said, and the folder is free again.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	s := named(newSite(t))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s.run("serve", "--addr", l.Addr().String()).exit(1).has("in use").has("--addr")
	s.run("check-config", "--addr", l.Addr().String()).exit(1).has("in use")
	s.run("demo", "--data", s.path("other"), "--addr", l.Addr().String()).exit(1).has("in use") // and no district was built
	if _, err := os.Stat(s.path("other")); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
	keys := filepath.Join(s.path("data"), "keys")
	if err := os.Rename(keys, keys+".away"); err != nil {
		t.Fatal(err)
	}
	s.run("check-config", "--addr", "127.0.0.1:0").exit(1).has("keys")
	if err := os.Rename(keys+".away", keys); err != nil {
		t.Fatal(err)
	}
	s.verified()
}

// A command that is over at once is answered every time: the server's answer and
// the end of the order must not run into one another.
func TestQuickCommandsThroughAServer(t *testing.T) {
	t.Parallel()
	site := named(newSite(t))
	srv := site.start("serve")
	for i := range 200 {
		var out, errs bytes.Buffer
		s := &session{
			ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &errs, cwd: site.dir,
			getenv: func(string) string { return "" },
		}
		if code := s.run([]string{"place", "list", "--data", site.path("data")}); code != done {
			t.Fatalf("command %d: exit %d: %s", i, code, &errs)
		}
	}
	srv.stop()
}
