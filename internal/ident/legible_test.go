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

func TestReasoned(t *testing.T) {
	for _, c := range []struct {
		text        string
		least, most int
		want        bool
	}{
		{"", 0, 9, false},
		{"核对", 2, 9, true},
		{"核对", 3, 9, false},
		{"called them", 4, 11, true},
		{"called them", 4, 10, false},
		{"ok", 2, 9, true},
		{"ok" + strings.Repeat("\u200b", 8), 4, 200, false}, // stretched with what nobody sees
		{"ok" + strings.Repeat("\u3164", 8), 4, 200, false},
		{"ok" + strings.Repeat("\u2800", 8), 4, 200, false},
		{"ok" + strings.Repeat("\u0301", 8), 4, 200, false},
		{"o" + strings.Repeat(" ", 8) + "k", 4, 200, false},
		{"a." + strings.Repeat(".", 20), 4, 200, false},
		{"……" + strings.Repeat("！", 20), 4, 200, false},
		{"aa" + strings.Repeat("\U0001d159", 12), 4, 200, false},
		{"aa" + strings.Repeat("\ufffc", 10), 4, 200, false},
		{"aa" + strings.Repeat(".", 20), 6, 200, false}, // one sign again and again says nothing new
		{strings.Repeat("a", 20), 4, 200, false},
		{"见 1 号函", 4, 200, true},
		{"сын болен", 4, 200, true},
		{strings.Repeat("核实", 100), 4, 200, true},
		{strings.Repeat("核实", 100) + "了", 4, 200, false},
		{"核对情况" + strings.Repeat("\u200b", 300), 4, 200, false}, // what is kept is bounded too
	} {
		if got := ident.Reasoned(c.text, c.least, c.most); got != c.want {
			t.Errorf("%q, %d to %d: %v, want %v", c.text, c.least, c.most, got, c.want)
		}
	}
}
