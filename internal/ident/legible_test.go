package ident_test

import (
	"strings"
	"testing"

	"breakwater/internal/ident"
)

func TestLegible(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                false,
		"a":                               false,
		"ok":                              true,
		"核对":                              true,
		"…… 第 3 号":                        true,
		"①②":                              true,
		strings.Repeat("\u200b", 20):      false, // zero width
		strings.Repeat("\u3164", 20):      false, // a letter without ink
		"\u115f\u1160\uffa0\u3164":        false,
		strings.Repeat("\u2800", 20):      false, // Braille without dots
		strings.Repeat(".", 20):           false,
		strings.Repeat("。", 20):           false,
		"x" + strings.Repeat("\u200b", 9): false,
		strings.Repeat("\u0301", 20):      false, // accents upon nothing
		"\U000e0061\U000e0062":            false, // tags
	} {
		if got := ident.Legible(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
