package i18n

import (
	"fmt"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// The plural forms of CLDR, in the order the array of a message keeps them.
const (
	zero = iota
	one
	two
	few
	many
	other
	forms
)

// message is one text cut into pieces when it is loaded, so that filling it is
// a walk. Most messages have the form other only.
type message [forms]*pieces

// pieces alternate: text, name, text, name, text. whole is set where nothing
// is to be filled in.
type pieces struct {
	whole string
	cut   []string
	size  int
}

func compile(m *goi18n.Message) message {
	var out message
	for i, s := range [forms]string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other} {
		if s != "" {
			out[i] = cut(s)
		}
	}
	if out[other] == nil {
		out[other] = &pieces{}
	}
	return out
}

// cut splits at "{name}". A brace that begins no name is text.
func cut(s string) *pieces {
	p := &pieces{whole: s, size: len(s)}
	rest, text := s, ""
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		shut := strings.IndexByte(rest[open:], '}')
		if shut < 0 {
			break
		}
		name := rest[open+1 : open+shut]
		if !isName(name) {
			text += rest[:open+1]
			rest = rest[open+1:]
			continue
		}
		p.cut = append(p.cut, text+rest[:open], name)
		text, rest = "", rest[open+shut+1:]
	}
	if p.cut != nil {
		p.cut = append(p.cut, text+rest)
	}
	return p
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// names lists the placeholders of all forms.
func (m message) names() map[string]bool {
	set := map[string]bool{}
	for _, p := range m {
		if p == nil {
			continue
		}
		for i := 1; i < len(p.cut); i += 2 {
			set[p.cut[i]] = true
		}
	}
	return set
}

// pluralOf asks go-i18n, which holds the CLDR rules of every language, for the
// form of a count: the message below is the name of its own form.
func pluralOf(rules *goi18n.Bundle, l Lang) (func(n int) int, error) {
	tag, err := language.Parse(string(l))
	if err != nil {
		return nil, fmt.Errorf("language %q: %w", l, err)
	}
	const id = "plural.form"
	probe := &goi18n.Message{ID: id, Zero: "0", One: "1", Two: "2", Few: "3", Many: "4", Other: "5"}
	if err := rules.AddMessages(tag, probe); err != nil {
		return nil, err
	}
	ask := goi18n.NewLocalizer(rules, string(l))
	return func(n int) int {
		s, err := ask.Localize(&goi18n.LocalizeConfig{MessageID: id, PluralCount: n})
		if err != nil || len(s) != 1 {
			return other
		}
		return int(s[0] - '0')
	}, nil
}
