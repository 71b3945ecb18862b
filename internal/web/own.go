package web

import (
	"net/http"
	"net/url"
	"strings"

	"breakwater/internal/admission"
	"breakwater/internal/i18n"
	"breakwater/internal/web/ui"
)

// preference is what the switches in the head send.
type preference struct {
	Lang  string `form:"lang" max:"20"`
	Theme string `form:"theme" max:"20"`
	Next  string `form:"next" max:"2000"`
}

const aYear = 365 * 24 * 60 * 60

// own are the shell's own routes.
func (s *Site) own() Routes {
	return Routes{
		{Method: "GET", Path: "/static/", Handler: s.assets.serve, Access: Public, Class: admission.Vital},
		{Method: "POST", Path: "/preference", Handler: s.prefer, Access: Public, Input: preference{}},
	}
}

// prefer keeps the reader's language and colours in two plain cookies.
func (s *Site) prefer(w http.ResponseWriter, r *http.Request) error {
	var in preference
	if err := Decode(r, &in); err != nil {
		return err
	}
	if i18n.Known(i18n.Lang(in.Lang)) {
		s.keep(w, "lang", in.Lang)
	}
	for _, t := range ui.Themes() {
		if in.Theme != "" && (in.Theme == string(t) || in.Theme == "auto" && t == ui.Auto) {
			s.keep(w, "theme", string(t))
		}
	}
	http.Redirect(w, r, Local(in.Next), http.StatusSeeOther)
	return nil
}

func (s *Site) keep(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: aYear, HttpOnly: true, Secure: s.TLS, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// Local returns where to go next if that is a path on this site, else "/".
// "//host" and "/\host" are other sites to a browser.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || u.Host != "" || u.IsAbs() {
		return "/"
	}
	return next
}
