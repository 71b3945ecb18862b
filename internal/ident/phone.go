package ident

import (
	"strings"

	"breakwater/internal/fault"
)

// Phone returns the mainland mobile number in s as 11 bare digits. The country
// code (+86, 0086, 86), dashes, spaces, brackets and full width are mended.
// Land lines are refused: a code cannot be sent to them.
//
// Invalid: ident.phone.malformed.
func Phone(s string) (string, error) {
	number := compact(s)
	if strings.ContainsAny(number, "()") {
		number = strings.ReplaceAll(strings.ReplaceAll(number, "(", ""), ")", "")
	}
	// One country code, whole: "+1 415…" must not become a number of ours.
	for _, code := range []string{"+86", "0086", "+0086", "86"} {
		if bare, found := strings.CutPrefix(number, code); found && len(bare) == 11 {
			number = bare
			break
		}
	}
	if len(number) != 11 || !digits(number) || number[0] != '1' || number[1] < '3' {
		return "", fault.New(fault.Invalid, "ident.phone.malformed")
	}
	return number, nil
}
