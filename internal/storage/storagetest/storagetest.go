// Package storagetest runs every storage test on SQLite and on PostgreSQL.
//
// It refuses to fake a database: without a PostgreSQL to be had the second
// half is skipped loudly, and with REQUIRE_POSTGRES=1 that is a failure.
package storagetest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"breakwater/internal/storage"
)

var schemas atomic.Int64

// Run runs fn on a fresh store of each engine, with the modules' schemas applied.
func Run(t *testing.T, mods []storage.Module, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	for _, e := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(e), func(t *testing.T) { fn(t, Open(t, e, mods...)) })
	}
}

// Open returns a fresh store of one engine, closed when the test ends. Every Write's
// closure runs twice, as it may at any time.
func Open(t testing.TB, e storage.Engine, mods ...storage.Module) *storage.DB {
	t.Helper()
	how := []storage.Option{storage.WithLogger(Log())}
	switch filepath.Base(os.Args[0]) {
	case "storage.test", "eventlog.test", "ledger.test": // their tests hold closures still and count them
	default:
		how = append(how, storage.Twice())
	}
	db, err := storage.Open(t.Context(), Target(t, e), how...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), mods...); err != nil {
		t.Fatal(err)
	}
	return db
}

// Log is a logger for test stores: the throw-away server syncs nothing, and a
// warning of that in every test would hide the errors.
func Log() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// Target returns the address of a fresh, empty store of one engine.
func Target(t testing.TB, e storage.Engine) string {
	t.Helper()
	if e == storage.SQLite {
		return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	}
	base := postgres(t)
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d_%d_%d", os.Getpid(), time.Now().UnixNano(), schemas.Add(1))
	if err := command(base, "create schema "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command(base, "drop schema "+name+" cascade") })
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// command runs one statement on a connection of its own, which leaves nothing
// behind that a test for leaks would find.
func command(base, text string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, text)
	return err
}

func postgres(t testing.TB) string {
	t.Helper()
	base, err := Server()
	switch {
	case err == nil:
		return base
	case os.Getenv("REQUIRE_POSTGRES") != "":
		t.Fatalf("PostgreSQL is required and cannot be had: %v", err)
	}
	t.Skipf("NO POSTGRESQL, this half is not tested: %s", strings.TrimSpace(err.Error()))
	return ""
}
