package credential

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/internal/fault"
	"github.com/google/go-cmp/cmp"
	"github.com/veraison/go-cose"
	"pgregory.net/rapid"
)

var noon = time.Date(2020, 3, 2, 4, 0, 0, 0, time.UTC)

func ownKey(t testing.TB) (*ecdsa.PrivateKey, []byte, *Trust) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	trust := NewTrust()
	if err := trust.AddOwn(kid, &key.PublicKey); err != nil {
		t.Fatal(err)
	}
	return key, kid, trust
}

func firmClaims() Claims {
	return Claims{
		Issuer: "宁波国家高新区", Kind: Firm, ID: "crt_06ab3m9x2k", Subject: "91330201MA2AF1RN4U",
		Issued: noon.Add(-time.Minute), Expires: noon.Add(30 * 24 * time.Hour),
		Name: "宁波海潮精密制造有限公司", Class: "continuous", Headcount: 1280,
		Page: "https://breakwater.example.cn/c/7KQM-2XHP",
	}
}

func personClaims() Claims {
	return Claims{
		Issuer: "宁波国家高新区", Kind: Person, ID: "pas_06ab3m9x2k", Subject: "06ab3m9x2kqt7",
		Issued: noon.Add(-time.Minute), Expires: noon.Add(24 * time.Hour),
		Name: "李*娜", Employer: "宁波海潮精密制造有限公司", Printed: true,
	}
}

// beside runs two functions turn about, 32 at a time, and reports their ratio.
func beside(b *testing.B, full, bare func()) {
	b.Helper()
	const turn = 32
	var fullTime, bareTime time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		for range turn {
			full()
		}
		middle := time.Now()
		for range turn {
			bare()
		}
		fullTime += middle.Sub(start)
		bareTime += time.Since(middle)
		n += turn
	}
	b.ReportMetric(float64(bareTime)/float64(fullTime), "ratio")
	b.ReportMetric(float64(fullTime.Nanoseconds())/float64(n), "full-ns")
	b.ReportMetric(float64(bareTime.Nanoseconds())/float64(n), "bare-ns")
}

func TestSignedClaimsComeBack(t *testing.T) {
	key, kid, trust := ownKey(t)
	for _, want := range []Claims{firmClaims(), personClaims()} {
		text, err := Sign(key, kid, want)
		if err != nil {
			t.Fatal(err)
		}
		r := Verify(text, trust, noon, nil)
		if diff := cmp.Diff(Result{Valid: true, Status: NotChecked, Claims: &want}, r); diff != "" {
			t.Error(diff)
		}
		in := Inspect(text)
		t.Logf("%s: %d characters, deflated %v", want.Kind, in.Characters, in.Deflated)
		if diff := cmp.Diff(Inspection{Scheme: "BW1", Characters: len(text), Deflated: in.Deflated, Algorithm: "ES256", KID: kid, Claims: &want}, in); diff != "" {
			t.Error(diff)
		}
	}
}

