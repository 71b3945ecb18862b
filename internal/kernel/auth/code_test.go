package auth

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// gateway keeps what was sent.
type gateway []Message

func (g *gateway) Send(_ context.Context, m Message) error {
	*g = append(*g, m)
	return nil
}

func withCodes(t *testing.T, fn func(t *testing.T, w *world, sent func() Message)) {
	t.Helper()
	onBoth(t, func(t *testing.T, w *world) {
		var g gateway
		w.deps.Sender = &g
		w.Service = New(w.deps)
		fn(t, w, func() (m Message) {
			for {
				select {
				case waiting := <-w.outbox:
					if err := w.deliver(t.Context(), waiting); err != nil {
						t.Fatal(err)
					}
				default:
					if len(g) > 0 {
						m, g = g[0], g[1:]
					}
					return m
				}
			}
		})
	})
}

func say(code string, minutes int) string { return fmt.Sprint(code, " holds ", minutes, " minutes") }

func TestSignInByCode(t *testing.T) {
	withCodes(t, func(t *testing.T, w *world, sent func() Message) {
		id, err := w.SendCode(t.Context(), "138 0000 7777", say, here)
		if err != nil {
			t.Fatal(err)
		}
		m := sent()
		code := m.Params["code"]
		if d := cmp.Diff(Message{Phone: "13800007777", Template: "sign_in", Params: map[string]string{"code": code}, Text: code + " holds 5 minutes"}, m); d != "" || len(code) != 6 {
			t.Error(d)
		}
		_, err = w.SignInByCode(t.Context(), id, "000000x", "", here)
		wantCode(t, err, fault.Unauthenticated, "auth.code_wrong")
		b, err := w.SignInByCode(t.Context(), id, code[:3]+" "+code[3:], "", here)
		if err != nil || b.Principal.Role != Resident || b.Principal.Person != "per_7" || b.Proof == "" {
			t.Fatalf("%+v %v", b, err)
		}
		_, err = w.SignInByCode(t.Context(), id, code, "", here)
		wantCode(t, err, fault.Unauthenticated, "auth.code_wrong") // once only
		if d := cmp.Diff("account_added signed_in", w.facts.names()); d != "" {
			t.Error(d)
		}
	})
}

// A family's phone: only who has the code is asked who they are.
func TestCodeOfASharedPhone(t *testing.T) {
	withCodes(t, func(t *testing.T, w *world, sent func() Message) {
		id, err := w.SendCode(t.Context(), "13800001234", say, here)
		if err != nil {
			t.Fatal(err)
		}
		code := sent().Params["code"]
		_, err = w.SignInByCode(t.Context(), id, "wrong1", "01123X", here)
		wantCode(t, err, fault.Unauthenticated, "auth.code_wrong")
		for _, six := range []string{"", "999999"} {
			_, err = w.SignInByCode(t.Context(), id, code, six, here)
			if f := wantCode(t, err, fault.Invalid, "auth.invalid"); f.Fields[0].Code != "auth.code_which" {
				t.Errorf("%+v", f.Fields)
			}
		}
		b, err := w.SignInByCode(t.Context(), id, code, "01123x", here)
		if err != nil || b.Principal.Role != Worker || b.Principal.Person != "per_1" {
			t.Fatalf("%+v %v", b, err)
		}
	})
}

// Nobody learns by a code whether a phone is known, and a code is not guessed.
func TestCodesAreLimited(t *testing.T) {
	withCodes(t, func(t *testing.T, w *world, sent func() Message) {
		for _, phone := range []string{"13800007777", "13900000001"} { // known, unknown
			id, err := w.SendCode(t.Context(), phone, say, here)
			if err != nil || len(id) != 30 {
				t.Fatalf("%q %v", id, err)
			}
			m := sent()
			if (m.Phone == "") != (phone == "13900000001") {
				t.Errorf("%s: sent %+v", phone, m)
			}
			_, err = w.SendCode(t.Context(), phone, say, client("198.51.100.9"))
			f := wantCode(t, err, fault.TooMany, "auth.code_soon")
			if f.Args["seconds"] != 60 {
				t.Errorf("%v", f.Args)
			}
			for range codeTries {
				_, err = w.SignInByCode(t.Context(), id, "not it", "", here)
				wantCode(t, err, fault.Unauthenticated, "auth.code_wrong")
			}
			if code := m.Params["code"]; code != "" {
				_, err = w.SignInByCode(t.Context(), id, code, "", here)
				wantCode(t, err, fault.Unauthenticated, "auth.code_wrong") // five were enough
			}
			for range codesPerDay - 1 {
				w.hand.Add(codeEvery)
				if _, err = w.SendCode(t.Context(), phone, say, here); err != nil {
					t.Fatal(err)
				}
			}
			w.hand.Add(codeEvery)
			_, err = w.SendCode(t.Context(), phone, say, here)
			wantCode(t, err, fault.TooMany, "auth.code_day")
			for sent().Phone != "" {
			}
		}
		w.hand.Add(24 * time.Hour)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.count(t, "auth_code"); n != 0 {
			t.Errorf("%d codes are kept", n)
		}
		id, err := w.SendCode(t.Context(), "13800007777", say, here)
		if err != nil {
			t.Fatal(err)
		}
		w.hand.Add(codeLife)
		_, err = w.SignInByCode(t.Context(), id, sent().Params["code"], "", here)
		wantCode(t, err, fault.Unauthenticated, "auth.code_wrong") // too late
		for i := range codeNetBurst {
			_, err = w.SendCode(t.Context(), fmt.Sprintf("1370000%04d", i), say, client("198.51.100.50"))
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err = w.SendCode(t.Context(), "13700009999", say, client("198.51.100.50"))
		wantCode(t, err, fault.TooMany, "auth.code_soon")
		_, err = w.SendCode(t.Context(), "12", say, here)
		wantCode(t, err, fault.Invalid, "auth.invalid")
		if _, err := w.SignInByCode(t.Context(), strings.Repeat("x", 100), "123456", "", here); !fault.Is(err, "auth.code_wrong") {
			t.Error(err)
		}
	})
}

// Where messages are sent, knowing somebody's number opens nothing any more.
func TestCodesOnly(t *testing.T) {
	withCodes(t, func(t *testing.T, w *world, _ func() Message) {
		w.codesOnly = true
		_, err := w.SignInWorker(t.Context(), "13800001234", "01123X", here)
		wantCode(t, err, fault.NotFound, "auth.codes_only")
	})
}

// An erased person's account closes, and the phone opens nothing any more.
func TestForget(t *testing.T) {
	withCodes(t, func(t *testing.T, w *world, sent func() Message) {
		id, err := w.SendCode(t.Context(), "13800007777", say, here)
		if err != nil {
			t.Fatal(err)
		}
		b, err := w.SignInByCode(t.Context(), id, sent().Params["code"], "", here)
		if err != nil {
			t.Fatal(err)
		}
		w.still(t, w.Service, b)
		if err := w.db.Write(t.Context(), func(tx *storage.Tx) error { return w.Forget(tx, "per_7") }); err != nil {
			t.Fatal(err)
		}
		w.out(t, w.Service, b)
		w.hand.Add(codeEvery)
		if id, err = w.SendCode(t.Context(), "13800007777", say, here); err != nil {
			t.Fatal(err)
		}
		_, err = w.SignInByCode(t.Context(), id, sent().Params["code"], "", here)
		wantCode(t, err, fault.Unauthenticated, "auth.code_wrong")
	})
}
