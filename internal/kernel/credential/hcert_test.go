package credential

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/internal/fault"
	"github.com/google/go-cmp/cmp"
	"github.com/veraison/go-cose"
)

// signer is a made-up health authority's document signer.
type signer struct {
	key  crypto.Signer
	alg  cose.Algorithm
	cert *x509.Certificate
	kid  []byte
}

func newSigner(t testing.TB, alg cose.Algorithm, usage ...asn1.ObjectIdentifier) signer {
	t.Helper()
	var key crypto.Signer
	var err error
	if alg == cose.AlgorithmPS256 {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{Country: []string{"XB"}, CommonName: "Test signer"},
		NotBefore: noon.Add(-90 * 24 * time.Hour), NotAfter: noon.Add(90 * 24 * time.Hour), UnknownExtKeyUsage: usage,
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "Test authority"}}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return signer{key, alg, cert, sum[:8]}
}

// hcert is the CWT of one certificate; change may alter it.
func hcert(part string, change func(map[int64]any)) map[int64]any {
	entry := map[string]any{"tg": "840539006", "co": "XB", "is": "Test authority", "ci": "URN:UVCI:01:XB:7#K"}
	cwt := map[int64]any{
		1: "XB", 4: noon.Add(24 * time.Hour).Unix(), 6: noon.Add(-time.Hour).Unix(),
		-260: map[int64]any{1: map[string]any{
			"ver": "1.3.0", "dob": "1990-01-01", part: []any{entry},
			"nam": map[string]any{"fn": "Müller", "fnt": "MUELLER", "gn": "Zoë", "gnt": "ZOE"},
		}},
	}
	if change != nil {
		change(cwt)
	}
	return cwt
}

// text signs a CWT; the headers go where the caller puts them.
func (s signer) text(t testing.TB, cwt any, protected, unprotected map[int64]any) string {
	t.Helper()
	payload, err := encoding.Marshal(cwt)
	if err != nil {
		t.Fatal(err)
	}
	return s.payload(t, payload, protected, unprotected)
}

// payload signs any bytes as they are.
func (s signer) payload(t testing.TB, payload []byte, protected, unprotected map[int64]any) string {
	t.Helper()
	e := envelope{payload: payload}
	var err error
	if len(protected) > 0 {
		if e.protected, err = encoding.Marshal(protected); err != nil {
			t.Fatal(err)
		}
	}
	cs, err := cose.NewSigner(s.alg, s.key)
	if err != nil {
		t.Fatal(err)
	}
	if e.signature, err = cs.Sign(rand.Reader, e.toBeSigned()); err != nil {
		t.Fatal(err)
	}
	open, err := encoding.Marshal(unprotected)
	if err != nil {
		t.Fatal(err)
	}
	b := appendBytes([]byte{0xd2, 0x84}, e.protected)
	b = appendBytes(append(b, open...), e.payload)
	return hc1(t, appendBytes(b, e.signature))
}

func hc1(t testing.TB, message []byte) string {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(message); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return encode45(prefixHC, out.Bytes())
}

func (s signer) usual() map[int64]any { return map[int64]any{1: int64(s.alg), 4: s.kid} }

func (s signer) trust(t testing.TB) *Trust {
	t.Helper()
	trust := NewTrust()
	if err := trust.AddCertificate(s.cert); err != nil {
		t.Fatal(err)
	}
	return trust
}

func usage(last int) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 1847, 2021, 1, last}
}

func early(last int) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 0, 1847, 2021, 1, last}
}

