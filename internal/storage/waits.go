package storage

import (
	"database/sql"
	"sync/atomic"
	"time"
)

// Waits is how long work waited before it began, since Waits was last asked for.
// Write is the least of any Write: above nothing, it says that the queue never
// ran empty, which one slow commit does not. Read is the mean of the Reads.
type Waits struct{ Write, Read time.Duration }

// Waits returns and forgets what was measured; it is for one caller.
func (db *DB) Waits() Waits { return db.back.waits() }

// least keeps the smallest of what it is told.
type least struct{ ns atomic.Int64 } // nanoseconds + 1; 0 is nothing yet

func (l *least) note(d time.Duration) {
	n := int64(max(d, 0)) + 1
	for {
		was := l.ns.Load()
		if was != 0 && was <= n || l.ns.CompareAndSwap(was, n) {
			return
		}
	}
}

func (l *least) take() time.Duration { return time.Duration(max(l.ns.Swap(0)-1, 0)) }

// mean keeps the mean of what it is told.
type mean struct{ n, sum atomic.Int64 }

func (m *mean) take() time.Duration {
	n, sum := m.n.Swap(0), m.sum.Swap(0)
	return time.Duration(sum / max(n, 1))
}

// poolWait is the mean wait for a connection of a pool between two looks at it,
// by those who waited.
type poolWait struct {
	n   int64
	sum time.Duration
}

func (p *poolWait) take(db *sql.DB) time.Duration {
	s := db.Stats()
	n, sum := s.WaitCount-p.n, s.WaitDuration-p.sum
	p.n, p.sum = s.WaitCount, s.WaitDuration
	return sum / time.Duration(max(n, 1))
}
