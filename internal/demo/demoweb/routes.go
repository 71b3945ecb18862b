package demoweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/outside/sms"
	"breakwater/internal/web"
	"breakwater/internal/web/login"
)

// Accounts is asked for the demonstration's account of a role: the same one each
// time, so that the worker stands on the firm's roster and the guard at their gate.
type Accounts interface {
	// Begin signs a browser in as the role.
	Begin(ctx context.Context, role auth.Role, from auth.Client) (auth.Session, error)
	// Token makes a token for a program that acts as the role.
	Token(ctx context.Context, role auth.Role) (token string, as auth.Principal, err error)
}

// Deps is what the page stands on. Enter hands a session to the browser, Client
// says who is at the other end; login has both.
type Deps struct {
	Accounts Accounts
	Enter    func(w http.ResponseWriter, r *http.Request, begun auth.Session) error
	Client   func(r *http.Request) auth.Client
	Messages func() []sms.Message // that would have been sent, newest first
}

// roles are those one can be, in the order a newcomer would try them.
var roles = [...]auth.Role{auth.Worker, auth.Guard, auth.Firm, auth.Officer, auth.SecondOfficer, auth.Commander, auth.Auditor, auth.Resident, auth.Storekeeper}

// Routes are the page and its one command.
func Routes(d Deps) web.Routes {
	return web.Routes{
		{Method: "GET", Path: "/demo", Handler: d.show, Access: web.Public},
		{Method: "POST", Path: "/demo/sign-in", Handler: d.signIn, Access: web.Public, Input: input{}},
		{Method: "GET", Path: "/demo/sms", Handler: d.messages, Access: web.Public},
	}
}

type input struct {
	Role string `form:"role" json:"role" max:"40"`
}

// Taken is what a program is told: a token for "Authorization: Bearer", and who
// it now is.
type Taken struct {
	Token     string    `json:"token"`
	Principal login.Who `json:"principal"`
}

func (d Deps) show(w http.ResponseWriter, r *http.Request) error {
	p := web.From(r)
	return web.Render(w, r, demoView(p))
}

// messages shows what would have gone to phones. A page reads it once a moment;
// nothing of it is kept anywhere else.
func (d Deps) messages(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	list := d.Messages()
	if web.WantsJSON(r) {
		out := make([]Shown, 0, len(list))
		for _, m := range list {
			out = append(out, Shown{m.Phone, m.Text, m.At})
		}
		return web.JSON(w, r, http.StatusOK, out)
	}
	return web.Render(w, r, messagesView(web.From(r), list))
}

// Shown is a message as programs read it.
type Shown struct {
	Phone string    `json:"phone"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
}

// signIn takes a role. A browser gets a session and goes to where the role
// begins; anything that does not ask for a page gets a token.
//
// Faults: Invalid "demoweb.role", naming those there are.
func (d Deps) signIn(w http.ResponseWriter, r *http.Request) error {
	var in input
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	role, err := known(in.Role)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Accept"), "text/html") || r.Header.Get("HX-Request") != "" {
		begun, err := d.Accounts.Begin(r.Context(), role, d.Client(r))
		if err != nil {
			return err
		}
		return d.Enter(w, r, begun)
	}
	token, p, err := d.Accounts.Token(r.Context(), role)
	if err != nil {
		return err
	}
	return web.JSON(w, r, http.StatusOK, Taken{token, login.Who{ID: p.ID, Role: p.Role, Name: p.Name, Scope: p.Scope}})
}

func known(name string) (auth.Role, error) {
	name = strings.ReplaceAll(name, "-", "_")
	names := make([]string, len(roles))
	for i, one := range roles {
		if string(one) == strings.ReplaceAll(name, "-", "_") {
			return one, nil
		}
		names[i] = string(one)
	}
	return "", fault.New(fault.Invalid, "demoweb.role", "roles", names).With("role", "demoweb.role", "roles", names)
}
