package workresumeweb_test

import (
	"testing"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
)

// Every rule and every fact of the program's own policies has its words in both
// languages: no reader meets a name that only a program knows.
func TestPacksHaveWords(t *testing.T) {
	own, err := workresume.Pack()
	ok(t, err)
	promise, err := workresume.PromisePack()
	ok(t, err)
	colours, err := workresume.ColourPack()
	ok(t, err)
	regimes, err := workresume.Regimes()
	ok(t, err)
	for _, pack := range append(regimes.Packs(), own, promise, colours) {
		for _, lang := range [...]string{rule.English, rule.Chinese} {
			for _, f := range pack.Facts {
				if words := f.Title[lang]; words == "" || words == f.Name {
					t.Errorf("%s: fact %s has no words in %s", pack.ID, f.Name, lang)
				}
			}
			for _, r := range pack.Rules {
				if words := r.Basis[lang]; words == "" || words == r.ID {
					t.Errorf("%s: rule %s has no words in %s", pack.ID, r.ID, lang)
				}
			}
		}
	}
}
