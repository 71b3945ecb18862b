package web

import (
	"net/http"
	"path"
	"strings"

	"breakwater/internal/admission"
)

// importance is the route's class: the one it names; else a file read in is an
// import, what is long or is a table to take away is statistics, and the rest
// are the usual pages and commands.
func (r Route) importance() admission.Class {
	switch {
	case r.Class != 0:
		return r.Class
	case r.MaxBody > bodyMost:
		return admission.Import
	case r.Slow > slowMost:
		return admission.Statistics
	}
	switch path.Ext(r.Path) {
	case ".csv", ".json", ".xlsx":
		return admission.Statistics
	}
	return admission.Order
}

// ranks finds the class of a request by its path in well under a microsecond and
// without garbage, which the mux does not. What no route takes is of the usual
// class: a stranger's guesses must not pass for something important.
type ranks struct{ root rank }

// rank is one part of a path, between slashes.
type rank struct {
	named map[string]*rank
	any   *rank        // {id}
	here  [2]*classOne // reads, writes; nil where no route ends
	below [2]*classOne // {rest...} and patterns that end in a slash
}

type classOne struct{ class admission.Class }

func (t *ranks) add(r *Route) {
	at, p := &t.root, strings.TrimPrefix(r.Path, "/")
	for {
		part, rest, more := strings.Cut(p, "/")
		if part == "" || part == "{$}" || strings.HasSuffix(part, "...}") {
			r.rank(&at.here)
			if part != "{$}" {
				r.rank(&at.below)
			}
			return
		}
		at = at.child(part)
		if !more {
			r.rank(&at.here)
			return
		}
		p = rest
	}
}

func (at *rank) child(part string) *rank {
	if strings.HasPrefix(part, "{") {
		if at.any == nil {
			at.any = &rank{}
		}
		return at.any
	}
	if at.named[part] == nil {
		if at.named == nil {
			at.named = map[string]*rank{}
		}
		at.named[part] = &rank{}
	}
	return at.named[part]
}

// rank enters the route's class for what its method does; a mounted handler does both.
func (r *Route) rank(to *[2]*classOne) {
	one := &classOne{r.Class}
	if r.Method == "" || safe(r.Method) {
		to[0] = one
	}
	if r.Method == "" || !safe(r.Method) {
		to[1] = one
	}
}

func (t *ranks) of(r *http.Request) admission.Class {
	side := 0
	if !safe(r.Method) {
		side = 1
	}
	at, p := &t.root, r.URL.Path
	var below *classOne
	for {
		if c := at.below[side]; c != nil {
			below = c
		}
		p = strings.TrimPrefix(p, "/")
		if p == "" {
			break
		}
		part := p
		if i := strings.IndexByte(p, '/'); i >= 0 {
			part, p = p[:i], p[i:]
		} else {
			p = ""
		}
		next := at.named[part]
		if next == nil {
			next = at.any
		}
		if next == nil {
			at = nil
			break
		}
		at = next
	}
	switch {
	case at != nil && at.here[side] != nil:
		return at.here[side].class
	case below != nil:
		return below.class
	}
	return admission.Order
}
