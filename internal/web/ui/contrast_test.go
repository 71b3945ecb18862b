package ui

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sheet is the one sheet of style; its tokens are all the colours there are.
const sheet = "../../../islands/style/breakwater.css"

// themes finds the token blocks by the selector that begins them.
var themes = map[string]string{
	"light":     ":root {",
	"dark":      `:root[data-theme="dark"] {`,
	"as device": ":root:not([data-theme]) {",
	"ink":       `:root[data-theme="ink"] {`,
	"print":     ":root, :root[data-theme], :root:not([data-theme]) {",
}

// pairs are the texts and what they stand on.
var pairs = [][]string{
	{"ink", "paper", "foam", "sea-soft", "valid-soft", "warn-soft", "stop-soft", "wait-soft"},
	{"mute", "paper", "foam", "sea-soft", "valid-soft", "warn-soft", "stop-soft", "wait-soft"},
	{"sea", "paper", "foam", "sea-soft", "valid-soft", "warn-soft", "stop-soft", "wait-soft"},
	{"valid", "valid-soft", "paper", "foam"},
	{"warn", "warn-soft", "paper", "foam", "sea-soft"},
	{"stop", "stop-soft", "paper", "foam", "sea-soft"},
	{"wait", "wait-soft", "paper", "foam"},
	{"on-deep", "deep", "deep-end"},
	{"on-fill", "fill-sea", "fill-sea-on", "fill-valid", "fill-warn", "fill-stop"},
}

var token = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`)

func tokens(t *testing.T, css, selector string) map[string]string {
	t.Helper()
	_, rest, found := strings.Cut(css, selector)
	if !found {
		t.Fatalf("no block %q", selector)
	}
	block, _, _ := strings.Cut(rest, "}")
	out := map[string]string{}
	for _, m := range token.FindAllStringSubmatch(block, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// luminance is the relative luminance of WCAG 2.
func luminance(hex string) float64 {
	n, _ := strconv.ParseUint(hex[1:], 16, 32)
	channel := func(v uint64) float64 {
		c := float64(v&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	data, err := os.ReadFile(sheet)
	if err != nil {
		t.Fatal(err)
	}
	css := string(data)
	light := tokens(t, css, themes["light"])
	for theme, selector := range themes {
		set := tokens(t, css, selector)
		of := func(name string) string {
			if c := set[name]; c != "" {
				return c
			}
			return light[name] // a block says only what differs
		}
		for _, p := range pairs {
			for _, ground := range p[1:] {
				if c := contrast(of(p[0]), of(ground)); c < 4.5 {
					t.Errorf("%s: %s on %s is %.2f to 1", theme, p[0], ground, c)
				}
			}
		}
		for _, ground := range []string{"paper", "foam"} { // what outlines a field
			if c := contrast(of("edge"), of(ground)); c < 3 {
				t.Errorf("%s: edge on %s is %.2f to 1", theme, ground, c)
			}
		}
	}
	if d := cmp.Diff(tokens(t, css, themes["dark"]), tokens(t, css, themes["as device"])); d != "" {
		t.Errorf("dark by choice and dark by device differ: %s", d)
	}
	if c := contrast("#000000", "#ffffff"); math.Abs(c-21) > 0.01 {
		t.Errorf("the measure is off: %f", c)
	}
}

// TestSheetReadsOnOldPhones: what Chrome 76 or Safari 12 would drop.
func TestSheetReadsOnOldPhones(t *testing.T) {
	data, err := os.ReadFile(sheet)
	if err != nil {
		t.Fatal(err)
	}
	_, css, _ := strings.Cut(string(data), "*/") // the head names them
	for _, young := range []string{":has(", "@layer", "(width", ":is(", ":where(", "min(", "clamp(", "@container", "inset:", "url(http"} {
		if strings.Contains(strings.ReplaceAll(css, "minmax(", ""), young) {
			t.Errorf("the sheet holds %q", young)
		}
	}
}
