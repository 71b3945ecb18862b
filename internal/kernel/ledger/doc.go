// Package ledger keeps what is scarce: pieces of stock, slots, money. A book holds
// accounts; a transfer moves units of one account to another of the same book and
// unit. A hold sets units aside, and ends once: posted (all or part of it; the rest
// is free again), voided or expired. Whoever asks with an id again is told the same.
//
// The journal of transfers is the truth. Balances follow from it, stand in the
// database under CHECKs that no path can break, and are proved by Audit from the
// first transfer on. Everyone asks through Admit: many callers share one commit,
// and each batch is decided in memory against exactly the journal before it, which
// its first statement proves (see batch.go).
//
// It refuses to move units by any other way than Admit, to let an account below its
// floor, to end a hold twice, to take a transfer or a batch back, to forget one, and
// to show what is not durable yet. It knows no people: a holder is a number made from
// an id that its caller chose.
package ledger

import (
	"context"
	"embed"
	"sync"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

//go:embed schema/*.sql
var schema embed.FS

// Module is the package's schema.
func Module() storage.Module { return storage.Module{Name: "ledger", Files: schema} }

// Books are the books of one store. They are safe for concurrent use. Several
// processes may have the books of one PostgreSQL open at once: each learns of the
// others' batches before it decides.
type Books struct {
	db    *storage.DB
	log   Log
	now   clock.Clock
	queue int // callers that may wait for one book

	mu    sync.Mutex
	desks map[BookID]*desk

	// For tests only: how a batch is committed, and decisions as if there were no
	// floors and no quotas.
	write     func(ctx context.Context, fn storage.WriteFunc) error
	unguarded bool
}

// waitMost is how many callers may wait for one book before one more is told Busy.
const waitMost = 8192

// New returns the books of a migrated store. Without a log the journals are not
// anchored, which is for measuring and for tests.
func New(db *storage.DB, log Log, now clock.Clock) *Books {
	return &Books{db: db, log: log, now: now, queue: waitMost, write: db.WriteFenced, desks: map[BookID]*desk{}}
}
