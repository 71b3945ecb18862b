package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"breakwater/internal/storage"
)

// entered is the answer of POST /demo/sign-in.
type entered struct {
	Token     string
	Principal struct {
		ID, Role, Name string
		Scope          struct{ Kind, ID string }
	}
}

func (r *running) enter(role string) (caller, entered) {
	r.t.Helper()
	var e entered
	c := caller{t: r.t, url: r.url}
	c.do("POST", "/demo/sign-in", map[string]string{"role": role}, &e)
	c.token = e.Token
	return c, e
}

// The demonstration opens its six doors, and only its own store.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	srv := s.start("demo", "--people", "500")
	for role, kind := range map[string]string{
		"worker": "person", "resident": "person", "firm": "firm", "guard": "gate", "officer": "district", "auditor": "district", "commander": "district",
	} {
		c, e := srv.enter(role)
		if p := e.Principal; e.Token == "" || p.ID == "" || p.Role != role || p.Name == "" || p.Scope.Kind != kind || p.Scope.ID == "" {
			t.Errorf("%s: %+v", role, e)
		}
		if status, answer, err := c.try("GET", "/me", nil); err != nil || status != http.StatusOK {
			t.Errorf("%s at /me: %d %s %v", role, status, answer, err)
		}
	}
	if status, _, err := (caller{t: t, url: srv.url}).try("POST", "/demo/sign-in", map[string]string{"role": "king"}); err != nil || status != http.StatusUnprocessableEntity {
		t.Errorf("a seventh role: %d %v", status, err)
	}
	worker, _ := srv.enter("worker")
	var mine struct{ State, Credential string }
	worker.do("GET", "/api/v1/me/code", nil, &mine)
	s.verify(mine.Credential, "")
	srv.stop()
	s.verified()

	// Served as a real district it has no such doors.
	srv = s.start("serve")
	if status, _, err := (caller{t: t, url: srv.url}).try("POST", "/demo/sign-in", map[string]string{"role": "officer"}); err != nil || status != http.StatusNotFound {
		t.Errorf("serve has the demonstration's doors: %d %v", status, err)
	}
	srv.stop()

	real := named(newSite(t))
	real.run("demo", "--addr", "127.0.0.1:0", "--people", "500").exit(1).has("anyone can be anybody")
}

// A demonstration killed while it is made is made anew, whole.
func TestDemoKilledHalfMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cmd, _, errs := s.background("demo", "--people", "20000", "--addr", "127.0.0.1:0")
	until(t, "the making to begin", func() bool {
		b, _ := os.ReadFile(s.path("data/demonstration"))
		return strings.HasPrefix(string(b), "half")
	})
	until(t, "the first firms", func() bool { return s.number(`select count(*) from workresume_firm`) > 0 })
	s.shut()
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("%v %s", err, errs)
	}
	srv := s.start("demo", "--people", "400")
	commander, _ := srv.enter("commander")
	var sum summary
	commander.do("GET", "/api/v1/summary", nil, &sum)
	if sum.Workers != 400 {
		t.Errorf("%+v", sum)
	}
	srv.stop()
	s.verified()
}

// Whatever a gate answered is in the store after the power is cut.
func TestGateKilled(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		srv := s.start("demo", "--people", "60")
		guard, as := srv.enter("guard")
		worker, _ := srv.enter("worker")
		var mine struct {
			State      string
			Credential string
			ShortCode  string `json:"short_code"`
		}
		worker.do("GET", "/api/v1/me/code", nil, &mine)
		if mine.State != "valid" {
			t.Fatalf("the demonstration's worker: %+v", mine)
		}
		before := s.number(`select count(*) from workresume_check`)

		type answer struct {
			key, reference string
			body           map[string]string
		}
		var mu sync.Mutex
		var answered []answer
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				for i := 0; ; i++ {
					var c struct {
						Reference string
						Admit     bool
					}
					body := map[string]string{"gate": as.Principal.Scope.ID, "direction": [...]string{"in", "out"}[i%2]}
					if n%2 == 0 {
						body["text"] = mine.Credential
					} else {
						body["short_code"] = mine.ShortCode
					}
					one := guard
					one.key = fmt.Sprintf("guard-%d-check-%d", n, i)
					status, text, err := one.try("POST", "/api/v1/gate/checks", body)
					if err != nil {
						return // the power is gone
					}
					if status == http.StatusServiceUnavailable {
						continue
					}
					if status != http.StatusOK || json.Unmarshal(text, &c) != nil || c.Reference == "" {
						t.Errorf("%d %s", status, text)
						return
					}
					mu.Lock()
					answered = append(answered, answer{one.key, c.Reference, body})
					mu.Unlock()
				}
			})
		}
		until(t, "answers", func() bool { mu.Lock(); defer mu.Unlock(); return len(answered) >= 200 })
		srv.kill()
		all.Wait()

		srv = s.start("serve")
		var kept map[string]bool
		if err := s.open().Read(t.Context(), func(r storage.Reader) error {
			kept = map[string]bool{}
			list, err := storage.All(r, func(rows *storage.Rows) (string, error) {
				var ref string
				return ref, rows.Scan(&ref)
			}, `select reference from workresume_check`)
			for _, ref := range list {
				kept[ref] = true
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		lost := 0
		for _, a := range answered {
			if !kept[a.reference] {
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("%d of %d answered checks are lost", lost, len(answered))
		}
		if n := int64(len(kept)) - before; n < int64(len(answered)) || n > int64(len(answered))+8 {
			t.Errorf("%d checks stored, %d answered by 8 guards", n, len(answered))
		}
		// Each of them is a fact as well.
		if facts := s.verified(); facts < int64(len(kept)) {
			t.Errorf("%d facts of %d checks", facts, len(kept))
		}
		// A tablet that did not hear the answer asks again, and gets the same one.
		last := answered[len(answered)-1]
		guard.url, guard.key = srv.url, last.key
		var again struct{ Reference string }
		guard.do("POST", "/api/v1/gate/checks", last.body, &again)
		if again.Reference != last.reference {
			t.Errorf("asked again: %s, first told %s", again.Reference, last.reference)
		}
		srv.stop()
	})
}
