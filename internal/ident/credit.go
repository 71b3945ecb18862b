package ident

import (
	"strings"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// creditAlphabet is GB 32100-2015, table 3: no I, O, Z, S or V.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode returns the unified social credit code in s in its one spelling:
// 18 capitals and digits. Case, spaces, dashes and full width are mended.
//
// It checks length, alphabet and the check character of GB 32100-2015, and
// nothing of the registration office or district inside: real registers hold
// codes of offices that no list knows.
//
// Invalid: ident.credit_code.length (n), ident.credit_code.alphabet (char),
// ident.credit_code.check.
func CreditCode(s string) (string, error) {
	code := compact(s)
	if n := utf8.RuneCountInString(code); n != 18 {
		return "", fault.New(fault.Invalid, "ident.credit_code.length", "n", n)
	}
	for _, r := range code {
		if !strings.ContainsRune(creditAlphabet, r) {
			return "", fault.New(fault.Invalid, "ident.credit_code.alphabet", "char", string(r))
		}
	}
	if creditCheck(code[:17]) != code[17] {
		return "", fault.New(fault.Invalid, "ident.credit_code.check")
	}
	return code, nil
}

// MakeCreditCode completes 17 characters of the alphabet with their check
// character, for invented firms. It returns "" for anything else.
func MakeCreditCode(org string) string {
	if len(org) != 17 || strings.Trim(org, creditAlphabet) != "" {
		return ""
	}
	return org + string(creditCheck(org))
}

// creditCheck: weights are the powers of 3 modulo 31, the check character
// brings the weighted sum to a multiple of 31.
func creditCheck(org string) byte {
	sum, weight := 0, 1
	for i := range len(org) {
		sum += strings.IndexByte(creditAlphabet, org[i]) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}
