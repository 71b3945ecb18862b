package layering

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// layers is the import policy, lowest first. A package may import packages of
// lower rows only; a letter orders rows within one level. A star is one folder.
var layers = []struct {
	level, packages string
}{
	{"0a", "internal/fault"},
	{"0b", "internal/ident internal/clock internal/money internal/i18n"},
	{"1", "internal/storage internal/keyring internal/admission internal/lane"},
	{"2a", "internal/kernel/eventlog"},
	{"2b", "internal/kernel/party internal/kernel/place internal/kernel/rule internal/kernel/credential"},
	{"2b+", "internal/kernel/statuslist"}, // its tokens are credential's
	{"2c", "internal/kernel/auth internal/kernel/once internal/kernel/ledger internal/kernel/draw internal/kernel/waiting internal/kernel/roster " +
		"internal/kernel/job internal/kernel/notify internal/kernel/document"},
	{"2d", "internal/kernel/dual internal/kernel/casework"},
	{"3a", "internal/realtime internal/outside/* internal/web/ui"},
	{"3b", "internal/web"},
	{"3c", "internal/web/*"},
	{"4", "internal/service/*"},
	{"5", "internal/service/*/*"},
	{"6", "internal/demo internal/demo/* internal/drill"},
	{"7", "internal/app"},
	{"8", "cmd/breakwater"},
	{"none", "internal/layering"},
}

// refusals are what a package may not import although layers would let it.
var refusals = []struct{ who, what, why string }{
	{"internal/service/*", "net/http", "a verb is the same from a form, the API and the command line"},
	{"internal/service/*", "database/sql", "a service speaks to storage.Reader and storage.Tx"},
	{"internal/service/*", "breakwater/internal/web", "as net/http"},
	{"internal/service/*", "breakwater/internal/web/*", "as net/http"},
	{"internal/service/*", "breakwater/internal/outside/*", "the service declares an interface; app wires the adapter"},
	{"internal/service/*/*", "breakwater/internal/outside/*", "as above"},
	{"internal/kernel/*", "net/http", "the kernel answers with nouns and faults; web turns them into HTTP"},
	{"internal/storage", "net/http", "as the kernel"},
	{"internal/keyring", "net/http", "as the kernel"},
	{"*", "C", "the binary is built without cgo, for amd64 and arm64 alike"},
	{"*", "log", "log/slog with attributes only"},
	{"*", "math/rand", "math/rand/v2 where chance is drawn by a seed, crypto/rand where it must not be guessed"},
	{"*", "io/ioutil", "os and io have it"},
}

// unmended are offences that stood when the rule came; the list only shrinks.
var unmended = []struct{ pkg, path, why string }{}

// blank names the imports that may be made only for their effect.
var blank = []struct{ pkg, path, why string }{
	{"*", "embed", "the language's own way to embed a file into a string"},
	{"internal/storage", "modernc.org/sqlite", "database/sql knows engines by registration only"},
	{"internal/storage", "github.com/jackc/pgx/v5/stdlib", "as above"},
	{"internal/storage/storagetest", "github.com/jackc/pgx/v5/stdlib", "as above"},
	{"internal/clock", "time/tzdata", "a machine without zone files still knows the district's time"},
}

// edge is one import of a package of this module by another.
type edge struct {
	from, to string
	test     bool
}

// row is a package's place in layers. A package named after its parent with
// "test" or "bench" behind (storage/storagetest) is a helper of its parent's
// tests and benchmarks, in its parent's row.
func row(pkg string) (n int, helper, ok bool) {
	parent, base := path.Dir(pkg), path.Base(pkg)
	if base == path.Base(parent)+"test" || base == path.Base(parent)+"bench" {
		n, _, ok = row(parent)
		return n, true, ok
	}
	stars := -1
	for i, l := range layers {
		for _, p := range strings.Fields(l.packages) {
			// A row that names the package goes before one with a star.
			if hit, _ := path.Match(p, pkg); hit && (stars < 0 || strings.Count(p, "*") < stars) {
				n, stars = i, strings.Count(p, "*")
			}
		}
	}
	return n, false, stars >= 0
}