// Whatever Sign accepts, Verify gives back.
func TestAnyClaimsComeBack(t *testing.T) {
	key, kid, trust := ownKey(t)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[\p{Han}a-zA-Z0-9 *"<&]{1,60}`)
		c := Claims{
			Issuer: word.Draw(t, "issuer"), Kind: Firm, ID: word.Draw(t, "id"), Subject: word.Draw(t, "subject"),
			Name: word.Draw(t, "name"), Class: word.Draw(t, "class"), Headcount: rapid.Int64Range(0, 1<<40).Draw(t, "headcount"),
			Page:   "https://a.example/" + rapid.StringMatching(`[a-z0-9/]{0,100}`).Draw(t, "page"),
			Issued: noon.Add(-time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "age")) * time.Microsecond),
		}
		c.Expires = noon.Add(time.Duration(rapid.Int64Range(1e6, 1e15).Draw(t, "life")) * time.Microsecond)
		text, err := Sign(key, kid, c)
		if err != nil {
			t.Fatal(err)
		}
		c.Issued, c.Expires = c.Issued.Truncate(time.Second), c.Expires.Truncate(time.Second)
		if diff := cmp.Diff(Result{Valid: true, Status: NotChecked, Claims: &c}, Verify(text, trust, noon, nil)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Codes printed by an earlier release stay readable: testdata holds texts and
// the key they were signed with. UPDATE_GOLDEN=1 writes new ones, which is to
// be done only when the format gains something, never when it loses it.
func TestPrintedEarlier(t *testing.T) {
	golden := []struct {
		name   string
		claims Claims
	}{{"firm", firmClaims()}, {"person", personClaims()}}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		key, kid, _ := ownKey(t)
		keyPEM, err := PEM(kid, &key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{"key.pem": keyPEM}
		for _, g := range golden {
			text, err := Sign(key, kid, g.claims)
			if err != nil {
				t.Fatal(err)
			}
			files[g.name+".txt"] = []byte(text + "\n")
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join("testdata", name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	trust, err := LoadTrust("testdata/key.pem")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range golden {
		text, err := os.ReadFile(filepath.Join("testdata", g.name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Result{Valid: true, Status: NotChecked, Claims: &g.claims}, Verify(string(text), trust, noon, nil)); diff != "" {
			t.Errorf("%s: %s", g.name, diff)
		}
	}
}

// One Trust and the pools behind serve every gate at once.
func TestManyGates(t *testing.T) {
	key, kid, trust := ownKey(t)
	long := firmClaims()
	long.Name, long.Page = strings.Repeat("海潮", 45), "https://a.example/"+strings.Repeat("a", 250) // deflated
	var gates sync.WaitGroup
	for _, c := range []Claims{firmClaims(), personClaims(), long} {
		text, err := Sign(key, kid, c)
		if err != nil {
			t.Fatal(err)
		}
		if in := Inspect(text); in.Deflated != (c.Name == long.Name) {
			t.Errorf("deflated %v", in.Deflated)
		}
		for range 4 {
			gates.Go(func() {
				for range 10 {
					if r := Verify(text, trust, noon, nil); !r.Valid || r.Claims.Name != c.Name {
						t.Error(r.Reason)
					}
					if again, err := Sign(key, kid, c); err != nil || !Verify(again, trust, noon, nil).Valid {
						t.Error("signing in parallel")
					}
				}
			})
		}
	}
	gates.Wait()
}

// Our reading of COSE is held to the library's, in both directions.
func TestLibraryAgrees(t *testing.T) {
	key, kid, _ := ownKey(t)
	text, err := Sign(key, kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	data, _ := decode45(strings.TrimPrefix(text, prefixBW))
	if data[0] == zlibMark {
		if data, err = inflate(data); err != nil {
			t.Fatal(err)
		}
	}
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(data); err != nil {
		t.Fatal(err)
	}
	verifier, err := cose.NewVerifier(cose.AlgorithmES256, &key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(nil, verifier); err != nil {
		t.Error(err)
	}
}

func TestResultIsExactJSON(t *testing.T) {
	key, kid, trust := ownKey(t)
	text, _ := Sign(key, kid, personClaims())
	ok, err := json.Marshal(Verify(text, trust, noon, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"valid":true,"failed_step":null,"reason":"","status":"not_checked","claims":{"issuer":"宁波国家高新区","kind":"person","id":"pas_06ab3m9x2k","subject":"06ab3m9x2kqt7","issued":"2020-03-02T03:59:00Z","expires":"2020-03-03T04:00:00Z","name":"李*娜","employer":"宁波海潮精密制造有限公司","printed":true}}`
	if diff := cmp.Diff(want, string(ok)); diff != "" {
		t.Error(diff)
	}
	no, _ := json.Marshal(Verify("XX1:", trust, noon, nil))
	want = `{"valid":false,"failed_step":"prefix","reason":"credential.prefix_unknown","status":"not_checked","claims":null}`
	if diff := cmp.Diff(want, string(no)); diff != "" {
		t.Error(diff)
	}
}

type list Status

func (l list) Status(Claims) Status { return Status(l) }

func TestEveryStepFails(t *testing.T) {
	key, kid, trust := ownKey(t)
	stranger, _, _ := ownKey(t)
	text, err := Sign(key, kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	forged, _ := Sign(stranger, kid, firmClaims())
	elsewhere, _ := Sign(key, []byte("another"), firmClaims())
	c := firmClaims()
	raw := func(b []byte) string { return encode45(prefixBW, b) }
	sealed := func(payload string) string {
		b, err := seal(key, kid, "", []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		return raw(b)
	}
	for _, x := range []struct {
		name, text   string
		trust        *Trust
		at           time.Time
		status       StatusChecker
		step, reason string
	}{
		{"nothing", "", trust, noon, nil, StepPrefix, "prefix_unknown"},
		{"another scheme", "HC2:" + text[4:], trust, noon, nil, StepPrefix, "prefix_unknown"},
		{"lower case", strings.ToLower(text), trust, noon, nil, StepPrefix, "prefix_unknown"},
		{"prefix only", "BW1:", trust, noon, nil, StepBase45, "not_base45"},
		{"a strange character", "BW1:?" + text[5:], trust, noon, nil, StepBase45, "not_base45"},
		{"one character lost", text[:len(text)-1], trust, noon, nil, "", ""},
		{"too long", "BW1:" + strings.Repeat("0", maxText), trust, noon, nil, StepBase45, "too_long"},
		{"broken zlib", raw([]byte{0x78, 0xda, 1, 2, 3}), trust, noon, nil, StepCompression, "not_zlib"},
		{"no CBOR", raw([]byte{0xd2, 0x84, 0x43}), trust, noon, nil, StepCBOR, "not_cbor"},
		{"CBOR, no COSE", raw([]byte{0xa0}), trust, noon, nil, StepCOSE, "not_sign1"},
		{"three parts", raw([]byte{0xd2, 0x83, 0x40, 0xa0, 0x40}), trust, noon, nil, StepCOSE, "not_sign1"},
		{"no headers", raw([]byte{0xd2, 0x84, 0x40, 0xa0, 0x41, 0, 0x41, 0}), trust, noon, nil, StepCOSE, "algorithm"},
		{"headers unsigned", raw([]byte{0xd2, 0x84, 0x40, 0xa1, 1, 0x26, 0x41, 0, 0x41, 0}), trust, noon, nil, StepCOSE, "algorithm"},
		{"claims are no map", sealed("\x01"), trust, noon, nil, StepCBOR, "claims_unreadable"},
		{"claims with a key twice", sealed("\xa2\x01\x61a\x01\x61b"), trust, noon, nil, StepCBOR, "claims_unreadable"},
		{"claims empty", sealed("\xa0"), trust, noon, nil, StepCBOR, "claims_unreadable"},
		{"unknown key", elsewhere, trust, noon, nil, StepKey, "key_unknown"},
		{"no trust", text, nil, noon, nil, StepKey, "key_unknown"},
		{"forged", forged, trust, noon, nil, StepSignature, "signature"},
		{"expired", text, trust, c.Expires, nil, StepExpiry, "expired"},
		{"last second", text, trust, c.Expires.Add(-time.Second), nil, "", ""},
		{"early", text, trust, c.Issued.Add(-time.Second), nil, StepExpiry, "not_yet"},
		{"suspended", text, trust, noon, list(Suspended), StepStatus, "suspended"},
		{"revoked", text, trust, noon, list(Revoked), StepStatus, "revoked"},
		{"unknown to the list", text, trust, noon, list(Unknown), StepStatus, "status_unknown"},
		{"a list that answers nothing", text, trust, noon, list(""), StepStatus, "status_unknown"},
		{"warned", text, trust, noon, list(Stale), "", ""},
		{"with a line end", text + "\r\n", trust, noon, list(StatusValid), "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := Verify(x.text, x.trust, x.at, x.status)
			if x.name == "one character lost" { // which step notices depends on the length
				if r.Valid || r.Claims != nil {
					t.Error("accepted")
				}
				return
			}
			step, reason := "", ""
			if r.FailedStep != nil {
				step, reason = *r.FailedStep, strings.TrimPrefix(r.Reason, "credential.")
			}
			if step != x.step || reason != x.reason || r.Valid != (x.step == "") {
				t.Errorf("valid %v at %q %q, want %q %q", r.Valid, step, reason, x.step, x.reason)
			}
			if claims := r.Claims != nil; claims != (step == "" || step == StepExpiry || step == StepStatus) {
				t.Errorf("claims shown: %v at step %q", claims, step)
			}
		})
	}
}

// No single character of a text can be changed without being noticed.
func TestEveryCharacterCounts(t *testing.T) {
	key, kid, trust := ownKey(t)
	text, err := Sign(key, kid, personClaims())
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		b := []byte(text)
		if b[i]++; Verify(string(b), trust, noon, nil).Valid {
			t.Errorf("character %d changed and still valid", i)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	key, kid, _ := ownKey(t)
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sign(wide, kid, firmClaims()); !fault.Is(err, "credential.key") {
		t.Errorf("P-384: %v", err)
	}
	if _, err := Sign(key, nil, firmClaims()); !fault.Is(err, "credential.key") {
		t.Errorf("no key id: %v", err)
	}
	for name, change := range map[string]func(*Claims){
		"kind":      func(c *Claims) { c.Kind = Test },
		"id":        func(c *Claims) { c.ID = "" },
		"subject":   func(c *Claims) { c.Subject = strings.Repeat("9", maxField+1) },
		"name":      func(c *Claims) { c.Name = "\xff" },
		"class":     func(c *Claims) { c.Class = "" },
		"page":      func(c *Claims) { c.Page = "javascript:alert(1)" },
		"headcount": func(c *Claims) { c.Headcount = -1 },
		"expires":   func(c *Claims) { c.Expires = c.Issued },
	} {
		c := firmClaims()
		change(&c)
		_, err := Sign(key, kid, c)
		f := fault.As(err)
		if err == nil || f.Code != "credential.claims" || len(f.Fields) != 1 || f.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// RFC 9285's own examples, and that decoding undoes encoding.
func TestBase45(t *testing.T) {
	for text, want := range map[string]string{"BB8": "AB", "%69 VD92EX0": "Hello!!", "UJCLQE7W581": "base-45", "QED8WEX0": "ietf!"} {
		if got := encode45("", []byte(want)); got != text {
			t.Errorf("%q: %q, want %q", want, got, text)
		}
		if got, ok := decode45(text); !ok || string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, bad := range []string{"GGW", ":::", "::", "A", "AAAA", "ab", "é1"} {
		if got, ok := decode45(bad); ok {
			t.Errorf("%q decoded to %q", bad, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		if got, ok := decode45(encode45("", data)); !ok || string(got) != string(data) {
			t.Fatalf("%x became %x", data, got)
		}
	})
}

func TestDeflateOnlyWhereShorter(t *testing.T) {
	noise := make([]byte, 100)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	if got, err := deflate(noise); err != nil || string(got) != string(noise) {
		t.Errorf("noise was deflated: %v", err)
	}
	long := []byte(strings.Repeat("宁波", 100))
	small, err := deflate(long)
	if err != nil || len(small) >= len(long) || small[0] != zlibMark {
		t.Fatalf("%d bytes, first %x, %v", len(small), small[0], err)
	}
	if back, err := inflate(small); err != nil || string(back) != string(long) {
		t.Error("inflate does not undo deflate", err)
	}
	if _, err := inflate(append(small[:len(small):len(small)], 0)); err == nil {
		t.Error("a byte after the stream was accepted")
	}
	bomb, err := deflate(make([]byte, maxInflated+1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inflate(bomb); err == nil {
		t.Error("a bomb was inflated")
	}
	if fit, err := deflate(make([]byte, maxInflated)); err != nil {
		t.Fatal(err)
	} else if _, err := inflate(fit); err != nil {
		t.Error("the limit itself was refused")
	}
}
