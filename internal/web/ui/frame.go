package ui

import (
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/i18n"
)

// htmxConfig keeps htmx inside the content policy: nothing evaluated, no style
// put into the page, and no error page of ours swapped into a part of another.
const htmxConfig = `{"includeIndicatorCSS":false,"noSwap":[204,304,"5xx"],"mode":"same-origin"}`

func themed(t Theme) templ.Attributes {
	if t == Auto {
		return nil
	}
	return templ.Attributes{"data-theme": string(t)}
}

func pressed(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-pressed": "true"}
	}
	return templ.Attributes{"aria-pressed": "false"}
}

func (t Theme) value() string {
	if t == Auto {
		return "auto"
	}
	return string(t)
}

func (t Theme) scheme() string {
	switch t {
	case Dark:
		return "dark"
	case Light, Ink:
		return "light"
	}
	return "light dark"
}

// paper is the theme of a sheet: light, unless the screen is itself like paper.
func (t Theme) paper() Theme {
	if t == Ink {
		return Ink
	}
	return Light
}

// name is the program's name with the district's before it.
func (p *Page) name() string {
	if p.District == "" {
		return "Breakwater 定波"
	}
	return p.District + " · Breakwater 定波"
}

func (p *Page) others() []i18n.Lang {
	var out []i18n.Lang
	for _, l := range i18n.Langs() {
		if l != p.Lang() {
			out = append(out, l)
		}
	}
	return out
}

func signIn(path string) string {
	if path == "" || path == "/" || path == "/sign-in" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(path)
}

// many is whether the ways are so many that a narrow head would need rows for them.
func (p *Page) many() bool { return len(p.Nav) > 5 }
