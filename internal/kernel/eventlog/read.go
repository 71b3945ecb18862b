package eventlog

import (
	"context"
	"database/sql"
	"slices"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// readMost is the largest page one read returns.
const readMost = 1000

const (
	sealedColumns   = `select seq, bytes from eventlog_fact `
	unsealedColumns = `select cast(0 as bigint), bytes from eventlog_unsealed `
)

func scanRow(rows *sql.Rows) (*row, error) {
	r := new(row)
	return r, rows.Scan(&r.id, &r.stream, &r.lane, &r.name, &r.at, &r.bytes)
}

type stored struct {
	seq   int64
	bytes []byte
}

func scanStored(rows *sql.Rows) (s stored, err error) {
	return s, rows.Scan(&s.seq, &s.bytes)
}

// Since returns up to limit (at most 1,000) facts after a place, in the log's order.
//
// Faults: Internal "eventlog.unreadable" when a row was tampered with, as in
// every reading below.
func (l *Log) Since(ctx context.Context, after int64, limit int) (recs []Record, err error) {
	err = l.db.Read(ctx, func(r storage.Reader) error {
		recs, err = l.since(r, after, limit)
		return err
	})
	return recs, err
}

// Name is where a fact stands and what it is called, without its body.
type Name struct {
	Seq          int64
	Stream, Name string
}

// Names returns up to limit (at most 1,000) names after a place, in the log's
// order: for who only wants to know what has changed.
func (l *Log) Names(ctx context.Context, after int64, limit int) (list []Name, err error) {
	err = l.db.Read(ctx, func(r storage.Reader) error {
		list, err = storage.All(r, func(rows *sql.Rows) (n Name, err error) {
			return n, rows.Scan(&n.Seq, &n.Stream, &n.Name)
		}, `select seq, stream, name from eventlog_fact where seq > $1 order by seq limit $2`, after, min(limit, readMost))
		return err
	})
	return list, err
}

func (l *Log) since(r storage.Reader, after int64, limit int) ([]Record, error) {
	found, err := storage.All(r, scanStored, sealedColumns+`where seq > $1 order by seq limit $2`, after, min(limit, readMost))
	if err != nil {
		return nil, err
	}
	return l.open(r, found)
}

// Before returns up to limit facts before a place (0: from the end), newest first.
func (l *Log) Before(ctx context.Context, before int64, limit int) (recs []Record, err error) {
	if before <= 0 {
		before = 1 << 62
	}
	err = l.db.Read(ctx, func(r storage.Reader) error {
		found, err := storage.All(r, scanStored, sealedColumns+`where seq < $1 order by seq desc limit $2`, before, min(limit, readMost))
		if err != nil {
			return err
		}
		recs, err = l.open(r, found)
		return err
	})
	return recs, err
}

// open decodes rows and opens the bodies whose keys still stand. Keys are read
// in the same snapshot, never from memory: after an erasure nothing opens.
func (l *Log) open(r storage.Reader, found []stored) ([]Record, error) {
	recs := make([]Record, len(found))
	leaves := make([]leaf, len(found))
	heads := make([][]byte, len(found))
	wanted := map[string]bool{}
	for i, s := range found {
		f, head, err := decode(s.bytes)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "eventlog.unreadable", "seq", s.seq)
		}
		leaves[i], heads[i] = f, head
		recs[i] = Record{Seq: s.seq, ID: f.id, Stream: f.stream, Name: f.name, Actor: f.actor, At: clock.FromMicros(f.at)}
		if f.sealed {
			wanted[f.key] = true
		} else if body := f.body[saltSize:]; len(body) > 0 {
			recs[i].Body = body
		}
	}
	keys, subjects, err := l.readKeys(r, wanted)
	if err != nil {
		return nil, err
	}
	for i, f := range leaves {
		if !f.sealed {
			continue
		}
		k, ok := keys[f.key]
		if !ok {
			recs[i].Erased = true
			continue
		}
		recs[i].Subject = subjects[f.key]
		body, err := openBody(f, heads[i], k)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "eventlog.unreadable", "seq", found[i].seq)
		}
		if len(body) > 0 {
			recs[i].Body = body
		}
	}
	return recs, nil
}

// readKeys reads the keys that still stand, by id.
func (l *Log) readKeys(r storage.Reader, wanted map[string]bool) (map[string]personKey, map[string]string, error) {
	keys, subjects := make(map[string]personKey, len(wanted)), make(map[string]string, len(wanted))
	ids := make([]string, 0, len(wanted))
	for id := range wanted {
		ids = append(ids, id)
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), 64)]
		ids = ids[len(some):]
		size := 1
		for size < len(some) {
			size *= 2
		}
		// Repeat an id up to a power of two: few texts of the statement.
		some = append(slices.Clone(some), slices.Repeat(some[:1], size-len(some))...)
		list, args := storage.In(1, some)
		_, err := storage.All(r, func(rows *sql.Rows) (struct{}, error) {
			var k personKey
			var subject string
			var sealed []byte
			if err := rows.Scan(&k.id, &subject, &sealed); err != nil {
				return struct{}{}, err
			}
			if err := l.openKey(&k, sealed); err != nil {
				return struct{}{}, err
			}
			keys[k.id], subjects[k.id] = k, subject
			return struct{}{}, nil
		}, `select id, subject, sealed from eventlog_key where id in (`+list+`)`, args...)
		if err != nil {
			return nil, nil, err
		}
	}
	return keys, subjects, nil
}
