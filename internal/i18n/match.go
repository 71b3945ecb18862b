package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// Match chooses the language for an Accept-Language header. Any Chinese reads
// Simplified; whoever asks for neither gets English.
func Match(accept string) Lang {
	if accept == "" || len(accept) > 500 {
		return English
	}
	// Nearly every header begins with the language wanted most.
	switch head, _, _ := strings.Cut(accept, ","); head {
	case "zh-CN", "zh", "zh-Hans", "zh-Hans-CN":
		return Chinese
	case "en-US", "en-GB", "en":
		return English
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return English
	}
	for _, t := range tags {
		switch base, _ := t.Base(); base.String() {
		case "zh":
			return Chinese
		case "en":
			return English
		}
	}
	return English
}

// Name is what a language calls itself.
func (l Lang) Name() string {
	if l == Chinese {
		return "中文"
	}
	return "English"
}
