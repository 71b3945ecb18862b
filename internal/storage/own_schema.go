package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"breakwater/internal/fault"
)

// OwnSchema makes a schema in a PostgreSQL database, under a name nobody has, and returns
// the address of a store that sees this schema and nothing else. drop removes it with all
// that is in it. It is for rehearsals: what else is in the database is neither read nor
// touched.
//
// Faults: Invalid "storage.not_postgres" for what is no address of PostgreSQL; Denied
// "storage.no_schema" when the role may make none; Unavailable.
func OwnSchema(ctx context.Context, target, prefix string) (address string, drop func() error, err error) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && u.Query().Get("host") == "" {
		return "", nil, fault.New(fault.Invalid, "storage.not_postgres")
	}
	name := prefix + "_" + strings.ToLower(rand.Text())
	if err := aside(ctx, target, "create schema "+name); err != nil {
		if pe := pgError(err); pe != nil && pe.Code == "42501" { // insufficient_privilege
			return "", nil, fault.Wrap(err, fault.Denied, "storage.no_schema")
		}
		return "", nil, fault.Wrap(err, fault.Unavailable, "storage.unavailable")
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	// Who was interrupted drops it all the same.
	return u.String(), func() error { return aside(context.WithoutCancel(ctx), target, "drop schema "+name+" cascade") }, nil
}

// aside runs one statement on a connection of its own.
func aside(ctx context.Context, target, text string) (err error) {
	db, err := sql.Open("pgx", target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, text)
	return err
}
