package app

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/demo"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/lane"
	"breakwater/internal/web"
	"breakwater/internal/web/webtest"
)

// counted counts what the lane answered.
type counted struct {
	*web.Site
	answered int
}

func (c *counted) AnswerQuick(dst []byte, h *lane.Head) ([]byte, bool) {
	out, ok := c.Site.AnswerQuick(dst, h)
	if ok {
		c.answered++
	}
	return out, ok
}

// onLane is a small district's program behind the lane, at an address.
func onLane(t *testing.T) (a *App, addr string, by *counted) {
	t.Helper()
	was := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(was) })
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: 300, Seed: 1, Progress: func(int64, int64) {}}); err != nil {
		t.Fatal(err)
	}
	site, err := a.handler("test")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	by = &counted{Site: site}
	srv := &http.Server{Handler: site, ConnState: lane.State}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(lane.Listen(l, by, idle)) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return a, l.Addr().String(), by
}

// TestQuickSaysTheSame asks for codes on the lane and past it: whoever asks, in
// whichever language, both ways say the same, and what the lane cannot know it leaves.
func TestQuickSaysTheSame(t *testing.T) {
	a, addr, by := onLane(t)
	site := by.Site
	people, err := a.Auth.TokensFor(t.Context(), auth.Worker, 200, auth.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	guards, err := a.Auth.TokensFor(t.Context(), auth.Guard, 1, auth.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	asked := func(path, token string, more ...string) (said, bool) {
		before := by.answered
		out := ask(t, addr, path, token, more...)
		return out, by.answered > before
	}
	ask := func(token string, more ...string) (said, bool) { return asked("/api/v1/me/code", token, more...) }
	states := map[string]int{}
	for i, token := range people {
		lang := "Accept-Language: " + [...]string{"zh-CN,zh;q=0.9", "en", "fr"}[i%3]
		first, _ := ask(token, lang, "Connection: close")
		quick, onLane := ask(token, lang)
		if !onLane {
			t.Errorf("person %d was not answered on the lane: %+v", i, first)
		}
		if diff := cmp.Diff(first, quick, cmp.AllowUnexported(said{})); diff != "" || first.status != http.StatusOK {
			t.Errorf("person %d, past the lane and on it: %d %s", i, first.status, diff)
		}
		state, _, _ := strings.Cut(strings.TrimPrefix(quick.body, `{"state":"`), `"`)
		states[state]++
	}
	if states["valid"] == 0 || states["stopped"]+states["waiting"] == 0 {
		t.Errorf("the district has not every sort of code: %v", states)
	}
	for i, token := range people {
		page := []string{
			"Accept: text/html", "Accept-Language: " + [...]string{"zh-CN", "en"}[i%2],
			"Cookie: theme=" + [...]string{"dark", "none"}[i%2], "Accept-Encoding: " + [...]string{"gzip, br", "br", "gzip;q=0"}[i%3],
		}
		first, onLane := asked("/me/code", token, append(page, "Connection: close")...)
		quick, quickly := asked("/me/code", token, page...)
		if diff := cmp.Diff(first, quick, cmp.AllowUnexported(said{})); diff != "" || first.status != http.StatusOK || onLane || !quickly {
			t.Errorf("person %d's page, past the lane and on it (%v): %d %s", i, quickly, first.status, diff)
		}
	}
	begun := (&webtest.Caller{T: t, Site: site}).Form("/demo/sign-in", "role", string(auth.Worker)).Want(t, http.StatusSeeOther).Header.Get("Set-Cookie")
	session, _, _ := strings.Cut(begun, ";")
	cookie := []string{"Accept: text/html", "Cookie: lang=zh-Hans; " + session}
	first, _ := asked("/me/code", "", append(cookie, "Connection: close")...)
	quick, quickly := asked("/me/code", "", cookie...)
	if diff := cmp.Diff(first, quick, cmp.AllowUnexported(said{})); diff != "" || first.status != http.StatusOK || !quickly {
		t.Errorf("by a session: %v, %d %s", quickly, first.status, diff)
	}
	if told, quickly := asked("/me/code", "", "Accept: text/html", "Cookie: flash=x; "+session); quickly || told.status != http.StatusOK {
		t.Errorf("something was to be said once: %d, on the lane: %v", told.status, quickly)
	}
	gate := struct{ Gate string }{}
	told, _ := asked("/api/v1/gate", guards[0])
	if err := json.Unmarshal([]byte(told.body), &gate); err != nil || gate.Gate == "" {
		t.Fatal(told, err)
	}
	check := func(key, body string, more ...string) (said, bool) {
		before := by.answered
		out := tell(t, addr, guards[0], key, body, more...)
		return out, by.answered > before
	}
	codes := map[string]int{}
	for i, token := range people {
		var code struct{ Credential string }
		shown, _ := ask(token)
		if err := json.Unmarshal([]byte(shown.body), &code); err != nil {
			t.Fatal(err)
		}
		if code.Credential == "" {
			code.Credential = "nobody's"
		}
		body := fmt.Sprintf(`{"gate":%q,"direction":"%s","text":%q}`, gate.Gate, [...]string{"in", "in", "out"}[i%3], code.Credential)
		first, quickly := check(fmt.Sprint("key", i), body)
		if !quickly {
			t.Errorf("check %d was not answered on the lane: %+v", i, first)
		}
		again, slowly := check(fmt.Sprint("key", i), body, "Connection: close")
		if diff := cmp.Diff(first, again, cmp.AllowUnexported(said{})); diff != "" || first.status != http.StatusOK || slowly {
			t.Errorf("check %d, on the lane and past it: %d %s", i, first.status, diff)
		}
		_, rest, _ := strings.Cut(first.body, `"code":"`)
		state, _, _ := strings.Cut(rest, `"`)
		codes[state]++
	}
	if codes["ok"] == 0 || codes["unreadable"]+codes["expired"] == 0 || len(codes) < 3 {
		t.Errorf("not every sort of answer was given: %v", codes)
	}
	plain := fmt.Sprintf(`{"gate":%q,"direction":"in","text":"x"}`, gate.Gate)
	if got, quickly := check("key0", plain); quickly || got.status != http.StatusUnprocessableEntity {
		t.Errorf("a key for another body: %d, on the lane: %v", got.status, quickly)
	}
	for name, x := range map[string]struct {
		key, body string
		more      []string
		want      int
	}{
		"without a key":         {"", plain, nil, http.StatusOK},
		"another direction":     {"k1", strings.Replace(plain, "in", "up", 1), nil, http.StatusUnprocessableEntity},
		"a field nobody knows":  {"k2", strings.Replace(plain, "text", "texts", 1), nil, http.StatusUnprocessableEntity},
		"said twice":            {"k3", strings.Replace(plain, "{", `{"direction":"in",`, 1), nil, http.StatusUnprocessableEntity},
		"said twice, once loud": {"k8", strings.Replace(plain, "{", `{"DIRECTION":"out",`, 1), nil, http.StatusUnprocessableEntity},
		"under two keys":        {"k9", plain, []string{"idempotency-key: k10"}, http.StatusBadRequest},
		"two tokens":            {"k11", plain, []string{"Authorization: Bearer " + people[1]}, http.StatusBadRequest},
		"another gate":          {"k4", strings.Replace(plain, gate.Gate, gate.Gate+"x", 1), nil, http.StatusNotFound},
		"from another site":     {"k5", plain, []string{"Sec-Fetch-Site: cross-site"}, http.StatusForbidden},
		"from a strange origin": {"k6", plain, []string{"Origin: https://evil.example"}, http.StatusForbidden},
	} {
		if got, quickly := check(x.key, x.body, x.more...); quickly || got.status != x.want {
			t.Errorf("%s: %d %s, on the lane: %v", name, got.status, got.body, quickly)
		}
	}
	if got, quickly := check("k7", plain, "Sec-Fetch-Site: same-origin", "Origin: http://a"); !quickly || got.status != http.StatusOK {
		t.Errorf("from our own page: %d, on the lane: %v", got.status, quickly)
	}
	for _, x := range []struct {
		name, token string
		more        []string
		want        int
	}{
		{"nobody", "", nil, http.StatusUnauthorized},
		{"a stranger's token", people[0][:len(people[0])-1] + "x", nil, http.StatusUnauthorized},
		{"who has no code", guards[0], nil, http.StatusForbidden},
		{"a cookie that cannot be read", people[0], []string{"Cookie: ;;=;"}, http.StatusOK},
		{"two tokens", people[0], []string{"Authorization: Bearer " + people[1]}, http.StatusBadRequest},
	} {
		got, onLane := ask(x.token, x.more...)
		if onLane || got.status != x.want {
			t.Errorf("%s: %d, on the lane: %v", x.name, got.status, onLane)
		}
	}
}

// said is an answer, without what differs between any two.
type said struct {
	status int
	header http.Header
	body   string
}

func ask(t *testing.T, addr, path, token string, more ...string) said {
	t.Helper()
	return send(t, addr, "GET "+path, token, "", more...)
}

// tell sends a gate's check under a key.
func tell(t *testing.T, addr, token, key, body string, more ...string) said {
	t.Helper()
	if key != "" {
		more = append(more, "Idempotency-Key: "+key)
	}
	return send(t, addr, "POST /api/v1/gate/checks", token, body, append(more, "Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body)))...)
}

func send(t *testing.T, addr, what, token, body string, more ...string) said {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := what + " HTTP/1.1\r\nHost: a\r\n"
	if token != "" {
		head += "Authorization: Bearer " + token + "\r\n"
	}
	for _, line := range more {
		head += line + "\r\n"
	}
	if _, err := io.WriteString(c, head+"\r\n"+body); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("Date") == "" {
		t.Error("no Date")
	}
	r.Header.Del("Date")
	r.Header.Del("Connection")
	if r.Header.Get("Content-Encoding") == "gzip" { // two ways to compress the same
		if answer, err = unzip(answer); err != nil {
			t.Fatal(err)
		}
		r.Header.Del("Content-Length")
	}
	return said{r.StatusCode, r.Header, string(answer)}
}

func unzip(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z) // with its sum and length
}
