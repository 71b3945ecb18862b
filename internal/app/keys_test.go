package app

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/keyring"
	"breakwater/internal/web/keys"
)

// states are the ring's keys, oldest first.
func (s *street) states() string {
	var out []string
	for _, k := range s.Ring.PublicKeys(s.Config.Clock()) {
		out = append(out, k.State)
	}
	return strings.Join(out, " ")
}

// ask asks for a key as an officer and returns the act.
func (s *street) ask(pairs map[string]any) string {
	s.t.Helper()
	var out struct{ Act string }
	s.as(auth.Officer).JSON("POST", "/api/v1/keys/turns", "", pairs).Want(s.t, http.StatusOK).Decode(s.t, &out)
	return out.Act
}

func (s *street) says(text, want string) {
	s.t.Helper()
	s.as("").JSON("POST", "/api/v1/credentials/verify", "", map[string]string{"text": text}).Want(s.t, http.StatusOK, want)
}

// Two officers let a key follow: it is listed before it signs, and codes in
// people's hands go on holding.
func TestKeysTurn(t *testing.T) {
	s := newStreet(t)
	officer, second := s.as(auth.Officer), s.as(auth.SecondOfficer)
	code := s.code(s.as(auth.Worker)).Credential
	officer.Get("/desk/keys").Want(t, http.StatusOK, "signs now")
	officer.Form("/desk/keys", "cause", "planned", "algorithm", "ES256", "hours", "48", "reason", "按年度计划更换", "key", "ticket-of-the-form-1").Want(t, http.StatusSeeOther)
	if s.states() != "current" {
		t.Errorf("done by one: %s", s.states())
	}
	list := second.Get("/desk/second").Want(t, http.StatusOK, "A new signing key").Body
	head, _, _ := strings.Cut(list, "A new signing key") // other acts may wait beside it
	const link = `href="/desk/second/act_`
	id, _, _ := strings.Cut(head[strings.LastIndex(head, link)+len(link):], `"`)
	act := "/desk/second/act_" + id
	second.Get(act).Want(t, http.StatusOK, "As planned", "48 hours after")
	officer.Form(act, "do", "confirm", "key", "ticket-of-the-form-2").Want(t, http.StatusForbidden)
	second.Form(act, "do", "confirm", "key", "ticket-of-the-form-3").Want(t, http.StatusSeeOther)
	if s.states() != "current next" {
		t.Errorf("after the second yes: %s", s.states())
	}
	officer.Get("/desk/keys").Want(t, http.StatusOK, "listed, signs soon")
	s.as(auth.Officer).JSON("POST", "/api/v1/keys/turns", "", map[string]any{"cause": "planned", "reason": "又一次"}).Want(t, http.StatusConflict, "keyring.turning")
	s.says(code, `"valid":true`)

	// Others know both keys from the list, without us.
	body := s.as("").Send("GET", keys.ListPath, "", nil).Want(t, http.StatusOK, `"state":"next"`, `"kty":"EC"`).Body
	path := filepath.Join(t.TempDir(), "trust.json")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	trust, err := credential.LoadTrust(path)
	if err != nil || trust.Len() != 2 {
		t.Fatal(err, trust.Len())
	}
	if r := credential.Verify(code, trust, s.Config.Clock(), nil); !r.Valid {
		t.Error(r.Reason)
	}
}

// A stolen key ends at once, with all it signed; everything is signed anew.
func TestLostKey(t *testing.T) {
	s := newStreet(t)
	worker := s.as(auth.Worker)
	code := s.code(worker).Credential
	act := s.ask(map[string]any{"cause": "lost", "algorithm": "SM2", "reason": "备份盘遗失"})
	s.as(auth.SecondOfficer).JSON("POST", "/api/v1/acts/"+act+"/confirm", "", map[string]any{}).Want(t, http.StatusOK)
	if s.states() != "revoked current" {
		t.Fatal(s.states())
	}
	s.says(code, `"failed_step":"key"`)
	again := s.code(worker).Credential
	if in := credential.Inspect(again); in.Algorithm != "SM2" {
		t.Errorf("signed by %s", in.Algorithm)
	}
	s.says(again, `"valid":true`)
	var l credential.List
	if err := json.Unmarshal([]byte(s.as("").Send("GET", keys.ListPath, "", nil).Body), &l); err != nil || l.Keys[0].State != keyring.Revoked || l.Keys[1].Algorithm != "SM2" {
		t.Error(err, l)
	}
	// The list that says what is withdrawn is signed anew as well.
	at := credential.Inspect(again).Claims.Status.URI
	s.as("").Send("GET", at[strings.Index(at, "/api/"):], "", nil).Want(t, http.StatusOK)
	facts, err := s.Log.Stream(t.Context(), "key:"+s.Ring.PublicKeys(s.Config.Clock())[1].Short(), 5)
	if err != nil || len(facts) != 1 || !strings.Contains(string(facts[0].Body), "备份盘遗失") {
		t.Error(err, facts)
	}
}

