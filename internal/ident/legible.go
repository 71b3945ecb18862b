package ident

import "unicode"

// Legible reports that a text holds at least two letters or digits a reader can see:
// the least a reason can be given in. Blanks, dots and invisible marks say nothing,
// however many there are of them.
func Legible(s string) bool {
	seen := 0
	for _, r := range s {
		if (unicode.IsLetter(r) || unicode.IsNumber(r)) && !blank(r) {
			if seen++; seen == 2 {
				return true
			}
		}
	}
	return false
}

// blank is a letter by Unicode's table that is drawn as nothing: the fillers of Hangul.
func blank(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0:
		return true
	}
	return false
}
