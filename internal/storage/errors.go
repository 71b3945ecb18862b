package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"breakwater/internal/fault"
)

// NoRows reports whether err says that a Row found nothing.
func NoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Violated returns the name of the rule that err says was broken, or "" if it
// says no such thing. A CHECK gives its constraint's name on both engines. Keys
// give the constraint's name on PostgreSQL and "table.column" ("table.a,
// table.b") on SQLite, which knows no names of keys. NOT NULL gives
// "table.column" on both.
func Violated(err error) string {
	if pe := pgError(err); pe != nil && strings.HasPrefix(pe.Code, "23") {
		if pe.ConstraintName == "" {
			return pe.TableName + "." + pe.ColumnName
		}
		return pe.ConstraintName
	}
	// The code says that it is a constraint; only the text says which.
	if se := liteError(err); se != nil && se.Code()&0xff == sqlite3.SQLITE_CONSTRAINT {
		text := se.Error()
		i := strings.LastIndex(text, "constraint failed")
		if i < 0 {
			return "unnamed"
		}
		text = strings.TrimPrefix(text[i+len("constraint failed"):], ": ")
		if i = strings.LastIndex(text, " ("); i >= 0 {
			text = text[:i]
		}
		if text == "" {
			return "unnamed" // a foreign key
		}
		return text
	}
	return ""
}

func pgError(err error) *pgconn.PgError {
	var pe *pgconn.PgError
	errors.As(err, &pe)
	return pe
}

func liteError(err error) *sqlite.Error {
	var se *sqlite.Error
	errors.As(err, &se)
	return se
}

// explain gives an engine's error a kind, by its code. Errors that have one
// already, and those that are a closure's own, pass unchanged.
func explain(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	if se := liteError(err); se != nil {
		if se.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // no room for the 32 KB of the log's index
			return fault.Wrap(err, fault.Unavailable, "storage.full")
		}
		switch se.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return fault.Wrap(err, fault.Unavailable, "storage.full")
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return fault.Wrap(err, fault.Busy, "storage.busy")
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM,
			sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL:
			return fault.Wrap(err, fault.Unavailable, "storage.unavailable")
		}
		return err
	}
	if pe := pgError(err); pe != nil {
		switch class := pe.Code[:2]; {
		case pe.Code == "53100": // disk full
			return fault.Wrap(err, fault.Unavailable, "storage.full")
		case conflicted(err), pe.Code == "55P03", class == "53": // lock not to be had; too many connections, out of memory
			return fault.Wrap(err, fault.Busy, "storage.busy")
		case class == "57", class == "58", class == "08", class == "XX", pe.Code == "25P03": // shut down, I/O, connection, corruption; forsaken
			return fault.Wrap(err, fault.Unavailable, "storage.unavailable")
		case pe.Code == "22021": // bytes that are not UTF-8
			return fault.Wrap(err, fault.Invalid, "storage.text")
		}
		return err
	}
	var ne net.Error
	var ce *pgconn.ConnectError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &ce), errors.As(err, &ne), errors.Is(err, net.ErrClosed), errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn):
		return fault.Wrap(err, fault.Unavailable, "storage.unavailable")
	}
	return err
}

// uncommitted is the answer to a failed commit on SQLite. A full disk stops the
// last page of the transaction from being written to the log, and without that
// page, which carries the mark of the commit, nothing of it is ever read back.
// Any other failure leaves it open.
func uncommitted(err error) error {
	if err := explain(err); fault.Is(err, "storage.full") {
		return err
	}
	return unknown(err)
}

// unknown is the answer when nobody can tell whether a commit took place.
func unknown(err error) error { return fault.Wrap(err, fault.Unavailable, "storage.unknown") }

func errClosed() error { return fault.New(fault.Unavailable, "storage.closed") }
func errBusy() error   { return fault.New(fault.Busy, "storage.busy") }
