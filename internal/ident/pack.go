package ident

import (
	"encoding/binary"
	"time"
)

// Packed is an id of New without its prefix, in 16 bytes that sort as the text does:
// what is kept in memory by the hundred thousand.
type Packed [16]byte

// packedText is the length of an id behind its prefix and "_".
const packedText = 26

// Pack reads an id with this prefix; ok is false for any other text. Every id has one
// text only, so what was packed is what Unpack gives back.
func Pack(prefix, id string) (k Packed, ok bool) {
	n := len(prefix)
	if len(id) != n+1+packedText || id[:n] != prefix || id[n] != '_' || id[n+1] > '7' { // 130 bits of text for 128
		return k, false
	}
	var hi, lo uint64
	for i := n + 1; i < len(id); i++ {
		c := id[i]
		v := uint64(values[c&127])
		if c > 127 || v == 0 {
			return Packed{}, false
		}
		hi, lo = hi<<5|lo>>59, lo<<5|(v-1)
	}
	binary.BigEndian.PutUint64(k[:8], hi)
	binary.BigEndian.PutUint64(k[8:], lo)
	return k, true
}

// Unpack is the id's text.
func (k Packed) Unpack(prefix string) string {
	hi, lo := binary.BigEndian.Uint64(k[:8]), binary.BigEndian.Uint64(k[8:])
	out := make([]byte, len(prefix)+1+packedText)
	n := copy(out, prefix)
	out[n] = '_'
	for i := len(out) - 1; i > n; i-- {
		out[i] = crockford[lo&31]
		hi, lo = hi>>5, lo>>5|hi<<59
	}
	return string(out)
}

// First is the least id a moment can have, for asking for those of then and later.
func First(prefix string, at time.Time) string {
	var k Packed
	binary.BigEndian.PutUint64(k[:8], uint64(at.UnixMilli())<<16)
	return k.Unpack(prefix)
}

// values is each digit's value and one; 0 is no digit.
var values = func() (t [128]byte) {
	for i := range len(crockford) {
		t[crockford[i]] = byte(i + 1)
	}
	return t
}()
