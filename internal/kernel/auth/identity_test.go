package auth

import (
	"context"
	"testing"
	"time"

	"breakwater/internal/fault"
)

// desk is a provider that knows everybody and takes each code once.
type desk struct {
	asked Challenge
	codes map[string]Identity
	sid   string
	words map[string]Departure
	err   error
}

const issuer = "https://id.example"

func (d *desk) Name() string       { return "The district" }
func (d *desk) Identifier() string { return issuer }

func (d *desk) Ask(_ context.Context, c Challenge) (string, error) {
	d.asked = c
	return issuer + "/auth?state=" + c.State, d.err
}

func (d *desk) Answer(_ context.Context, code string, c Challenge) (Identity, string, error) {
	who, ok := d.codes[code]
	if !ok || c.Nonce == "" || c.Verifier == "" {
		return Identity{}, "", fault.New(fault.Denied, "auth.provider_code")
	}
	delete(d.codes, code)
	return who, d.sid, nil
}

func (d *desk) Departed(_ context.Context, word string) (Departure, error) {
	x, ok := d.words[word]
	if !ok {
		return Departure{}, fault.New(fault.Denied, "auth.provider_token")
	}
	return x, nil
}

// come is the browser's way there and back as somebody.
func (d *desk) come(subject string) Returned {
	code := "code of " + subject
	d.codes = map[string]Identity{code: {issuer, subject}}
	return Returned{State: d.asked.State, Code: code}
}

func withProvider(t *testing.T, fn func(t *testing.T, w *world, d *desk)) {
	t.Helper()
	onBoth(t, func(t *testing.T, w *world) {
		d := &desk{}
		w.identities = d
		fn(t, w, d)
	})
}

func (w *world) comeBy(t *testing.T, d *desk, subject string) (Session, error) {
	t.Helper()
	_, begun, err := w.BeginIdentity(t.Context(), "https://x/back", here)
	if err != nil {
		t.Fatal(err)
	}
	return w.SignInByIdentity(t.Context(), begun, d.come(subject), here)
}

func (w *world) linkAs(t *testing.T, d *desk, by Principal, subject string) error {
	t.Helper()
	_, begun, err := w.BeginIdentityLink(t.Context(), by, "https://x/back")
	if err != nil {
		return err
	}
	if !w.LinksIdentity(begun) || !d.asked.Fresh {
		t.Fatal("a link is not told from a sign-in, or the person is not asked anew")
	}
	return w.LinkIdentity(t.Context(), by, begun, d.come(subject))
}

// From nobody known to linked, in, out, unlinked: each a fact, nothing made by itself.
func TestIdentity(t *testing.T) {
	withProvider(t, func(t *testing.T, w *world, d *desk) {
		ctx := t.Context()
		a := w.add(t, "gao", Officer, District(district))
		w.facts.names()
		_, err := w.comeBy(t, d, "s-1")
		if f := wantCode(t, err, fault.Denied, "auth.provider_unknown"); f.Args["subject"] != "s-1" {
			t.Errorf("%v", f.Args)
		}
		if got := w.facts.names(); got != "" {
			t.Errorf("a stranger left %q", got)
		}
		by := w.in(t, "gao", good).Principal
		if err := w.linkAs(t, d, by, "s-1"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.linkAs(t, d, by, "s-2"), fault.Conflict, "auth.identity_linked")
		b, err := w.comeBy(t, d, "s-1")
		if err != nil || b.Principal.ID != a.ID || b.Principal.Name != by.Name || b.Proof == "" {
			t.Fatalf("%+v %v", b, err)
		}
		if _, err := w.Authenticate(ctx, "", b.Secret); err != nil {
			t.Fatal(err)
		}
		l, err := w.IdentityOf(ctx, by)
		if err != nil || l.Subject != "s-1" || l.Used.IsZero() {
			t.Errorf("%+v %v", l, err)
		}
		if err := w.UnlinkIdentity(ctx, by); err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.UnlinkIdentity(ctx, by), fault.NotFound, "auth.no_identity")
		_, err = w.comeBy(t, d, "s-1")
		wantCode(t, err, fault.Denied, "auth.provider_unknown")
		if got, want := w.facts.names(), "signed_in identity_linked signed_in identity_unlinked"; got != want {
			t.Errorf("facts %q, want %q", got, want)
		}
		if err := w.linkAs(t, d, by, "s-1"); err != nil {
			t.Fatal("the same person may come back:", err)
		}
		if err := w.Disable(ctx, Operator(), a.ID, "left"); err != nil {
			t.Fatal(err)
		}
		_, err = w.comeBy(t, d, "s-1")
		wantCode(t, err, fault.Denied, "auth.provider_unknown")
	})
}

