package ident

import (
	"strings"
	"time"

	"breakwater/internal/fault"
)

// Kind says which paper a person's number is printed on.
type Kind = string

// The papers a firm may enter for a worker.
const (
	KindMainland  Kind = "mainland"  // 居民身份证, and residence permits of the same standard
	KindPassport  Kind = "passport"  // any country's passport
	KindHKMacau   Kind = "hk_macau"  // 港澳居民来往内地通行证
	KindTaiwan    Kind = "taiwan"    // 台湾居民来往大陆通行证
	KindForeigner Kind = "foreigner" // 外国人永久居留身份证
)

// Document checks number as a paper of kind and returns it in its one spelling.
//
// Invalid: ident.document.kind, the codes of MainlandID, the codes of Passport.
func Document(kind Kind, number string, today time.Time) (string, error) {
	if kind == KindMainland {
		id, err := MainlandID(number, today)
		return id.Number, err
	}
	return Passport(kind, number)
}

// Passport checks the number of any paper but the citizen identity card and
// returns it in capitals without spaces. Passports of the world share no check
// digit outside their machine-readable zone, so only length and alphabet are
// judged: 5 to 15 letters and digits with at least one digit (ICAO 9303 gives
// nine, some states print more).
//
// Invalid: ident.document.kind, ident.passport.malformed,
// ident.hk_macau.malformed, ident.taiwan.malformed, ident.foreigner.malformed.
func Passport(kind Kind, s string) (string, error) {
	number, ok := compact(s), false
	switch kind {
	case KindPassport:
		ok = within(number, 5, 15) && strings.ContainsAny(number, "0123456789")
	case KindHKMacau: // H or M, 8 digits, older cards with a two-digit issue number
		ok = (len(number) == 9 || len(number) == 11) && strings.ContainsAny(number[:1], "HM") && digits(number[1:])
	case KindTaiwan: // 8 digits, older cards 10 and a bracketed letter
		ok = (len(number) == 8 || len(number) == 10) && digits(number)
	case KindForeigner: // 3 letters and 12 digits, since 2023 18 digits from 9
		ok = len(number) == 15 && within(number[:3], 3, 3) && digits(number[3:]) ||
			len(number) == 18 && number[0] == '9' && digits(number[:17]) && mainlandCheck(number) == number[17]
	default:
		return "", fault.New(fault.Invalid, "ident.document.kind", "kind", kind)
	}
	if !ok {
		return "", fault.New(fault.Invalid, "ident."+kind+".malformed")
	}
	return number, nil
}

// within reports lo to hi capitals or digits.
func within(s string, lo, hi int) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(s) >= lo && len(s) <= hi
}
