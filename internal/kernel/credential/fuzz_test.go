package credential

import (
	"encoding/json"
	"testing"

	"github.com/veraison/go-cose"
)

// survives checks what must hold of any text: no panic, an answer that JSON
// can say, and no statement but those signed (nil: any). The envelope around a
// statement may vary, as an unsigned header or another compression.
func survives(t *testing.T, text string, trust *Trust, signed map[string]bool) {
	r := Verify(text, trust, noon, nil)
	if r.Valid && signed != nil && !signed[said(t, r)] {
		t.Fatalf("accepted what nobody signed: %q", text)
	}
	if r.Valid != (r.FailedStep == nil) || r.Valid != (r.Reason == "") {
		t.Fatalf("the answer contradicts itself: %+v", r)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Fatalf("the answer has no JSON: %v", err)
	}
	in := Inspect(text)
	if _, err := json.Marshal(in); err != nil {
		t.Fatalf("the inspection has no JSON: %v", err)
	}
	if r.Claims != nil && in.Claims == nil {
		t.Fatal("verified but not inspected")
	}
}

// said is the statement of a result, to compare.
func said(t testing.TB, r Result) string {
	t.Helper()
	data, err := json.Marshal(r.Claims)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// FuzzVerify takes whole texts, as a scanner or a web form hands them over.
func FuzzVerify(f *testing.F) {
	key, kid, trust := ownKey(f)
	hs := newSigner(f, cose.AlgorithmES256)
	if err := trust.AddCertificate(hs.cert); err != nil {
		f.Fatal(err)
	}
	texts := []string{"", "BW1:", "HC1:", "BW1:::::", "HC1:NCF", "BW1:%69 VD92EX0", "\x00", "BW1:FGWU"}
	for _, c := range []Claims{firmClaims(), personClaims()} {
		text, err := Sign(key, kid, c)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, text)
	}
	for _, part := range []string{"v", "t", "r"} {
		texts = append(texts, hs.text(f, hcert(part, nil), hs.usual(), map[int64]any{}))
	}
	signed := map[string]bool{}
	for _, text := range texts {
		if r := Verify(text, trust, noon, nil); r.Valid {
			signed[said(f, r)] = true
		}
		f.Add(text)
		f.Add(text[:len(text)/2])
		f.Add(text + " ")
	}
	if len(signed) != 5 {
		f.Fatalf("%d seeds are valid, want 5", len(signed))
	}
	f.Fuzz(func(t *testing.T, text string) { survives(t, text, trust, signed) })
}

// FuzzMessage takes the bytes inside, past base45 and zlib, which mutated texts
// seldom get through.
func FuzzMessage(f *testing.F) {
	key, kid, trust := ownKey(f)
	hs := newSigner(f, cose.AlgorithmES256)
	payload, err := firmClaims().encode()
	if err != nil {
		f.Fatal(err)
	}
	message, err := seal(key, kid, "", payload)
	if err != nil {
		f.Fatal(err)
	}
	health := hs.text(f, hcert("v", nil), hs.usual(), map[int64]any{})
	data, _ := decode45(health[4:])
	inner, err := inflate(data)
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range [][]byte{message, inner, {}, {0xd2, 0x84}, {0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40}, {0xd8, 61, 0xd2, 0x84, 0x5f, 0xff, 0xbf, 0xff, 0x40, 0x40}} {
		f.Add(m, true)
		f.Add(m, false)
	}
	if err := trust.AddCertificate(hs.cert); err != nil {
		f.Fatal(err)
	}
	signed := map[string]bool{
		said(f, Verify(health, trust, noon, nil)):                      true,
		said(f, Verify(encode45(prefixBW, message), trust, noon, nil)): true,
	}
	f.Fuzz(func(t *testing.T, m []byte, ours bool) {
		if ours {
			survives(t, encode45(prefixBW, m), trust, signed)
		} else if len(m) <= maxInflated {
			survives(t, hc1(t, m), trust, signed)
		}
	})
}

// FuzzClaims signs whatever payload the fuzzer makes: a trusted key that went
// mad must not bring a reader down either.
func FuzzClaims(f *testing.F) {
	key, kid, _ := ownKey(f)
	hs := newSigner(f, cose.AlgorithmES256)
	trust := hs.trust(f)
	if err := trust.AddOwn(kid, &key.PublicKey); err != nil {
		f.Fatal(err)
	}
	ours, err := firmClaims().encode()
	if err != nil {
		f.Fatal(err)
	}
	theirs, err := encoding.Marshal(hcert("t", func(c map[int64]any) { c[5] = 1.5 }))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ours, true)
	f.Add(theirs, false)
	f.Add([]byte("\xbf\x04\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00\xff"), false)
	f.Add([]byte("\xa2\x04\x1a\x5e\x5c\x00\x00\x39\x01\x03\xa1\x01\xa1\x61v\x81\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00"), false)
	f.Add([]byte("\xa2\x04\xc1\x1a\x5e\x5c\x00\x00\x39\x01\x03\xa1\x01\xa2\x61v\x81\xc2\x49\xff\xff\xff\xff\xff\xff\xff\xff\xff\x61d\xc0\x61x"), false)
	f.Fuzz(func(t *testing.T, payload []byte, own bool) {
		if len(payload) == 0 || len(payload) > 1<<12 {
			return
		}
		if own {
			m, err := seal(key, kid, "", payload)
			if err != nil {
				t.Fatal(err)
			}
			survives(t, encode45(prefixBW, m), trust, nil)
			return
		}
		survives(t, hs.payload(t, payload, hs.usual(), map[int64]any{}), trust, nil)
	})
}
