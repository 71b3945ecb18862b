package login

import (
	"net/http"

	"breakwater/internal/kernel/auth"
)

// Enter hands a session begun elsewhere to the browser and leads it to where
// its role begins: for the demonstration, whose one click asks no password. The
// session it replaces ends.
func (l *Pages) Enter(w http.ResponseWriter, r *http.Request, begun auth.Session) error {
	return l.welcome(w, r, begun, "")
}

// Client is who is at the other end, as sessions keep it.
func (l *Pages) Client(r *http.Request) auth.Client { return l.client(r) }