// An answer opens something once, in the browser that asked, within five minutes.
func TestIdentityAnswers(t *testing.T) {
	withProvider(t, func(t *testing.T, w *world, d *desk) {
		ctx := t.Context()
		w.add(t, "gao", Officer, District(district))
		if err := w.BindIdentity(ctx, Operator(), "gao", Identity{issuer, " s-1 "}); err != nil {
			t.Fatal(err)
		}
		begin := func() string {
			_, begun, err := w.BeginIdentity(ctx, "https://x/back", here)
			if err != nil {
				t.Fatal(err)
			}
			return begun
		}
		begun := begin()
		back := d.come("s-1")
		if _, err := w.SignInByIdentity(ctx, begun, back, here); err != nil {
			t.Fatal(err)
		}
		d.come("s-1") // a provider that hands the code out twice
		_, err := w.SignInByIdentity(ctx, begun, back, here)
		wantCode(t, err, fault.Denied, "auth.provider_again")

		for name, c := range map[string]struct {
			bend func(begun string, r Returned) (string, Returned)
			code string
		}{
			"another state":   {func(b string, r Returned) (string, Returned) { r.State += "x"; return b, r }, "auth.provider_again"},
			"no state":        {func(b string, r Returned) (string, Returned) { r.State = ""; return b, r }, "auth.provider_again"},
			"another browser": {func(_ string, r Returned) (string, Returned) { return "", r }, "auth.provider_again"},
			"a forged cookie": {func(b string, r Returned) (string, Returned) { return b[:len(b)-2] + "AA", r }, "auth.provider_again"},
			"another issuer":  {func(b string, r Returned) (string, Returned) { r.Issuer = "https://evil.example"; return b, r }, "auth.provider_issuer"},
			"a replayed code": {func(b string, r Returned) (string, Returned) { r.Code = "code of yesterday"; return b, r }, "auth.provider_code"},
			"declined there":  {func(b string, r Returned) (string, Returned) { r.Trouble = "access_denied"; return b, r }, "auth.provider_declined"},
			"trouble there":   {func(b string, r Returned) (string, Returned) { r.Trouble = "server_error"; return b, r }, "auth.provider_code"},
			"a passkey's way": {func(_ string, r Returned) (string, Returned) {
				_, b, _ := w.BeginPasskeySignIn(harbour, here)
				return b, r
			}, "auth.provider_again"},
			"five minutes ago": {func(b string, r Returned) (string, Returned) { w.hand.Add(ceremonyLife); return b, r }, "auth.provider_again"},
		} {
			b := begin()
			b, r := c.bend(b, d.come("s-1"))
			if _, err := w.SignInByIdentity(ctx, b, r, here); fault.As(err) == nil || fault.As(err).Code != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		d.err = fault.New(fault.Unavailable, "auth.provider_down")
		_, _, err = w.BeginIdentity(ctx, "https://x/back", here)
		wantCode(t, err, fault.Unavailable, "auth.provider_down")
	})
}

// One person stays one: an identity by which somebody came opens no second account
// while the first can act, whoever asks for it.
func TestIdentityIsOnePerson(t *testing.T) {
	withProvider(t, func(t *testing.T, w *world, d *desk) {
		ctx := t.Context()
		one, two := w.add(t, "gao", Officer, District(district)), w.add(t, "lin", SecondOfficer, District(district))
		who := Identity{issuer, "s-1"}
		bind := func(login string) error { return w.BindIdentity(ctx, Operator(), login, who) }
		if err := bind("gao"); err != nil {
			t.Fatal(err)
		}
		if err := bind("gao"); err != nil {
			t.Fatal("twice the same:", err)
		}
		wantCode(t, bind("lin"), fault.Conflict, "auth.identity_taken")
		gao := w.in(t, "gao", good).Principal
		if err := w.UnlinkIdentity(ctx, gao); err != nil {
			t.Fatal(err)
		}
		if err := bind("lin"); err != nil {
			t.Fatal("a slip of the operator that nobody used can be mended:", err)
		}
		if _, err := w.comeBy(t, d, "s-1"); err != nil {
			t.Fatal(err)
		}
		if err := w.UnbindIdentity(ctx, Operator(), "lin", "wrong person"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, bind("gao"), fault.Conflict, "auth.identity_one_person")
		wantCode(t, w.linkAs(t, d, gao, "s-1"), fault.Conflict, "auth.identity_one_person")
		if err := w.Disable(ctx, Operator(), two.ID, "has another post now"); err != nil {
			t.Fatal(err)
		}
		if err := w.linkAs(t, d, gao, "s-1"); err != nil {
			t.Fatal(err)
		}
		b, err := w.comeBy(t, d, "s-1")
		if err != nil || b.Principal.ID != one.ID {
			t.Fatalf("%+v %v", b.Principal, err)
		}
	})
}

// Who may link what, and what ends it.
func TestIdentityLimits(t *testing.T) {
	withProvider(t, func(t *testing.T, w *world, d *desk) {
		ctx := t.Context()
		w.add(t, "gao", Officer, District(district))
		w.add(t, "men", Guard, Park(park1))
		wantCode(t, w.BindIdentity(ctx, Operator(), "men", Identity{issuer, "s"}), fault.Invalid, "auth.invalid")
		wantCode(t, w.BindIdentity(ctx, Operator(), "nobody", Identity{issuer, "s"}), fault.NotFound, "auth.no_account")
		wantCode(t, w.BindIdentity(ctx, Operator(), "gao", Identity{issuer, " "}), fault.Invalid, "auth.invalid")
		wantCode(t, w.BindIdentity(ctx, officer1, "gao", Identity{issuer, "s"}), fault.Denied, "auth.denied")
		guard := w.in(t, "men", good).Principal
		gao := w.in(t, "gao", good)
		program := gao.Principal
		program.Session = "bwt_x"
		for _, by := range []Principal{{}, guard, program} {
			_, _, err := w.BeginIdentityLink(ctx, by, "https://x/back")
			wantCode(t, err, fault.Denied, "auth.denied")
		}
		// One who signed in meanwhile does not get what another began.
		_, begun, err := w.BeginIdentityLink(ctx, gao.Principal, "https://x/back")
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.LinkIdentity(ctx, guard, begun, d.come("s-1")), fault.Denied, "auth.provider_again")
		if _, err := w.SignInByIdentity(ctx, begun, d.come("s-1"), here); fault.As(err) == nil {
			t.Error("what was begun to link signs somebody in")
		}
		if err := w.linkAs(t, d, gao.Principal, "s-1"); err != nil {
			t.Fatal(err)
		}
		if err := w.ResetPassword(ctx, Operator(), gao.Principal.ID, "another-tide-7"); err != nil {
			t.Fatal(err)
		}
		_, err = w.comeBy(t, d, "s-1")
		wantCode(t, err, fault.Denied, "auth.provider_unknown")
		w.identities = nil
		_, _, err = w.BeginIdentity(ctx, "https://x/back", here)
		wantCode(t, err, fault.NotFound, "auth.no_provider")
	})
}

