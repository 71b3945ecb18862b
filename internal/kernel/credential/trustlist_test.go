package credential

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"

	"breakwater/internal/fault"
)

// national is a key of a district that signs with SM2.
func national(t testing.TB) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PrivateKey, []byte{9, 8, 7, 6, 5, 4, 3, 2}
}

// A text and a token signed with SM2 are verified as those with ES256 are, and by
// no other key or algorithm.
func TestSM2(t *testing.T) {
	key, kid := national(t)
	trust := NewTrust()
	if err := trust.AddOwn(kid, &key.PublicKey); err != nil {
		t.Fatal(err)
	}
	text, err := Sign(key, kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	if r := Verify(text, trust, noon, nil); !r.Valid {
		t.Fatal(r.Reason)
	}
	if in := Inspect(text); in.Algorithm != "SM2" {
		t.Error(in.Algorithm)
	}
	other, _ := national(t)
	es, _, _ := ownKey(t)
	for name, public := range map[string]*ecdsa.PublicKey{"another key": &other.PublicKey, "a key on P-256": &es.PublicKey} {
		strange := NewTrust()
		if err := strange.AddOwn(kid, public); err != nil {
			t.Fatal(err)
		}
		if r := Verify(text, strange, noon, nil); r.Valid || *r.FailedStep != StepSignature {
			t.Errorf("%s: %+v", name, r)
		}
	}
	token, err := SealToken(key, kid, "application/x", []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenToken(token, "application/x", trust, noon); err != nil || string(got) != "payload" {
		t.Error(err)
	}
	if _, err := OpenToken(token, "application/y", trust, noon); !fault.Is(err, "credential.token") {
		t.Errorf("as another type: %v", err)
	}
	for i := range token {
		spoilt := append([]byte{}, token...)
		spoilt[i] ^= 1
		if got, err := OpenToken(spoilt, "application/x", trust, noon); err == nil && string(got) != "payload" {
			t.Errorf("byte %d: accepted", i)
		}
	}
}

// Key, message and signature of GM/T 0003.5, Annex A: the published example on the
// recommended curve.
func TestSM2Vector(t *testing.T) {
	point, err := hex.DecodeString("04" + "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020" + "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")
	if err != nil {
		t.Fatal(err)
	}
	public, err := sm2.NewPublicKey(point)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := hex.DecodeString("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3" + "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")
	if err != nil {
		t.Fatal(err)
	}
	if err := (verifierSM2{public}).Verify([]byte("message digest"), sig); err != nil {
		t.Error(err)
	}
	if err := (verifierSM2{public}).Verify([]byte("message digesT"), sig); err == nil {
		t.Error("another message passed")
	}
}

func TestTokenIsNoText(t *testing.T) {
	key, kid, trust := ownKey(t)
	claims := firmClaims()
	payload, err := claims.encode()
	if err != nil {
		t.Fatal(err)
	}
	token, err := SealToken(key, kid, "application/x", payload)
	if err != nil {
		t.Fatal(err)
	}
	if r := Verify(encode45(prefixBW, token), trust, noon, nil); r.Valid || *r.FailedStep != StepCOSE {
		t.Errorf("%+v", r)
	}
	if _, err := SealToken(nil, kid, "application/x", payload); !fault.Is(err, "credential.key") {
		t.Error(err)
	}
}

// A trust list brings both kinds of key to another machine, with their times, and
// never a revoked one.
func TestTrustList(t *testing.T) {
	es, esKID, _ := ownKey(t)
	sm, smKID := national(t)
	lost, _, _ := ownKey(t)
	var l List
	l.Issuer, l.Issued = "试验区", noon
	for _, k := range []struct {
		key   *ecdsa.PrivateKey
		kid   []byte
		until time.Time
		state string
	}{{es, esKID, noon.Add(time.Hour), "past"}, {sm, smKID, time.Time{}, "current"}, {lost, []byte("lost"), time.Time{}, "revoked"}} {
		e, err := NewListKey(k.kid, &k.key.PublicKey, noon, k.until, k.state)
		if err != nil {
			t.Fatal(err)
		}
		l.Keys = append(l.Keys, e)
	}
	data, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("list.json", data)
	for name, path := range map[string]string{"a file": filepath.Join(dir, "list.json"), "a folder": dir} {
		trust, err := LoadTrust(path)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, x := range []struct {
			key  *ecdsa.PrivateKey
			kid  []byte
			at   time.Time
			step string
		}{
			{es, esKID, noon, ""},
			{sm, smKID, noon, ""},
			{sm, smKID, noon.Add(2 * time.Hour), ""},
			{es, esKID, noon.Add(2 * time.Hour), StepExpiry},
			{lost, []byte("lost"), noon, StepKey},
		} {
			text, err := Sign(x.key, x.kid, firmClaims())
			if err != nil {
				t.Fatal(err)
			}
			if r := Verify(text, trust, x.at, nil); r.Valid != (x.step == "") || !r.Valid && *r.FailedStep != x.step {
				t.Errorf("%s, kid %x: %+v, want %q", name, x.kid, r, x.step)
			}
		}
	}
	pem, err := PEM(smKID, &sm.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTrust(write("sm2.pem", pem)); err != nil {
		t.Errorf("SM2 as PEM: %v", err)
	}
	text := string(data)
	for name, bad := range map[string]string{
		"empty": `{}`, "torn": text[:len(text)/2], "no JSON": `{"keys": 1}`,
		"another type":    strings.Replace(text, `"EC"`, `"RSA"`, 1),
		"another curve":   strings.Replace(text, `"P-256"`, `"P-384"`, 1),
		"off the curve":   strings.Replace(text, l.Keys[0].X, l.Keys[1].X, 1),
		"a short point":   strings.Replace(text, l.Keys[0].X, l.Keys[0].X[:40], 1),
		"kid in no digit": strings.Replace(text, l.Keys[0].KID, "zz", 1),
		"no kid":          strings.Replace(text, l.Keys[0].KID, "", 1),
	} {
		trust := NewTrust()
		if err := trust.AddList([]byte(bad)); !fault.Is(err, "credential.trust_list") || trust.Len() != 0 {
			t.Errorf("%s: %v, %d keys", name, err, trust.Len())
		}
	}
}

// A rotation reaches whoever holds the set, while they verify.
func TestBecome(t *testing.T) {
	key, kid, trust := ownKey(t)
	text, err := Sign(key, kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	held := NewTrust()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !Verify(text, held, noon, nil).Valid {
		}
	}()
	held.Become(trust)
	<-done
	held.Become(NewTrust())
	if Verify(text, held, noon, nil).Valid {
		t.Error("still trusted")
	}
}

func FuzzTrustList(f *testing.F) {
	key, kid, _ := ownKey(f)
	e, err := NewListKey(kid, &key.PublicKey, noon, noon, "current")
	if err != nil {
		f.Fatal(err)
	}
	data, err := json.Marshal(List{Keys: []ListKey{e}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(_ *testing.T, data []byte) {
		trust := NewTrust()
		_ = trust.AddList(data)
		Verify("BW1:6BF", trust, noon, nil)
	})
}

func FuzzToken(f *testing.F) {
	key, kid, trust := ownKey(f)
	token, err := SealToken(key, kid, "application/x", []byte("payload"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := OpenToken(data, "application/x", trust, noon); err == nil && string(got) != "payload" {
			t.Fatal("accepted what nobody signed")
		}
	})
}
