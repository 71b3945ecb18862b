package login_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
	"breakwater/internal/web"
	"breakwater/internal/web/login"
)

const (
	district = "pla_district"
	secret   = "tide-and-harbour-9"
	public   = "http://localhost:8443" // as the operator names the site
)

var firmCode = ident.MakeCreditCode("91330201MA2AEXQ13")

// house is the real site over the real services, asked over real HTTP.
type house struct {
	auth  *auth.Service
	db    *storage.DB
	hand  *clock.Hand
	texts *i18n.Bundle
	sent  wire
	url   string
}

// wire carries messages from the service to the test.
type wire chan auth.Message

func (w wire) Send(_ context.Context, m auth.Message) error {
	w <- m
	return nil
}

type firms struct{}

func (firms) ByCode(_ context.Context, code string) (auth.FirmFile, bool, error) {
	return auth.FirmFile{ID: "fir_1", Name: "Harbour Tools"}, code == firmCode, nil
}

func (firms) IsPark(context.Context, string) (bool, error) { return false, nil }

func (f firms) Register(_ *storage.Tx, code, _, _ string, _ time.Time) (auth.FirmFile, error) {
	file, known, err := f.ByCode(context.Background(), code)
	if !known && err == nil {
		err = errors.New("no firm is new in this test")
	}
	return file, err
}

type residents struct{ person string }

func (r residents) ByPhone(_ context.Context, phone string) ([]auth.Candidate, error) {
	if phone != "13800001234" {
		return nil, nil
	}
	return []auth.Candidate{{Person: r.person, IDNumber: "33020319900101123X", Role: auth.Worker}}, nil
}

type scopes struct{}

func (scopes) Chain(_ context.Context, s auth.Scope) ([]auth.Scope, error) {
	return []auth.Scope{s, auth.District(district)}, nil
}

func onBoth(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	onBothBy(t, nil, fn)
}

// onBothBy is onBoth in a district with an identity provider.
func onBothBy(t *testing.T, identities auth.Identities, fn func(t *testing.T, h *house)) {
	t.Helper()
	mods := []storage.Module{auth.Module(), party.Module(), eventlog.Module()}
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		h := &house{db: db, sent: make(wire, 10), hand: clock.NewHand(time.Date(2020, 2, 10, 8, 0, 0, 0, time.UTC))}
		ring := must(keyring.New())(t)
		log := must(eventlog.New(db, ring, h.hand.Now, "test.example/log"))(t)
		people := party.New(ring)
		var person string
		if err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
			person, _, err = people.Ensure(tx, party.Person{Name: "李小娜", IDKind: ident.KindPassport, IDNumber: "AB1234567", Phone: "13800001234"}, h.hand.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		h.auth = auth.New(auth.Deps{
			DB: db, Ring: ring, Log: log, Names: people, Now: h.hand.Now,
			Firms: firms{}, Residents: residents{person}, Scopes: scopes{}, Sender: h.sent, Identities: identities,
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.auth.Run(ctx, func(err error) { t.Error(err) }) }()
		t.Cleanup(func() { stop(); <-ended })
		pages := login.New(login.Deps{Auth: h.auth, Now: h.hand.Now, Public: public, Home: func(p auth.Principal) string {
			if p.Role == auth.Officer {
				return "/desk/claims"
			}
			return ""
		}})
		h.texts = must(i18n.Load())(t)
		site := must(web.New(web.Deps{
			Texts: h.texts, Now: h.hand.Now, Routes: pages.Routes(), Grants: auth.Permits(), Identify: pages.Authenticate, Who: login.From,
		}))(t)
		srv := httptest.NewServer(site)
		t.Cleanup(srv.Close)
		h.url = srv.URL
		fn(t, h)
		if missing := h.texts.Missing(); len(missing) > 0 {
			t.Errorf("texts missing: %v", missing)
		}
	})
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (h *house) add(t *testing.T, name string, role auth.Role, at auth.Scope) auth.Account {
	t.Helper()
	return must(h.auth.AddAccount(t.Context(), auth.Operator(), auth.NewAccount{Login: name, Name: "Name of " + name, Role: role, Scope: at, Password: secret}))(t)
}

// browser keeps cookies and follows nothing, so that a test sees each answer.
type browser struct {
	*http.Client
	h *house
}

func (h *house) browser(t *testing.T) *browser {
	jar := must(cookiejar.New(nil))(t)
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, h}
}

