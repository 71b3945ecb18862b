package ident

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Fold makes one spelling of the many ways a text is typed: full-width forms
// become plain ones, every kind of space becomes one plain space, invisible
// marks (zero width, byte order, text direction) are dropped, and the ends are
// trimmed. It never changes a letter's case nor a Chinese character.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	if strings.ContainsFunc(s, widthMatters) {
		s = width.Fold.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case r == utf8.RuneError || unicode.Is(unicode.Cf, r):
		case unicode.IsSpace(r) || unicode.IsControl(r):
			gap = b.Len() > 0
		default:
			if gap {
				b.WriteByte(' ')
				gap = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports that folding would change nothing; most cells of a roster are
// so, and 1.7 million of them are folded in one upload.
func plain(s string) bool {
	space := true // a space now would be at the start or doubled
	for _, r := range s {
		switch {
		case r == ' ':
			if space {
				return false
			}
			space = true
			continue
		case r < ' ' || r == 0x7f:
			return false
		case r < 0x7f, r >= 0x4e00 && r <= 0x9fff:
		default:
			return false
		}
		space = false
	}
	return !space || s == ""
}

func widthMatters(r rune) bool { return r >= 0xff00 && r <= 0xffef || r == 0x3000 }

// compact folds s, drops the spaces, dashes and dots people group digits
// with, and raises letters to capitals.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '.' || r == '\'' || r == '_':
			return -1
		case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0x2018, r == 0x2019, r == 0x00b7:
			return -1 // typographic dashes, apostrophes, middle dot
		}
		return unicode.ToUpper(r)
	}, Fold(s))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
