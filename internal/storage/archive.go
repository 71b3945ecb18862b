package storage

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

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