func TestKeysRefuse(t *testing.T) {
	s := newStreet(t)
	for name, x := range map[string]struct {
		body map[string]any
		want string
	}{
		"no cause":     {map[string]any{"reason": "说明"}, "keys.cause_unknown"},
		"no reason":    {map[string]any{"cause": "planned"}, "dual.reason_length"},
		"an algorithm": {map[string]any{"cause": "planned", "algorithm": "RSA", "reason": "说明"}, "keyring.algorithm"},
		"hours":        {map[string]any{"cause": "planned", "hours": 721, "reason": "说明"}, "keys.hours"},
	} {
		t.Run(name, func(t *testing.T) {
			s.as(auth.Officer).JSON("POST", "/desk/keys", "", x.body).Want(t, http.StatusUnprocessableEntity, x.want)
		})
	}
	s.as(auth.Worker).Get("/desk/keys").Want(t, http.StatusForbidden)
	if _, err := s.Keys.Turn(t.Context(), auth.Principal{ID: "acc_1", Role: auth.Officer, Scope: auth.District(s.Home.ID)}, keys.TurnInput{Cause: keys.Lost, Reason: "说明"}); err == nil {
		t.Error("an officer turned a key alone")
	}
	kid, err := s.Keys.Turn(t.Context(), auth.Operator(), keys.TurnInput{Cause: keys.Planned, Hours: 1, Reason: "说明"})
	if err != nil || s.states() != "current next" || kid == "" {
		t.Error(err, s.states())
	}
	if k := s.Ring.PublicKeys(s.Config.Clock()); !k[0].Until.Equal(s.Config.Clock().Add(time.Hour + s.Keys.Life)) {
		t.Errorf("the old key is believed until %v", k[0].Until)
	}
}

// Who keeps the trust list asks by its tag, hears nothing while no key has changed,
// though the list is issued anew each second, and all of it once one has.
func TestTheTrustListIsKept(t *testing.T) {
	s := newStreet(t)
	c := s.as("")
	first := c.Send("GET", keys.ListPath, "", nil).Want(t, http.StatusOK)
	tag := first.Header.Get("ETag")
	if first.Header.Get("Cache-Control") != "public, max-age=30" || first.Header.Get("Set-Cookie") != "" || !strings.HasPrefix(tag, `W/"`) {
		t.Fatal(first.Header)
	}
	s.hand.Add(time.Minute)
	for have, want := range map[string]int{
		tag: http.StatusNotModified, `"other", ` + tag: http.StatusNotModified, strings.TrimPrefix(tag, "W/"): http.StatusNotModified,
		"*": http.StatusNotModified, `"other"`: http.StatusOK, "nonsense": http.StatusOK,
	} {
		a := c.Send("GET", keys.ListPath, "", nil, "If-None-Match", have).Want(t, want)
		if a.Header.Get("ETag") != tag || a.Header.Get("Cache-Control") == "" || a.Header.Get("Vary") == "" || want == http.StatusNotModified && a.Body != "" {
			t.Errorf("%s: %v %q", have, a.Header, a.Body)
		}
	}
	if _, err := s.Keys.Turn(t.Context(), auth.Operator(), keys.TurnInput{Cause: keys.Lost, Reason: "演练"}); err != nil {
		t.Fatal(err)
	}
	if a := c.Send("GET", keys.ListPath, "", nil, "If-None-Match", tag).Want(t, http.StatusOK, `"state":"revoked"`); a.Header.Get("ETag") == tag {
		t.Error("a list with another key has the same tag")
	}
}

// What follows a turn and could not be done is owed, and done as soon as it can be.
func TestKeysOwed(t *testing.T) {
	s := newStreet(t)
	away, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.turned(away, true); err == nil || !s.owed.any() {
		t.Fatalf("nothing is owed: %v", err)
	}
	s.reread = time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.keepKeys(ctx) }()
	for end := time.Now().Add(20 * time.Second); s.owed.any(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is owed still")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