func TestHealthCertificates(t *testing.T) {
	es := newSigner(t, cose.AlgorithmES256)
	ps := newSigner(t, cose.AlgorithmPS256)
	only := func(oid ...asn1.ObjectIdentifier) signer { return newSigner(t, cose.AlgorithmES256, oid...) }
	none := map[int64]any{}
	wrong := []byte("12345678")
	at := func(k int64, v any) func(map[int64]any) { return func(c map[int64]any) { c[k] = v } }
	for _, x := range []struct {
		name  string
		by    signer
		part  string
		set   func(map[int64]any)
		heads func(s signer) (closed, open map[int64]any)
		step  string
	}{
		{"ES256", es, "v", nil, nil, ""},
		{"PS256", ps, "t", nil, nil, ""},
		{"kid outside", es, "v", nil, func(s signer) (_, _ map[int64]any) {
			return map[int64]any{1: int64(s.alg)}, map[int64]any{4: s.kid}
		}, ""},
		{"all outside", es, "v", nil, func(s signer) (_, _ map[int64]any) { return nil, s.usual() }, ""},
		{"inside wins, right", es, "v", nil, func(s signer) (_, _ map[int64]any) { return s.usual(), map[int64]any{4: wrong} }, ""},
		{"inside wins, wrong", es, "v", nil, func(s signer) (_, _ map[int64]any) {
			return map[int64]any{1: int64(s.alg), 4: wrong}, map[int64]any{4: s.kid}
		}, StepKey},
		{"no kid", es, "v", nil, func(s signer) (_, _ map[int64]any) { return map[int64]any{1: int64(s.alg)}, none }, StepKey},
		{"kid is a text", es, "v", nil, func(s signer) (_, _ map[int64]any) {
			return map[int64]any{1: int64(s.alg), 4: "abcdefgh"}, none
		}, StepCOSE},
		{"no algorithm", es, "v", nil, func(s signer) (_, _ map[int64]any) { return map[int64]any{4: s.kid}, none }, StepCOSE},
		{"another algorithm", es, "v", nil, func(s signer) (_, _ map[int64]any) { return map[int64]any{1: -35, 4: s.kid}, none }, StepCOSE},
		{"algorithm of another key", es, "v", nil, func(s signer) (_, _ map[int64]any) { return map[int64]any{1: -37, 4: s.kid}, none }, StepSignature},
		{"critical header", es, "v", nil, func(s signer) (_, _ map[int64]any) {
			return map[int64]any{1: int64(s.alg), 2: []any{99}, 4: s.kid, 99: true}, none
		}, StepCOSE},
		{"tests only, a test", only(usage(1)), "t", nil, nil, ""},
		{"tests only, a vaccination", only(usage(1)), "v", nil, nil, StepKeyUsage},
		{"vaccinations only, a recovery", only(usage(2)), "r", nil, nil, StepKeyUsage},
		{"vaccinations and recoveries", only(usage(2), usage(3)), "r", nil, nil, ""},
		{"early usage, a recovery", only(early(3)), "r", nil, nil, ""},
		{"early usage, a test", only(early(3)), "t", nil, nil, StepKeyUsage},
		{"a usage of something else", only(asn1.ObjectIdentifier{1, 2, 3}), "t", nil, nil, ""},
		{"expired", es, "v", at(4, noon.Unix()-1), nil, StepExpiry},
		{"last second", es, "v", at(4, noon.Unix()), nil, ""},
		{"fractions and floats", es, "v", at(4, float64(noon.Unix())+0.5), nil, ""},
		{"issued tomorrow", es, "v", at(6, noon.Unix()+1), nil, StepExpiry},
		{"not before tomorrow", es, "v", at(5, noon.Unix()+1), nil, StepExpiry},
		{"no expiry", es, "v", func(c map[int64]any) { delete(c, 4) }, nil, StepExpiry},
		{"no time of issue", es, "v", func(c map[int64]any) { delete(c, 6) }, nil, ""},
		{"expiry is a word", es, "v", at(4, "never"), nil, StepCBOR},
		{"expiry beyond reason", es, "v", at(4, uint64(1)<<63), nil, StepCBOR},
		{"nothing certified", es, "x", nil, nil, StepCBOR},
		{"no certificate", es, "v", func(c map[int64]any) { delete(c, -260) }, nil, StepCBOR},
		{"certificate is a number", es, "v", at(-260, map[int64]any{1: 5}), nil, StepCBOR},
	} {
		t.Run(x.name, func(t *testing.T) {
			closed, open := x.by.usual(), none
			if x.heads != nil {
				closed, open = x.heads(x.by)
			}
			text := x.by.text(t, hcert(x.part, x.set), closed, open)
			r := Verify(text, x.by.trust(t), noon, list(Revoked)) // our list has no say over theirs
			step := ""
			if r.FailedStep != nil {
				step = *r.FailedStep
			}
			if step != x.step || r.Valid != (x.step == "") || r.Status != NotChecked {
				t.Errorf("valid %v at %q (%s), want %q", r.Valid, step, r.Reason, x.step)
			}
		})
	}
}

