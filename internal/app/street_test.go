package app

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/demo"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/web/webtest"
)

// street is a small demonstration as its visitors meet it: over the program's own
// routes, each role signed in at its door.
type street struct {
	*App
	t    *testing.T
	site http.Handler
	hand *clock.Hand
}

func newStreet(t *testing.T) *street {
	t.Helper()
	was := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(was) })
	hand := clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC))
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Demo: true, Clock: hand.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Build(t.Context(), a.DemoStage(), demo.Plan{People: 300, Seed: 1, Progress: func(int64, int64) {}}); err != nil {
		t.Fatal(err)
	}
	h, err := a.handler("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := a.Texts.Missing(); len(missing) > 0 {
			t.Errorf("texts missing: %v", missing)
		}
	})
	return &street{a, t, h, hand}
}

// as is a browser of this role; nobody's when role is "".
func (s *street) as(role auth.Role) *webtest.Caller {
	c := &webtest.Caller{T: s.t, Site: s.site, Lang: "en"}
	if role != "" {
		c.Form("/demo/sign-in", "role", string(role)).Want(s.t, http.StatusSeeOther)
	}
	return c
}

func (s *street) code(c *webtest.Caller) (out struct {
	State, Credential, Reason string
	ShortCode                 string `json:"short_code"`
},
) {
	c.JSON("GET", "/me/code", "", nil).Want(s.t, http.StatusOK).Decode(s.t, &out)
	return out
}

type gateSaid struct {
	Admit           bool
	Code, Reference string
	Reason          string
	Inside          int64
}

// A worker shows a code, a guard checks it by every way there is, and what was
// wrong is taken back.
func TestFromPhoneToGate(t *testing.T) {
	s := newStreet(t)
	worker, guard := s.as(auth.Worker), s.as(auth.Guard)
	code := s.code(worker)
	if code.State != "valid" || code.Reason == "" {
		t.Fatalf("the demonstration's worker may not go in: %+v", code)
	}
	page := worker.Send("GET", "/me/code", "", nil, "Accept", "text/html", "Accept-Encoding", "gzip").Want(t, http.StatusOK)
	if len(page.Body) > 12<<10 {
		t.Errorf("a code page of %d bytes leaves the sheet no room in 40 KB", len(page.Body))
	}
	worker.Get("/me/code").Want(t, http.StatusOK, code.ShortCode, `<img class="code" src="data:image/png;base64,`, "pass valid")

	_, by, err := cast{s.App}.Token(t.Context(), auth.Guard)
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Resume.AtGate(t.Context(), by, by.Scope.ID) // people are at work already
	if err != nil {
		t.Fatal(err)
	}

	// By form: 303 to a page that shows the answer.
	a := guard.Form("/gate", "text", strings.ToLower(code.ShortCode), "direction", "in", "key", "a-ticket-of-the-form-1")
	guard.Get(a.Want(t, http.StatusSeeOther).Header.Get("Location")).Want(t, http.StatusOK, "gate valid", "data-scan-hold")
	// By a script: the part alone.
	part := guard.Send("POST", "/gate", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"text": {code.Credential}, "direction": {"in"}}.Encode()),
		"HX-Request", "true", "Accept", "text/html").Want(t, http.StatusOK, `id="gate-live"`, "gate warn")
	if strings.Contains(part.Body, "<html") {
		t.Error("a script was answered with the whole page")
	}
	// By a program: exactly once.
	in := map[string]string{"short_code": code.ShortCode, "direction": "out"}
	var first, again gateSaid
	guard.JSON("POST", "/gate", "a-key-of-a-program-1", in).Want(t, http.StatusOK).Decode(t, &first)
	guard.JSON("POST", "/gate", "a-key-of-a-program-1", in).Want(t, http.StatusOK).Decode(t, &again)
	if first != again || !first.Admit || first.Code != "ok" || first.Inside != before.Inside {
		t.Errorf("the same request was answered %+v, then %+v", first, again)
	}
	in["direction"] = "in"
	guard.JSON("POST", "/gate", "a-key-of-a-program-1", in).Want(t, http.StatusUnprocessableEntity, "once.other_body")

	// What is not admitted says a class of reason only.
	guard.JSON("POST", "/gate", "", map[string]string{"text": "BW1:NOTHING", "direction": "in"}).Want(t, http.StatusOK, `"admit":false`, "unreadable")
	guard.Form("/gate", "text", "", "direction", "in").Want(t, http.StatusUnprocessableEntity, `class="summary"`)

	// A wrong tap, and a head count.
	guard.Form("/gate/undo", "reference", first.Reference).Want(t, http.StatusSeeOther)
	guard.Get("/gate").Want(t, http.StatusOK, "Undone", first.Reference)
	guard.Form("/gate/count", "number", "12", "reason", "").Want(t, http.StatusUnprocessableEntity, `value="12"`)
	guard.JSON("POST", "/gate/count", "", map[string]any{"number": 12, "reason": "head count"}).Want(t, http.StatusOK, `"inside":12`)

	// Not here, and not you.
	other := s.otherGate(guard)
	guard.Get("/gate?gate="+other).Want(t, http.StatusNotFound)
	guard.JSON("POST", "/gate", "", map[string]string{"gate": other, "short_code": code.ShortCode, "direction": "in"}).Want(t, http.StatusNotFound)
	guard.JSON("POST", "/gate/undo", "", map[string]string{"gate": other, "reference": first.Reference}).Want(t, http.StatusNotFound)
	worker.Get("/gate").Want(t, http.StatusForbidden)
	guard.Get("/me/code").Want(t, http.StatusForbidden)
	s.as("").JSON("GET", "/me/code", "", nil).Want(t, http.StatusUnauthorized)
}

