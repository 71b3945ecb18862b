// Package storage keeps what the district was told. One portable SQL runs on
// two engines: embedded SQLite, and PostgreSQL when a city outgrows one
// machine. A Write returns only after its effect is durable.
//
// It refuses to be an ORM or a query builder, to hand out a connection, and to
// let anything write past its one writer.
package storage

import (
	"context"
	"database/sql"
	"io/fs"
)

// Engine names the database underneath; SQL is the same on both.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Module is one package's schema: numbered files "0001_name.sql", applied in
// order, each once, forward only. In them BIGKEY is the engine's 64-bit row
// key ("integer primary key" on SQLite, "bigint primary key" on PostgreSQL),
// BLOB its bytes type, and FLAT, after a table's closing bracket, asks SQLite
// for a table without a separate row id.
type Module struct {
	Name  string
	Files fs.FS
}

// Reader reads one consistent snapshot. Statements carry the context of the
// Read, Export or Write they belong to.
type Reader interface {
	// Query runs a select of any number of rows; the caller closes them.
	Query(query string, args ...any) (*sql.Rows, error)
	// Row runs a select of at most one row; see NoRows.
	Row(query string, args ...any) *sql.Row
	Engine() Engine
}

// ReadFunc is what Read runs. It may be run again from the start, so it touches
// nothing but its reader and variables it sets afresh.
type ReadFunc func(r Reader) error

// WriteFunc is what Write runs, and may run again likewise; effects elsewhere
// wait for Tx.OnCommit.
type WriteFunc func(tx *Tx) error

// Store is what most packages need of a database.
type Store interface {
	Write(ctx context.Context, fn WriteFunc) error
	Read(ctx context.Context, fn ReadFunc) error
}
