package main

import (
	"strings"
	"testing"
)

// The first hour at a new store, on both engines.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		s.write("roster.csv", roll(people(0, 3)...))
		var no refusal
		s.run("import", "roster", "roster.csv", "--json").exit(1).json(&no)
		if no.Refused.Code != "app.not_named" || !strings.Contains(no.Refused.Reason, "breakwater init") {
			t.Errorf("before init: %+v", no)
		}
		s.run("import", "roster", "roster.csv").exit(1).has("breakwater init")
		s.run("officer", "add", "wang").exit(1).has("breakwater init")
		s.run("token", "create", "--role", "officer").exit(1).has("breakwater init")
		s.run("serve", "--addr", "127.0.0.1:0").exit(1).has("breakwater init")
		s.run("log", "verify").exit(1).has("breakwater init")
		s.run("backup", "none.bw").exit(1).has("breakwater init")

		s.run("init", "--district", "海湾区").exit(0).has("海湾区")
		s.run("init", "--district", "山区").exit(1).has("海湾区")
		s.run("migrate").exit(0)

		// A password made for the officer goes to standard output, to be handed on.
		made := s.run("officer", "add", "wang", "--name", "王审核").exit(0)
		if f := strings.Fields(made.out); len(f) != 2 || f[0] != "wang" || len(f[1]) < 12 {
			t.Errorf("officer add said %q", made.out)
		}
		s.run("officer", "add", "wang").exit(1)
		s.run("officer", "add", "li", "--role", "king").exit(2)
		s.run("officer", "add", "li", "--scope", "park").exit(2)
		s.run("officer", "add", "li", "--scope", "park:pla_nowhere").exit(1)
		s.env = append(s.env, "BREAKWATER_PASSWORD=a-long-pass-phrase-2020")
		if told := s.run("officer", "add", "zhao").exit(0); strings.TrimSpace(told.out) != "zhao" {
			t.Errorf("a password of one's own is not printed: %q", told.out)
		}
	})
}

// The exit codes are what scripts hang on.
func TestUsage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		code  int
		words string
	}{
		{0, "--help"},
		{0, "import roster --help"},
		{0, "version"},
		{2, ""},
		{2, "bogus"},
		{2, "import"},
		{2, "import roster"},
		{2, "version --bogus"},
		{2, "init"},
		{2, "token create"},
		{2, "token create --role emperor"},
		{2, "token create --role worker --count 0"},
		{2, "demo --people 0"},
		{2, "serve --proxy here"},
		{2, "credential verify --at yesterday BW1:X"},
		{1, "serve --addr nowhere"},
		{1, "demo --addr 0.0.0.0:0"},
		{1, "demo --addr :0"},
		{1, "demo --addr 192.0.2.1:0"},
		{0, "check-config --addr 127.0.0.1:0"},
		{0, "check-config --addr 127.0.0.1:0 --database postgres://db/breakwater --public-url https://district.example --proxy 10.0.0.0/8"},
		{1, "check-config --addr nowhere"},
		{1, "check-config --database mysql://db"},
		{1, "check-config --tls-cert only.pem"},
		{1, "check-config --tls-cert gone.pem --tls-key gone.pem"},
		{1, "check-config --public-url district.example"},
		{2, "check-config --proxy 10.0.0.0/99"},
	} {
		t.Run(c.words, func(t *testing.T) {
			r := s.feed("", strings.Fields(c.words)...)
			r.t = t
			r.exit(c.code)
			if c.code != 0 && r.err == "" {
				t.Error("refused without a word on standard error")
			}
		})
	}
	if r := s.feed("", "check-config", "--database", "postgres://u:secret@db/x"); strings.Contains(r.out+r.err, "secret") {
		t.Errorf("the password is shown: %s", r.out)
	}
	if r := s.feed("", "demo", "--addr", "0.0.0.0:0").exit(1); !strings.Contains(r.err, "--public") {
		t.Errorf("demo beyond this machine: %s", r.err)
	}
	// What was refused, asked or mistyped has left nothing behind.
	if names := s.files("."); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}
