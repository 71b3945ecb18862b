package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"

	"breakwater/internal/fault"
)

// Migrate brings every module's schema up to date, each file in a transaction
// of its own. It goes forward only. Faults: Conflict "storage.migration_changed"
// when a file differs from what was applied, "storage.newer" when the store
// holds a file this program does not know.
func (db *DB) Migrate(ctx context.Context, mods ...Module) error {
	if err := db.Write(ctx, func(tx *Tx) error {
		if err := alone(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(dialect(tx.Engine(), own)); err != nil {
			return err
		}
		_, err := tx.Exec(`insert into storage_meta (name, value) values ('id', $1) on conflict do nothing`, newStoreID())
		return err
	}); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	todo, err := db.pending(ctx, mods)
	if err != nil {
		return err
	}
	for _, s := range todo {
		if err := db.Write(ctx, func(tx *Tx) error {
			if err := alone(tx); err != nil {
				return err
			}
			n, err := tx.Exec(`insert into storage_migration (module, file, sha256) values ($1, $2, $3) on conflict do nothing`, s.module, s.file, s.sum)
			if err != nil || n == 0 {
				return err
			}
			_, err = tx.Exec(dialect(tx.Engine(), s.text))
			return err
		}); err != nil {
			return fmt.Errorf("migrate %s %s: %w", s.module, s.file, err)
		}
	}
	return nil
}

// own is the schema of this package. It never changes except by adding.
const own = `
create table if not exists storage_migration (
	module text not null,
	file text not null,
	sha256 text not null,
	constraint storage_migration_key primary key (module, file)
) FLAT;
create table if not exists storage_meta (
	name text not null constraint storage_meta_key primary key,
	value text not null
) FLAT;
`

// Pending lists the migrations Migrate would apply, as "module/file". Faults:
// as Migrate.
func (db *DB) Pending(ctx context.Context, mods ...Module) ([]string, error) {
	steps, err := db.pending(ctx, mods)
	var out []string
	for _, s := range steps {
		out = append(out, s.module+"/"+s.file)
	}
	return out, err
}

// step is one migration file.
type step struct{ module, file, text, sum string }

func (db *DB) pending(ctx context.Context, mods []Module) (todo []step, err error) {
	applied := map[string]map[string]string{}
	if err := db.Read(ctx, func(r Reader) error {
		steps, err := migrations(r)
		for _, s := range steps {
			if applied[s.module] == nil {
				applied[s.module] = map[string]string{}
			}
			applied[s.module][s.file] = s.sum
		}
		return err
	}); err != nil {
		return nil, err
	}
	for _, m := range mods {
		steps, err := m.steps()
		if err != nil {
			return nil, err
		}
		before := applied[m.Name]
		for _, s := range steps {
			sum, done := before[s.file]
			delete(before, s.file)
			switch {
			case !done:
				todo = append(todo, s)
			case sum != s.sum:
				return nil, fault.New(fault.Conflict, "storage.migration_changed", "module", s.module, "file", s.file)
			}
		}
		for file := range before {
			return nil, fault.New(fault.Conflict, "storage.newer", "module", m.Name, "file", file)
		}
	}
	return todo, nil
}

// migrations lists what was applied, and nothing on a store never migrated.
func migrations(r Reader) ([]step, error) {
	if ok, err := hasTable(r, "storage_migration"); err != nil || !ok {
		return nil, err
	}
	return All(r, func(rows *sql.Rows) (s step, err error) { return s, rows.Scan(&s.module, &s.file, &s.sum) },
		`select module, file, sha256 from storage_migration order by module, file`)
}

// steps reads the module's files in order.
func (m Module) steps() ([]step, error) {
	files, err := fs.Glob(m.Files, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	var out []step
	for _, f := range files {
		text, err := fs.ReadFile(m.Files, f)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
		sum := sha256.Sum256(text)
		out = append(out, step{m.Name, path.Base(f), string(text), hex.EncodeToString(sum[:])})
	}
	return out, nil
}

// alone keeps two programs from migrating one PostgreSQL store at the same
// moment: the lock is held to the end of the transaction. On SQLite there is
// one writer and one process per folder.
func alone(tx *Tx) error {
	if tx.Engine() == SQLite {
		return nil
	}
	_, err := tx.Exec(`select pg_advisory_xact_lock(hashtext('breakwater migrate'), hashtext(current_schema()))`)
	return err
}

var words = regexp.MustCompile(`\b(BIGKEY|BLOB|FLAT)\b`)

// dialect writes a schema in an engine's words; see Module.
func dialect(e Engine, text string) string {
	return words.ReplaceAllStringFunc(text, func(w string) string {
		switch {
		case e == SQLite:
			return map[string]string{"BIGKEY": "integer primary key", "BLOB": "blob", "FLAT": "without rowid"}[w]
		case w == "BIGKEY":
			return "bigint primary key"
		case w == "BLOB":
			return "bytea"
		}
		return ""
	})
}
