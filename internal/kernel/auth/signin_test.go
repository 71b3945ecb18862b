package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

func TestSignIn(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := w.add(t, "Gao.Park2", Officer, Park(park2))
		b, err := w.SignIn(t.Context(), " ＧＡＯ.park2 ", good, here)
		if err != nil {
			t.Fatal(err)
		}
		want := Principal{ID: a.ID, Role: Officer, Name: "Name of Gao.Park2", Scope: Park(park2), Session: b.ID}
		if d := cmp.Diff(want, b.Principal); d != "" {
			t.Error(d)
		}
		got, err := w.Authenticate(t.Context(), "", b.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff("account_added signed_in", w.facts.names()); d != "" {
			t.Error(d)
		}
	})
}

// An outsider who guesses at a name from everywhere does not lock its holder
// out: not at a device that signed in before, and a stranger waits half a minute.
func TestGuessersDoNotLockOut(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		home := w.in(t, "gao", good)
		if home.Proof == "" {
			t.Fatal("the session proves nothing")
		}
		for i := range nameBurst {
			_, err := w.SignIn(t.Context(), "gao", fmt.Sprint("guess", i), client("198.51.100.1"))
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		_, err := w.SignIn(t.Context(), "gao", good, client("198.51.100.1"))
		wantCode(t, err, fault.TooMany, "auth.too_many")
		w.in(t, "gao", good) // another network is another matter

		for i := range farBurst - nameBurst {
			_, err := w.SignIn(t.Context(), "gao", fmt.Sprint("guess", i), client(fmt.Sprintf("192.0.2.%d", i)))
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		_, err = w.SignIn(t.Context(), "gao", good, here)
		f := wantCode(t, err, fault.TooMany, "auth.too_many")
		if f.Args["seconds"] != 30 {
			t.Errorf("a stranger waits %v", f.Args)
		}
		known := Client{Addr: here.Addr, Device: here.Device, Proof: home.Proof}
		again, err := w.SignIn(t.Context(), "gao", good, known)
		if err != nil || again.Proof != home.Proof {
			t.Errorf("the holder's own device: %v, proof %q and %q", err, home.Proof, again.Proof)
		}
		// The proof is of this name, cannot be made up, and has its own limit.
		w.add(t, "li", Officer, District(district))
		for i := range farBurst {
			_, err := w.SignIn(t.Context(), "li", "guess", client(fmt.Sprintf("192.0.2.%d", i)))
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		for _, proof := range []string{home.Proof, home.Proof[:27] + "AAAAAAAAAAAAAAAAAAAAAA", strings.Repeat(".", 2000)} {
			_, err = w.SignIn(t.Context(), "li", good, Client{Addr: here.Addr, Proof: proof})
			wantCode(t, err, fault.TooMany, "auth.too_many")
		}
		for range nameBurst {
			_, err = w.SignIn(t.Context(), "gao", "guess", known)
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		_, err = w.SignIn(t.Context(), "gao", good, known)
		wantCode(t, err, fault.TooMany, "auth.too_many")
	})
}

// A shared machine keeps a few names, the newest.
func TestProofKeepsNames(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		proof := ""
		for i := range provenNames + 2 {
			proof = w.prove(proof, fmt.Sprint("name:", i))
		}
		for i := range provenNames + 2 {
			if _, ok := w.proven(proof, fmt.Sprint("name:", i)); ok != (i >= 2) {
				t.Errorf("name %d: %v", i, ok)
			}
		}
	})
}

// Nobody learns whether a name exists: the same answer, and the same number of
// hashes, whatever is wrong.
func TestNoEnumeration(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		gone := w.add(t, "gone", Officer, District(district))
		if err := w.Disable(t.Context(), Operator(), gone.ID, "left the office"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignInWorker(t.Context(), "13800001234", "01123X", here); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ClaimFirm(t.Context(), ClaimInput{CreditCode: code1, FirmName: "Harbour", Park: NoPark, Contact: "Li Na", Phone: "13800001234", Password: good}, here); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ name, login, password string }{
			{"wrong password", "gao", "not-the-password"},
			{"unknown name", "nobody", good},
			{"empty", "", ""},
			{"disabled, right password", "gone", good},
			{"a seat's login", "~worker:person:per_1", ""},
			{"a firm with a claim waiting", code1, "not-the-password"},
			{"a firm with none", code2, good},
		} {
			before := w.passwords.done.Load()
			_, err := w.SignIn(t.Context(), c.login, c.password, client("198.51.100.9"))
			f := wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
			if n := w.passwords.done.Load() - before; n != 1 || f.Args != nil || f.Fields != nil || f.Err != nil {
				t.Errorf("%s: %d hashes, %#v", c.name, n, f)
			}
		}
	})
}

