package auth

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := w.add(t, "gao", Officer, District(district))
		park := w.add(t, "li.na", Officer, Park(park1))
		by := w.in(t, "gao", good).Principal
		for _, c := range []struct {
			label   string
			expires time.Time
			account string
			code    string
		}{
			{"", time.Time{}, a.ID, "auth.invalid"},
			{"x", start, a.ID, "auth.invalid"},
			{"x", time.Time{}, "acc_none", "auth.no_account"},
		} {
			if _, err := w.CreateToken(t.Context(), by, c.account, c.label, c.expires); !fault.Is(err, c.code) {
				t.Errorf("%v: %v", c, err)
			}
		}
		// Not even of an account one may manage: that would be acting as somebody else.
		_, err := w.CreateToken(t.Context(), by, park.ID, "not mine", time.Time{})
		wantCode(t, err, fault.NotFound, "auth.no_account")

		text, err := w.CreateToken(t.Context(), Operator(), park.ID, "import at night", start.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Authenticate(t.Context(), text, "")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(Principal{ID: park.ID, Role: Officer, Name: park.Name, Scope: Park(park1), Session: text[:idLen]}, got); d != "" {
			t.Error(d)
		}
		list, err := w.Tokens(t.Context(), got)
		if err != nil || len(list) != 1 || list[0].Label != "import at night" || !list[0].Expires.Equal(start.Add(time.Hour)) {
			t.Errorf("%+v %v", list, err)
		}
		wantCode(t, w.RevokeToken(t.Context(), by, list[0].ID), fault.NotFound, "auth.no_token")
		if err := w.RevokeToken(t.Context(), got, list[0].ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Authenticate(t.Context(), text, "")
		wantCode(t, err, fault.Unauthenticated, "auth.unauthenticated")

		text, err = w.CreateToken(t.Context(), by, a.ID, "short", start.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		w.hand.Add(time.Hour)
		_, err = w.Authenticate(t.Context(), text, "")
		wantCode(t, err, fault.Unauthenticated, "auth.unauthenticated")
	})
}

func TestTokensFor(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		if _, err := w.SignInWorker(t.Context(), "13800001234", "015678", here); err != nil { // per_2 has an account
			t.Fatal(err)
		}
		for range 2 { // the second time every account exists
			people := map[string]bool{}
			texts, err := w.TokensFor(t.Context(), Worker, 3, Scope{})
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range texts {
				p, err := w.Authenticate(t.Context(), text, "")
				if err != nil || p.Role != Worker {
					t.Fatalf("%v %v", p, err)
				}
				people[p.Person] = true
			}
			if d := cmp.Diff(map[string]bool{"per_1": true, "per_2": true, "per_3": true}, people); d != "" {
				t.Error(d)
			}
			if n := w.count(t, "auth_account"); n != 3 {
				t.Errorf("%d accounts", n)
			}
		}
		tokens := w.count(t, "auth_token")
		_, err := w.TokensFor(t.Context(), Worker, 4, Scope{})
		if f := wantCode(t, err, fault.Exhausted, "auth.too_few"); f.Args["have"] != 3 || w.count(t, "auth_token") != tokens {
			t.Errorf("%v", f.Args)
		}
		w.add(t, "p1", Officer, Park(park1))
		w.add(t, "p2", Officer, Park(park2))
		for at, want := range map[Scope]int{{}: 2, District(district): 2, Park(park1): 1, Park("pla_none"): 0} {
			texts, err := w.TokensFor(t.Context(), Officer, max(want, 1), at)
			if len(texts) != want || want == 0 && !fault.Is(err, "auth.too_few") {
				t.Errorf("%v: %d tokens, %v", at, len(texts), err)
			}
		}
		_, err = w.TokensFor(t.Context(), "mayor", 1, Scope{})
		wantCode(t, err, fault.Invalid, "auth.wrong_seat")
		_, err = w.TokensFor(t.Context(), Worker, 0, Scope{})
		wantCode(t, err, fault.Invalid, "auth.count")
		if texts, err := w.TokensFor(t.Context(), Firm, 2, Scope{}); err != nil || len(texts) != 2 || texts[0] == texts[1] {
			t.Errorf("firms: %v %v", texts, err)
		}
	})
}
