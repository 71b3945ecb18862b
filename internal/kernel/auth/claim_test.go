package auth

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

var (
	officer1 = Principal{ID: "acc_o1", Role: Officer, Scope: Park(park1)}
	officer2 = Principal{ID: "acc_o2", Role: Officer, Scope: Park(park2)}
	chief    = Principal{ID: "acc_o3", Role: Officer, Scope: District(district)}
)

func (w *world) claim(t *testing.T, in ClaimInput) Claim {
	t.Helper()
	c, err := w.ClaimFirm(t.Context(), in, here)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func claimOf(code, password string) ClaimInput {
	return ClaimInput{CreditCode: code, FirmName: "Typed Name", Park: NoPark, Contact: "李小娜", Phone: "138 0000 1234", Password: password}
}

func TestClaimReleased(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.claim(t, claimOf(code1, good))
		if d := cmp.Diff([]string{"fir_1", "Harbour Tools", "李*娜", "138****1234", Waiting}, []string{c.Firm, c.FirmName, c.Contact, c.Phone, c.State}); d != "" {
			t.Error(d)
		}
		// The claimant learns how it stands, by reference or by code; nobody else does.
		for _, login := range []string{c.Reference, code1} {
			_, err := w.SignIn(t.Context(), login, good, here)
			if f := wantCode(t, err, fault.Denied, "auth.claim_waiting"); f.Args["reference"] != c.Reference {
				t.Errorf("%v", f.Args)
			}
			_, err = w.SignIn(t.Context(), login, "guess-guess-guess", here)
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		_, err := w.ReleaseClaim(t.Context(), officer2, c.ID)
		wantCode(t, err, fault.NotFound, "auth.no_claim")
		_, err = w.ReleaseClaim(t.Context(), Principal{ID: "acc_f", Role: Firm, Scope: OfFirm("fir_1")}, c.ID)
		wantCode(t, err, fault.NotFound, "auth.no_claim")
		a, err := w.ReleaseClaim(t.Context(), officer1, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{c.Reference, code1} {
			b := w.in(t, login, good)
			if d := cmp.Diff(Principal{ID: a.ID, Role: Firm, Name: "Harbour Tools", Scope: OfFirm("fir_1"), Session: b.ID}, b.Principal); d != "" {
				t.Error(d)
			}
		}
		_, err = w.ReleaseClaim(t.Context(), officer1, c.ID)
		wantCode(t, err, fault.Conflict, "auth.claim_decided")
		wantCode(t, w.RefuseClaim(t.Context(), officer1, c.ID, "late"), fault.Conflict, "auth.claim_decided")
		if d := cmp.Diff("claimed account_added claim_released signed_in signed_in", w.facts.names()); d != "" {
			t.Error(d)
		}
	})
}

func TestClaimNamesThePark(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		for park, want := range map[string]string{"": "auth.park_needed", "pla_nowhere": "auth.park_unknown"} {
			in := claimOf(code2, good)
			in.Park = park
			_, err := w.ClaimFirm(t.Context(), in, here)
			bad := wantCode(t, err, fault.Invalid, "auth.invalid")
			if d := cmp.Diff([]fault.Field{{Name: "park", Code: want}}, bad.Fields); d != "" {
				t.Errorf("park %q: %s", park, d)
			}
		}
		in := claimOf(code2, good)
		in.Park = park1
		c, err := w.Claim(t.Context(), chief, w.claim(t, in).ID)
		if err != nil || c.Park != park1 {
			t.Fatalf("an officer reads %+v, %v", c, err)
		}
		if _, err := w.ReleaseClaim(t.Context(), chief, c.ID); err != nil {
			t.Fatal(err)
		}
		if b := w.in(t, code2, good); b.Principal.Name != "Typed Name in "+park1 {
			t.Errorf("registered as %q", b.Principal.Name)
		}
	})
}

func TestSecondClaim(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		first := w.claim(t, claimOf(code1, good))
		second := w.claim(t, claimOf(code1, "quay-and-crane-5"))
		if _, err := w.ReleaseClaim(t.Context(), officer1, first.ID); err != nil {
			t.Fatal(err)
		}
		third := w.claim(t, claimOf(code1, "buoy-and-bell-55")) // answers as if there were no account
		if third.State != Waiting {
			t.Errorf("%+v", third)
		}
		_, err := w.ReleaseClaim(t.Context(), officer1, second.ID)
		wantCode(t, err, fault.Conflict, "auth.firm_has_account")
		was := w.in(t, code1, good)
		if err := w.RefuseClaim(t.Context(), officer1, second.ID, "This firm's office is signed in already."); err != nil {
			t.Fatal(err)
		}
		_, err = w.SignIn(t.Context(), second.Reference, "quay-and-crane-5", here)
		if f := wantCode(t, err, fault.Denied, "auth.claim_turned_down"); f.Args["reason"] != "This firm's office is signed in already." {
			t.Errorf("%v", f.Args)
		}
		w.still(t, w.Service, was)
		// The office lost its password: the third claim takes the account over.
		a, err := w.HandOver(t.Context(), officer1, third.ID)
		if err != nil || a.ID != was.Principal.ID {
			t.Fatalf("%v %v", a, err)
		}
		w.out(t, w.Service, was)
		_, err = w.SignIn(t.Context(), code1, good, here)
		wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		w.in(t, code1, "buoy-and-bell-55")
	})
}

