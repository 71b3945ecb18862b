package login

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// The provider sends browsers back to one address, which the operator registers
// there. What a browser began lies sealed in a cookie of its own for five minutes:
// an answer that another browser was led to opens nothing.
const (
	providerBack   = "/sign-in/provider/back"
	providerSuffix = "-provider"
	providerLife   = 5 * 60 // seconds, as auth has it
)

// ProviderAddress is where to go to prove who one is. What was begun goes into the
// cookie of the browser that asked.
type ProviderAddress struct {
	URL   string `json:"url" doc:"Lead the browser there; it comes back to us."`
	begun *http.Cookie
}

// Reply implements api.Replier.
func (a ProviderAddress) Reply(h http.Header) int {
	h.Add("Set-Cookie", a.begun.String())
	h.Set("Cache-Control", "no-store")
	return http.StatusOK
}

// back is the address of providerBack as the browser knows us.
func (l *Pages) back(r *http.Request) string {
	if l.Public != "" {
		return l.Public + providerBack
	}
	scheme := "http://"
	if l.secure(r) {
		scheme = "https://"
	}
	return scheme + r.Host + providerBack
}

// beginProvider is a link and no form, for a form may send nobody to another site
// (the policy's form-action); it changes nothing here.
func (l *Pages) beginProvider(w http.ResponseWriter, r *http.Request) error {
	next := safeNext(r.URL.Query().Get("next"))
	to, begun, err := l.Auth.BeginIdentity(r.Context(), l.back(r), l.client(r))
	if err != nil {
		return l.signInTrouble(r, err, next)
	}
	l.keepBegun(w, r, begun, next)
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, ProviderAddress{URL: to})
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// beginProviderLink comes from a form of our own page, so that no other site can
// begin it, and shows the link that leads on.
func (l *Pages) beginProviderLink(w http.ResponseWriter, r *http.Request) error {
	var in struct{}
	err := web.Decode(r, &in)
	var to ProviderAddress
	if err == nil {
		to, err = l.BeginProviderLink(r)
	}
	if err != nil {
		return l.linkTrouble(r, err)
	}
	to.Reply(w.Header())
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, to)
	}
	return web.Render(w, r, providerLeaveView(web.From(r), l.Auth.Provider(), to.URL))
}

// BeginProviderLink begins to link the caller's own account, for the page and the API.
//
// Faults: as auth.Service.BeginIdentityLink.
func (l *Pages) BeginProviderLink(r *http.Request) (ProviderAddress, error) {
	to, begun, err := l.Auth.BeginIdentityLink(r.Context(), From(r.Context()), l.back(r))
	return ProviderAddress{to, l.begunCookie(r, begun, "")}, err
}

// fromProvider is where the provider sends the browser back to, with a code.
func (l *Pages) fromProvider(w http.ResponseWriter, r *http.Request) error {
	begun, next := l.takeBegun(w, r)
	q := r.URL.Query()
	back := auth.Returned{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Trouble: q.Get("error")}
	if by := From(r.Context()); l.Auth.LinksIdentity(begun) && !by.Zero() {
		if err := l.Auth.LinkIdentity(r.Context(), by, begun, back); err != nil {
			return l.linkTrouble(r, err)
		}
		web.Flash(w, r, ui.Valid, "login.provider_linked", "")
		return web.Done(w, r, "/me#provider", struct{}{})
	}
	b, err := l.Auth.SignInByIdentity(r.Context(), begun, back, l.client(r))
	if err != nil {
		return l.signInTrouble(r, err, next)
	}
	return l.welcome(w, r, b, next)
}

func (l *Pages) unlinkProvider(w http.ResponseWriter, r *http.Request) error {
	var in struct{}
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if err := l.Auth.UnlinkIdentity(r.Context(), From(r.Context())); err != nil {
		return l.linkTrouble(r, err)
	}
	web.Flash(w, r, ui.Valid, "login.provider_unlinked", "")
	return web.Done(w, r, "/me#provider", struct{}{})
}

// signInTrouble shows the page for signing in, where the other doors are, with what
// went wrong above them.
func (l *Pages) signInTrouble(r *http.Request, err error, next string) error {
	f := providerFault(err)
	return web.Again(f, func(*ui.Form) templ.Component {
		more := l.ways(r)
		more.Trouble = fault.As(f)
		return signInView(calm(r, "/sign-in"), more, web.Blank(r, "next", next))
	})
}

func (l *Pages) linkTrouble(r *http.Request, err error) error {
	f := providerFault(err)
	return l.meAgain(r, f, func(d meData, _ *ui.Form) templ.Component {
		d.Ways.Trouble = fault.As(f)
		return meView(calm(r, "/me"), d, web.Blank(r), web.Blank(r))
	})
}

// calm is the page under an address that can be loaded again: the one the browser
// shows holds a code that is spent.
func calm(r *http.Request, path string) *ui.Page {
	p := web.From(r)
	p.Path, p.URI = path, path
	return p
}

// providerFault lets what package auth refused come back on a page of ours, whatever
// its kind; what is our own mistake goes on as it is.
func providerFault(err error) error {
	f := fault.As(err)
	if !strings.HasPrefix(f.Code, "auth.") || f.Kind == fault.Internal {
		return err
	}
	tied := *f
	tied.Fields = []fault.Field{{Name: "provider", Code: f.Code, Args: f.Args}}
	return &tied
}

func (l *Pages) keepBegun(w http.ResponseWriter, r *http.Request, begun, next string) {
	http.SetCookie(w, l.begunCookie(r, begun, next))
}

func (l *Pages) begunCookie(r *http.Request, begun, next string) *http.Cookie {
	c := cookie(l.secure(r), begun+"."+base64.RawURLEncoding.EncodeToString([]byte(next)))
	c.Name += providerSuffix
	c.MaxAge = providerLife
	return c
}

// takeBegun reads what was kept and removes it: it answers once.
func (l *Pages) takeBegun(w http.ResponseWriter, r *http.Request) (begun, next string) {
	name := cookieName(l.secure(r)) + providerSuffix
	kept, err := r.Cookie(name)
	if err != nil {
		return "", ""
	}
	gone := cookie(l.secure(r), "")
	gone.Name, gone.MaxAge = name, -1
	http.SetCookie(w, gone)
	begun, tail, _ := strings.Cut(kept.Value, ".")
	text, err := base64.RawURLEncoding.DecodeString(tail)
	if err != nil {
		return begun, ""
	}
	return begun, string(text) // welcome asks whether it is a page of ours
}
