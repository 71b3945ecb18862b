package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/demo"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
	"breakwater/internal/web/keys"
	"breakwater/internal/web/webtest"
)

// node is one whole server of several on a store: its own folder, socket, workers and
// port. What stands before it speaks to the port, as a balancer would.
type node struct {
	*street
	stop func()
}

// startNode starts a server and waits until it listens.
func startNode(t *testing.T, hand *clock.Hand, database, data string) *node {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: data, Database: database, PublicURL: "http://district.test", Demo: true, Clock: hand.Now})
	if err != nil {
		t.Fatal(err)
	}
	a.reread = 50 * time.Millisecond
	if !a.Named() {
		if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: 200, Seed: 1, Progress: func(int64, int64) {}}); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).String()
	ctx, cancel := context.WithCancelCause(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- a.Serve(ctx, ln, "test", http.NotFoundHandler(), func(string) { close(ready) })
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal("the server did not start: ", err)
	}
	n := &node{street: &street{a, t, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: port}), hand}}
	stopped := false
	n.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel(errors.New("the test stops it"))
		if err := <-ended; err != nil {
			t.Error("it did not end well: ", err)
		}
		a.Close()
	}
	t.Cleanup(n.stop)
	return n
}

// twoNodes are two servers of one district: one PostgreSQL, one folder of keys.
func twoNodes(t *testing.T) (a, b *node, again func() *node) {
	t.Helper()
	was := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(was) })
	hand := clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC))
	database := storagetest.Target(t, storage.Postgres)
	one, two := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(one, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(one, "keys"), filepath.Join(two, "keys")); err != nil {
		t.Fatal(err)
	}
	a = startNode(t, hand, database, one)
	b = startNode(t, hand, database, two)
	return a, b, func() *node { return startNode(t, hand, database, one) }
}

// until asks until it is so, and says how long it took.
func until(t *testing.T, what string, so func() bool) time.Duration {
	t.Helper()
	begun := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		if time.Since(begun) > 40*time.Second {
			t.Fatal("not within forty seconds: ", what)
		}
		<-tick.C
	}
	took := time.Since(begun)
	t.Logf("%-60s %5.2f s", what, took.Seconds())
	return took
}

// at has a browser that signed in elsewhere talk to this node.
func (n *node) at(c *webtest.Caller) *webtest.Caller {
	c.Site = n.site
	return c
}

// employer is the office of the demonstration's worker.
func (n *node) employer() auth.Principal {
	n.t.Helper()
	_, p, err := cast{n.App}.Token(n.t.Context(), auth.Firm)
	if err != nil {
		n.t.Fatal(err)
	}
	return p
}

// line is one measure of a firm's promise as this node knows it, -1 for none.
func (n *node) line(office auth.Principal, name string) int64 {
	n.t.Helper()
	c, err := n.Resume.Compare(n.t.Context(), office, office.Scope.ID)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, l := range c.Lines {
		if l.Name == name && l.Measured != nil {
			return *l.Measured
		}
	}
	return -1
}

// twoDo has two officers do an act: one asks at a node, the other says yes at another.
func twoDo(t *testing.T, ask, yes *node, path string, body map[string]any) {
	t.Helper()
	var act struct{ Act, ID string }
	ask.as(auth.Officer).JSON("POST", path, "", body).Want(t, http.StatusOK).Decode(t, &act)
	yes.as(auth.SecondOfficer).JSON("POST", "/api/v1/acts/"+act.Act+act.ID+"/confirm", "", map[string]any{}).Want(t, http.StatusOK)
}

// bring has a policy uploaded at one node and brought into force by the other's officer.
func bring(t *testing.T, a, b *node, file string, pairs ...string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../service/workresume/pack", file))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(data), pairs[i]) {
			t.Fatalf("no %q in %s", pairs[i], file)
		}
	}
	var p struct{ ID string }
	a.as(auth.Officer).JSON("POST", "/api/v1/policies", "", map[string]string{"source": strings.NewReplacer(pairs...).Replace(string(data))}).Want(t, http.StatusOK).Decode(t, &p)
	twoDo(t, a, b, "/api/v1/policies/"+p.ID+"/activation", map[string]any{"reason": "两台服务器演练", "dated": true})
}

