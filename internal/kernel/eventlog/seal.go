package eventlog

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"breakwater/internal/storage"
)

// sealBatch is how many facts one sealing transaction takes (PostgreSQL).
const sealBatch = 1000

// beforeCommit turns the facts of a commit into rows. On SQLite, with its one
// writer, they get their place at once; on PostgreSQL, where many commits run
// side by side, they wait in eventlog_unsealed for the sealer.
func (l *Log) beforeCommit(tx *storage.Tx, staged []any) error {
	rows := make([]*row, 0, len(staged))
	var keys []*row
	for _, s := range staged {
		if r, ok := s.(*row); ok {
			rows = append(rows, r)
			if r.key != nil {
				keys = append(keys, r)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if len(keys) > 0 {
		// One callback a commit, not one a fact: each costs the writer a goroutine.
		tx.OnCommit(func() {
			for _, r := range keys {
				l.keys.keep(r.subject, *r.key, r.erasure)
			}
		})
	}
	if tx.Engine() == storage.SQLite {
		return l.seal(tx, rows)
	}
	if err := l.insert(tx, rows, 0); err != nil {
		return err
	}
	tx.OnCommit(l.wakeSealer)
	return nil
}

func (l *Log) wakeSealer() {
	select {
	case l.todo <- struct{}{}:
	default: // already told
	}
}

// seal gives rows the next places in the log and extends the tree, all in tx.
func (l *Log) seal(tx *storage.Tx, rows []*row) error {
	next, err := l.extend(tx, len(rows), func(i int) tlog.Hash { return tlog.RecordHash(rows[i].bytes) })
	if err != nil {
		return err
	}
	return l.insert(tx, rows, next.size-int64(len(rows))+1)
}

// extend adds n leaves to the stored tree and moves the head. It costs one
// update, and one row per 256 facts besides the tile being filled.
func (l *Log) extend(tx *storage.Tx, n int, leafAt func(i int) tlog.Hash) (next *edge, err error) {
	base := l.edge.get()
	for try := 0; ; try++ {
		if base == nil {
			if base, err = loadEdge(tx); err != nil {
				return nil, err
			}
		}
		next = base.clone()
		for i := range n {
			next.add(leafAt(i))
		}
		next.finish()
		moved, err := tx.Exec(`update eventlog_head set size = $1, root = $2 where id = 1 and size = $3 and root = $4`,
			next.size, next.root[:], base.size, base.root[:])
		if err != nil {
			return nil, err
		}
		if moved == 1 {
			break
		}
		if try > 0 {
			return nil, fmt.Errorf("eventlog: head moved while sealing")
		}
		base = nil // memory is not what the store holds; ask, once
	}
	for _, t := range next.flush() {
		if _, err := tx.Exec(`insert into eventlog_tile (level, n, hashes) values ($1, $2, $3) on conflict (level, n) do update set hashes = excluded.hashes`,
			t.level, t.n, t.hashes); err != nil {
			return nil, err
		}
	}
	l.edge.set(next)
	tx.OnCommit(l.moved.ring)
	return next, nil
}

// insertSizes are the rows of one statement: few sizes, which keeps it in the
// statement cache. The first is for PostgreSQL, where each statement is a round
// trip; SQLite looks parameters up one by one and wants them fewer.
var insertSizes = [...]int{128, 16, 4, 1}

// insert writes rows, from place first on, or as unsealed when first is 0.
func (l *Log) insert(tx *storage.Tx, rows []*row, first int64) error {
	i := 0
	if tx.Engine() == storage.SQLite {
		i = 1
	}
	for len(rows) > 0 {
		n := insertSizes[i]
		if len(rows) < n {
			i++
			continue
		}
		text := l.inserts.unsealed[i]
		args := make([]any, 0, n*7)
		for _, r := range rows[:n] {
			if first > 0 {
				text = l.inserts.sealed[i]
				args = append(args, first)
				first++
			}
			args = append(args, r.id, r.stream, r.lane, r.name, r.at, r.bytes)
		}
		if _, err := tx.Exec(text, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// insertTexts are the statements of insert, made once.
type insertTexts struct{ sealed, unsealed [len(insertSizes)]string }

func newInsertTexts() (t insertTexts) {
	for i, n := range insertSizes {
		t.sealed[i] = `insert into eventlog_fact (seq, id, stream, lane, name, at, bytes) values ` + storage.Tuples(n, 7)
		t.unsealed[i] = `insert into eventlog_unsealed (id, stream, lane, name, at, bytes) values ` + storage.Tuples(n, 6)
	}
	return t
}

// sealSome moves up to sealBatch waiting facts into the log and says how many.
// Two sealers may try at once: the head's compare-and-swap lets one through.
func (l *Log) sealSome(ctx context.Context) (int, error) {
	n := 0
	err := l.db.Write(ctx, func(tx *storage.Tx) error {
		rows, err := storage.All(tx, scanRow, `select id, stream, lane, name, at, bytes from eventlog_unsealed order by id limit $1`, sealBatch)
		n = len(rows)
		if err != nil || n == 0 {
			return err
		}
		// The snapshot holds exactly these rows up to the last id: one with a
		// smaller id that commits meanwhile is not seen here, nor deleted.
		gone, err := tx.Exec(`delete from eventlog_unsealed where id <= $1`, rows[n-1].id)
		if err != nil {
			return err
		}
		if gone != int64(n) {
			return fmt.Errorf("eventlog: took %d unsealed facts and removed %d", n, gone)
		}
		return l.seal(tx, rows)
	})
	return n, err
}

// sealAll seals until nothing waits. It looks before it writes: mostly nothing does.
func (l *Log) sealAll(ctx context.Context) error {
	waiting := false
	if err := l.db.Read(ctx, func(r storage.Reader) error {
		var one int
		err := r.Row(`select 1 from eventlog_unsealed limit 1`).Scan(&one)
		waiting = err == nil
		if storage.NoRows(err) {
			return nil
		}
		return err
	}); err != nil || !waiting {
		return err
	}
	for {
		n, err := l.sealSome(ctx)
		if err != nil || n < sealBatch {
			return err
		}
	}
}
