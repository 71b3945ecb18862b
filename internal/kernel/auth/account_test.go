package auth

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

func TestAddAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		officer := Principal{ID: "acc_o", Role: Officer, Scope: Park(park1)}
		for _, c := range []struct {
			name   string
			by     Principal
			in     NewAccount
			kind   fault.Kind
			fields []string
		}{
			{"nobody asks", Principal{}, NewAccount{Scope: Park(park1)}, fault.Unauthenticated, nil},
			{"another park", officer, NewAccount{Login: "li.na", Name: "Li", Role: Officer, Scope: Park(park2), Password: good}, fault.Denied, nil},
			{"wider than the own", officer, NewAccount{Login: "li.na", Name: "Li", Role: Officer, Scope: District(district), Password: good}, fault.Denied, nil},
			{"by a firm", Principal{ID: "acc_f", Role: Firm, Scope: OfFirm("fir_1")}, NewAccount{Login: "li.na", Name: "Li", Role: Guard, Scope: Gate("pla_gate1"), Password: good}, fault.Denied, nil},
			{"all wrong", officer, NewAccount{Login: "a", Role: Auditor, Scope: Park(park1), Password: "x"}, fault.Invalid, []string{"login", "name", "role", "password"}},
			{"a credit code is a firm's", officer, NewAccount{Login: code1, Name: "Li", Role: Guard, Scope: Gate("pla_gate1"), Password: good}, fault.Invalid, []string{"login"}},
			{"a seat's login", officer, NewAccount{Login: "~worker:x", Name: "Li", Role: Guard, Scope: Gate("pla_gate1"), Password: good}, fault.Invalid, []string{"login"}},
			{"workers are not added", Operator(), NewAccount{Login: "li.na", Name: "Li", Role: Worker, Scope: Person("per_1"), Password: good}, fault.Invalid, []string{"role"}},
			{"nor is the system", Operator(), NewAccount{Login: "li.na", Name: "Li", Role: System, Scope: District(district), Password: good}, fault.Invalid, []string{"role"}},
		} {
			_, err := w.AddAccount(t.Context(), c.by, c.in)
			f := fault.As(err)
			if f == nil || f.Kind != c.kind {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			var fields []string
			for _, x := range f.Fields {
				fields = append(fields, x.Name)
			}
			if d := cmp.Diff(c.fields, fields); d != "" {
				t.Errorf("%s: %s", c.name, d)
			}
		}
		if n := w.count(t, "auth_account"); n != 0 || w.facts.names() != "" {
			t.Fatalf("%d accounts", n)
		}
		guard, err := w.AddAccount(t.Context(), officer, NewAccount{Login: "门岗-1", Name: "Gate 1", Role: Guard, Scope: Gate("pla_gate1"), Password: good})
		if err != nil {
			t.Fatal(err)
		}
		w.in(t, "门岗-1", good)
		_, err = w.AddAccount(t.Context(), officer, NewAccount{Login: "门岗-1", Name: "Gate 1", Role: Guard, Scope: Gate("pla_gate1"), Password: good})
		wantCode(t, err, fault.Conflict, "auth.login_taken")

		far := w.add(t, "far", Guard, Park(park2))
		list, next, err := w.Accounts(t.Context(), officer, Guard, "", 10)
		if err != nil || next != "" || len(list) != 1 || list[0].ID != guard.ID {
			t.Errorf("list %v %q %v", list, next, err)
		}
		_, err = w.Account(t.Context(), officer, far.ID)
		wantCode(t, err, fault.NotFound, "auth.no_account")
		wantCode(t, w.Disable(t.Context(), officer, far.ID, "x"), fault.NotFound, "auth.no_account")
		wantCode(t, w.Disable(t.Context(), officer, guard.ID, " "), fault.Invalid, "auth.invalid")
		// An account may not disable or enable itself by being itself.
		self := Principal{ID: guard.ID, Role: Guard, Scope: guard.Scope}
		wantCode(t, w.Enable(t.Context(), self, guard.ID), fault.Denied, "auth.denied")
	})
}

func TestResetPassword(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		gao := w.add(t, "gao", Officer, Park(park1))
		b := w.in(t, "gao", good)
		const fresh = "another-tide-7"
		wantCode(t, w.ResetPassword(t.Context(), officer1, gao.ID, fresh), fault.Denied, "auth.denied")
		wantCode(t, w.ResetPassword(t.Context(), officer2, gao.ID, fresh), fault.NotFound, "auth.no_account")
		wantCode(t, w.ResetPassword(t.Context(), chief, gao.ID, "short"), fault.Invalid, "auth.invalid")
		wantCode(t, w.ResetPassword(t.Context(), b.Principal, gao.ID, fresh), fault.Denied, "auth.denied")
		w.still(t, w.Service, b)
		token, err := w.CreateToken(t.Context(), b.Principal, gao.ID, "kept back", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Authenticate(t.Context(), token, ""); err != nil {
			t.Fatal(err)
		}
		if err := w.ResetPassword(t.Context(), chief, gao.ID, fresh); err != nil {
			t.Fatal(err)
		}
		w.out(t, w.Service, b)
		_, err = w.Authenticate(t.Context(), token, "")
		wantCode(t, err, fault.Unauthenticated, "auth.unauthenticated")
		w.in(t, "gao", fresh)

		c := w.claim(t, claimOf(code1, good))
		firm, err := w.ReleaseClaim(t.Context(), chief, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.ResetPassword(t.Context(), chief, firm.ID, fresh), fault.Denied, "auth.denied")
	})
}

func TestChangePassword(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		mine, other := w.in(t, "gao", good), w.in(t, "gao", good)
		w.still(t, w.Service, mine)
		w.still(t, w.Service, other)
		const fresh = "another-tide-7"
		f := wantCode(t, w.ChangePassword(t.Context(), mine.Principal, "wrong", "short"), fault.Invalid, "auth.invalid")
		if len(f.Fields) != 2 {
			t.Errorf("fields %v", f.Fields)
		}
		w.facts.names()
		if err := w.ChangePassword(t.Context(), mine.Principal, good, fresh); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff("password_changed", w.facts.names()); d != "" {
			t.Error(d)
		}
		w.still(t, w.Service, mine)
		w.out(t, w.Service, other)
		_, err := w.SignIn(t.Context(), "gao", good, here)
		wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		w.in(t, "gao", fresh)
		for range nameBurst - 1 { // one was spent above
			err = w.ChangePassword(t.Context(), mine.Principal, "guess", good)
		}
		wantCode(t, err, fault.Invalid, "auth.invalid")
		wantCode(t, w.ChangePassword(t.Context(), mine.Principal, "guess", good), fault.TooMany, "auth.too_many")

		worker, err := w.SignInWorker(t.Context(), "13800001234", "01123X", here)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.ChangePassword(t.Context(), worker.Principal, "", good), fault.Conflict, "auth.no_password")
		wantCode(t, w.ChangePassword(t.Context(), Principal{}, "", good), fault.NotFound, "auth.no_account")
	})
}
