package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"breakwater/internal/admission"
	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/lane"
	"breakwater/internal/web/ui"
)

// Deps is what the shell stands on. Only Texts is always needed.
type Deps struct {
	Texts  *i18n.Bundle
	Now    clock.Clock
	Log    *slog.Logger
	Routes Routes
	Grants auth.Grants // of all services together; see Merge

	// Identify finds out who asks and puts it into the context; a failure goes to
	// fail, which refuses it but for what is public to everybody. Who reads it back. Both nil: everybody is nobody.
	Identify func(next http.Handler, fail func(http.ResponseWriter, *http.Request, error)) http.Handler
	Who      func(context.Context) auth.Principal
	// Recall is Identify from memory alone, for the lane; false: it must be asked. nil: nothing is quick.
	Recall func(*lane.Head, []*http.Cookie) (auth.Principal, bool)

	District func(i18n.Lang) string                   // the district's name in a language
	Nav      func(auth.Principal, *ui.Page) []ui.Link // what this reader may go to
	Desk     func(*ui.Page) []ui.Link                 // the places of the officers' desk that are open to this reader
	Sign     func(domain, text string) []byte         // a keyed hash, for flash messages
	Metrics  prometheus.Registerer
	Door     *admission.Door // lets requests in; nil: everybody
	TLS      bool            // served over TLS, by us or by a proxy of ours
	Origins  []string        // other origins that may send commands, "https://…"
}

// Site is the program as HTTP.
type Site struct {
	Deps
	mux      *http.ServeMux
	assets   *assets
	routes   map[string]*Route // by pattern
	ranks    ranks
	busy     busy
	quick    quicks
	comings  comings
	stopping atomic.Bool
	pace     pace
	handler  http.Handler
	metrics  *metrics
}

// New builds the site. It fails when two routes overlap, a route lacks its
// access or a permission is granted to nobody: such a page would be open, or
// shut for good.
func New(d Deps) (*Site, error) { return build(d, static) }

func build(d Deps, bundle fs.FS) (*Site, error) {
	if d.Now == nil {
		d.Now = clock.Wall
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Who == nil {
		d.Who = func(context.Context) auth.Principal { return auth.Principal{} }
	}
	if d.Sign == nil {
		d.Sign = ownKey()
	}
	s := &Site{Deps: d, mux: http.NewServeMux(), routes: map[string]*Route{}, metrics: newMetrics(d.Metrics), busy: newBusy(d.Texts), quick: quicks{gets: map[string]*Route{}, posts: map[string]*Route{}}, pace: pace{comingMost, comingPause, comingRate}}
	if d.Metrics != nil && d.Door != nil {
		d.Metrics.MustRegister(doorFigures(d.Door))
	}
	var err error
	if s.assets, err = openAssets(bundle); err != nil {
		return nil, err
	}
	s.Routes = append(s.own(), d.Routes...)
	for i := range s.Routes {
		if err := s.add(&s.Routes[i]); err != nil {
			return nil, err
		}
	}
	cross := http.NewCrossOriginProtection()
	for _, o := range d.Origins {
		if err := cross.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("origin %q: %w", o, err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, fault.New(fault.Denied, "fault.cross_origin"))
	}))
	s.mux.HandleFunc(everywhere, s.lost)
	var h http.Handler = http.HandlerFunc(s.dispatch)
	if d.Identify != nil {
		h = d.Identify(h, s.unproven)
	}
	s.handler = s.visit(s.once(cross.Handler(s.sameOrigin(h))))
	return s, nil
}

func (s *Site) add(route *Route) (err error) {
	switch {
	case route.Handler == nil || route.Access == "":
		return fmt.Errorf("route %q: handler or access missing", route.pattern())
	case route.Quick != nil && (!route.Hot || route.Method != http.MethodGet && route.Method != http.MethodPost):
		return fmt.Errorf("route %q: only a hot GET or POST can be quick", route.pattern())
	case route.Access != Public && route.Access != SignedIn && len(s.Grants[auth.Permission(route.Access)]) == 0:
		return fmt.Errorf("route %q: permission %q is granted to nobody", route.pattern(), route.Access)
	}
	defer func() {
		if p := recover(); p != nil { // ServeMux panics on overlapping patterns
			err = fmt.Errorf("route %q: %v", route.pattern(), p)
		}
	}()
	if route.Hot {
		route.tally = s.metrics.tally(route)
	}
	s.mux.Handle(route.pattern(), s.serve(route))
	route.Class = route.importance()
	switch {
	case route.Quick == nil:
	case route.Method == http.MethodPost:
		s.quick.posts[route.Path] = route
	default:
		s.quick.gets[route.Path] = route
	}
	s.ranks.add(route)
	s.routes[route.pattern()] = route
	return nil
}

// Merge joins the grants of all services.
func Merge(all ...auth.Grants) auth.Grants {
	out := auth.Grants{}
	for _, g := range all {
		for p, roles := range g {
			out[p] = append(out[p], roles...)
		}
	}
	return out
}

// ServeHTTP answers one request, or refuses it before anything is looked at:
// while there is too much to do, a refusal must cost next to nothing.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = untilRead(w, r)
	if s.Door == nil {
		s.handler.ServeHTTP(w, r)
		return
	}
	class, writes := s.ranks.of(r), !safe(r.Method)
	var long *coming
	if writes {
		var err error
		if long, err = early(w, r, s.pace); err != nil {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusRequestTimeout) // to nobody, mostly
			return
		}
	}
	if !s.Door.Admit(class, writes) {
		s.busy.answer(w, r)
		return
	}
	if !s.Door.Seat(class, writes) {
		s.busy.answer(w, r)
		return
	}
	if long != nil {
		long.door, long.class = s.Door, class
		defer func() { // when it has its answer and its place is free
			if long.away {
				s.readAway(r.RemoteAddr, long)
			}
		}()
	}
	defer s.Door.Done(class, writes)
	s.handler.ServeHTTP(w, r)
}

// deadline gives a request its time, for reading, working and writing alike.
func deadline(w http.ResponseWriter, r *http.Request, route *Route) (_ *http.Request, at time.Time, _ context.CancelFunc) {
	d := max(route.Slow, slowMost)
	c := http.NewResponseController(w)
	at = time.Now().Add(d + time.Second) // the answer that it took too long must still go out
	_ = c.SetReadDeadline(at)            // a recorder has none
	_ = c.SetWriteDeadline(at)
	ctx, cancel := context.WithTimeout(r.Context(), d)
	return r.WithContext(ctx), at, cancel
}

func ownKey() func(domain, text string) []byte {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails, see crypto/rand
	return func(domain, text string) []byte { return mac(key[:], domain, text) }
}