// Beginning and not finishing costs; finishing does not.
func TestBeginsAreCounted(t *testing.T) {
	withProvider(t, func(t *testing.T, w *world, d *desk) {
		ctx := t.Context()
		w.add(t, "gao", Officer, District(district))
		if err := w.BindIdentity(ctx, Operator(), "gao", Identity{issuer, "s-1"}); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if _, err := w.comeBy(t, d, "s-1"); err != nil {
				t.Fatal(err)
			}
		}
		for range networkBurst {
			if _, _, err := w.BeginPasskeySignIn(harbour, here); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := w.BeginPasskeySignIn(harbour, here)
		wantCode(t, err, fault.TooMany, "auth.too_many")
		_, _, err = w.BeginIdentity(ctx, "https://x/back", here)
		wantCode(t, err, fault.TooMany, "auth.too_many")
		if _, _, err = w.BeginPasskeySignIn(harbour, client("198.51.100.9")); err != nil {
			t.Error("another network waits too:", err)
		}
		w.hand.Add(networkEvery + time.Second)
		if _, _, err = w.BeginPasskeySignIn(harbour, here); err != nil {
			t.Error(err)
		}
	})
}

// What the provider says is over ends here at once, that and nothing else.
func TestDeparture(t *testing.T) {
	withProvider(t, func(t *testing.T, w *world, d *desk) {
		ctx := t.Context()
		a := w.add(t, "gao", Officer, District(district))
		w.add(t, "shen", Officer, District(district))
		must(t, w.BindIdentity(ctx, Operator(), "gao", Identity{issuer, "s-1"}))
		must(t, w.BindIdentity(ctx, Operator(), "shen", Identity{issuer, "s-2"}))
		come := func(subject, sid string) Session {
			t.Helper()
			d.sid = sid
			s, err := w.comeBy(t, d, subject)
			must(t, err)
			return s
		}
		byHand, err := w.Begin(ctx, a.ID, here)
		must(t, err)
		one, two, other := come("s-1", "sid-1"), come("s-1", "sid-2"), come("s-2", "sid-1")
		in := func(sessions ...Session) (out string) {
			for _, s := range sessions {
				if _, err := w.Authenticate(ctx, "", s.Secret); err == nil {
					out += "in "
				} else {
					out += "out "
				}
			}
			return out
		}
		if got := in(byHand, one, two, other); got != "in in in in " {
			t.Fatal(got)
		}
		until := w.now().Add(5 * time.Minute)
		d.words = map[string]Departure{
			"one":     {"j-1", Identity{issuer, "s-1"}, "sid-1", until},
			"all":     {"j-2", Identity{issuer, "s-1"}, "", until},
			"by sid":  {"j-3", Identity{Issuer: issuer}, "sid-1", until},
			"nobody":  {"j-4", Identity{issuer, "s-9"}, "", until},
			"another": {"j-5", Identity{"https://other.example", "s-2"}, "", until},
		}
		for _, c := range []struct {
			word  string
			ended int
			left  string
		}{
			{"another", 0, "in in in in "}, {"nobody", 0, "in in in in "}, {"one", 1, "in out in in "}, {"all", 1, "in out out in "}, {"by sid", 1, "in out out out "},
		} {
			n, err := w.EndIdentitySessions(ctx, c.word, here)
			if got := in(byHand, one, two, other); err != nil || n != c.ended || got != c.left {
				t.Fatalf("%s ended %d, %v: %s", c.word, n, err, got)
			}
		}
		again := come("s-1", "sid-1")
		_, err = w.EndIdentitySessions(ctx, "one", here) // replayed
		wantCode(t, err, fault.Denied, "auth.provider_again")
		_, err = w.EndIdentitySessions(ctx, "forged", here)
		wantCode(t, err, fault.Denied, "auth.provider_token")
		if got := in(again); got != "in " {
			t.Error("a word that was taken before ended a session")
		}
		// Signed out here first: the provider's word finds nothing, and is no fault.
		must(t, w.SignOut(ctx, again.Principal, again.ID))
		d.words["late"] = Departure{"j-6", Identity{issuer, "s-1"}, "", until}
		if n, err := w.EndIdentitySessions(ctx, "late", here); err != nil || n != 0 {
			t.Error(n, err)
		}
	})
}
