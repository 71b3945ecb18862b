package credential

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"testing"
)

// BenchmarkVerify sets the full check of a text beside the bare signature
// check it contains, interleaved in one run so that the machine's mood hits
// both. Metrics: ratio = bare time ÷ full time (1 = the chain costs nothing).
func BenchmarkVerify(b *testing.B) {
	key, kid, trust := ownKey(b)
	text, err := Sign(key, kid, firmClaims())
	if err != nil {
		b.Fatal(err)
	}
	e, f := open(text)
	if f != nil {
		b.Fatal(f)
	}
	digest := sha256.Sum256(e.toBeSigned())
	asn1sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	full := func() {
		if r := Verify(text, trust, noon, nil); !r.Valid {
			b.Fatal(*r.FailedStep)
		}
	}
	bare := func() {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], asn1sig) {
			b.Fatal("bare signature")
		}
	}
	beside(b, full, bare)
}

// BenchmarkSign sets the making of a text beside the bare signature in it.
func BenchmarkSign(b *testing.B) {
	key, kid, _ := ownKey(b)
	c := firmClaims()
	digest := sha256.Sum256([]byte("anything"))
	beside(b, func() {
		if _, err := Sign(key, kid, c); err != nil {
			b.Fatal(err)
		}
	}, func() {
		if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkQR is the drawing of a pass as the page and its cache hold it.
func BenchmarkQR(b *testing.B) {
	key, kid, _ := ownKey(b)
	text, err := Sign(key, kid, personClaims())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c, err := QR(text)
		if err != nil {
			b.Fatal(err)
		}
		c.PNG(1)
	}
}
