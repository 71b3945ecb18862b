package web

import (
	"net/http"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
)

// Handler answers a request or returns why it cannot. What it returns before it
// has written anything is answered by kind; see answer.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Access says who may call a route: Public, SignedIn, or the name of a
// permission, which the caller's role must hold. Whose things the caller may
// touch is the verb's own decision.
type Access string

// The two that are no permission.
const (
	Public   Access = "public"
	SignedIn Access = "signed-in"
)

// Needs is the access of a permission.
func Needs(p auth.Permission) Access { return Access(p) }

// Route is one address of the program, as data: the mux serves it, and the
// sweep test walks it.
type Route struct {
	Method  string // "GET", "POST"; "" takes all, for a mounted API
	Path    string // as net/http's patterns: "/desk/{id}", "/{$}"
	Handler Handler
	Access  Access

	// Whole is for pages whose verb asks for the whole district: nobody of one park is
	// led there. The verb still decides.
	Whole bool

	Input   any           // zero value of what a POST decodes, for the sweep
	Twin    string        // operationId of the JSON twin, where there is one
	Scanner bool          // the page may use the camera and the scanner's wasm
	MaxBody int64         // bytes; 0 = 64 KiB
	Slow    time.Duration // longer than the usual ten seconds, for uploads and exports

	// Hot is for what a whole district asks for in one minute: a good answer is
	// counted and has no line of its own in the log.
	Hot bool

	// Quick answers the same on the lane; nil for nearly every route. It goes with
	// Hot, with GET or POST, and a path without {}.
	Quick Quick

	// Queried is whether a quick GET reads what stands behind its path.
	Queried bool

	// Class is how important the route is when not everything can be done; left
	// out it follows from the rest, see importance.
	Class admission.Class

	tally tally
}

// Routes is what a service mounts.
type Routes []Route

const (
	bodyMost = 64 << 10
	slowMost = 10 * time.Second
	// SignInURL is where nobody is sent to become somebody.
	SignInURL = "/sign-in"
)

// Mount makes a handler of the standard library a Handler: the API's mux.
func Mount(h http.Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

func (r Route) pattern() string {
	if r.Method == "" {
		return r.Path
	}
	return r.Method + " " + r.Path
}
