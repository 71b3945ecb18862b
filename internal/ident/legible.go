package ident

import (
	"unicode"
	"unicode/utf8"
)

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

// Reasoned is the one rule for a reason, wherever somebody has to give one: it says
// something, at least least of its characters can be seen, and it is no longer than
// most. Whoever it concerns reads it, and a few letters stretched with invisible signs
// would leave them nothing to read.
func Reasoned(text string, least, most int) bool {
	return Legible(text) && seen(text) >= least && utf8.RuneCountInString(text) <= most
}

// mostAgain is how often one character in a row says something new.
const mostAgain = 3

// seen counts the characters a reader sees; a space between two of them is one, and a
// row of the same few.
func seen(s string) (n int) {
	var last rune
	again := 0
	for _, r := range Fold(s) {
		if again++; r != last {
			last, again = r, 1
		}
		if again <= mostAgain && (r == ' ' || unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !blank(r)) {
			n++
		}
	}
	return n
}

// blank is a letter or sign by Unicode's table that is drawn as nothing: the fillers
// of Hangul, Braille without dots, the note without a head, and what stands for an object.
func blank(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0, 0x2800, 0x1d159, 0xfffc:
		return true
	}
	return false
}