func TestHealthContentIsShown(t *testing.T) {
	s := newSigner(t, cose.AlgorithmES256)
	r := Verify(s.text(t, hcert("r", nil), s.usual(), map[int64]any{}), s.trust(t), noon, nil)
	want := &Claims{
		Issuer: "XB", Kind: Recovery, Issued: noon.Add(-time.Hour), Expires: noon.Add(24 * time.Hour),
		HCert: map[string]any{
			"ver": "1.3.0", "dob": "1990-01-01",
			"nam": map[string]any{"fn": "Müller", "fnt": "MUELLER", "gn": "Zoë", "gnt": "ZOE"},
			"r":   []any{map[string]any{"tg": "840539006", "co": "XB", "is": "Test authority", "ci": "URN:UVCI:01:XB:7#K"}},
		},
	}
	if diff := cmp.Diff(want, r.Claims); diff != "" {
		t.Error(diff)
	}
}

// Tag 61 around tag 18, and no tag at all, are both met in the field.
func TestHealthCertificateTags(t *testing.T) {
	s := newSigner(t, cose.AlgorithmES256)
	text := s.text(t, hcert("v", nil), s.usual(), map[int64]any{})
	data, _ := decode45(text[4:])
	message, err := inflate(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string][]byte{"doubly tagged": append([]byte{0xd8, 61}, message...), "untagged": message[1:]} {
		if r := Verify(hc1(t, m), s.trust(t), noon, nil); !r.Valid {
			t.Errorf("%s: %s", name, r.Reason)
		}
	}
	if r := Verify(encode45(prefixHC, message), s.trust(t), noon, nil); r.FailedStep == nil || *r.FailedStep != StepCompression {
		t.Error("HC1 without zlib was read")
	}
}

func TestKeyCertificateValidity(t *testing.T) {
	s := newSigner(t, cose.AlgorithmES256)
	long := func(c map[int64]any) { c[4] = noon.Unix() * 2; c[6] = int64(1) }
	text := s.text(t, hcert("v", long), s.usual(), map[int64]any{})
	for at, want := range map[time.Time]string{
		s.cert.NotBefore: "", s.cert.NotBefore.Add(-time.Second): "credential.key_not_yet",
		s.cert.NotAfter: "", s.cert.NotAfter.Add(time.Second): "credential.key_expired",
	} {
		if r := Verify(text, s.trust(t), at, nil); r.Reason != want {
			t.Errorf("%v: %q, want %q", at, r.Reason, want)
		}
	}
}

