package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// caller is a program that uses the API with a token.
type caller struct {
	t     *testing.T
	url   string
	token string
	key   string // Idempotency-Key, if any
}

// as makes a token through the running server and calls with it.
func (r *running) as(role string) caller {
	r.t.Helper()
	made := r.run("token", "create", "--role", role).exit(0)
	return caller{t: r.t, url: r.url, token: strings.TrimSpace(made.out)}
}

// try does one request; an error is a server that went away.
func (c caller) try(method, path string, body any) (status int, answer []byte, err error) {
	b, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewReader(b))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// do wants 200 and reads the answer.
func (c caller) do(method, path string, body, into any) {
	c.t.Helper()
	status, answer, err := c.try(method, path, body)
	if err != nil || status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
	}
}

// summary is the district's figures.
type summary struct {
	Firms, Workers, Filed, Certified, Refused, Back int64
}

// certify files for a firm and returns the certificate's text.
func (c caller) certify(code string, declared int) string {
	c.t.Helper()
	var f struct {
		State       string
		Certificate struct{ Credential string }
	}
	c.do("POST", "/api/v1/firms/"+code+"/filing", map[string]any{
		"class": "priority", "industry": "software", "promise": true, "signatory": "王经理", "declared_headcount": declared,
		"masks": declared * 5, "thermometers": 2, "disinfectant_litres": 10,
	}, &f)
	if f.State != "certified" || !strings.HasPrefix(f.Certificate.Credential, "BW1:") {
		c.t.Fatalf("not certified: %+v", f)
	}
	return f.Certificate.Credential
}

// open opens the site's store beside the program, to look and to tamper.
func (s *site) open() *storage.DB {
	s.t.Helper()
	if s.db != nil {
		return s.db
	}
	target := "sqlite:" + s.path("data/breakwater.db")
	if len(s.store) == 4 {
		target = s.store[3]
	}
	db, err := storage.Open(s.t.Context(), target, storage.WithLogger(storagetest.Log()))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.shut)
	s.db = db
	return db
}

// shut lets go of the store, before its files change hands.
func (s *site) shut() {
	if s.db != nil {
		s.db.Close()
		s.db = nil
	}
}

// number asks the store for one number.
func (s *site) number(query string, args ...any) (n int64) {
	s.t.Helper()
	if err := s.open().Read(s.t.Context(), func(r storage.Reader) error { return r.Row(query, args...).Scan(&n) }); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// until waits for a condition; it fails the test when that takes too long.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(longest); !met(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// named is a store whose district has a name.
func named(s *site) *site {
	s.t.Helper()
	s.run("init", "--district", "海湾区").exit(0)
	return s
}
