package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/internal/admission"
	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
	"breakwater/internal/web"
)

// Base is where every operation lies; Document is where they are described.
const (
	Base     = "/api/v1"
	Document = "/api/openapi.json"
)

// Deps is what the API stands on. LogKey is the log's public key in the form of
// signed notes; District is the place every district-wide scope names.
type Deps struct {
	Texts    *i18n.Bundle
	Version  string
	Store    storage.Store
	Log      *eventlog.Log
	LogKey   string
	Trust    *credential.Trust
	Status   *statuslist.Store
	Now      clock.Clock
	District string
	Acts     *dual.Desk
}

// API gathers operations. Services add theirs before Routes is called.
type API struct {
	Deps
	routes  web.Routes
	doc     *huma.OpenAPI
	ops     []*huma.Operation // in the order they were added
	streams map[string]Sees
}

// New returns the API with the operations of the kernel: verifying a
// credential, proofs and checkpoints of the log.
func New(d Deps) *API {
	a := &API{Deps: d, doc: document(d), streams: map[string]Sees{}}
	a.addVerify()
	a.addProofs()
	a.addStatus()
	if d.Acts != nil {
		a.addActs()
	}
	return a
}

// Op is one operation. Its summary is the message "api.<ID>"; Group is the key
// of the heading it stands under, "api.group_<Group>".
type Op struct {
	ID     string // operationId
	Method string
	Path   string // below Base
	Group  string
	Access web.Access

	Upload  bool  // the body is a file, as a form's field "file" or by itself; with a field Body, or JSON
	MaxBody int64 // bytes; 0 as the shell has it
	Slow    time.Duration
	Class   admission.Class // 0 as the shell derives it
	Hot     bool            // see web.Route
	Quick   web.Quick       // see web.Route
	Queried bool            // see web.Route
}

// Call is one request to an operation.
type Call struct {
	By  auth.Principal
	Key once.Key // zero when the caller asked for no exactly-once
	Say *i18n.Printer
	R   *http.Request // for what streams
}

// File says that the body is a file and no JSON.
func (c Call) File() bool { return isFile(c.R) }

// Replier is an answer that chooses its own status, and may set headers.
type Replier interface {
	Reply(h http.Header) (status int)
}

// Add adds an operation. In names its parameters by the tags path and query,
// and what the body holds by a field Body; Out is the answer. do's error leaves
// by kind, and an answer goes out as JSON.
func Add[In, Out any](a *API, op Op, do func(context.Context, Call, *In) (Out, error)) {
	in := reflect.TypeFor[In]()
	slots := slotsOf(in)
	a.describe(op, Base+op.Path, in, content("application/json", a.doc.Components.Schemas.Schema(reflect.TypeFor[Out](), true, op.ID+"Answer")))
	route := web.Route{
		Method: op.Method, Path: Base + op.Path, Access: op.Access, Twin: op.ID, MaxBody: op.MaxBody, Slow: op.Slow, Hot: op.Hot, Quick: op.Quick, Queried: op.Queried, Class: op.Class,
		Handler: func(w http.ResponseWriter, r *http.Request) error {
			var in In
			read := slots
			if op.Upload && isFile(r) {
				read = slices.DeleteFunc(slices.Clone(slots), func(s slot) bool { return s.from == "body" })
			}
			if err := bind(r, reflect.ValueOf(&in).Elem(), read); err != nil {
				return err
			}
			c := Call{By: web.Principal(r), Say: web.Printer(r), R: r}
			if op.Method == http.MethodPost {
				c.Key = web.Once(r, op.ID, in)
				if err := c.Key.Check(); err != nil {
					return err
				}
			}
			out, err := do(r.Context(), c, &in)
			if err != nil {
				return err
			}
			h := w.Header()
			h.Set("Content-Language", string(c.Say.Lang()))
			status := http.StatusOK
			if x, ok := any(out).(Replier); ok {
				status = x.Reply(h)
			}
			return web.JSON(w, r, status, out)
		},
	}
	if body, ok := in.FieldByName("Body"); ok {
		route.Input = reflect.Zero(body.Type).Interface()
	}
	a.routes = append(a.routes, route)
}

// AddFile adds an operation whose answer is a document of one of these media
// types; do writes it.
func AddFile[In any](a *API, op Op, kinds []string, do func(w http.ResponseWriter, r *http.Request, in *In) error) {
	in := reflect.TypeFor[In]()
	slots := slotsOf(in)
	answer := map[string]*huma.MediaType{}
	for _, kind := range kinds {
		answer[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	a.describe(op, Base+op.Path, in, answer)
	a.routes = append(a.routes, web.Route{
		Method: op.Method, Path: Base + op.Path, Access: op.Access, Twin: op.ID, Slow: op.Slow, Class: op.Class,
		Handler: func(w http.ResponseWriter, r *http.Request) error {
			var in In
			if err := bind(r, reflect.ValueOf(&in).Elem(), slots); err != nil {
				return err
			}
			return do(w, r, &in)
		},
	})
}

// Tell adds to the document what another of the program's routes answers, under a name
// of its own: Path is the whole address, and kind the media type of what Out is written
// as. The route itself is not added.
func Tell[Out any](a *API, op Op, kind string) {
	schema := &huma.Schema{Type: huma.TypeString}
	if kind == "application/json" {
		schema = a.doc.Components.Schemas.Schema(reflect.TypeFor[Out](), true, op.ID+"Answer")
	}
	a.describe(op, op.Path, reflect.TypeFor[struct{}](), content(kind, schema))
}

// Claim notes that a key is used for this request and no other. It is for
// commands that may run again without harm, or whose answer must not be kept:
// the same request runs again, another one with the key is refused.
//
// Faults: Invalid "once.other_body".
func (a *API) Claim(ctx context.Context, key once.Key) error {
	if key.Key == "" {
		return nil
	}
	return a.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, a.Now(), func() (struct{}, error) { return struct{}{}, nil })
		return err
	})
}

// Routes are every operation's route, the document's and the reference page's.
func (a *API) Routes() (web.Routes, error) {
	a.finish()
	text, err := a.doc.MarshalJSON()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "fault.internal")
	}
	return append(web.Routes{
		{Method: "GET", Path: Document, Access: web.Public, Handler: func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Cache-Control", "public, max-age=60")
			return web.JSON(w, r, http.StatusOK, raw(text))
		}},
		{Method: "GET", Path: "/api", Access: web.Public, Handler: a.reference},
	}, a.routes...), nil
}

// raw is JSON that is written as it stands.
type raw []byte

func (t raw) MarshalJSON() ([]byte, error) { return t, nil }