// A foreign signer must not be able to certify our firms, nor we their health.
func TestKeysKeepToTheirScheme(t *testing.T) {
	s := newSigner(t, cose.AlgorithmES256)
	forged, err := Sign(s.key.(*ecdsa.PrivateKey), s.kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	if r := Verify(forged, s.trust(t), noon, nil); r.Valid || *r.FailedStep != StepKey {
		t.Errorf("a health signer certified a firm: %+v", r)
	}
	own := NewTrust()
	if err := own.AddOwn(s.kid, &s.key.(*ecdsa.PrivateKey).PublicKey); err != nil {
		t.Fatal(err)
	}
	if r := Verify(s.text(t, hcert("v", nil), s.usual(), map[int64]any{}), own, noon, nil); r.Valid || *r.FailedStep != StepKey {
		t.Errorf("a district key certified health: %+v", r)
	}
}

// Key ids are short; two signers that share one are both tried.
func TestSharedKeyID(t *testing.T) {
	a, b := newSigner(t, cose.AlgorithmES256), newSigner(t, cose.AlgorithmPS256)
	trust := NewTrust()
	for _, s := range []signer{a, b} {
		if err := trust.add([]byte("same"), s.cert.PublicKey, trusted{foreign: true}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []signer{a, b} {
		if r := Verify(s.text(t, hcert("v", nil), map[int64]any{1: int64(s.alg), 4: "same"}, map[int64]any{}), trust, noon, nil); r.Valid {
			t.Error("a text as key id was accepted")
		}
		if r := Verify(s.text(t, hcert("v", nil), map[int64]any{1: int64(s.alg), 4: []byte("same")}, map[int64]any{}), trust, noon, nil); !r.Valid {
			t.Error(r.Reason)
		}
	}
}

func TestLoadTrust(t *testing.T) {
	es, ps := newSigner(t, cose.AlgorithmES256), newSigner(t, cose.AlgorithmPS256)
	key, _, _ := ownKey(t)
	kid := []byte("district-key-2")
	ownPEM, err := PEM(kid, &key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	block := func(s signer) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert.Raw})
	}
	der, err := x509.MarshalPKIXPublicKey(es.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	bundle := write("list/all.pem", append(append([]byte("# made for a test\n"), block(es)...), ownPEM...))
	write("list/deeper/ps.cer", ps.cert.Raw)
	write("list/README.md", []byte("not a key"))

	firm, err := Sign(key, kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][3]bool{
		bundle:                             {true, false, true},
		filepath.Join(dir, "list"):         {true, true, true},
		write("ps.pem", block(ps)):         {false, true, false},
		write("own.pem", ownPEM):           {false, false, true},
		write("bare.der", der):             {false, false, false}, // its key id is not the certificate's
		write("crlf.pem", crlf(block(es))): {true, false, false},
	} {
		trust, err := LoadTrust(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := [3]bool{
			Verify(es.text(t, hcert("v", nil), es.usual(), map[int64]any{}), trust, noon, nil).Valid,
			Verify(ps.text(t, hcert("t", nil), ps.usual(), map[int64]any{}), trust, noon, nil).Valid,
			Verify(firm, trust, noon, nil).Valid,
		}
		if got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	// A bare key is found under the hash of its own encoding.
	sum := sha256.Sum256(der)
	trust, err := LoadTrust(filepath.Join(dir, "bare.der"))
	if err != nil {
		t.Fatal(err)
	}
	if r := Verify(es.text(t, hcert("v", nil), map[int64]any{1: -7, 4: sum[:8]}, map[int64]any{}), trust, noon, nil); !r.Valid {
		t.Error(r.Reason)
	}

	private := write("private.pem", []byte(strings.ReplaceAll(string(ownPEM), "PUBLIC", "PRIVATE")))
	for path, code := range map[string]string{
		filepath.Join(dir, "absent"):                             "credential.trust_missing",
		write("empty.pem", nil):                                  "credential.trust_file",
		write("words.pem", []byte("hello")):                      "credential.trust_file",
		write("torn.pem", block(es)[:200]):                       "credential.trust_file",
		write("half.pem", append(block(es), block(ps)[:200]...)): "credential.trust_file",
		write("none/README.md", nil)[:len(dir)+5]:                "credential.trust_file",
		private: "credential.trust_file",
	} {
		if _, err := LoadTrust(path); !fault.Is(err, code) {
			t.Errorf("%s: %v, want %s", path, err, code)
		}
	}
}

func crlf(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }
