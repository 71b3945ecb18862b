package webtest

import (
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
)

// Sweep is what the walk over every route needs.
type Sweep struct {
	Site   http.Handler
	Broken http.Handler // the same site on a store that fails; nil leaves that out
	Routes web.Routes
	Grants auth.Grants
	// As signs a request in as somebody with this role, of a tenant that owns
	// none of Foreign.
	As func(*http.Request, auth.Role)
	// Foreign are ids of another tenant by the wildcard's name in the pattern:
	// {"id": "fir_…"}. One that is absent is sent as an id of nothing.
	Foreign map[string]string
	// Open names patterns that may show a foreign thing: what is public anyway.
	Open []string
}

var roles = [...]auth.Role{auth.Worker, auth.Firm, auth.Guard, auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander, auth.Resident, auth.Storekeeper}

var wildcard = regexp.MustCompile(`\{(\w*)(\.\.\.)?\$?\}`)

// leaks are words that only a cause would hold.
var leaks = [...]string{"sql:", "SQLSTATE", "no such table", "goroutine ", "runtime error", ".go:", "database is closed"}

// Run walks every route.
func (s Sweep) Run(t *testing.T) {
	for _, route := range s.Routes {
		t.Run(strings.ReplaceAll(route.Method+" "+route.Path, "/", "∕"), func(t *testing.T) {
			s.signedOut(t, route)
			s.wrongRole(t, route)
			s.foreign(t, route)
			if route.Method != "" && route.Method != http.MethodGet {
				s.crossOrigin(t, route)
				s.overLong(t, route)
			}
			s.broken(t, route)
		})
	}
}

func (s Sweep) path(r web.Route) string {
	return wildcard.ReplaceAllStringFunc(r.Path, func(w string) string {
		name := wildcard.FindStringSubmatch(w)[1]
		if id := s.Foreign[name]; id != "" || name == "" {
			return id
		}
		return "nothing"
	})
}

func (s Sweep) send(t *testing.T, site http.Handler, route web.Route, role auth.Role, kind, body string, head ...string) Answer {
	t.Helper()
	method := route.Method
	if method == "" {
		method = http.MethodGet
	}
	c := Caller{T: t, Site: site}
	if role != "" {
		c.As = func(r *http.Request) { s.As(r, role) }
	}
	a := c.Send(method, s.path(route), kind, strings.NewReader(body), head...)
	for _, leak := range leaks {
		if strings.Contains(a.Body, leak) {
			t.Errorf("as %q: the answer holds %q", role, leak)
		}
	}
	return a
}

const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"

func (s Sweep) signedOut(t *testing.T, route web.Route) {
	if route.Access == web.Public {
		return
	}
	if a := s.send(t, s.Site, route, "", jsonKind, "{}", "Accept", "application/json"); a.Status != http.StatusUnauthorized {
		t.Errorf("nobody: %d, want 401", a.Status)
	}
	a := s.send(t, s.Site, route, "", formKind, "", "Accept", "text/html")
	if a.Status != http.StatusUnauthorized && (a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), web.SignInURL)) {
		t.Errorf("nobody's browser: %d to %q", a.Status, a.Header.Get("Location"))
	}
}

func (s Sweep) wrongRole(t *testing.T, route web.Route) {
	if route.Access == web.Public || route.Access == web.SignedIn {
		return
	}
	for _, role := range roles {
		if slices.Contains(s.Grants[auth.Permission(route.Access)], role) {
			continue
		}
		if a := s.send(t, s.Site, route, role, jsonKind, "{}", "Accept", "application/json"); a.Status != http.StatusForbidden {
			t.Errorf("as %s: %d, want 403", role, a.Status)
		}
	}
}

// foreign asks for another tenant's thing as every role that may use the route.
// Officers, auditors and commanders stand above tenants.
func (s Sweep) foreign(t *testing.T, route web.Route) {
	if route.Access == web.Public || !wildcard.MatchString(strings.TrimSuffix(route.Path, "{$}")) || slices.Contains(s.Open, route.Path) {
		return
	}
	for _, role := range roles[:3] {
		if route.Access != web.SignedIn && !slices.Contains(s.Grants[auth.Permission(route.Access)], role) {
			continue
		}
		if a := s.send(t, s.Site, route, role, jsonKind, "{}", "Accept", "application/json"); a.Status < 400 || a.Status >= 500 {
			t.Errorf("as %s of another tenant: %d", role, a.Status)
		}
	}
}

// may is a role that may use the route.
func (s Sweep) may(route web.Route) auth.Role {
	if route.Access == web.Public {
		return ""
	}
	if g := s.Grants[auth.Permission(route.Access)]; len(g) > 0 {
		return g[0]
	}
	return auth.Officer
}

func (s Sweep) crossOrigin(t *testing.T, route web.Route) {
	for _, head := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "", "Cookie", "breakwater=x"},
	} {
		if a := s.send(t, s.Site, route, s.may(route), formKind, "", head...); a.Status != http.StatusForbidden {
			t.Errorf("from another site by %v: %d, want 403", head, a.Status)
		}
	}
}

func (s Sweep) overLong(t *testing.T, route web.Route) {
	most := int(max(route.MaxBody, 64<<10))
	if most <= 1<<20 {
		if a := s.send(t, s.Site, route, s.may(route), formKind, strings.Repeat("x", most+1)); a.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("a body of %d bytes: %d, want 413", most+1, a.Status)
		}
	}
	if route.Input == nil {
		return
	}
	for _, f := range texts(reflect.TypeOf(route.Input)) {
		body := f.name + "=" + strings.Repeat("x", f.long)
		if a := s.send(t, s.Site, route, s.may(route), formKind, body, "Accept", "application/json"); a.Status < 400 || a.Status >= 500 {
			t.Errorf("%s of %d characters: %d", f.name, f.long, a.Status)
		}
	}
}

// text is a text field of an input and how many characters are too many for it.
type text struct {
	name string
	long int
}

// texts are the text fields of an input.
func texts(t reflect.Type) []text {
	var out []text
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("form")
		if !ok {
			tag = f.Tag.Get("json")
		}
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous:
			out = append(out, texts(f.Type)...)
		case name != "" && name != "-" && f.Type.Kind() == reflect.String:
			most, _ := strconv.Atoi(f.Tag.Get("max")) // 0 without a bound
			out = append(out, text{name, max(30000, most+1)})
		}
	}
	return out
}

// broken asks on a store that fails: our mistake or busy, with a reference and
// without the cause. A page that needs no store may still answer.
func (s Sweep) broken(t *testing.T, route web.Route) {
	if s.Broken == nil {
		return
	}
	for _, accept := range []string{"application/json", "text/html"} {
		a := s.send(t, s.Broken, route, s.may(route), formKind, "", "Accept", accept)
		if a.Status >= 500 && a.Status != http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable {
			t.Errorf("failing store: %d", a.Status)
		}
	}
}
