package layering

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A table belongs to the package whose name it begins with, and no other
// package's SQL says its name: storage of one is not the interface of another.

// visitors are the packages that may name a table that is not theirs.
var visitors = []struct{ pkg, table, why string }{}

// foreign are names in from and join that are no table of a package.
var foreign = []string{"sqlite_master", "sqlite_schema", "sqlite_stat1", "information_schema", "json_each", "pragma_table_info", "excluded", "lateral", "values"}

var (
	sqlText    = regexp.MustCompile(`(?is)^\s*(select|insert|update|delete|with|create|alter|drop)\s`)
	creates    = regexp.MustCompile(`(?i)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_0-9]+)`)
	indexes    = regexp.MustCompile(`(?i)\bcreate\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?[a-z_0-9]+\s+on\s+([a-z_0-9]+)`)
	alters     = regexp.MustCompile(`(?i)\b(?:alter|drop)\s+table\s+(?:if\s+exists\s+)?([a-z_0-9]+)`)
	references = regexp.MustCompile(`(?i)\breferences\s+([a-z_0-9]+)`)
	touches    = regexp.MustCompile(`(?i)\b(?:from|join|into|update)\s+([a-z_0-9]+)\b`)
	defines    = regexp.MustCompile(`(?i)\b([a-z_0-9]+)\s*(?:\([a-z_0-9, ]*\))?\s+as\s+(?:not\s+materialized\s+|materialized\s+)?\(`)
	extracts   = regexp.MustCompile(`(?i)\b(?:extract|substring|trim|distinct)\s*\(?[^()]*\bfrom\s+`)
	comments   = regexp.MustCompile(`(?m)--.*$`)
	word       = regexp.MustCompile(`[a-z_0-9]+`)
)

// owns is whether pkg is the owner of a table by its name.
func owns(pkg, table string) bool { return strings.HasPrefix(table, path.Base(pkg)+"_") }

// schemaOffences says which statements of pkg's schema file touch a table that
// is not the package's own; tables are those it makes.
func schemaOffences(name, text string) (tables, offences []string) {
	pkg := path.Dir(path.Dir(name))
	text = comments.ReplaceAllString(text, "")
	for _, m := range creates.FindAllStringSubmatch(text, -1) {
		tables = append(tables, m[1])
	}
	for _, re := range []*regexp.Regexp{creates, indexes, alters, references, touches} {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			if !owns(pkg, m[1]) {
				offences = append(offences, fmt.Sprintf("%s: %s does not begin with %s_", name, m[1], path.Base(pkg)))
			}
		}
	}
	return tables, offences
}

// literals are a file's string constants outside its imports, with "+" between
// constants already done, so that a query in two halves is one text.
func literals(s source) map[ast.Node]string {
	out := map[ast.Node]string{}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := constant(e)
		if ok {
			out[n] = text
		}
		return !ok
	})
	return out
}

func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		a, okA := constant(e.X)
		b, okB := constant(e.Y)
		return a + b, okA && okB && e.Op == token.ADD
	}
	return "", false
}

// queryOffences says where a file's strings name a table of somebody else:
// a known one anywhere in the text, any other behind from, join, into, update.
func queryOffences(s source, tables []string) []string {
	var out []string
	for n, text := range literals(s) {
		text = comments.ReplaceAllString(text, "")
		seen := []string{}
		for _, w := range word.FindAllString(text, -1) {
			if slices.Contains(tables, w) {
				seen = append(seen, w)
			}
		}
		if sqlText.MatchString(text) {
			local := slices.Clone(foreign)
			for _, m := range defines.FindAllStringSubmatch(text, -1) {
				local = append(local, strings.ToLower(m[1]))
			}
			for _, m := range touches.FindAllStringSubmatch(extracts.ReplaceAllString(text, ""), -1) {
				if t := strings.ToLower(m[1]); t != "set" && t != "select" && !strings.HasPrefix(t, "pg_") && !slices.Contains(local, t) {
					seen = append(seen, t)
				}
			}
		}
		for _, table := range seen {
			if !owns(s.pkg, table) && !slices.ContainsFunc(visitors, func(v struct{ pkg, table, why string }) bool {
				return v.pkg == s.pkg && (v.table == table || v.table == "*")
			}) {
				out = append(out, fmt.Sprintf("%s: names %s, which is not a table of %s", s.at(n), table, path.Base(s.pkg)))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestTables(t *testing.T) {
	var tables []string
	err := walk(".sql", func(name string, text []byte) error {
		made, offences := schemaOffences(name, string(text))
		tables = append(tables, made...)
		report(t, offences)
		if path.Base(path.Dir(name)) != "schema" {
			t.Errorf("%s: a schema file stands in PACKAGE/schema/", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) == 0 {
		t.Error("no table was found: the scan looks at the wrong folder")
	}
	for _, s := range sources(t) {
		if !s.test && !helper(s.pkg) {
			report(t, queryOffences(s, tables))
		}
	}
}

// TestTablesAreJudged is the negative control.
func TestTablesAreJudged(t *testing.T) {
	_, got := schemaOffences("internal/kernel/party/schema/0001_party.sql", `
		create table party_person (id text not null primary key, place text not null references place_place (id)) FLAT;
		create table people (id text not null primary key); -- from nowhere
		create index person_at on auth_account (at);`)
	want := []string{
		"internal/kernel/party/schema/0001_party.sql: people does not begin with party_",
		"internal/kernel/party/schema/0001_party.sql: auth_account does not begin with party_",
		"internal/kernel/party/schema/0001_party.sql: place_place does not begin with party_",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	file := made(t, "internal/kernel/party/find.go", "package party\n"+
		"const a = `select id from party_person where id in (select person from auth_account)`\n"+
		"const b = `with old as (select id from party_person) delete from party_person where id in (select id from old)`\n"+
		"const c = `update party_person ` +\n `set a = $1`\n"+
		"const d = ` join place_place p on p.id = x.place`\n"+
		"const e = `insert into elsewhere (id) values ($1) on conflict (id) do update set id = excluded.id`\n"+
		"const f = `a letter from grandmother`\n")
	want = []string{
		"internal/kernel/party/find.go:2: names auth_account, which is not a table of party",
		"internal/kernel/party/find.go:6: names place_place, which is not a table of party",
		"internal/kernel/party/find.go:7: names elsewhere, which is not a table of party",
	}
	if d := cmp.Diff(want, queryOffences(file, []string{"party_person", "auth_account", "place_place"})); d != "" {
		t.Error(d)
	}
}
