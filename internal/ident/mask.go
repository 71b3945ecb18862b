package ident

import (
	"strings"
	"unicode"
)

// MaskNumber hides a document number: 3302**********1234. Numbers under twelve
// characters keep two at the start and one at the end, and those under six
// nothing, so that hiding is never a matter of form.
func MaskNumber(s string) string { return mask(s, 12, 4, 4) }

// MaskPhone hides a phone number: 138****1234.
func MaskPhone(s string) string { return mask(s, 11, 3, 4) }

func mask(s string, full, head, tail int) string {
	r := []rune(s)
	switch {
	case len(r) < 6:
		head, tail = 0, 0
	case len(r) < full:
		head, tail = 2, 1
	}
	for i := head; i < len(r)-tail; i++ {
		r[i] = '*'
	}
	return string(r)
}

// MaskName hides a name: 李*娜, 王*, 欧**娜; a name in letters keeps the first
// of each word and nothing of its length, J*** S***.
func MaskName(s string) string {
	r := []rune(Fold(s))
	if len(r) == 0 {
		return ""
	}
	if !unicode.Is(unicode.Han, r[0]) {
		words := strings.Fields(string(r))
		for i, w := range words {
			words[i] = string([]rune(w)[:1]) + "***"
		}
		return strings.Join(words, " ")
	}
	last := len(r) - 1
	if last < 2 {
		last = len(r)
	}
	for i := 1; i < last; i++ {
		r[i] = '*'
	}
	return string(r)
}
