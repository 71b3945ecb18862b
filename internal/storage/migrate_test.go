package storage_test

import (
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

func files(name string, texts ...string) storage.Module {
	fs := fstest.MapFS{}
	for i := 0; i+1 < len(texts); i += 2 {
		fs["schema/"+texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
	}
	return storage.Module{Name: name, Files: fs}
}

func TestMigrate(t *testing.T) {
	const first, second = `create table shop (id text not null primary key, kept BLOB) FLAT`, `alter table shop add column floor bigint`
	one := files("shop", "0001_shop.sql", first)
	two := files("shop", "0001_shop.sql", first, "0002_floor.sql", second)
	storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
		if err := db.Migrate(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		id, err := db.StoreID(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		todo, err := db.Pending(t.Context(), two)
		if d := cmp.Diff([]string{"shop/0002_floor.sql"}, todo); d != "" || err != nil {
			t.Error(d, err)
		}
		for range 2 { // the second time there is nothing to do
			if err := db.Migrate(t.Context(), two); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := db.StoreID(t.Context()); err != nil || again != id {
			t.Errorf("store id %q became %q: %v", id, again, err)
		}
		if err := db.Migrate(t.Context(), one); !fault.Is(err, "storage.newer") {
			t.Errorf("an older program: %v", err)
		}
		changed := files("shop", "0001_shop.sql", first+" ", "0002_floor.sql", second)
		if err := db.Migrate(t.Context(), changed); !fault.Is(err, "storage.migration_changed") {
			t.Errorf("a changed file: %v", err)
		}
		broken := files("shop", "0001_shop.sql", first, "0002_floor.sql", second, "0003_bad.sql", `create table shop_x (id bigint); create table shop (id bigint)`)
		if err := db.Migrate(t.Context(), broken); err == nil {
			t.Error("a broken file passed")
		}
		// Nothing of the broken file stayed: it is still to do.
		todo, err = db.Pending(t.Context(), broken)
		if d := cmp.Diff([]string{"shop/0003_bad.sql"}, todo); d != "" || err != nil {
			t.Error(d, err)
		}
		if empty, err := db.Empty(t.Context()); err != nil || !empty {
			t.Errorf("empty %v, %v", empty, err)
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	target := storagetest.Target(t, storage.Postgres)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			db, err := storage.Open(t.Context(), target, storage.WithLogger(quiet()))
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.Migrate(t.Context(), notes, zoo); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestSchemaText(t *testing.T) {
	for e, want := range map[storage.Engine]string{
		storage.SQLite: `CREATE TABLE hut (
	id text not null constraint hut_key primary key, "INFLATION" bigint not null, b blob
) without rowid;
CREATE INDEX hut_by_b on hut (b);
CREATE TABLE storage_meta (
	name text not null constraint storage_meta_key primary key,
	value text not null
) without rowid;
CREATE TABLE storage_migration (
	module text not null,
	file text not null,
	sha256 text not null,
	constraint storage_migration_key primary key (module, file)
) without rowid;
`,
		storage.Postgres: `column hut.id text not null
column hut.INFLATION bigint not null
column hut.b bytea
rule hut hut_key PRIMARY KEY (id)
index CREATE INDEX hut_by_b ON hut USING btree (b)
index CREATE UNIQUE INDEX hut_key ON hut USING btree (id)
column storage_meta.name text not null
column storage_meta.value text not null
rule storage_meta storage_meta_key PRIMARY KEY (name)
index CREATE UNIQUE INDEX storage_meta_key ON storage_meta USING btree (name)
column storage_migration.module text not null
column storage_migration.file text not null
column storage_migration.sha256 text not null
rule storage_migration storage_migration_key PRIMARY KEY (module, file)
index CREATE UNIQUE INDEX storage_migration_key ON storage_migration USING btree (module, file)
`,
	} {
		t.Run(string(e), func(t *testing.T) {
			db := storagetest.Open(t, e, module("hut", `create table hut (
	id text not null constraint hut_key primary key, "INFLATION" bigint not null, b BLOB
) FLAT;
create index hut_by_b on hut (b);`))
			got, err := db.SchemaText(t.Context())
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Error(d, err)
			}
		})
	}
}
