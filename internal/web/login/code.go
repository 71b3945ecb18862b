package login

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

type phoneInput struct {
	Phone string `form:"phone" json:"phone" max:"40"`
	Next  string `form:"next" json:"next" max:"500"`
}

type codeInput struct {
	Challenge string `form:"challenge" json:"challenge" max:"40"`
	Code      string `form:"code" json:"code" max:"20"`
	LastSix   string `form:"last_six" json:"last_six" max:"20"`
	Next      string `form:"next" json:"next" max:"500"`
}

// Sent is what a program is told of a code on its way: the challenge to send back
// with it.
type Sent struct {
	Challenge string `json:"challenge"`
}

func (l *Pages) showPhone(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, phoneView(web.From(r), web.Blank(r, "next", safeNext(r.URL.Query().Get("next")))))
}

// sendCode answers the same page for a phone that is known and one that is not.
func (l *Pages) sendCode(w http.ResponseWriter, r *http.Request) error {
	form := func(f *ui.Form) templ.Component { return phoneView(web.From(r), f) }
	var in phoneInput
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	say := web.Printer(r)
	challenge, err := l.Auth.SendCode(r.Context(), in.Phone, func(code string, minutes int) string {
		return say.T("login.code_message", "code", code, "n", minutes)
	}, l.client(r))
	if err != nil {
		return web.Again(at("phone", err), form)
	}
	to := "/sign-in/code?challenge=" + url.QueryEscape(challenge)
	if next := safeNext(in.Next); next != "" {
		to += "&next=" + url.QueryEscape(next)
	}
	return web.Done(w, r, to, Sent{challenge})
}

func (l *Pages) showCode(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return web.Render(w, r, codeView(web.From(r), web.Blank(r, "challenge", q.Get("challenge"), "next", safeNext(q.Get("next")))))
}

func (l *Pages) signInByCode(w http.ResponseWriter, r *http.Request) error {
	form := func(f *ui.Form) templ.Component { return codeView(web.From(r), f) }
	var in codeInput
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	begun, err := l.Auth.SignInByCode(r.Context(), in.Challenge, in.Code, in.LastSix, l.client(r))
	if err != nil {
		return web.Again(at("code", err), form)
	}
	return l.welcome(w, r, begun, in.Next)
}
