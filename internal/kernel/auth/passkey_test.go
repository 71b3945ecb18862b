package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

var harbour = Site{Name: "Harbour", Host: "harbour.example", Origin: "https://harbour.example"}

// device is a software authenticator with one resident key.
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text())}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// asked reads challenge and user handle out of what the browser is asked.
func (d *device) asked(options any) (challenge string, handle []byte) {
	d.t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		d.t.Fatal(err)
	}
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	if err := json.Unmarshal(text, &o); err != nil || o.PublicKey.Challenge == "" {
		d.t.Fatalf("%v %s", err, text)
	}
	handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return o.PublicKey.Challenge, handle
}

func (d *device) client(kind, challenge, origin string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// data is the authenticator data: the host's hash, who was there, the counter.
func (d *device) data(host string, flags byte) []byte {
	sum := sha256.Sum256([]byte(host))
	d.counter++
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.counter)
}

// make answers a registration.
func (d *device) make(options any, at Site) string {
	d.t.Helper()
	challenge, handle := d.asked(options)
	d.handle = handle
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	data := d.data(at.Host, 0x01|0x04|0x40)
	data = append(data, make([]byte, 16)...) // no model is told
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), public...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.text(map[string]any{"clientDataJSON": b64(d.client("webauthn.create", challenge, at.Origin)), "attestationObject": b64(object)})
}