func TestClaimOfUnknownFirm(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		// Without a name a known code and an unknown one get the same answer.
		for _, code := range []string{code1, code2} {
			in := claimOf(code, good)
			in.FirmName = " "
			_, err := w.ClaimFirm(t.Context(), in, here)
			if f := wantCode(t, err, fault.Invalid, "auth.invalid"); len(f.Fields) != 1 || f.Fields[0].Code != "auth.firm_name_needed" {
				t.Errorf("%s: %+v", code, f.Fields)
			}
		}
		c := w.claim(t, claimOf(code2, good))
		_, err := w.Claim(t.Context(), officer1, c.ID)
		wantCode(t, err, fault.NotFound, "auth.no_claim") // no park's, so no park officer's
		a, err := w.ReleaseClaim(t.Context(), chief, c.ID)
		if err != nil || a.Scope != OfFirm("fir_new") {
			t.Fatalf("%+v %v", a, err)
		}
		if b := w.in(t, code2, good); b.Principal.Name != "Typed Name" {
			t.Errorf("%+v", b.Principal)
		}
	})
}

func TestClaimTwiceIsOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		in := claimOf(code1, good)
		in.Ticket = "tck_1"
		first, again := w.claim(t, in), w.claim(t, in)
		if first.ID != again.ID || first.Reference != again.Reference || again.Phone != "138****1234" || w.count(t, "auth_claim") != 1 {
			t.Errorf("%+v\n%+v", first, again)
		}
		in.Phone = "13900001234"
		_, err := w.ClaimFirm(t.Context(), in, here)
		wantCode(t, err, fault.Invalid, "auth.other_claim")
		if d := cmp.Diff("claimed", w.facts.names()); d != "" {
			t.Error(d)
		}
	})
}

func TestClaimInput(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		_, err := w.ClaimFirm(t.Context(), ClaimInput{CreditCode: "9133", Contact: "x", Phone: "12", Password: "x"}, here)
		var fields []string
		for _, f := range wantCode(t, err, fault.Invalid, "auth.invalid").Fields {
			fields = append(fields, f.Name+" "+f.Code)
		}
		want := []string{"credit_code ident.credit_code.length", "firm_name auth.firm_name_needed", "park auth.park_needed", "contact auth.contact_needed", "phone auth.phone_needed", "password auth.password_short"}
		if d := cmp.Diff(want, fields); d != "" {
			t.Error(d)
		}
		in := claimOf(code1, good)
		in.Phone = "（0574）8765 4321"
		if c := w.claim(t, in); c.Phone != "0574****4321" && c.Phone != "057*****4321" {
			t.Errorf("land line %s", c.Phone)
		}
		for range claimBurst {
			_, err = w.ClaimFirm(t.Context(), claimOf(code1, "x"), here)
		}
		wantCode(t, err, fault.Invalid, "auth.invalid") // what is not filed is not counted
	})
}

func TestClaimsAreLimited(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		for range claimBurst {
			w.byClaims.take(network(here.Addr))
		}
		_, err := w.ClaimFirm(t.Context(), claimOf(code1, good), here)
		wantCode(t, err, fault.TooMany, "auth.too_many")
	})
}

func TestRevealContact(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.claim(t, claimOf(code1, good))
		_, _, err := w.RevealContact(t.Context(), officer1, c.ID, "  ")
		wantCode(t, err, fault.Invalid, "auth.invalid")
		_, _, err = w.RevealContact(t.Context(), officer2, c.ID, "to call")
		wantCode(t, err, fault.NotFound, "auth.no_claim")
		name, phone, err := w.RevealContact(t.Context(), officer1, c.ID, "to call before releasing")
		if err != nil || name != "李小娜" || phone != "13800001234" {
			t.Errorf("%s %s %v", name, phone, err)
		}
		if d := cmp.Diff("claimed contact_revealed", w.facts.names()); d != "" {
			t.Error(d)
		}
		list, next, err := w.Claims(t.Context(), chief, Waiting, "", 10)
		if err != nil || next != "" || len(list) != 1 || list[0].Contact != "李*娜" {
			t.Errorf("%+v %q %v", list, next, err)
		}
		if list, _, err = w.Claims(t.Context(), officer2, Waiting, "", 10); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		// Neither name nor phone is in the row.
		var sealed []byte
		if err := w.db.Read(t.Context(), func(r storage.Reader) error {
			return r.Row(`select contact from auth_claim where id = $1`, c.ID).Scan(&sealed)
		}); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(sealed, []byte("小娜")) || bytes.Contains(sealed, []byte("1380000")) {
			t.Error("the contact is not sealed")
		}
	})
}
