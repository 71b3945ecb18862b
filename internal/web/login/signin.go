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

// Who is a principal as the API shows it.
type Who struct {
	ID    string     `json:"id"`
	Role  auth.Role  `json:"role"`
	Name  string     `json:"name"`
	Scope auth.Scope `json:"scope"`
}

func whoIs(p auth.Principal) Who { return Who{p.ID, p.Role, p.Name, p.Scope} }

type signInInput struct {
	Login    string `form:"login" json:"login" max:"100"`
	Password string `form:"password,raw" json:"password" max:"300"`
	Next     string `form:"next" json:"next" max:"500"`
}

type workerInput struct {
	Phone   string `form:"phone" json:"phone" max:"40"`
	LastSix string `form:"last_six" json:"last_six" max:"20"`
	Next    string `form:"next" json:"next" max:"500"`
}

func (l *Pages) showSignIn(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, signInView(web.From(r), l.ways(r), web.Blank(r, "next", safeNext(r.URL.Query().Get("next")))))
}

func (l *Pages) showSignInWorker(w http.ResponseWriter, r *http.Request) error {
	if l.Auth.CodesOnly() {
		http.Redirect(w, r, "/sign-in/phone?"+r.URL.RawQuery, http.StatusSeeOther)
		return nil
	}
	return web.Render(w, r, workerView(web.From(r), web.Blank(r, "next", safeNext(r.URL.Query().Get("next")))))
}

func (l *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	form := func(f *ui.Form) templ.Component { return signInView(web.From(r), l.ways(r), forget(f, "password")) }
	var in signInInput
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	begun, err := l.Auth.SignIn(r.Context(), in.Login, in.Password, l.client(r))
	if fault.Is(err, "auth.claim_waiting") { // nothing to mend: it is said above an empty form
		waits := fault.As(err)
		form = func(*ui.Form) templ.Component { return claimWaitsView(web.From(r), waits) }
	}
	if err != nil {
		return web.Again(at("login", err), form)
	}
	return l.welcome(w, r, begun, in.Next)
}

func (l *Pages) signInWorker(w http.ResponseWriter, r *http.Request) error {
	form := func(f *ui.Form) templ.Component { return workerView(web.From(r), forget(f, "last_six")) }
	var in workerInput
	if err := web.Decode(r, &in); err != nil {
		return web.Again(err, form)
	}
	begun, err := l.Auth.SignInWorker(r.Context(), in.Phone, in.LastSix, l.client(r))
	if err != nil {
		return web.Again(at("phone", err), form)
	}
	return l.welcome(w, r, begun, in.Next)
}

// at ties a refusal to the form it was given at, so that the form comes back
// with it. What is our own mistake is not the visitor's to mend.
func at(field string, err error) error {
	f := fault.As(err)
	if f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable || len(f.Fields) > 0 {
		return err
	}
	tied := *f
	tied.Fields = []fault.Field{{Name: field, Code: f.Code, Args: f.Args}}
	return &tied
}

// forget takes secrets out of a form that is shown again.
func forget(f *ui.Form, secrets ...string) *ui.Form {
	for _, s := range secrets {
		f.Values.Del(s)
	}
	return f
}

// Begun is what a program is told of its new session; the secret itself is in
// the cookie.
type Begun struct {
	Principal Who       `json:"principal"`
	Expires   time.Time `json:"expires"`
}

// welcome hands out the session and ends the one it replaces.
func (l *Pages) welcome(w http.ResponseWriter, r *http.Request, begun auth.Session, next string) error {
	if was := From(r.Context()); !was.Zero() && bearer(r) == "" {
		// The new session stands either way, so a failure here changes nothing.
		_ = l.Auth.SignOut(r.Context(), was, was.Session)
	}
	setCookie(w, l.secure(r), begun, l.Now())
	keepProof(w, l.secure(r), begun.Proof)
	w.Header().Set("Cache-Control", "no-store")
	return web.Done(w, r, l.home(begun.Principal, next), Begun{whoIs(begun.Principal), begun.Expires})
}

func (l *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if p := From(r.Context()); !p.Zero() {
		if err := l.Auth.SignOut(r.Context(), p, p.Session); err != nil {
			return err
		}
	}
	return l.gone(w, r, "login.goodbye")
}

func (l *Pages) gone(w http.ResponseWriter, r *http.Request, notice string) error {
	clearCookie(w, l.secure(r))
	// What the browser kept of this account's pages goes too.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	web.Flash(w, r, ui.Valid, notice, "")
	return web.Done(w, r, "/sign-in", struct{}{})
}
