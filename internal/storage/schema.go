package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

func scanText(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }

// allTables lists the store's tables by name, our own included.
func allTables(r Reader) ([]string, error) {
	if r.Engine() == SQLite {
		return All(r, scanText, `select name from sqlite_schema where type = 'table' and name not like 'sqlite\_%' escape '\' order by name`)
	}
	return All(r, scanText, `select cast(tablename as text) collate "C" from pg_tables where schemaname = current_schema() order by 1`)
}

// moduleTables lists the tables of the modules.
func moduleTables(r Reader) ([]string, error) {
	all, err := allTables(r)
	var out []string
	for _, t := range all {
		if !strings.HasPrefix(t, "storage_") {
			out = append(out, t)
		}
	}
	return out, err
}

func hasTable(r Reader, name string) (bool, error) {
	query := `select 1 from sqlite_schema where type = 'table' and name = $1`
	if r.Engine() == Postgres {
		query = `select 1 from pg_tables where schemaname = current_schema() and tablename = $1`
	}
	var one int64
	err := r.Row(query, name).Scan(&one)
	if NoRows(err) {
		return false, nil
	}
	return err == nil, err
}

// quote makes an identifier safe, whatever is in it.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// SchemaText describes the store's tables, columns, rules and indexes, one a
// line and in a fixed order, for a golden file per engine.
func (db *DB) SchemaText(ctx context.Context) (text string, err error) {
	query := `select sql || ';' from sqlite_schema where sql is not null order by tbl_name, type desc, name`
	if db.engine == Postgres {
		query = `select line from (
			select table_name as t, 1 as kind, ordinal_position as n, 'column ' || table_name || '.' || column_name || ' ' || data_type ||
				case is_nullable when 'NO' then ' not null' else '' end || coalesce(' default ' || column_default, '') as line
			from information_schema.columns where table_schema = current_schema()
			union all
			select cast(r.relname as text), 2, 0, 'rule ' || r.relname || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
			from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_namespace s on s.oid = r.relnamespace where s.nspname = current_schema() and c.contype <> 'n'
			union all
			select cast(i.tablename as text), 3, 0, 'index ' || replace(i.indexdef, quote_ident(i.schemaname) || '.', '')
			from pg_indexes i where i.schemaname = current_schema()
		) x order by t collate "C", kind, n, line collate "C"`
	}
	err = db.Read(ctx, func(r Reader) error {
		lines, err := All(r, scanText, query)
		if err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		text = strings.Join(lines, "\n") + "\n"
		return nil
	})
	return text, err
}
