package workresume

import (
	"unicode/utf8"

	"breakwater/internal/ident"
)

// reasoned is whether a trimmed reason has from least to most characters and says
// something: whoever it concerns reads it, and blank or invisible signs would open
// somebody's health and leave nothing to read.
func reasoned(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return least <= n && n <= most && ident.Legible(text)
}
