package auth

import (
	"context"
	"fmt"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// out fails the test if the secret still opens anything.
func (w *world) out(t *testing.T, s *Service, b Session) {
	t.Helper()
	_, err := s.Authenticate(t.Context(), "", b.Secret)
	wantCode(t, err, fault.Unauthenticated, "auth.unauthenticated")
}

func (w *world) still(t *testing.T, s *Service, b Session) {
	t.Helper()
	if _, err := s.Authenticate(t.Context(), "", b.Secret); err != nil {
		t.Helper()
		t.Fatalf("session %s: %v", b.ID, err)
	}
}

func TestSignedOutSessionIsOver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		one, two := w.in(t, "gao", good), w.in(t, "gao", good)
		w.still(t, w.Service, one)
		if err := w.SignOut(t.Context(), one.Principal, one.ID); err != nil {
			t.Fatal(err)
		}
		w.out(t, w.Service, one)
		w.still(t, w.Service, two)
		if err := w.SignOut(t.Context(), one.Principal, one.ID); err != nil {
			t.Errorf("a second time: %v", err)
		}
		if got, want := w.facts.names(), "account_added signed_in signed_in signed_out"; got != want {
			t.Errorf("facts %s, want %s", got, want)
		}
		// Another account's session cannot be ended.
		w.add(t, "wu", Officer, District(district))
		wu := w.in(t, "wu", good)
		if err := w.SignOut(t.Context(), two.Principal, wu.ID); err != nil {
			t.Fatal(err)
		}
		w.still(t, w.Service, wu)
	})
}

func TestSecretsAreChecked(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := w.add(t, "gao", Officer, District(district))
		b := w.in(t, "gao", good)
		token, err := w.CreateToken(t.Context(), b.Principal, a.ID, "script", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		last := byte('A')
		if b.Secret[len(b.Secret)-2] == 'A' {
			last = 'B'
		}
		forged := b.Secret[:len(b.Secret)-2] + string(last) + b.Secret[len(b.Secret)-1:]
		for name, c := range map[string][2]string{
			"nothing": {}, "rubbish": {"", "x"}, "one character off": {"", forged}, "id only": {"", b.ID},
			"session as bearer": {b.Secret, ""}, "token as cookie": {"", token}, "bad bearer beside a good cookie": {"bwt_x", b.Secret},
			"longer": {"", b.Secret + "A"},
		} {
			if _, err := w.Authenticate(t.Context(), c[0], c[1]); !fault.Is(err, "auth.unauthenticated") {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.still(t, w.Service, b)
		// What is stored opens nothing.
		var stored []byte
		if err := w.db.Read(t.Context(), func(r storage.Reader) error {
			return r.Row(`select secret from auth_session where id = $1`, b.ID).Scan(&stored)
		}); err != nil {
			t.Fatal(err)
		}
		if len(stored) != 32 {
			t.Errorf("%d bytes stored", len(stored))
		}
	})
}

func TestEverywhere(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		w.add(t, "wu", Officer, District(district))
		one, two, wu := w.in(t, "gao", good), w.in(t, "gao", good), w.in(t, "wu", good)
		elsewhere := New(w.deps) // another process on the same store
		for _, s := range []*Service{w.Service, elsewhere} {
			w.still(t, s, one)
			w.still(t, s, two)
		}
		if err := w.SignOutEverywhere(t.Context(), one.Principal); err != nil {
			t.Fatal(err)
		}
		w.out(t, w.Service, one)
		w.out(t, w.Service, two)
		w.still(t, w.Service, wu)
		w.hand.Add(Fresh)
		w.out(t, elsewhere, one)
		w.out(t, elsewhere, two)
		if list, err := w.Sessions(t.Context(), one.Principal); err != nil || len(list) != 0 {
			t.Errorf("sessions %v %v", list, err)
		}
		w.still(t, w.Service, w.in(t, "gao", good))
	})
}

func TestDisabledIsOutAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := w.add(t, "gao", Officer, District(district))
		b := w.in(t, "gao", good)
		token, err := w.CreateToken(t.Context(), b.Principal, a.ID, "script", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		w.still(t, w.Service, b)
		if _, err := w.Authenticate(t.Context(), token, ""); err != nil {
			t.Fatal(err)
		}
		if err := w.Disable(t.Context(), Operator(), a.ID, "left"); err != nil {
			t.Fatal(err)
		}
		w.out(t, w.Service, b)
		if _, err := w.Authenticate(t.Context(), token, ""); !fault.Is(err, "auth.unauthenticated") {
			t.Errorf("token: %v", err)
		}
		if err := w.Enable(t.Context(), Operator(), a.ID); err != nil {
			t.Fatal(err)
		}
		w.out(t, w.Service, b) // what was ended stays ended
		w.in(t, "gao", good)
	})
}

func TestSessionsLapse(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		idle, whole := lifetime(Officer)
		b := w.in(t, "gao", good)
		w.hand.Add(idle)
		w.out(t, w.Service, b)

		// In use it lives on, in this process and, once noted, in every other,
		// but not beyond its whole time.
		b = w.in(t, "gao", good)
		for at := time.Duration(0); at < whole-time.Hour; at += time.Hour {
			w.hand.Add(time.Hour)
			w.still(t, w.Service, b)
		}
		if err := w.noteUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.still(t, New(w.deps), b)
		list, err := w.Sessions(t.Context(), b.Principal)
		if err != nil || len(list) != 1 || list[0].ID != b.ID || list[0].Secret != "" || !list[0].Seen.Equal(w.hand.Now()) {
			t.Errorf("sessions %+v %v", list, err)
		}
		w.hand.Add(time.Hour)
		w.out(t, w.Service, b)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.count(t, "auth_session"); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
}

func (w *world) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := w.db.Read(t.Context(), func(r storage.Reader) error {
		return r.Row(`select count(*) from ` + table).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A read that began before a revocation must not bring the session back.
func TestCacheForgetsReadsThatRacedARevocation(t *testing.T) {
	c := newCache(true)
	_, _, turn := c.get([]byte("ses_1"), start)
	c.drop("ses_1")
	c.put("ses_1", &known{loaded: start}, turn)
	if _, fresh, _ := c.get([]byte("ses_1"), start); fresh {
		t.Error("it came back")
	}
	_, _, turn = c.get([]byte("x"), start)
	for i := range cacheMost + 10 {
		c.put(fmt.Sprint(i), &known{loaded: start}, turn)
	}
	if n := len(c.entries); n > cacheMost {
		t.Errorf("%d entries", n)
	}
}

func TestRunEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Run(ctx, nil); err != nil {
			t.Error(err)
		}
	})
}