// service is the X of internal/service/X and of the packages below it.
func service(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "internal/service/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// judge says what each edge breaks, sorted.
func judge(edges []edge) []string {
	var out []string
	say := func(e edge, why string, args ...any) {
		out = append(out, fmt.Sprintf("%s imports %s: ", e.from, e.to)+fmt.Sprintf(why, args...))
	}
	for _, e := range edges {
		from, fromHelper, ok := row(e.from)
		if !ok {
			say(e, "%s has no place in the layers (deps_test.go)", e.from)
			continue
		}
		to, helper, ok := row(e.to)
		a, b := service(e.from), service(e.to)
		switch {
		case !ok:
			say(e, "%s has no place in the layers (deps_test.go)", e.to)
		case helper && !e.test && !fromHelper:
			say(e, "a helper of tests is for tests")
		case e.test && (e.from == e.to || helper):
		case fromHelper && (to <= from || helper):
		case a != "" && b != "" && a != b:
			say(e, "a service never imports a service; ask through an interface that app satisfies")
		case to >= from:
			say(e, "level %s may import only lower ones, and this is %s", layers[from].level, layers[to].level)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judgeFile says what a file imports against refusals and blank.
func judgeFile(s source) []string {
	var out []string
	for i, p := range s.imports() {
		for _, r := range refusals {
			who, _ := path.Match(r.who, s.pkg)
			what, _ := path.Match(r.what, p)
			if what && (who || r.who == "*") && !s.test && !listed(unmended, s.pkg, p) {
				out = append(out, fmt.Sprintf("%s imports %s: refused, %s", s.name, p, r.why))
			}
		}
		if n := s.tree.Imports[i].Name; n != nil && n.Name == "_" {
			if !listed(blank, s.pkg, p) {
				out = append(out, fmt.Sprintf("%s imports %s for its effect only: no registration by blank import", s.name, p))
			}
		}
	}
	return out
}

// listed is whether a table of exceptions names this import of this package.
func listed(table []struct{ pkg, path, why string }, pkg, imported string) bool {
	return slices.ContainsFunc(table, func(e struct{ pkg, path, why string }) bool {
		return e.path == imported && (e.pkg == "*" || e.pkg == pkg)
	})
}

func TestImports(t *testing.T) {
	var edges []edge
	for _, s := range sources(t) {
		report(t, judgeFile(s))
		for _, p := range s.imports() {
			if to, ok := strings.CutPrefix(p, module); ok {
				edges = append(edges, edge{s.pkg, to, s.test})
			}
		}
		if _, _, ok := row(s.pkg); !ok {
			t.Errorf("%s has no place in the layers (deps_test.go)", s.pkg)
		}
	}
	if len(edges) == 0 {
		t.Error("no import was found: the scan looks at the wrong folder")
	}
	report(t, judge(edges))
}

// TestImportsAreJudged is the negative control: a made-up house with one of
// each offence, and neighbours that are in order.
func TestImportsAreJudged(t *testing.T) {
	got := judge([]edge{
		{"internal/storage", "internal/fault", false},
		{"internal/kernel/party", "internal/kernel/eventlog", false},
		{"internal/service/ration/rationweb", "internal/service/ration", false},
		{"internal/web/login", "internal/web", false},
		{"internal/app", "internal/service/ration/rationweb", false},
		{"internal/storage", "internal/storage/storagetest", true},
		{"internal/kernel/party", "internal/storage/storagetest", true},
		{"internal/storage/storagetest", "internal/storage", false},
		{"internal/web/webtest", "internal/storage/storagetest", false},

		{"internal/kernel/party", "internal/service/ration", false},
		{"internal/kernel/place", "internal/kernel/party", false},
		{"internal/service/ration", "internal/service/grant", false},
		{"internal/service/ration/rationweb", "internal/service/grant", false},
		{"internal/service/ration", "internal/demo", false},
		{"internal/kernel/party", "internal/storage/storagetest", false},
		{"internal/fault", "internal/clock", true},
		{"internal/util", "internal/fault", false},
		{"internal/web", "internal/app", false},
	})
	want := []string{
		"internal/fault imports internal/clock: level 0a may import only lower ones, and this is 0b",
		"internal/kernel/party imports internal/service/ration: level 2b may import only lower ones, and this is 4",
		"internal/kernel/party imports internal/storage/storagetest: a helper of tests is for tests",
		"internal/kernel/place imports internal/kernel/party: level 2b may import only lower ones, and this is 2b",
		"internal/service/ration imports internal/demo: level 4 may import only lower ones, and this is 6",
		"internal/service/ration imports internal/service/grant: a service never imports a service; ask through an interface that app satisfies",
		"internal/service/ration/rationweb imports internal/service/grant: a service never imports a service; ask through an interface that app satisfies",
		"internal/util imports internal/fault: internal/util has no place in the layers (deps_test.go)",
		"internal/web imports internal/app: level 3b may import only lower ones, and this is 7",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	offender := made(t, "internal/service/ration/claim.go", `package ration
import ("net/http"; "database/sql"; _ "modernc.org/sqlite"; _ "embed"; "breakwater/internal/web/ui")`)
	want = []string{
		"internal/service/ration/claim.go imports net/http: refused, a verb is the same from a form, the API and the command line",
		"internal/service/ration/claim.go imports database/sql: refused, a service speaks to storage.Reader and storage.Tx",
		"internal/service/ration/claim.go imports modernc.org/sqlite for its effect only: no registration by blank import",
		"internal/service/ration/claim.go imports breakwater/internal/web/ui: refused, as net/http",
	}
	if d := cmp.Diff(want, judgeFile(offender)); d != "" {
		t.Error(d)
	}
}
