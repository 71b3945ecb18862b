package storage

import (
	"context"
	"fmt"
	"io/fs"
	"sort"
	"strings"
)

// Migrate brings every module's schema up to date.
func (db *DB) Migrate(ctx context.Context, mods ...Module) error {
	if err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`create table if not exists storage_migration (module text not null, file text not null, primary key (module, file))`)
		return err
	}); err != nil {
		return err
	}
	for _, m := range mods {
		files, err := fs.Glob(m.Files, "schema/*.sql")
		if err != nil {
			return err
		}
		sort.Strings(files)
		for _, f := range files {
			text, err := fs.ReadFile(m.Files, f)
			if err != nil {
				return err
			}
			if err := db.Write(ctx, func(tx *Tx) error {
				n, err := tx.Exec(`insert into storage_migration (module, file) values ($1, $2) on conflict do nothing`, m.Name, f)
				if err != nil || n == 0 {
					return err
				}
				_, err = tx.Exec(dialect(tx.Engine(), string(text)))
				return err
			}); err != nil {
				return fmt.Errorf("migrate %s %s: %w", m.Name, f, err)
			}
		}
	}
	return nil
}

func dialect(e Engine, text string) string {
	if e == SQLite {
		return strings.NewReplacer("BIGKEY", "integer primary key", "FLAT", "without rowid").Replace(text)
	}
	return strings.NewReplacer("BIGKEY", "bigint primary key", "BLOB", "bytea", "FLAT", "").Replace(text)
}