type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (b *browser) do(t *testing.T, method, path string, form url.Values, jsonBody, token string) answer {
	t.Helper()
	body := form.Encode()
	if jsonBody != "" {
		body = jsonBody
	}
	r := must(http.NewRequestWithContext(t.Context(), method, b.h.url+path, strings.NewReader(body)))(t)
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537")
	switch {
	case jsonBody != "":
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
	case method == http.MethodPost:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept", "application/json")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp := must(b.Do(r))(t)
	defer resp.Body.Close()
	text := must(io.ReadAll(resp.Body))(t)
	return answer{resp.StatusCode, resp.Header.Get("Location"), resp.Header, string(text)}
}

func (b *browser) get(t *testing.T, path string) answer {
	t.Helper()
	return b.do(t, "GET", path, nil, "", "")
}

func (b *browser) post(t *testing.T, path string, pairs ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(t, "POST", path, form, "", "")
}

func (b *browser) send(t *testing.T, path, body string) answer {
	t.Helper()
	return b.do(t, "POST", path, nil, body, "")
}

func want(t *testing.T, a answer, status int, parts ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d\n%s", a.status, status, a.body)
	}
	for _, p := range parts {
		if !strings.Contains(a.body, p) && a.location != p {
			t.Errorf("%q is neither in the answer nor its location %q\n%s", p, a.location, a.body)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		b := h.browser(t)
		want(t, b.get(t, "/me"), 303, "/sign-in?next=%2Fme")
		want(t, b.get(t, "/sign-in?next=/me"), 200, `name="next" value="/me"`, "Sign in to go on")
		bad := b.post(t, "/sign-in", "login", "gao", "password", "guess-guess", "next", "/me")
		want(t, bad, 401, "The user name or the password is not right", `value="gao"`, `name="next" value="/me"`)
		if strings.Contains(bad.body, "guess-guess") {
			t.Error("the password came back")
		}
		ok := b.post(t, "/sign-in", "login", "gao", "password", secret, "next", "//evil.example/")
		want(t, ok, 303, "/desk/claims")
		if c := ok.header.Get("Set-Cookie"); !strings.HasPrefix(c, "breakwater=ses_") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
			t.Errorf("cookie %s", c)
		}
		want(t, b.get(t, "/me"), 200, "Name of gao", "Chrome · Windows", "This device")
		want(t, b.get(t, "/sign-in"), 200, "You are signed in as Name of gao")
		want(t, b.post(t, "/sign-out"), 303, "/sign-in")
		want(t, b.get(t, "/sign-in"), 200, "You are signed out.")
		want(t, b.get(t, "/me"), 303, "/sign-in?next=%2Fme")
	})
}

func TestSignInByJSON(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		a := h.add(t, "gao", auth.Officer, auth.District(district))
		b := h.browser(t)
		want(t, b.send(t, "/sign-in", `{"login":"gao","password":"guess-guess"}`), 401, `"code":"auth.sign_in"`)
		want(t, b.send(t, "/sign-in", `{"login":`), 400)
		ok := b.send(t, "/sign-in", `{"login":"gao","password":"`+secret+`"}`)
		want(t, ok, 200, `"role":"officer"`)
		var begun login.Begun
		if err := json.Unmarshal([]byte(ok.body), &begun); err != nil || begun.Principal.ID != a.ID || begun.Principal.Scope != auth.District(district) {
			t.Errorf("%+v %v", begun, err)
		}
		if strings.Contains(ok.body, "ses_") {
			t.Error("the secret is in the body")
		}
		for range 12 {
			ok = b.send(t, "/sign-in", `{"login":"nobody","password":"guess-guess"}`)
		}
		want(t, ok, 429, `"code":"auth.too_many"`)
		if ok.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestWorker(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.browser(t)
		want(t, b.get(t, "/sign-in/worker"), 200, "Mobile number")
		bad := b.post(t, "/sign-in/worker", "phone", "13800001234", "last_six", "999999")
		want(t, bad, 401, "We could not sign you in", `value="13800001234"`)
		if strings.Contains(bad.body, "999999") {
			t.Error("the six characters came back")
		}
		want(t, b.post(t, "/sign-in/worker", "phone", "138 0000 1234", "last_six", "01123x"), 303, "/me")
		me := b.get(t, "/me")
		want(t, me, 200, "李*娜", "Worker")
		if strings.Contains(me.body, "小") || strings.Contains(me.body, "/me/password") {
			t.Error("the name is open, or a worker is offered a password")
		}
		want(t, b.post(t, "/me/tokens", "label", "x", "days", "9"), 403)
	})
}

