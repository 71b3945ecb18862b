package ident_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"breakwater/internal/ident"
)

func TestPack(t *testing.T) {
	zeros := strings.Repeat("0", 26)
	for text, want := range map[string]bool{
		"per_" + zeros:                    true,
		"per_7" + strings.Repeat("z", 25): true,
		"per_8" + zeros[1:]:               false, // 129 bits
		"per_" + zeros[1:]:                false,
		"per_" + zeros + "0":              false,
		"fir_" + zeros:                    false,
		"per-" + zeros:                    false,
		"per_" + zeros[1:] + "u":          false, // no digit, nor are i, l, o
		"per_" + zeros[1:] + "A":          false,
		"per_" + zeros[1:] + "\xb0":       false,
		"":                                false,
		"per":                             false,
	} {
		k, ok := ident.Pack("per", text)
		if ok != want {
			t.Errorf("%q: %v, want %v", text, ok, want)
		}
		if !ok && k != (ident.Packed{}) {
			t.Errorf("%q: refused with a value", text)
		}
	}
	now := time.Date(2020, 2, 10, 8, 0, 0, 0, time.UTC)
	last, lastKey := "", ident.Packed{}
	for range 1000 {
		id := ident.New("per", now)
		k, ok := ident.Pack("per", id)
		if !ok || k.Unpack("per") != id || last != "" && (string(k[:]) > string(lastKey[:])) != (id > last) {
			t.Fatalf("%s after %s", id, last)
		}
		last, lastKey = id, k
		if first := ident.First("per", now); first > id || first[:14] != id[:14] || first <= ident.New("per", now.Add(-time.Millisecond))[:14] {
			t.Fatalf("%s begins with %s", id, first)
		}
	}
	if id := ident.New("x", time.UnixMilli(math.MaxInt64&(1<<48-1))); id[2] != '7' {
		t.Error(id)
	}
}

// Whatever is packed comes back as it was, and every 16 bytes are some id.
func FuzzPack(f *testing.F) {
	f.Add("per", "per_01e0h3c5zz0123456789abcdef", []byte("0123456789abcdef"))
	f.Add("trf", "trf_7zzzzzzzzzzzzzzzzzzzzzzzzz", []byte{15: 255})
	f.Add("", "_00000000000000000000000000", []byte{})
	f.Fuzz(func(t *testing.T, prefix, id string, raw []byte) {
		if k, ok := ident.Pack(prefix, id); ok && k.Unpack(prefix) != id {
			t.Errorf("%q came back as %q", id, k.Unpack(prefix))
		}
		var k ident.Packed
		copy(k[:], raw)
		if back, ok := ident.Pack(prefix, k.Unpack(prefix)); !ok || back != k {
			t.Errorf("%x came back as %x", k, back)
		}
	})
}
