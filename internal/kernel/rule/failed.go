package rule

import (
	_ "embed" // the words of failed.toml
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed failed.toml
var failedWords string

// failing is what is said of rules that could not be worked out. A reader who is told
// that a fact is missing which is not looks for it in vain.
type failing struct {
	Said saying          `toml:"said"`
	Why  map[string]Text `toml:"why"`
}

func loadFailing() (f failing, err error) {
	_, err = toml.Decode(failedWords, &f)
	return f, err
}

// why sorts an expression's error by what the author of the rule got wrong. CEL gives
// its errors as texts only.
func why(err error) string {
	text := err.Error()
	for _, sign := range [...]struct{ text, why string }{
		{"by zero", "zero"},
		{"cost limit", "long"},
		{"out of bounds", "place"},
		{"no such key", "place"},
		{"out of range", "place"},
		{"overflow", "large"},
		{"range error", "large"},
		{"conver", "read"},
		{"strconv", "read"},
		{"parse", "read"},
		{"invalid", "read"},
	} {
		if strings.Contains(text, sign.text) {
			return sign.why
		}
	}
	return "other"
}

// say writes what is said of an error, in every language.
func (f failing) say(err error) (reason, mend Text) {
	w := f.Why[why(err)]
	write := func(t Text) Text {
		out := make(Text, len(t))
		for lang, s := range t {
			out[lang] = fill(s, lang, func(_, lang string) string { return w.In(lang) })
		}
		return out
	}
	return write(f.Said.Reason), write(f.Said.Mend)
}

// Broken is whether some rule could not be worked out, which its author has to mend.
func (d Decision) Broken() bool {
	for _, f := range d.Findings {
		if f.Failed != "" {
			return true
		}
	}
	return false
}

// OnlyBroken is whether nothing stands in the way but rules that could not be worked
// out: no ground to take from anybody what they have.
func (d Decision) OnlyBroken() bool {
	for _, f := range d.Findings {
		if f.Failed == "" && f.Outcome != Warn {
			return false
		}
	}
	return d.Outcome == Returned
}