// Two servers of one district: what is done at one is known at the other, whichever
// the balancer sends somebody to.
func TestTwoServersOfOneDistrict(t *testing.T) {
	a, b, _ := twoNodes(t)
	office := a.employer()
	until(t, "both have read what facts say of the firm", func() bool {
		return a.line(office, "people_inside") >= 0 && b.line(office, "people_inside") >= 0
	})
	inside, reported, red := a.line(office, "people_inside"), max(a.line(office, "reported_today"), 0), a.line(office, "red_inside")

	worker := a.as(auth.Worker)
	code := a.code(worker)
	if got := b.code(b.at(worker)); got.Credential != code.Credential || got.State != "valid" {
		t.Errorf("signed in at one, at the other: %+v", got)
	}
	b.as(auth.Guard).JSON("POST", "/gate", "", map[string]string{"short_code": code.ShortCode, "direction": "in"}).Want(t, http.StatusOK, `"admit":true`)
	until(t, "a check at B counts at A's comparison", func() bool { return a.line(office, "people_inside") == inside+1 })
	a.as(auth.Guard).JSON("POST", "/gate", "", map[string]string{"text": code.Credential, "direction": "in"}).Want(t, http.StatusOK, `"code":"repeat"`)

	a.at(worker).JSON("POST", "/me/health", "", map[string]string{"temperature": "36.5"}).Want(t, http.StatusOK)
	until(t, "a report at A counts at B's comparison", func() bool { return b.line(office, "reported_today") == reported+1 })

	person := credential.Inspect(code.Credential).Claims.Subject
	twoDo(t, b, a, "/api/v1/people/"+person+"/restrictions", map[string]any{"reason_code": "close-contact", "days": 3, "note": "疾控协查函，同乘列车，需暂缓到岗"})
	until(t, "a colour given at A counts at B's comparison", func() bool { return b.line(office, "red_inside") == red+1 })
	until(t, "and at A's", func() bool { return a.line(office, "red_inside") == red+1 })
	until(t, "and on the code as B shows it", func() bool { return b.code(b.at(worker)).State != "valid" })

	bring(t, a, b, "dynamic.toml", `version = "2020-02-19"`, `version = "of-two"`)
	bring(t, b, a, "file-and-promise.toml", `version = "`+a.Resume.Rules().Version+`"`, `version = "of-two-too"`)
	for name, n := range map[string]*node{"A": a, "B": b} {
		until(t, "the new promise is the one "+name+" holds firms against", func() bool {
			c, err := n.Resume.Compare(t.Context(), office, office.Scope.ID)
			return err == nil && c.Version == "of-two"
		})
		until(t, "the new rules are the ones "+name+" draws forms by", func() bool { return n.Resume.Rules().Version == "of-two-too" })
	}
}