func TestGuessingIsSlow(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.add(t, "gao", Officer, District(district))
		for i := range nameBurst {
			_, err := w.SignIn(t.Context(), "gao", fmt.Sprint("guess", i), here)
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		// From this network even with the right password, and no hash is spent on it.
		before := w.passwords.done.Load()
		_, err := w.SignIn(t.Context(), "GAO", good, here)
		f := wantCode(t, err, fault.TooMany, "auth.too_many")
		if f.Args["seconds"] != 60 || w.passwords.done.Load() != before {
			t.Errorf("args %v, %d hashes", f.Args, w.passwords.done.Load()-before)
		}
		// A name nobody has is limited alike.
		for range nameBurst {
			_, err = w.SignIn(t.Context(), "nobody", "guess", client("198.51.100.99"))
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in")
		}
		_, err = w.SignIn(t.Context(), "nobody", "guess", client("198.51.100.99"))
		wantCode(t, err, fault.TooMany, "auth.too_many")

		w.hand.Add(time.Minute)
		w.in(t, "gao", good)
		w.in(t, "gao", good) // what was right costs nothing
	})
}

func TestOneNetworkIsLimited(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		// Phones need no hash, so that two hundred tries are quick.
		for i := range networkBurst {
			_, err := w.SignInWorker(t.Context(), fmt.Sprintf("1390000%04d", i), "000000", here)
			wantCode(t, err, fault.Unauthenticated, "auth.sign_in_worker")
		}
		_, err := w.SignInWorker(t.Context(), "13800001234", "01123X", here)
		wantCode(t, err, fault.TooMany, "auth.too_many")
		_, err = w.SignIn(t.Context(), "gao", good, here)
		wantCode(t, err, fault.TooMany, "auth.too_many")
		if _, err := w.SignInWorker(t.Context(), "13800001234", "01123X", client("203.0.113.8")); err != nil {
			t.Errorf("the neighbour: %v", err)
		}
	})
}

func TestSignInWorker(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		first, err := w.SignInWorker(t.Context(), "+86 138-0000-1234", " 01123x ", here)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.SignInWorker(t.Context(), "13800001234", "０１１２３Ｘ", here)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(Principal{ID: first.Principal.ID, Role: Worker, Person: "per_1", Scope: Person("per_1"), Session: again.ID}, again.Principal); d != "" {
			t.Error(d)
		}
		other, err := w.SignInWorker(t.Context(), "13800001234", "015678", here)
		if err != nil {
			t.Fatal(err)
		}
		if other.Principal.Person != "per_2" {
			t.Errorf("the family's other member is %s", other.Principal.Person)
		}
		if d := cmp.Diff("account_added signed_in signed_in account_added signed_in", w.facts.names()); d != "" {
			t.Error(d)
		}
		if w.facts.list != nil || w.passwords.done.Load() != 0 {
			t.Error("a worker's sign-in hashed a password")
		}
		for _, c := range []struct{ name, phone, six string }{
			{"unknown phone", "13911112222", "01123X"},
			{"wrong number", "13800001234", "999999"},
			{"no phone", "", ""},
			{"land line", "0574-87654321", "01123X"},
			{"too short", "13800001234", "1123X"},
			{"two alike", "13800009999", "014444"},
			{"a paper of five characters", "13800005555", "E1234"},
		} {
			_, err := w.SignInWorker(t.Context(), c.phone, c.six, client("198.51.100.1"))
			if f := wantCode(t, err, fault.Unauthenticated, "auth.sign_in_worker"); f.Args != nil || f.Err != nil {
				t.Errorf("%s: %#v", c.name, f)
			}
		}
		for range phoneBurst { // one was spent above, on the wrong number
			_, err = w.SignInWorker(t.Context(), "13800001234", "888888", client("198.51.100.2"))
		}
		wantCode(t, err, fault.TooMany, "auth.too_many")

		if err := w.Disable(t.Context(), Operator(), other.Principal.ID, "lost the phone"); err != nil {
			t.Fatal(err)
		}
		w.hand.Add(time.Hour)
		_, err = w.SignInWorker(t.Context(), "13800001234", "015678", here)
		wantCode(t, err, fault.Unauthenticated, "auth.sign_in_worker")
	})
}
