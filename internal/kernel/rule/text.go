package rule

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// The languages every sentence of a pack must exist in.
const (
	English = "en"
	Chinese = "zh-Hans"
)

func languages() [2]string { return [2]string{English, Chinese} }

// maxText bounds one sentence, in characters.
const maxText = 1000

// Text is one sentence in every language, by language tag.
type Text map[string]string

// In returns the sentence in lang, or in English when lang is not kept.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	return t[English]
}

// check records what is wrong with a text: a language absent or unknown,
// emptiness, or a placeholder that names nothing.
func (t Text) check(wrong *fault.Error, at string, names map[string]bool) {
	for _, lang := range languages() {
		s := t[lang]
		switch {
		case strings.TrimSpace(s) == "" || !utf8.ValidString(s):
			wrong.With(at+"."+lang, "rule.text_missing")
		case utf8.RuneCountInString(s) > maxText:
			wrong.With(at+"."+lang, "rule.text_long", "limit", maxText)
		}
		for _, name := range placeholders(s) {
			if !names[name] {
				wrong.With(at+"."+lang, "rule.placeholder", "name", name)
			}
		}
	}
	for lang := range t {
		if lang != English && lang != Chinese {
			wrong.With(at+"."+lang, "rule.language")
		}
	}
}

// placeholders lists the names in braces, of {name|one|other} the name. A brace without
// its other half gives the rest of the text as a name, which no fact has, so that it is
// refused; so does a choice of other than two words.
func placeholders(s string) []string {
	var names []string
	for {
		at := strings.IndexAny(s, "{}")
		if at < 0 {
			return names
		}
		end := strings.IndexByte(s[at:], '}')
		if end <= 0 {
			return append(names, s[at:])
		}
		name, words, choice := strings.Cut(s[at+1:at+end], "|")
		if choice && strings.Count(words, "|") != 1 {
			name = s[at+1 : at+end]
		}
		names = append(names, name)
		s = s[at+end+1:]
	}
}

// fill puts values into {name}, and into {name|one|other} the word that goes with the
// number: the first for one. The text's braces were checked when loaded.
func fill(s, lang string, show func(name, lang string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		var in string
		in, s, _ = strings.Cut(rest, "}")
		name, words, choice := strings.Cut(in, "|")
		if !choice {
			b.WriteString(show(name, lang))
			continue
		}
		word, other, _ := strings.Cut(words, "|")
		if show(name, lang) != "1" {
			word = other
		}
		b.WriteString(word)
	}
}

// unknownValue stands for a value that is not known.
const unknownValue = "—"

// spell writes a value as a sentence of lang would.
func spell(v any, f *Fact, lang string) string {
	switch v := v.(type) {
	case bool:
		words := map[string][2]string{English: {"no", "yes"}, Chinese: {"否", "是"}}[lang]
		if v {
			return words[1]
		}
		return words[0]
	case int64:
		return grouped(v)
	case float64:
		// One decimal is what people say of days and litres; rounding down never
		// shows "3.0 days" to somebody who was returned for having 2.96.
		return strconv.FormatFloat(math.Floor(v*10)/10, 'f', -1, 64)
	case string:
		return f.option(v, lang)
	case []string:
		words := make([]string, len(v))
		for i, s := range v {
			words[i] = f.option(s, lang)
		}
		return enumerate(words, lang)
	case time.Time:
		if lang == Chinese {
			return v.Format("2006年1月2日")
		}
		return v.Format("2 January 2006")
	}
	return unknownValue
}

// option returns the title of a chosen value, or the value itself.
func (f *Fact) option(value, lang string) string {
	if f != nil {
		for _, o := range f.Options {
			if o.Value == value {
				return o.Title.In(lang)
			}
		}
	}
	return value
}

func enumerate(words []string, lang string) string {
	if lang == Chinese {
		return strings.Join(words, "、")
	}
	return strings.Join(words, ", ")
}

// grouped writes 140000 as 140,000; numbers below ten thousand stay whole.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	digits := strings.TrimPrefix(s, "-")
	if len(digits) < 5 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:len(s)-len(digits)])
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Spell writes a value of the fact as a sentence of lang would, also one that was
// read back from JSON.
func (f *Fact) Spell(v any, lang string) string {
	if read, ok := f.Type.read(v); ok {
		v = read
	}
	return spell(v, f, lang)
}
