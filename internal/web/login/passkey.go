package login

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// passkeyInput is what the island sends as a form, or a program as JSON: Response
// is the browser's PublicKeyCredential as JSON text.
type passkeyInput struct {
	Ceremony string `form:"ceremony" json:"ceremony" max:"8000"`
	Response string `form:"response,raw" json:"response" max:"20000"`
	Label    string `form:"passkey_label" json:"passkey_label" max:"60"`
	Next     string `form:"next" json:"next" max:"500"`
}

type removeInput struct {
	Passkey string `form:"passkey" json:"passkey" max:"40"`
}

// Ceremony is what a browser is asked, and what to send back with its answer.
type Ceremony struct {
	Ceremony string `json:"ceremony"`
	Options  any    `json:"options"`
}

// site is where passkeys of this request belong: the address the operator named,
// else the one the browser came to. ok is false where browsers have no passkeys:
// at a bare number, and beyond this machine without TLS.
func (l *Pages) site(r *http.Request) (at auth.Site, ok bool) {
	scheme := "http"
	if l.secure(r) {
		scheme = "https"
	}
	u := &url.URL{Scheme: scheme, Host: r.Host}
	if l.Public != "" {
		named, err := url.Parse(l.Public)
		if err != nil {
			return at, false
		}
		u = &url.URL{Scheme: named.Scheme, Host: named.Host}
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return at, false
	}
	if port := u.Port(); scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		u.Host = host
	}
	at = auth.Site{Name: "Breakwater", Host: host, Origin: u.String()}
	return at, u.Scheme == "https" || host == "localhost" || net.ParseIP(host).IsLoopback()
}

// Site is where passkeys made by this request belong.
func (l *Pages) Site(r *http.Request) auth.Site {
	at, _ := l.site(r)
	return at
}

func (l *Pages) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	at, _ := l.site(r)
	options, begun, err := l.Auth.BeginPasskey(r.Context(), From(r.Context()), at)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.JSON(w, r, http.StatusOK, Ceremony{begun, options})
}

func (l *Pages) addPasskey(w http.ResponseWriter, r *http.Request) error {
	at, _ := l.site(r)
	var in passkeyInput
	err := web.Decode(r, &in)
	if err == nil {
		_, err = l.Auth.AddPasskey(r.Context(), From(r.Context()), at, in.Ceremony, in.Response, in.Label)
	}
	if err != nil {
		return l.meAgain(r, err, func(d meData, f *ui.Form) templ.Component {
			return meView(web.From(r), d, web.Blank(r), forget(f, "ceremony", "response"))
		})
	}
	web.Flash(w, r, ui.Valid, "login.passkey_added", "")
	return web.Done(w, r, "/me#passkeys", struct{}{})
}

func (l *Pages) removePasskey(w http.ResponseWriter, r *http.Request) error {
	var in removeInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if err := l.Auth.RemovePasskey(r.Context(), From(r.Context()), in.Passkey); err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "login.passkey_removed", "")
	return web.Done(w, r, "/me#passkeys", struct{}{})
}

func (l *Pages) beginPasskeySignIn(w http.ResponseWriter, r *http.Request) error {
	at, _ := l.site(r)
	options, begun, err := l.Auth.BeginPasskeySignIn(at, l.client(r))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.JSON(w, r, http.StatusOK, Ceremony{begun, options})
}

func (l *Pages) signInByPasskey(w http.ResponseWriter, r *http.Request) error {
	form := func(f *ui.Form) templ.Component {
		return signInView(web.From(r), l.ways(r), forget(f, "ceremony", "response"))
	}
	at2, _ := l.site(r)
	var in passkeyInput
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	begun, err := l.Auth.SignInByPasskey(r.Context(), at2, in.Ceremony, in.Response, l.client(r))
	if err != nil {
		return web.Again(at("login", err), form)
	}
	return l.welcome(w, r, begun, in.Next)
}

// ways are the ways into an account beside the password, here.
type ways struct {
	Passkey  bool
	Provider string       // name of the district's identity provider, or ""
	Trouble  *fault.Error // why it opened nothing just now
}

func (l *Pages) ways(r *http.Request) ways {
	_, ok := l.site(r)
	return ways{Passkey: ok, Provider: l.Auth.Provider()}
}