func (s *street) otherGate(guard *webtest.Caller) (id string) {
	_, mine, err := cast{s.App}.Token(s.t.Context(), auth.Guard)
	if err == nil {
		err = s.DB.Read(s.t.Context(), func(r storage.Reader) error {
			all, err := place.All(r, place.Gate)
			for _, g := range all {
				if g.ID != mine.Scope.ID {
					id = g.ID
				}
			}
			return err
		})
	}
	if err != nil || id == "" {
		s.t.Fatal("no other gate", err)
	}
	return id
}

// Anyone reads the list, looks a certificate up and sees when it has ended.
func TestInPublic(t *testing.T) {
	s := newStreet(t)
	c := s.as("")
	c.Get("/open").Want(t, http.StatusOK, "/open/resumption.csv")
	c.Get("/open/resumption").Want(t, http.StatusOK, "/c/")
	if csv := c.Get("/open/resumption.csv").Want(t, http.StatusOK, "credit_code").Body; !strings.HasPrefix(csv, "\ufeffname,") {
		t.Errorf("Excel would not read this: %.40q", csv)
	}
	var list struct {
		Firms []struct {
			Name, Certificate string
			Standing          bool
		}
	}
	c.Get("/open/resumption.json").Want(t, http.StatusOK).Decode(t, &list)
	if len(list.Firms) == 0 || !list.Firms[0].Standing {
		t.Fatalf("the open list: %+v", list)
	}
	firm := list.Firms[0]
	c.Get("/c/"+firm.Certificate).Want(t, http.StatusOK, "pass valid", firm.Name)
	if to := c.Get("/c?code="+strings.ToLower(firm.Certificate)).Want(t, http.StatusSeeOther).Header.Get("Location"); to != "/c/"+firm.Certificate {
		t.Errorf("the code typed leads to %s", to)
	}
	c.Get("/c/K7M2-9QXE").Want(t, http.StatusNotFound, `name="code"`, `value="K7M2-9QXE"`)
	c.JSON("GET", "/c/K7M2-9QXE", "", nil).Want(t, http.StatusNotFound, "workresume.certificate_unknown")

	var text string
	for _, f := range firms(t, t.Context(), s.App) {
		if f.Name == firm.Name {
			whole, err := s.Resume.Firm(t.Context(), auth.Operator(), f.ID)
			if err != nil {
				t.Fatal(err)
			}
			text = whole.Certificate.Text
			c.Form("/verify", "text", text).Want(t, http.StatusOK, `class="confirm"`)
			if _, err := s.Resume.Decide(t.Context(), auth.Operator(), workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "seen on site"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.Get("/c/"+firm.Certificate).Want(t, http.StatusOK, "pass stop", "Ended")
	c.JSON("GET", "/c/"+firm.Certificate, "", nil).Want(t, http.StatusOK, `"standing":false`)
	c.Form("/verify", "text", text).Want(t, http.StatusOK, "confirm stop", "withdrawn") // although the signature holds
	c.JSON("POST", "/verify", "", map[string]string{"text": text}).Want(t, http.StatusOK, `"valid":false`, `"failed_step":"status"`, `"status":"revoked"`)
}

// Anyone checks a code, by form and as a program.
func TestVerifyPage(t *testing.T) {
	s := newStreet(t)
	c, pass := s.as(""), s.code(s.as(auth.Worker)).Credential
	c.Get("/verify").Want(t, http.StatusOK, "data-scanner")
	c.Form("/verify", "text", pass).Want(t, http.StatusOK, "The signature holds", "Code of a person")
	c.JSON("POST", "/verify", "", map[string]string{"text": pass}).Want(t, http.StatusOK, `"valid":true`, `"failed_step":null`, `"status":"valid"`)
	c.JSON("POST", "/verify", "", map[string]string{"text": "XX1:" + pass}).Want(t, http.StatusOK, `"valid":false`, `"failed_step":"prefix"`)
	c.Form("/verify", "text", pass[:len(pass)-1]).Want(t, http.StatusOK, "confirm stop")
	c.Form("/verify", "text", " ").Want(t, http.StatusUnprocessableEntity, `class="summary"`)
	door := ident.NewAloud(42)
	if to := c.Form("/verify", "text", "https://example.test/c/"+door).Want(t, http.StatusSeeOther).Header.Get("Location"); to != "/c/"+door {
		t.Errorf("a page's address leads to %s", to)
	}
}

// The auditor reads, proves and recomputes; nobody is named.
func TestTheLog(t *testing.T) {
	s := newStreet(t)
	c := s.as(auth.Auditor)
	s.code(s.as(auth.Worker)) // a fact sealed under a person's key
	if _, err := s.Log.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Facts []struct {
			ID, Stream string
			Sealed     bool
			Body       json.RawMessage
		}
	}
	c.JSON("GET", "/log", "", nil).Want(t, http.StatusOK).Decode(t, &list)
	sealed := 0
	for _, f := range list.Facts {
		if f.Sealed {
			sealed++
			if f.Body != nil {
				t.Errorf("a sealed body is shown: %s", f.Body)
			}
		}
	}
	if sealed == 0 {
		t.Error("no sealed fact on the page")
	}
	one := list.Facts[len(list.Facts)-1]
	c.Get("/log").Want(t, http.StatusOK, "/log/"+one.ID)
	c.Get("/log?stream="+url.QueryEscape(one.Stream)).Want(t, http.StatusOK, one.ID)
	c.Get("/log/"+one.ID).Want(t, http.StatusOK, "In the log")
	c.Get("/log/"+one.ID+"/proof.json").Want(t, http.StatusOK, `"state":"sealed"`)
	c.Get("/log/nothing").Want(t, http.StatusNotFound)
	note := c.Get("/log/checkpoint").Want(t, http.StatusOK, "breakwater").Body
	c.Form("/log/verify", "checkpoint", strings.ReplaceAll(note, "\n", "\r\n")).Want(t, http.StatusOK, "The log is whole")
	c.JSON("POST", "/log/verify", "", map[string]string{"checkpoint": note}).Want(t, http.StatusOK, `"ok":true`)
	c.JSON("POST", "/log/verify", "", map[string]string{"checkpoint": "somebody's note"}).Want(t, http.StatusOK, `"ok":false`)
	s.as(auth.Firm).Get("/log").Want(t, http.StatusForbidden)
	s.as(auth.Commander).JSON("POST", "/log/verify", "", map[string]string{}).Want(t, http.StatusForbidden)

	// The log has only grown since.
	s.code(s.as(auth.Worker))
	c.Form("/log/consistency", "older", strings.ReplaceAll(note, "\n", "\r\n")).Want(t, http.StatusOK, "The log has only grown")
	c.JSON("POST", "/log/consistency", "", map[string]string{"older": note}).Want(t, http.StatusOK, `"ok":true`, `"hashes":`)
	c.JSON("POST", "/log/consistency", "", map[string]string{"older": "somebody's note"}).Want(t, http.StatusUnprocessableEntity, "eventlog.checkpoint_false")
	c.Form("/log/consistency").Want(t, http.StatusUnprocessableEntity, "was not signed by this log")
}

// The board is the overseers'; its figures go out as CSV.
func TestBoardPage(t *testing.T) {
	s := newStreet(t)
	c := s.as(auth.Commander)
	c.Get("/board").Want(t, http.StatusOK, "polyline", "Tinglan Software Park")
	if strings.Contains(c.Get("/board").Body, "style=") {
		t.Error("the content policy refuses a style in the page")
	}
	c.Get("/board.csv").Want(t, http.StatusOK, "by,key,name,firms,filed", "Together")
	c.Get("/board/days.csv").Want(t, http.StatusOK, "2020-03-19")
	s.as(auth.Worker).Get("/board").Want(t, http.StatusForbidden)
}

// Every door of the demonstration opens, for a browser and for a program.
func TestDemoDoors(t *testing.T) {
	s := newStreet(t)
	c := s.as("")
	c.Get("/demo").Want(t, http.StatusOK, "Be the worker", "Be the auditor")
	for _, role := range []auth.Role{auth.Worker, auth.Firm, auth.Guard, auth.Officer, auth.Auditor, auth.Commander} {
		var got struct {
			Token     string
			Principal struct {
				ID, Role, Name string
				Scope          struct{ Kind, ID string }
			}
		}
		c.JSON("POST", "/demo/sign-in", "", map[string]string{"role": string(role)}).Want(t, http.StatusOK).Decode(t, &got)
		if p := got.Principal; p.Role != string(role) || p.ID == "" || p.Name == "" || p.Scope.Kind == "" || p.Scope.ID == "" {
			t.Errorf("%s: %+v", role, p)
		}
		home := s.as(role).Get(home(auth.Principal{Role: role}))
		home.Want(t, http.StatusOK)
		program := s.as("")
		program.JSON("GET", "/api/v1/summary", "", nil).Want(t, http.StatusUnauthorized)
		told := program.Send("GET", "/api/v1/summary", "", nil, "Authorization", "Bearer "+got.Token)
		switch role {
		case auth.Officer, auth.Auditor, auth.Commander:
			told.Want(t, http.StatusOK, "certified")
		default: // exact numbers, seen twice, tell one firm's
			told.Want(t, http.StatusForbidden)
		}
	}
	c.Form("/demo/sign-in", "role", "king").Want(t, http.StatusUnprocessableEntity, "worker, guard, firm, officer, second_officer, commander, auditor, resident")
}

// What is published may be read by any page, says when it is the same still, and
// tells what each field means.
func TestOpenFigures(t *testing.T) {
	s := newStreet(t)
	c := s.as("")
	got := c.Get("/open/figures.json").Want(t, http.StatusOK, `"licence":`, `"by":"park"`, `"name":"load_percent"`)
	if got.Header.Get("Access-Control-Allow-Origin") != "*" || got.Header.Get("ETag") == "" {
		t.Errorf("headers %v", got.Header)
	}
	for _, path := range [...]string{"/open/figures.json", "/open/figures.csv"} {
		tag := c.Get(path).Header.Get("ETag")
		same := c.Send("GET", path, "", nil, "If-None-Match", tag).Want(t, http.StatusNotModified)
		if same.Body != "" || same.Header.Get("ETag") != tag {
			t.Errorf("%s again: %q, %v", path, same.Body, same.Header)
		}
		c.Send("GET", path, "", nil, "If-None-Match", `W/"another"`).Want(t, http.StatusOK)
		zh := &webtest.Caller{T: t, Site: s.site, Lang: "zh-Hans"}
		if other := zh.Get(path).Header.Get("ETag"); other == tag {
			t.Errorf("%s has one tag in two languages: %s", path, tag)
		}
	}
	tag := c.Get("/open/figures.json").Header.Get("ETag")
	if _, err := s.Resume.Register(t.Context(), auth.Operator(), workresume.RegisterInput{CreditCode: ident.MakeCreditCode("91990201AAAAAAAAA"), Name: "潮生试验有限公司"}); err != nil {
		t.Fatal(err)
	}
	s.hand.Add(2 * time.Second)
	c.Send("GET", "/open/figures.json", "", nil, "If-None-Match", tag).Want(t, http.StatusNotModified)
	s.hand.Add(time.Hour)
	c.Send("GET", "/open/figures.json", "", nil, "If-None-Match", tag).Want(t, http.StatusOK, `"people_rounded_to":10`, `"next":`)
	c.Get("/open/figures.csv").Want(t, http.StatusOK, "by,key,name,firms,resumed,declared,back,load_percent,as_of,people_rounded_to", "all,,")
	c.Get("/open").Want(t, http.StatusOK, "/open/figures.csv", "The fields, their units", "As of ", "rounded to 10")
}
