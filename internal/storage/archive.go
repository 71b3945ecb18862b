package storage

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// archiveFormat is the archive's version: a reader refuses a greater one.
const archiveFormat = 1

// manifest is the archive's table of contents, written last because it holds
// what was counted on the way.
type manifest struct {
	Format     int             `json:"format"`
	Store      string          `json:"store"` // the id of the store dumped
	Migrations []manifestStep  `json:"migrations"`
	Tables     []manifestTable `json:"tables"` // in an order that satisfies references
	Extras     []manifestExtra `json:"extras"`
}

type manifestStep struct {
	Module string `json:"module"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

type manifestTable struct {
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
	Rows    int64    `json:"rows"`
	SHA256  string   `json:"sha256"` // of the rows before compression
}

type manifestExtra struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Extra is a named blob that travels in an archive beside the tables, such as
// the keys.
type Extra struct {
	Name string
	Data []byte
}

// Dump writes one consistent snapshot of every module's tables to w, as one
// archive for both engines: a zip of one file of rows per table, each row a
// CBOR array (RFC 8949) of integers, texts, byte strings, floats and nulls in
// the order of the table's key, and manifest.json. Equal stores give equal
// rows, whatever the engine. progress, if not nil, is told now and then.
func (db *DB) Dump(ctx context.Context, w io.Writer, progress func(table string, rows int64), extras ...Extra) error {
	if progress == nil {
		progress = func(string, int64) {}
	}
	return db.Export(ctx, func(r Reader) error {
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
		m := manifest{Format: archiveFormat}
		if err := r.Row(`select value from storage_meta where name = 'id'`).Scan(&m.Store); err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		steps, err := migrations(r)
		if err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		for _, s := range steps {
			m.Migrations = append(m.Migrations, manifestStep{s.module, s.file, s.sum})
		}
		tables, err := shapes(r)
		if err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		for _, t := range tables {
			mt, err := dumpTable(r, z, t, progress)
			if err != nil {
				return fmt.Errorf("dump %s: %w", t.name, err)
			}
			m.Tables = append(m.Tables, mt)
		}
		for _, e := range extras {
			f, err := z.Create("extra/" + e.Name)
			if err != nil {
				return fmt.Errorf("dump %s: %w", e.Name, err)
			}
			if _, err := f.Write(e.Data); err != nil {
				return fmt.Errorf("dump %s: %w", e.Name, err)
			}
			m.Extras = append(m.Extras, manifestExtra{e.Name, sum(e.Data)})
		}
		f, err := z.Create("manifest.json")
		if err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		enc := json.NewEncoder(f)
		enc.SetIndent("", "\t")
		if err := enc.Encode(m); err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		return nil
	})
}

func dumpTable(r Reader, z *zip.Writer, t shape, progress func(string, int64)) (manifestTable, error) {
	out := manifestTable{Name: t.name, Columns: t.columns}
	f, err := z.Create("rows/" + t.name + ".cbor")
	if err != nil {
		return out, err
	}
	hash := sha256.New()
	enc := cbor.NewEncoder(io.MultiWriter(f, hash))
	rows, err := r.Query(t.selectText())
	if err != nil {
		return out, err
	}
	defer rows.Close()
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return out, err
		}
		for i, c := range t.columns {
			if values[i], err = c.portable(values[i]); err != nil {
				return out, err
			}
		}
		if err := enc.Encode(values); err != nil {
			return out, err
		}
		if out.Rows++; out.Rows%5000 == 0 {
			progress(t.name, out.Rows)
		}
	}
	progress(t.name, out.Rows)
	out.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return out, rows.Err()
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

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
		{"int", "integer"}, {"char", "text"}, {"clob", "text"}, {"text", "text"},
		{"blob", "bytes"}, {"bytea", "bytes"}, {"real", "float"}, {"floa", "float"}, {"doub", "float"},
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