// open answers a sign-in.
func (d *device) open(options any, at Site, flags byte) string {
	d.t.Helper()
	challenge, _ := d.asked(options)
	data, client := d.data(at.Host, flags), d.client("webauthn.get", challenge, at.Origin)
	hashed := sha256.Sum256(client)
	sum := sha256.Sum256(append(data[:len(data):len(data)], hashed[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.text(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(d.handle)})
}

func (d *device) text(response map[string]any) string {
	text, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

func (w *world) addKey(t *testing.T, by Principal, d *device) Passkey {
	t.Helper()
	options, begun, err := w.BeginPasskey(t.Context(), by, harbour)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.AddPasskey(t.Context(), by, harbour, begun, d.make(options, harbour), "my phone")
	if err != nil {
		t.Fatalf("%v: %v", err, fault.As(err).Err)
	}
	return p
}

// enter signs in with a device whose answer is made for a site.
func (w *world) enter(t *testing.T, d *device, answers Site, flags byte) (Session, error) {
	t.Helper()
	options, begun, err := w.BeginPasskeySignIn(harbour, here)
	if err != nil {
		t.Fatal(err)
	}
	return w.SignInByPasskey(t.Context(), harbour, begun, d.open(options, answers, flags), here)
}

const present, verified = 0x01, 0x01 | 0x04

func TestPasskeys(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := w.add(t, "gao", Officer, District(district))
		by := w.in(t, "gao", good).Principal
		d := newDevice(t)
		p := w.addKey(t, by, d)
		w.facts.names()

		options, begun, err := w.BeginPasskeySignIn(harbour, here)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.open(options, harbour, verified)
		b, err := w.SignInByPasskey(t.Context(), harbour, begun, answer, here)
		if err != nil || b.Principal.ID != a.ID || b.Proof == "" {
			t.Fatalf("%+v %v", b, err)
		}
		_, err = w.SignInByPasskey(t.Context(), harbour, begun, answer, here)
		wantCode(t, err, fault.Unauthenticated, "auth.passkey_wrong") // a ceremony is finished once
		list, err := w.Passkeys(t.Context(), by)
		if err != nil || len(list) != 1 || list[0].ID != p.ID || list[0].Used.IsZero() {
			t.Errorf("%+v %v", list, err)
		}

		// What must not open the account.
		other := newDevice(t)
		other.handle = d.handle
		for name, enter := range map[string]func() (Session, error){
			"made for another site": func() (Session, error) {
				return w.enter(t, d, Site{Host: "evil.example", Origin: "https://evil.example"}, verified)
			},
			"another origin": func() (Session, error) {
				return w.enter(t, d, Site{Host: harbour.Host, Origin: "https://evil.example"}, verified)
			},
			"nobody was verified": func() (Session, error) { return w.enter(t, d, harbour, present) },
			"another key":         func() (Session, error) { return w.enter(t, other, harbour, verified) },
			"a ceremony made up":  func() (Session, error) { return w.SignInByPasskey(t.Context(), harbour, "AAAA", answer, here) },
			"a ceremony of adding": func() (Session, error) {
				_, begun, _ := w.BeginPasskey(t.Context(), by, harbour)
				return w.SignInByPasskey(t.Context(), harbour, begun, answer, here)
			},
			"no answer": func() (Session, error) {
				_, begun, _ := w.BeginPasskeySignIn(harbour, here)
				return w.SignInByPasskey(t.Context(), harbour, begun, "{}", here)
			},
			"an answer to another": func() (Session, error) {
				_, begun, _ := w.BeginPasskeySignIn(harbour, here)
				return w.SignInByPasskey(t.Context(), harbour, begun, answer, here)
			},
			"begun too long ago": func() (Session, error) {
				o, begun, _ := w.BeginPasskeySignIn(harbour, here)
				w.hand.Add(ceremonyLife)
				return w.SignInByPasskey(t.Context(), harbour, begun, d.open(o, harbour, verified), here)
			},
			"an account that is shut": func() (Session, error) {
				must(t, w.Disable(t.Context(), Operator(), a.ID, "left"))
				defer func() { must(t, w.Enable(t.Context(), Operator(), a.ID)) }()
				return w.enter(t, d, harbour, verified)
			},
		} {
			if _, err := enter(); !fault.Is(err, "auth.passkey_wrong") {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.facts.names()

		// A counter that went back: there are two of it.
		d.counter = 0
		_, err = w.enter(t, d, harbour, verified)
		wantCode(t, err, fault.Unauthenticated, "auth.passkey_wrong")
		d.counter = 100
		if b, err = w.enter(t, d, harbour, verified); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff("passkey_copied signed_in", w.facts.names()); d != "" {
			t.Error(d)
		}
		wantCode(t, w.RemovePasskey(t.Context(), Principal{ID: "acc_other"}, p.ID), fault.NotFound, "auth.no_passkey")
		must(t, w.RemovePasskey(t.Context(), b.Principal, p.ID))
		_, err = w.enter(t, d, harbour, verified)
		wantCode(t, err, fault.Unauthenticated, "auth.passkey_wrong")
	})
}

// Passkeys are added by people in a browser, and go with the password.
func TestPasskeysOfWhom(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := w.add(t, "gao", Officer, District(district))
		by := w.in(t, "gao", good).Principal
		program := by
		program.Session = "bwt_x"
		for _, p := range []Principal{{}, program, {ID: "acc_1", Role: Worker, Scope: Person("per_1"), Session: "ses_x"}, Operator()} {
			if _, _, err := w.BeginPasskey(t.Context(), p, harbour); !fault.Is(err, "auth.denied") && !fault.Is(err, "auth.no_account") {
				t.Errorf("%+v: %v", p, err)
			}
		}
		d := newDevice(t)
		options, begun, err := w.BeginPasskey(t.Context(), by, harbour)
		if err != nil {
			t.Fatal(err)
		}
		for name, bad := range map[string]string{"no answer": "", "another site's": d.make(options, Site{Host: "evil.example", Origin: "https://evil.example"})} {
			if _, err := w.AddPasskey(t.Context(), by, harbour, begun, bad, "x"); !fault.Is(err, "auth.passkey_bad") {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = w.AddPasskey(t.Context(), by, harbour, begun, "", " ")
		wantCode(t, err, fault.Invalid, "auth.invalid")
		w.addKey(t, by, d)
		w.hand.Add(time.Minute)
		must(t, w.ResetPassword(t.Context(), Operator(), a.ID, "another-tide-77"))
		_, err = w.enter(t, d, harbour, verified)
		wantCode(t, err, fault.Unauthenticated, "auth.passkey_wrong")
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