func TestCode(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.browser(t)
		want(t, b.get(t, "/sign-in/phone?next=/me"), 200, "Sign in with a code", `name="next" value="/me"`)
		want(t, b.post(t, "/sign-in/phone", "phone", "12"), 422, "Give a mobile number")
		sent := b.post(t, "/sign-in/phone", "phone", "138 0000 1234", "next", "/me")
		want(t, sent, 303)
		want(t, b.get(t, sent.location), 200, "six digits are on their way", `value="/me"`)
		want(t, b.post(t, "/sign-in/phone", "phone", "13800001234"), 429, "A code was asked for just now", `value="13800001234"`)
		unknown := b.send(t, "/sign-in/phone", `{"phone":"13900001234"}`)
		want(t, unknown, 200, `"challenge":"cod_`)
		m := <-h.sent
		code := m.Params["code"]
		if m.Phone != "13800001234" || !strings.HasPrefix(m.Text, code+" is your code") {
			t.Errorf("%+v", m)
		}
		challenge := must(url.Parse(sent.location))(t).Query().Get("challenge")
		want(t, b.post(t, "/sign-in/code", "challenge", challenge, "code", "12345x"), 401, "This code is not right", challenge)
		want(t, b.post(t, "/sign-in/code", "challenge", challenge, "code", code, "next", "/me"), 303, "/me")
		want(t, b.get(t, "/me"), 200, "李*娜")
		want(t, h.browser(t).send(t, "/sign-in/code", `{"challenge":"`+challenge+`","code":"`+code+`"}`), 401, `"auth.code_wrong"`)
		if len(h.sent) != 0 {
			t.Error("a message went to a phone nobody has")
		}
	})
}

func TestMe(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		one, two := h.browser(t), h.browser(t)
		for _, b := range []*browser{one, two} {
			want(t, b.post(t, "/sign-in", "login", "gao", "password", secret), 303)
		}
		want(t, one.post(t, "/me/password", "old", "wrong-wrong", "password", "short"), 422, "This is not your present password", "at least 10 characters")
		want(t, one.post(t, "/me/password", "old", secret, "password", "another-tide-7"), 303, "/me")
		want(t, one.get(t, "/me"), 200, "Your password is changed")
		want(t, two.get(t, "/me"), 303)

		want(t, one.post(t, "/me/tokens", "label", "", "days", "900"), 422, "from 1 to 365")
		made := one.post(t, "/me/tokens", "label", "night import", "days", "30")
		want(t, made, 200, "bwt_", "night import")
		token := made.body[strings.Index(made.body, "bwt_"):][:73]
		program := h.browser(t)
		want(t, program.do(t, "GET", "/me", nil, "", token), 200, `"role":"officer"`)
		want(t, program.do(t, "GET", "/me", nil, "", token[:72]+"x"), 401)
		// What is public asks nobody who they are; a monitor's stale token is no matter.
		want(t, program.do(t, "GET", "/sign-in", nil, "", token[:72]+"x"), 200)
		want(t, program.do(t, "GET", "/no-such-page", nil, "", token[:72]+"x"), 404)
		want(t, program.do(t, "POST", "/me/tokens", nil, `{"label":"another","days":9}`, token), 403, "auth.token_by_token")
		if again := one.get(t, "/me"); strings.Contains(again.body, token) {
			t.Error("the token is shown twice")
		}
		want(t, one.post(t, "/me/tokens/revoke", "token", token[:30]), 303, "/me")
		want(t, program.do(t, "GET", "/me", nil, "", token), 401, "auth.unauthenticated")

		want(t, two.post(t, "/sign-in", "login", "gao", "password", "another-tide-7"), 303)
		want(t, one.post(t, "/me/sign-out-everywhere"), 303, "/sign-in")
		want(t, two.get(t, "/me"), 303)
	})
}

