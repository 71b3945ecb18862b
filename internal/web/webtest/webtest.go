// Package webtest talks to a site as browsers and programs do, and sweeps over
// every route with what a route must bear: nobody, the wrong role, another
// tenant's id, another site's form, text without end, a store that fails.
//
// It refuses to know a service: what it needs of one is passed in.
package webtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
)

// Answer is what came back, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Caller speaks to a handler as one principal; the zero As is nobody. It keeps
// cookies, as a browser does, and takes no name in JSON that begins with a capital.
type Caller struct {
	T    testing.TB
	Site http.Handler
	As   func(*http.Request) // signs the request in
	Lang string              // Accept-Language
	jar  map[string]*http.Cookie
}

// Get asks for a page.
func (c *Caller) Get(path string) Answer { return c.do(http.MethodGet, path, "", nil) }

// Form sends a form from our own page. pairs are names and values.
func (c *Caller) Form(path string, pairs ...string) Answer {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return c.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

// JSON sends body as a program does, with an idempotency key unless it is "".
func (c *Caller) JSON(method, path, key string, body any) Answer {
	c.T.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		c.T.Fatal(err)
	}
	return c.do(method, path, "application/json", bytes.NewReader(data), "Idempotency-Key", key, "Accept", "application/json")
}

// Send sends anything; head are names and values of headers, "" takes one away.
func (c *Caller) Send(method, path, kind string, body io.Reader, head ...string) Answer {
	return c.do(method, path, kind, body, head...)
}

func (c *Caller) do(method, path, kind string, body io.Reader, head ...string) Answer {
	c.T.Helper()
	r := httptest.NewRequestWithContext(c.T.Context(), method, path, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if kind == "application/x-www-form-urlencoded" || method == http.MethodGet {
		r.Header.Set("Accept", "text/html,application/xhtml+xml")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if c.Lang != "" {
		r.Header.Set("Accept-Language", c.Lang)
	}
	for _, one := range c.jar {
		r.AddCookie(one)
	}
	if c.As != nil {
		c.As(r)
	}
	for i := 0; i+1 < len(head); i += 2 {
		if r.Header.Del(head[i]); head[i+1] != "" {
			r.Header.Set(head[i], head[i+1])
		}
	}
	w := httptest.NewRecorder()
	c.Site.ServeHTTP(w, r)
	for _, one := range w.Result().Cookies() {
		if c.jar == nil {
			c.jar = map[string]*http.Cookie{}
		}
		if c.jar[one.Name] = one; one.MaxAge < 0 {
			delete(c.jar, one.Name)
		}
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		for _, name := range GoNames(w.Body.Bytes()) {
			c.T.Errorf("%s %s answers a name as Go writes it: %s", method, path, name)
		}
	}
	return Answer{w.Code, w.Header(), w.Body.String()}
}

// Decode reads a JSON answer into out.
func (a Answer) Decode(t testing.TB, out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), out); err != nil {
		t.Fatalf("%v: %d %.300s", err, a.Status, a.Body)
	}
}

// Want fails unless the status is this one and every text is in the body.
func (a Answer) Want(t testing.TB, status int, texts ...string) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %.600s", a.Status, status, a.Body)
	}
	for _, s := range texts {
		if !strings.Contains(a.Body, s) {
			t.Errorf("%q is not in the answer: %.2000s", s, a.Body)
		}
	}
	return a
}

type principalKey struct{}

// Identify stands in for the sign-in where a test is not about it: As puts the
// principal into the request, Who reads it.
func Identify() (as func(auth.Principal) func(*http.Request), who func(context.Context) auth.Principal) {
	as = func(p auth.Principal) func(*http.Request) {
		return func(r *http.Request) { *r = *r.WithContext(context.WithValue(r.Context(), principalKey{}, p)) }
	}
	who = func(ctx context.Context) auth.Principal {
		p, _ := ctx.Value(principalKey{}).(auth.Principal)
		return p
	}
	return as, who
}
