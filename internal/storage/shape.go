package storage

import (
	"database/sql"
	"fmt"
	"strings"
)

// column is one column and the class of its values, which is what both engines
// agree on.
type column struct {
	Name  string `json:"name"`
	Class string `json:"class"` // "integer", "text", "bytes" or "float"
}

// portable turns an engine's value into the archive's, or refuses it: SQLite
// keeps whatever it is given in whatever column.
func (c column) portable(v any) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if c.Class == "integer" {
			return x, nil
		}
		if c.Class == "float" {
			return float64(x), nil
		}
	case float64:
		if c.Class == "float" {
			return x, nil
		}
	case string:
		if c.Class == "text" && plain(x) {
			return x, nil
		}
	case []byte:
		if c.Class == "bytes" {
			return x, nil
		}
		if s := string(x); c.Class == "text" && plain(s) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("column %s holds a %T where the archive keeps %s", c.Name, v, c.Class)
}

// classOf sorts a declared type into its class, after SQLite's own rules of
// affinity, which cover PostgreSQL's names as well.
func classOf(declared string) string {
	d := strings.ToLower(declared)
	for _, c := range []struct{ part, class string }{
		{"int", "integer"},
		{"char", "text"},
		{"clob", "text"},
		{"text", "text"},
		{"blob", "bytes"},
		{"bytea", "bytes"},
		{"real", "float"},
		{"floa", "float"},
		{"double", "float"},
	} {
		if strings.Contains(d, c.part) {
			return c.class
		}
	}
	return ""
}

// shape is a table as an archive sees it.
type shape struct {
	name    string
	columns []column
	key     []string // the primary key's columns
	loose   bool     // there is no primary key, and key is all columns
	refs    []string // the tables its rows refer to
	engine  Engine
}

func (t shape) selectText() string {
	names, order := make([]string, len(t.columns)), make([]string, len(t.key))
	class := map[string]string{}
	for i, c := range t.columns {
		names[i] = quote(c.Name)
		class[c.Name] = c.Class
	}
	for i, k := range t.key {
		order[i] = quote(k)
		if t.engine == Postgres && class[k] == "text" {
			order[i] += ` collate "C"` // byte order, as SQLite's
		}
		if t.engine == Postgres && t.loose {
			order[i] += ` nulls first` // as SQLite's
		}
	}
	return `select ` + strings.Join(names, ", ") + ` from ` + quote(t.name) + ` order by ` + strings.Join(order, ", ")
}

// shapes describes the modules' tables, those referred to before those that refer.
func shapes(r Reader) ([]shape, error) {
	names, err := moduleTables(r)
	if err != nil {
		return nil, err
	}
	var out []shape
	for _, n := range names {
		t := shape{name: n, engine: r.Engine()}
		query := `select name, type, pk from pragma_table_info($1) order by cid`
		refs := `select distinct "table" from pragma_foreign_key_list($1)`
		if r.Engine() == Postgres {
			query = `select cast(c.column_name as text), cast(c.data_type as text), cast(coalesce((select k.ordinal_position
					from information_schema.table_constraints t join information_schema.key_column_usage k using (constraint_schema, constraint_name)
					where t.constraint_type = 'PRIMARY KEY' and t.table_schema = c.table_schema and t.table_name = c.table_name and k.table_name = c.table_name and k.column_name = c.column_name), 0) as bigint)
				from information_schema.columns c where c.table_schema = current_schema() and c.table_name = $1 order by c.ordinal_position`
			refs = `select distinct cast(f.relname as text) from pg_constraint c join pg_class f on f.oid = c.confrelid
				join pg_class r on r.oid = c.conrelid join pg_namespace s on s.oid = r.relnamespace
				where c.contype = 'f' and s.nspname = current_schema() and r.relname = $1`
		}
		pk := map[int64]string{}
		if _, err := All(r, func(rows *sql.Rows) (struct{}, error) {
			var c column
			var declared string
			var place int64
			err := rows.Scan(&c.Name, &declared, &place)
			if c.Class = classOf(declared); c.Class == "" && err == nil {
				err = fmt.Errorf("table %s: column %s has type %q, which an archive cannot keep", n, c.Name, declared)
			}
			t.columns = append(t.columns, c)
			if place > 0 {
				pk[place] = c.Name
			}
			return struct{}{}, err
		}, query, n); err != nil {
			return nil, err
		}
		for i := int64(1); pk[i] != ""; i++ {
			t.key = append(t.key, pk[i])
		}
		if t.loose = len(t.key) == 0; t.loose {
			for _, c := range t.columns {
				t.key = append(t.key, c.Name)
			}
		}
		if t.refs, err = All(r, scanText, refs, n); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return inOrder(out), nil
}

// inOrder puts tables after those they refer to; a circle stays in name order.
func inOrder(in []shape) []shape {
	byName, state := map[string]shape{}, map[string]int{}
	for _, t := range in {
		byName[t.name] = t
	}
	var out []shape
	var visit func(string)
	visit = func(n string) {
		t, ok := byName[n]
		if !ok || state[n] != 0 {
			return
		}
		state[n] = 1
		for _, r := range t.refs {
			visit(r)
		}
		out = append(out, t)
	}
	for _, t := range in {
		visit(t.name)
	}
	return out
}
