package storage_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// zoo has a column of every class, references against the order of names, and
// a name that must be quoted.
var zoo = module("zoo", `
create table zoo_b_parent (id text not null primary key, "order" bigint) FLAT;
create table zoo_a_child (
	seq BIGKEY, parent text not null constraint zoo_a_child_parent references zoo_b_parent (id),
	body BLOB, weight double precision, note text
);
create table zoo_pair (x bigint not null, y text not null, primary key (x, y)) FLAT;
create table zoo_bare (v bigint);
create table zoo_empty (id text not null primary key) FLAT;`)

func fillZoo(t *testing.T, db *storage.DB) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *storage.Tx) error {
		for i := range 1234 {
			// Names that sort one way by bytes and another by language.
			id := fmt.Sprintf("%c%04d", []rune("aBbÄ宁")[i%5], i)
			if _, err := tx.Exec(`insert into zoo_b_parent (id, "order") values ($1, $2)`, id, i-600); err != nil {
				return err
			}
			var body any = []byte{byte(i), 0, 255}
			var note any = "宁波 \U0001f637 " + id
			switch i % 7 {
			case 0:
				body, note = nil, nil
			case 1:
				body, note = []byte{}, ""
			}
			if _, err := tx.Exec(`insert into zoo_a_child (seq, parent, body, weight, note) values ($1, $2, $3, $4, $5)`, i+1, id, body, float64(i)/3, note); err != nil {
				return err
			}
			if _, err := tx.Exec(`insert into zoo_pair (x, y) values ($1, $2)`, i%3, id); err != nil {
				return err
			}
		}
		for _, v := range []any{int64(math.MaxInt64), int64(math.MinInt64), int64(0), nil, int64(-1)} {
			if _, err := tx.Exec(`insert into zoo_bare (v) values ($1)`, v); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func dump(t *testing.T, db *storage.DB, extras ...storage.Extra) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := db.Dump(t.Context(), &b, nil, extras...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts are an archive's files, without the manifest's store id.
func parts(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		text := string(b)
		if i := strings.Index(text, `"store"`); i >= 0 && f.Name == "manifest.json" {
			text = text[:i] + text[i+len(`"store": "12345678901234567890123456"`):]
		}
		out[f.Name] = text
	}
	return out
}

func load(db *storage.DB, archive []byte) error {
	return db.Load(context.Background(), bytes.NewReader(archive), int64(len(archive)), nil)
}

func TestArchiveRoundTrip(t *testing.T) {
	first := storagetest.Open(t, storage.SQLite, zoo)
	fillZoo(t, first)
	start := dump(t, first, storage.Extra{Name: "keys.json", Data: []byte("secret")})
	one := parts(t, start)
	if len(one) != 7 || !strings.Contains(one["manifest.json"], `"rows": 1234`) {
		t.Errorf("manifest: %s", one["manifest.json"])
	}
	archive := start
	for _, e := range []storage.Engine{storage.Postgres, storage.SQLite, storage.SQLite, storage.Postgres, storage.Postgres} {
		next := storagetest.Open(t, e, zoo)
		before, err := next.StoreID(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := load(next, archive); err != nil {
			t.Fatal(err)
		}
		if after, err := next.StoreID(t.Context()); err != nil || after != before || len(after) != 26 {
			t.Errorf("the store's id %q became %q: %v", before, after, err)
		}
		archive = dump(t, next, storage.Extra{Name: "keys.json", Data: []byte("secret")})
		if d := cmp.Diff(one, parts(t, archive)); d != "" {
			t.Errorf("through %s (-want +got):\n%.2000s", e, d)
		}
	}
	if b, err := storage.ReadExtra(bytes.NewReader(archive), int64(len(archive)), "keys.json"); err != nil || string(b) != "secret" {
		t.Errorf("extra %q, %v", b, err)
	}
	if b, err := storage.ReadExtra(bytes.NewReader(archive), int64(len(archive)), "none"); err != nil || b != nil {
		t.Errorf("no such extra: %q, %v", b, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	source := storagetest.Open(t, storage.SQLite, zoo)
	fillZoo(t, source)
	whole := dump(t, source)
	if err := load(source, whole); !fault.Is(err, "storage.not_empty") {
		t.Errorf("into a store with rows: %v", err)
	}
	storagetest.Run(t, []storage.Module{zoo}, func(t *testing.T, db *storage.DB) {
		for _, c := range []struct {
			name, code string
			archive    []byte
		}{
			{"not a zip", "storage.archive_format", []byte("hello")},
			{"cut short", "storage.archive_format", whole[:len(whole)-40]},
			{"a row changed", "storage.archive_damaged", rezip(t, whole, "rows/zoo_pair.cbor", func(b []byte) []byte { b[len(b)-1] ^= 1; return b })},
			{"a row missing", "storage.archive_damaged", rezip(t, whole, "rows/zoo_bare.cbor", func(b []byte) []byte { return b[:len(b)-2] })},
			{"a table missing", "storage.archive_damaged", rezip(t, whole, "rows/zoo_bare.cbor", nil)},
			{"not CBOR", "storage.archive_damaged", rezip(t, whole, "rows/zoo_pair.cbor", func(b []byte) []byte { return []byte("\xff\xff\xff") })},
			{"another format", "storage.archive_newer", rezip(t, whole, "manifest.json", func(b []byte) []byte { return bytes.Replace(b, []byte(`"format": 1`), []byte(`"format": 2`), 1) })},
			{"an unknown migration", "storage.archive_newer", rezip(t, whole, "manifest.json", func(b []byte) []byte {
				return bytes.ReplaceAll(b, []byte(`0001_zoo.sql`), []byte(`0002_zoo.sql`))
			})},
			{"an unknown table", "storage.archive_table", rezip(t, whole, "manifest.json", func(b []byte) []byte {
				return bytes.ReplaceAll(b, []byte(`zoo_pair`), []byte(`zoo_pear`))
			})},
		} {
			if err := load(db, c.archive); !fault.Is(err, c.code) {
				t.Errorf("%s: %v", c.name, err)
			}
			if empty, err := db.Empty(t.Context()); err != nil || !empty {
				t.Errorf("%s: empty afterwards %v, %v", c.name, empty, err)
			}
		}
		if err := load(db, whole); err != nil {
			t.Errorf("the good one, after all that: %v", err)
		}
		if empty, err := db.Empty(t.Context()); err != nil || empty {
			t.Errorf("empty %v, %v", empty, err)
		}
	})
}

// A store left in the middle of a Load does not open.
func TestHalfLoadedDoesNotOpen(t *testing.T) {
	source := storagetest.Open(t, storage.SQLite, zoo)
	fillZoo(t, source)
	whole := dump(t, source)
	for _, e := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(e), func(t *testing.T) {
			target := storagetest.Target(t, e)
			db, err := storage.Open(t.Context(), target, storage.WithLogger(quiet()))
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Migrate(t.Context(), zoo); err != nil {
				t.Fatal(err)
			}
			down := errors.New("the power went")
			err = db.Load(t.Context(), bytes.NewReader(whole), int64(len(whole)), func(table string, rows int64) {
				if rows > 500 {
					db.Break(down) // nothing works from here, the clearing up neither
				}
			})
			if !errors.Is(err, down) {
				t.Fatalf("load: %v", err)
			}
			db.Close()
			if db, err = storage.Open(t.Context(), target, storage.WithLogger(quiet())); !fault.Is(err, "storage.half_loaded") {
				t.Errorf("open: %v", err)
			}
			if err == nil {
				db.Close()
			}
		})
	}
}

// rezip copies an archive with one file changed, or left out if change is nil.
func rezip(t *testing.T, archive []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		if f.Name == name {
			if change == nil {
				continue
			}
			b = change(b)
		}
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(b)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