// A certificate that is withdrawn at one server is withdrawn at the other, for who
// asks it and for a gate that only keeps its list.
func TestWithdrawnAtTheOther(t *testing.T) {
	a, b, again := twoNodes(t)
	office, worker := a.employer(), a.as(auth.Worker)
	code := a.code(worker)
	f, err := a.Resume.Firm(t.Context(), auth.Operator(), office.Scope.ID)
	if err != nil {
		t.Fatal(err)
	}
	list := func(n *node, text string) (credential.Result, error) {
		at := credential.Inspect(text).Claims.Status.URI
		data := n.as("").Send("GET", at[strings.Index(at, statuslist.Path):], "", nil).Want(t, http.StatusOK).Body
		held, err := statuslist.Open([]byte(data), n.Trust, n.Config.Clock())
		if err != nil {
			return credential.Result{}, err
		}
		return credential.Verify(text, n.Trust, n.Config.Clock(), held.At(n.Config.Clock())), nil
	}
	if r, err := list(b, f.Certificate.Text); err != nil || !r.Valid {
		t.Fatal(r.Reason, err)
	}
	a.as(auth.Officer).JSON("POST", "/api/v1/firms/"+f.ID+"/decision", "", map[string]string{"state": string(workresume.Refused), "reason": "现场核查不符"}).Want(t, http.StatusOK)
	took := until(t, "B's signed list says withdrawn", func() bool {
		r, err := list(b, f.Certificate.Text)
		return err == nil && !r.Valid && r.Status == credential.Revoked
	})
	if whole := took + 5*time.Second + statuslist.TTL; whole > time.Minute { // a cache's age, and how often a gate asks
		t.Errorf("a gate that keeps B's list learns it after up to %v", whole)
	}
	b.as("").Get("/c/"+f.Certificate.Code).Want(t, http.StatusOK, "pass stop")
	b.says(f.Certificate.Text, `"status":"revoked"`)
	until(t, "B's gate stops the firm's people", func() bool {
		return strings.Contains(b.as(auth.Guard).JSON("POST", "/gate", "", map[string]string{"text": code.Credential, "direction": "in"}).Want(t, http.StatusOK).Body, `"admit":false`)
	})

	// One server falls: the other goes on, and it finds what was done meanwhile when it is back.
	a.stop()
	if got := b.code(b.at(worker)); got.State == "valid" {
		t.Errorf("the code alone at B: %+v", got)
	}
	b.as(auth.Officer).JSON("POST", "/api/v1/firms/"+f.ID+"/decision", "", map[string]string{"state": string(workresume.Certified), "reason": "整改后复查合格"}).Want(t, http.StatusOK)
	until(t, "B alone lets them in", func() bool {
		return strings.Contains(b.as(auth.Guard).JSON("POST", "/gate", "", map[string]string{"text": code.Credential, "direction": "in"}).Want(t, http.StatusOK).Body, `"admit":true`)
	})
	a = again()
	if got := a.code(a.at(worker)); got.State != "valid" {
		t.Errorf("at A once it is back: %+v", got)
	}
}

// Keys are turned at one server and used by both; a lost one is given up by both.
func TestKeysOfTwoServers(t *testing.T) {
	a, b, _ := twoNodes(t)
	worker := a.as(auth.Worker)
	old := a.code(worker).Credential
	twoDo(t, a, b, "/api/v1/keys/turns", map[string]any{"cause": "planned", "hours": 1, "reason": "按年度计划更换"})
	for _, n := range []*node{a, b} {
		until(t, "a new key is listed", func() bool {
			return n.states() == "current next" && n.Trust.Len() == 2 && strings.Contains(n.as("").Send("GET", keys.ListPath, "", nil).Body, `"state":"next"`)
		})
	}
	// The same list has the same tag, whichever server is asked.
	tag := a.as("").Send("GET", keys.ListPath, "", nil).Header.Get("ETag")
	b.as("").Send("GET", keys.ListPath, "", nil, "If-None-Match", tag).Want(t, http.StatusNotModified)

	a.hand.Add(25 * time.Hour) // another day: codes are signed anew
	fresh := b.code(b.as(auth.Worker)).Credential
	kid := func(text string) string { return string(credential.Inspect(text).KID) }
	if kid(fresh) == kid(old) {
		t.Fatal("B signs by the old key")
	}
	a.says(fresh, `"valid":true`)
	for _, n := range []*node{a, b} {
		if in := credential.Verify(old, n.Trust, n.Config.Clock().Add(-24*time.Hour), nil); !in.Valid {
			t.Errorf("what the old key signed: %s", in.Reason)
		}
	}

	twoDo(t, b, a, "/api/v1/keys/turns", map[string]any{"cause": "lost", "reason": "备份盘遗失"})
	for _, n := range []*node{a, b} {
		until(t, "a lost key is given up", func() bool {
			return strings.Contains(n.as("").JSON("POST", "/api/v1/credentials/verify", "", map[string]string{"text": fresh}).Body, `"failed_step":"key"`)
		})
	}
	again := a.code(a.as(auth.Worker)).Credential
	if kid(again) == kid(fresh) || kid(again) == kid(old) {
		t.Error("A signs by a lost key")
	}
	b.says(again, `"valid":true`)
}
