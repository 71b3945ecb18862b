package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// figures are how many rows the tables that matter have.
func (s *site) figures() map[string]int64 {
	s.t.Helper()
	out := map[string]int64{}
	for _, table := range []string{
		"eventlog_fact", "eventlog_unsealed", "eventlog_key", "party_person", "workresume_firm", "workresume_member", "workresume_certificate", "auth_account",
	} {
		out[table] = s.number(`select count(*) from ` + table)
	}
	return out
}

// A whole district moves from the embedded database to PostgreSQL and back.
func TestBackupAcrossEngines(t *testing.T) {
	t.Parallel()
	first := newSite(t)
	text := furnished(first)
	first.run("officer", "add", "wang", "--password", "a-long-pass-phrase-2020").exit(0)
	first.write("kept.txt", []byte(first.run("log", "checkpoint").exit(0).out))
	note, err := os.ReadFile(first.path("kept.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := first.figures()

	first.run("backup", "first.bw").exit(0)
	info, err := os.Stat(first.path("first.bw"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the archive: %v %v", info, err)
	}
	whole, err := os.ReadFile(first.path("first.bw"))
	if err != nil {
		t.Fatal(err)
	}
	first.run("backup", "first.bw").exit(1).has("first.bw")
	if again, _ := os.ReadFile(first.path("first.bw")); !bytes.Equal(whole, again) {
		t.Error("an existing file was overwritten")
	}
	first.run("backup", "no/such/folder/x.bw").exit(1)
	first.run("restore", "first.bw").exit(1) // into a store that holds something
	if d := cmp.Diff(want, first.figures()); d != "" {
		t.Error(d)
	}

	check := func(s *site, archive []byte) {
		s.t.Helper()
		s.write("a.bw", archive)
		s.write("kept.txt", note)
		s.run("restore", "a.bw").exit(0)
		if d := cmp.Diff(want, s.figures()); d != "" {
			s.t.Error(d)
		}
		s.verify(text, "")
		s.verified("--checkpoint", "kept.txt") // the same log, under the same key and name
		s.run("restore", "a.bw").exit(1)
		s.run("officer", "add", "wang").exit(1) // there already
	}
	second := newPostgres(t)
	second.run("migrate").exit(0) // a first look makes keys, which must not be in the way
	check(second, whole)

	second.run("backup", "second.bw").exit(0)
	moved, err := os.ReadFile(second.path("second.bw"))
	if err != nil {
		t.Fatal(err)
	}
	third := newSite(t)
	check(third, moved)

	// And it goes on living: the same file changes nothing, a new one does.
	third.write("five.csv", roll(people(0, 5)...))
	if c := third.roster("five.csv", "--firm", firmCode(1)); c.Unchanged != 5 {
		t.Errorf("%+v", c)
	}
	third.write("two.csv", roll(people(500, 2)...))
	if c := third.roster("two.csv", "--firm", firmCode(1)); c.Accepted != 2 {
		t.Errorf("%+v", c)
	}
	srv := third.start("serve")
	var sum summary
	srv.as("commander").do("GET", "/api/v1/summary", nil, &sum)
	if sum.Firms != 1 || sum.Workers != 7 || sum.Certified != 1 {
		t.Errorf("%+v", sum)
	}
	third.run("restore", "a.bw").exit(1)
	srv.stop()
}

// A damaged archive is refused, wherever it is damaged; the store stays empty and
// takes a good one afterwards.
func TestDamagedArchive(t *testing.T) {
	t.Parallel()
	from := newSite(t)
	text := furnished(from)
	from.run("backup", "good.bw").exit(0)
	good, err := os.ReadFile(from.path("good.bw"))
	if err != nil {
		t.Fatal(err)
	}
	// Another district's archive, damaged: its keys must not stay behind either.
	other := named(newSite(t))
	other.run("backup", "other.bw").exit(0)
	foreign, err := os.ReadFile(other.path("other.bw"))
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0x40
		return b
	}
	rows := bytes.Index(good, []byte("rows/eventlog_fact.cbor"))
	engines(t, func(t *testing.T, s *site) {
		for name, b := range map[string][]byte{
			"nothing": {}, "text": []byte("not an archive"), "cut": good[:len(good)-100], "half": good[:len(good)/2],
			"rows": spoil(good, rows+200), "foreign": spoil(foreign, bytes.Index(foreign, []byte("rows/eventlog_fact.cbor"))+60),
		} {
			s.write("bad.bw", b)
			s.run("restore", "bad.bw").exit(1)
			if n := s.number(`select count(*) from eventlog_fact`); n != 0 {
				t.Errorf("%s: %d facts left", name, n)
			}
		}
		s.run("restore", "absent.bw").exit(1)
		s.write("good.bw", good)
		s.run("restore", "good.bw").exit(0)
		s.verify(text, "")
		s.verified()
	})
}
