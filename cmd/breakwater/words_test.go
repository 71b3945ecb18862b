package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/credential"
)

// Every message the commands and the composition root name by its key has a text
// in each language: a key on a screen is a word nobody said.
func TestEveryKeyHasWords(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?:\bT\(|fault\.(?:New|Wrap)\([^"\n]*|\.With\("[^"]*", )"([a-z]+\.[a-z_]+)"`)
	seen := 0
	for _, pattern := range []string{"*.go", "../../internal/app/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(source), -1) {
				seen++
				if strings.HasSuffix(m[1], "_") {
					continue // the key goes on with a word of another package, which tries them all
				}
				for _, lang := range []i18n.Lang{"en", "zh-Hans"} {
					if texts.Printer(lang).T(m[1]) == m[1] {
						t.Errorf("%s: %q has no text in %s", f, m[1], lang)
					}
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d keys found", seen)
	}
}

// What credential verify says of a status is said for every status there is.
func TestEveryStatusHasWords(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []credential.Status{credential.StatusValid, credential.Suspended, credential.Revoked, credential.Unknown, credential.Stale, credential.NotChecked} {
		for _, lang := range []i18n.Lang{"en", "zh-Hans"} {
			if key := "verify.status_" + string(s); texts.Printer(lang).T(key) == key {
				t.Errorf("%q has no text in %s", key, lang)
			}
		}
	}
}