func TestClaimToRelease(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		firm, officer := h.browser(t), h.browser(t)
		want(t, firm.get(t, "/claim"), 200, "Step 1 of 2")
		want(t, firm.post(t, "/claim", "credit_code", "9133", "firm_name", "Harbour", "contact", "李小娜", "phone", "12", "step", "check"), 422, "18 characters", "mobile number, or a land line", "Say in which park", `value="李小娜"`)
		details := []string{"key", "key_1", "credit_code", firmCode, "firm_name", "Harbour", "park", "none", "contact", "李小娜", "phone", "138 0000 1234"}
		want(t, firm.post(t, "/claim", append(details, "step", "check")...), 200, "Step 2 of 2", `name="key" value="key_1"`, "李小娜")
		typed := append([]string{"credit_code", " " + strings.ToLower(firmCode)}, details[4:]...)
		want(t, firm.post(t, "/claim", append(typed, "step", "check")...), 200, `value="`+firmCode+`"`, ">"+firmCode+"<", "13800001234")
		want(t, firm.post(t, "/claim", append(details, "step", "change")...), 200, "Step 1 of 2", `value="李小娜"`)
		want(t, firm.post(t, "/claim", append(details, "step", "send", "password", "short")...), 422, "Step 2 of 2", "at least 10 characters")
		sent := firm.post(t, "/claim", append(details, "step", "send", "password", "quay-and-crane-5")...)
		want(t, sent, 303)
		again := firm.post(t, "/claim", append(details, "step", "send", "password", "quay-and-crane-5")...)
		if again.location != sent.location {
			t.Errorf("sent twice: %s and %s", sent.location, again.location)
		}
		reference := strings.TrimPrefix(sent.location, "/claim/received?reference=")
		want(t, firm.get(t, sent.location), 200, reference)
		want(t, firm.get(t, "/claim/received?reference=%3Cscript%3E"), 404)
		want(t, firm.post(t, "/sign-in", "login", firmCode, "password", "quay-and-crane-5"), 403, "is waiting for an officer", reference)
		if page := firm.post(t, "/sign-in", "login", firmCode, "password", "quay-and-crane-5"); strings.Contains(page.body, "error") || strings.Contains(page.body, `aria-invalid`) {
			t.Errorf("waiting looks like a mistake: %s", page.body)
		}
		want(t, firm.get(t, "/desk/claims"), 303)

		want(t, officer.post(t, "/sign-in", "login", "gao", "password", secret), 303)
		list := officer.get(t, "/desk/claims")
		want(t, list, 200, "Harbour Tools", "李*娜", "138****1234", reference)
		if strings.Contains(list.body, "李小娜") {
			t.Error("the contact is open in the list")
		}
		at := list.body[strings.Index(list.body, "/desk/claims/clm_"):]
		at = at[:strings.IndexByte(at, '"')]
		want(t, officer.get(t, at), 200, "李*娜")
		want(t, officer.post(t, at, "act", "reveal", "reason", " "), 422, "Give the reason")
		want(t, officer.post(t, at, "act", "reveal", "reason", "to call"), 200, "李小娜", "13800001234")
		want(t, officer.post(t, at, "act", "refuse", "reason", ""), 422, "Give the reason")
		want(t, officer.post(t, at, "act", "release"), 303, "/desk/claims")
		want(t, officer.get(t, "/desk/claims"), 200, "Released. Harbour Tools", "No claim is waiting")
		want(t, officer.post(t, at, "act", "release"), 409, "decided already")
		want(t, firm.post(t, "/sign-in", "login", firmCode, "password", "quay-and-crane-5"), 303, "/me")
		want(t, firm.get(t, "/me"), 200, "Harbour Tools")
		want(t, firm.get(t, "/desk/claims"), 403)

		// A second claim meets the account; the officer may hand it over.
		want(t, officer.send(t, "/claim", `{"credit_code":"`+firmCode+`","firm_name":"Harbour","park":"none","contact":"王芳","phone":"13900001234","password":"buoy-and-bell-55"}`), 200, `"state":"waiting"`)
		list = officer.get(t, "/desk/claims")
		at = list.body[strings.Index(list.body, "/desk/claims/clm_"):]
		at = at[:strings.IndexByte(at, '"')]
		want(t, officer.post(t, at, "act", "release"), 409, "This firm has an account", `value="hand_over"`)
		want(t, officer.send(t, at, `{"act":"hand_over"}`), 200)
		want(t, firm.get(t, "/me"), 303)
		want(t, firm.post(t, "/sign-in", "login", firmCode, "password", "buoy-and-bell-55"), 303, "/me")
	})
}

// Both languages have every word of these pages.
func TestChinese(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add(t, "gao", auth.Officer, auth.District(district))
		b := h.browser(t)
		want(t, b.post(t, "/sign-in", "login", "gao", "password", secret), 303)
		u := must(url.Parse(h.url))(t)
		b.Jar.SetCookies(u, []*http.Cookie{{Name: "lang", Value: "zh-Hans"}})
		for path, word := range map[string]string{
			"/sign-in": "单位和工作人员登录", "/sign-in/worker": "员工登录", "/sign-in/phone": "短信验证码登录", "/sign-in/code?challenge=x": "填写验证码", "/claim": "认领单位档案", "/me": "我的账号",
			"/desk/claims": "单位认领申请", "/claim/received?reference=" + ident.NewAloud(7): "认领申请已收到",
		} {
			want(t, b.get(t, path), 200, word, `lang="zh-Hans"`)
		}
	})
}
