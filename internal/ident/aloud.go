package ident

import (
	"strings"

	"breakwater/internal/fault"
)

// aloudAlphabet has 23 characters that differ to the eye: no 0 or O, no 1, I or
// L, one of each pair 2 Z, 5 S, 8 B, and none of C, G, N, U, V.
// 23 is prime, which is what lets one check character catch every slip below.
const aloudAlphabet = "23456789ADEFHJKMPQRTWXY"

// AloudCount is how many different codes there are: 23⁷, 3.4 thousand million.
const AloudCount = 23 * 23 * 23 * 23 * 23 * 23 * 23

// NewAloud spells n, taken modulo AloudCount, as a code that people read to
// one another: seven characters and a check character, "K7M2-9QXD". A code that
// must not be guessed needs a random n.
func NewAloud(n uint64) string {
	var c [8]byte
	n %= AloudCount
	sum := 0
	for i := 6; i >= 0; i-- {
		v := int(n % 23)
		n /= 23
		c[i] = aloudAlphabet[v]
		sum += v * (i + 2)
	}
	c[7] = aloudAlphabet[(23-sum%23)%23]
	return string(c[:4]) + "-" + string(c[4:])
}

// CheckAloud returns the code in s in its one spelling. Case, spaces, dashes
// and full width are mended, and Z, S and B, which no code holds, are read as
// 2, 5 and 8. One wrong character and any two swapped ones are always caught.
//
// Invalid: ident.aloud.malformed, ident.aloud.check.
func CheckAloud(s string) (string, error) {
	code := strings.NewReplacer("Z", "2", "S", "5", "B", "8").Replace(compact(s))
	if len(code) != 8 {
		return "", fault.New(fault.Invalid, "ident.aloud.malformed")
	}
	sum := 0
	for i := range 8 {
		v := strings.IndexByte(aloudAlphabet, code[i])
		if v < 0 {
			return "", fault.New(fault.Invalid, "ident.aloud.malformed")
		}
		// Weights 2…8 and 1 are different and none is a multiple of 23.
		weight := i + 2
		if i == 7 {
			weight = 1
		}
		sum += v * weight
	}
	if sum%23 != 0 {
		return "", fault.New(fault.Invalid, "ident.aloud.check")
	}
	return code[:4] + "-" + code[4:], nil
}

// AloudNumber is the number a code spells, as CheckAloud returns it or as a person
// writes it.
func AloudNumber(code string) (n uint64, ok bool) {
	code, err := CheckAloud(code)
	if err != nil {
		return 0, false
	}
	for _, c := range code[:4] + code[5:8] {
		n = n*23 + uint64(strings.IndexRune(aloudAlphabet, c))
	}
	return n, true
}
