package storage

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"breakwater/internal/fault"
)

const (
	// loadChunk is the rows of one transaction of a Load.
	loadChunk = 500
	// maxManifest bounds what is read before anything has been checked.
	maxManifest = 16 << 20
)

// Load fills an empty, migrated store from an archive. It works in chunks, and
// yet all or nothing as far as anyone can see: until the last chunk the store
// carries a mark with which Open refuses it. A Load that fails takes out again
// what it put in; if it cannot, the mark stays. Every checksum is verified
// before the mark goes, and last runs in the transaction that takes it away.
// The store keeps its own id.
//
// Faults: Conflict "storage.not_empty"; Invalid "storage.archive_format",
// "storage.archive_damaged", "storage.archive_newer", "storage.archive_table".
func (db *DB) Load(ctx context.Context, r io.ReaderAt, size int64, progress func(table string, rows int64), last ...WriteFunc) error {
	if progress == nil {
		progress = func(string, int64) {}
	}
	z, m, err := readManifest(r, size)
	if err != nil {
		return err
	}
	var tables []shape
	if err := db.Read(ctx, func(r Reader) error {
		empty, err := vacant(r)
		if err != nil {
			return err
		}
		if !empty {
			return fault.New(fault.Conflict, "storage.not_empty")
		}
		if tables, err = shapes(r); err != nil {
			return err
		}
		return fits(r, m, tables)
	}); err != nil {
		return err
	}
	if err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`insert into storage_meta (name, value) values ('loading', $1)`, m.Store)
		return err
	}); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if err = db.loadTables(ctx, z, m, tables, progress); err != nil {
		return errors.Join(err, db.unload(context.WithoutCancel(ctx), tables))
	}
	return db.unmark(ctx, last...)
}

