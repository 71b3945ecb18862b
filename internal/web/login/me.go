package login

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

type passwordInput struct {
	Old      string `form:"old,raw" json:"old" max:"300"`
	Password string `form:"password,raw" json:"password" max:"300"`
}

type sessionInput struct {
	Session string `form:"session" json:"session" max:"40"`
}

type tokenInput struct {
	Label string `form:"label" json:"label" max:"100"`
	Days  int    `form:"days" json:"days"`
}

type revokeInput struct {
	Token string `form:"token" json:"token" max:"40"`
}

// meData is what the page /me shows. Fresh is a token just made, shown once.
type meData struct {
	By       auth.Principal
	Place    string
	Sessions []auth.Session
	Tokens   []auth.Token
	Passkeys []auth.Passkey
	Identity auth.Linked
	Ways     ways
	Fresh    string
}

// staff is whether the account has a password and may have tokens.
func (d meData) staff() bool { return !d.By.Role.Personal() }

// provided is whether the account is linked to the district's identity provider, or
// may be.
func (d meData) provided() bool {
	return d.Identity.Subject != "" || d.Ways.Provider != "" && d.By.Role.Office()
}

func (l *Pages) me(w http.ResponseWriter, r *http.Request) error {
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, whoIs(From(r.Context())))
	}
	d, err := l.meData(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, meView(web.From(r), d, web.Blank(r), web.Blank(r)))
}

func (l *Pages) meData(r *http.Request) (d meData, err error) {
	d.By = From(r.Context())
	if d.Sessions, err = l.Auth.Sessions(r.Context(), d.By); err != nil {
		return d, err
	}
	d.Ways = l.ways(r)
	if d.staff() {
		if d.Passkeys, err = l.Auth.Passkeys(r.Context(), d.By); err != nil {
			return d, err
		}
		if d.Identity, err = l.Auth.IdentityOf(r.Context(), d.By); err != nil {
			return d, err
		}
		if d.Tokens, err = l.Auth.Tokens(r.Context(), d.By); err != nil {
			return d, err
		}
	}
	if l.Place != nil {
		d.Place, err = l.Place(r.Context(), d.By.Scope)
	}
	return d, err
}

func (l *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	var in passwordInput
	err := web.Decode(r, &in)
	if err == nil {
		err = at("old", l.Auth.ChangePassword(r.Context(), From(r.Context()), in.Old, in.Password))
	}
	if err != nil {
		return l.meAgain(r, err, func(d meData, f *ui.Form) templ.Component {
			return meView(web.From(r), d, forget(f, "old", "password", "label", "days"), web.Blank(r))
		})
	}
	web.Flash(w, r, ui.Valid, "login.password_done", "")
	return web.Done(w, r, "/me", struct{}{})
}

// meAgain is web.Again for a form of this page, whose other parts are read
// again too.
func (l *Pages) meAgain(r *http.Request, err error, draw func(meData, *ui.Form) templ.Component) error {
	d, failed := l.meData(r)
	if failed != nil {
		return failed
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return draw(d, f) })
}

func (l *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	var in sessionInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if err := l.Auth.SignOut(r.Context(), From(r.Context()), in.Session); err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "login.ended", "")
	return web.Done(w, r, "/me/devices", struct{}{})
}

// devices lists where one is signed in.
func (l *Pages) devices(w http.ResponseWriter, r *http.Request) error {
	d, err := l.meData(r)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		out := make([]Device, len(d.Sessions))
		for i, s := range d.Sessions {
			out[i] = Device{s.ID, s.Device, s.Created, s.Seen, s.ID == d.By.Session}
		}
		return web.JSON(w, r, http.StatusOK, out)
	}
	return web.Render(w, r, devicesView(web.From(r), d))
}

// Device is a session as programs read it.
type Device struct {
	Session string    `json:"session"`
	Device  string    `json:"device"`
	Since   time.Time `json:"since"`
	Seen    time.Time `json:"seen"`
	This    bool      `json:"this"`
}

func (l *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	if err := l.Auth.SignOutOthers(r.Context(), From(r.Context())); err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "login.others_ended", "")
	return web.Done(w, r, "/me/devices", struct{}{})
}

func (l *Pages) everywhere(w http.ResponseWriter, r *http.Request) error {
	if err := l.Auth.SignOutEverywhere(r.Context(), From(r.Context())); err != nil {
		return err
	}
	return l.gone(w, r, "login.goodbye_all")
}

// makeToken answers with the page itself, not with a redirect: the token is
// shown once and must stand in no address and no cookie.
func (l *Pages) makeToken(w http.ResponseWriter, r *http.Request) error {
	by := From(r.Context())
	if by.Role.Personal() {
		return fault.New(fault.Denied, "auth.denied")
	}
	in, text := tokenInput{}, ""
	err := web.Decode(r, &in)
	if err == nil && (in.Days < 1 || in.Days > 365) {
		err = fault.New(fault.Invalid, "auth.invalid").With("days", "login.token_bad_days")
	}
	if err == nil {
		text, err = l.Auth.CreateToken(r.Context(), by, by.ID, in.Label, l.Now().Add(time.Duration(in.Days)*24*time.Hour))
	}
	if err != nil {
		return l.meAgain(r, err, func(d meData, f *ui.Form) templ.Component {
			return meView(web.From(r), d, web.Blank(r), f)
		})
	}
	w.Header().Set("Cache-Control", "no-store")
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusCreated, struct {
			Token string `json:"token"`
		}{text})
	}
	d, err := l.meData(r)
	if err != nil {
		return err
	}
	d.Fresh = text
	return web.Render(w, r, meView(web.From(r), d, web.Blank(r), web.Blank(r)))
}

func (l *Pages) revokeToken(w http.ResponseWriter, r *http.Request) error {
	var in revokeInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if err := l.Auth.RevokeToken(r.Context(), From(r.Context()), in.Token); err != nil {
		return err
	}
	web.Flash(w, r, ui.Valid, "login.revoked", "")
	return web.Done(w, r, "/me", struct{}{})
}
