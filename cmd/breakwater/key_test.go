package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
)

// A gate without a network takes the trust list and the status list along.
func TestStatusFromAFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	text := furnished(s)
	srv := s.start("serve")
	at := credential.Inspect(text).Claims.Status.URI
	at = at[strings.Index(at, statuslist.Path):]
	resp, err := http.Get(srv.url + at)
	if err != nil {
		t.Fatal(err)
	}
	list, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, err)
	}
	resp.Body.Close()
	trust := s.run("key", "list", "--json").exit(0).out
	srv.stop()

	away := newSite(t)
	away.write("trust.json", []byte(trust))
	away.write("list.cwt", list)
	ask := func(code int, words ...string) (v verdict) {
		t.Helper()
		away.feed("", append([]string{"credential", "verify", "--json", text, "--trust", "trust.json", "--status", "list.cwt"}, words...)...).exit(code).json(&v)
		return v
	}
	// The server that signed the list has another address than the one before it.
	if v := ask(0); v.Status != "valid" {
		t.Errorf("%+v", v)
	}
	if v := ask(0, "--at", time.Now().Add(statuslist.Life+time.Minute).Format(time.RFC3339)); v.Status != "stale" || !v.Valid {
		t.Errorf("a day later: %+v", v)
	}
	s.run("credential", "verify", text, "--status", "absent.cwt").exit(1)
	away.write("list.cwt", []byte("not a list"))
	away.feed("", "credential", "verify", text, "--trust", "trust.json", "--status", "list.cwt").exit(1)
}

// The operator turns keys on the machine, and another machine checks codes by the
// list alone.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	text := furnished(s)
	s.run("key", "list").exit(0).has("current")
	away := newSite(t)
	away.write("trust.json", []byte(s.run("key", "list", "--json").exit(0).out))
	away.feed("", "credential", "verify", text, "--trust", "trust.json").exit(0).has("not checked")

	s.run("key", "rotate", "--reason", "年度更换", "--in", "2h").exit(0)
	s.run("key", "list").exit(0).has("current").has("next")
	s.run("key", "rotate", "--reason", "年度更换").exit(1).has("already waits")
	s.verify(text, "")
	s.run("key", "rotate", "--reason", "", "--lost").exit(1)
	s.run("key", "rotate", "--reason", "年度更换", "--in", "soon").exit(2)

	// Lost: what the old keys signed holds no longer, with the store or by the list.
	s.run("key", "rotate", "--reason", "磁盘被盗", "--lost", "--algorithm", "sm2").exit(0)
	if out := s.run("key", "list").exit(0).out; strings.Count(out, "revoked") != 2 || !strings.Contains(out, "SM2") {
		t.Error(out)
	}
	s.verify(text, "key")
	away.write("trust.json", []byte(s.run("key", "list", "--json").exit(0).out))
	away.feed("", "credential", "verify", text, "--trust", "trust.json").exit(1)
}