// ReadExtra returns a named blob of an archive, or nil if it has none of that
// name. Faults: Invalid as Load.
func ReadExtra(r io.ReaderAt, size int64, name string) ([]byte, error) {
	z, m, err := readManifest(r, size)
	if err != nil {
		return nil, err
	}
	for _, e := range m.Extras {
		if e.Name != name {
			continue
		}
		f, err := z.Open("extra/" + name)
		if err != nil {
			return nil, damaged("extra/"+name, err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil || sum(b) != e.SHA256 {
			return nil, damaged("extra/"+name, err)
		}
		return b, nil
	}
	return nil, nil
}

func damaged(part string, err error) error {
	return fault.Wrap(err, fault.Invalid, "storage.archive_damaged", "part", part)
}

func readManifest(r io.ReaderAt, size int64) (*zip.Reader, manifest, error) {
	var m manifest
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, m, fault.Wrap(err, fault.Invalid, "storage.archive_format")
	}
	f, err := z.Open("manifest.json")
	if err != nil {
		return nil, m, fault.Wrap(err, fault.Invalid, "storage.archive_format")
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&m); err != nil {
		return nil, m, damaged("manifest.json", err)
	}
	if m.Format != archiveFormat {
		return nil, m, fault.New(fault.Invalid, "storage.archive_newer", "module", "archive", "file", m.Format)
	}
	return z, m, nil
}

// fits says whether the store can take the archive: it knows every migration
// the archive's rows went through, and has every table and column.
func fits(r Reader, m manifest, tables []shape) error {
	have, err := migrations(r)
	if err != nil {
		return err
	}
	for _, s := range m.Migrations {
		i := slices.IndexFunc(have, func(h step) bool { return h.module == s.Module && h.file == s.File })
		if i < 0 {
			return fault.New(fault.Invalid, "storage.archive_newer", "module", s.Module, "file", s.File)
		}
		if have[i].sum != s.SHA256 {
			return fault.New(fault.Conflict, "storage.migration_changed", "module", s.Module, "file", s.File)
		}
	}
	for _, t := range m.Tables {
		i := slices.IndexFunc(tables, func(h shape) bool { return h.name == t.Name })
		if i < 0 {
			return fault.New(fault.Invalid, "storage.archive_table", "table", t.Name)
		}
		for _, c := range t.Columns {
			if !slices.Contains(tables[i].columns, c) {
				return fault.New(fault.Invalid, "storage.archive_table", "table", t.Name+"."+c.Name)
			}
		}
	}
	return nil
}

// loadTables goes by the store's own order of references.
func (db *DB) loadTables(ctx context.Context, z *zip.Reader, m manifest, tables []shape, progress func(string, int64)) error {
	for _, t := range tables {
		i := slices.IndexFunc(m.Tables, func(mt manifestTable) bool { return mt.Name == t.name })
		if i < 0 {
			continue // a table newer than the archive
		}
		if err := db.loadTable(ctx, z, m.Tables[i], progress); err != nil {
			return fmt.Errorf("load %s: %w", t.name, err)
		}
	}
	return nil
}

func (db *DB) loadTable(ctx context.Context, z *zip.Reader, t manifestTable, progress func(string, int64)) error {
	part := "rows/" + t.Name + ".cbor"
	f, err := z.Open(part)
	if err != nil {
		return damaged(part, err)
	}
	defer f.Close()
	src := &hashed{bufio.NewReaderSize(f, 1<<16), sha256.New()}
	dec := cbor.NewDecoder(src)
	// On PostgreSQL a statement is a round trip and takes many rows; on SQLite
	// a small cached one is as fast.
	at := 1
	if db.engine == Postgres {
		at = max(1, min(100, 60_000/max(1, len(t.Columns))))
	}
	var rows int64
	for more := true; more; {
		var chunk [][]any
		for len(chunk) < loadChunk {
			var raw []any
			if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
				more = false
				break
			} else if err != nil {
				return damaged(part, err)
			}
			row, err := t.row(raw)
			if err != nil {
				return damaged(part, err)
			}
			chunk = append(chunk, row)
		}
		if len(chunk) == 0 {
			break
		}
		if err := db.WriteLow(ctx, func(tx *Tx) error {
			for part := range slices.Chunk(chunk, at) {
				if _, err := tx.Exec(t.insertText(len(part)), slices.Concat(part...)...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		rows += int64(len(chunk))
		progress(t.Name, rows)
	}
	if rows != t.Rows || hex.EncodeToString(src.hash.Sum(nil)) != t.SHA256 {
		return damaged(part, nil)
	}
	return nil
}

func (t manifestTable) insertText(rows int) string {
	var b strings.Builder
	b.WriteString(`insert into ` + quote(t.Name) + ` (`)
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(c.Name))
	}
	b.WriteString(") values ")
	for r := range rows {
		if r > 0 {
			b.WriteString(", ")
		}
		list, _ := In(1+r*len(t.Columns), t.Columns)
		b.WriteString("(" + list + ")")
	}
	return b.String()
}

// row turns one decoded row into arguments of the columns' classes.
func (t manifestTable) row(raw []any) ([]any, error) {
	if len(raw) != len(t.Columns) {
		return nil, fmt.Errorf("a row of %d values for %d columns", len(raw), len(t.Columns))
	}
	out := make([]any, len(raw))
	for i, v := range raw {
		if u, ok := v.(uint64); ok { // CBOR has no sign on what is not negative
			if u > 1<<63-1 {
				return nil, fmt.Errorf("column %s: %d is too great", t.Columns[i].Name, u)
			}
			v = int64(u)
		}
		p, err := t.Columns[i].portable(v)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

// unmark makes a loaded store one that opens.
func (db *DB) unmark(ctx context.Context, last ...WriteFunc) error {
	if err := db.Write(ctx, func(tx *Tx) error {
		for _, do := range last {
			if err := do(tx); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`delete from storage_meta where name = 'loading'`)
		return err
	}); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return nil
}

// unload empties the tables again, those that refer before those referred to.
func (db *DB) unload(ctx context.Context, tables []shape) error {
	for _, t := range slices.Backward(tables) {
		if err := db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(`delete from ` + quote(t.name))
			return err
		}); err != nil {
			return fmt.Errorf("unload %s: %w", t.name, err)
		}
	}
	return db.unmark(ctx)
}

// hashed hashes what is read through it.
type hashed struct {
	io.Reader
	hash hash.Hash
}

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	h.hash.Write(p[:n])
	return n, err
}
